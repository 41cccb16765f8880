"""Who is at risk, and how much with them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from serving.language import clauses, ended, retell, say
from serving.report import charts
from serving.report.formats import count, percent, ratio, short_day, whole
from serving.report.lists import DUE_DAYS
from serving.report.marks import BAND_COLOURS, MUTED
from serving.report.marts import Marts, Record
from serving.report.sections.parts import (
    STAGE,
    Cell,
    Section,
    Table,
    cells_of,
    downloads,
    no_customers,
)
from serving.report.sections.value import basis_name
from serving.stake import AT_RISK

CUSTOMERS_SHOWN = 10
BAND = "churn_band"


def churn(marts: Marts) -> Section:
    """Customers at risk and the value that is at risk."""
    key, title = "churn", say("Risk of churn")
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
        return no_customers(marts, key, title, say("No customer has a churn score."))
    horizon = max(row["horizon_days"] for row in scored)
    customers = sum(row["customers"] for row in found)
    at_risk = marts.stake.value
    expected = sum(row["expected_churn"] for row in scored)

    def total(band: str, measure: str) -> Any:
        return sum(row[measure] for row in found if row["band"] == band)

    bands = marts.names.values(BAND, {row["band"] for row in found})
    table = Table(
        [
            say("Risk"),
            say("Customers"),
            say("Share"),
            say("Expected value"),
            say("Value at risk"),
            say("Share"),
        ],
        [
            [
                Cell(marts.names(BAND, band), colour=BAND_COLOURS.get(band, "")),
                *cells_of(
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
                Cell(say("All"), mark="total"),
                *cells_of(
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
        drawn = [band for band in bands if band != "not_scored"]
        chart = charts.stacked_lines(
            [
                {
                    "line": marts.names(STAGE, row["stage"]),
                    "kind": marts.names(BAND, row["band"]),
                    "value": float(row["at_risk"]),
                    "note": say(
                        "{}, risk {}: {} at risk, {}",
                        marts.names(STAGE, row["stage"]),
                        marts.names(BAND, row["band"]).lower(),
                        whole(row["at_risk"]),
                        count(row["customers"], "customer"),
                    ),
                }
                for row in scored
                if row["stage"] in stages
            ],
            lines=[marts.names(STAGE, stage) for stage in stages],
            colours={marts.names(BAND, band): BAND_COLOURS.get(band, MUTED) for band in drawn},
            width=360,
            title=say("Value at risk by lifecycle stage and churn risk"),
        )
        figures.append(
            charts.svg(chart, key=marts.prefix + key, label=say("Value at risk by lifecycle stage"))
        )
    headline = say(
        "The scores expect {} of {} not to buy within {} days",
        _about(expected),
        count(customers, "customer"),
        horizon,
    )
    if at_risk:
        headline += say(
            "; if they did after all, they would bring {}{} of {} in 12 months, the value at risk",
            whole(at_risk),
            marts.unit,
            basis_name(marts, marts.value("select max(clv_basis) from marts.customer_value")),
        )
        if stages:
            share = percent(by_stage[stages[0]] / float(at_risk))
            headline += say(
                ": {} of it is with {} customers", share, marts.names(STAGE, stages[0]).lower()
            )
    headline = clauses([headline, marts.stake.whose(whole) if at_risk else marts.stake.who])
    return Section(
        key,
        title,
        ended(headline),
        say(
            "Churn is no purchase within {} days. Value at risk is the probability of it times "
            "what the customer brings within 12 months if the purchase is made after all. "
            "Expected value, on the other hand, holds the risk already. Many faithful customers "
            "with a small risk can hold more than a few who are almost gone. A driver is what "
            "weighs most in a customer's forecast, next to what is usual.",
            horizon,
        ),
        figures,
        [table, *_concentration(marts), *_drivers(marts)],
        beside=True,
        wide_tables=_to_act_on(marts),
        downloads=downloads(
            marts,
            {
                "at_risk": say("At high or medium risk"),
                "due_soon": say("Next purchase due within {} days", DUE_DAYS),
            },
        ),
        caveat=marts.caveats.risk,
    )


def _about(number: float) -> str:
    return say("about {}", whole(number)) if number >= 0.5 else say("fewer than 1")


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
            [say("By value at risk"), say("Customers"), say("Value at risk"), say("Share")],
            [
                cells_of(
                    marts.names("stake_band", name),
                    whole(found[name]["customers"]),
                    whole(found[name]["at_risk"]),
                    percent(ratio(found[name]["at_risk"], marts.stake.value)),
                )
                for name in marts.names.values("stake_band", found)
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
            [
                say("Main driver"),
                say("Customers"),
                say("Share"),
                say("Value at risk"),
                say("Share"),
            ],
            [
                cells_of(
                    marts.names("churn_driver", row["driver"])
                    if row["driver"]
                    else say("None stands out"),
                    whole(row["customers"]),
                    percent(ratio(row["customers"], customers)),
                    whole(row["at_risk"]),
                    percent(ratio(row["at_risk"], at_risk)),
                )
                for row in found
            ],
            caption=say("What weighs most in the forecasts at high and medium risk"),
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
                say("Customer"),
                say("Stage"),
                say("Strongest reason"),
                say("Value at risk"),
                say("Churn probability"),
                say("Last purchase"),
                say("Next one expected"),
            ],
            [
                [
                    *cells_of(
                        row["customer_id"],
                        marts.names(STAGE, row["stage"]),
                        retell(row["reason_1"] or "") or say("none stands out"),
                        whole(row["value_at_risk"]),
                    ),
                    Cell(percent(row["p_churn"]), colour=BAND_COLOURS.get(row["churn_band"], "")),
                    *cells_of(
                        short_day(row["last_purchase_date"]),
                        _next_purchase(row),
                    ),
                ]
                for row in found
            ],
            text_columns=3,
            caption=say(
                "To act on: of {} the {} with the most at stake, {} of {}{}",
                marts.stake.who,
                whole(len(found)),
                whole(held),
                whole(marts.stake.held),
                marts.unit,
            ),
        )
    ]


def _next_purchase(row: Record) -> str:
    if row["expected_next_purchase_date"]:
        return short_day(row["expected_next_purchase_date"])
    within = row["horizon_days"]
    return say("not within {}", count(within, "day")) if within else say("no date forecast")
