"""Where key figures end, against what is agreed or the period before."""

from __future__ import annotations

from collections import Counter

from serving.language import clauses, ended, say
from serving.report import charts
from serving.report.formats import MISSING, amount, day, percent, whole
from serving.report.marks import ACCENT, WARM
from serving.report.marts import Marts, Record
from serving.report.sections.parts import Cell, Section, Table, cells_of, no_customers

KPI, STATUS, REASON = "target_kpi", "target_status", "target_reason"
GOOD, BAD = {"met", "ahead"}, {"missed", "behind"}


def targets(marts: Marts) -> Section:
    """Targets, what has come, and where the period will end."""
    key, title = "targets", say("Targets")
    found = marts.rows(
        "select *, max(period_start) filter (period_start < as_of_date) over (partition by kpi, "
        "period_grain) as newest from marts.kpi_targets order by period_start desc, kpi"
    )
    before = {
        (row["kpi"], row["period_grain"], row["period_end"]): row["actual"]
        for row in found
        if row["is_over"]
    }
    order = marts.names.values(KPI, {row["kpi"] for row in found})
    chosen = [
        row
        for row in found
        if row["target"] is not None
        or (row["period_grain"] == "month" and row["period_start"] == row["newest"])
    ]
    chosen.sort(key=lambda row: order.index(row["kpi"]))
    known = [row for row in chosen if row["actual"] is not None]
    if not known:
        return no_customers(
            marts, key, title, say("No key figure of the current month is known yet.")
        )
    agreed = [row for row in chosen if row["target"] is not None]
    judged = Counter(row["target_status"] for row in agreed)
    headline = (
        clauses(
            [
                say(
                    "Of {} targets {} are met or ahead",
                    len(agreed),
                    judged["met"] + judged["ahead"],
                ),
                say("{} on track", judged["on_track"]),
                say("{} missed or behind", judged["missed"] + judged["behind"]),
            ]
        )
        if agreed
        else say("No target is agreed; this is where the month ends")
    )
    shown = []
    for row in known:
        start = row["period_start"]
        last = next(
            (
                actual
                for (kpi, grain, end), actual in before.items()
                if kpi == row["kpi"] and grain == row["period_grain"] and (start - end).days == 1
            ),
            None,
        )
        base = row["target"] if row["target"] is not None else last
        # Points have no zero to be a share of.
        if base is None or base <= 0 or row["unit"] == "points" or row["projected_end"] is None:
            continue
        value = row["projected_end"] / float(base)
        low, high = (
            value if row[end] is None else row[end] / float(base)
            for end in ("projected_lower", "projected_upper")
        )
        shown.append(
            {
                "line": _line(marts, row),
                "value": value,
                "low": low,
                "high": high,
                "text": percent(value),
                "kind": "bad" if row["target_status"] in BAD else "good",
                "note": say("{}: {} of {}", _line(marts, row), percent(value), _of(row, base)),
            }
        )
    figures = []
    if shown:
        figures.append(
            charts.svg(
                charts.intervals(
                    shown,
                    colours={"good": ACCENT, "bad": WARM},
                    lines=[row["line"] for row in shown],
                    title=say("Projected end, as a share of the target or of the period before"),
                    width=520,
                    maximum=max(1.1, *(row["high"] * 1.1 for row in shown)),
                    is_share=False,
                ),
                key=marts.prefix + key,
                label=say("Projected end of key figures with its interval"),
            )
        )
    return Section(
        key,
        title,
        ended(headline),
        say(
            "What has come by {} is set over the share that came by then in the same weekdays and "
            "holidays of last year, else in the three periods before; the line is what this rule "
            "missed past periods by. Targets are agreed in seeds/targets/targets_agreed.csv.",
            day(chosen[0]["as_of_date"]),
        ),
        figures,
        [_table(marts, chosen)],
    )


def _line(marts: Marts, row: Record) -> str:
    return f"{marts.names(KPI, row['kpi'])} {row['period']}"


def _of(row: Record, value: float | None) -> str:
    if value is None:
        return MISSING
    if row["unit"] == "share":
        return percent(value)
    return whole(value) if row["unit"] == "count" else amount(value)


def _table(marts: Marts, rows: list[Record]) -> Table:
    def interval(row: Record) -> str:
        if row["is_over"] or row["projected_lower"] is None:
            return ""
        return say("{} to {}", _of(row, row["projected_lower"]), _of(row, row["projected_upper"]))

    def status(row: Record) -> Cell:
        mark = {**dict.fromkeys(GOOD, "good"), **dict.fromkeys(BAD, "bad")}
        reason = row["status_reason"]
        return Cell(
            marts.names(STATUS, row["target_status"]),
            aside=marts.names(REASON, reason).lower() if reason else "",
            mark=mark.get(row["target_status"], ""),
        )

    return Table(
        [
            say("Key figure"),
            say("Period"),
            say("Owner"),
            say("Status"),
            say("Target"),
            say("So far"),
            say("Gap"),
            say("Pace"),
            say("Projected end"),
        ],
        [
            [
                *cells_of(
                    marts.names(KPI, row["kpi"]),
                    row["period"],
                    row["owner"] or MISSING,
                ),
                status(row),
                *cells_of(
                    _of(row, row["target"]),
                    _of(row, row["actual"]),
                    _of(row, row["gap"]),
                    percent(row["pace"]),
                ),
                Cell(_of(row, row["projected_end"]), aside=interval(row)),
            ]
            for row in rows
        ],
        text_columns=4,
    )
