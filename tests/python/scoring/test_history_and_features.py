"""Purchase days of a log, and features against a slow reading of their definition."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from purchase_logs import transaction_log

from scoring import features as module
from scoring.features import FADES, FEATURES, GROUPS, SUMMARY, WINDOWS, features, outcomes
from scoring.history import PurchaseHistory, day_number, purchase_days

CUTS = [day_number(date(2023, 9, 30)), day_number(date(2024, 3, 31))]


def rows_of(*rows: tuple[str, str, float | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["customer_id", "date", "amount"])


def bought(log: pd.DataFrame, through: date | None = None) -> list[tuple[str, str, float]]:
    table = purchase_days(log, through)
    return [
        (row.customer_id, str(row.purchase_date.date()), row.amount) for row in table.itertuples()
    ]


def test_what_becomes_a_purchase():
    log = rows_of(
        ("a", "2024-01-01", 10.0),
        ("a", "2024-01-01", 5.0),  # the same day: one purchase
        ("a", "2024-01-03", 20.0),  # reversed two days later
        ("a", "2024-01-05", -20.0),
        ("a", "2024-01-06", 30.0),
        ("a", "2024-01-07", -12.0),  # a partial refund
        ("b", "2024-01-01", 0.0),
        ("b", "2024-01-02", -5.0),  # a reversal without a sale
        ("b", "2024-01-03", 5.0),  # and no later sale is its
        ("c", "2024-01-01", 40.0),  # two lines reversed by their total
        ("c", "2024-01-01", 60.0),
        ("c", "2024-01-09", -100.0),
        ("d", "2024-01-01", 7.0),  # sold twice, reversed once: the later sale goes
        ("d", "2024-01-02", 7.0),
        ("d", "2024-01-02", -7.0),
        ("e", "2024-01-04", None),  # bought for an unknown amount
    )
    everything = [
        ("a", "2024-01-01", 15.0),
        ("a", "2024-01-06", 30.0),
        ("b", "2024-01-03", 5.0),
        ("d", "2024-01-01", 7.0),
        ("e", "2024-01-04", 0.0),
    ]
    assert bought(log) == everything
    assert bought(log.sample(frac=1, random_state=3)) == everything
    # On 4 January nobody knew of the reversals to come.
    assert ("a", "2024-01-03", 20.0) in bought(log, date(2024, 1, 4))
    assert ("c", "2024-01-01", 100.0) in bought(log, date(2024, 1, 8))
    without = bought(log.drop(columns="amount"))
    assert len(without) == 13
    assert all(np.isnan(amount) for _, _, amount in without)


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (pd.DataFrame({"customer_id": ["a"]}), "missing columns"),
        (rows_of(("a", "yesterday", 1.0)), "date cannot be read"),
        (pd.DataFrame({"customer_id": ["a"], "date": ["2024-01-01"], "amount": ["x"]}), "amount"),
    ],
)
def test_broken_logs_say_what_is_wrong(log, message):
    with pytest.raises(ValueError, match=message):
        purchase_days(log)


def by_definition(days: pd.DataFrame, cut: int, horizon: int) -> dict[str, float]:
    """Features of one customer by their definition; ``days`` is the whole base."""
    origin = days["day"].min()
    past = days[(days["customer_id"] == "c00007") & (days["day"] <= cut)].sort_values("day")
    day, amount = past["day"].to_numpy(), past["amount"].to_numpy()
    gaps = np.diff(day).astype(float)
    age, hiatus = cut - day[0], cut - day[-1]
    alive = np.arange(day[0], cut + 1)
    found = {
        "frequency": len(gaps),
        "recency": day[-1] - day[0],
        "age_days": age,
        "age": age,
        "total_spend": amount.sum(),
        "first_spend": amount[0],
        "hiatus": hiatus,
        "hiatus_to_mean_gap": hiatus / gaps.mean(),
        "hiatus_to_longest_gap": hiatus / gaps.max(),
        "hiatus_score": (np.log1p(hiatus) - np.log1p(gaps).mean())
        / np.sqrt((((np.log1p(gaps) - np.log1p(gaps).mean()) ** 2).sum() + 0.5) / (len(gaps) + 1)),
        "purchase_rate": 7 * len(day) / (age + 1),
        "spend_rate": 7 * amount.sum() / (age + 1),
        "mean_gap": gaps.mean(),
        "gap_variation": gaps.std() / gaps.mean(),
        "mean_gap_faded": np.average(gaps, weights=0.8 ** np.arange(len(gaps))[::-1]),
        "last_gap": gaps[-1],
        "longest_gap": gaps.max(),
        "mean_amount": amount.mean(),
        "amount_variation": amount.std() / amount.mean(),
        "mean_amount_faded": np.average(amount, weights=0.8 ** np.arange(len(day))[::-1]),
        "last_amount": amount[-1],
    }
    for window in WINDOWS:
        seen, weeks = day > cut - window, min(window, cut - origin + 1) / 7
        found[f"purchase_rate_{window}d"] = seen.sum() / weeks
        found[f"spend_rate_{window}d"] = amount[seen].sum() / weeks
    for fade in FADES:
        full = np.exp(-(cut - alive) / fade).sum()
        weight = np.exp(-(cut - day) / fade)
        found[f"purchase_rate_faded_{fade}d"] = 7 * weight.sum() / full
        found[f"spend_rate_faded_{fade}d"] = 7 * (weight * amount).sum() / full
    for name in ("purchase", "spend"):
        short, long = (found[f"{name}_rate_faded_{fade}d"] for fade in (FADES[0], FADES[-1]))
        found[f"{name}_trend"] = short / long
    ago = (day > cut - 364) & (day <= cut - 364 + horizon)
    known = origin <= cut - 364
    found["purchases_year_ago"] = ago.sum() if known else np.nan
    found["spend_year_ago"] = amount[ago].sum() if known else np.nan
    return found


def test_features_by_definition(monkeypatch):
    table = purchase_days(transaction_log(60))
    history = PurchaseHistory.from_frame(table)
    days = table.assign(day=[day_number(day.date()) for day in table["purchase_date"]])
    found = features(history, CUTS, 90)
    assert set(found) == {*SUMMARY, *FEATURES}
    assert sum(len(names) for names in GROUPS.values()) == len(set(FEATURES))
    position = list(history.customer_ids).index("c00007")
    for cut in CUTS:
        row = found[(found["customer"] == position) & (found["cutoff"] == cut)].iloc[0]
        expected = by_definition(days, cut, 90)
        assert set(expected) == set(found) - {"customer", "cutoff"}
        for name, value in expected.items():
            assert row[name] == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True), name

    purchases, spend = outcomes(history, found, 90)
    after = days[
        (days["customer_id"] == "c00007") & (days["day"] > CUTS[0]) & (days["day"] <= CUTS[0] + 90)
    ]
    where = np.flatnonzero((found["customer"] == position) & (found["cutoff"] == CUTS[0]))[0]
    assert purchases[where] == len(after)
    assert spend[where] == pytest.approx(after["amount"].sum())

    # Bounded memory must not show in the numbers, nor must other customers.
    monkeypatch.setattr(module, "_CHUNK_ROWS", 100)
    pd.testing.assert_frame_equal(features(history, CUTS, 90), found)


def test_nothing_after_a_cutoff_is_visible():
    table = purchase_days(transaction_log(200))
    found = features(PurchaseHistory.from_frame(table), CUTS, 90)
    planted = pd.DataFrame(
        {
            "customer_id": [*table["customer_id"].unique(), "newcomer"],
            "purchase_date": pd.Timestamp("2024-04-01"),
            "amount": 1e6,
        }
    )
    kept = table[table["purchase_date"] <= pd.Timestamp("2024-03-31")]
    with_future = PurchaseHistory.from_frame(pd.concat([kept, planted]))
    again = features(with_future, CUTS, 90)
    ids = np.array([*PurchaseHistory.from_frame(table).customer_ids])
    pd.testing.assert_frame_equal(
        again.assign(customer=with_future.customer_ids[again["customer"]]),
        found.assign(customer=ids[found["customer"]]),
        check_exact=True,
        check_dtype=False,
    )
