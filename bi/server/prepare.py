"""Everything before Superset serves: its tables, its administrator, what the project brings.

Runs in Superset's environment and in one process, because each of its commands takes seconds to
start. What has not changed since the last start is not done again.
"""

import argparse
import hashlib
import json
import os
import secrets
import sqlite3
from pathlib import Path

HOME = Path(os.environ["LIFECYCLE_BI_HOME"])
DONE = HOME / "prepared.json"
USER = os.environ["LIFECYCLE_BI_USER"]
PASSWORD = "LIFECYCLE_BI_PASSWORD"


def main() -> None:
    """Bring Superset's metadata up to the release that is installed and the bundle."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", type=Path)
    bundle = parser.parse_args().bundle
    contents = {
        str(path.relative_to(bundle)): path.read_text(encoding="utf-8")
        for path in sorted(bundle.rglob("*.yaml"))
    }
    lock = Path(__file__).parents[1] / "requirements.lock"
    wanted = {
        "release": _digest(lock.read_text(encoding="utf-8")),
        "bundle": _digest(json.dumps(contents)),
    }
    done = json.loads(DONE.read_text(encoding="utf-8")) if DONE.exists() else {}
    if done == wanted and _has_the_password():
        return
    _wait_for_one_another()

    from superset.app import create_app  # noqa: PLC0415 (takes seconds)

    with create_app().app_context():
        if done.get("release") != wanted["release"]:
            _set_up()
            done["release"] = wanted["release"]
            DONE.write_text(json.dumps(done), encoding="utf-8")
        _let_in()
        if done.get("bundle") != wanted["bundle"]:
            _bring(contents)
    DONE.write_text(json.dumps(wanted), encoding="utf-8")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _wait_for_one_another() -> None:
    """Readers of the metadata go on while one writes."""
    with sqlite3.connect(HOME / "superset.db") as connection:
        connection.execute("pragma journal_mode = wal")


def _set_up() -> None:
    import flask_migrate  # noqa: PLC0415
    from superset.extensions import appbuilder, security_manager  # noqa: PLC0415

    flask_migrate.upgrade()
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()


def _has_the_password() -> bool:
    """Whether the administrator has the password that the environment names, if any."""
    if not (password := os.environ.get(PASSWORD)):
        return True
    from werkzeug.security import check_password_hash  # noqa: PLC0415

    with sqlite3.connect(HOME / "superset.db") as connection:
        row = connection.execute(
            "select password from ab_user where username = ?", [USER]
        ).fetchone()
    return bool(row) and check_password_hash(row[0], password)


def _let_in() -> None:
    """Make the administrator, or give him the password that the environment names."""
    from superset.extensions import security_manager  # noqa: PLC0415

    given = os.environ.get(PASSWORD)
    found = security_manager.find_user(username=USER)
    if found is None:
        password = given or secrets.token_urlsafe(12)
        security_manager.add_user(
            USER,
            first_name="Lifecycle",
            last_name="Administrator",
            email=f"{USER}@localhost",
            role=security_manager.find_role("Admin"),
            password=password,
        )
        if not given:
            print(f"Log in as {USER} with {password}  (shown this once; {PASSWORD} sets another)")
    elif given and not _has_the_password():
        security_manager.reset_password(found.id, given)


def _bring(contents: dict[str, str]) -> None:
    """Import the bundle over what an earlier one brought, and remove what it no longer has."""
    import yaml  # noqa: PLC0415
    from flask import g  # noqa: PLC0415
    from superset import db  # noqa: PLC0415
    from superset.commands.importers.v1.assets import ImportAssetsCommand  # noqa: PLC0415
    from superset.connectors.sqla.models import SqlaTable  # noqa: PLC0415
    from superset.extensions import security_manager  # noqa: PLC0415
    from superset.models.dashboard import Dashboard  # noqa: PLC0415
    from superset.models.slice import Slice  # noqa: PLC0415

    g.user = security_manager.find_user(username=USER)
    ImportAssetsCommand(contents).run()
    kept = {yaml.safe_load(text).get("uuid") for text in contents.values()}
    for model in (Dashboard, Slice, SqlaTable):
        for found in db.session.query(model).filter_by(is_managed_externally=True):
            if str(found.uuid) not in kept:
                db.session.delete(found)
    db.session.commit()


if __name__ == "__main__":
    main()
