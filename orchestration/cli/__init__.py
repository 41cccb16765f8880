"""The command ``lifecycle``: what a person calls. It launches runs and shows what came of them."""

from orchestration.cli.commands import main

__all__ = ["main"]
