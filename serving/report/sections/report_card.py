"""Whether the scores can be trusted: back-tests, champions, drift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from markupsafe import Markup

from serving.language import clauses, ended, retell, say
from serving.report import charts
from serving.report.formats import (
    MISSING,
    amount,
    capitalised,
    count,
    day,
    listed,
    percent,
    points,
    whole,
    with_minus,
)
from serving.report.marks import ACCENT
from serving.report.marts import Marts, Record
from serving.report.sections.parts import Cell, Section, Table, cells_of, no_customers

PANEL_WIDTH = 258
# Titles of the pictures of calibration and of errors, tasks in the order in which they are shown.
CALIBRATED = {
    "churn": "Churn: share without a purchase",
    "purchases": "Purchases per customer",
    "spend": "Net revenue per customer",
}
# What the table tells of each task.
METRICS = {
    "churn": ("auc", "brier", "calibration_error"),
    "purchases": ("mae", "normalised_gini", "bias", "interval_coverage"),
    "spend": ("mae", "normalised_gini", "bias", "interval_coverage"),
}
ERRORS = {
    "churn": ("Churn: log loss", ".2f"),
    "purchases": ("Purchases: error, share of the mean", ",.0%"),
    "spend": ("Net revenue: error, share of the mean", ",.0%"),
}


def churn_calibration(marts: Marts) -> Section:
    """Forecasts against what happened, the champion beside other models, and drift since."""
    key, title = "calibration", say("Can the scores be trusted?")
    tests = marts.rows(
        "select * from marts.model_backtests where slice = 'all' "
        "order by cutoff_date, horizon_days, task, model, metric"
    )
    drift, drifted, alarm = _drift(marts)
    notes = [*_run_notes(marts), *drift]
    # Of horizons that no champion was tested over, only candidates are told.
    horizon = _headline_horizon(marts, {row["horizon_days"] for row in tests if row["is_champion"]})
    if horizon is None:
        nothing = no_customers(
            marts,
            key,
            title,
            say(
                "The scores have not been tested against the past: no back-test was made of the "
                "forecasts in use."
            ),
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
                key=marts.prefix + key,
                label=say(
                    "Predicted against actual churn, purchases and spend by tenth of customers"
                ),
            )
        )
    errors = _error_over_cutoffs(tests, marts.prefix)
    first, last = cutoff + timedelta(days=1), cutoff + timedelta(days=horizon)
    return Section(
        key,
        title,
        _trust_headline(newest, horizon)
        + (say("; what has shifted since is listed below.") if alarm else ended("")),
        say(
            "The models saw sales up to {} and had to predict {} to {}. A dot is a tenth of the "
            "customers, by prediction; a bar is the 95% interval of a share. Axes are stretched "
            "near zero. ",
            day(cutoff),
            day(first),
            day(last),
        )
        + (say("Lines are the errors of the same test at earlier dates. ") if errors else "")
        + say(
            "In the table the best value of a line is bold, its 95% interval in grey. The "
            "champion is the forecast in use; the naive one repeats what each customer did "
            "before."
        ),
        [*figures, *errors],
        [*_scoreboard(marts, newest), *_champions(marts), *drifted],
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
        misses.append(say("churn probabilities were off by {} on average", points(error)))
    for task, name in (
        ("purchases", say("total purchases were")),
        ("spend", say("total spend was")),
    ):
        bias = value.get((task, "bias"))
        if bias is not None:
            misses.append(say("{} forecast {}", name, _too_much(bias)))
    if not misses:
        return say("The back-test has no result for the forecasts in use")
    headline = say("In the back-test over {} {}", count(horizon, "day"), listed(misses))
    # A file published earlier does not compare them.
    compared = [
        row["beats_naive"]
        for row in tests
        if row["is_champion"] and _is_told(row) and row.get("beats_naive") is not None
    ]
    if compared:
        headline += say(
            "; the forecasts in use beat naive ones in {} of {}",
            sum(compared),
            count(len(compared), "comparison"),
        )
    return headline


def _too_much(bias: float) -> str:
    size = percent(abs(bias), 1)
    return (
        say("as it came")
        if size == "0.0%"
        else say("{} too low", size)
        if bias < 0
        else say("{} too high", size)
    )


def _calibration_panels(marts: Marts, cutoff: date, horizon: int) -> list[charts.Panel]:
    """Predicted against actual means by tenth, for each task of the champion."""
    bins = marts.rows(
        "select * from marts.model_calibration where is_champion and cutoff_date = $cutoff "
        "and horizon_days = $horizon order by task, bin",
        cutoff=cutoff,
        horizon=horizon,
    )
    panels: list[charts.Panel] = []
    for task, name in CALIBRATED.items():
        title = say(name)
        records = []
        for row in bins:
            if row["task"] != task:
                continue
            predicted, actual = row["predicted_mean"], row["actual_mean"]
            note = say("{}: predicted ", count(row["customers"], "customer"))
            low = high = None
            if task == "churn":
                low, high = row.get("actual_low"), row.get("actual_high")
                note += say(
                    "{}, actual {}, 95% interval {} to {}",
                    percent(predicted),
                    percent(actual),
                    percent(low),
                    percent(high),
                )
            else:
                note += say("{}, actual {}", amount(predicted), amount(actual))
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
                diagonal="" if panels else say("as predicted"),
            )
        )
    return panels


def _error_over_cutoffs(tests: Sequence[Record], prefix: str) -> list[Markup]:
    """Error of the champion and of the naive forecast by cutoff, where there are several."""
    rows = []
    panels = {}
    for task, (name, number_format) in ERRORS.items():
        title = say(name)
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
                "note": say("{}, sales up to {}: ", kind, day(row["cutoff_date"]))
                + (f"{row['value']:.3f}" if task == "churn" else percent(row["value"])),
            }
            for kind, drawn in ((say("Champion"), own), (say("Naive"), naive))
            for row in drawn
        ]
    if not panels:
        return []
    chart = charts.lines_over_time(
        rows,
        panels=panels,
        colours={say("Champion"): ACCENT, say("Naive"): "#b9c7d4"},
        width=PANEL_WIDTH,
    )
    return [
        charts.svg(chart, key=f"{prefix}errors", label=say("Error of the forecasts by cutoff date"))
    ]


def _is_told(row: Record) -> bool:
    return row["metric"] in METRICS.get(row["task"], ())


def _scoreboard(marts: Marts, tests: Sequence[Record]) -> list[Table]:
    """Metrics of the champion, of the purchase model and of the naive forecast."""
    shown = [row for row in tests if _is_told(row)]
    others = [name for name in ("btyd", "naive") if any(row["model"] == name for row in shown)]
    rows = []
    for task, metric in ((task, metric) for task, told in METRICS.items() for metric in told):
        of_metric = [row for row in shown if (row["task"], row["metric"]) == (task, metric)]
        found = [
            next((row for row in of_metric if row["is_champion"]), None),
            *(next((row for row in of_metric if row["model"] == name), None) for name in others),
        ]
        known = [row["value"] for row in found if row and row["value"] is not None]
        if not known:
            continue
        better = next((row["better"] for row in of_metric if row.get("better")), "")
        best = _best(known, better) if better and len(known) > 1 else None
        rows.append(
            [
                Cell(
                    say("{}: {}", marts.names("task", task), marts.names("metric", metric)),
                    aside=marts.names.meaning("metric", metric),
                ),
                *(_metric_cell(metric, row, best) for row in found),
            ]
        )
    if not rows:
        return []
    customers = max((row["customers"] for row in shown if row["customers"]), default=0)
    columns = [say("Champion"), *(marts.names("model", name) for name in others)]
    return [Table([say("Back-test of {}", count(customers, "customer")), *columns], rows)]


def _metric_cell(metric: str, row: Record | None, best: float | None) -> Cell:
    if row is None or row["value"] is None:
        return Cell(MISSING)
    low, high = row["value_low"], row["value_high"]
    return Cell(
        _metric_text(metric, row["value"]),
        aside=""
        if low is None or high is None
        else say("{} to {}", _metric_text(metric, low), _metric_text(metric, high)),
        mark="best" if row["value"] == best else "",
    )


def _best(values: Sequence[float], better: str) -> float:
    if better == "high":
        return max(values)
    return min(values) if better == "low" else min(values, key=abs)


def _metric_text(metric: str, value: float) -> str:
    if metric == "bias":
        return with_minus(f"{100 * value:+.1f}%")
    if metric == "interval_coverage":
        return percent(value)
    digits = 3 if abs(value) < 1 else 2 if abs(value) < 10 else 1
    return with_minus(f"{value:,.{digits}f}")


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
                why = retell(row["reason"]) if row["reason"] else MISSING
                use = uses.setdefault((marts.names("model", row["model"]), why), {})
                use.setdefault(task, []).append(str(row["horizon_days"]))
    if not uses:
        return []
    return [
        Table(
            [say("Champion"), say("Used for"), say("Why")],
            [
                cells_of(
                    model,
                    capitalised(
                        "; ".join(
                            say("{} ({} days)", marts.names("task", task).lower(), listed(days))
                            for task, days in use.items()
                        )
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
        note = say(
            "Scores of today: fitted on {}, {} to {}",
            count(run["customers"], "customer"),
            day(run["fit_from"]),
            day(run["fit_through"]),
        )
        if run["discount"] is not None:
            note += say("; expected value discounted at {} a year", percent(run["discount"]))
        notes.append(ended(note))
    notes += [
        say("{} with ", count(row["customers"], "customer"))
        + (say("a simpler forecast") if row["status"] == "fallback" else say("no forecast"))
        + ended(f": {retell(row['reason'].replace('_', ' '))}" if row["reason"] else "")
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
            since += say(" (the back-test, so that a season counts as well)")
        parts.append(
            say(
                "{} of {} moved since {}",
                whole(len(moved)) if moved else say("none"),
                count(len(compared), "input or score", "inputs and scores"),
                since,
            )
        )
    elif scores:
        parts.append(say("inputs and scores were not compared ({})", scores[0]["reason"]))
    judged = [row for row in champions if row["drift_status"] != "not_compared"]
    worse = [row for row in judged if row["drift_status"] != "stable"]
    if judged:
        which = (
            say("{} of {}", whole(len(worse)), count(len(judged), "champion"))
            if worse
            else say("no champion")
        )
        parts.append(say("{} did clearly worse of late than in earlier windows", which))
    elif champions:
        parts.append(
            say("champions were not compared with earlier windows ({})", champions[0]["reason"])
        )
    sentence = say("Drift: {}.", clauses(parts)) if parts else ""
    rows = [
        [
            Cell(
                say(
                    "{}: {}",
                    marts.names("drift_kind", row["kind"]),
                    marts.names("drift_variable", row["variable"]).lower(),
                )
            ),
            Cell(say("PSI {:.2f}", row["psi"])),
            Cell(
                marts.names("score_drift_status", row["drift_status"]).lower(),
                mark="bad" if row["drift_status"] == "shifted" else "",
            ),
        ]
        for row in moved
    ] + [
        [
            Cell(
                say(
                    "Champion: {}, {}",
                    marts.names("task", row["task"]).lower(),
                    count(row["horizon_days"], "day"),
                )
            ),
            Cell(
                say(
                    "error {:.2f} times that of {}",
                    row["loss_ratio"],
                    count(row["past_windows"], "earlier window"),
                )
            ),
            Cell(marts.names("champion_drift_status", row["drift_status"]).lower(), mark="bad"),
        ]
        for row in worse
    ]
    if not rows:
        return ([sentence] if sentence else []), [], False
    table = Table(
        [say("Moved"), say("How far"), say("Status")], rows, text_columns=3, caption=sentence
    )
    return [], [table], any(cell.mark for row in rows for cell in row)
