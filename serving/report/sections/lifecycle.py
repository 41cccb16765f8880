"""Lifecycle stages, movements, periods, cohorts, and how often the stages are right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from serving.language import ended, enumerated, say
from serving.report import charts
from serving.report.formats import (
    MISSING,
    count,
    day,
    listed,
    month,
    month_name,
    percent,
    ratio,
    short_day,
    short_month,
    signed,
    whole,
)
from serving.report.marks import STAGE_COLOURS, stage_colour
from serving.report.marts import Marts, Record
from serving.report.names import LAPSED, LEAVING, UNSEEN
from serving.report.sections.parts import (
    FEW,
    MONTHS_SHOWN,
    PROSPECT,
    STAGE,
    Cell,
    Section,
    Table,
    cells_of,
    downloads,
    joined,
    no_customers,
    nothing,
)

COHORTS_SHOWN = 18


def _in_stack_order(stages: set[str]) -> list[str]:
    known = [stage for stage in STAGE_COLOURS if stage in stages]
    return known + sorted(stages - set(known))


def lifecycle_stages(marts: Marts) -> Section:
    """Customers by stage at every month end, and now."""
    key, title = "lifecycle", say("Lifecycle stages")
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
        nobody = no_customers(
            marts, key, title, say("No customer is known yet, so there are no stages to show.")
        )
        known = (
            say("{} known, nobody has bought. ", count(prospects, "prospect")) if prospects else ""
        )
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
        names[last_day] = short_day(last_day)
    chart = charts.stacked_over_time(
        [
            {
                "period": names[row["month_end"]],
                "kind": row["stage"],
                "value": row["customers"],
                "note": say(
                    "{}: {} {} of {} ({})",
                    day(row["month_end"]),
                    marts.names(STAGE, row["stage"]),
                    whole(row["customers"]),
                    whole(totals[row["month_end"]]),
                    percent(ratio(row["customers"], totals[row["month_end"]])),
                ),
            }
            for row in history
            if row["month_end"] in ends
        ],
        [names[end] for end in ends],
        {stage: stage_colour(stage) for stage in stages},
        title=say("Customers"),
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
                Cell(marts.names(STAGE, stage), colour=stage_colour(stage)),
                *cells_of(
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
                Cell(marts.names(STAGE, PROSPECT), colour=stage_colour(PROSPECT)),
                *cells_of(whole(prospects), MISSING, MISSING, MISSING),
            ]
        )
    table = Table(
        [
            say("Stage"),
            say("Customers"),
            say("Share"),
            say("Revenue"),
            say("Change"),
        ],
        rows,
    )

    largest = sorted(now, key=lambda row: (-row["customers"], row["stage"]))[:2]
    lapsed = sum(row["customers"] for row in now if row["stage"] in LAPSED)
    parts = [
        say(
            "{} are {}",
            percent(ratio(row["customers"], customers)),
            marts.names(STAGE, row["stage"]).lower(),
        )
        for row in largest
    ]
    if lapsed and not {row["stage"] for row in largest} & set(LAPSED):
        parts.append(say("{} are dormant or lost", percent(ratio(lapsed, customers))))
    headline = say("Of {}, {}", count(customers, "customer"), listed(parts))
    if before is not None:
        then = sum(by_end[before].get(stage, 0) for stage in LAPSED)
        headline += say(
            "; dormant and lost together went from {} to {} since the end of {}",
            whole(then),
            whole(lapsed),
            month(before),
        )
    if prospects:
        headline += say("; {} who never bought are not counted", count(prospects, "prospect"))
    return Section(
        key,
        title,
        ended(headline),
        say(
            "Each bar is the base at the end of a month, split by stage; a customer is in exactly "
            "one. What counts as silence depends on the customer's own rhythm."
        )
        + (
            say(" The first months hold many new customers because the data begin there.")
            if len(ends) > 1 and ends[0] == history[0]["month_end"]
            else ""
        )
        + say(" Revenue: share of that of the {}.", marts.caveats.last_year)
        + (say(" Change: customers since {}.", day(before)) if before else ""),
        [
            charts.svg(
                chart, key=marts.prefix + key, label=say("Customers by lifecycle stage over time")
            )
        ],
        [table],
        beside=True,
        downloads=downloads(
            marts,
            {"lapsed_with_value": say("Dormant or lost, with revenue")}
            | {f"stage_{stage}": marts.names(STAGE, stage) for stage in marts.names.values(STAGE)},
        ),
        notes=[say("Lost, by what says so: {}.", listed(left))] if left else [],
        caveat=joined(
            say(
                "{}, and whoever was a customer before them counts as new, unless a record says "
                "otherwise",
                marts.caveats.history,
            )
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
    names = [marts.names("lost_source", row["source"]).lower() for row in found]
    if len(found) < 2:
        return names
    return [f"{whole(row['customers'])} {name}" for row, name in zip(found, names, strict=True)]


def _without_sales(marts: Marts, now: list[Record], prospects: int, left: list[str]) -> Section:
    """Who left by a record, of all who are known: nobody was seen to buy."""
    gone = sum(row["customers"] for row in now)
    share = percent(ratio(gone, gone + prospects))
    return nothing(
        "lifecycle",
        say("Lifecycle stages"),
        say(
            "Of {}, {} ({}) {} lost",
            count(gone + prospects, "known customer"),
            whole(gone),
            share,
            "is" if gone == 1 else "are",
        )
        + (say(" ({})", listed(left)) if left else "")
        + say("; what the others do is not known. {}.", marts.caveats.no_customers),
    )


def transitions(marts: Marts) -> Section:
    """From which stage to which customers went in the last month."""
    key, title = "transitions", say("Movements between stages")
    found = marts.rows(
        "select * from marts.lifecycle_transitions where month_end = "
        "(select max(month_end) from marts.lifecycle_transitions "
        f"where from_stage not in ('{UNSEEN}', '{PROSPECT}')) order by from_stage, to_stage"
    )
    if not found:
        return no_customers(
            marts, key, title, say("Movements show once the base has been seen at two month ends.")
        )
    when = found[0]["month_end"]
    seen = [row for row in found if row["from_stage"] not in (UNSEEN, PROSPECT)]
    moves = [row for row in seen if row["is_move"]]
    base = sum(row["customers"] for row in seen)
    moved = sum(row["customers"] for row in moves)

    froms = marts.names.values(STAGE, {row["from_stage"] for row in seen})
    tos = marts.names.values(STAGE, {row["to_stage"] for row in seen})
    columns = {stage: marts.names(STAGE, stage).replace(" ", "|") for stage in tos}
    lines = {
        row[
            "from_stage"
        ]: f"{marts.names(STAGE, row['from_stage'])} · {whole(row['from_customers'])}"
        for row in seen
    }
    chart = charts.heat_map(
        [
            {
                "column": columns[row["to_stage"]],
                "line": lines[row["from_stage"]],
                "shade": row["transition_rate"],
                "kind": _kind_of_move(row),
                "text": percent(row["transition_rate"]),
                "small": whole(row["customers"]),
                "note": say(
                    "{} to {}: {} of {}, revenue of up to 12 months before {}",
                    marts.names(STAGE, row["from_stage"]),
                    marts.names(STAGE, row["to_stage"]),
                    count(row["customers"], "customer"),
                    whole(row["from_customers"]),
                    whole(row["value_before"]),
                ),
            }
            for row in seen
        ],
        columns=list(columns.values()),
        lines=[lines[stage] for stage in froms],
        cell=(104, 46),
        column_title=say("Stage at the end of {}", month(when)),
        line_title=say("Stage a month before"),
        scale_max=max((row["transition_rate"] for row in moves), default=1.0),
    )

    back = sum(row["customers"] for row in moves if row["to_stage"] == "reactivated")
    silent = [row for row in moves if row["to_stage"] in LAPSED and row["from_stage"] not in LAPSED]
    headline = say(
        "In {}, {} of {} changed stage", month(when), whole(moved), count(base, "customer")
    )
    if moves:
        top = max(moves, key=lambda row: (row["customers"], row["from_stage"], row["to_stage"]))
        headline += say(
            ", most often from {} to {} ({}); {} came back from silence and {} fell silent",
            marts.names(STAGE, top["from_stage"]).lower(),
            marts.names(STAGE, top["to_stage"]).lower(),
            whole(top["customers"]),
            whole(back),
            whole(sum(row["customers"] for row in silent)),
        )
    remarks = []
    if silent:
        remarks.append(
            say(
                "Those who fell silent brought {}{} in {} before.",
                whole(sum(row["value_before"] for row in silent)),
                marts.unit,
                say("the time") if marts.caveats.is_short else say("the twelve months"),
            )
        )
    first_seen = sum(
        row["customers"]
        for row in found
        if row["from_stage"] in (UNSEEN, PROSPECT) and row["to_stage"] != PROSPECT
    )
    if first_seen:
        remarks.append(say("{} came into the base in the month.", count(first_seen, "customer")))
    causes = _change_causes(marts, when)
    if causes:
        remarks.append(say("What changed the stage: {}.", causes))
    return Section(
        key,
        title,
        ended(headline),
        say(
            "Each line is what became of the customers of one stage within the month: share on "
            "top, customers below. Grey: stayed. Brown: moved closer to leaving. Blue: moved "
            "otherwise. The darker, the more of the line went there."
        ),
        [
            charts.svg(
                chart,
                key=marts.prefix + key,
                label=say("Transitions between stages in {}", month(when)),
            )
        ],
        notes=[" ".join(remarks)] if remarks else [],
    )


def _change_causes(marts: Marts, when: date) -> str:
    cause = marts.column_or_null("customer_lifecycle_history", "change_cause")
    found = marts.rows(
        f"select {cause} as cause, count(*) as customers from marts.customer_lifecycle_history "
        f"where month_end = $when and {cause} <> 'first_seen' group by 1 order by 2 desc, 1",
        when=when,
    )
    return enumerated(
        [
            f"{marts.names('change_cause', row['cause']).lower()} {whole(row['customers'])}"
            for row in found
        ]
    )


def _kind_of_move(row: Record) -> str:
    if not row["is_move"]:
        return "stayed"
    before, after = (
        LEAVING.index(row[stage]) if row[stage] in LEAVING else -1
        for stage in ("from_stage", "to_stage")
    )
    return "worse" if after > before else "moved"


def periods(marts: Marts) -> Section:
    """Customers who bought in each month: new, returning, resurrected, and who stayed away."""
    key, title = "periods", say("Who bought, who stayed away")
    found = marts.rows(
        "select *, row_number() over (order by period_start) as position "
        "from marts.lifecycle_periods where period_grain = 'month' and is_complete "
        "order by period_start"
    )
    if len(found) < 2:
        return no_customers(marts, key, title, say("This view needs two whole months of sales."))
    shown = [row for row in found if row["position"] > 1][-MONTHS_SHOWN:]
    kinds = {
        say("New"): ("new_customers", 1, stage_colour("new")),
        say("Came back after a month or more without"): (
            "resurrected_customers",
            1,
            stage_colour("reactivated"),
        ),
        say("Bought the month before, not in this one"): (
            "dormant_customers",
            -1,
            stage_colour("dormant"),
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
                "note": say(
                    "{}: {} bought, {} of them also the month before",
                    month(row["period_start"]),
                    count(row["active_customers"], "customer"),
                    whole(row["returning_customers"]),
                ),
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
        say("{} more than", whole(change))
        if change > 0
        else say("{} fewer than", whole(-change))
        if change
        else say("as many as in")
    )
    headline = say(
        "{} bought in {}, {} {}{}: {} for the first time, {} came back, {} of {}'s buyers stayed "
        "away.",
        count(last["active_customers"], "customer"),
        month(last["period_start"]),
        compared,
        "in " if change else "",
        month_name(previous["period_start"]),
        whole(last["new_customers"]),
        whole(last["resurrected_customers"]),
        whole(last["dormant_customers"]),
        month_name(previous["period_start"]),
    )
    known = sum(row.get("known_before_customers") or 0 for row in shown)
    return Section(
        key,
        title,
        headline,
        say(
            "The lower bars explain the change of the upper ones: this month = last month + new "
            "+ came back − stayed away. Whole months only; the first month of the data is left "
            "out, since everybody is new in it."
        )
        + (
            say(
                " Came back includes {} who, by their records, bought before the data begin.",
                count(known, "customer"),
            )
            if known
            else ""
        ),
        [
            charts.svg(
                chart,
                key=marts.prefix + key,
                label=say("Active customers by month, gains and losses"),
            )
        ],
    )


def cohorts(marts: Marts) -> Section:
    """Share of each month's new customers who bought again, by months since."""
    key, title = "cohorts", say("Retention of new customers")
    found = marts.rows(
        "select * from marts.cohort_retention where cohort_grain = 'month' and is_mature "
        "and cohort_age > 0 order by cohort_start, cohort_age"
    )
    if not found:
        return no_customers(marts, key, title, say("No cohort has a whole month behind it yet."))
    if not any(row["active_customers"] for row in found):
        followed = {row["cohort_start"]: row["cohort_customers"] for row in found}
        customers = count(sum(followed.values()), "customer")
        return nothing(key, title, say("Of {} nobody bought in a later month.", customers))
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
    # A file published earlier does not pool them.
    pooled = {
        row["cohort_age"]: row
        for row in new
        if row["cohort_age"] in ages and row.get("pooled_retention_rate") is not None
    }
    starred = any(row["is_left_censored"] for row in shown)
    pooled_line = say("All but *") if starred else say("All")
    cells: list[dict[str, Any]] = [
        {
            "column": str(row["cohort_age"]),
            "line": lines[row["cohort_start"]],
            "shade": None if row["is_left_censored"] else row["retention_rate"],
            "kind": "faint" if row["cohort_customers"] < FEW else "",
            "text": percent(row["retention_rate"]),
            "note": say(
                "First bought in {}, {} months later: {} of {} bought, 95% interval {} to {}",
                month(row["cohort_start"]),
                row["cohort_age"],
                whole(row["active_customers"]),
                whole(row["cohort_customers"]),
                percent(row["retention_rate_low"]),
                percent(row["retention_rate_high"]),
            ),
        }
        for row in shown
    ]
    cells += [
        {
            "column": str(age),
            "line": pooled_line,
            "shade": row["pooled_retention_rate"],
            "kind": "faint" if row["pooled_customers"] < FEW else "",
            "text": percent(row["pooled_retention_rate"]),
            "note": say(
                "{} months later: {} of {} bought, 95% interval {} to {}",
                age,
                whole(row["pooled_active_customers"]),
                whole(row["pooled_customers"]),
                percent(row["pooled_retention_rate_low"]),
                percent(row["pooled_retention_rate_high"]),
            ),
        }
        for age, row in sorted(pooled.items())
    ]
    rates = [cell["shade"] for cell in cells if cell["shade"] is not None and not cell["kind"]]
    chart = charts.heat_map(
        cells,
        columns=[str(age) for age in ages],
        lines=[*(lines[start] for start in starts), *([pooled_line] if pooled else [])],
        cell=(min(72, 860 // len(ages)), 30),
        column_title=say("Months since the month of the first purchase"),
        scale_min=min(rates, default=0.0),
        scale_max=max(rates, default=1.0),
    )
    if new:
        customers = sum({row["cohort_start"]: row["cohort_customers"] for row in new}.values())
        solid = [age for age, row in pooled.items() if row["pooled_customers"] >= FEW]
        parts = [
            say(
                "{} bought in the month after their first purchase"
                if age == 1
                else "{} in month {}",
                percent(pooled[age]["pooled_retention_rate"]),
                age,
            )
            for age in (1, 3, 6, 12)
            if age in solid
        ]
        headline = (
            say("Of {}, {}.", count(customers, "new customer"), listed(parts))
            if parts
            else say(
                "{} can be followed: too few for a rate to hold.", count(customers, "new customer")
            )
        )
    else:
        headline = say(
            "Only months near the beginning of the data have a later month to look at, and their "
            "customers are not all new."
        )
    return Section(
        key,
        title,
        headline,
        say(
            "Each line is the customers who first bought in a month, with their number; each "
            "cell the share of them who bought in that later month. Only months that are over. "
            "Pale cells rest on fewer than {} customers.",
            FEW,
        )
        + (
            say(
                " * So near the beginning of the data a month mixes new customers with old ones: "
                "it is left out of the last line and the colours."
            )
            if starred
            else ""
        ),
        [charts.svg(chart, key=marts.prefix + key, label=say("Cohort retention by month"))],
        caveat=_left_out(found),
    )


def _left_out(found: Sequence[Record]) -> str:
    """Whose retention is not told, because the data begin with them."""
    old = {row["cohort_start"]: row["cohort_customers"] for row in found if row["is_left_censored"]}
    if not old:
        return ""
    return say(
        "without {} first seen so near the beginning of the data that they may have bought "
        "before, or known before it",
        count(sum(old.values()), "customer"),
    )


def lifecycle_quality(marts: Marts) -> Section:
    """What customers did after they had been put in a stage."""
    key, title = "quality", say("How often the stages are right")
    found = marts.rows(
        "select * from marts.lifecycle_quality where entries > 0 "
        "order by return_rate desc, lifecycle_stage, rhythm_class"
    )
    overall = {row["lifecycle_stage"]: row for row in found if row["rhythm_class"] == "(all)"}
    lapsed = [stage for stage in LAPSED if stage in overall]
    if not lapsed:
        return no_customers(
            marts,
            key,
            title,
            say("No call of dormant or lost is old enough to be judged by what happened next."),
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
            "note": say(
                "{}: {} of {} bought again within {} days, 95% interval {} to {}",
                line,
                whole(row["returned_customers"]),
                whole(row["entries"]),
                horizon,
                percent(row["return_rate_low"]),
                percent(row["return_rate_high"]),
            ),
        }

    stages = list(overall)
    left = [
        record(
            overall[stage],
            f"{marts.names(STAGE, stage)} · {whole(overall[stage]['entries'])}",
            stage,
        )
        for stage in stages
    ]
    right = [
        record(
            row,
            f"{marts.names(STAGE, row['lifecycle_stage'])} · "
            f"{marts.names('rhythm_class', rhythm).lower()} · {whole(row['entries'])}",
            row["lifecycle_stage"],
        )
        for stage in lapsed
        for rhythm in marts.names.values("rhythm_class")
        for row in found
        if row["lifecycle_stage"] == stage and row["rhythm_class"] == rhythm
    ]
    colours = {stage: stage_colour(stage) for stage in stages}
    chart = charts.side_by_side(
        charts.intervals(
            left,
            colours=colours,
            lines=[row["line"] for row in left],
            title=say("Bought again within {} days of entering", horizon),
            width=300,
        ),
        charts.intervals(
            right,
            colours=colours,
            lines=[row["line"] for row in right],
            title=say("Dormant and lost, by the customer's usual rhythm"),
            width=250,
        ),
        spacing=40,
    )
    parts = [
        say(
            "{} of the {} called {} ({} to {})",
            percent(overall[stage]["return_rate"]),
            whole(overall[stage]["entries"]),
            marts.names(STAGE, stage).lower(),
            percent(overall[stage]["return_rate_low"]),
            percent(overall[stage]["return_rate_high"]),
        )
        for stage in lapsed
    ]
    return Section(
        key,
        title,
        say(
            "The false-lapse rate: {} bought again within {} days; to call fewer of them falsely, "
            "raise {}, to call them earlier, lower it.",
            listed(parts),
            horizon,
            listed([f"lifecycle_{stage}_multiple" for stage in lapsed]),
        ),
        say(
            "Dots are the share of customers who bought again after they entered the stage, "
            "lines the 95% interval, numbers beside the names how often a stage was entered. Far "
            "right is good for a living stage; for dormant and lost it is the share of calls "
            "that proved false. The vars are in dbt_project.yml; for customers with short gaps "
            "it is "
            "{} that decides, for those with long ones {}.",
            listed([f"lifecycle_{stage}_min_days" for stage in lapsed]),
            listed([f"lifecycle_{stage}_max_days" for stage in lapsed]),
        ),
        [
            charts.svg(
                chart, key=marts.prefix + key, label=say("Return rate after entering each stage")
            )
        ],
    )
