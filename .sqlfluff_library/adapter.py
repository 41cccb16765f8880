"""Dispatched macros, rendered for the linter as calls of a function with the macro's name."""

from collections.abc import Callable


def dispatch(macro_name: str, macro_namespace: str | None = None) -> Callable[..., str]:
    return lambda *arguments: f"{macro_name}({', '.join(str(a) for a in arguments)})"
