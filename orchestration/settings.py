"""Where things lie and what the environment says; the only reader of the project's variables.

The other rooms take paths and values as arguments.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from landing.engine import default_memory, limit
from serving.language import LANGUAGES
from serving.postgres import check_uri

PROJECT_DIR = Path(__file__).resolve().parents[1]
POSTGRES = "postgres"
DUCKDB, SPARK = ENGINES = ("duckdb", "spark")
NO_SERVER = (
    "which PostgreSQL server? Set LIFECYCLE_POSTGRES to a URI, or PGHOST, PGDATABASE, PGUSER and "
    "PGPASSWORD"
)
ALERT_ON = ("failed", "restated", "warned")
"""What alerts are about, what matters most first."""
_LIBPQ = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE")


class SettingsError(ValueError):
    """An environment variable has a value that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """What a run needs to know about its surroundings.

    ``home`` is absolute. ``as_of_date`` replays a past date; None means the day after the last
    order that is not void. ``source_dir`` is the user's own landing folder; None means the Complete
    Journey data. ``time_zone`` decides which day is today for the retailer; None means the
    machine's. ``currency`` is the one that the user's own orders must be in; None means the only
    one that they name. ``memory_limit`` is that of each connection to DuckDB.
    ``reused_numbers_share`` is the share of a table's rows that may have a number used twice and
    still be built from, without those rows. ``accept_change`` is the
    reason why a large change is no error. ``keep_versions`` counts published versions,
    ``keep_runs`` the runs whose history and logs are kept. ``lock_wait_seconds`` is how long a run
    waits for another one to finish writing. The ``alert_`` settings say whom to tell of a run, and
    of what (see ``orchestration.runs.alerts``). ``publish_to`` is where runs also publish to:
    ``postgres``, or None. ``postgres_uri`` is the server; None leaves it to libpq's variables.
    ``missing_values`` are texts that mean that there is no value, in all columns of own files
    (``text``) or in one (``column=text``). ``language`` is the one that the report and the boards
    open in, ``report_title`` the report's heading; empty means the default one. ``browser`` draws
    boards as pictures; None means one on the PATH.
    """

    project_dir: Path
    home: Path
    as_of_date: date | None = None
    source_dir: Path | None = None
    time_zone: str | None = None
    currency: str | None = None
    engine: str = DUCKDB
    memory_limit: str = field(default_factory=default_memory)
    reused_numbers_share: float = 0.0
    accept_change: str | None = None
    keep_versions: int = 5
    keep_runs: int = 50
    lock_wait_seconds: int = 600
    alert_webhook: str | None = field(default=None, repr=False)
    alert_mail_to: str | None = None
    alert_mail_server: str | None = None
    alert_on: tuple[str, ...] = ALERT_ON
    publish_to: str | None = None
    postgres_uri: str | None = field(default=None, repr=False)
    missing_values: tuple[str, ...] = ()
    language: str = "en"
    report_title: str = ""
    browser: str | None = None

    @property
    def landing_dir(self) -> Path:
        """Landed Parquet files."""
        return self.home / "landing"

    @property
    def truth_dir(self) -> Path:
        """What is true in a made-up world that landed; nothing that is built reads it."""
        return self.home / "truth"

    @property
    def landing_figures_dir(self) -> Path:
        """What was counted in landed tables, as long as they are the same."""
        return self.home / "landing_figures"

    @property
    def warehouse_path(self) -> Path:
        """The private build file."""
        return self.home / "warehouse.duckdb"

    @property
    def spark_dir(self) -> Path:
        """Tables and metastore of Spark, where that is the engine."""
        return self.home / "spark"

    @property
    def state_dir(self) -> Path:
        """What cannot be built again (see ``orchestration.runs.state``)."""
        return self.home / "state"

    @property
    def exports_dir(self) -> Path:
        """Lists of customers to act on, for campaign tools."""
        return self.home / "exports"

    @property
    def published_path(self) -> Path:
        """What BI tools open."""
        return self.home / "published" / "customer_lifecycle.duckdb"

    @property
    def versions_dir(self) -> Path:
        """Versions of the published file, with their history."""
        return self.home / "published" / "versions"

    @property
    def report_path(self) -> Path:
        """The run report."""
        return self.home / "report" / "index.html"

    @property
    def report_languages(self) -> tuple[str, ...]:
        """Languages of the report, the one that it opens in first."""
        return (self.language, *(name for name in LANGUAGES if name != self.language))

    @property
    def boards_dir(self) -> Path:
        """The boards: an index, and a folder for each language."""
        return self.home / "boards"

    @property
    def data_docs_dir(self) -> Path:
        """Data Docs of the validations."""
        return self.home / "data_docs"

    @property
    def dagster_home(self) -> Path:
        """Dagster's instance: runs, logs, configuration."""
        return self.home / "dagster"

    @property
    def dbt_target_dir(self) -> Path:
        """Artifacts of the dbt runs that Dagster starts.

        Sources are resolved to absolute paths when dbt parses, so every home needs its own.
        """
        return self.home / "dbt"

    @property
    def spill_dir(self) -> Path:
        """What DuckDB puts aside where memory does not suffice."""
        return self.home / "duckdb_temp"

    @property
    def lock_path(self) -> Path:
        """The lock that every writer holds."""
        return self.home / "warehouse.lock"

    @property
    def alerts(self) -> dict[str, str | None]:
        """Where ``orchestration.runs.alerts.send`` sends to."""
        return {
            "webhook": self.alert_webhook,
            "mail_to": self.alert_mail_to,
            "mail_server": self.alert_mail_server,
        }

    @property
    def postgres_named(self) -> bool:
        """Whether the environment says which PostgreSQL server to publish to."""
        return bool(self.postgres_uri) or any(name in os.environ for name in _LIBPQ)

    def export(self) -> None:
        """Set the variables that dbt and Dagster read, with absolute paths, and DuckDB's limits."""
        os.environ["LIFECYCLE_HOME"] = str(self.home)
        os.environ["LIFECYCLE_ENGINE"] = self.engine
        os.environ["DAGSTER_HOME"] = str(self.dagster_home)
        os.environ["LIFECYCLE_MEMORY_LIMIT"] = self.memory_limit
        limit(self.memory_limit, self.spill_dir)
        os.environ["LIFECYCLE_LOCK_WAIT"] = str(self.lock_wait_seconds)
        os.environ["DO_NOT_TRACK"] = "1"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    ``LIFECYCLE_HOME`` (default: ``data`` in the checkout), ``LIFECYCLE_AS_OF_DATE`` (ISO date),
    ``LIFECYCLE_SOURCE_DIR``, ``LIFECYCLE_TIME_ZONE`` (IANA name, default: the machine's),
    ``LIFECYCLE_CURRENCY`` (ISO 4217, default: what the orders say),
    ``LIFECYCLE_ENGINE`` (duckdb or spark, default duckdb),
    ``LIFECYCLE_MEMORY_LIMIT`` (default: half of the machine's),
    ``LIFECYCLE_REUSED_NUMBERS_SHARE`` (0 to 1, default 0), ``LIFECYCLE_ACCEPT_CHANGE`` (a reason),
    ``LIFECYCLE_KEEP_VERSIONS`` (default 5),
    ``LIFECYCLE_KEEP_RUNS`` (default 50), ``LIFECYCLE_LOCK_WAIT`` (seconds, default 600),
    ``LIFECYCLE_LANGUAGE`` (en or zh, default en), ``LIFECYCLE_REPORT_TITLE``,
    ``LIFECYCLE_BROWSER``, ``LIFECYCLE_MISSING_VALUES`` (texts, with commas between),
    ``LIFECYCLE_PUBLISH_TO`` (postgres), ``LIFECYCLE_POSTGRES`` (a URI, default: libpq's ``PG*``),
    ``LIFECYCLE_ALERT_WEBHOOK``, ``LIFECYCLE_ALERT_MAIL``, ``LIFECYCLE_MAIL_SERVER`` and
    ``LIFECYCLE_ALERT_ON`` (failed, restated, warned). Raises ``SettingsError`` naming the variable
    whose value cannot be used.
    """
    variables = os.environ if environment is None else environment
    home = variables.get("LIFECYCLE_HOME")
    source_dir = variables.get("LIFECYCLE_SOURCE_DIR")
    return Settings(
        project_dir=PROJECT_DIR,
        home=Path(home).expanduser().absolute() if home else PROJECT_DIR / "data",
        as_of_date=_date(variables, "LIFECYCLE_AS_OF_DATE"),
        source_dir=Path(source_dir).expanduser().absolute() if source_dir else None,
        time_zone=_time_zone(variables, "LIFECYCLE_TIME_ZONE"),
        currency=_currency(variables, "LIFECYCLE_CURRENCY"),
        engine=_engine(variables, "LIFECYCLE_ENGINE"),
        memory_limit=_memory(variables, "LIFECYCLE_MEMORY_LIMIT"),
        reused_numbers_share=_share(variables, "LIFECYCLE_REUSED_NUMBERS_SHARE"),
        accept_change=variables.get("LIFECYCLE_ACCEPT_CHANGE", "").strip() or None,
        keep_versions=_number(variables, "LIFECYCLE_KEEP_VERSIONS", default=5, least=1),
        keep_runs=_number(variables, "LIFECYCLE_KEEP_RUNS", default=50, least=1),
        lock_wait_seconds=_number(variables, "LIFECYCLE_LOCK_WAIT", default=600, least=0),
        alert_webhook=variables.get("LIFECYCLE_ALERT_WEBHOOK") or None,
        alert_mail_to=variables.get("LIFECYCLE_ALERT_MAIL") or None,
        alert_mail_server=variables.get("LIFECYCLE_MAIL_SERVER") or None,
        alert_on=_alert_on(variables, "LIFECYCLE_ALERT_ON"),
        publish_to=_publish_to(variables, "LIFECYCLE_PUBLISH_TO"),
        postgres_uri=_postgres(variables, "LIFECYCLE_POSTGRES"),
        language=_language(variables, "LIFECYCLE_LANGUAGE"),
        report_title=variables.get("LIFECYCLE_REPORT_TITLE", "").strip(),
        browser=variables.get("LIFECYCLE_BROWSER", "").strip() or None,
        missing_values=tuple(
            text.strip()
            for text in variables.get("LIFECYCLE_MISSING_VALUES", "").split(",")
            if text.strip()
        ),
    )


def _date(variables: Mapping[str, str], name: str) -> date | None:
    text = variables.get(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"{name} is {text!r}; expected a date as YYYY-MM-DD") from error


def _time_zone(variables: Mapping[str, str], name: str) -> str | None:
    text = variables.get(name)
    if not text:
        return None
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(
            f"{name} is {text!r}; expected a time zone's IANA name such as Europe/Paris"
        ) from error


def _currency(variables: Mapping[str, str], name: str) -> str | None:
    text = variables.get(name, "").strip().upper()
    if text and not re.fullmatch("[A-Z]{3}", text):
        raise SettingsError(f"{name} is {text!r}; expected three letters as in ISO 4217, as EUR")
    return text or None


def _engine(variables: Mapping[str, str], name: str) -> str:
    text = variables.get(name, "").strip().lower() or DUCKDB
    if text not in ENGINES:
        raise SettingsError(f"{name} is {text!r}; expected one of {', '.join(ENGINES)}")
    return text


def _memory(variables: Mapping[str, str], name: str) -> str:
    text = variables.get(name, "").strip() or default_memory()
    if not re.fullmatch(r"\d+(\.\d+)?\s*[KMGT]i?B", text, re.IGNORECASE):
        raise SettingsError(f"{name} is {text!r}; expected a size such as 4GB")
    return text


def _language(variables: Mapping[str, str], name: str) -> str:
    text = variables.get(name, "").strip().lower() or next(iter(LANGUAGES))
    if text not in LANGUAGES:
        raise SettingsError(f"{name} is {text!r}; expected one of {', '.join(LANGUAGES)}")
    return text


def _alert_on(variables: Mapping[str, str], name: str) -> tuple[str, ...]:
    text = variables.get(name, "").strip().lower()
    if not text:
        return ALERT_ON
    wanted = {part.strip() for part in text.split(",") if part.strip()}
    if wanted - set(ALERT_ON):
        raise SettingsError(f"{name} is {text!r}; expected some of {', '.join(ALERT_ON)}")
    return tuple(event for event in ALERT_ON if event in wanted)


def _publish_to(variables: Mapping[str, str], name: str) -> str | None:
    text = variables.get(name, "").strip().lower()
    if text not in ("", POSTGRES):
        raise SettingsError(f"{name} is {text!r}; expected {POSTGRES}, or nothing")
    return text or None


def _postgres(variables: Mapping[str, str], name: str) -> str | None:
    uri = variables.get(name, "").strip()
    if not uri:
        return None
    try:
        check_uri(uri)
    except ValueError as error:  # says nothing of the value: it holds a password
        raise SettingsError(f"{name} {error}") from None
    return uri


def _share(variables: Mapping[str, str], name: str) -> float:
    text = variables.get(name) or "0"
    if not re.fullmatch(r"0(\.\d+)?|1(\.0+)?", text):
        raise SettingsError(f"{name} is {text!r}; expected a share between 0 and 1, such as 0.01")
    return float(text)


def _number(variables: Mapping[str, str], name: str, *, default: int, least: int) -> int:
    text = variables.get(name)
    if not text:
        return default
    if not text.isdigit() or int(text) < least:
        raise SettingsError(f"{name} is {text!r}; expected a whole number of at least {least}")
    return int(text)
