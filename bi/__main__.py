"""``python -m bi``: bring Superset up to what is declared and published, and serve it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click

import metrics
from bi.bundle import bundle, write
from orchestration.settings import Settings, load_settings

ENVIRONMENT = ".venv-bi"
# Two processes, so that one that is busy with Python does not keep all readers waiting.
WORKERS, THREADS = 2, 8
HERE = Path(__file__).resolve().parent


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="What was built; default: data.")
@click.option("--port", default=8088, show_default=True)
@click.option("--address", default="127.0.0.1", show_default=True, help="0.0.0.0: other machines.")
@click.option("--prepare-only", is_flag=True, help="Set up and import, and do not serve.")
def main(home: Path | None, port: int, address: str, prepare_only: bool) -> None:
    """Serve the published marts in Superset.

    LIFECYCLE_BI_PASSWORD is the administrator's password (default: one that is made up and shown
    once), SUPERSET_SECRET_KEY what sessions are signed with (default: made up, in a file that only
    you can read). Superset keeps its users in bi/ under the home.
    """
    settings = load_settings()
    if home:
        settings = replace(settings, home=home.expanduser().absolute())
    python = settings.project_dir / ENVIRONMENT / "bin" / "python"
    if not python.exists():
        raise click.ClickException("Superset is not installed: `make bi` installs it.")
    if not settings.published_path.exists():
        raise click.ClickException(
            f"nothing is published at {settings.published_path}: `make run` comes first."
        )
    place = settings.home / "bi"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = bundle(settings.published_path, metrics.load())
    for mart in made.missing:
        click.echo(f"{mart} is not published yet; its charts are left out")
    write(made, place / "bundle")
    variables = environment(settings, place, os.environ)
    prepare = [str(python), str(HERE / "server" / "prepare.py"), str(place / "bundle")]
    if code := subprocess.run(prepare, env=variables, check=False).returncode:
        sys.exit(code)
    if prepare_only:
        return
    click.echo(f"Superset: http://localhost:{port}  (user {variables['LIFECYCLE_BI_USER']})")
    gunicorn = [
        str(python.with_name("gunicorn")),
        *("--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS)),
        *(
            "--chdir",
            str(place),
            "--timeout",
            "120",
            "--bind",
            f"{address}:{port}",
            "--log-level",
            "warning",
        ),
        "superset.app:create_app()",
    ]
    os.execve(gunicorn[0], gunicorn, variables)


def environment(settings: Settings, place: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """What Superset's processes are told; secrets by environment alone."""
    return {
        **variables,
        "LIFECYCLE_BI_HOME": str(place),
        "LIFECYCLE_BI_PUBLISHED": str(settings.published_path),
        "LIFECYCLE_BI_USER": variables.get("LIFECYCLE_BI_USER", "admin"),
        "SUPERSET_CONFIG_PATH": str(HERE / "server" / "superset_config.py"),
        "SUPERSET_HOME": str(place),
        "SUPERSET_SECRET_KEY": variables.get("SUPERSET_SECRET_KEY") or _secret(place),
        "FLASK_APP": "superset.app:create_app()",
        # A page of Superset's asks its maker's host to count it.
        "SCARF_ANALYTICS": "false",
        "PYTHONWARNINGS": "ignore",
    }


def _secret(place: Path) -> str:
    """The key that was made up at the first start; it also encrypts passwords in the metadata."""
    path = place / "secret_key"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
