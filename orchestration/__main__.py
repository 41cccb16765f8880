"""``python -m orchestration``: the same as ``lifecycle``."""

from orchestration.cli import main

main(prog_name="lifecycle")
