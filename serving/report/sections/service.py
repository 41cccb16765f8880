"""What customers say of the shop, what it follows from, and how service answers."""

from __future__ import annotations

from markupsafe import Markup

from serving.language import ended, say
from serving.report import charts
from serving.report.formats import percent, whole, with_minus
from serving.report.marks import ACCENT, MUTED, WARM
from serving.report.marts import Marts, Record
from serving.report.sections.parts import Section, Table, cells_of, joined, nothing

DIMENSION = "survey_dimension"


def satisfaction(marts: Marts) -> Section:
    """How content customers are, weighted to the base, and what drives it."""
    key, title = "satisfaction", say("Satisfaction")
    found = marts.rows(
        "select dimension, survey_type, answer_count, csat, csat_low, csat_high, csat_weighted, "
        "nps, nps_weighted, nps_weighted_low, nps_weighted_high, response_rate, "
        "response_rate_reason, satisfaction_reason "
        "from marts.satisfaction_by_group "
        "where group_kind = 'all' and survey_type in ('csat', 'nps') "
        "order by survey_type, dimension, scale_max"
    )
    if not found:
        return nothing(
            key,
            title,
            say("Not known: no survey answers have landed; the table service.surveys fills this."),
        )
    rated = [row for row in found if row["csat"] is not None]
    recommended = next((row for row in found if row["nps"] is not None), None)
    overall = next((row for row in rated if row["dimension"] == "overall"), None)
    drivers = marts.rows(
        "select dimension, r2_all, r2_share, r2_share_low, r2_share_high, importance_rank, "
        "retention_effect, retention_effect_low, retention_effect_high, retention_reason "
        "from marts.satisfaction_drivers where importance_rank is not null "
        "order by importance_rank"
    )
    return Section(
        key,
        title,
        ended(_headline(marts, overall, recommended, drivers)),
        _how(found),
        [_picture(marts, rated)] if rated else [],
        [_scores(marts, found), *([_drivers(marts, drivers)] if drivers else [])],
        beside=False,
    )


def _headline(
    marts: Marts, overall: Record | None, recommended: Record | None, drivers: list[Record]
) -> str:
    said = []
    if overall is not None:
        said.append(
            say(
                "{} of the answers are content ({} to {})",
                percent(overall["csat"]),
                percent(overall["csat_low"]),
                percent(overall["csat_high"]),
            )
        )
    if recommended is not None:
        if recommended["nps_weighted"] is None:
            said.append(say("the net promoter score is {}", _points(recommended["nps"])))
        else:
            said.append(
                say(
                    "the net promoter score is {} of the whole base ({} to {})",
                    _points(recommended["nps_weighted"]),
                    _points(recommended["nps_weighted_low"]),
                    _points(recommended["nps_weighted_high"]),
                )
            )
    if drivers:
        first = marts.names(DIMENSION, drivers[0]["dimension"]).lower()
        said.append(say("most depends on {}", first))
    if not said:
        return say("Too few answers to tell how content customers are")
    text = joined(*said)
    return text[:1].upper() + text[1:]


def _how(found: list[Record]) -> str:
    how = say(
        "Content are the two best answers of a scale of five or more, of the last twelve months; "
        "the line is the 95% interval. Weighted: who answers is not like the base, so every answer "
        "stands for the customers of its stage, spend and frequency. What drives overall "
        "satisfaction is divided among the dimensions (Shapley); the effect on returning is that "
        "of a point more among customers of the same rhythm and value."
    )
    if any(row["response_rate_reason"] for row in found):
        how += say(" What share answered cannot be told: who did not answer has not landed.")
    return how


def _picture(marts: Marts, rated: list[Record]) -> Markup:
    names = {row["dimension"]: marts.names(DIMENSION, row["dimension"]) for row in rated}
    chart = charts.intervals(
        [
            {
                "line": names[row["dimension"]],
                "kind": "overall" if row["dimension"] == "overall" else "dimension",
                "value": row["csat"],
                "low": row["csat_low"],
                "high": row["csat_high"],
                "text": percent(row["csat"]),
                "note": say(
                    "{}: {} of {} answers content",
                    names[row["dimension"]],
                    percent(row["csat"]),
                    whole(row["answer_count"]),
                ),
            }
            for row in rated
        ],
        colours={"overall": ACCENT, "dimension": MUTED},
        lines=[names[name] for name in marts.names.values(DIMENSION, names)],
        title=say("Content answers"),
        width=440,
    )
    return charts.svg(chart, key=marts.prefix + "satisfaction", label=say("Content answers"))


def _scores(marts: Marts, found: list[Record]) -> Table:
    return Table(
        [
            say("Question"),
            say("Answers"),
            say("As answered"),
            say("Weighted to the base"),
            say("Response rate"),
        ],
        [
            cells_of(
                _question(marts, row),
                whole(row["answer_count"]),
                _value(marts, row, ""),
                _value(marts, row, "_weighted"),
                percent(row["response_rate"]),
            )
            for row in found
        ],
    )


def _question(marts: Marts, row: Record) -> str:
    if row["survey_type"] == "nps":
        return marts.names("survey_type", "nps")
    return marts.names(DIMENSION, row["dimension"])


def _value(marts: Marts, row: Record, suffix: str) -> str:
    if row["survey_type"] == "nps":
        return _points(row["nps" + suffix])
    return percent(row["csat" + suffix])


def _points(value: float | None) -> str:
    return percent(None) if value is None else with_minus(f"{value:+.0f}")


def _drivers(marts: Marts, drivers: list[Record]) -> Table:
    return Table(
        [
            say("What drives it"),
            say("Share"),
            say("95% interval"),
            say("Effect on returning"),
            say("95% interval"),
        ],
        [
            cells_of(
                marts.names(DIMENSION, row["dimension"]),
                percent(row["r2_share"]),
                say("{} to {}", percent(row["r2_share_low"]), percent(row["r2_share_high"])),
                _change(row["retention_effect"]),
                marts.names("driver_reason", row["retention_reason"])
                if row["retention_reason"]
                else say(
                    "{} to {}",
                    _change(row["retention_effect_low"]),
                    _change(row["retention_effect_high"]),
                ),
            )
            for row in drivers
        ],
    )


def _change(value: float | None) -> str:
    return percent(None) if value is None else with_minus(f"{100 * value:+.1f}%")


def service_levels(marts: Marts) -> Section:
    """Whether orders come when promised, what late ones do, and how long tickets take."""
    key, title = "service", say("Deliveries and tickets")
    delivered = marts.row(
        "select sum(promised_count) as promised, sum(delivered_count) as delivered, "
        "sum(late_by_clock_count) as by_clock, sum(late_by_day_count) as by_day, "
        "sum(overdue_count) as overdue from marts.delivery_performance"
    )
    bands = marts.rows(
        "select delay_band, mean_score, answer_count, scale_max, csat "
        "from marts.satisfaction_by_delay where dimension = 'overall' and mean_score is not null "
        "order by scale_max, delay_band"
    )
    months = marts.rows(
        "select ticket_month, sum(opened_count) as opened, sum(closed_count) as closed, "
        "sum(backlog_count) as backlog, sum(within_target_count) as within_target, "
        "sum(target_due_count) as due, max(target_hours) as hours "
        "from marts.service_tickets_summary group by 1 order by 1 desc limit 12"
    )
    if not delivered["promised"] and not months:
        return nothing(
            key,
            title,
            say(
                "Not known: promised_at and fulfilled_at of pos.orders tell of deliveries, the "
                "table service.tickets of tickets; neither has landed."
            ),
        )
    said, tables, figures = [], [], []
    if delivered["delivered"]:
        said.append(
            say(
                "{} of {} deliveries came on a later day than promised",
                percent(delivered["by_day"] / delivered["delivered"]),
                whole(delivered["delivered"]),
            )
        )
    if bands:
        figures.append(_delays(marts, bands))
    if months:
        said.append(
            say(
                "{} of the tickets of twelve months were resolved within {} hours",
                percent(_ratio(months, "within_target", "due")),
                whole(months[0]["hours"]),
            )
        )
        said.append(say("{} are open", whole(months[0]["backlog"])))
        tables.append(_tickets(months))
    text = joined(*said) or say("Nothing that was promised has been delivered yet")
    how = say(
        "By the day, an order is late on the day after the one promised. Scores are those that "
        "customers gave the order on the whole; the pictures compare orders by how late they came. "
        "Tickets stand in the month in which they were opened; open ones are those at its end."
    )
    return Section(key, title, ended(text), how, figures, tables, beside=False)


def _ratio(rows: list[Record], part: str, whole_: str) -> float | None:
    total = sum(row[whole_] for row in rows)
    return sum(row[part] for row in rows) / total if total else None


def _delays(marts: Marts, bands: list[Record]) -> Markup:
    known = {row["delay_band"] for row in bands}
    lines = [marts.names("delay_band", band) for band in marts.names.values("delay_band", known)]
    chart = charts.share_bars(
        [
            {
                "line": marts.names("delay_band", row["delay_band"]),
                "panel": say("Content answers"),
                "value": row["csat"] or 0.0,
                "text": percent(row["csat"]),
                "note": say(
                    "{}: mean {:.2f} of {} answers",
                    marts.names("delay_band", row["delay_band"]),
                    row["mean_score"],
                    whole(row["answer_count"]),
                ),
            }
            for row in bands
            if row["scale_max"] == bands[-1]["scale_max"]
        ],
        colours=dict.fromkeys(lines, WARM),
        lines=lines,
        panels=[say("Content answers")],
        width=320,
        label_width=180,
    )
    return charts.svg(
        chart, key=marts.prefix + "service", label=say("Content answers by how late orders came")
    )


def _tickets(months: list[Record]) -> Table:
    return Table(
        [
            say("Tickets"),
            say("Opened"),
            say("Ended"),
            say("Open at the end"),
            say("Within the target"),
        ],
        [
            cells_of(
                f"{row['ticket_month']:%Y-%m}",
                whole(row["opened"]),
                whole(row["closed"]),
                whole(row["backlog"]),
                percent(_ratio([row], "within_target", "due")),
            )
            for row in months
        ],
    )
