"""The report on real DuckDB files whose marts have the columns that the dbt contracts declare."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from io import StringIO
from pathlib import Path
from pkgutil import iter_modules

import duckdb
import pytest
import yaml
from report_marts import (
    AS_OF,
    PROJECT,
    SECTIONS,
    Page,
    Rows,
    marts_file,
    one_customer,
    profiled,
    rendered,
    scored_base,
    vocabulary,
    without_sales,
)
from rich.console import Console

from orchestration.cli.summary import show
from orchestration.settings import Settings
from serving.report import render_report, sections
from serving.report.lists import TOP_TIERS
from serving.report.marks import (
    ACCENT,
    ATTRIBUTION_MARKS,
    BAND_COLOURS,
    SEGMENT_COLOURS,
    STAGE_COLOURS,
    WARM,
)
from serving.report.names import BASELINE, DIRECT, LAPSED, LEAVING, UNATTRIBUTED, UNSEEN
from serving.report.sections.parts import PROSPECT
from serving.report.sections.report_card import CALIBRATED, ERRORS, METRICS
from serving.stake import AT_RISK
from serving.summary import summarise


@pytest.fixture(scope="module")
def scored_page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    return rendered(tmp_path_factory.mktemp("scored"), scored_base())


def test_every_section_of_a_domain_is_on_the_page_once() -> None:
    written = {
        function
        for module in iter_modules(sections.__path__, f"{sections.__name__}.")
        for function in vars(import_module(module.name)).values()
        if getattr(function, "__annotations__", None) == {"marts": "Marts", "return": "Section"}
        and not function.__name__.startswith("_")
    }
    shown = [build for _, builders in sections.GROUPS for build in builders]
    assert len(shown) == len(set(SECTIONS)) == len(written)
    assert set(shown) == written


def test_without_data_every_section_says_so(tmp_path: Path) -> None:
    page = rendered(tmp_path, {})
    assert page.empty == set(SECTIONS)
    assert "svg" not in page.tags
    for section in SECTIONS:
        assert page.text(section).endswith(".")


def test_one_customer_without_campaigns_and_scores(tmp_path: Path) -> None:
    page = rendered(tmp_path, one_customer())
    drawn = {section for section, number in page.charts.items() if number}
    assert drawn == {"lifecycle", "segments", "rfm-grid"}
    assert {"transitions", "periods", "cohorts", "churn", "calibration"} <= page.empty
    assert "Of 1 customer, 100% are new." in page.text("lifecycle")
    assert "without attribution" in page.text("channels")
    assert page.figures["customers"][1:] == ["1", "1 with a purchase"]
    assert page.figures["expected"][1:] == ["–", "no scores"]
    # Seven days are no year, in the headline as in the fine print.
    assert page.figures["revenue"][1:] == ["13", "from 7 days of sales"]
    assert "brought 13 EUR in 7 days of sales" in page.text("value")
    assert "share of that of the 7 days of sales" in page.text("lifecycle")
    assert "whoever was a customer before them counts as new" in page.text("lifecycle")
    assert "12 months" not in page.text("value") + page.text("lifecycle")
    assert "The 1 customer who bought most recently and most often" in page.text("rfm-grid")
    assert "touchpoints, campaign_targets and coupon_redemptions would fill" in page.text(
        "channels"
    )


def test_targets_are_told_with_where_the_period_ends(scored_page: Page) -> None:
    told = scored_page.text("targets")
    assert "Of 1 targets 0 are met or ahead; 0 on track; 1 missed or behind." in told
    assert "Net revenue 2026-03 Ann Behind 1,000 300 −700 40% 750 700 to 800" in told
    assert "Repeat rate 2026-03 – No target no interval – 40% – – 40%" in told
    assert "NPS 2026-03 – No target not in the data – – – – –" in told


def test_models_and_ways_of_channels(scored_page: Page) -> None:
    page = scored_page
    compared = page.text("channel-comparison")
    assert "40% of what followed a touch under Linear, 70% under" in compared
    assert "for 1 of 1 channels models contradict each other" in compared
    assert "Rare – Nothing is told – – – – –" in compared
    ways = page.text("channel-paths")
    assert "17% of the orders that followed a touch had one channel before them" in ways
    assert "the most frequent way, mail → rare, led to 4 of them (67%)" in ways
    assert "of 16 journeys 10 ended without an order" in ways


def test_figures_are_those_of_the_marts(scored_page: Page) -> None:
    page = scored_page
    assert page.empty == {"revenue", "warnings"}
    without_chart = {section for section, number in page.charts.items() if not number}
    assert without_chart == {"revenue", "warnings", "accounting", "identity"}

    assert "As of 1 April 2026" in page.html
    assert "net revenue, without tax, in EUR" in page.html
    assert page.figures["customers"][1] == "20"
    assert page.figures["expected"][1] == "10,500"
    assert page.figures["at-risk"][1:3] == ["2,948", "2,565 of it with 3 customers at high risk"]

    assert "Of 20 customers, 60% are mature, 25% are declining" in page.text("lifecycle")
    assert "8 of 20 customers changed stage" in page.text("transitions")
    assert "from mature to declining (5)" in page.text("transitions")
    assert "60% bought in the month after" in page.text("cohorts")
    assert "month 3" not in page.text("cohorts")
    assert "30% of the 50 called dormant (20% to 40%)" in page.text("quality")
    moved = page.text("movement")
    assert "March 2026 brought 1,440 EUR, +44.0% against February 2026, above all by" in moved
    assert "price per unit (+493), units per order (−277) and customers (+223)" in moved
    assert "Price per unit – 1.5 +493 +49.3%" in moved
    assert "Mar 2026 Feb 2026 +44.0% – −5.0%" in moved
    categories = page.text("category-moves")
    assert "herbs gained most against February 2026: +540 EUR; Milk lost most: −100" in categories
    assert "1 others 0 0 0 Total +440 0 +440" in categories
    assert (
        "Age is known of 70% of the customers, most often 18-24 (63%);"
        " Age 18-24: 120 EUR a customer, 1.5 times the average"
    ) in page.text("profile")
    # Twelve lines a picture: eleven cities and the other four together.
    assert "4 others 16 23%" in page.text("profile")
    assert "Small groups together 12 17% 50% 20 11–29" in page.text("profile")
    assert "Age 75% 70% 5 400" in page.text("profile")
    assert "Not recorded: Gender." in page.text("profile")
    assert "25% of the customers did something besides buying in the last 90 days, 50% in" in (
        page.text("engagement")
    )
    assert "Visits 15 75% 45 3.00" in page.text("engagement")
    assert "Rising 5 25% 300" in page.text("engagement")
    assert "off by 4.0 percentage points" in page.text("rfm-grid")
    assert (
        "Of 16 customers with enough orders, by how they shop: Value-oriented (75%) and Evening"
        " shoppers (25%); 20% have no segment." in page.text("behaviour")
    )
    assert "overlap of 0.81 or more" in page.text("behaviour")
    assert "12% of the customers changed their segment" in page.text("behaviour")
    assert "Private label 60% against 25%" in page.text("behaviour")
    assert "bring 10,500 EUR of net revenue in the next twelve months, 19% of it" in page.text(
        "value"
    )
    assert "Each 5 years, untested" in page.text("value")
    assert "Expected purchases – 30 – Expected net revenue – – 21,000" in page.text("value")
    assert "about 4 of 20 customers not to buy within 90 days" in page.text("churn")
    assert "they would bring 2,948 EUR of net revenue in 12 months" in page.text("churn")
    assert "How often they buy 2 67% 1,665 65%" in page.text("churn")
    assert "75% of the revenue followed" in page.text("channels")
    assert "A model of tomorrow" in page.text("channels")
    assert "50% of the baskets" in page.text("identified")


def test_channels_are_judged_and_fit_segments(scored_page: Page) -> None:
    page = scored_page
    judged = page.text("channel-scorecard")
    assert "2 of 3 goals of channels that can be judged are met; Shop leads the sales" in judged
    assert "Mail Marketing – – 100%" in judged
    assert "the twelve months from 1 April 2025" in judged
    assert ">≤ 8.0×<" in page.html
    assert ">held<" in page.html
    fitting = page.text("channel-fit")
    assert "Of 3 pairs of a channel and a segment, 1 are recommended and 1 are to be" in fitting
    assert "25% of the customers use more than one sales channel, and 40% of the" in fitting
    assert "Mature Shop (preferred) –" in fitting
    assert "Lost – Web (too costly)" in fitting
    assert "10 people who became known, 6 bought and 3 bought again on another day; 2 more" in (
        page.text("acquisition")
    )


def test_who_is_one_person_is_told_with_what_that_changes(scored_page: Page) -> None:
    text = scored_page.text("identity")
    assert "100 customers are 90 persons in 80 households" in text
    assert "42.0% of the buyers came back and not 40.0%, and one is worth 410 and not 400" in text
    assert "telephone number 0 5 other name" in text


def test_reasons_are_told_with_what_is_not_known(scored_page: Page) -> None:
    reasons = scored_page.text("reasons")
    assert "Of 10 customers who left 5 said why, of 2 more something happened" in reasons
    assert "80% of those who said why name competitor." in reasons
    assert "Competitor 4 80% 60% (31% to 89%) 40% to 70% 900" in reasons
    assert "Service 3 20% 40% (11% to 69%) 30% to 60% 50" in reasons
    assert "Unknown 3 – – – 300" in reasons
    # A frequent experience stands below, as none.
    late, dearer = reasons.index("Late delivery 5 50% 10%"), reasons.index("Own products dearer")
    assert late < dearer
    assert "As frequent among those who stayed" in reasons[dearer:]
    # All who had it left.
    assert "Goods sent back 4 40% – – Too few to tell" in reasons
    # A rate of 29 customers is not shown.
    assert "Sales channel: web 40 20% 5% to 25%" in reasons
    assert "90%" not in reasons
    assert "Saturday (50% of the last visits, 25% of all)" in reasons
    win_back = scored_page.text("win-back")
    assert "2 of 3 lapsed customers can be asked back" in win_back
    assert "they bring 90 EUR in a year" in win_back
    assert "No consent 1" in win_back


def test_pairs_and_suggestions_are_those_of_the_marts(scored_page: Page) -> None:
    pairs = scored_page.text("baskets")
    assert "面条 and 酱料 go together most surely" in pairs
    assert "面条 and <b>米饭 stand in for each other most surely" in pairs
    assert "Of 2 pairs tested in 900 baskets, 1 go together" in pairs
    # Most certain first, and no pair that was not told of.
    assert "米饭 + 酱料" not in pairs.replace("<b>", "")
    assert scored_page.charts["baskets"] == 2
    suggestions = scored_page.text("next-category")
    assert "36% are in the next basket; of three new ones, 32% are bought" in suggestions
    assert "would have been made on 30 Dec 2025" in suggestions
    # White space: two customers do not buy sauce.
    assert "酱料 2 25.00 面条 1 2.50" in suggestions


def test_prospects_are_in_no_share(tmp_path: Path) -> None:
    base = scored_base()
    prospects = [{"customer_id": f"p{number}", "as_of_date": AS_OF} for number in range(80)]
    base["customer_lifecycle"] += [{**key, "lifecycle_stage": "prospect"} for key in prospects]
    base["customer_lifecycle_history"] += [
        {**key, "month_end": date(2026, 2, 28), "lifecycle_stage": "prospect"}
        for key in [{"customer_id": row["customer_id"]} for row in prospects]
    ]
    base["lifecycle_transitions"].append(
        {
            **base["lifecycle_transitions"][0],
            **{"from_stage": "prospect", "to_stage": "prospect", "is_move": False},
            **{"customers": 80, "from_customers": 80},
        }
    )
    base["customer_value"] += [{**key, "score_status": "not_scored"} for key in prospects]
    base["customer_churn"] += [
        {**key, "score_status": "not_scored", "score_reason": "no_purchase"} for key in prospects
    ]
    base["customer_rfm"] += [
        {
            **key,
            **{"segment": "prospects", "segment_rank": 11},
            **{"segment_label_en": "Prospects", "segment_label_zh": "潜在客户"},
        }
        for key in prospects
    ]
    page = rendered(tmp_path, base)
    assert "Of 20 customers, 60% are mature, 25% are declining" in page.text("lifecycle")
    assert "80 prospects who never bought are not counted" in page.text("lifecycle")
    assert "Prospect 80 – – –" in page.text("lifecycle")
    assert "8 of 20 customers changed stage" in page.text("transitions")
    assert "New: 100% of the customers bring 100% of the revenue" in page.text("segments")
    assert "19% of it from the best tenth" in page.text("value")
    assert "about 4 of 20 customers" in page.text("churn")
    assert "Not scored" not in page.text("value") + page.text("churn")
    assert "net promoter score is +17 of the whole base (+5 to +29)" in page.text("satisfaction")
    assert "most depends on price" in page.text("satisfaction")
    assert "8% of 100 deliveries came on a later day than promised" in page.text("service")
    assert "67% of the tickets of twelve months were resolved within 48 hours" in page.text(
        "service"
    )


def test_without_sales_every_part_says_which_file_would_fill_it(tmp_path: Path) -> None:
    page = rendered(tmp_path, without_sales())
    assert page.empty == set(SECTIONS) - {"accounting"}
    of_service = {"satisfaction", "service"}
    other_files = of_service | {"campaigns", "channels", "coupons", "points"}
    for section in page.empty - other_files - {"warnings"}:
        assert "the files orders and order_lines would fill this part" in page.text(section)
    assert all("service." in page.text(section) for section in of_service)
    assert "1 prospect known, nobody has bought" in page.text("lifecycle")
    assert page.figures["customers"][1:] == ["1", "0 with a purchase"]
    for figure in ("revenue", "orders", "expected", "at-risk", "identified", "tie-out"):
        assert page.figures[figure][1] == "–", figure


def test_members_and_who_is_only_written_to_have_a_profile(tmp_path: Path) -> None:
    base = without_sales() | profiled()
    for row in base["customer_base_profile"]:
        row.update(active_customers=0, recent_orders=0, recent_net_revenue=Decimal(0))
        row.update(dict.fromkeys(name for name in row if re.search("spend|per_active", name)))
    for row in base["customer_engagement"]:
        row.update(dict.fromkeys(name for name in row if re.search("visits|action|trend$", name)))
    page = rendered(tmp_path, base)
    assert page.empty == set(SECTIONS) - {"accounting", "profile", "engagement"}
    assert page.text("profile").count("Share of recent revenue") == 0
    assert "most often 18-24 (63%)." in page.text("profile")
    assert "75% of the customers were sent a message; what they did" in page.text("engagement")


def test_without_customers_every_part_says_what_would_fill_it(tmp_path: Path) -> None:
    base = one_customer()
    base["fct_orders"][0] |= {"customer_id": None, "is_identified": False}
    base["identified_sales_share"][0] |= {
        "identified_baskets": 0,
        "identified_net_revenue": Decimal(0),
    }
    base["dim_dates"] = [{"date_day": AS_OF - timedelta(days=1), "is_observed": True}]
    kept = ("dim_dates", "fct_orders", "channel_contribution", "identified_sales_share")
    kept += ("landing_reconciliation", "revenue_reconciliation")
    page = rendered(tmp_path, {name: base[name] for name in kept})
    # Prices, answers, tickets and points are told of anybody, campaigns from their own files.
    of_anybody = {"campaigns", "coupons", "points", "prices", "satisfaction", "service", "warnings"}
    for section in page.empty - of_anybody - {"channels"}:
        assert "customer_id in orders would fill" in page.text(section)
    assert page.figures["revenue"][1] == "13"
    assert page.figures["active"][1:] == ["–", "no sale names a customer"]
    assert page.figures["customers"][1:] == ["0", "no sale names a customer"]
    assert "Revenue of 12.50 EUR ties out" in page.text("accounting")
    # Said once, and not once for each part.
    told = page.empty - (of_anybody - {"campaigns", "coupons"})
    assert page.html.count("No sale names a customer") == len(told) - 1


def test_a_figure_that_is_untested_or_partial_says_so_beside_it(tmp_path: Path) -> None:
    base = scored_base()
    page = rendered(tmp_path, base)
    assert page.figures["expected"][3:] == ["from 7 days of sales; only 1 customer"]
    assert page.figures["at-risk"][3:] == ["from 7 days of sales; only 1 customer"]

    base["fct_orders"] += [
        {**base["fct_orders"][0], "order_date": date(2025, 3, 1)},
        {**base["fct_orders"][0], "customer_id": None, "is_identified": False},
    ]
    base["fct_orders"] += [
        {**base["fct_orders"][0], "net_revenue": 0, "customer_id": f"c{number}"}
        for number in range(20)
    ]
    for row in base["model_runs"]:
        row["past_windows"] = 3 if row["horizon_days"] == 30 else 0
    base["customer_churn"][0]["score_status"] = "fallback"
    for row in base["customer_value"]:
        row |= {"clv_basis": "contribution", "cost_coverage": 0.625, "score_status": "scored"}
    base["customer_value"][0]["score_status"] = "fallback"
    page = rendered(tmp_path / "partial", base)
    assert page.figures["customers"][3] == "from 67% of the revenue, the rest is anonymous"
    assert page.figures["revenue"][2] == "25 in the last 12 months"
    said = "tested on the past for 30 days, not for"
    value = f"{said} 12 months; 5% of the customers by a simpler model; cost known for 62%"
    assert page.figures["expected"][3] == f"{value} of the revenue"
    risk = f"{said} 90 days; 5% of the customers by a simpler model"
    assert page.figures["at-risk"][3] == risk
    for section, told in (("value", value), ("churn", risk), ("calibration", said)):
        assert f"With care: {told}" in page.text(section)

    for row in base["model_runs"]:
        row["past_windows"] = 0
    for row in base["customer_value"]:
        row |= {"clv_lifetime": None, "lifetime_reason": "7 months of history, under a year"}
    page = rendered(tmp_path / "untested", base)
    assert page.figures["at-risk"][3].startswith("not tested on the past;")
    assert "no back-test reaches so far (7 months of history, under a year)" in page.text("value")


def test_small_shares_keep_their_digits_and_zeros_are_light(tmp_path: Path) -> None:
    base = scored_base()
    for row in base["cohort_retention"]:
        if row["cohort_age"] in (1, 2):
            row |= {"cohort_customers": 1000, "active_customers": 4 * (row["cohort_age"] - 1)}
            row["retention_rate"] = 0.004 * (row["cohort_age"] - 1)
            row |= {"pooled_customers": 1000, "pooled_retention_rate": row["retention_rate"]}
    for cell in base["rfm_heatmap"]:
        if cell["snapshot"] == "holdout" and cell["customers"]:
            cell |= {"actual_purchase_rate": 0.0, "predicted_purchase_rate": 0.004}
    page = rendered(tmp_path, base)
    cohorts = page.html.partition('<section id="cohorts"')[2].partition("</section>")[0]
    assert ">0.4%<" in cohorts
    grid = page.html.partition('<section id="rfm-grid"')[2].partition("</section>")[0]
    assert ">0.4%<" in grid
    # The darkest shade, of which only what the cells now hold has any.
    full = f'fill="{ACCENT}" fill-opacity="1"'
    assert f'fill="{ACCENT}"' in cohorts
    assert full not in cohorts
    assert len(re.findall(rf'fill="{ACCENT}"(?![^>]*fill-opacity)|{full}', grid)) == 2

    for row in base["cohort_retention"]:
        row["active_customers"] = 0
    page = rendered(tmp_path / "none", base)
    assert "cohorts" in page.empty
    assert "customers nobody bought in a later month" in page.text("cohorts")


def test_bad_news_has_a_colour_of_its_own(scored_page: Page) -> None:
    moves = scored_page.html.partition('<section id="transitions"')[2].partition("</section>")[0]
    # From mature to declining and from declining to dormant; all others stayed.
    assert moves.count(f'"{WARM}"') == 2
    assert ACCENT not in moves


def test_risk_is_not_said_to_be_nobodys(tmp_path: Path) -> None:
    base = scored_base()
    for row in base["customer_churn"]:
        row["churn_band"] = "low"
    page = rendered(tmp_path, base)
    assert page.figures["at-risk"][2] == "nobody is at high or medium risk"
    assert "nobody is at high or medium risk" in page.text("churn")
    assert "To act on" not in page.text("churn")


def test_one_figure_stands_for_one_thing(tmp_path: Path) -> None:
    base = scored_base()
    for row in base["customer_churn"]:
        # Two are at medium risk. Of those at low risk one has more at stake than anybody else.
        row["next_purchase_horizon_days"] = 90
        row["stake_band"] = "top_5_percent" if row["customer_id"] == "c16" else "rest"
        if row["customer_id"] in ("c14", "c15"):
            row |= {"p_churn": 0.5, "churn_band": "medium", "value_at_risk": Decimal(300)}
        if row["customer_id"] == "c16":
            row["value_at_risk"] = Decimal(5000)
    base["customer_churn"][18]["next_purchase_horizon_days"] = None
    base["customer_churn"][17]["expected_next_purchase_date"] = date(2026, 5, 1)
    page = rendered(tmp_path, base)
    churn = page.text("churn")
    # Tile, headline, table, list and summary.
    assert page.figures["at-risk"][1:3] == [
        "8,428",
        "3,165 of it with 5 customers at high or medium risk",
    ]
    assert "would bring 8,428 EUR" in churn
    assert "3,165 of it with 5 customers at high or medium risk." in churn
    assert "High 3 15% 2,850 2,565 30% Medium 2 10% 1,550 600 7% Low 15" in churn
    assert "All 20 100% 10,500 8,428 100%" in churn
    assert "Next, up to 5% 1 5,000 59% The others 19 3,428 41%" in churn
    assert (
        "To act on: of 5 customers at high or medium risk the 5 with the most at stake, 3,165 of "
        "3,165 EUR"
    ) in churn
    assert re.findall(r"\bc\d\d\b", churn) == ["c19", "c18", "c17", "c14", "c15"]
    text = " ".join(printed(tmp_path / "cli" / "base.duckdb", base).split())
    assert "At risk 8,427.50 EUR, what customers" in text
    assert "3,165.00 of it with 5 customers at high or medium risk" in text

    assert (
        "c19 Dormant last purchase 60 days ago (raises churn) 900 90% 31 Jan 2026 not within"
        in (churn)
    )
    assert "c18 Dormant none stands out 855 90% 31 Jan 2026 no date forecast" in churn
    assert "c17 Dormant none stands out 810 90% 31 Jan 2026 1 May 2026" in churn
    # The probability is not in it twice.
    assert "of expected value" not in page.html + text
    assert "what the customer brings within 12 months if the purchase is made after all" in churn


def test_a_forecast_that_missed_says_so_beside_the_figure(tmp_path: Path) -> None:
    base = scored_base()
    for row in base["model_backtests"]:
        if row["is_champion"] and row["slice"] == "all" and row["horizon_days"] == 90:
            if (row["task"], row["metric"]) == ("spend", "bias"):
                row["value"] = -0.391
            if (row["task"], row["metric"]) == ("churn", "calibration_error"):
                row["value"] = 0.127
    for row in base["customer_churn"]:
        row["value_at_risk"] = row["clv_365d"] * 2
    page = rendered(tmp_path, base)
    assert page.figures["expected"][3].endswith("the last test forecast 39% too little")
    assert page.figures["at-risk"][3].endswith(
        "probabilities were off by 13 percentage points in the last test; "
        "more than the expected value, as few are expected to return"
    )
    assert "total spend was forecast 39.1% too low" in page.text("calibration")


def test_what_was_given_back_and_what_is_held_back_is_told_in_money(tmp_path: Path) -> None:
    base = scored_base()
    base["landing_reconciliation"].append(
        {
            **base["landing_reconciliation"][0],
            **{"table_name": "pos.order_lines", "landed_rows": 30, "superseded_rows": 4},
            **{"quarantined_rows": 2, "quarantined_net_revenue": Decimal("-1234.50")},
            "quarantined_revenue_share": 0.012,
        }
    )
    base["quarantine_reasons"].append(
        {
            **{"table_name": "pos.order_lines", "rejection_reasons": "unknown_order"},
            **{"row_count": 2, "net_revenue": Decimal("-1234.50"), "example_key": "o77"},
            **{"first_event_date": date(2026, 1, 2), "last_event_date": date(2026, 2, 3)},
        }
    )
    base["return_matches"] = [
        {
            **{"return_match": match, "match_rank": rank, "line_count": rank},
            **{"returned_amount": Decimal(amount), "amount_share": amount / 200},
        }
        for rank, (match, amount) in enumerate(
            (("referenced", 0), ("product", 150), ("amount", 0), ("unmatched", 50)), 1
        )
    ]
    text = rendered(tmp_path, base).text("accounting")
    assert "2 rows are in quarantine, with net revenue of −1,234.50 EUR (1% of what" in text
    assert "unknown order 2 −1,234.50 2 Jan 2026 to 3 Feb 2026 o77" in text
    assert "future date 7 – – –" in text
    assert "pos.order_lines 30 1 0 4 2 ✓" in text
    assert "Of 200.00 EUR in returns and credits, 75% went to the customers' latest" in text
    assert "and 25% has no such sale" in text
    path = tmp_path / "cli" / "base.duckdb"
    text = " ".join(printed(path, base).split())
    assert "200.00 in returns and credits, 25.0% of it without a sale that" in text
    assert "9 rows with net revenue of -1,234.50 EUR, 1.2% of what lines move:" in text

    # Files that were published before these figures were kept.
    with duckdb.connect(str(path)) as connection:
        connection.execute("drop table marts.return_matches")
        for table, column in (
            ("landing_reconciliation", "currency"),
            ("landing_reconciliation", "quarantined_net_revenue"),
            ("landing_reconciliation", "quarantined_revenue_share"),
            ("landing_reconciliation", "superseded_rows"),
            ("quarantine_reasons", "net_revenue"),
            ("quarantine_reasons", "first_event_date"),
            ("quarantine_reasons", "last_event_date"),
            ("quarantine_reasons", "example_key"),
            ("customer_value", "lifetime_reason"),
            ("customer_value", "lifetime_years"),
            ("customer_churn", "next_purchase_horizon_days"),
            ("customer_churn", "stake_band"),
            ("customer_lifecycle", "lost_source"),
            ("customer_lifecycle_history", "change_cause"),
            ("lifecycle_periods", "known_before_customers"),
        ):
            connection.execute(f"alter table marts.{table} drop column {column}")
    page = Page(render_report(path, tmp_path / "index.html"))
    assert "net revenue, without tax, currency not stated" in page.html
    assert "unknown order 2" in page.text("accounting")
    assert summarise(path).currency == ""


def test_who_left_by_a_record_is_told_from_who_fell_silent(tmp_path: Path) -> None:
    base = scored_base()
    for row, source in zip(
        base["customer_lifecycle"][15:],
        ("silence", "silence", "silence", "account_closed", "cancellation"),
        strict=True,
    ):
        row |= {"lifecycle_stage": "lost", "lost_source": source}
    base["customer_lifecycle_history"] += [
        {"customer_id": "c1", "month_end": date(2026, 3, 31), "change_cause": cause}
        for cause in ("register", "return", "return")
    ]
    base["lifecycle_periods"][-1]["known_before_customers"] = 2
    base["lifecycle_periods"][0]["known_before_customers"] = 2
    page = rendered(tmp_path, base)
    said = "3 silent for too long, 1 account closed and 1 cancelled"
    assert f"Lost, by what says so: {said}." in page.text("lifecycle")
    causes = "a return of the last purchase 2, leaving by their own word 1"
    assert f"What changed the stage: {causes}." in page.text("transitions")
    assert "Came back includes 2 customers who, by their records" in page.text("periods")

    # Where nobody was seen to buy, those who left are not the whole base.
    base = without_sales()
    base["customer_lifecycle"] += [
        {
            **base["customer_lifecycle"][0],
            "lifecycle_stage": "lost",
            "lost_source": "account_closed",
        }
    ]
    page = rendered(tmp_path / "members", base)
    assert "Of 2 known customers, 1 (50%) is lost (account closed)" in page.text("lifecycle")
    assert "100%" not in page.text("lifecycle")


def test_colours_and_marks_are_of_names_that_there_are() -> None:
    assert list(BAND_COLOURS) == vocabulary("churn_band")
    assert set(STAGE_COLOURS) == set(vocabulary("lifecycle_stage"))
    assert list(SEGMENT_COLOURS) == vocabulary("rfm_segment")
    assert list(ATTRIBUTION_MARKS) == vocabulary("attribution_model")
    assert set(AT_RISK) < set(BAND_COLOURS)
    assert set(TOP_TIERS) < set(vocabulary("value_tier"))
    assert {*LAPSED, *LEAVING, PROSPECT} < set(STAGE_COLOURS)
    assert vocabulary("unseen_stage") == [UNSEEN]
    assert vocabulary("uncredited_channel") == [DIRECT, UNATTRIBUTED, BASELINE]
    assert set(METRICS) == set(vocabulary("task")) == set(CALIBRATED) == set(ERRORS)
    assert {metric for told in METRICS.values() for metric in told} < set(vocabulary("metric"))


def test_a_file_without_labels_and_statistics_is_still_told(tmp_path: Path) -> None:
    """One that was published before there were any."""
    database = marts_file(tmp_path / "lifecycle.duckdb", scored_base())
    with duckdb.connect(str(database)) as connection:
        for mart in ("labels", "monthly_changes", "value_tenths"):
            connection.execute(f"drop table marts.{mart}")
        for mart, columns in (
            ("model_backtests", ("better", "beats_naive")),
            ("model_calibration", ("actual_low", "actual_high")),
            ("rfm_heatmap", ("mean_prediction_gap",)),
            ("cohort_retention", ("pooled_customers", "pooled_retention_rate")),
        ):
            for column in columns:
                connection.execute(f"alter table marts.{mart} drop column {column}")
    page = Page(render_report(database, tmp_path / "page", languages=["en"]))
    assert "Of 20 customers, 60% are mature, 25% are declining" in page.text("lifecycle")
    assert "churn probabilities were off by 2.1 percentage points" in page.text("calibration")
    assert "First bought in" in page.html


def test_an_empty_best_cell_is_not_the_headline(tmp_path: Path) -> None:
    base = one_customer()
    for cell in base["rfm_heatmap"]:
        if cell["snapshot"] == "current":
            at = (cell["recency_band"], cell["frequency_band"])
            cell["customers"] = {(5, 1): 30, (1, 1): 10}.get(at, 0)
            cell["net_revenue"] = Decimal(cell["customers"])
    page = rendered(tmp_path, base)
    assert "30 customers with recency 5 and frequency 1, 75% of all, bring 75%" in page.text(
        "rfm-grid"
    )


def test_trust_is_about_the_forecasts_in_use_at_the_newest_cutoff(scored_page: Page) -> None:
    text = scored_page.text("calibration")
    assert "churn probabilities were off by 2.1 percentage points on average" in text
    assert "beat naive ones in 1 of 2 comparisons" in text
    assert "sales up to 31 December 2025 and had to predict 1 January 2026 to 31 March" in text
    assert "0.813 0.781 to 0.842 0.790 0.750" in text
    assert "customers, to be 80% 77% – –" in text
    assert "0.987" not in text
    # Calibration of three tasks, and the error of purchases, which alone has two cutoffs.
    assert scored_page.charts["calibration"] == 2
    for used, why in (
        ("Blend of models Churn (30 and 90 days)", "chosen for churn"),
        ("Purchase model Spend (30 and 90 days)", "chosen for spend"),
    ):
        assert f"{used} {why}" in text
    assert "1 of 2 inputs and scores moved since 31 December 2025" in text
    assert "no champion did clearly worse" in text
    assert "Input: hiatus PSI 0.31 shifted" in text
    assert "amount PSI" not in text
    assert "listed below" in text


def test_without_a_back_test_there_is_no_trust_but_a_champion(tmp_path: Path) -> None:
    base = scored_base()
    for row in base["model_runs"]:
        row["reason"] = "no past window to compare with" if row["is_champion"] else None
    page = rendered(
        tmp_path,
        base
        | {"model_backtests": [], "model_calibration": [], "score_drift": []}
        | {"champion_drift": [{"drift_status": "not_compared", "reason": "no earlier window"}]},
    )
    assert "calibration" in page.empty
    assert not page.charts["calibration"]
    assert "no back-test was made" in page.text("calibration")
    assert "no past window to compare with" in page.text("calibration")
    assert "not compared with earlier windows (no earlier window)" in page.text("calibration")


def test_value_on_contribution_says_so(tmp_path: Path) -> None:
    base = scored_base()
    for row in base["customer_value"]:
        row["clv_basis"] = "contribution"
    page = rendered(tmp_path, base)
    assert "bring 10,500 EUR of contribution" in page.text("value")
    assert page.figures["expected"][2] == "contribution, discounted"


def test_what_remains_of_the_sales_is_told_step_by_step(tmp_path: Path) -> None:
    # 21,000 of net revenue, which is half of the shelf price; 40% of it less 100 for one customer.
    rows = scored_base()
    text = rendered(tmp_path / "known", rows).text("contribution")
    assert "Of 42,000 EUR of sales 8,300 remain as contribution; 1 customer cost more" in text
    assert "Not known, or not of every customer: marketing contacts, service." in text
    assert "Household size 20 14 10,500 140" in text

    for row in rows["customer_contribution"]:
        row |= {"gross_sales": None, "contribution_basis": "revenue", "cost_of_goods": None}
    text = rendered(tmp_path / "unknown", rows).text("contribution")
    assert "Of 26,250 EUR of sales 8,300 remain as net revenue less the costs" in text
    assert "Sales at shelf price – –" in text


def test_whether_the_best_customers_stay(tmp_path: Path) -> None:
    rows = scored_base()
    text = rendered(tmp_path / "both", rows).text("value-retention")
    assert "90% came back in the period after and 25% are among the best tenth of it" in text
    # Five from either end of the categories that tell a rate.
    assert "category 15" in text
    assert "category 11" in text
    assert "category 10" not in text
    assert "category 07" not in text
    assert "category 06" in text
    assert "rarely bought" not in text

    rows["value_deciles"] = []
    text = rendered(tmp_path / "entries", rows).text("value-retention")
    assert "not reach back far enough to say" in text
    assert "category 15" in text


def test_what_does_not_tie_out_is_shown(scored_page: Page) -> None:
    page = scored_page
    assert page.figures["tie-out"][1:] == ["✗ 1", "in 1 of 2 places"]
    assert "Revenue does not tie out in 1 of 2 places that report it" in page.text("accounting")
    assert "−0.50 ✗" in page.text("accounting")
    assert "future date 7" in page.text("accounting")


WARNINGS = [f"pos.orders: {number} rows break the rule [x]" for number in range(10)]


def printed(path: Path, rows: Rows, warnings: Sequence[str] = ()) -> str:
    """What is printed after a run that published these marts."""
    path.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(marts_file(path, rows))) as connection:
        connection.execute(
            "create table marts.publish_log as select 'v1' as version, $as_of as as_of_date, "
            "8 as checks_passed, $warned as checks_warned, $warnings as warnings",
            {"as_of": AS_OF, "warned": len(warnings), "warnings": json.dumps(warnings)},
        )
    console = Console(file=StringIO(), width=200)
    show(console, summarise(path), Settings(PROJECT, path.parent))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_the_summary_after_a_run_has_the_figures_of_the_report(tmp_path: Path) -> None:
    text = printed(tmp_path / "scored.duckdb", scored_base())
    assert "10,500.00 EUR over the next 365 days, 63,000.00 over 5 years (no test reaches" in text
    assert "of 20 customers (revenue, discounted); from 7 days of sales; only 1 customer" in text
    assert "2,947.50 EUR, what customers who are not expected within 90 days would bring" in text
    assert "2,565.00 of it with 3 customers at high risk" in text
    assert "returns and credits" not in text
    assert "1 input or score shifted; the report has which" in text
    assert "Warnings" not in text

    text = printed(tmp_path / "new.duckdb", one_customer())
    assert "new 1; from 7 days of sales" in text
    assert "no scores" in text
    assert "Drift" not in text


def test_the_summary_names_warnings_and_what_quarantine_holds(tmp_path: Path) -> None:
    base = scored_base()
    base["revenue_reconciliation"] = [
        {"step": step, "item": item, "kind": kind, "net_revenue": Decimal(amount)}
        for step, item, kind, amount in (
            (10, "landing.pos.order_lines", "landed", "100.00"),
            (20, "duplicates removed", "deduction", "-5.00"),
            (30, "quarantined", "deduction", "12.00"),
            (40, "dated on or after the as-of date", "deduction", "0.00"),
            (60, "revenue expected in the marts", "expected", "107.00"),
        )
    ]
    base["quarantine_reasons"] = [
        {"table_name": "pos.order_lines", "rejection_reasons": reason, "row_count": rows}
        for reason, rows in (("negative_price", 1200), ("c", 4), ("b", 5), ("a", 6), ("d", 3))
    ]
    text = printed(tmp_path / "warned.duckdb", base, WARNINGS)
    assert "1,218 rows: pos.order_lines negative price 1,200 · pos.order_lines a 6" in text
    assert "pos.order_lines c 4 · others 3" in text
    assert (
        "100.00 EUR landed, less 5.00 duplicates removed, -12.00 quarantined: 107.00 counts" in text
    )
    with duckdb.connect(str(tmp_path / "warned.duckdb")) as connection:
        connection.execute(
            "alter table marts.quarantine_reasons add column if not exists "
            "net_revenue decimal(18, 2)"
        )
        connection.execute(
            "update marts.quarantine_reasons set net_revenue = -12 where row_count = 4"
        )
    summary = summarise(tmp_path / "warned.duckdb")
    assert summary.quarantined[0] == ("pos.order_lines", "c", 4, Decimal("-12.00"))
    assert [line.strip() for line in text.splitlines() if "[x]" in line][1:] == WARNINGS[1:8]
    assert "and 2 more: Data Docs" in text
    page = Page(render_report(tmp_path / "warned.duckdb", tmp_path / "index.html"))
    assert all(warning in page.text("warnings") for warning in WARNINGS)
    assert "Examples of the rows: Data Docs" in page.text("warnings")


def test_the_summary_says_which_file_would_fill_it(tmp_path: Path) -> None:
    text = printed(tmp_path / "members.duckdb", without_sales())
    assert "prospect 1" in text
    assert "none: no sales have landed; the files orders and order_lines would fill this" in text
    assert "no scores: no sales have landed" in text


def test_names_from_the_data_are_text_and_not_markup(scored_page: Page) -> None:
    assert "Mail <b>" not in scored_page.html
    assert scored_page.text("channels").count("Mail <b>&\"'") > 2


def test_same_rows_same_page_and_the_file_is_free_afterwards(tmp_path: Path) -> None:
    base = scored_base()
    database = marts_file(tmp_path / "lifecycle.duckdb", base)
    turned = marts_file(
        tmp_path / "turned.duckdb", {name: records[::-1] for name, records in base.items()}
    )
    before = database.read_bytes()
    page = render_report(database, tmp_path / "page", languages=["en"]).read_bytes()
    assert page == render_report(turned, tmp_path / "page", languages=["en"]).read_bytes()
    assert database.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "lifecycle.duckdb",
        "page",
        "turned.duckdb",
    ]

    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create table marts.publish_log "
            "(version varchar, published_at timestamp, checks_passed bigint, checks_warned bigint)"
        )
        connection.execute(
            "insert into marts.publish_log values ('v1', $now, 8, 0), ('v2', $now, 9, 1)",
            {"now": datetime(2026, 4, 1, 6)},
        )
        connection.execute(
            "create table marts.restatements as select * from (values ('v1', 'late_rows'), "
            "('v2', 'late_rows'), ('v2', 'unknown'), ('v2', 'late_rows'), ('v2', 'as_of_moved')"
            ") as changed (version, cause)"
        )
    # A file that was published before warnings were kept has only their number.
    page = Page(render_report(database, tmp_path / "page", languages=["en"]))
    assert (
        'version v2, 9 checks passed, <a class="caveat" href="#warnings">1 warned</a>' in page.html
    )
    assert "1 check warned; Data Docs say of what." in page.text("warnings")
    assert (
        "3 published figures of earlier months changed since the version before (rows landed late "
        "2, unknown 1)" in page.text("accounting").lower()
    )


def test_a_missing_database_is_an_error_and_leaves_the_old_report(tmp_path: Path) -> None:
    output = tmp_path / "index.html"
    output.write_text("old")
    with pytest.raises(duckdb.IOException):
        render_report(tmp_path / "none.duckdb", output)
    assert output.read_text() == "old"


MONTHS = [
    {
        "order_month": start,
        "is_complete": is_complete,
        "is_left_censored": False,
        "valid_orders": orders,
        "first_time_customers": 2,
        "net_revenue": sum(Decimal(part) for part in parts),
        "identified_net_revenue": sum(Decimal(part) for part in (*parts[:2], parts[3])),
        **dict(
            zip(
                (
                    *("first_time_revenue", "returning_revenue"),
                    *("anonymous_revenue", "given_back_revenue"),
                ),
                (Decimal(part) for part in parts),
                strict=True,
            )
        ),
    }
    for start, is_complete, orders, parts in (
        (date(2025, 3, 1), True, 10, ("10.00", "89.99", "0.01", "0.00")),
        (date(2026, 2, 1), True, 40, ("20.00", "180.00", "0.00", "0.00")),
        (date(2026, 3, 1), True, 30, ("30.00", "70.00", "100.50", "-50.00")),
        (date(2026, 4, 1), False, 900, ("0.00", "9000.00", "0.00", "0.00")),
    )
]


def test_tiles_tell_how_whole_months_moved(tmp_path: Path) -> None:
    march = date(2026, 3, 1)
    moved = [
        {
            "figure": figure,
            "month_start": march,
            "amount": 1.0,
            **{"amount_month_before": before, "change_month": month},
            **{"amount_year_before": year_before, "change_year": year},
        }
        for figure, before, month, year_before, year in (
            ("net_revenue", 200.0, -0.2475, 100.0, 0.505),
            ("identified_revenue_share", 1.0, -0.668, 0.5, 0.0001),
            ("valid_orders", None, None, 0.0, None),
            ("customers", 4.0, 0.25, None, None),
        )
    ]
    base = scored_base() | {"monthly_changes": moved}
    base["monthly_changes"].append(
        {"figure": "valid_orders", "month_start": date(2025, 3, 1), "amount": 0.0}
    )
    page = rendered(tmp_path, base)
    assert page.changes["revenue"] == ["Mar 2026: −24.8% on Feb 2026", "+50.5% on Mar 2025"]
    assert page.changes["identified"] == [
        "Mar 2026: −66.8 percentage points on Feb 2026",
        "±0.0 percentage points on Mar 2025",
    ]
    assert page.changes["orders"] == [
        "Mar 2026: – on Feb 2026, which is not known",
        "– on Mar 2025, nothing then",
    ]
    assert page.changes["customers"] == [
        "Mar 2026: +25.0% on Feb 2026",
        "– on Mar 2025, before the data begin",
    ]
    assert page.changes["active"] == ["– no comparison: no whole month yet"]
    assert page.changes["expected"] == ["– no comparison: scores are not kept by month"]


def test_revenue_by_kind_of_customer_ties_out(tmp_path: Path) -> None:
    page = rendered(tmp_path, scored_base() | {"monthly_revenue": MONTHS})
    text = page.text("revenue")
    assert "March 2026 brought 151 EUR of net revenue: 47% returning customers, 20% first" in text
    assert "Mar 2026 70.00 30.00 100.50 −50.00 150.50 2" in text
    assert "Apr 2026 † 9,000.00" in text
    total = sum(row["net_revenue"] for row in MONTHS)
    assert f"Total 9,339.99 60.00 100.51 −50.00 {total:,.2f} 8" in text


def test_the_false_lapse_rate_says_which_var_to_move(scored_page: Page) -> None:
    text = scored_page.text("quality")
    assert "to call fewer of them falsely, raise lifecycle_dormant_multiple" in text
    told = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    assert set(re.findall(r"\blifecycle_\w+", text)) <= set(told)
