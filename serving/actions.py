"""Lists of customers to act on, for campaign tools, and what has to be kept of them.

A list is of a published version and an action: made again it is the same file, and its decisions
are kept once. Whom the lot held back is kept as well and is on no list, to be compared with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from landing.engine import connect, read_parquet
from serving.spreadsheets import text_cell

MART = "customer_next_actions"
_TEXTS = ("decision_id", "customer_id", "action", "detail", "channel_id", "action_owner")
_COLUMNS = (
    *("decision_id", "customer_id", "action", "detail", "channel_id", "action_owner"),
    *("as_of_date", "window_days", "cost_amount", "basis"),
    *("expected_incremental_contribution",),
)
# What is kept of a decision, in the order of the file.
KEPT_COLUMNS = {
    "export_id": "varchar",
    "decision_id": "varchar",
    "action": "varchar",
    "customer_id": "varchar",
    "decided_on": "date",
    "outcome": "varchar",
    "is_control": "boolean",
    "control_share": "double",
    "reason": "varchar",
    "action_owner": "varchar",
    "channel_id": "varchar",
    "cost_amount": "decimal(18,2)",
    "window_days": "bigint",
}


class UnknownActionError(ValueError):
    """There is no such action, or nothing is published that has any."""


@dataclass(frozen=True)
class Offer:
    """How many customers an action is for, and what becomes of them."""

    action: str
    eligible: int
    suppressed: int
    held_back: int
    to_be_done: int
    expected_net: float | None
    reason: str | None
    """Why most of those kept back by rules are, in words."""


@dataclass(frozen=True)
class Export:
    """A list: its name, its rows, and the query of all decisions to keep (the lists before too)."""

    export_id: str
    listed: int
    held_back: int
    is_new: bool
    kept_query: str


def open_published(published_path: Path) -> duckdb.DuckDBPyConnection:
    """A connection that reads the published file.

    Raises ``UnknownActionError`` if nothing is published, or by a release without actions.
    """
    if not published_path.exists():
        raise UnknownActionError("nothing is published yet; use: lifecycle run")
    connection = connect()
    path = str(published_path).replace("'", "''")
    connection.execute(f"attach '{path}' as published (read_only)")
    found = connection.execute(
        "select count(*) from duckdb_tables() where database_name = 'published' and table_name = ?",
        [MART],
    ).fetchall()
    if not found[0][0]:
        connection.close()
        raise UnknownActionError(f"what is published has no {MART}; use: lifecycle run")
    return connection


def offers(connection: duckdb.DuckDBPyConnection) -> list[Offer]:
    """All actions that anybody is eligible for, those with most to be done first."""
    rows = connection.execute(f"""
        with found as (
            select action, count(*) as eligible, count(suppressed_reason) as suppressed,
                count(*) filter (where is_next_action and (is_holdout or is_control)) as held_back,
                count(*) filter (where is_to_be_done) as to_be_done,
                sum(expected_net) filter (where is_to_be_done) as expected_net,
                mode(suppressed_reason order by suppressed_reason) as reason
            from published.marts.{MART}
            where channel_basis is not null
            group by action
        )
        select action, eligible, suppressed, held_back, to_be_done, expected_net,
            coalesce(labels.label_en, reason)
        from found
        left join published.marts.labels
            on labels.vocabulary = 'action_suppression' and labels.value = found.reason
        order by to_be_done desc, action
    """).fetchall()
    return [Offer(*row) for row in rows]


def export(
    connection: duckdb.DuckDBPyConnection,
    action: str,
    kept: Path,
    folder: Path,
    at_most: int | None = None,
) -> tuple[Export, Path]:
    """Write the list of an action into a folder.

    ``kept`` is what was kept of the lists before; who is on another one of the same day is left
    out. What has to be kept now is a query of the result, for the caller to write before anybody
    uses the list. ``at_most`` so many are listed of whom most is expected, or drawn by hash where
    nothing is; those held back are the ones that would have been among them.

    Raises:
        UnknownActionError: nobody is eligible for an action of this name.
    """
    known = [offer.action for offer in offers(connection)]
    if action not in known:
        listed = ", ".join(sorted(known)) or "none"
        raise UnknownActionError(f"there is no action {action!r} to export; there are: {listed}")
    ((version,),) = connection.execute(
        "select max(version) from published.marts.publish_log"
    ).fetchall()
    export_id = f"{version}-{action}"
    types = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in KEPT_COLUMNS.items())
    names = ", ".join(KEPT_COLUMNS)
    before = f"select {names} from {read_parquet(kept)}" if kept.exists() else f"select {types}"
    connection.execute(f"create or replace temp table kept_before as {before}")
    connection.execute("delete from kept_before where export_id is null")
    is_new = not connection.execute(
        "select count(*) from kept_before where export_id = ?", [export_id]
    ).fetchone()[0]  # type: ignore[index]
    connection.execute(
        f"""
        create or replace temp table decided as
        select
            ? as export_id, ? || '-' || customer_id as decision_id, action, customer_id,
            as_of_date as decided_on,
            case when is_control then 'not_taken' else 'shown' end as outcome, is_control,
            control_share, case when is_control then 'control' end as reason, action_owner,
            channel_id, cost_amount, window_days
        from published.marts.{MART}
        where action = ? and is_next_action and not is_holdout
            and customer_id not in (
                select customer_id from kept_before, (
                    select max(as_of_date) as today from published.marts.{MART}
                )
                where decided_on >= today and export_id <> ?
            )
        qualify ? is null or count(*) filter (where not is_control) over (
            order by expected_net desc nulls last, md5(customer_id)
        ) <= ?
        """,
        [export_id, export_id, action, export_id, at_most, at_most],
    )
    if is_new:
        connection.execute(f"insert into kept_before select {names} from decided")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{export_id}.csv"
    writing = path.with_name(f".{path.name}")
    columns = ", ".join(text_cell(name) if name in _TEXTS else name for name in _COLUMNS)
    target = str(writing).replace("'", "''")
    connection.execute(
        f"""
        copy (
            select {columns}
            from (
                select logged.decision_id, found.*
                from published.marts.{MART} as found
                inner join kept_before as logged
                    on found.customer_id = logged.customer_id and found.action = logged.action
                where logged.export_id = '{export_id}' and logged.outcome = 'shown'
            )
            order by expected_net desc nulls last, customer_id
        ) to '{target}' (header)
        """
    )
    counted, held_back = _counts(connection, export_id)
    writing.replace(path)
    query = f"select {names} from kept_before order by export_id, decision_id"
    return Export(export_id, counted, held_back, is_new and counted + held_back > 0, query), path


def _counts(connection: duckdb.DuckDBPyConnection, export_id: str) -> Sequence[int]:
    row = connection.execute(
        "select count(*) filter (where not is_control), count(*) filter (where is_control) "
        "from kept_before where export_id = ?",
        [export_id],
    ).fetchone()
    assert row is not None
    return row
