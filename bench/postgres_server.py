"""A PostgreSQL server of one's own, from PostgreSQL's own programs, for tests and measurements."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")


def programs() -> Path | None:
    """The folder of PostgreSQL's programs: the one in the path, or the newest that is installed."""
    if initdb := shutil.which("initdb"):
        return Path(initdb).resolve().parent
    found = [path for place in PLACES for path in Path("/").glob(place[1:])]
    usable = [path for path in found if (path / "initdb").exists()]
    return max(usable, key=lambda path: [int(n) for n in path.parts if n.isdigit()], default=None)


@dataclass(frozen=True)
class Server:
    """A server that listens on this machine only, with a password."""

    bin_dir: Path
    port: int
    password: str

    def environment(self, **changes: str) -> dict[str, str]:
        """The variables that libpq reads; ``changes`` are of these."""
        return {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": "postgres",
            "PGPASSWORD": self.password,
            "PGDATABASE": "postgres",
            **changes,
        }

    def psql(self, sql: str, *, check: bool = True, **changes: str) -> str:
        """What psql prints for these statements: columns apart by ``|``, or the error."""
        done = self.run(
            "psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, **changes
        )
        if check and done.returncode:
            raise AssertionError(done.stderr)
        return (done.stdout or done.stderr).strip()

    def run(self, program: str, *args: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs against the server."""
        inherited = {name: text for name, text in os.environ.items() if not name.startswith("PG")}
        return subprocess.run(
            [str(self.bin_dir / program), *args],
            env={**inherited, **self.environment(**changes)},
            capture_output=True,
            text=True,
            check=False,
        )


@contextmanager
def serve(bin_dir: Path) -> Iterator[Server]:
    """Start a server in a folder of its own, which goes with it.

    PostgreSQL refuses to run as root: then it runs as ``postgres`` or ``nobody``.
    """
    user = None
    if os.geteuid() == 0:
        user = next(name for name in ("postgres", "nobody") if _is_user(name))
    server = Server(bin_dir, _free_port(), secrets.token_hex(8))
    home = Path(tempfile.mkdtemp(prefix="postgres-"))
    data, secret, log = home / "data", home / "password", home / "log"
    secret.write_text(server.password)
    if user:
        for path in (home, secret):
            shutil.chown(path, user)
    try:
        _run(
            [
                *(str(bin_dir / "initdb"), "--pgdata", str(data), "--username", "postgres"),
                *("--pwfile", str(secret), "--auth", "scram-sha-256"),
                *("--no-sync", "--encoding", "UTF8"),
            ],
            user,
            home,
        )
        options = f"-p {server.port} -h 127.0.0.1 -k {home} -F"
        control = [str(bin_dir / "pg_ctl"), "--pgdata", str(data), "--wait"]
        _run([*control, "--log", str(log), "--options", options, "start"], user, home)
        try:
            yield server
        finally:
            _run([*control, "--mode", "immediate", "stop"], user, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(command: list[str], user: str | None, where: Path) -> None:
    subprocess.run(
        command, user=user, cwd=where, check=True, stdout=subprocess.DEVNULL, timeout=120
    )


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
