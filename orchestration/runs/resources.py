"""What steps are given: the settings with the writer lock, and someone to tell how it goes."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import dagster as dg
import duckdb
import yaml
from pydantic import Field, PrivateAttr

from landing.engine import connect
from orchestration.runs.lock import Holder, hold_lock, wait_until_closed
from orchestration.runs.retention import forget_old_runs
from orchestration.runs.state import CUSTOMERS, KEPT, StateError, restore
from orchestration.settings import SPARK, Settings, load_settings
from orchestration.spark import EngineError, refuse_other_engine

POOL = "warehouse"
"""Pool of every step that opens the warehouse; its limit of one is set in dagster.yaml."""


class Warehouse(dg.ConfigurableResource):
    """The warehouse of this run, locked against other writers from its first step to its last."""

    as_of_date: str | None = Field(
        default=None,
        description="Replay a past date (YYYY-MM-DD): nothing dated on or after it is visible. "
        "Empty: LIFECYCLE_AS_OF_DATE, or the day after the last order that is not void; the day of "
        "landing where none has.",
    )
    accept_change: str | None = Field(
        default=None,
        description="Why a change is no error that would otherwise stop the run: of what landed "
        "against the landing before, or of the marts against what is published. Empty: "
        "LIFECYCLE_ACCEPT_CHANGE, or none.",
    )
    _settings: Settings = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Warehouse"]:
        """Hold the lock while the run lasts; the executor keeps resources for the whole run."""
        self._settings = load_settings()
        self._settings.export()
        self._refuse_wrong_date()

        def say_who(holder: Holder | None) -> None:
            if context.log:
                context.log.info(f"Waiting for the lock, held by {holder or 'another process'}.")

        def say_what(process: str) -> None:
            if context.log:
                context.log.info(f"Waiting for {process}, which has the warehouse open.")

        run = context.run
        with hold_lock(
            self._settings.lock_path,
            wait_seconds=self._settings.lock_wait_seconds,
            command=f"run of {run.job_name} {run.run_id[:8]}" if run else None,
            on_wait=say_who,
        ):
            wait_until_closed(
                self._settings.warehouse_path,
                wait_seconds=self._settings.lock_wait_seconds,
                on_wait=say_what,
            )
            # Left by a process that was killed: whoever has the lock is alone.
            shutil.rmtree(self._settings.spill_dir, ignore_errors=True)
            self._settings.spill_dir.mkdir(parents=True)
            for table, rows in self._restore_state().items():
                if context.log:
                    context.log.info(f"{table}: {rows:,} rows were put back from what was kept.")
            try:
                yield self
            finally:
                if context.instance:
                    forgotten = forget_old_runs(
                        context.instance, self._settings.dagster_home, self._settings.keep_runs
                    )
                    if forgotten and context.log:
                        context.log.info(f"{forgotten} old runs were deleted.")

    def _restore_state(self) -> dict[str, int]:
        """Put back what the warehouse lacks, as after its file was deleted; rows by table."""
        state_dir, engine = self._settings.state_dir, self._settings.engine
        # Spark begins the history of customers from the kept file itself.
        tables = [kept for kept in KEPT if engine != SPARK or kept != CUSTOMERS]
        if not any(
            path.exists()
            for path in (self._settings.warehouse_path, *(kept.path(state_dir) for kept in tables))
        ):
            return {}
        try:
            with self.connect() as connection:
                refuse_other_engine(connection, engine, self._settings.spark_dir)
                return restore(connection, state_dir, tables)
        except (StateError, EngineError) as error:
            raise dg.Failure(str(error), allow_retries=False) from error

    @property
    def settings(self) -> Settings:
        """Paths and values from the environment."""
        return self._settings

    def _refuse_wrong_date(self) -> None:
        """A wrong date stops the run before it lands anything."""
        try:
            _ = self.requested_as_of_date
        except ValueError as error:
            raise dg.Failure(
                f"as_of_date is {self.as_of_date!r}; expected a date as YYYY-MM-DD",
                allow_retries=False,
            ) from error

    @property
    def accepted_change(self) -> str | None:
        """Why a large change is no error; None if nobody said so."""
        return (self.accept_change or "").strip() or self._settings.accept_change

    @property
    def requested_as_of_date(self) -> date | None:
        """The date asked for; None leaves it to the data. Raises ``ValueError`` if it is none."""
        if not self.as_of_date:
            return self._settings.as_of_date
        return date.fromisoformat(self.as_of_date)

    @contextmanager
    def connect(self, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection to the private build file, closed at the end of the block.

        An open handle would keep dbt's next connection in this process on the old file.
        """
        with connect(self._settings.warehouse_path, read_only=read_only) as connection:
            yield connection

    def built_as_of_date(self) -> date:
        """The as-of date that the models in the warehouse were built for."""
        with self.connect(read_only=True) as connection:
            return built_as_of_date(connection)


def built_as_of_date(connection: duckdb.DuckDBPyConnection) -> date:
    """The as-of date that the models in a warehouse were built for.

    Raises ``ValueError`` if nothing has been built, or without a landing.
    """
    try:
        row = connection.execute("select as_of_date from utilities.as_of").fetchone()
    except duckdb.CatalogException as error:
        raise ValueError("nothing has been built yet; use: lifecycle run") from error
    if row is None or row[0] is None:
        raise ValueError(
            "there is no as-of date: nothing has landed and none was given. "
            "Land files, or set LIFECYCLE_AS_OF_DATE."
        )
    as_of_date: date = row[0]
    return as_of_date


def dbt_variables(settings: Settings) -> dict[str, object]:
    """The vars of dbt_project.yml: thresholds that Python shares with the models."""
    text = (settings.project_dir / "dbt_project.yml").read_text(encoding="utf-8")
    variables: dict[str, object] = yaml.safe_load(text)["vars"]
    return variables
