"""Runs suites and tells the outcome of each expectation in plain words."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from numbers import Real
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import great_expectations as gx
import pandas as pd
from great_expectations.core import ExpectationValidationResult
from great_expectations.data_context.data_context.ephemeral_data_context import (
    EphemeralDataContext,
)
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

from expectations.landing import LANDING_SUITES
from expectations.suites import ROWS
from landing.engine import connect, quote, read_parquet
from landing.masking import masked

EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """An expectation that was not met.

    ``severity`` is 'critical' (blocks), 'warning' or 'info'. ``count`` of ``rows`` broke it, where
    it is about rows, with so much ``money`` in them; otherwise ``observed`` says what was seen
    instead. ``examples`` and ``observed`` have no e-mail address or telephone number in them.
    """

    relation: str
    column: str | None
    severity: str
    expected: str
    count: int | None = None
    rows: int | None = None
    observed: str | None = None
    examples: tuple[str, ...] = ()
    money: Decimal | None = None

    def __str__(self) -> str:
        """The finding in one line, with examples."""
        return self.brief + (f"; e.g. {'; '.join(self.examples)}" if self.examples else "")

    @property
    def share(self) -> float:
        """Share of the rows that broke it; none where it is not about rows."""
        return (self.count or 0) / self.rows if self.rows else 0.0

    @property
    def brief(self) -> str:
        """The finding in one line."""
        where = f"{self.relation}.{self.column}" if self.column else self.relation
        if self.count is not None and self.rows is not None:
            worth = "" if self.money is None else f" with {self.money:,.2f} of net revenue"
            text = (
                f"{where}: {self.count:,} of {self.rows:,} rows{worth} break the rule that "
                f"{self.expected}"
            )
        else:
            text = f"{where}: expected that {self.expected}"
        if self.observed is not None:
            text += f", found {self.observed}"
        return text


@dataclass(frozen=True)
class Judgement:
    """An expectation and what came of it.

    ``finding`` is there if it was not met. One whose figure is null, or that is about the rows of
    an empty table, was not ``judged``. ``severity`` is that of a failure.
    """

    column: str | None
    severity: str
    expected: str
    observed: str = ""
    judged: bool = True
    finding: Finding | None = None


@dataclass(frozen=True)
class TableValidation:
    """What came of a suite, ``judgements`` in its order; ``rows`` are those of the relation."""

    name: str
    relation: str
    rows: int
    judgements: tuple[Judgement, ...]
    seconds: float

    @property
    def expectations(self) -> int:
        """How many were judged."""
        return sum(judgement.judged for judgement in self.judgements)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The expectations that were not met."""
        return tuple(judgement.finding for judgement in self.judgements if judgement.finding)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """Findings that must stop the run."""
        return tuple(f for f in self.findings if f.severity == "critical")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Findings to report, the less severe ones included."""
        return tuple(f for f in self.findings if f.severity != "critical")

    @property
    def success(self) -> bool:
        """True if nothing blocks."""
        return not self.blocking


def validate_landing(
    landing_dir: Path,
    *,
    tables: Iterable[str] | None = None,
    tolerated_reuse: float = 0.0,
    kept_dir: Path | None = None,
) -> list[TableValidation]:
    """Validate the landing tables (all, or those named ``system.table``) in ``landing_dir``.

    A share of ``tolerated_reuse`` of a table's rows may have a number used twice. Figures are kept
    in ``kept_dir``, and taken from there as long as the files that they are about are the same.
    """
    if not _manifest(landing_dir).is_file():
        nothing = _blocks("landing.manifest", "something has landed")
        return [TableValidation("landing.manifest", "landing.manifest", 0, (nothing,), 0.0)]
    with open_landing(landing_dir) as (connection, unreadable):
        connection.execute(
            "create table landing.tolerance as select ? as reused_share", [tolerated_reuse]
        )
        landed_on = _landed_on(connection)
        wanted = LANDING_SUITES if tables is None else tuple(tables)
        suites = [LANDING_SUITES[name](landed_on) for name in wanted]
        states = _states(connection, landing_dir) | {"landing.tolerance": str(tolerated_reuse)}
        kept = _Kept(kept_dir, states) if kept_dir else None
        return validate_suites(suites, connection, unreadable, kept)


@contextmanager
def open_landing(landing_dir: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, str]]]:
    """A connection with a view of every landed table; and those that cannot be read, with why."""
    with _connection() as connection:
        connection.execute("create schema landing")
        _view(connection, "landing.manifest", _manifest(landing_dir))
        unreadable = {}
        for name in LANDING_SUITES:
            connection.execute(f"create schema if not exists {name.split('.')[0]}")
            try:
                _view(connection, name, *_files(landing_dir, name))
            except duckdb.Error as error:
                unreadable[name] = str(error).splitlines()[0]
        yield connection, unreadable


def _manifest(landing_dir: Path) -> Path:
    return landing_dir / "manifest.parquet"


def _files(landing_dir: Path, name: str) -> list[Path]:
    """The files of a landed table, ``system.table``."""
    return sorted(landing_dir.joinpath(*name.split(".")).glob("*.parquet"))


def _states(connection: duckdb.DuckDBPyConnection, landing_dir: Path) -> dict[str, str]:
    """By relation, what is another one as soon as it has changed."""
    manifest = _manifest_rows(connection)
    states = {"landing.manifest": str(manifest)}
    for name in LANDING_SUITES:
        files = [(path.name, path.stat()) for path in _files(landing_dir, name)]
        about = [(file, stat.st_size, stat.st_mtime_ns) for file, stat in files]
        states[name] = str((manifest.get(name), about))
    return states


def validate_tables(
    duckdb_path: Path,
    suites: Sequence[gx.ExpectationSuite],
) -> list[TableValidation]:
    """Validate tables of a warehouse file; raises as ``open_tables`` does."""
    with open_tables(duckdb_path) as connection:
        return validate_suites(suites, connection)


@contextmanager
def open_tables(duckdb_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the tables of a warehouse file.

    Raises ``duckdb.IOException`` if another process has the file open for writing.
    """
    with _connection() as connection:
        connection.execute(f"attach {quote(duckdb_path)} as warehouse (read_only)")
        connection.execute("use warehouse")
        yield connection


@contextmanager
def _connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with connect() as connection:
        connection.execute("set preserve_insertion_order = false")
        yield connection


def _view(connection: duckdb.DuckDBPyConnection, name: str, *paths: Path) -> None:
    if not paths:
        raise duckdb.IOException("no file of it: land again")
    connection.execute(f"create view {name} as select * from {read_parquet(*paths)}")


def _manifest_rows(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, str | None]]:
    """What suites read of the manifest by table, but for the day, which stands in their SQL."""
    rows = connection.execute(
        "select table_name, row_count, time_zones_ahead from landing.manifest order by table_name"
    ).fetchall()
    return {name: (row_count, ahead) for name, row_count, ahead in rows}


@dataclass(frozen=True)
class _Kept:
    """Figures of relations, each in a file named by what they depend on.

    ``states`` tells by relation when another one has taken its place.
    """

    folder: Path
    states: Mapping[str, str]

    def path(self, relation: str, measures: Mapping[str, str]) -> Path:
        """Where the figures are, if they are there."""
        sql = "\n".join(f"{name}: {measure}" for name, measure in sorted(measures.items()))
        # Its own row of the manifest is part of a table's state.
        own = f"landing.manifest where table_name = '{relation}'"
        others = sql.replace(own, "")
        read = [(name, state) for name, state in self.states.items() if name in others]
        depends = hashlib.sha256(
            repr((duckdb.__version__, sql, self.states[relation], read)).encode()
        )
        return self.folder / f"{relation}-{depends.hexdigest()[:32]}.parquet"

    def keep(self, path: Path, frame: pd.DataFrame) -> None:
        """Keep figures in the place of earlier ones."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for earlier in self.folder.glob(f"{path.stem.rpartition('-')[0]}-*.parquet*"):
            earlier.unlink()
        writing = path.with_suffix(".parquet.writing")
        frame.to_parquet(writing)
        writing.rename(path)


def _landed_on(connection: duckdb.DuckDBPyConnection) -> date:
    row = connection.execute("select max(landed_on) from landing.manifest").fetchone()
    assert row is not None
    landed_on: date = row[0]
    return landed_on


def validate_suites(
    suites: Sequence[gx.ExpectationSuite],
    connection: duckdb.DuckDBPyConnection,
    unreadable: Mapping[str, str] = MappingProxyType({}),
    kept: _Kept | None = None,
) -> list[TableValidation]:
    """Run suites on the relations of a connection; those ``unreadable`` block, with the reason."""
    context = _context()
    source = context.data_sources.add_pandas("tables")
    outcomes = []
    for suite in suites:
        started = time.perf_counter()
        relation = suite.meta["relation"]
        try:
            if relation in unreadable:
                raise duckdb.IOException(unreadable[relation])
            batch, rows = _batch(connection, suite, kept)
        except duckdb.Error as error:
            reason = masked(str(error).splitlines()[0])
            unread = _blocks(relation, "the table can be read", observed=reason)
            outcomes.append(_outcome(suite, 0, [unread], started))
            continue
        asset = source.add_dataframe_asset(suite.name)
        order = {_identity(expectation): i for i, expectation in enumerate(suite.expectations)}
        suite, unjudged = _evaluable(suite, batch)  # noqa: PLW2901
        definition = context.validation_definitions.add(
            gx.ValidationDefinition(
                name=suite.name,
                data=asset.add_batch_definition_whole_dataframe("whole"),
                suite=context.suites.add(suite),
            )
        )
        result = definition.run(batch_parameters={"dataframe": batch}, result_format="BASIC")
        judged = [
            (
                _identity(item.expectation_config),
                _judgement(connection, relation, item, batch, rows),
            )
            for item in result.results
        ]
        judged += [
            (_identity(expectation), _unjudged(expectation, batch)) for expectation in unjudged
        ]
        judged.sort(key=lambda one: order[one[0]])
        outcomes.append(_outcome(suite, rows, [judgement for _, judgement in judged], started))
    return outcomes


def _outcome(
    suite: gx.ExpectationSuite, rows: int, judgements: Sequence[Judgement], started: float
) -> TableValidation:
    return TableValidation(
        name=suite.name,
        relation=suite.meta["relation"],
        rows=rows,
        judgements=tuple(judgements),
        seconds=time.perf_counter() - started,
    )


def _blocks(relation: str, expected: str, observed: str | None = None) -> Judgement:
    """What is said of a table that cannot be looked at."""
    finding = Finding(relation, None, "critical", expected, observed=observed)
    return Judgement(None, "critical", expected, observed or "", finding=finding)


def _context() -> EphemeralDataContext:
    """A context that lives in memory, reports to nobody and prints no progress."""
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    return gx.get_context(project_config=config, mode="ephemeral")


def _batch(
    connection: duckdb.DuckDBPyConnection, suite: gx.ExpectationSuite, kept: _Kept | None
) -> tuple[pd.DataFrame, int]:
    """The frame that the suite is about, and the number of rows of its relation."""
    relation = suite.meta["relation"]
    measures: dict[str, str] | None = suite.meta.get("measures")
    if measures is None:
        columns = sorted({name for item in suite.expectations for name in _columns(item)})
        frame = connection.execute(f"select {', '.join(columns) or '1'} from {relation}").df()
        return frame, len(frame)
    if "columns" in measures:
        # The other figures may need columns that are not there.
        structure = {"columns": measures["columns"]}
        frame = _figures(connection, "(select 1)", structure, {})
        if frame["columns"][0] != suite.meta["columns"]:
            row = connection.execute(f"select count(*) from {relation}").fetchone()
            assert row is not None
            return frame, row[0]
    path = kept.path(relation, measures) if kept else None
    if path and path.is_file():
        frame = pd.read_parquet(path)
    else:
        frame = _figures(connection, relation, measures, suite.meta["shares"])
        if kept and path:
            kept.keep(path, frame)
    return frame, int(frame[ROWS][0])


def _figures(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    measures: dict[str, str],
    shares: dict[str, str],
) -> pd.DataFrame:
    """One row of measures, and of what share of the rows some of them are."""
    figures = ", ".join(f'{sql} as "{name}"' for name, sql in measures.items())
    frame = connection.execute(f"select {figures} from {relation}").df()
    rows = max(frame[ROWS][0], 1) if shares else 1
    return frame.assign(**{share: frame[measure] / rows for share, measure in shares.items()})


def _columns(expectation: Any) -> list[str]:
    fields = ("column", "column_A", "column_B")
    single = [getattr(expectation, name) for name in fields if hasattr(expectation, name)]
    return [*single, *getattr(expectation, "column_list", [])]


def _evaluable(
    suite: gx.ExpectationSuite, batch: pd.DataFrame
) -> tuple[gx.ExpectationSuite, list[Any]]:
    """The suite with the expectations that can be judged, and the others.

    Those are on figures that are null or could not be computed. Of an empty table, nothing is
    expected of the rows.
    """
    if "measures" not in suite.meta:
        return suite, []
    empty = ROWS in batch and batch[ROWS][0] == 0

    def is_judged(expectation: Any) -> bool:
        (measure,) = _columns(expectation)
        if measure not in batch or pd.isna(batch[measure][0]):
            return False
        return not (empty and "rows" in (expectation.meta or {}))

    judged = [expectation for expectation in suite.expectations if is_judged(expectation)]
    others = [expectation for expectation in suite.expectations if not is_judged(expectation)]
    suite.expectations = judged
    return suite, others


def _identity(expectation: Any) -> tuple[str, str, str]:
    """What an expectation and the configuration in its result have in common."""
    kwargs = getattr(expectation, "kwargs", None) or expectation.configuration.kwargs
    about = [kwargs.get(name) for name in ("column", "column_A", "column_B", "column_list")]
    return str(expectation.description), _severity(expectation), str(about)


def _severity(expectation: Any) -> str:
    return str(getattr(expectation.severity, "value", expectation.severity))


def _unjudged(expectation: Any, batch: pd.DataFrame) -> Judgement:
    meta: dict[str, Any] = expectation.meta or {}
    # What is looked for and not found is a figure that is null.
    well = "found" in meta and meta["found"] in batch
    return Judgement(
        meta.get("column"),
        _severity(expectation),
        str(expectation.description),
        observed="nothing" if well else "",
        judged=well,
    )


def _judgement(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    item: ExpectationValidationResult,
    batch: pd.DataFrame,
    rows: int,
) -> Judgement:
    config = item.expectation_config
    assert config is not None
    meta: dict[str, Any] = config.meta or {}
    result: dict[str, Any] = item.result or {}
    measure = config.kwargs.get("column")
    count: int | None = None
    observed: str | None = None
    is_figure = False
    if "rows" in meta:
        column, count = meta["column"], int(batch[meta["rows"]][0])
    elif "found" in meta:
        column, observed = None, masked(str(batch[meta["found"]][0]))
    elif measure == "columns":
        column, observed = None, "as declared" if item.success else str(batch[measure][0])
    elif "unexpected_count" in result:
        column = measure or ", ".join(config.kwargs.get("column_list", ())) or None
        count = result["unexpected_count"]
    else:
        column, observed = meta.get("column"), _observed(result, batch, measure)
        is_figure = measure in batch
    exception = (item.exception_info or {}).get("exception_message")
    if exception:
        observed = masked(exception)
    expected, severity = str(config.description), _severity(config)
    finding = None
    if not item.success:
        finding = Finding(
            relation,
            column,
            severity,
            expected,
            count,
            rows if count is not None else None,
            observed,
            _examples(connection, meta["examples"])
            if meta.get("examples")
            else _values(result, config.kwargs)
            if count is not None
            else (),
            _money(connection, meta["money"]) if meta.get("money") else None,
        )
    seen = observed or ""
    if count is not None:
        seen = f"{count:,} of {rows:,} rows" + (f", {observed}" if observed else "")
    elif is_figure and not exception:
        seen = f"{measure}: {observed}"
    return Judgement(column, severity, expected, seen, finding=finding)


def _money(connection: duckdb.DuckDBPyConnection, query: str) -> Decimal | None:
    row = connection.execute(f"select cast(({query}) as decimal(18, 2))").fetchone()
    return row[0] if row else None


def _observed(result: dict[str, Any], batch: pd.DataFrame, measure: str | None) -> str:
    value = batch[measure][0] if measure in batch else result.get("observed_value")
    if not isinstance(value, Real):
        return str(value)
    number = float(value)
    return f"{number:,.0f}" if number.is_integer() or abs(number) >= 1000 else f"{number:,.4g}"


def _values(result: dict[str, Any], kwargs: dict[str, Any]) -> tuple[str, ...]:
    pair = (kwargs.get("column_A"), kwargs.get("column_B"))

    def told(value: Any) -> str:
        if isinstance(value, tuple):
            value = dict(zip(pair, value, strict=True))
        if isinstance(value, dict):
            return ", ".join(f"{name} {masked(str(part))}" for name, part in value.items())
        return masked(str(value))

    values = [value for value in result.get("partial_unexpected_list", ()) if value is not None]
    return tuple(dict.fromkeys(map(told, values)))[:EXAMPLES]


def _examples(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[str, ...]:
    found = connection.execute(f"select distinct * from ({query}) order by all limit {EXAMPLES}")
    names = [column[0] for column in found.description or ()]
    return tuple(
        ", ".join(
            f"{name} {'(empty)' if value is None else masked(str(value))}"
            for name, value in zip(names, row, strict=True)
        )
        for row in found.fetchall()
    )
