"""What the command line prints."""

from pathlib import Path

from click.testing import CliRunner

from orchestration.cli import main


def test_a_path_is_printed_as_it_is(tmp_path: Path) -> None:
    home = tmp_path / "a[x] [red]b"
    done = CliRunner().invoke(main, ["--home", str(home), "status"])
    assert done.exit_code == 0
    assert "a[x] [red]b" in done.output
