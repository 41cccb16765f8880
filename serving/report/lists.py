"""Customers to act on and the members of stages and segments, as CSV files beside the report.

A folder is named by what is in it, so that a page and the files that it links belong together: the
files are complete before the page takes the place of the old one, and the old files go after it.
They hold ids, codes and figures; columns and codes are those of the marts in every language.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from serving.report.marts import Marts
from serving.report.names import LAPSED
from serving.spreadsheets import text_cell
from serving.stake import AT_RISK

# What is due within so many days is due soon.
DUE_DAYS = 14
TOP_TIERS = ("top_1_percent", "top_5_percent", "top_10_percent")
CHOSEN: dict[str, tuple[str, str]] = {
    "at_risk": (f"churn_band in {AT_RISK} and value_at_risk > 0", "value_at_risk"),
    "lapsed_with_value": (
        f"lifecycle_stage in {LAPSED} and (net_revenue > 0 or clv_365d > 0)",
        "net_revenue",
    ),
    "due_soon": (
        "expected_next_purchase_date >= as_of_date "
        f"and expected_next_purchase_date < as_of_date + {DUE_DAYS}",
        "clv_365d",
    ),
    "top_value": (f"value_tier in {TOP_TIERS}", "clv_365d"),
}
_SOURCE = "customer_360"
_TEXTS = ("customer_id", "lifecycle_stage", "rfm_segment", "churn_band", "value_tier")
_COLUMNS = (
    *("customer_id", "as_of_date", "lifecycle_stage", "rfm_segment", "last_order_date"),
    *("days_since_last_purchase", "expected_next_purchase_date", "churn_band", "p_churn"),
    *("value_at_risk", "value_tier", "clv_365d", "net_revenue_365d", "net_revenue"),
)


@dataclass(frozen=True)
class CustomerList:
    """A file to download: its place as the page links it, and its rows."""

    path: str
    rows: int


def write_lists(marts: Marts, folder: Path) -> dict[str, CustomerList]:
    """Write all lists that have a row into a folder of their own below ``folder``, by key.

    Keys are those of ``CHOSEN``, ``stage_<stage>`` and ``segment_<segment>``. What was written
    before stays until ``drop_others``.
    """
    if not marts.has(_SOURCE):
        return {}
    wanted = dict(CHOSEN)
    for kind, column in (("stage", "lifecycle_stage"), ("segment", "rfm_segment")):
        for row in marts.rows(f"select distinct {column} as name from marts.{_SOURCE} order by 1"):
            # Names are a vocabulary of ours, and part of a path.
            if row["name"] and re.fullmatch("[a-z0-9_]+", row["name"]):
                wanted[f"{kind}_{row['name']}"] = (f"{column} = '{row['name']}'", "net_revenue")
    unfinished = folder / ".new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    rows = {
        key: _write(marts, unfinished / f"{key}.csv", where, by)
        for key, (where, by) in wanted.items()
    }
    written = [key for key, number in rows.items() if number]
    for key in rows.keys() - set(written):
        (unfinished / f"{key}.csv").unlink()
    name = _digest(unfinished)
    if not written:
        unfinished.rmdir()
        return {}
    shutil.rmtree(folder / name, ignore_errors=True)
    unfinished.rename(folder / name)
    return {key: CustomerList(f"{folder.name}/{name}/{key}.csv", rows[key]) for key in written}


def drop_others(folder: Path, lists: Mapping[str, CustomerList]) -> None:
    """Remove what no page links any more."""
    kept = {Path(found.path).parent.name for found in lists.values()}
    if folder.is_dir():
        for old in folder.iterdir():
            if old.name not in kept:
                shutil.rmtree(old, ignore_errors=True)
        if not kept:
            folder.rmdir()


def _write(marts: Marts, path: Path, where: str, by: str) -> int:
    columns = ", ".join(_column(name) for name in _COLUMNS)
    known = ", ".join(f"{marts.column_or_null(_SOURCE, name)} as {name}" for name in _COLUMNS)
    target = str(path).replace("'", "''")
    return int(
        marts.value(
            f"copy (select {columns} from (select {known} from marts.{_SOURCE}) as known "
            f"where {where} order by {by} desc nulls last, known.customer_id) "
            f"to '{target}' (header)"
        )
    )


def _column(name: str) -> str:
    if name in _TEXTS:
        return text_cell(name)
    return f"round({name}, 4) as {name}" if name == "p_churn" else name


def _digest(folder: Path) -> str:
    """A name for what is in the files of a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode())
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:12]
