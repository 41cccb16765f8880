"""The study of the mix on made-up channels whose response is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from mix_worlds import AS_OF, WEEKS, Channel, frame, rows

from scoring.mix.allocate import InfeasibleBoundsError, same_total
from scoring.mix.curve import Curves
from scoring.mix.design import designed, value_of_information
from scoring.mix.pipeline import study
from scoring.mix.settings import MixSettings
from scoring.mix.tables import RECOMMENDATIONS, TABLES

SETTINGS = MixSettings(AS_OF)
NONE_BEFORE = RECOMMENDATIONS.from_records([])
UNEVEN = {
    "mail": Channel(spend=100, touches=2_000, bend=1.5, per_touch=0.2),
    "search": Channel(spend=400, touches=800, bend=0.6, per_touch=2.0),
    "social": Channel(spend=300, touches=1_200, bend=1.0, per_touch=0.15),
}
MONTHS, WEEKS_A_MONTH = 3, 365.25 / 84


def _study(given, settings=SETTINGS, earlier=NONE_BEFORE):
    return study(given, settings, earlier).frames()


def _rows(frames, scenario="same_total", segment="all"):
    found = frames["mixes"]
    found = found[(found["scenario"] == scenario) & (found["segment"] == segment)]
    return found.set_index("channel_id")


def _true_margin(channels, spend, weeks):
    return sum(
        weeks * float(channel.curve.value(np.array([amount / weeks]))[0])
        for channel, amount in zip(channels.values(), spend, strict=True)
    )


def test_a_mix_takes_nearly_all_there_is_to_gain():
    found = _rows(_study(rows(UNEVEN, seed=3)))
    weeks = MONTHS * WEEKS_A_MONTH
    today = found["spend_today"][list(UNEVEN)].to_numpy(dtype=float)
    spend = found["recommended_spend"][list(UNEVEN)].to_numpy(dtype=float)
    true = Curves(
        np.array([c.touches * c.per_touch * weeks for c in UNEVEN.values()]),
        np.array([c.bend for c in UNEVEN.values()]),
        np.array([c.spend * weeks for c in UNEVEN.values()]),
    )
    best = same_total(true, today * 0.5, today * 1.5, float(today.sum())).spend
    gain = _true_margin(UNEVEN, spend, weeks) - _true_margin(UNEVEN, today, weeks)
    attainable = _true_margin(UNEVEN, best, weeks) - _true_margin(UNEVEN, today, weeks)
    assert gain >= 0.9 * attainable > 0
    total = found.loc["(total)"]
    assert spend.sum() == pytest.approx(today.sum())
    assert total["gain_low"] <= gain <= total["gain_high"]
    assert total["margin_change"] == pytest.approx(found["margin_change"][list(UNEVEN)].sum())
    assert found.loc["search", "action"] == "increase"
    assert found.loc["social", "action"] == "decrease"
    assert found.loc["social", "binding_bound"] == "change_cap"


def test_scenarios_end_where_they_say():
    frames = _study(rows(UNEVEN, seed=3), replace(SETTINGS, mix_change_cap=20.0))
    target = _rows(frames, "target_return").loc[list(UNEVEN)]
    moved = target["action"].isin(["increase", "decrease"]) & target["binding_bound"].isna()
    np.testing.assert_allclose(target["marginal_return"][moved].astype(float), 1.0, rtol=1e-6)
    least = _rows(frames, "minimum_return").loc["(total)"]
    assert least["expected_margin"] >= least["recommended_spend"] * (1 - 1e-6)
    assert (
        least["recommended_spend"]
        > _rows(frames, "target_return").loc["(total)", "recommended_spend"]
    )
    assert frames["mixes"]["is_extrapolated"].any()


def test_what_never_varied_is_held_and_loses_nothing():
    still = {name: replace(channel, varies=0.001) for name, channel in UNEVEN.items()}
    frames = _study(rows(still))
    for scenario in ("same_total", "target_return", "minimum_return"):
        found = _rows(frames, scenario)
        assert (found["action"] == "hold").all()
        np.testing.assert_allclose(
            found["recommended_spend"].astype(float), found["spend_today"].astype(float)
        )
        assert (found["reason"].dropna() == "check_failed").all()
    checks = frames["checks"]
    failed = checks[checks["status"] == "fail"]
    assert {"spend_variation", "start_to_estimate"} <= set(failed["check_name"])
    assert (frames["next_tests"]["design"] == "vary_spend").all()


def test_a_gain_that_may_be_none_is_no_reason_to_move():
    unsure = {name: replace(channel, error=0.6) for name, channel in UNEVEN.items()}
    wide = replace(SETTINGS, mix_width_review=50, mix_width_fail=99)
    found = _rows(_study(rows(unsure, seed=2), wide))
    held = found[found["reason"] == "gain_includes_zero"]
    assert len(held)
    assert (held["spend_change"] == 0).all()
    moved = found[found["action"].isin(["increase", "decrease"])]
    assert (moved["gain_low"] > 0).all()


def test_a_failed_check_holds_a_channel_and_the_others_share_what_is_left():
    mixed = UNEVEN | {"search": replace(UNEVEN["search"], varies=0.001)}
    found = _rows(_study(rows(mixed, seed=3)))
    assert found.loc["search", "action"] == "hold"
    assert found.loc["search", "spend_change"] == 0
    assert found.loc["mail", "spend_change"] == pytest.approx(-found.loc["social", "spend_change"])
    assert found.loc["mail", "action"] == "increase"


def test_bounds_bind_are_named_and_leave_money_over():
    bounds = {"search": (None, 1_900.0), "social": (None, 1_000.0), "mail": (0.0, 300.0)}
    found = _rows(_study(rows(UNEVEN, seed=3, bounds=bounds)))
    assert set(found.loc[list(UNEVEN), "binding_bound"]) == {"maximum"}
    assert set(found.loc[list(UNEVEN), "reason"]) == {"out_of_bounds"}
    assert found.loc["search", "recommended_spend"] == pytest.approx(3 * 1_900)
    assert found.loc["(total)", "unallocated"] > 0
    spent = found.loc["(total)", "recommended_spend"] + found.loc["(total)", "unallocated"]
    assert spent == pytest.approx(found.loc["(total)", "spend_today"])
    with pytest.raises(InfeasibleBoundsError, match=r"mail \(minimum 30.00, maximum 6.00\)"):
        _study(rows(UNEVEN, bounds={"mail": (10.0, 2.0)}))
    with pytest.raises(
        InfeasibleBoundsError, match=r"add up to .* search 60,000.00, social 300.00"
    ):
        _study(rows(UNEVEN, bounds={"search": (20_000.0, None), "social": (100.0, None)}))


def test_dearer_media_and_a_strong_season_count():
    plain = _rows(_study(rows(UNEVEN, seed=3)), "target_return")
    dear = rows(UNEVEN, seed=3)
    dear["price_change"] = dear["price_change"].fillna(0.2)
    dearer = _rows(_study(dear), "target_return")
    ratio = dearer.loc["social", "marginal_return"] / plain.loc["social", "marginal_return"]
    assert dearer.loc["social", "price_factor"] == pytest.approx(1.2)
    assert ratio < 1
    seasonal = rows(UNEVEN, seed=3)
    month = pd.to_datetime(seasonal["period_start"]).dt.month
    seasonal["all_margin"] = seasonal["all_margin"] * month.map(lambda m: 1.5 if m <= 3 else 1.0)
    found = _rows(_study(seasonal), "same_total")
    assert found["season_index"].iloc[0] > 1.15
    assert found["starts_on"].iloc[0] == date(2018, 1, 1)
    assert found["ends_on"].iloc[0] == date(2018, 3, 31)


def test_the_next_whole_months_are_planned_for():
    found = _rows(_study(rows(UNEVEN), replace(SETTINGS, as_of_date=date(2017, 12, 15))))
    assert found["starts_on"].iloc[0] == date(2018, 1, 1)
    found = _rows(_study(rows(UNEVEN), replace(SETTINGS, mix_horizon_months=1)))
    assert found["ends_on"].iloc[0] == date(2018, 1, 31)


def test_without_spend_every_channel_is_held_and_nothing_fails():
    given = frame(
        [
            {"channel_id": name, "segment": "all", "period_kind": "month",
             "period_start": date(2017, month, 1), "touches": 10.0, "all_margin": 5.0}
            for name in ("mail", "coupon")
            for month in range(1, 13)
        ]
    )  # fmt: skip
    frames = _study(given)
    assert len(frames["mixes"]) == 6
    assert set(frames["mixes"]["reason"]) == {"no_spend_data"}
    assert set(frames["mixes"]["action"]) == {"hold"}
    assert frames["mixes"]["recommended_spend"].isna().all()
    assert set(frames["responses"]["reason"]) == {"no_spend_data"}
    points = frames["checks"].set_index(["check_name", "channel_id"]).loc["data_points"]
    assert set(points["status"]) == {"fail"}
    assert frames["next_tests"]["test_rank"].isna().all()
    assert len(frames["recommendations"]) == len(frames["reviews"]) == 0


def test_of_nothing_nothing_is_told():
    frames = _study(frame([]))
    assert {table.name: len(frames[table.name]) for table in TABLES} == {
        table.name: 0 for table in TABLES
    }


def test_wrong_input_is_refused_by_name():
    given = rows(UNEVEN)
    with pytest.raises(ValueError, match="missing columns: touches"):
        _study(given.drop(columns="touches"))
    given.loc[0, "touches"] = -1
    with pytest.raises(ValueError, match=f"touches is negative in 1 of {3 * WEEKS} rows"):
        _study(given)


def test_a_channel_of_which_more_came_back_than_was_paid_is_held_and_the_others_are_not():
    given = rows(UNEVEN)
    channel = given["channel_id"].iloc[0]
    given.loc[0, "spend"] = -1
    mixes = _study(given)["mixes"]
    held = mixes[mixes["channel_id"] == channel]
    assert set(held["reason"]) == {"negative_spend"}
    assert set(held["action"]) == {"hold"}
    assert mixes["recommended_spend"].notna().any()


def test_a_channel_without_touches_is_told_by_the_whole_margin_or_not_at_all():
    tv = rows({"tv": Channel(spend=5_000, touches=1, bend=1.0, per_touch=1.0)}, seed=8)
    spend = tv["spend"].to_numpy(dtype=float)
    true = Curves(np.array([20_000.0]), np.array([1.0]), np.array([5_000.0]))
    noise = np.random.default_rng(80).standard_normal(WEEKS)
    tv["all_margin"] = 100_000 + true.value(spend[:, None])[:, 0] + 1_500 * noise
    for column in ("touches", "campaign_touches", "incremental_margin", "incremental_error"):
        tv[column] = pd.NA
    (found,) = _study(tv)["responses"].to_dict("records")
    assert found["response_basis"] == "total"
    assert found["average_return_low"] <= 4.0 <= found["average_return_high"]
    tests = _study(tv)["next_tests"]
    assert set(tests["design"]) == {"region_holdout"}
    short = _study(tv[tv["period_start"] < date(2016, 2, 20)])
    assert set(short["responses"]["reason"]) == {"too_few_periods"}
    assert set(_rows(short)["action"]) == {"hold"}


def test_a_segment_that_answers_more_gets_more_of_a_channels_budget():
    given = rows(UNEVEN, seed=3)
    of = frame(
        [
            {"channel_id": "search", "segment": segment, "touches": 40_000.0,
             "incremental_margin": 40_000.0 * margin, "incremental_error": 0.05}
            for segment, margin in (("high", 3.0), ("low", 1.0))
        ]
    )  # fmt: skip
    frames = _study(pd.concat([given, of], ignore_index=True))
    found = frames["mixes"]
    of_search = found[(found["channel_id"] == "search") & (found["scenario"] == "same_total")]
    by_segment = of_search.set_index("segment")
    assert by_segment.loc["high", "spend_change"] > by_segment.loc["low", "spend_change"]
    for column in ("spend_today", "recommended_spend"):
        parts = by_segment.loc[["high", "low"], column].sum()
        assert parts == pytest.approx(by_segment.loc["all", column])
    # Aimed at who answers, the budget brings no less than spread evenly.
    assert by_segment.loc[["high", "low"], "expected_margin"].sum() >= (
        by_segment.loc["all", "expected_margin"] - 1e-6
    )


def test_the_last_recommendation_is_compared_with_what_happened():
    given = rows(UNEVEN, seed=3)
    then = replace(SETTINGS, as_of_date=date(2017, 9, 1))
    seen_then = given[given["period_start"] < date(2017, 9, 1)]
    earlier = _study(seen_then, then)["recommendations"]
    assert len(earlier) == 9
    reviews = _study(given, SETTINGS, earlier)["reviews"]
    assert len(reviews) == 9
    assert (reviews["recommended_on"].astype(str) == "2017-09-01").all()
    assert (reviews["months_since"] > 2.5).all()
    assert reviews["seen_margin"].notna().all()
    assert (reviews["outcome"] != "too_early").all()
    # Nothing changed: what was asked was not done.
    search = reviews[(reviews["channel_id"] == "search") & (reviews["scenario"] == "same_total")]
    assert search["outcome"].item() == "not_followed"
    soon = replace(SETTINGS, as_of_date=date(2017, 9, 2))
    assert set(_study(seen_then, soon, earlier)["reviews"]["outcome"]) == {"too_early"}


def test_order_of_rows_does_not_matter():
    given = rows(UNEVEN, seed=3)
    one, other = _study(given), _study(given.sample(frac=1, random_state=1))
    for table in TABLES:
        pd.testing.assert_frame_equal(one[table.name], other[table.name])


def test_a_test_is_worth_most_where_money_hangs_on_what_is_not_known():
    random = np.random.default_rng(1)
    sure, unsure = 2 + 0.1 * random.standard_normal(1_000), 1.1 + random.standard_normal(1_000)
    assert value_of_information(100, sure, 1.0)[0] == 0
    value, width, chance = value_of_information(100, unsure, 1.0)
    assert value == pytest.approx(100 * width * chance)
    assert chance == pytest.approx(0.46, abs=0.05)
    tests = _study(rows(UNEVEN | {"social": replace(UNEVEN["social"], error=0.3)}))["next_tests"]
    assert sorted(tests["test_rank"]) == [1, 2, 3]
    ranked = tests.sort_values("test_rank")["information_value"].to_numpy(dtype=float)
    assert (np.diff(ranked) <= 0).all()


def test_designs_find_what_they_say():
    # 10,000 customers, half of them held back for a week: an error of 10 * 200 of the total.
    found = designed(10_000, 10_000, 10.0, confidence=0.9, power=0.8, most_weeks=4)
    assert found is not None
    assert (found.weeks, found.holdout_share, found.finds) == (1, 0.1, True)
    error = 10.0 * np.sqrt(10_000 / 0.1 + 10_000 / 0.9)
    assert found.detectable == pytest.approx((1.6449 + 0.8416) * error, rel=1e-3)
    hopeless = designed(10, 10_000, 10.0, confidence=0.9, power=0.8, most_weeks=4)
    assert hopeless is not None
    assert (hopeless.weeks, hopeless.holdout_share, hopeless.finds) == (4, 0.5, False)
    assert designed(10, 0, 10.0, confidence=0.9, power=0.8, most_weeks=4) is None
    assert designed(10, 100, 0.0, confidence=0.9, power=0.8, most_weeks=4) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"mix_horizon_months": 0},
        {"mix_change_cap": 0.0},
        {"mix_confidence": 1.0},
        {"mix_draws": 10},
        {"mix_min_periods": 3},
    ],
)
def test_settings_without_a_meaning_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        replace(SETTINGS, **wrong)
