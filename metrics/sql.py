"""The SQL of a metric on the published file, for whoever shows it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from metrics.declaration import GRAINS, Metric, grains_of, inputs_of, load
from metrics.marts import load_marts

_RETAIL = {"retail_week": "retail_week_start_date", "retail_month": "retail_month_start_date"}
"""Where marts.dim_dates has the first day of what only it knows; a day of another calendar that
lies outside it (of a landing, say) has its month all the same."""


class QueryError(ValueError):
    """The metric has no value by what it was asked for."""


def find(name: str) -> Metric:
    """The metric of this name."""
    for metric in load():
        if metric.name == name:
            return metric
    raise QueryError(f"there is no metric {name}")


def expression(metric: Metric | str) -> str | None:
    """The metric as one SQL aggregate over its mart, as BI tools take it; None if it is none.

    It is none where time enters: windows, offsets, conversions, and what cannot be added up.
    """
    metric = find(metric) if isinstance(metric, str) else metric
    if metric.needs_time or metric.type == "conversion" or metric.over_time == "last":
        return None
    if metric.type != "simple" and any(
        find(name).over_time == "last" for name in inputs_of(metric)
    ):
        return None
    return _aggregate(metric)


def query(metric: Metric | str, by: Sequence[str] = ()) -> str:
    """SQL that computes the metric on schema ``marts``, grouped by dimensions and a grain of time.

    The result has a column for each of ``by`` (a grain is the first day of the period) and the
    metric under its name, sorted by ``by``.
    """
    metric = find(metric) if isinstance(metric, str) else metric
    for name in by:
        if name in GRAINS and name not in grains_of(metric):
            raise QueryError(f"{metric.name} is told by {', '.join(grains_of(metric))}")
        if name not in GRAINS and name not in metric.dimensions:
            raise QueryError(
                f"{metric.name} has no dimension {name}, only {', '.join(metric.dimensions)}"
            )
    grains = [name for name in by if name in GRAINS]
    if len(grains) > 1 or len(set(by)) < len(by):
        raise QueryError("a metric is grouped by one grain of time and by each dimension once")
    if metric.needs_time and not grains:
        raise QueryError(f"{metric.name} needs a grain of time: {', '.join(grains_of(metric))}")
    if metric.type == "cumulative":
        return _cumulative(metric, by)
    if metric.type == "conversion":
        return _conversion(metric, by)
    if metric.before:
        return _against_before(metric, by)
    return _select(metric, by)


def _aggregate(metric: Metric) -> str:
    if metric.type == "simple":
        condition = f" filter (where {metric.where})" if metric.where else ""
        return f"{metric.expression}{condition}"
    if metric.type == "ratio":
        above, below = _aggregate(find(metric.numerator)), _aggregate(find(metric.denominator))
        return f"cast({above} as double) / nullif(cast({below} as double), 0)"
    return _replace(
        metric.expression, {name: f"({_aggregate(find(name))})" for name in inputs_of(metric)}
    )


def _replace(text: str, names: dict[str, str]) -> str:
    pattern = r"\b(" + "|".join(map(re.escape, names)) + r")\b"
    return re.sub(pattern, lambda found: names[found[1]], text)


def _start(grain: str, day: str) -> str:
    """First day of the period of a day; of retail periods by the calendar, called so."""
    if grain in _RETAIL:
        return f"calendar.{_RETAIL[grain]}"
    return day if grain == "day" else f"cast(date_trunc('{grain}', {day}) as date)"


def _keys(by: Sequence[str], day: str) -> list[str]:
    """The select list of a grouping over ``facts`` by a day."""
    return [f"{_start(name, day)} as {name}" if name in GRAINS else f"facts.{name}" for name in by]


def _day(metric: Metric, alias: str = "facts") -> str:
    return f"cast({alias}.{metric.time_column} as date)"


def _calendar(by: Sequence[str], day: str) -> str:
    """The join of the calendar, where a grain is of it."""
    if not any(name in _RETAIL for name in by):
        return ""
    return f"\nleft join marts.dim_dates as calendar on calendar.date_day = {day}"


def _from(metric: Metric, by: Sequence[str]) -> str:
    inputs = [find(name) for name in inputs_of(metric)] or [metric]
    text = f"from marts.{metric.mart} as facts{_calendar(by, _day(metric))}"
    if any(each.over_time == "last" for each in inputs):
        # What cannot be added up over time counts on the last day of the period, or of all.
        (where,) = {each.where for each in inputs}
        grain = next((name for name in by if name in GRAINS), None)
        period = _start(grain, _day(metric)) if grain else "true"
        text += f"""
inner join (
    select {period} as period, max(facts.{metric.time_column}) as last_day
    from marts.{metric.mart} as facts{_calendar(by, _day(metric))}
    where {_of(where, metric.mart, "facts") or "true"}
    group by 1
) as last_days on facts.{metric.time_column} = last_days.last_day
    and {period} = last_days.period"""
    return text


def _grouped(by: Sequence[str]) -> str:
    if not by:
        return ""
    numbers = ", ".join(str(number + 1) for number in range(len(by)))
    return f"\ngroup by {numbers}\norder by {numbers}"


def _select(metric: Metric, by: Sequence[str]) -> str:
    columns = ",\n    ".join([*_keys(by, _day(metric)), f"{_qualified(metric)} as {metric.name}"])
    return f"select\n    {columns}\n{_from(metric, by)}{_grouped(by)}"


def _qualified(metric: Metric) -> str:
    return _of(_aggregate(metric), metric.mart, "facts")


def _of(text: str, mart: str, alias: str) -> str:
    """The text with the columns of a mart called by its alias, as several tables have some."""
    pattern = r"(?<![.\w])(" + "|".join(map(re.escape, load_marts()[mart].columns)) + r")\b"
    return "".join(
        part if part.startswith("'") else re.sub(pattern, rf"{alias}.\1", part)
        for part in re.split(r"('[^']*')", text)
    )


def _against_before(metric: Metric, by: Sequence[str]) -> str:
    assert metric.before
    names = [name for name in inputs_of(metric) if re.search(rf"\b{name}\b", metric.expression)]
    now = _select_all([find(name) for name in names], metric, by)
    keys = ",\n        ".join(_keys(by, "calendar.date_day"))
    numbers = ", ".join(str(number + 1) for number in range(len(by)))
    # From days that were observed: an open period is compared with as many days.
    only = " and calendar.date_day = calendar.month_start_date" if metric.grain == "month" else ""
    value = _replace(
        metric.expression,
        {**{name: f"present.{name}" for name in names}, "before": "past.value"},
    )
    shown = ",\n    ".join(
        [f"coalesce(present.{name}, past.{name}) as {name}" for name in by]
        + [f"{value} as {metric.name}"]
    )
    same = " and ".join(f"present.{name} is not distinct from past.{name}" for name in by)
    return f"""with present as (
{_indent(now)}
),

past as (
    select
        {keys},
        {_qualified(find(metric.before.metric))} as value
    from marts.dim_dates as calendar
    inner join marts.{metric.mart} as facts
        on {_day(metric)}
            = calendar.date_day - interval '{metric.before.offset}'{only}
    where calendar.is_observed
    group by {numbers}
)

select
    {shown}
from present
full outer join past on {same}
order by {numbers}"""


def _select_all(metrics: Sequence[Metric], of: Metric, by: Sequence[str]) -> str:
    numbers = ", ".join(str(number + 1) for number in range(len(by)))
    values = [f"{_qualified(metric)} as {metric.name}" for metric in metrics]
    columns = ",\n    ".join([*_keys(by, _day(of)), *values])
    return f"select\n    {columns}\n{_from(of, by)}\ngroup by {numbers}"


def _cumulative(metric: Metric, by: Sequence[str]) -> str:
    grain = next(name for name in by if name in GRAINS)
    numbers = ", ".join(str(number + 1) for number in range(len(by)))
    keys = ", ".join(
        f"last_days.period as {grain}" if name == grain else f"facts.{name}" for name in by
    )
    day = _day(metric)
    start = {
        "all": "",
        "year to date": f" and {day} >= date_trunc('year', last_days.last_day)",
    }.get(metric.window)
    if start is None:
        start = f" and {day} > last_days.last_day - interval '{metric.window}'"
    return f"""with last_days as (
    select {_start(grain, "calendar.date_day")} as period, max(calendar.date_day) as last_day
    from marts.dim_dates as calendar
    where calendar.is_observed
    group by 1
)

select
    {keys},
    {_qualified(find(metric.metric))} as {metric.name}
from last_days
inner join marts.{metric.mart} as facts
    on {day} <= last_days.last_day{start}
group by {numbers}
order by {numbers}"""


def _conversion(metric: Metric, by: Sequence[str]) -> str:
    first, then = find(metric.denominator), find(metric.numerator)
    keys = "".join(f"{key},\n    " for key in _keys(by, _day(first)))
    done = f"""select 1 from marts.{then.mart} as later
        where later.{metric.entity} = facts.{metric.entity}
            and later.{then.time_column} >= facts.{first.time_column}
            and later.{then.time_column} < facts.{first.time_column} + interval '{metric.window}'"""
    done += f"\n            and {_of(then.where, then.mart, 'later')}" if then.where else ""
    return f"""select
    {keys}cast(count(distinct facts.{metric.entity}) filter (where exists (
        {done}
    )) as double) / nullif(count(distinct facts.{metric.entity}), 0) as {metric.name}
from marts.{metric.mart} as facts{_calendar(by, _day(first))}
where {_of(first.where, first.mart, "facts") or "true"}{_grouped(by)}"""


def _indent(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())
