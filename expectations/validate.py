"""Runs suites and tells the outcome: findings in plain words, and Data Docs."""

from __future__ import annotations

import html
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from numbers import Real
from pathlib import Path
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
from landing.write import read_parquet

AREAS = ("landing", "scores", "marts", "scored_marts")
EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """An expectation that was not met.

    ``severity`` is 'critical' (blocks), 'warning' or 'info'. ``count`` of ``rows`` broke it, where
    it is about rows, with so much ``money`` in them; otherwise ``observed`` says what was seen
    instead.
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
class TableValidation:
    """What came of a suite: its findings, and how much was looked at.

    ``expectations`` is the number evaluated, ``rows`` those of the relation.
    """

    name: str
    relation: str
    rows: int
    expectations: int
    findings: tuple[Finding, ...]
    seconds: float

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
    data_docs_dir: Path | None = None,
    memory_limit: str = "300MB",
) -> list[TableValidation]:
    """Validate the landing tables (all, or those named ``system.table``) in ``landing_dir``.

    A share of ``tolerated_reuse`` of a table's rows may have a number used twice. Data Docs, if
    wanted, are written below ``data_docs_dir``.
    """
    manifest = landing_dir / "manifest.parquet"
    if not manifest.is_file():
        finding = Finding("landing.manifest", None, "critical", "something has landed")
        return [TableValidation("landing.manifest", "landing.manifest", 0, 1, (finding,), 0.0)]
    with _connection(memory_limit) as connection:
        connection.execute("create schema landing")
        _view(connection, "landing.manifest", manifest)
        connection.execute(
            "create table landing.tolerance as select ? as reused_share", [tolerated_reuse]
        )
        unreadable = {}
        for name in LANDING_SUITES:
            system, table = name.split(".")
            connection.execute(f"create schema if not exists {system}")
            try:
                _view(connection, name, landing_dir / system / f"{table}.parquet")
            except duckdb.Error as error:
                unreadable[name] = str(error).splitlines()[0]
        landed_on = _landed_on(connection)
        wanted = LANDING_SUITES if tables is None else tuple(tables)
        suites = [LANDING_SUITES[name](landed_on) for name in wanted]
        return _validate("landing", suites, connection, data_docs_dir, unreadable)


def validate_tables(
    duckdb_path: Path,
    area: str,
    suites: Sequence[gx.ExpectationSuite],
    *,
    data_docs_dir: Path | None = None,
    memory_limit: str = "500MB",
) -> list[TableValidation]:
    """Validate tables of a warehouse file, opened for reading.

    ``area`` (one of ``AREAS``) is the part of the Data Docs that the outcome replaces.
    Raises ``duckdb.IOException`` if another process has the file open for writing.
    """
    with _connection(memory_limit) as connection:
        path = str(duckdb_path).replace("'", "''")
        connection.execute(f"attach '{path}' as warehouse (read_only)")
        connection.execute("use warehouse")
        return _validate(area, suites, connection, data_docs_dir, {})


@contextmanager
def _connection(memory_limit: str) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"memory_limit": memory_limit}) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute("set preserve_insertion_order = false")
        yield connection


def _view(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    connection.execute(f"create view {name} as select * from {read_parquet(path)}")


def _landed_on(connection: duckdb.DuckDBPyConnection) -> date:
    row = connection.execute("select max(landed_on) from landing.manifest").fetchone()
    assert row is not None
    landed_on: date = row[0]
    return landed_on


def _validate(
    area: str,
    suites: Sequence[gx.ExpectationSuite],
    connection: duckdb.DuckDBPyConnection,
    data_docs_dir: Path | None,
    unreadable: dict[str, str],
) -> list[TableValidation]:
    context = _context()
    source = context.data_sources.add_pandas(area)
    outcomes = []
    for suite in suites:
        started = time.perf_counter()
        relation = suite.meta["relation"]
        try:
            if relation in unreadable:
                raise duckdb.IOException(unreadable[relation])
            batch, rows = _batch(connection, suite)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            finding = Finding(relation, None, "critical", "the table can be read", observed=reason)
            outcomes.append(_outcome(suite, 0, 1, [finding], started))
            continue
        asset = source.add_dataframe_asset(suite.name)
        definition = context.validation_definitions.add(
            gx.ValidationDefinition(
                name=suite.name,
                data=asset.add_batch_definition_whole_dataframe("whole"),
                suite=context.suites.add(_evaluable(suite, batch)),
            )
        )
        result = definition.run(batch_parameters={"dataframe": batch}, result_format="BASIC")
        findings = [
            _finding(connection, relation, item, batch, rows)
            for item in result.results
            if not item.success
        ]
        outcomes.append(_outcome(suite, rows, len(result.results), findings, started))
    if data_docs_dir is not None:
        _build_data_docs(context, area, outcomes, data_docs_dir)
    return outcomes


def _outcome(
    suite: gx.ExpectationSuite,
    rows: int,
    expectations: int,
    findings: Sequence[Finding],
    started: float,
) -> TableValidation:
    return TableValidation(
        name=suite.name,
        relation=suite.meta["relation"],
        rows=rows,
        expectations=expectations,
        findings=tuple(findings),
        seconds=time.perf_counter() - started,
    )


def _context() -> EphemeralDataContext:
    """A context that lives in memory, reports to nobody and prints no progress."""
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    return gx.get_context(project_config=config, mode="ephemeral")


def _batch(
    connection: duckdb.DuckDBPyConnection, suite: gx.ExpectationSuite
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
    frame = _figures(connection, relation, measures, suite.meta["shares"])
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


def _evaluable(suite: gx.ExpectationSuite, batch: pd.DataFrame) -> gx.ExpectationSuite:
    """The suite without expectations on figures that are null or could not be computed.

    Of an empty table, nothing is expected of the rows.
    """
    if "measures" in suite.meta:
        empty = ROWS in batch and batch[ROWS][0] == 0
        suite.expectations = [
            expectation
            for expectation in suite.expectations
            if (measure := _columns(expectation)[0]) in batch
            and not pd.isna(batch[measure][0])
            and not (empty and "rows" in (expectation.meta or {}))
        ]
    return suite


def _finding(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    item: ExpectationValidationResult,
    batch: pd.DataFrame,
    rows: int,
) -> Finding:
    config = item.expectation_config
    assert config is not None
    meta: dict[str, Any] = config.meta or {}
    result: dict[str, Any] = item.result or {}
    column = config.kwargs.get("column")
    count: int | None = None
    observed: str | None = None
    examples: tuple[str, ...] = ()
    money: Decimal | None = None
    if "rows" in meta:
        column, count = meta["column"], int(batch[meta["rows"]][0])
        if meta["examples"]:
            examples = _examples(connection, meta["examples"])
        if meta["money"]:
            money = _money(connection, meta["money"])
    elif "found" in meta:
        column, observed = None, str(batch[meta["found"]][0])
    elif "unexpected_count" in result:
        column = column or ", ".join(config.kwargs.get("column_list", ())) or None
        count, examples = result["unexpected_count"], _values(result)
    else:
        column = meta.get("column")
        observed = _observed(result, batch, config.kwargs.get("column"))
        if meta.get("examples"):
            examples = _examples(connection, meta["examples"])
    exception = (item.exception_info or {}).get("exception_message")
    return Finding(
        relation,
        column,
        str(getattr(config.severity, "value", config.severity)),
        str(config.description),
        count,
        rows if count is not None else None,
        exception or observed,
        examples,
        money,
    )


def _money(connection: duckdb.DuckDBPyConnection, query: str) -> Decimal | None:
    row = connection.execute(f"select cast(({query}) as decimal(18, 2))").fetchone()
    return row[0] if row else None


def _observed(result: dict[str, Any], batch: pd.DataFrame, measure: str | None) -> str:
    value = batch[measure][0] if measure in batch else result.get("observed_value")
    if not isinstance(value, Real):
        return str(value)
    number = float(value)
    return f"{number:,.0f}" if number.is_integer() or abs(number) >= 1000 else f"{number:,.4g}"


def _values(result: dict[str, Any]) -> tuple[str, ...]:
    values = dict.fromkeys(str(value) for value in result.get("partial_unexpected_list", ()))
    return tuple(value for value in values if value != "None")[:EXAMPLES]


def _examples(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[str, ...]:
    found = connection.execute(f"select distinct * from ({query}) order by all limit {EXAMPLES}")
    names = [column[0] for column in found.description or ()]
    return tuple(
        ", ".join(
            f"{name} {'(empty)' if value is None else value}"
            for name, value in zip(names, row, strict=True)
        )
        for row in found.fetchall()
    )


def _build_data_docs(
    context: EphemeralDataContext,
    area: str,
    outcomes: Sequence[TableValidation],
    data_docs_dir: Path,
) -> None:
    """Replace the area's part of the site, and the page that leads to all parts."""
    site = data_docs_dir / area
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    context.add_data_docs_site(
        area,
        {
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(site),
            },
        },
    )
    context.build_data_docs(site_names=[area])
    (site / "summary.html").write_text(_summary(area, outcomes), encoding="utf-8")
    summaries = [data_docs_dir / name / "summary.html" for name in AREAS]
    parts = [path.read_text(encoding="utf-8") for path in summaries if path.is_file()]
    (data_docs_dir / "index.html").write_text(_PAGE.format("".join(parts)), encoding="utf-8")


def _summary(area: str, outcomes: Sequence[TableValidation]) -> str:
    rows = "".join(
        f'<tr class="{_state(outcome)}"><td>{html.escape(outcome.name)}</td>'
        f"<td>{outcome.rows:,}</td><td>{outcome.expectations}</td>"
        f"<td>{len(outcome.blocking)}</td><td>{len(outcome.warnings)}</td>"
        f"<td>{'<br>'.join(html.escape(str(finding)) for finding in outcome.findings)}</td></tr>"
        for outcome in outcomes
    )
    return (
        f'<h2>{area} <a href="{area}/index.html">every expectation</a></h2><table><tr>'
        "<th>table</th><th>rows</th><th>expectations</th><th>blocking</th><th>warnings</th>"
        f"<th>findings</th></tr>{rows}</table>"
    )


def _state(outcome: TableValidation) -> str:
    if outcome.blocking:
        return "blocking"
    return "warning" if outcome.warnings else "passed"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Data Docs</title><style>
body {{ font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem }}
h2 a {{ font-size: .9rem; font-weight: 400; margin-left: 1rem }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: left; padding: .35rem .7rem; border-bottom: 1px solid #dfe4ea }}
th {{ font-weight: 600 }}
:is(th, td):nth-child(-n+5):not(:first-child) {{ text-align: right }}
td {{ font-variant-numeric: tabular-nums }}
td:first-child {{ border-left: 4px solid #2e8b57; white-space: nowrap }}
tr.warning td:first-child {{ border-left-color: #d99a20 }}
tr.blocking td:first-child {{ border-left-color: #c0392b }}
</style></head><body><h1>Data Docs</h1>
<p>What was expected of the data in the last run, and what was found.</p>
{}
</body></html>
"""
