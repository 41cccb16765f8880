"""What may know of what: people's commands look at runs, and no run looks at a command."""

import re
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_DIR

MODULES = sorted((PROJECT_DIR / "orchestration").rglob("*.py"))
COMMANDS = PROJECT_DIR / "orchestration" / "cli"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PROJECT_DIR)))
def test_orchestration_decides_no_figure_and_its_runs_need_no_terminal(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(from|join)\s+(published\.)?marts\.", text), "serving queries marts"
    if COMMANDS not in path.parents and path.name != "__main__.py":
        assert "orchestration.cli" not in text
        assert "rich.live" not in text
