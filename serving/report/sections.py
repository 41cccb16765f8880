"""The sections of the report: what each picture shows, in one sentence, and the picture.

A section function takes the marts and returns a ``Section``. Without data it says so in one
sentence, and has no picture.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import sqrt
from typing import Any

from markupsafe import Markup

from serving.report import charts
from serving.report.formats import (
    MISSING,
    amount,
    capitalised,
    cents,
    count,
    day,
    listed,
    month,
    percent,
    points,
    ratio,
    short_day,
    short_month,
    signed,
    whole,
)
from serving.report.labels import (
    ACCENT,
    ATTRIBUTION_MODELS,
    BANDS,
    CHANGE_CAUSES,
    DIRECT,
    DRIVER_LABELS,
    LAPSED,
    LEAVING,
    LOST_SOURCES,
    METRICS,
    MODEL_LABELS,
    MUTED,
    RETURN_MATCHES,
    RHYTHM_LABELS,
    SEGMENT_COLOURS,
    STACK_ORDER,
    STAGES,
    STAKE_LABELS,
    TIER_LABELS,
    UNATTRIBUTED,
    UNSEEN,
    bilingual,
    in_words,
    stage_colour,
    stage_name,
    stage_name_zh,
)
from serving.report.marts import Marts, Record
from serving.stake import AT_RISK

# Longer histories are cut to their end, so that a bar or cell stays wide enough to read.
MONTHS_SHOWN = 24
COHORTS_SHOWN = 18
# A rate of fewer customers is shown, but faintly.
FEW = 20
TENTHS = 10
CUSTOMERS_SHOWN = 10
PROSPECT = "prospect"
ORDER_LINES = "pos.order_lines"
WARNINGS_SHOWN = 30
PANEL_WIDTH = 258
# Titles of the pictures of calibration and of errors, tasks in the order in which they are shown.
CALIBRATED = {
    "churn": "Churn: share without a purchase",
    "purchases": "Purchases per customer",
    "spend": "Net revenue per customer",
}
ERRORS = {
    "churn": ("Churn: log loss", ".2f"),
    "purchases": ("Purchases: error, share of the mean", ",.0%"),
    "spend": ("Net revenue: error, share of the mean", ",.0%"),
}


@dataclass(frozen=True)
class Cell:
    """A cell of a table: text, with an aside after it and a swatch of colour before it."""

    text: str
    aside: str = ""
    colour: str = ""
    mark: str = ""
    """``good``, ``bad``, ``best`` or empty."""


@dataclass(frozen=True)
class Table:
    """A table; the first ``text_columns`` columns are text, the others numbers."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    text_columns: int = 1
    caption: str = ""


@dataclass(frozen=True)
class Section:
    """A headline that says what the picture shows, the picture, and how to read it."""

    key: str
    title: str
    headline: str
    how_to_read: str = ""
    figures: Sequence[Markup] = ()
    tables: Sequence[Table] = ()
    beside: bool = False
    """Whether the tables stand beside the figure instead of below it."""
    wide_tables: Sequence[Table] = ()
    """Tables that need the whole width, below everything else."""
    notes: Sequence[str | Markup] = ()
    has_data: bool = True
    caveat: str = ""
    """Why to take the figures of the headline with care."""


def _nothing(key: str, title: str, sentence: str) -> Section:
    return Section(key, title, sentence, has_data=False)


def _no_customers(marts: Marts, key: str, title: str, sentence: str) -> Section:
    """Without customers who bought, which file would fill the part; else the sentence."""
    missing = marts.caveats.no_customers
    return _nothing(key, title, f"{missing}." if missing else sentence)


def _cells(*texts: str) -> list[Cell]:
    return [Cell(text) for text in texts]


def _stage_label(stage: str) -> str:
    zh = stage_name_zh(stage)
    return f"{stage_name(stage)} {zh}" if zh else stage_name(stage)


def _in_stack_order(stages: set[str]) -> list[str]:
    known = [stage for stage in STACK_ORDER if stage in stages]
    return known + sorted(stages - set(known))


# --- lifecycle -----------------------------------------------------------------------------------


def lifecycle_stages(marts: Marts) -> Section:
    """Customers by stage at every month end, and now."""
    key, title = "lifecycle", "Lifecycle stages"
    now = marts.rows(
        "select lifecycle_stage as stage, count(*) as customers, "
        "sum(trailing_12m_revenue) as revenue, max(as_of_date) as as_of_date "
        "from marts.customer_lifecycle group by lifecycle_stage order by lifecycle_stage"
    )
    prospects = sum(row["customers"] for row in now if row["stage"] == PROSPECT)
    now = [row for row in now if row["stage"] != PROSPECT]
    left = _lost_sources(marts)
    if now and marts.caveats.sales_days is None:
        return _without_sales(marts, now, prospects, left)
    if not now:
        nobody = _no_customers(
            marts, key, title, "No customer is known yet, so there are no stages to show."
        )
        known = f"{count(prospects, 'prospect')} known, nobody has bought. " if prospects else ""
        return replace(nobody, headline=known + nobody.headline)
    last_day = now[0]["as_of_date"] - timedelta(days=1)
    history = marts.rows(
        "select month_end, lifecycle_stage as stage, count(*) as customers "
        "from marts.customer_lifecycle_history where month_end < $last_day "
        f"and lifecycle_stage <> '{PROSPECT}' "
        "group by month_end, lifecycle_stage order by month_end, lifecycle_stage",
        last_day=last_day,
    )
    history += [{**row, "month_end": last_day} for row in now]

    ends = sorted({row["month_end"] for row in history})[-MONTHS_SHOWN:]
    totals: dict[Any, int] = defaultdict(int)
    by_end: dict[Any, dict[str, int]] = defaultdict(dict)
    for row in history:
        totals[row["month_end"]] += row["customers"]
        by_end[row["month_end"]][row["stage"]] = row["customers"]
    stages = _in_stack_order({row["stage"] for row in history if row["month_end"] in ends})
    is_month_end = (last_day + timedelta(days=1)).day == 1
    names = {end: short_month(end) for end in ends}
    if not is_month_end:
        names[last_day] = f"{last_day.day} {short_month(last_day)}"
    chart = charts.stacked_over_time(
        [
            {
                "period": names[row["month_end"]],
                "kind": row["stage"],
                "value": row["customers"],
                "note": f"{day(row['month_end'])}: {stage_name(row['stage'])} "
                f"{whole(row['customers'])} of {whole(totals[row['month_end']])} "
                f"({percent(ratio(row['customers'], totals[row['month_end']]))})",
            }
            for row in history
            if row["month_end"] in ends
        ],
        [names[end] for end in ends],
        {stage: stage_colour(stage) for stage in stages},
        title="Customers",
        width=490,
    )

    customers = sum(row["customers"] for row in now)
    revenue = sum(row["revenue"] for row in now)
    before = ends[-4] if len(ends) > 3 else None
    current = {row["stage"]: row for row in now}
    rows = []
    for stage in reversed(stages):
        found = current.get(stage, {"customers": 0, "revenue": 0})
        change = None if before is None else found["customers"] - by_end[before].get(stage, 0)
        rows.append(
            [
                Cell(stage_name(stage), stage_name_zh(stage), stage_colour(stage)),
                *_cells(
                    whole(found["customers"]),
                    percent(ratio(found["customers"], customers)),
                    percent(ratio(found["revenue"], revenue)),
                    signed(change),
                ),
            ]
        )
    if prospects:
        rows.append(
            [
                Cell(stage_name(PROSPECT), stage_name_zh(PROSPECT), stage_colour(PROSPECT)),
                *_cells(whole(prospects), MISSING, MISSING, MISSING),
            ]
        )
    table = Table(
        [
            "Stage",
            "Customers",
            "Share",
            "Revenue",
            "Change",
        ],
        rows,
    )

    largest = sorted(now, key=lambda row: (-row["customers"], row["stage"]))[:2]
    lapsed = sum(row["customers"] for row in now if row["stage"] in LAPSED)
    parts = [
        f"{percent(ratio(row['customers'], customers))} are {stage_name(row['stage']).lower()}"
        for row in largest
    ]
    if lapsed and not {row["stage"] for row in largest} & set(LAPSED):
        parts.append(f"{percent(ratio(lapsed, customers))} are dormant or lost")
    headline = f"Of {count(customers, 'customer')}, {listed(parts)}"
    if before is not None:
        then = sum(by_end[before].get(stage, 0) for stage in LAPSED)
        headline += (
            f"; dormant and lost together went from {whole(then)} to {whole(lapsed)} since the "
            f"end of {month(before)}"
        )
    if prospects:
        headline += f"; {count(prospects, 'prospect')} who never bought are not counted"
    return Section(
        key,
        title,
        headline + ".",
        "Each bar is the base at the end of a month, split by stage; a customer is in "
        "exactly one. What counts as silence depends on the customer's own rhythm."
        + (
            " The first months hold many new customers because the data begin there."
            if len(ends) > 1 and ends[0] == history[0]["month_end"]
            else ""
        )
        + f" Revenue: share of that of the {marts.caveats.last_year}."
        + (f" Change: customers since {day(before)}." if before else ""),
        [charts.svg(chart, key=key, label="Customers by lifecycle stage over time")],
        [table],
        beside=True,
        notes=[f"Lost, by what says so: {listed(left)}."] if left else [],
        caveat=_joined(
            f"{marts.caveats.history}, and whoever was a customer before them counts as new, "
            "unless a record says otherwise"
            if marts.caveats.history
            else "",
            marts.caveats.customers,
        ),
    )


def _lost_sources(marts: Marts) -> list[str]:
    """What says of the lost that they are, where it is not silence alone; of how many each."""
    source = marts.column_or_null("customer_lifecycle", "lost_source")
    found = marts.rows(
        f"select {source} as source, count(*) as customers from marts.customer_lifecycle "
        f"where lifecycle_stage = 'lost' and {source} is not null group by 1 order by 2 desc, 1"
    )
    if {row["source"] for row in found} == {"silence"}:
        return []
    names = [bilingual(LOST_SOURCES, row["source"]) for row in found]
    if len(found) < 2:
        return names
    return [f"{whole(row['customers'])} {name}" for row, name in zip(found, names, strict=True)]


def _without_sales(marts: Marts, now: list[Record], prospects: int, left: list[str]) -> Section:
    """Who left by a record, of all who are known: nobody was seen to buy."""
    gone = sum(row["customers"] for row in now)
    share = percent(ratio(gone, gone + prospects))
    return _nothing(
        "lifecycle",
        "Lifecycle stages",
        f"Of {count(gone + prospects, 'known customer')}, {whole(gone)} ({share}) "
        f"{'is' if gone == 1 else 'are'} lost"
        + (f" ({listed(left)})" if left else "")
        + f"; what the others do is not known. {marts.caveats.no_customers}.",
    )


def transitions(marts: Marts) -> Section:
    """From which stage to which customers went in the last month."""
    key, title = "transitions", "Movements between stages"
    found = marts.rows(
        "select * from marts.lifecycle_transitions where month_end = "
        "(select max(month_end) from marts.lifecycle_transitions "
        f"where from_stage not in ('{UNSEEN}', '{PROSPECT}')) order by from_stage, to_stage"
    )
    if not found:
        return _no_customers(
            marts, key, title, "Movements show once the base has been seen at two month ends."
        )
    when = found[0]["month_end"]
    seen = [row for row in found if row["from_stage"] not in (UNSEEN, PROSPECT)]
    moves = [row for row in seen if row["is_move"]]
    base = sum(row["customers"] for row in seen)
    moved = sum(row["customers"] for row in moves)

    froms = _in_stage_order({row["from_stage"] for row in seen})
    tos = _in_stage_order({row["to_stage"] for row in seen})
    lines = {
        row["from_stage"]: f"{_stage_label(row['from_stage'])} · {whole(row['from_customers'])}"
        for row in seen
    }
    chart = charts.heat_map(
        [
            {
                "column": _two_lines(row["to_stage"]),
                "line": lines[row["from_stage"]],
                "shade": row["transition_rate"],
                "kind": _kind_of_move(row),
                "text": percent(row["transition_rate"]),
                "small": whole(row["customers"]),
                "note": f"{stage_name(row['from_stage'])} to {stage_name(row['to_stage'])}: "
                f"{count(row['customers'], 'customer')} of {whole(row['from_customers'])}, "
                f"revenue of up to 12 months before {whole(row['value_before'])}",
            }
            for row in seen
        ],
        columns=[_two_lines(stage) for stage in tos],
        lines=[lines[stage] for stage in froms],
        cell=(104, 46),
        column_title=f"Stage at the end of {month(when)}",
        line_title="Stage a month before",
        scale_max=max((row["transition_rate"] for row in moves), default=1.0),
    )

    back = sum(row["customers"] for row in moves if row["to_stage"] == "reactivated")
    silent = [row for row in moves if row["to_stage"] in LAPSED and row["from_stage"] not in LAPSED]
    headline = f"In {month(when)}, {whole(moved)} of {count(base, 'customer')} changed stage"
    if moves:
        top = max(moves, key=lambda row: (row["customers"], row["from_stage"], row["to_stage"]))
        headline += (
            f", most often from {stage_name(top['from_stage']).lower()} to "
            f"{stage_name(top['to_stage']).lower()} ({whole(top['customers'])}); "
            f"{whole(back)} came back from silence and "
            f"{whole(sum(row['customers'] for row in silent))} fell silent"
        )
    remarks = []
    if silent:
        remarks.append(
            "Those who fell silent brought "
            f"{whole(sum(row['value_before'] for row in silent))}{marts.unit} in "
            f"{'the time' if marts.caveats.is_short else 'the twelve months'} before."
        )
    first_seen = sum(
        row["customers"]
        for row in found
        if row["from_stage"] in (UNSEEN, PROSPECT) and row["to_stage"] != PROSPECT
    )
    if first_seen:
        remarks.append(f"{count(first_seen, 'customer')} came into the base in the month.")
    causes = _change_causes(marts, when)
    if causes:
        remarks.append(f"What changed the stage: {causes}.")
    return Section(
        key,
        title,
        headline + ".",
        "Each line is what became of the customers of one stage within the month: share on top, "
        "customers below. Grey: stayed. Brown: moved closer to leaving. Blue: moved otherwise. The "
        "darker, the more of the line went there.",
        [charts.svg(chart, key=key, label=f"Transitions between stages in {month(when)}")],
        notes=[" ".join(remarks)] if remarks else [],
    )


def _change_causes(marts: Marts, when: date) -> str:
    cause = marts.column_or_null("customer_lifecycle_history", "change_cause")
    found = marts.rows(
        f"select {cause} as cause, count(*) as customers from marts.customer_lifecycle_history "
        f"where month_end = $when and {cause} <> 'first_seen' group by 1 order by 2 desc, 1",
        when=when,
    )
    return ", ".join(
        f"{bilingual(CHANGE_CAUSES, row['cause'])} {whole(row['customers'])}" for row in found
    )


def _kind_of_move(row: Record) -> str:
    if not row["is_move"]:
        return "stayed"
    before, after = (
        LEAVING.index(row[stage]) if row[stage] in LEAVING else -1
        for stage in ("from_stage", "to_stage")
    )
    return "worse" if after > before else "moved"


def _in_stage_order(stages: set[str]) -> list[str]:
    return sorted(stages, key=[*STAGES, *sorted(stages)].index)


def _two_lines(stage: str) -> str:
    return f"{stage_name(stage)}|{stage_name_zh(stage)}"


def periods(marts: Marts) -> Section:
    """Customers who bought in each month: new, returning, resurrected, and who stayed away."""
    key, title = "periods", "Who bought, who stayed away"
    found = marts.rows(
        "select *, row_number() over (order by period_start) as position "
        "from marts.lifecycle_periods where period_grain = 'month' and is_complete "
        "order by period_start"
    )
    if len(found) < 2:
        return _no_customers(marts, key, title, "This view needs two whole months of sales.")
    shown = [row for row in found if row["position"] > 1][-MONTHS_SHOWN:]
    kinds = {
        "New": ("new_customers", 1, STAGES["new"].colour),
        "Came back after a month or more without": (
            "resurrected_customers",
            1,
            STAGES["reactivated"].colour,
        ),
        "Bought the month before, not in this one": (
            "dormant_customers",
            -1,
            STAGES["dormant"].colour,
        ),
    }
    chart = charts.gains_and_losses(
        [
            {
                "period": short_month(row["period_start"]),
                "kind": kind,
                "value": sign * row[column],
                "note": f"{month(row['period_start'])}: {whole(row[column])} · {kind}",
            }
            for row in shown
            for kind, (column, sign, _) in kinds.items()
        ],
        [
            {
                "period": short_month(row["period_start"]),
                "value": row["active_customers"],
                "note": f"{month(row['period_start'])}: "
                f"{count(row['active_customers'], 'customer')} bought, "
                f"{whole(row['returning_customers'])} of them also the month before",
            }
            for row in shown
        ],
        [short_month(row["period_start"]) for row in shown],
        {kind: colour for kind, (_, _, colour) in kinds.items()},
        width=940,
    )
    last, previous = found[-1], found[-2]
    change = last["active_customers"] - previous["active_customers"]
    compared = (
        f"{whole(abs(change))} {'more' if change > 0 else 'fewer'} than"
        if change
        else "as many as in"
    )
    headline = (
        f"{count(last['active_customers'], 'customer')} bought in {month(last['period_start'])}, "
        f"{compared} {'in ' if change else ''}{previous['period_start']:%B}: "
        f"{whole(last['new_customers'])} for the first time, "
        f"{whole(last['resurrected_customers'])} came back, "
        f"{whole(last['dormant_customers'])} of {previous['period_start']:%B}'s buyers stayed away."
    )
    known = sum(row.get("known_before_customers") or 0 for row in shown)
    return Section(
        key,
        title,
        headline,
        "The lower bars explain the change of the upper ones: this month = last month + new + came "
        "back − stayed away. Whole months only; the first month of the data is left out, since "
        "everybody is new in it."
        + (
            f" Came back includes {count(known, 'customer')} who, by their records, bought before "
            "the data begin."
            if known
            else ""
        ),
        [charts.svg(chart, key=key, label="Active customers by month, gains and losses")],
    )


def cohorts(marts: Marts) -> Section:
    """Share of each month's new customers who bought again, by months since."""
    key, title = "cohorts", "Retention of new customers"
    found = marts.rows(
        "select * from marts.cohort_retention where cohort_grain = 'month' and is_mature "
        "and cohort_age > 0 order by cohort_start, cohort_age"
    )
    if not found:
        return _no_customers(marts, key, title, "No cohort has a whole month behind it yet.")
    if not any(row["active_customers"] for row in found):
        followed = {row["cohort_start"]: row["cohort_customers"] for row in found}
        customers = count(sum(followed.values()), "customer")
        return _nothing(key, title, f"Of {customers} nobody bought in a later month.")
    starts = sorted({row["cohort_start"] for row in found})[-COHORTS_SHOWN:]
    shown = [
        row for row in found if row["cohort_start"] in starts and row["cohort_age"] <= MONTHS_SHOWN
    ]
    ages = sorted({row["cohort_age"] for row in shown})

    def name(row: Record) -> str:
        star = "*" if row["is_left_censored"] else ""
        return f"{short_month(row['cohort_start'])}{star} · {whole(row['cohort_customers'])}"

    lines = {row["cohort_start"]: name(row) for row in shown}
    new = [row for row in found if not row["is_left_censored"]]
    pooled = {
        age: (
            sum(row["active_customers"] for row in new if row["cohort_age"] == age),
            sum(row["cohort_customers"] for row in new if row["cohort_age"] == age),
        )
        for age in ages
    }
    starred = any(row["is_left_censored"] for row in shown)
    pooled_line = "All but *" if starred else "All"
    cells: list[dict[str, Any]] = [
        {
            "column": str(row["cohort_age"]),
            "line": lines[row["cohort_start"]],
            "shade": None if row["is_left_censored"] else row["retention_rate"],
            "kind": "faint" if row["cohort_customers"] < FEW else "",
            "text": percent(row["retention_rate"]),
            "note": f"First bought in {month(row['cohort_start'])}, {row['cohort_age']} months "
            f"later: {whole(row['active_customers'])} of {whole(row['cohort_customers'])} bought, "
            f"95% interval {percent(row['retention_rate_low'])} to "
            f"{percent(row['retention_rate_high'])}",
        }
        for row in shown
    ]
    cells += [
        {
            "column": str(age),
            "line": pooled_line,
            "shade": active / total,
            "kind": "faint" if total < FEW else "",
            "text": percent(active / total),
            "note": f"{age} months later: {whole(active)} of {whole(total)} bought",
        }
        for age, (active, total) in pooled.items()
        if total
    ]
    rates = [cell["shade"] for cell in cells if cell["shade"] is not None and not cell["kind"]]
    chart = charts.heat_map(
        cells,
        columns=[str(age) for age in ages],
        lines=[*(lines[start] for start in starts), *([pooled_line] if new else [])],
        cell=(min(72, 860 // len(ages)), 30),
        column_title="Months since the month of the first purchase",
        scale_min=min(rates, default=0.0),
        scale_max=max(rates, default=1.0),
    )
    if new:
        customers = sum({row["cohort_start"]: row["cohort_customers"] for row in new}.values())
        solid = [age for age, (_, total) in pooled.items() if total >= FEW]
        parts = [
            f"{percent(ratio(*pooled[age]))} "
            + ("bought in the month after their first purchase" if age == 1 else f"in month {age}")
            for age in (1, 3, 6, 12)
            if age in solid
        ]
        headline = (
            f"Of {count(customers, 'new customer')}, {listed(parts)}."
            if parts
            else f"{count(customers, 'new customer')} can be followed: too few for a rate to hold."
        )
    else:
        headline = (
            "Only months near the beginning of the data have a later month to look at, and their "
            "customers are not all new."
        )
    return Section(
        key,
        title,
        headline,
        "Each line is the customers who first bought in a month, with their number; each cell the "
        "share of them who bought in that later month. Only months that are over. Pale cells "
        f"rest on fewer than {FEW} customers."
        + (
            " * So near the beginning of the data a month mixes new customers with old ones: it is "
            "left out of the last line and the colours."
            if starred
            else ""
        ),
        [charts.svg(chart, key=key, label="Cohort retention by month")],
        caveat=_left_out(found),
    )


def _left_out(found: Sequence[Record]) -> str:
    """Whose retention is not told, because the data begin with them."""
    old = {row["cohort_start"]: row["cohort_customers"] for row in found if row["is_left_censored"]}
    if not old:
        return ""
    return (
        f"without {count(sum(old.values()), 'customer')} first seen so near the beginning of the "
        "data that they may have bought before, or known before it"
    )


def lifecycle_quality(marts: Marts) -> Section:
    """What customers did after they had been put in a stage."""
    key, title = "quality", "How often the stages are right"
    found = marts.rows(
        "select * from marts.lifecycle_quality where entries > 0 "
        "order by return_rate desc, lifecycle_stage, rhythm_class"
    )
    overall = {row["lifecycle_stage"]: row for row in found if row["rhythm_class"] == "(all)"}
    lapsed = [stage for stage in LAPSED if stage in overall]
    if not lapsed:
        return _no_customers(
            marts,
            key,
            title,
            "No call of dormant or lost is old enough to be judged by what happened next.",
        )
    horizon = found[0]["horizon_days"]

    def record(row: Record, line: str, kind: str) -> dict[str, Any]:
        return {
            "line": line,
            "kind": kind,
            "value": row["return_rate"],
            "low": row["return_rate_low"],
            "high": row["return_rate_high"],
            "text": percent(row["return_rate"]),
            "note": f"{line}: {whole(row['returned_customers'])} of {whole(row['entries'])} bought "
            f"again within {horizon} days, 95% interval {percent(row['return_rate_low'])} to "
            f"{percent(row['return_rate_high'])}",
        }

    stages = list(overall)
    left = [
        record(overall[stage], f"{_stage_label(stage)} · {whole(overall[stage]['entries'])}", stage)
        for stage in stages
    ]
    right = [
        record(
            row,
            f"{stage_name(row['lifecycle_stage'])}, "
            f"{RHYTHM_LABELS[rhythm].lower()} · {whole(row['entries'])}",
            row["lifecycle_stage"],
        )
        for stage in lapsed
        for rhythm in RHYTHM_LABELS
        for row in found
        if row["lifecycle_stage"] == stage and row["rhythm_class"] == rhythm
    ]
    colours = {stage: stage_colour(stage) for stage in stages}
    chart = charts.side_by_side(
        charts.intervals(
            left,
            colours=colours,
            lines=[row["line"] for row in left],
            title=f"Bought again within {horizon} days of entering",
            width=300,
        ),
        charts.intervals(
            right,
            colours=colours,
            lines=[row["line"] for row in right],
            title="Dormant and lost, by the customer's usual rhythm",
            width=250,
        ),
        spacing=40,
    )
    parts = [
        f"{percent(overall[stage]['return_rate'])} of the {whole(overall[stage]['entries'])} "
        f"called {stage_name(stage).lower()} "
        f"({percent(overall[stage]['return_rate_low'])} to "
        f"{percent(overall[stage]['return_rate_high'])})"
        for stage in lapsed
    ]
    return Section(
        key,
        title,
        f"The false-lapse rate: {listed(parts)} bought again within {horizon} days.",
        "Dots are the share of customers who bought again after they entered the stage, lines the "
        "95% interval, numbers beside the names how often a stage was entered. Far right is good "
        "for a living stage; for dormant and lost it is the share of calls that proved false.",
        [charts.svg(chart, key=key, label="Return rate after entering each stage")],
    )


# --- segments and value --------------------------------------------------------------------------


def rfm_segments(marts: Marts) -> Section:
    """Share of customers and of revenue by RFM segment."""
    key, title = "segments", "RFM segments"
    found = marts.rows(
        "select segment, segment_rank, segment_label_en as en, segment_label_zh as zh, "
        "count(*) as customers, coalesce(sum(monetary_value), 0) as revenue "
        "from marts.customer_rfm where segment <> 'prospects' "
        "group by segment, segment_rank, segment_label_en, segment_label_zh order by segment_rank"
    )
    customers = sum(row["customers"] for row in found)
    revenue = sum(row["revenue"] for row in found)
    if not revenue:
        return _no_customers(
            marts, key, title, "Nobody has bought in the window that RFM looks at."
        )
    colours = {
        f"{row['en']} {row['zh']}": SEGMENT_COLOURS.get(row["segment"], MUTED) for row in found
    }
    chart = charts.share_bars(
        [
            {
                "panel": panel,
                "line": f"{row['en']} {row['zh']}",
                "value": ratio(row[measure], total),
                "text": f"{percent(ratio(row[measure], total))} · {whole(row[measure])}",
                "note": f"{row['en']}: {count(row['customers'], 'customer')}, "
                f"revenue {whole(row['revenue'])}, per customer "
                f"{whole(row['revenue'] / row['customers'])}",
            }
            for row in found
            for panel, measure, total in (
                ("Share of customers", "customers", customers),
                ("Share of revenue", "revenue", revenue),
            )
        ],
        colours=colours,
        lines=list(colours),
        panels=["Share of customers", "Share of revenue"],
        width=355,
    )
    top: list[Record] = []
    for row in sorted(found, key=lambda row: (-row["revenue"], row["segment_rank"])):
        top.append(row)
        if sum(row["revenue"] for row in top) >= revenue / 2:
            break
    names = listed([row["en"] if i == 0 else row["en"].lower() for i, row in enumerate(top)])
    return Section(
        key,
        title,
        f"{names}: {percent(ratio(sum(row['customers'] for row in top), customers))} of the "
        f"customers bring {percent(ratio(sum(row['revenue'] for row in top), revenue))} of the "
        "revenue.",
        "Segments follow from how recently, how often and for how much a customer bought within "
        "the window. Where the right bar is longer than the left one, a customer is worth more "
        "than the average.",
        [charts.svg(chart, key=key, label="Customers and revenue by RFM segment")],
        caveat=_joined(marts.caveats.history, marts.caveats.few, marts.caveats.customers),
    )


def rfm_grid(marts: Marts) -> Section:
    """Recency by frequency: customers, revenue, and the prediction against what came true."""
    key, title = "rfm-grid", "RFM grid"
    found = marts.rows("select * from marts.rfm_heatmap order by recency_band, frequency_band")
    now = [row for row in found if row["snapshot"] == "current"]
    customers = sum(row["customers"] for row in now)
    revenue = sum(row["net_revenue"] for row in now)
    if not customers:
        return _no_customers(marts, key, title, "Nobody has bought yet, so the grid is empty.")

    def grid(rows: list[Record], title: str, values: Callable[[Record], dict[str, Any]]) -> Any:
        cells = [
            {
                "column": str(row["frequency_band"]),
                "line": str(row["recency_band"]),
                "kind": "faint" if 0 < row["customers"] < FEW else "",
                "shade": None,
                "text": "",
                "small": "",
                **values(row),
            }
            for row in rows
        ]
        shades = [cell["shade"] for cell in cells if cell["shade"] is not None]
        return charts.heat_map(
            cells,
            columns=list("12345"),
            lines=list("54321"),
            cell=(54, 46),
            title=title,
            column_title="Frequency, 5 most often",
            line_title="Recency, 5 most recent",
            top_axis=False,
            scale_min=min([*shades, 0.5]) if "again" in title else 0.0,
            scale_max=max(shades, default=1.0),
        )

    def where(row: Record) -> str:
        return f"Recency {row['recency_band']}, frequency {row['frequency_band']}"

    panels = [
        grid(
            now,
            "Customers",
            lambda row: {
                "shade": ratio(row["customers"], customers) if row["customers"] else None,
                "kind": "",
                "text": whole(row["customers"]) if row["customers"] else "",
                "small": percent(ratio(row["customers"], customers)) if row["customers"] else "",
                "note": f"{where(row)}: {count(row['customers'], 'customer')}",
            },
        ),
        grid(
            now,
            "Revenue",
            lambda row: {
                "shade": ratio(row["net_revenue"], revenue) if row["customers"] else None,
                "kind": "",
                "text": percent(ratio(row["net_revenue"], revenue)) if row["customers"] else "",
                "small": _thousands(row["net_revenue"]) if row["customers"] else "",
                "note": f"{where(row)}: revenue {whole(row['net_revenue'])}",
            },
        ),
    ]
    headline = _best_cell(now, customers, revenue)
    how = (
        "Scores 1 to 5 are fifths of the base, equal customers in one. Customers and revenue: now. "
    )
    held = [row for row in found if row["snapshot"] == "holdout"]
    judged = [row for row in held if row["predicted_purchase_rate"] is not None]
    if any(row["customers"] for row in held):
        horizon = held[0]["horizon_days"]
        panels.append(
            grid(
                held,
                f"Bought again within {horizon} days",
                lambda row: {
                    "shade": row["actual_purchase_rate"],
                    "text": percent(row["actual_purchase_rate"]) if row["customers"] else "",
                    "small": percent(row["predicted_purchase_rate"])
                    if row["predicted_purchase_rate"] is not None
                    else "",
                    "note": f"{where(row)}: {count(row['customers'], 'customer')}, "
                    f"{percent(row['actual_purchase_rate'])} bought again, predicted "
                    f"{percent(row['predicted_purchase_rate'])}",
                },
            )
        )
        how += (
            f"Bought again: the same grid as of {day(held[0]['snapshot_date'])}; in large print "
            f"what happened in the {horizon} days after"
            + (", in small print what the model had predicted" if judged else "")
            + f". Pale cells hold fewer than {FEW} customers."
        )
    if judged:
        weight = sum(row["predicted_customers"] for row in judged)
        gap = sum(
            row["predicted_customers"]
            * abs(row["predicted_purchase_rate"] - row["actual_purchase_rate"])
            for row in judged
        )
        headline += (
            "; predictions of who buys again are off by "
            f"{points(gap / weight)} on average over the cells"
        )
    return Section(
        key,
        title,
        headline + ".",
        how,
        [
            charts.svg(
                charts.side_by_side(*panels, spacing=30),
                key=key,
                label="RFM grid: customers, revenue, and purchases predicted and actual",
            )
        ],
        caveat=_joined(marts.caveats.history, marts.caveats.few, marts.caveats.customers),
    )


def _best_cell(cells: Sequence[Record], customers: int, revenue: Any) -> str:
    """What the best cell brings, or else the one that brings most."""

    def brings(row: Record) -> str:
        return (
            f"{percent(ratio(row['customers'], customers))} of all, "
            f"{'brings' if row['customers'] == 1 else 'bring'} "
            f"{percent(ratio(row['net_revenue'], revenue))} of the revenue"
        )

    top = next(row for row in cells if row["recency_band"] == 5 and row["frequency_band"] == 5)
    if top["customers"]:
        who = f"The {count(top['customers'], 'customer')} who bought most recently and most often"
        return f"{who}, {brings(top)}"
    if sum(1 for row in cells if row["customers"]) == 1:
        who = "The only customer is" if customers == 1 else f"All {whole(customers)} customers are"
        return f"{who} in one cell, so that the grid tells nobody apart yet"
    most = max(cells, key=lambda row: (row["net_revenue"], row["customers"]))
    return (
        f"{count(most['customers'], 'customer')} with recency {most['recency_band']} and frequency "
        f"{most['frequency_band']}, {brings(most)}; no cell brings more"
    )


def _thousands(value: Any) -> str:
    return f"{float(value) / 1000:,.0f}k" if value >= 10_000 else whole(value)


# Prospects have no place among tenths of customers, nor has who gave everything back.
_HAS_BOUGHT = "(valid_order_count > 0 or clv_365d is not null)"


def value_distribution(marts: Marts) -> Section:
    """How unequal customers are in what they brought and in what they are expected to bring."""
    key, title = "value", "Value of the base"
    totals = marts.row(
        "select count(*) as customers, sum(clv_365d) as year, sum(clv_lifetime) as lifetime, "
        f"max(clv_basis) as basis from marts.customer_value where {_HAS_BOUGHT}"
    )
    expected_name = f"Expected {_basis(totals['basis'])}, next 12 months"
    measures = {
        name: (shares, colour, total)
        for name, column, colour in (
            (expected_name, "clv_365d", ACCENT),
            (f"Net revenue, {marts.caveats.last_year}", "net_revenue_365d", "#b9c7d4"),
        )
        for shares, total in [_by_tenth(marts, column)]
        if total > 0
    }
    if not measures:
        return _no_customers(
            marts, key, title, "No customer has brought revenue or is expected to."
        )
    customers = totals["customers"]
    is_expected = expected_name in measures
    shares, _, total = next(iter(measures.values()))

    figures = []
    if customers >= TENTHS:
        chart = charts.paired_bars(
            [
                {
                    "column": str(tenth),
                    "kind": kind,
                    "value": share,
                    "note": f"Tenth {tenth}: {percent(share)} of the total · {kind}",
                }
                for kind, (by_tenth, _, _) in measures.items()
                for tenth, share in by_tenth.items()
            ],
            columns=[str(tenth) for tenth in range(1, TENTHS + 1)],
            colours={kind: colour for kind, (_, colour, _) in measures.items()},
            width=500,
            title="Tenth of the customers, best first",
        )
        figures.append(charts.svg(chart, key=key, label="Share of value by tenth of customers"))

    if is_expected:
        headline = (
            f"Customers are expected to bring {whole(total)}{marts.unit} of "
            f"{_basis(totals['basis'])} in the "
            "next twelve months"
        )
        if customers >= TENTHS:
            headline += f", {percent(shares[1])} of it from the best tenth"
    else:
        headline = f"The base brought {whole(total)}{marts.unit} in {_the_last_year(marts)}"
        if customers >= TENTHS:
            headline += f", {percent(shares[1])} of it from the best tenth of customers"
        headline += (
            "; there are no scores, so nothing is said about the future"
            if totals["year"] is None
            else f"; {whole(totals['year'])} is expected in the next twelve"
        )
    how = []
    if figures:
        how.append(
            "Customers are lined up by value and cut into ten groups of equal size; a bar is a "
            "group's share of the total. In a base of equal customers all bars would stand at 10%."
        )
    if is_expected:
        how.append(
            "Expected value is discounted to today; its basis is "
            + (
                "contribution, what remains of net revenue after the cost of goods, as most of the "
                "revenue has known costs."
                if totals["basis"] == "contribution"
                else "net revenue, as costs are not known for enough of it."
            )
            + f" A lifetime {_ends(marts)}; no back-test reaches so far{_why_lifetime(marts)}."
        )
    return Section(
        key,
        title,
        headline + ".",
        " ".join(how),
        figures,
        [_value_tiers(marts, total), _outlook(marts)] if is_expected else [],
        beside=True,
        caveat=marts.caveats.value,
    )


def lifetime_years(marts: Marts) -> str:
    """After how many years a lifetime ends; empty if it is not known."""
    column = marts.column_or_null("customer_value", "lifetime_years")
    years = marts.value(f"select max({column}) from marts.customer_value")
    return f"{years:g}" if years else ""


def _why_lifetime(marts: Marts) -> str:
    """Why there is none, or on how little history it stands."""
    column = marts.column_or_null("customer_value", "lifetime_reason")
    reason = marts.value(f"select max({column}) from marts.customer_value")
    return f" ({reason})" if reason else ""


def _ends(marts: Marts) -> str:
    years = lifetime_years(marts)
    return f"ends after {years} years" if years else "is cut off after some years"


def _the_last_year(marts: Marts) -> str:
    return marts.caveats.last_year if marts.caveats.is_short else "the last twelve months"


def _basis(basis: str | None) -> str:
    return "contribution" if basis == "contribution" else "net revenue"


def _value_tiers(marts: Marts, total: Any) -> Table:
    """What the tiers are worth over twelve months and a lifetime."""
    tiers = {
        row["value_tier"]: row
        for row in marts.rows(
            "select value_tier, count(*) as customers, sum(clv_365d) as value, "
            "sum(clv_lifetime) as lifetime "
            f"from marts.customer_value where {_HAS_BOUGHT} "
            "group by value_tier order by value_tier"
        )
    }
    return Table(
        ["Tier", "Customers", "12 months", "Share", "Each", f"{_lifetime(marts)}, untested"],
        [
            _cells(
                TIER_LABELS.get(tier, in_words(tier)),
                whole(tiers[tier]["customers"]),
                whole(tiers[tier]["value"]),
                percent(ratio(tiers[tier]["value"], total)),
                amount(ratio(tiers[tier]["value"], tiers[tier]["customers"])),
                whole(tiers[tier]["lifetime"]),
            )
            for tier in sorted(tiers, key=[*TIER_LABELS, *tiers].index)
        ],
    )


def _lifetime(marts: Marts) -> str:
    years = lifetime_years(marts)
    return f"{years} years" if years else "Lifetime"


def _outlook(marts: Marts) -> Table:
    """What all customers together are expected to do, before any discount."""
    days = (30, 90, 365)
    sums = marts.row(
        "select "
        + ", ".join(
            f"fsum(expected_purchases_{n}d) as purchases_{n}, sum(expected_spend_{n}d) as spend_{n}"
            for n in days
        )
        + " from marts.customer_value"
    )
    return Table(
        ["All customers, not discounted", *(f"{n} days" for n in days)],
        [
            _cells(name, *(whole(sums[f"{measure}_{n}"]) for n in days))
            for name, measure in (
                ("Expected purchases", "purchases"),
                ("Expected net revenue", "spend"),
            )
        ],
    )


def _by_tenth(marts: Marts, column: str) -> tuple[dict[int, float], Any]:
    """Share of the total by tenth of the customers with a value, best first; and the total."""
    found = marts.rows(
        f"select cast(ceil({TENTHS}.0 * position / customers) as integer) as tenth, "
        "sum(amount) as amount from ("
        f"select {column} as amount, count(*) over () as customers, "
        f"row_number() over (order by {column} desc, customer_id) as position "
        f"from marts.customer_value where {column} is not null and {_HAS_BOUGHT}"
        ") group by 1 order by 1"
    )
    total = sum(row["amount"] for row in found)
    return {row["tenth"]: ratio(row["amount"], total) or 0.0 for row in found}, total


# --- churn ---------------------------------------------------------------------------------------


def churn(marts: Marts) -> Section:
    """Customers at risk and the value that is at risk."""
    key, title = "churn", "Risk of churn"
    found = marts.rows(
        "select coalesce(churn.churn_band, 'not_scored') as band, stages.lifecycle_stage as stage, "
        "count(*) as customers, coalesce(sum(churn.clv_365d), 0) as value, "
        "coalesce(sum(churn.value_at_risk), 0) as at_risk, fsum(churn.p_churn) as expected_churn, "
        "max(churn.churn_horizon_days) as horizon_days "
        "from marts.customer_churn as churn "
        "inner join marts.customer_lifecycle as stages on churn.customer_id = stages.customer_id "
        "where churn.score_reason is distinct from 'no_purchase' group by 1, 2 order by 1, 2"
    )
    scored = [row for row in found if row["band"] != "not_scored"]
    if not scored:
        return _no_customers(marts, key, title, "No customer has a churn score.")
    horizon = max(row["horizon_days"] for row in scored)
    customers = sum(row["customers"] for row in found)
    at_risk = marts.stake.value
    expected = sum(row["expected_churn"] for row in scored)

    def total(band: str, measure: str) -> Any:
        return sum(row[measure] for row in found if row["band"] == band)

    bands = [band for band in BANDS if any(row["band"] == band for row in found)]
    table = Table(
        ["Risk", "Customers", "Share", "Expected value", "Value at risk", "Share"],
        [
            [
                Cell(BANDS[band][0], colour=BANDS[band][1]),
                *_cells(
                    whole(total(band, "customers")),
                    percent(ratio(total(band, "customers"), customers)),
                    whole(total(band, "value")),
                    whole(total(band, "at_risk")),
                    percent(ratio(total(band, "at_risk"), at_risk)),
                ),
            ]
            for band in bands
        ]
        + [
            [
                Cell("All", mark="total"),
                *_cells(
                    whole(customers),
                    percent(1),
                    whole(sum(row["value"] for row in found)),
                    whole(at_risk),
                    percent(ratio(at_risk, at_risk)),
                ),
            ]
        ],
    )
    by_stage: dict[str, float] = defaultdict(float)
    for row in scored:
        by_stage[row["stage"]] += float(row["at_risk"])
    stages = [stage for stage in sorted(by_stage, key=lambda s: -by_stage[s]) if by_stage[stage]]
    figures = []
    if stages:
        drawn = [band for band in ("high", "medium", "low") if band in bands]
        chart = charts.stacked_lines(
            [
                {
                    "line": _stage_label(row["stage"]),
                    "kind": BANDS[row["band"]][0],
                    "value": float(row["at_risk"]),
                    "note": f"{stage_name(row['stage'])}, risk {BANDS[row['band']][0].lower()}: "
                    f"{whole(row['at_risk'])} at risk, {count(row['customers'], 'customer')}",
                }
                for row in scored
                if row["stage"] in stages
            ],
            lines=[_stage_label(stage) for stage in stages],
            colours={BANDS[band][0]: BANDS[band][1] for band in drawn},
            width=360,
            title="Value at risk by lifecycle stage and churn risk",
        )
        figures.append(charts.svg(chart, key=key, label="Value at risk by lifecycle stage"))
    headline = (
        f"The scores expect {_about(expected)} of {count(customers, 'customer')} not to buy "
        f"within {horizon} days"
    )
    if at_risk:
        headline += (
            f"; if they did after all, they would bring {whole(at_risk)}{marts.unit} of "
            f"{_basis(marts.value('select max(clv_basis) from marts.customer_value'))} in 12 "
            "months, the value at risk"
        )
        if stages:
            share = percent(by_stage[stages[0]] / float(at_risk))
            headline += f": {share} of it is with {stage_name(stages[0]).lower()} customers"
    headline += f"; {marts.stake.whose(whole) if at_risk else marts.stake.who}"
    return Section(
        key,
        title,
        headline + ".",
        f"Churn is no purchase within {horizon} days. Value at risk is the probability of it times "
        "what the customer brings within 12 months if the purchase is made after all. Expected "
        "value, on the other hand, holds the risk already. Many faithful customers with a small "
        "risk can hold more than a few who are almost gone. A driver is what weighs most in a "
        "customer's forecast, next to what is usual.",
        figures,
        [table, *_concentration(marts), *_drivers(marts)],
        beside=True,
        wide_tables=_to_act_on(marts),
        caveat=marts.caveats.risk,
    )


def _about(number: float) -> str:
    return f"about {whole(number)}" if number >= 0.5 else "fewer than 1"


def _concentration(marts: Marts) -> list[Table]:
    """How much of the value at risk is with few customers, whatever their risk."""
    band = marts.column_or_null("customer_churn", "stake_band")
    found = {
        row["band"]: row
        for row in marts.rows(
            f"select {band} as band, count(*) as customers, sum(value_at_risk) as at_risk "
            f"from marts.customer_churn where {band} <> 'not_scored' group by 1 order by 1"
        )
    }
    if not found or not marts.stake.value:
        return []
    return [
        Table(
            ["By value at risk", "Customers", "Value at risk", "Share"],
            [
                _cells(
                    STAKE_LABELS.get(name, in_words(name)),
                    whole(found[name]["customers"]),
                    whole(found[name]["at_risk"]),
                    percent(ratio(found[name]["at_risk"], marts.stake.value)),
                )
                for name in sorted(found, key=[*STAKE_LABELS, *found].index)
            ],
        )
    ]


def _drivers(marts: Marts) -> list[Table]:
    """What weighs most in the forecasts of customers who are at risk."""
    found = marts.rows(
        "select churn_driver as driver, count(*) as customers, "
        "coalesce(sum(value_at_risk), 0) as at_risk from marts.customer_churn "
        f"where churn_band in {AT_RISK} "
        "group by churn_driver order by at_risk desc, customers desc, churn_driver"
    )
    if not any(row["driver"] for row in found):
        return []
    customers = sum(row["customers"] for row in found)
    at_risk = sum(row["at_risk"] for row in found)
    return [
        Table(
            ["Main driver", "Customers", "Share", "Value at risk", "Share"],
            [
                _cells(
                    DRIVER_LABELS.get(row["driver"], in_words(row["driver"]))
                    if row["driver"]
                    else "None stands out",
                    whole(row["customers"]),
                    percent(ratio(row["customers"], customers)),
                    whole(row["at_risk"]),
                    percent(ratio(row["at_risk"], at_risk)),
                )
                for row in found
            ],
            caption="What weighs most in the forecasts at high and medium risk",
        )
    ]


def _to_act_on(marts: Marts) -> list[Table]:
    """Of the customers at risk, those with whom most is at stake."""
    horizon = marts.column_or_null("customer_churn", "next_purchase_horizon_days")
    found = marts.rows(
        "select churn.customer_id, churn.value_at_risk, churn.p_churn, churn.last_purchase_date, "
        "churn.churn_band, stages.lifecycle_stage as stage, churn.expected_next_purchase_date, "
        f"{horizon} as horizon_days, churn.reason_1 "
        "from marts.customer_churn as churn "
        "inner join marts.customer_lifecycle as stages on churn.customer_id = stages.customer_id "
        f"where churn.churn_band in {AT_RISK} and churn.value_at_risk > 0 "
        # The order of risk_rank.
        f"order by churn.value_at_risk desc, churn.customer_id limit {CUSTOMERS_SHOWN}"
    )
    if not found:
        return []
    held = sum(row["value_at_risk"] for row in found)
    return [
        Table(
            [
                "Customer",
                "Stage",
                "Strongest reason",
                "Value at risk",
                "Churn probability",
                "Last purchase",
                "Next one expected",
            ],
            [
                [
                    *_cells(
                        row["customer_id"],
                        stage_name(row["stage"]),
                        row["reason_1"] or "none stands out",
                        whole(row["value_at_risk"]),
                    ),
                    Cell(percent(row["p_churn"]), colour=BANDS[row["churn_band"]][1]),
                    *_cells(
                        short_day(row["last_purchase_date"]),
                        _next_purchase(row),
                    ),
                ]
                for row in found
            ],
            text_columns=3,
            caption=f"To act on: of {marts.stake.who} the {whole(len(found))} with the most at "
            f"stake, {whole(held)} of {whole(marts.stake.held)}{marts.unit}",
        )
    ]


def _next_purchase(row: Record) -> str:
    if row["expected_next_purchase_date"]:
        return short_day(row["expected_next_purchase_date"])
    within = row["horizon_days"]
    return f"not within {count(within, 'day')}" if within else "no date forecast"


def churn_calibration(marts: Marts) -> Section:
    """Forecasts against what happened, the champion beside other models, and drift since."""
    key, title = "calibration", "Can the scores be trusted?"
    tests = marts.rows(
        "select * from marts.model_backtests where slice = 'all' "
        "order by cutoff_date, horizon_days, task, model, metric"
    )
    drift, drifted, alarm = _drift(marts)
    notes = [*_run_notes(marts), *drift]
    # Of horizons that no champion was tested over, only candidates are told.
    horizon = _headline_horizon(marts, {row["horizon_days"] for row in tests if row["is_champion"]})
    if horizon is None:
        nothing = _no_customers(
            marts,
            key,
            title,
            "The scores have not been tested against the past: no back-test was made of the "
            "forecasts in use.",
        )
        return replace(nothing, tables=[*_champions(marts), *drifted], notes=notes)
    tests = [row for row in tests if row["horizon_days"] == horizon]
    cutoff = max(row["cutoff_date"] for row in tests)
    newest = [row for row in tests if row["cutoff_date"] == cutoff]
    figures = []
    panels = _calibration_panels(marts, cutoff, horizon)
    if panels:
        figures.append(
            charts.svg(
                charts.aligned(*panels),
                key=key,
                label="Predicted against actual churn, purchases and spend by tenth of customers",
            )
        )
    errors = _error_over_cutoffs(tests)
    first, last = cutoff + timedelta(days=1), cutoff + timedelta(days=horizon)
    return Section(
        key,
        title,
        _trust_headline(newest, horizon)
        + ("; what has shifted since is listed below." if alarm else "."),
        f"The models saw sales up to {day(cutoff)} and had to predict {day(first)} to {day(last)}. "
        "A dot is a tenth of the customers, by prediction; a bar is the 95% interval of a share. "
        "Axes are stretched near zero. "
        + ("Lines are the errors of the same test at earlier dates. " if errors else "")
        + "In the table the best value of a line is bold, its 95% interval in grey. The champion "
        "is the forecast in use; the naive one repeats what each customer did before.",
        [*figures, *errors],
        [*_scoreboard(newest), *_champions(marts), *drifted],
        notes=notes,
        caveat=marts.caveats.tests,
    )


def _headline_horizon(marts: Marts, tested: set[int]) -> int | None:
    """The tested horizon that is the one of churn, or else the next shorter, or the shortest."""
    if not tested:
        return None
    wanted = marts.value("select max(churn_horizon_days) from marts.customer_churn")
    if wanted is None:
        return max(tested)
    return max((days for days in tested if days <= wanted), default=min(tested))


def _trust_headline(tests: Sequence[Record], horizon: int) -> str:
    value = {(row["task"], row["metric"]): row["value"] for row in tests if row["is_champion"]}
    misses = []
    error = value.get(("churn", "calibration_error"))
    if error is not None:
        misses.append(f"churn probabilities were off by {points(error)} on average")
    for task, name in (("purchases", "total purchases were"), ("spend", "total spend was")):
        bias = value.get((task, "bias"))
        if bias is not None:
            misses.append(f"{name} forecast {_too_much(bias)}")
    if not misses:
        return "The back-test has no result for the forecasts in use"
    headline = f"In the back-test over {count(horizon, 'day')} {listed(misses)}"
    naive = {
        (row["task"], row["metric"]): row["value"]
        for row in tests
        if row["model"] == "naive" and not row["is_champion"]
    }
    pairs = [
        (own, other, better)
        for of, (_, better, _) in METRICS.items()
        if better
        for own, other in [(value.get(of), naive.get(of))]
        if own is not None and other is not None
    ]
    if pairs:
        wins = sum(
            1 for own, other, better in pairs if own != other and _best([own, other], better) == own
        )
        headline += (
            f"; the forecasts in use beat naive ones in {wins} of {count(len(pairs), 'comparison')}"
        )
    return headline


def _too_much(bias: float) -> str:
    size = percent(abs(bias), 1)
    return "as it came" if size == "0.0%" else f"{size} too {'low' if bias < 0 else 'high'}"


def _calibration_panels(marts: Marts, cutoff: date, horizon: int) -> list[charts.Panel]:
    """Predicted against actual means by tenth, for each task of the champion."""
    bins = marts.rows(
        "select * from marts.model_calibration where is_champion and cutoff_date = $cutoff "
        "and horizon_days = $horizon order by task, bin",
        cutoff=cutoff,
        horizon=horizon,
    )
    panels: list[charts.Panel] = []
    for task, title in CALIBRATED.items():
        records = []
        for row in bins:
            if row["task"] != task:
                continue
            predicted, actual = row["predicted_mean"], row["actual_mean"]
            note = f"{count(row['customers'], 'customer')}: predicted "
            low = high = None
            if task == "churn":
                low, high = _wilson(actual, row["customers"])
                note += (
                    f"{percent(predicted)}, actual {percent(actual)}, 95% interval {percent(low)} "
                    f"to {percent(high)}"
                )
            else:
                note += f"{amount(predicted)}, actual {amount(actual)}"
            records.append(
                {"predicted": predicted, "actual": actual, "low": low, "high": high, "note": note}
            )
        if not records:
            continue
        edge = max(max(row["predicted"], row["actual"], row["high"] or 0) for row in records)
        panels.append(
            charts.calibration(
                records,
                title=title,
                width=PANEL_WIDTH,
                maximum=(min(1.0, edge * 1.05) if task == "churn" else edge * 1.05) or 1.0,
                number_format="~%" if task == "churn" else ",~r",
                diagonal="" if panels else "as predicted",
            )
        )
    return panels


def _error_over_cutoffs(tests: Sequence[Record]) -> list[Markup]:
    """Error of the champion and of the naive forecast by cutoff, where there are several."""
    rows = []
    panels = {}
    for task, (title, number_format) in ERRORS.items():
        found = [
            row
            for row in tests
            if (row["task"], row["metric"]) == (task, "loss") and row["value"] is not None
        ]
        own = [row for row in found if row["is_champion"]]
        if len({row["cutoff_date"] for row in own}) < 2:
            continue
        panels[title] = number_format
        naive = [row for row in found if row["model"] == "naive" and not row["is_champion"]]
        rows += [
            {
                "panel": title,
                "kind": kind,
                "date": row["cutoff_date"].isoformat(),
                "value": row["value"],
                "note": f"{kind}, sales up to {day(row['cutoff_date'])}: "
                + (f"{row['value']:.3f}" if task == "churn" else percent(row["value"])),
            }
            for kind, drawn in (("Champion", own), ("Naive", naive))
            for row in drawn
        ]
    if not panels:
        return []
    chart = charts.lines_over_time(
        rows, panels=panels, colours={"Champion": ACCENT, "Naive": "#b9c7d4"}, width=PANEL_WIDTH
    )
    return [charts.svg(chart, key="errors", label="Error of the forecasts by cutoff date")]


def _scoreboard(tests: Sequence[Record]) -> list[Table]:
    """Metrics of the champion, of the purchase model and of the naive forecast."""
    shown = [row for row in tests if (row["task"], row["metric"]) in METRICS]
    others = [name for name in ("btyd", "naive") if any(row["model"] == name for row in shown)]
    rows = []
    for (task, metric), (name, better, meaning) in METRICS.items():
        of_metric = [row for row in shown if (row["task"], row["metric"]) == (task, metric)]
        found = [
            next((row for row in of_metric if row["is_champion"]), None),
            *(next((row for row in of_metric if row["model"] == name), None) for name in others),
        ]
        known = [row["value"] for row in found if row and row["value"] is not None]
        if not known:
            continue
        best = _best(known, better) if better and len(known) > 1 else None
        rows.append(
            [
                Cell(f"{in_words(task)}: {name}", aside=meaning),
                *(_metric_cell(metric, row, best) for row in found),
            ]
        )
    if not rows:
        return []
    customers = max((row["customers"] for row in shown if row["customers"]), default=0)
    columns = ["Champion", *(_model_name(name) for name in others)]
    return [Table([f"Back-test of {count(customers, 'customer')}", *columns], rows)]


def _metric_cell(metric: str, row: Record | None, best: float | None) -> Cell:
    if row is None or row["value"] is None:
        return Cell(MISSING)
    low, high = row["value_low"], row["value_high"]
    return Cell(
        _metric_text(metric, row["value"]),
        aside=""
        if low is None or high is None
        else f"{_metric_text(metric, low)} to {_metric_text(metric, high)}",
        mark="best" if row["value"] == best else "",
    )


def _best(values: Sequence[float], better: str) -> float:
    if better == "high":
        return max(values)
    return min(values) if better == "low" else min(values, key=abs)


def _metric_text(metric: str, value: float) -> str:
    if metric == "bias":
        return f"{100 * value:+.1f}%".replace("-", "−")
    if metric == "interval_coverage":
        return percent(value)
    if abs(value) < 1:
        return f"{value:,.3f}"
    return f"{value:,.2f}" if abs(value) < 10 else f"{value:,.1f}"


def _model_name(model: str) -> str:
    return MODEL_LABELS.get(model, in_words(model))


def _champions(marts: Marts) -> list[Table]:
    """Which forecast is in use for what, and why."""
    runs = marts.rows(
        "select task, horizon_days, model, status, reason, past_windows from marts.model_runs "
        "where is_champion order by task, horizon_days"
    )
    uses: dict[tuple[str, str], dict[str, list[str]]] = {}
    for task in CALIBRATED:
        for row in runs:
            if row["task"] == task:
                why = row["reason"] or MISSING
                use = uses.setdefault((_model_name(row["model"]), why), {})
                use.setdefault(task, []).append(str(row["horizon_days"]))
    if not uses:
        return []
    return [
        Table(
            ["Champion", "Used for", "Why"],
            [
                _cells(
                    model,
                    capitalised(
                        "; ".join(f"{task} ({listed(days)} days)" for task, days in use.items())
                    ),
                    why,
                )
                for (model, why), use in uses.items()
            ],
            text_columns=3,
        )
    ]


def _run_notes(marts: Marts) -> list[str]:
    """What today's scores rest on, and who has none of their own."""
    notes = []
    runs = marts.rows(
        "select max(customers) as customers, min(fit_from) as fit_from, "
        "max(fit_through) as fit_through, max(annual_discount_rate) as discount "
        "from marts.model_runs where status <> 'not_fitted' having count(fit_through) > 0"
    )
    if runs:
        run = runs[0]
        note = (
            f"Scores of today: fitted on {count(run['customers'], 'customer')}, "
            f"{day(run['fit_from'])} to {day(run['fit_through'])}"
        )
        if run["discount"] is not None:
            note += f"; expected value discounted at {percent(run['discount'])} a year"
        notes.append(note + ".")
    notes += [
        f"{count(row['customers'], 'customer')} with "
        + ("a simpler forecast" if row["status"] == "fallback" else "no forecast")
        + (f": {row['reason'].replace('_', ' ')}." if row["reason"] else ".")
        for row in marts.rows(
            # What follows the first reason is about single models.
            "select score_status as status, split_part(score_reason, ';', 1) as reason, "
            "count(*) as customers "
            "from marts.customer_churn where score_status in ('fallback', 'not_scored') "
            "and score_reason is distinct from 'no_purchase' "
            "group by 1, 2 order by 1, 3 desc, 2"
        )
    ]
    return notes


def _drift(marts: Marts) -> tuple[list[str], list[Table], bool]:
    """What has moved since the last fit: a sentence or else a table, and whether it alarms."""
    scores = marts.rows("select * from marts.score_drift order by psi desc, kind, variable")
    champions = marts.rows(
        "select * from marts.champion_drift order by loss_ratio desc, task, horizon_days"
    )
    parts = []
    compared = [row for row in scores if row["drift_status"] != "not_compared"]
    moved = [row for row in compared if row["drift_status"] != "stable"]
    if compared:
        reference = max(compared, key=lambda row: row["reference_cutoff_date"])
        since = day(reference["reference_cutoff_date"])
        if reference["reference_as_of_date"] == reference["as_of_date"]:
            since += " (the back-test, so that a season counts as well)"
        parts.append(
            f"{whole(len(moved)) if moved else 'none'} of "
            f"{count(len(compared), 'input or score', 'inputs and scores')} moved since {since}"
        )
    elif scores:
        parts.append(f"inputs and scores were not compared ({scores[0]['reason']})")
    judged = [row for row in champions if row["drift_status"] != "not_compared"]
    worse = [row for row in judged if row["drift_status"] != "stable"]
    if judged:
        which = (
            f"{whole(len(worse))} of {count(len(judged), 'champion')}" if worse else "no champion"
        )
        parts.append(f"{which} did clearly worse of late than in earlier windows")
    elif champions:
        parts.append(f"champions were not compared with earlier windows ({champions[0]['reason']})")
    sentence = f"Drift: {'; '.join(parts)}." if parts else ""
    rows = [
        [
            Cell(f"{in_words(row['kind'])}: {in_words(row['variable']).lower()}"),
            Cell(f"PSI {row['psi']:.2f}"),
            Cell(row["drift_status"], mark="bad" if row["drift_status"] == "shifted" else ""),
        ]
        for row in moved
    ] + [
        [
            Cell(f"Champion: {row['task']}, {count(row['horizon_days'], 'day')}"),
            Cell(
                f"error {row['loss_ratio']:.2f} times that of "
                f"{count(row['past_windows'], 'earlier window')}"
            ),
            Cell(row["drift_status"], mark="bad"),
        ]
        for row in worse
    ]
    if not rows:
        return ([sentence] if sentence else []), [], False
    table = Table(["Moved", "How far", "Status"], rows, text_columns=3, caption=sentence)
    return [], [table], any(cell.mark for row in rows for cell in row)


def _wilson(share: float, number: int, z: float = 1.959964) -> tuple[float, float]:
    """95% interval of a share of ``number`` (Wilson 1927)."""
    centre = (share + z * z / (2 * number)) / (1 + z * z / number)
    half = z / (1 + z * z / number) * sqrt(share * (1 - share) / number + (z / (2 * number)) ** 2)
    return max(0.0, centre - half), min(1.0, centre + half)


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


# --- channels ------------------------------------------------------------------------------------


def channels(marts: Marts) -> Section:
    """Revenue credited to each channel by attribution model, and what no touch explains."""
    key, title = "channels", "Channel contribution"
    found = marts.rows(
        "select channel_id, max(channel_name) as channel_name, attribution_model as model, "
        "sum(attributed_orders) as orders, sum(net_revenue) as revenue "
        "from marts.channel_contribution group by channel_id, attribution_model "
        "order by channel_id, attribution_model"
    )
    first = min((row["model"] for row in found), default="")
    revenue = sum(row["revenue"] for row in found if row["model"] == first)
    touched = [row for row in found if row["channel_id"] not in (DIRECT, UNATTRIBUTED)]
    if not found or not revenue:
        missing = "" if marts.caveats.sales_days else "the files orders and order_lines are missing"
        return _nothing(
            key,
            title,
            "There is no revenue to share among channels" + (f": {missing}." if missing else "."),
        )
    attributed = sum(row["revenue"] for row in touched if row["model"] == first)
    if not touched or not attributed:
        return _nothing(
            key,
            title,
            f"No order followed a touch of a channel, so all revenue ({whole(revenue)}"
            f"{marts.unit}) is without "
            f"attribution{f'; {marts.caveats.no_touches}' if marts.caveats.no_touches else ''}.",
        )
    models = [model for model in ATTRIBUTION_MODELS if any(row["model"] == model for row in found)]
    models += sorted({row["model"] for row in found} - set(models))
    main = "linear" if "linear" in models else models[0]
    by_channel: dict[str, dict[str, Record]] = defaultdict(dict)
    for row in touched:
        by_channel[row["channel_id"]][row["model"]] = row
    ranked = sorted(
        by_channel, key=lambda channel: (-_revenue(by_channel[channel].get(main)), channel)
    )
    names = {
        channel: next(iter(by_channel[channel].values()))["channel_name"] for channel in ranked
    }
    looks = {model: _model_look(model) for model in models}
    chart = charts.ranges(
        [
            {
                "line": names[row["channel_id"]],
                "kind": looks[row["model"]][0],
                "value": float(row["revenue"]),
                "note": f"{names[row['channel_id']]}, {looks[row['model']][0].lower()}: revenue "
                f"{whole(row['revenue'])} ({percent(ratio(row['revenue'], attributed))} of the "
                f"attributed), {whole(row['orders'])} orders",
            }
            for channel in ranked
            for model in models
            for row in [by_channel[channel].get(model)]
            if row
        ],
        lines=[names[channel] for channel in ranked],
        kinds={name: (colour, shape) for name, colour, shape in looks.values()},
        width=780,
    )

    def line(name: str, rows: dict[str, Record], **style: str) -> list[Cell]:
        amounts = [_revenue(rows.get(model)) for model in models]
        return [
            Cell(name, **style),
            *_cells(*(whole(amount) for amount in amounts)),
            Cell(percent(ratio(_revenue(rows.get(main)), revenue))),
        ]

    rest: dict[str, dict[str, Record]] = {DIRECT: {}, UNATTRIBUTED: {}}
    for row in found:
        if row["channel_id"] in rest:
            rest[row["channel_id"]][row["model"]] = row
    table = Table(
        [
            f"Net revenue{f', {marts.currency}' if marts.currency else ''}",
            *(looks[model][0] for model in models),
            f"Share of all, {looks[main][0].lower()}",
        ],
        [
            *(line(names[channel], by_channel[channel]) for channel in ranked),
            *(
                line(name, rows)
                for name, rows in rest.items()
                if any(row["revenue"] for row in rows.values())
            ),
            line(
                "Total",
                {
                    model: {
                        "revenue": sum(row["revenue"] for row in found if row["model"] == model)
                    }
                    for model in models
                },
                mark="total",
            ),
        ],
    )
    top = [_revenue(row) / float(attributed) for row in by_channel[ranked[0]].values()]
    low, high = percent(min(top)), percent(max(top))
    share = (
        f"{low} under every attribution model"
        if low == high
        else f"{low} to {high} depending on the attribution model"
    )
    return Section(
        key,
        title,
        f"{percent(ratio(attributed, revenue))} of the revenue followed a marketing touch; the "
        f"largest part of that, {share}, goes to "
        f"{names[ranked[0]]}.",
        "Each mark is the revenue that one attribution model credits to the channel: marks close "
        "together mean that the rule hardly matters. Credit says that a touch came before the "
        "order, not that it caused it. (direct) is revenue that only visits to a shop preceded, "
        "(unattributed) revenue without a touch before it; every column adds up to all revenue.",
        [charts.svg(chart, key=key, label="Revenue credited to channels by attribution model")],
        [table],
    )


def _revenue(row: Record | None) -> float:
    return float(row["revenue"]) if row else 0.0


def _model_look(model: str) -> tuple[str, str, str]:
    return ATTRIBUTION_MODELS.get(model, (in_words(model), MUTED, "circle"))


# --- accounting ----------------------------------------------------------------------------------


def identified_share(marts: Marts) -> Section:
    """How much of the sales carries a known customer, by week."""
    key, title = "identified", "What the customer figures stand on"
    found = marts.rows(
        "select week_start_date as week, sum(baskets) as baskets, "
        "sum(identified_baskets) as identified, sum(net_revenue) as revenue, "
        "sum(identified_net_revenue) as identified_revenue "
        "from marts.identified_sales_share group by week_start_date order by week_start_date"
    )
    baskets = sum(row["baskets"] for row in found)
    if not baskets:
        return _no_customers(marts, key, title, "There are no sales yet.")
    identified = sum(row["identified"] for row in found)
    revenue = sum(row["revenue"] for row in found)
    share = ratio(sum(row["identified_revenue"] for row in found), revenue)
    if identified == baskets:
        return Section(
            key,
            title,
            f"All {count(baskets, 'basket')} carry a known customer: the customer figures cover "
            "the whole revenue.",
        )
    if not identified:
        return _nothing(
            key,
            title,
            f"Of {count(baskets, 'basket')} not one names a customer, so nothing is told of "
            "customers; customer_id in orders would fill those parts.",
        )
    weeks = [row for row in found if row["baskets"]]
    chart = charts.line_over_time(
        [
            {
                "date": row["week"].isoformat(),
                "value": row["identified"] / row["baskets"],
                "note": f"Week of {day(row['week'])}: {whole(row['identified'])} of "
                f"{count(row['baskets'], 'basket')}",
            }
            for row in weeks
        ],
        width=940,
    )
    return Section(
        key,
        title,
        f"{percent(identified / baskets)} of the baskets and {percent(share)} of the revenue carry "
        "a known customer; every customer figure in this report is about that part.",
        "The line is the share of each week's baskets whose customer is known.",
        [charts.svg(chart, key=key, label="Share of baskets with a known customer by week")],
    )


def warnings(marts: Marts) -> Section:
    """What the checks warn of, in words."""
    key, title = "warnings", "Warnings"
    found, checks = marts.warnings()
    if not found:
        return _nothing(
            key,
            title,
            f"{count(checks, 'check')} warned; Data Docs say of what."
            if checks
            else "No check warns of anything.",
        )
    shown = found[:WARNINGS_SHOWN]
    more = len(found) - len(shown)
    return Section(
        key,
        title,
        f"The checks let the figures pass with {count(len(found), 'warning')}"
        + (", what matters most first." if len(found) > 1 else "."),
        tables=[Table(["What is not as expected"], [[Cell(text)] for text in shown])],
        notes=[
            Markup(
                f"{f'{more:,} more, and examples' if more else 'Examples'} of the rows: "
                '<a href="../data_docs/index.html">Data Docs</a>.'
            )
        ],
    )


def accounting(marts: Marts) -> Section:
    """Whether every row and every cent is accounted for."""
    key, title = "accounting", "Everything accounted for"
    steps = marts.rows("select * from marts.revenue_reconciliation order by step, item")
    landed = marts.rows("select * from marts.landing_reconciliation order by table_name")
    columns = ", ".join(
        f"{marts.column_or_null('quarantine_reasons', name)} as {name}"
        for name in ("net_revenue", "first_event_date", "last_event_date", "example_key")
    )
    reasons = marts.rows(
        f"select table_name, rejection_reasons, row_count, {columns} "
        "from marts.quarantine_reasons order by table_name, rejection_reasons"
    )
    if not landed:
        return _nothing(key, title, "Nothing has landed.")
    reported = [row for row in steps if row["difference"] is not None]
    tied = [row for row in reported if not row["difference"]]
    rows = sum(row["landed_rows"] for row in landed)
    unexplained = sum(abs(row["unexplained_rows"]) for row in landed)
    quarantined = sum(row["quarantined_rows"] for row in landed)
    parts = []
    if reported and any(row["net_revenue"] for row in steps):
        agree = len(tied) == len(reported)
        revenue = reported[0]["net_revenue"] if agree else None
        parts.append(
            f"Revenue of {cents(revenue)}{marts.unit} ties out to the cent in {len(reported)} of "
            f"{count(len(reported), 'place')} that report it"
            if agree
            else f"Revenue does not tie out in {len(reported) - len(tied)} of "
            f"{count(len(reported), 'place')} that report it"
        )
    parts.append(
        f"{count(rows, 'landed row')}, every one accounted for"
        if not unexplained
        else f"{count(unexplained, 'landed row')} cannot be explained"
    )
    parts.append(
        f"{count(quarantined, 'row')} {'is' if quarantined == 1 else 'are'} in quarantine"
        + _money_held(landed, marts.unit)
        if quarantined
        else "none is in quarantine"
    )
    outcomes = [
        (name, column)
        for name, column in (
            ("Accepted", "accepted_rows"),
            ("Duplicates", "duplicate_rows"),
            ("Superseded", "superseded_rows"),
            ("Quarantined", "quarantined_rows"),
        )
        if column in landed[0]
    ]
    tables = [
        Table(
            ["Net revenue", "Amount", "Difference", ""],
            [
                [
                    Cell(row["item"]),
                    Cell(cents(row["net_revenue"])),
                    Cell("" if row["difference"] is None else cents(row["difference"])),
                    _check(row["difference"]),
                ]
                for row in steps
            ],
            caption="Revenue"
            + (f" in {marts.currency}" if marts.currency else "")
            + ", from the landing to every mart",
        ),
        Table(
            ["Landed table", "Landed", *(name for name, _ in outcomes), ""],
            [
                [
                    Cell(row["table_name"]),
                    *_cells(
                        whole(row["landed_rows"]),
                        *(whole(row[column]) for _, column in outcomes),
                    ),
                    _check(row["unexplained_rows"]),
                ]
                for row in landed
                if row["landed_rows"]
            ],
            caption="Rows, from the landing to the staging",
        ),
    ]
    if reasons:
        tables.append(_reasons(reasons))
    empty = [row["table_name"] for row in landed if not row["landed_rows"]]
    returned = _returns(marts)
    notes = [returned] if returned else []
    if empty:
        notes.append(f"Without rows, so that what they tell is missing: {', '.join(empty)}.")
    return Section(
        key,
        title,
        capitalised("; ".join(parts)) + ".",
        f"✓ means no difference at all: landed = {' + '.join(name.lower() for name, _ in outcomes)}"
        ", and each mart adds up to the revenue that was expected.",
        tables=tables,
        notes=notes,
    )


def _money_held(landed: Sequence[Record], unit: str) -> str:
    """The money in quarantine: what the marts lack, with its sign, and how much of all it is."""
    lines = next((row for row in landed if row["table_name"] == ORDER_LINES), {})
    money, share = lines.get("quarantined_net_revenue"), lines.get("quarantined_revenue_share")
    if not share:
        return ""
    return f", with net revenue of {cents(money)}{unit} ({percent(share)} of what lines move)"


def _reasons(reasons: Sequence[Record]) -> Table:
    """Why rows were kept back, with what and when."""
    optional = [
        (name, written)
        for name, written, column in (
            ("Net revenue", lambda row: cents(row["net_revenue"]), "net_revenue"),
            ("Dated", _dated, "first_event_date"),
            ("For example", lambda row: row["example_key"] or MISSING, "example_key"),
        )
        if any(row[column] is not None for row in reasons)
    ]
    return Table(
        ["Quarantined in", "Reason", "Rows", *(name for name, _ in optional)],
        [
            _cells(
                row["table_name"],
                row["rejection_reasons"].replace("_", " "),
                whole(row["row_count"]),
                *(written(row) for _, written in optional),
            )
            for row in reasons
        ],
        text_columns=2,
        caption="Why rows were kept back",
    )


def _dated(row: Record) -> str:
    first, last = row["first_event_date"], row["last_event_date"]
    return short_day(first) if first == last else f"{short_day(first)} to {short_day(last)}"


def _returns(marts: Marts) -> str:
    """How returned money found its sale; empty without returns."""
    returned, ways = marts.returns()
    if not returned:
        return ""
    return (
        f"Of {cents(returned)}{marts.unit} in returns and credits, "
        + listed([f"{percent(share)} {RETURN_MATCHES.get(way, way)}" for way, share in ways])
        + "."
    )


def _check(difference: Any) -> Cell:
    if difference is None:
        return Cell("")
    return Cell("✗", mark="bad") if difference else Cell("✓", mark="good")
