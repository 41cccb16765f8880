"""What the command says where it cannot do what it was asked."""

import socket
from pathlib import Path

from click.testing import CliRunner

from orchestration.cli import main


def test_the_version_is_told() -> None:
    done = CliRunner().invoke(main, ["--version"])
    assert (done.exit_code, done.output.count("."), done.output.count("\n")) == (0, 2, 1)


def test_what_the_system_refuses_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = CliRunner().invoke(main, ["--home", str(tmp_path / "file" / "home"), "land"])
    assert done.exit_code == 1
    assert "".join(done.output.split()) == f"Failed:Notadirectory:{tmp_path}/file/home"


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = CliRunner().invoke(main, ["--home", str(tmp_path), "dev", "--port", str(port)])
    assert done.exit_code == 1
    assert f"port {port} is in use" in done.output


def test_a_path_is_printed_as_it_is(tmp_path: Path) -> None:
    home = tmp_path / "a[x] [red]b"
    done = CliRunner().invoke(main, ["--home", str(home), "status"])
    assert done.exit_code == 0
    assert "a[x] [red]b" in done.output
