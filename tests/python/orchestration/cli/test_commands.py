"""What the command says where it cannot do what it was asked."""

import contextlib
import signal
import socket
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from landing.world.spec import World
from orchestration.cli import main
from orchestration.cli.execute import no_stop_is_lost
from orchestration.defs.landing import LandingConfig, WorldConfig


def test_the_version_is_told() -> None:
    done = CliRunner().invoke(main, ["--version"])
    assert (done.exit_code, done.output.count("."), done.output.count("\n")) == (0, 2, 1)


def test_help_waits_for_no_large_library() -> None:
    slow = ("dagster", "dbt", "great_expectations", "scipy", "sklearn")
    program = f"import sys, orchestration.cli; print([n for n in {slow} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_what_the_system_refuses_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = CliRunner().invoke(main, ["--home", str(tmp_path / "file" / "home"), "land"])
    assert done.exit_code == 1
    assert "".join(done.output.split()) == f"Failed:Notadirectory:{tmp_path}/file/home"


@pytest.mark.parametrize("command", [["land"], ["run", "--skip-landing"], ["rollback"]])
def test_a_home_that_cannot_be_written_is_one_sentence(command: list[str]) -> None:
    # Nobody makes a folder there, whoever runs the tests.
    done = CliRunner().invoke(main, ["--home", "/proc/lifecycle", *command])
    assert done.exit_code == 1
    assert done.output.startswith("Failed: ")
    assert done.output.count("\n") == 1
    assert "/proc/lifecycle" in done.output


def test_a_server_that_nobody_named_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LIFECYCLE_POSTGRES", "PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"):
        monkeypatch.delenv(name, raising=False)
    publish = ["--home", str(tmp_path), "publish", "--to", "postgres"]
    done = CliRunner().invoke(main, publish)
    assert (done.exit_code, "which PostgreSQL server?" in done.output) == (1, True)
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    done = CliRunner().invoke(main, publish)
    assert (done.exit_code, "nothing is published" in done.output) == (1, True)
    done = CliRunner().invoke(main, [*publish, "--accept-change", "why"])
    assert (done.exit_code, "does not go with --to" in done.output) == (2, True)


def test_an_empty_home_is_told_what_to_do_first(tmp_path: Path) -> None:
    told = {
        ("status",): (0, "nothing yet; use: lifecycle run"),
        ("publish",): (1, "there is no warehouse"),
        ("rollback",): (1, "none is kept"),
    }
    for command, (code, text) in told.items():
        done = CliRunner().invoke(main, ["--home", str(tmp_path / "home"), *command])
        assert (done.exit_code, text in " ".join(done.output.split())) == (code, True), command
        assert "Traceback" not in done.output


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


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--from", "nowhere"], "Directory 'nowhere' does not exist"),
        (["--customers", "5", "--to", "2017-01-01"], "--customers, --to does not go without"),
        (["--world", "--from", "nowhere"], "'nowhere': with --world expected a date"),
        (["--world", "--landed-on", "2017-01-01"], "--landed-on does not go with --world"),
    ],
)
def test_what_lands_is_files_or_a_world(tmp_path: Path, options: list[str], told: str) -> None:
    done = CliRunner().invoke(main, ["--home", str(tmp_path), "land", *options])
    assert done.exit_code == 2
    assert told in " ".join(done.output.split())


def test_every_option_of_a_world_has_its_place_in_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured: list[dict[str, Any]] = []

    def stop(settings: object, job: str, config: dict[str, Any]) -> None:
        configured.append(config["ops"]["land_tables"]["config"])
        raise SystemExit

    monkeypatch.setattr("orchestration.cli.commands.execute", stop)
    options = (
        "--world --customers 7 --from 2016-01-01 --to 2016-12-31 --seed 3 --dirt 0.1 "
        "--without campaign=CMP001 --without channel=app --price category=bread:+5% "
        "--spend channel=search:0.5 --bias selection,hidden"
    )
    CliRunner().invoke(main, ["--home", str(tmp_path), "land", *options.split()])
    assert LandingConfig(**configured[0]).world is not None
    assert WorldConfig(**configured[0]["world"]).world() == World(
        7,
        date(2016, 1, 1),
        date(2016, 12, 31),
        3,
        without_campaigns=frozenset({"CMP001"}),
        without_channels=frozenset({"app"}),
        price_factors={"bread": 1.05},
        spend_factors={"search": 0.5},
        dirt=0.1,
        biases=frozenset({"selection", "hidden"}),
    )


def test_a_stop_that_an_import_swallows_is_not_lost() -> None:
    def load() -> None:
        with no_stop_is_lost(), contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    # What Dagster imports may have put a handler of its own there.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            load()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
