"""Elasticities on panels whose truth is known, and on panels that tell nothing."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from price_worlds import panel

from scoring.price.pipeline import PriceSettings, study
from scoring.price.shrink import shrink

SETTINGS = PriceSettings(as_of_date=date(2026, 1, 1))
# As the mart publishes: below zero, and nine times in ten within a fifth.
LARGEST_ERROR = 0.2


def _prices(rows: pd.DataFrame, measure: str = "price") -> pd.DataFrame:
    found = study(rows, SETTINGS).elasticities
    return found[found["measure"] == measure].set_index(["level", "item"])


def _published(found: pd.DataFrame) -> pd.DataFrame:
    known = found[found["estimate"].notna()]
    near = 1.645 * known["standard_error"] <= LARGEST_ERROR * known["estimate"].abs()
    return known[(known["interval_high"] < 0) & near]


@pytest.mark.parametrize(("seed", "units", "reacts"), [(1, 60.0, 1.5), (2, 8.0, 3.0)])
def test_published_is_near_the_truth_where_promotions_follow_demand(
    seed: int, units: float, reacts: float
) -> None:
    rows, truth = panel(seed=seed, units=units, reacts=reacts)
    found = _prices(rows)
    assert len(found) == len(truth)
    assert found["estimate"].notna().all()
    published = _published(found)
    errors = [abs(row.estimate / truth[key] - 1) for key, row in published.iterrows()]
    assert len(published) >= 50
    assert np.mean(np.array(errors) <= LARGEST_ERROR) >= 0.9
    assert (published["estimate"] < 0).all()
    # An interval of 95% holds the truth about as often, thin and thick.
    products = found.loc["product"]
    true = np.array([truth["product", item] for item in products.index])
    held = (products["interval_low"] <= true) & (true <= products["interval_high"])
    assert held.mean() >= 0.85


@pytest.mark.parametrize(("stores", "units"), [(4, 60.0), (8, 60.0), (8, 8.0)])
def test_intervals_hold_the_truth_as_often_as_they_say_with_few_stores(
    stores: int, units: float
) -> None:
    held, off = [], []
    for seed in range(10):
        rows, truth = panel(seed=100 + seed, categories=20, stores=stores, units=units)
        found = _prices(rows[rows["level"] == "category"])
        true = np.array([truth[key] for key in found.index])
        z = np.abs(found["estimate"] - true) / found["standard_error"]
        off.extend(z)
        # The table has 95% intervals; those of 90% are as much narrower as a normal one is.
        half = (found["interval_high"] - found["estimate"]) * 1.645 / 1.96
        held.extend(np.abs(found["estimate"] - true) <= half)
    assert 0.82 <= np.mean(held) <= 0.96
    assert np.sqrt(np.mean(np.square(off))) <= 1.25


def test_prices_alone_would_be_far_off_where_promotions_follow_demand() -> None:
    # What the week effects are for: the same panel with demand of the week left in the errors.
    rows, truth = panel(seed=3, reacts=3.0)
    product = rows[(rows["level"] == "product") & (rows["item"] == "category 00 product 0")]
    slope = np.polyfit(np.log(product["price"]), np.log(product["units"] + 0.5), 1)[0]
    true = truth["product", "category 00 product 0"]
    estimate = _prices(rows).loc[("product", "category 00 product 0"), "estimate"]
    assert abs(estimate / true - 1) < 0.15 < abs(slope / true - 1)


def test_display_dip_and_both_kinds_of_price_are_told_apart() -> None:
    rows, truth = panel(seed=4, categories=4, units=200.0)
    found = study(rows, SETTINGS).elasticities
    of_products = found[found["level"] == "product"].groupby("measure")["estimate"].mean()
    assert of_products["display"] == pytest.approx(0.35, abs=0.04)
    assert of_products["after_promotion"] == pytest.approx(-0.12, abs=0.04)
    mean = np.mean([value for (level, _), value in truth.items() if level == "product"])
    assert of_products["regular_price"] == pytest.approx(mean, rel=0.1)
    assert of_products["promotion"] == pytest.approx(mean, rel=0.1)
    # No product was in a mailer.
    assert set(found.loc[found["measure"] == "mailer", "reason"]) == {"no_variation"}


@pytest.mark.parametrize(
    ("shape", "level", "reason"),
    [
        ({"products": 1}, "product", "one_product"),
        ({"stores": 1}, "category", "one_store"),
    ],
)
def test_what_cannot_be_compared_has_a_reason(
    shape: dict[str, int], level: str, reason: str
) -> None:
    rows, _ = panel(seed=5, categories=2, weeks=30, **shape)
    found = _prices(rows).loc[level]
    assert set(found["reason"]) == {reason}
    assert found["estimate"].isna().all()


def test_one_store_still_tells_products_apart() -> None:
    rows, truth = panel(seed=6, categories=6, stores=1, units=400.0)
    found = _prices(rows).loc["product"]
    off = [abs(row.estimate / truth["product", item] - 1) for item, row in found.iterrows()]
    assert np.median(off) < 0.2


def test_the_same_price_everywhere_tells_nothing_of_a_category() -> None:
    rows, _ = panel(seed=7, categories=1, weeks=40)
    of_category = rows["level"] == "category"
    same = rows[of_category].groupby("week_start_date")["price"].transform("first")
    rows.loc[of_category, "price"] = same
    rows.loc[of_category, "regular_price"] = same
    found = _prices(rows)
    assert found.loc[("category", "category 00"), "reason"] == "no_variation"


def test_the_order_of_rows_plays_no_part() -> None:
    rows, _ = panel(seed=4, categories=2, units=50.0)
    shuffled = rows.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(
        study(shuffled, SETTINGS).elasticities, study(rows, SETTINGS).elasticities
    )


def test_no_prices_and_unknown_regular_prices() -> None:
    rows, _ = panel(seed=8, categories=1, weeks=30)
    assert study(rows.iloc[:0], SETTINGS).elasticities.empty
    unknown = rows.assign(regular_price=np.nan)
    assert set(_prices(unknown, "promotion")["reason"]) == {"no_regular_price"}
    assert _prices(unknown)["estimate"].notna().all()
    with pytest.raises(ValueError, match="price is out of range in 1 of"):
        study(rows.assign(price=[0.0, *rows["price"][1:]]), SETTINGS)


def test_few_that_happen_to_agree_do_not_pass_for_equal() -> None:
    # Most draws of a dozen look as if they did not differ at all.
    rng = np.random.default_rng(10)
    none, z = np.zeros(12, dtype=np.int64), []
    for _ in range(150):
        truth = rng.normal(-0.5, 0.15, 12)
        found = shrink(truth + 0.25 * rng.normal(size=12), np.full(12, 0.25), none)
        assert (found.own_weight > 0).all()
        z.extend((found.estimate - truth) / found.standard_error)
    assert np.std(z) < 1.1
    assert 0.87 <= np.mean(np.abs(z) <= 1.645) <= 0.95


def test_thin_estimates_are_drawn_to_their_like_and_thick_ones_are_not() -> None:
    rng = np.random.default_rng(9)
    groups = np.repeat(np.arange(20), 8)
    truth = rng.normal(-2.5, 0.5, 20)[groups] + rng.normal(0, 0.2, 160)
    errors = np.where(rng.random(160) < 0.5, 0.05, 1.0)
    estimates = truth + errors * rng.normal(size=160)
    found = shrink(estimates, errors, groups)
    thin = errors > 0.5
    assert (found.own_weight[thin] < 0.3).all()
    assert (found.own_weight[~thin] > 0.8).all()
    before, after = np.abs(estimates - truth)[thin], np.abs(found.estimate - truth)[thin]
    assert after.mean() < 0.5 * before.mean()
    assert np.abs((found.estimate - truth) / found.standard_error).std() < 1.3
    alone = shrink(np.array([-2.0, -1.0]), np.array([1.0, 1.0]), np.array([0, 0]))
    assert alone.estimate.tolist() == [-2.0, -1.0]
