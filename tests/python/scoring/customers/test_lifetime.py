"""How long customers stay and who is still there, where the truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from scoring.btyd import NBD, BetaGeoNBD, ParetoNBD, PurchaseModel
from scoring.customers.features import features
from scoring.customers.history import PurchaseHistory
from scoring.customers.lifetime import Survival, alive, judged, survival

START = np.datetime64("2020-01-01").astype(np.int64)
GAP = 20.0  # mean days between purchases


def history(
    customers: int, days: int, leaving: float, *, seed: int = 0, shut: range = range(0)
) -> PurchaseHistory:
    """Poisson buyers who leave at a constant yearly rate; first purchases are spread over time."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        first = int(rng.integers(0, days * 3 // 4))
        end = first + rng.exponential(365 / leaving) if leaving else np.inf
        at = first + np.cumsum(rng.exponential(GAP, 200))
        bought = np.unique(np.r_[first, at[(at < days) & (at < end)]].astype(int))
        rows += [(f"c{number:04}", day) for day in bought if day not in shut]
    frame = pd.DataFrame(rows, columns=["customer_id", "day"])
    dates = (START + frame.pop("day").to_numpy()).astype("datetime64[D]").astype("datetime64[s]")
    return PurchaseHistory.from_frame(frame.assign(purchase_date=dates, amount=10.0))


def summary(table: pd.DataFrame) -> dict[str, np.ndarray]:
    return {
        "frequency": table["frequency"].to_numpy(),
        "recency": table["recency"].to_numpy() / 7,
        "age": table["age_days"].to_numpy() / 7,
    }


def fitted(kind: type[PurchaseModel], log: PurchaseHistory, cutoff: int) -> PurchaseModel:
    return kind().fit(**summary(features(log, [cutoff])))


def over_first_year(log: PurchaseHistory, days: int, model: PurchaseModel) -> np.ndarray:
    cutoff = START + days - 1
    table = features(log, [cutoff])
    found = survival(log, cutoff, model)
    assert found.known
    hiatus = table["hiatus"].to_numpy()
    return found.over_first_year(model, summary(table), hiatus, 5, 0.10)


def test_a_model_without_dropout_gets_the_survival_that_the_log_shows():
    """Half of the customers leave every year, and the model knows of none who does."""
    log = history(1500, 1100, np.log(2))
    cutoff = START + 1099
    model = fitted(NBD, log, cutoff)
    found = survival(log, cutoff, model)
    assert found.change == pytest.approx(-np.log(2), abs=0.1)
    assert found.reason is None
    truth = sum((0.5 / 1.1) ** year for year in range(5))
    assert over_first_year(log, 1100, model) == pytest.approx(truth, rel=0.15)


def test_a_model_that_is_right_stays_as_it_is():
    log = history(1500, 1100, np.log(2))
    model = fitted(ParetoNBD, log, START + 1099)
    truth = sum((0.5 / 1.1) ** year for year in range(5))
    ratio = over_first_year(log, 1100, model)
    assert np.median(ratio) == pytest.approx(truth, rel=0.12)
    # The later window, forecast from the first with what was known before it.
    told = judged(log, START + 1099, ParetoNBD)
    assert told is not None
    assert told.bias is not None
    assert told.cutoff + told.horizon_days == START + 1099
    assert told.horizon_days > 700
    # Under a year was known then, so that a standard error of dropout was added.
    assert -0.25 < told.bias < 0.05


def test_nobody_leaves_and_every_year_is_like_the_first():
    log = history(800, 1100, 0)
    model = fitted(NBD, log, START + 1099)
    ratio = over_first_year(log, 1100, model)
    assert ratio == pytest.approx(sum(1.1**-year for year in range(5)), rel=0.1)
    # No year brings more than the one before, whatever the log shows.
    boom = Survival(0.5, 0.0, 0.0, 1, 0.1, True, None)
    table = features(log, [START + 1099])
    hiatus = table["hiatus"].to_numpy()
    most = boom.over_first_year(model, summary(table), hiatus, 5, 0.10)
    assert most == pytest.approx(sum(1.1**-year for year in range(5)))
    half = boom.over_first_year(model, summary(table), hiatus, 1.5, 0.10)
    assert half == pytest.approx(1 + 0.5 / 1.1)
    assert boom.over_first_year(model, summary(table), hiatus, 1, 0.10) == pytest.approx(1)


def test_who_is_silent_stays_for_less_where_the_log_shows_it():
    usual = float(np.log1p(10))
    shown = Survival(-0.2, -0.1, usual, 1, 0.1, True, None)
    model = NBD()
    model.params = {"r": 1.0, "alpha": 10.0}
    asked = {"frequency": [3, 3], "recency": [20.0, 20.0], "age": [40.0, 40.0]}
    asked = {name: np.array(values) for name, values in asked.items()}
    ratio = shown.over_first_year(model, asked, np.array([10.0, 100.0]), 5, 0.0)
    kept = np.exp(-0.2), np.exp(-0.2 - 0.1 * (np.log(101) - usual))
    assert ratio == pytest.approx([sum(k**year for year in range(5)) for k in kept])
    assert ratio[1] < ratio[0]


@pytest.mark.parametrize(
    ("days", "kind", "known", "told"),
    [
        # A week is allowed for, between the day that was watched first and the first purchase.
        (357, BetaGeoNBD, False, "12 months of history, under a year"),
        (358, BetaGeoNBD, True, "survival from 12 months of history, without two years"),
        (365, NBD, False, "dropout is not identified: no purchase model finds any"),
        (484, BetaGeoNBD, True, "survival from 16 months of history, without two years"),
        (730, NBD, True, None),
    ],
)
def test_a_lifetime_needs_a_year_and_dropout_that_is_seen(days, kind, known, told):
    log = history(400, days, 1.0)
    rows = log.day
    cutoff = int(rows.min()) + days - 1
    model = fitted(kind, log, cutoff)
    found = survival(log, cutoff, model)
    assert found.known == known
    assert (found.reason or "").startswith(told or "")
    assert (found.reason is None) == (told is None)


def test_without_two_years_to_compare_more_dropout_is_believed():
    """A year in which nobody left does not promise that nobody will."""
    log = history(1500, 365, 0)
    model = BetaGeoNBD()
    model.params = {"r": 1.0, "alpha": 3.0, "a": 0.1, "b": 1e6}
    found = survival(log, int(log.day.min()) + 364, model)
    assert 0.12 < found.error < 0.15
    assert found.change == pytest.approx(-found.error, abs=0.03)
    assert found.known


def test_a_shut_shop_is_not_taken_for_customers_who_left():
    """Two months without any purchase, in the later window only."""
    shut = range(1000, 1060)
    log = history(800, 1100, np.log(2), shut=shut)
    found = survival(log, START + 1099, fitted(NBD, log, START + 1099))
    assert found.windows == 0
    assert not found.known


def test_p_alive_is_calibrated_on_who_came_back():
    """A model that believes in twice the odds to be alive is put right."""
    rng = np.random.default_rng(1)
    log_odds = rng.normal(0, 1.5, 4000)
    truth = 1 / (1 + np.exp(-log_odds))
    back = (rng.random(4000) < truth) & (rng.random(4000) < 0.8)
    believed = 1 / (1 + np.exp(-log_odds - np.log(2)))
    past = pd.DataFrame(
        {
            "churned": (~back).astype(float),
            "right:alive": believed,
            "right:churn": 1 - 0.8 * believed,
            "wrong:alive": 1 - believed,
            "wrong:churn": 1 - 0.8 * (1 - believed),
            "nbd:alive": 1.0,
            "nbd:churn": 1 - back.mean(),
        }
    )
    models = {"wrong": BetaGeoNBD(), "right": ParetoNBD(), "nbd": NBD()}
    found = alive(past, 365, models)
    assert (found.model, found.horizon_days) == ("right", 365)
    assert np.abs(found(believed) - truth).mean() < 0.02
    assert (np.diff(found(np.linspace(0, 1, 50))) >= 0).all()
    assert alive(past, 179, models).model is None
    assert alive(past, 180, models).reason is None
    without = alive(past, 365, {"nbd": NBD()})
    assert without.model is None
    assert "no purchase model finds any" in str(without.reason)
    few = alive(past.assign(churned=1.0), 365, models)
    assert "came back" in str(few.reason)
