"""What a command ends with where it cannot do what it was asked: one reason."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Console
from rich.markup import escape


class RunFailedError(click.ClickException):
    """A run failed; the message is the one reason."""

    def show(self, file: Any = None) -> None:
        """Print the reason."""
        console = Console(file=file, stderr=file is None)
        console.print(f"[bold red]Failed:[/] {escape(self.message)}", soft_wrap=True)


class StoppedError(RunFailedError):
    """Somebody stopped the command: Ctrl-C, or a signal to end."""

    exit_code = 130

    def show(self, file: Any = None) -> None:
        """Say so."""
        Console(file=file, stderr=file is None).print(f"\n{self.message}", markup=False)


def refused(error: OSError) -> str:
    """What the system refuses, and of which file."""
    if error.strerror is None:
        return str(error)
    return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
