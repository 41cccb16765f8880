"""Where a period ends: the interval of a projection holds as often as it says."""

from __future__ import annotations

import random
from datetime import date, timedelta
from math import exp, sin
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pandas as pd
from jinja2 import Environment, FileSystemLoader

FOLDER = Path(__file__).parents[3] / "models" / "marts" / "targets" / "intermediate"
FIRST, AS_OF, END = date(2020, 1, 1), date(2023, 6, 13), date(2023, 6, 30)
SERIES = 150
VARS = {"kpi_target_confidence": 0.8, "left_censored_days": 90}
DBT = SimpleNamespace(
    datediff=lambda first, second, part: f"datediff('{part}', {first}, {second})",
    dateadd=lambda part, number, day: f"({day} + {number} * interval 1 {part})",
)


def projected(
    days: list[tuple[date, str, float, float | None]], kinds: dict[str, str]
) -> dict[str, tuple[float, float, int, str]]:
    """What the model says of the current month of every key figure: end, margin, past periods."""
    environment = Environment(loader=FileSystemLoader(FOLDER))
    sql = environment.get_template("int_target_projections.sql").render(
        ref=lambda name: name, var=VARS.__getitem__, dbt=DBT
    )
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            set threads = 1;
            create table as_of as select date '{AS_OF}' as as_of_date;
            create table fct_orders as select date '{FIRST}' as order_date;
            create table dim_dates as
            select
                day::date as date_day,
                date_trunc('month', day)::date as month_start_date,
                date_trunc('quarter', day)::date as quarter_start_date,
                date_trunc('year', day)::date as year_start_date,
                day < date '{AS_OF}' as is_observed
            from range(date '{FIRST}', date '{END}' + 1, interval 1 day) as days (day);
            create table int_target_comparisons as
            select
                date_day,
                (date_day - 364)::date as comparison_date,
                (date_day - interval 1 year)::date as same_date
            from dim_dates;
            create table target_kpis (kpi varchar, kind varchar);
            create table series (date_day date, kpi varchar, numerator double, denominator double);
            """
        )
        connection.executemany("insert into target_kpis values (?, ?)", list(kinds.items()))
        columns = {
            name: [row[place] for row in days if row[0] < AS_OF]
            for place, name in enumerate(("date_day", "kpi", "numerator", "denominator"))
        }
        frame = pd.DataFrame(columns)
        connection.register("frame", frame)
        connection.execute(
            "insert into series select date_day, kpi, numerator, denominator from frame"
        )
        connection.execute(
            "create table int_target_days as select 'month' as period_grain, "
            "date_trunc('month', date_day)::date as period_start, * from series"
        )
        found = connection.execute(
            f"select kpi, projected_end, margin, past_periods, pace_basis from ({sql}) "
            f"where period_grain = 'month' and period_start = date '{AS_OF.replace(day=1)}'"
        ).fetchall()
    return {row[0]: row[1:] for row in found}


def test_the_interval_holds_as_often_as_it_says() -> None:
    chance = random.Random(1)
    days: list[tuple[date, str, float, float | None]] = []
    truth: dict[str, float] = {}
    for number in range(SERIES):
        kpi = f"series_{number}"
        level, noise = 1.0, chance.uniform(0.1, 0.5)
        truth[kpi] = 0.0
        for past in range((END - FIRST).days + 1):
            day = FIRST + timedelta(days=past)
            # A level that wanders, a week, a season.
            level *= exp(chance.gauss(0, 0.01))
            value = level * (1.6 if day.weekday() >= 5 else 1.0) * (1.3 + sin(past / 58))
            value *= exp(chance.gauss(0, noise))
            days.append((day, kpi, value, None))
            if (day.year, day.month) == (AS_OF.year, AS_OF.month):
                truth[kpi] += value
    found = projected(days, dict.fromkeys(truth, "sum"))
    assert {basis for *_, basis in found.values()} == {"last_year"}
    # 29 months with a year before them.
    assert {past for _, _, past, _ in found.values()} == {29}
    held = [abs(truth[kpi] - end) <= margin for kpi, (end, margin, *_) in found.items()]
    assert 0.7 <= sum(held) / SERIES <= 0.9
