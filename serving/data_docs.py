"""Data Docs: every expectation of the last run and what it found, as one page for people.

Each area of checks keeps its results in a file of its own, because a run may end after any of them:
the page is made anew from what there is.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from expectations.validate import Finding, Judgement, TableValidation
from serving.publish import PublishedVersion
from serving.report.formats import count, day

AREAS = {
    "landing": "What landed",
    "landing_changes": "What landed, against the landing before",
    "scores": "Scores",
    "marts": "Marts",
    "changes": "Marts, against the version before",
}
"""The areas of checks in the order of a run, with what they are called."""

_TEMPLATE = "data_docs.html.jinja"
_RESULTS = "results.json"
# Another number for results that this template cannot read.
_FORMAT = 2
# What an expectation is that was not met, by its severity, worst first.
_BROKEN = {"critical": "blocks", "warning": "warns", "info": "noted"}
_ORDER = (*_BROKEN.values(), "met", "not judged")


@dataclass(frozen=True)
class Checked:
    """When an area was checked, in which run, and for which as-of date, if anything was built."""

    at: datetime
    run_id: str
    as_of_date: date | None = None


def keep_results(
    docs_dir: Path,
    area: str,
    validations: Sequence[TableValidation],
    checked: Checked,
    relations: Sequence[str] | None = None,
) -> None:
    """Replace the results of an area (one of ``AREAS``), which ``render_data_docs`` shows.

    An area may be checked part by part: what is kept of others of its ``relations`` stays, in their
    order. None: what is checked is all there is.
    """
    folder = docs_dir / area
    before = (_kept(folder / _RESULTS) or {}).get("tables", [])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    about = {
        "at": checked.at.isoformat(timespec="seconds"),
        "run_id": checked.run_id,
        "as_of_date": checked.as_of_date.isoformat() if checked.as_of_date else None,
    }
    tables = [{**_table(validation), **about} for validation in validations]
    if relations is not None:
        again = {table["relation"] for table in tables}
        others = (t for t in before if t["relation"] in relations and t["relation"] not in again)
        tables = sorted([*tables, *others], key=lambda table: relations.index(table["relation"]))
    results = {"format": _FORMAT, **about, "tables": tables}
    _write(folder / _RESULTS, json.dumps(results, indent=1, ensure_ascii=False))


def render_data_docs(docs_dir: Path, published: PublishedVersion | None) -> Path:
    """Render the kept results as ``index.html``; the same, byte for byte, for the same results.

    The page is one file that needs no network and no script. ``published`` is the version that
    people read now.
    """
    kept = {area: _kept(docs_dir / area / _RESULTS) for area in AREAS}
    areas = [
        {
            **results,
            "key": area,
            "name": AREAS[area],
            "checked": _checked(results),
            "tables": [{**table, "checked": _checked(table)} for table in results["tables"]],
        }
        for area, results in kept.items()
        if results
    ]
    newest = max(areas, key=lambda area: str(area["at"]), default=None)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    tables = [table for area in areas for table in area["tables"]]
    page = environment.get_template(_TEMPLATE).render(
        areas=areas,
        newest=newest,
        facts=_facts(areas, newest, published),
        counts=[
            (state, sum(table["counts"][state] for table in tables))
            for state in _ORDER
            if state in ("blocks", "warns", "met")
            or any(table["counts"][state] for table in tables)
        ],
        broken=_broken(tables),
        has_report=published is not None,
        consequence={
            "critical": "blocks the run",
            "warning": "warns",
            "info": "is noted",
        },
    )
    return _write(docs_dir / "index.html", page)


def _broken(tables: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was not met, worst first; once where one rule warns of a few rows and blocks at many."""
    found: list[dict[str, Any]] = []
    for state in _BROKEN.values():
        for table in tables:
            here = [one for one in table["judgements"] if one["state"] in _BROKEN.values()]
            found += [
                one
                for one in here
                if one["state"] == state
                and not any(
                    other["state"] == "blocks"
                    and other["column"] == one["column"]
                    and other["expected"].startswith(f"{one['expected']};")
                    for other in here
                )
            ]
    return found


def _kept(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    # Kept by another version of this module, the area is shown again when it is checked next.
    return results if results.get("format") == _FORMAT else None


def _write(path: Path, text: str) -> Path:
    """Replace the file as a whole."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.write_text(text, encoding="utf-8")
    return unfinished.replace(path)


def _table(validation: TableValidation) -> dict[str, Any]:
    judgements = [_judgement(judgement) for judgement in validation.judgements]
    states = [judgement["state"] for judgement in judgements]
    counts = {state: states.count(state) for state in _ORDER}
    return {
        "name": validation.name,
        "relation": validation.relation,
        "rows": validation.rows,
        "counts": counts,
        "state": next((state for state in _ORDER if counts[state]), "met"),
        "judgements": judgements,
    }


def _judgement(judgement: Judgement) -> dict[str, Any]:
    finding: Finding | None = judgement.finding
    return {
        "column": judgement.column,
        "expected": judgement.expected,
        "severity": judgement.severity,
        "observed": judgement.observed,
        "state": _state(judgement),
        "told": finding.brief if finding else "",
        "examples": list(finding.examples) if finding else [],
    }


def _state(judgement: Judgement) -> str:
    if judgement.finding:
        return _BROKEN[judgement.severity]
    return "met" if judgement.judged else "not judged"


def _checked(results: dict[str, Any]) -> str:
    at = datetime.fromisoformat(results["at"])
    return f"{day(at.date())}, {at:%H:%M} {at.tzname() or ''}".strip()


def _facts(
    areas: Sequence[dict[str, Any]],
    newest: dict[str, Any] | None,
    published: PublishedVersion | None,
) -> list[tuple[str, str]]:
    """What the header says: when, in which run, for which date, and what became of it."""
    if newest is None:
        return []
    run_id = newest["run_id"]
    built = [a["as_of_date"] for a in areas if a["run_id"] == run_id and a["as_of_date"]]
    tables = len({table["relation"] for area in areas for table in area["tables"]})
    facts = [
        ("Checked", newest["checked"]),
        ("Run", run_id),
        ("As of", day(date.fromisoformat(built[-1])) if built else "nothing was built yet"),
    ]
    if published is None:
        facts.append(("Published", "no version of this warehouse"))
    elif published.run_id == run_id:
        facts.append(("Published", f"version {published.version}"))
    else:
        stays = f"version {published.version}, as of {day(published.as_of_date)}"
        facts.append(("Published", f"not from this run; people read {stays}"))
    return [*facts, ("Looked at", count(tables, "table"))]
