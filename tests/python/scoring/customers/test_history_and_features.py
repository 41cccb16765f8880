"""Purchase days of a log, and features against a slow reading of their definition."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from purchase_logs import transaction_log

from scoring.customers import features as module
from scoring.customers.features import FADES, FEATURES, GROUPS, SUMMARY, WINDOWS, features, outcomes
from scoring.customers.history import (
    PurchaseHistory,
    day_number,
    day_of,
    purchase_days,
    told_strays,
)

CUTS = [day_number(date(2023, 9, 30)), day_number(date(2024, 3, 31))]


def rows_of(*rows: tuple[str, str, float | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["customer_id", "date", "amount"])


def bought(log: pd.DataFrame, through: date | None = None) -> list[tuple[str, str, float]]:
    """Purchases as they were known at the end of a day, from the log up to it."""
    table = purchase_days(log, through)
    return [
        (row.customer_id, str(row.purchase_date.date()), row.amount)
        for row in table[table["valid_until"].isna()].itertuples()
    ]


def seen_at(table: pd.DataFrame, day: date) -> list[tuple[str, str, float]]:
    """Purchases as they were known at the end of a day, from versions."""
    known = PurchaseHistory.from_frame(table).until(day_number(day))
    return [
        (known.customer_ids[customer], str(day_of(number)), amount)
        for customer, number, amount in zip(
            known.customer_of_row, known.day, known.amount, strict=True
        )
    ]


def test_what_becomes_a_purchase():
    log = rows_of(
        ("a", "2024-01-01", 10.0),
        ("a", "2024-01-01", 5.0),  # the same day: one purchase
        ("a", "2024-01-03", 20.0),  # returned two days later
        ("a", "2024-01-05", -20.0),
        ("a", "2024-01-06", 30.0),
        ("a", "2024-01-07", -12.0),  # a part is returned
        ("b", "2024-01-01", 0.0),
        ("b", "2024-01-02", -5.0),  # a return of what was bought before the log began
        ("b", "2024-01-03", 7.0),  # is taken off the next purchase
        ("c", "2024-01-01", 40.0),  # two lines returned by their total
        ("c", "2024-01-01", 60.0),
        ("c", "2024-01-05", 120.0),
        ("c", "2024-01-09", -100.0),
        ("d", "2024-01-01", 7.0),  # sold twice, returned once: the later sale goes
        ("d", "2024-01-02", 7.0),
        ("d", "2024-01-02", -7.0),
        ("e", "2024-01-04", None),  # bought for an unknown amount
        ("f", "2024-01-01", 10.0),  # more than any day: the earliest first
        ("f", "2024-01-02", 15.0),
        ("f", "2024-01-03", 4.0),
        ("f", "2024-01-04", -20.0),
        (None, "2024-01-04", 99.0),  # nobody
        (" g ", "2024-01-04", 1.0),
    )
    everything = [
        ("a", "2024-01-01", 15.0),
        ("a", "2024-01-06", 18.0),
        ("b", "2024-01-03", 2.0),
        ("c", "2024-01-05", 120.0),
        ("d", "2024-01-01", 7.0),
        ("e", "2024-01-04", 0.0),
        ("f", "2024-01-02", 5.0),
        ("f", "2024-01-03", 4.0),
        ("g", "2024-01-04", 1.0),
    ]
    assert bought(log) == everything
    assert bought(log.sample(frac=1, random_state=3)) == everything
    # On 4 January nobody knew of the returns to come.
    assert ("a", "2024-01-03", 20.0) in bought(log, date(2024, 1, 4))
    assert ("a", "2024-01-06", 30.0) in seen_at(purchase_days(log), date(2024, 1, 6))
    assert ("c", "2024-01-01", 100.0) in seen_at(purchase_days(log), date(2024, 1, 8))
    assert ("c", "2024-01-01", 100.0) not in seen_at(purchase_days(log), date(2024, 1, 9))
    without = bought(log.drop(columns="amount"))
    assert len(without) == 19
    assert all(np.isnan(amount) for _, _, amount in without)


LOGS = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(0, 9),
        st.sampled_from([3.0, 5.0, 8.0, 10.05, -3.0, -5.0, -8.0, -10.05, -4.0]),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(LOGS)
def test_what_was_known_then_is_what_a_log_that_ends_then_says(rows):
    first = date(2024, 1, 1)
    log = rows_of(*((who, str(first + timedelta(days=day)), much) for who, day, much in rows))
    table = purchase_days(log)
    for day in range(10):
        then = first + timedelta(days=day)
        assert seen_at(table, then) == bought(log, then)
    # Nothing returned is kept, and nothing kept is lost.
    left = log.groupby("customer_id")["amount"].sum().clip(lower=0)
    kept = table[table["valid_until"].isna()].groupby("customer_id")["amount"].sum()
    assert kept.reindex(left.index).fillna(0).to_numpy() == pytest.approx(left.to_numpy())


def test_the_day_is_the_one_that_is_written():
    assert bought(
        rows_of(
            ("a", "0224-06-01", 1.0),
            ("a", "2024-01-05T23:30:00+02:00", 1.0),
            ("a", "2024-01-06 00:30:00-05:00", 1.0),
            ("a", "2024-01-07T23:59:59.5Z", 1.0),
        )
    ) == [("a", day, 1.0) for day in ("0224-06-01", "2024-01-05", "2024-01-06", "2024-01-07")]
    with pytest.raises(ValueError, match="date is a number in 2 of 2 rows, for example"):
        purchase_days(pd.DataFrame({"customer_id": ["a", "b"], "date": [20240105, 20240106]}))


def with_returns(log: pd.DataFrame) -> pd.DataFrame:
    """A quarter of the sales come back after one to sixty days, half of them in part."""
    back = log.sample(frac=0.25, random_state=1)
    days = np.random.default_rng(2).integers(1, 60, len(back))
    share = np.where(np.arange(len(back)) % 2 == 0, 1.0, 0.5)
    taken = back.assign(
        date=back["date"] + pd.to_timedelta(days, unit="D"),
        amount=-(back["amount"] * share).round(2),
    )
    return pd.concat([log, taken], ignore_index=True)


def test_features_and_outcomes_are_those_of_a_log_that_ended_then():
    log = with_returns(transaction_log(80))
    history = PurchaseHistory.from_frame(purchase_days(log))
    assert history.versions is not None
    found = features(history, CUTS, 90)
    for cut in CUTS:
        then = PurchaseHistory.from_frame(purchase_days(log, day_of(cut)))
        alone = then.of(then.has_rows)
        rows = found[found["cutoff"] == cut].reset_index(drop=True)
        assert list(history.customer_ids[rows["customer"]]) == list(alone.customer_ids)
        pd.testing.assert_frame_equal(
            rows.drop(columns="customer"), features(alone, [cut], 90).drop(columns="customer")
        )
        after = PurchaseHistory.from_frame(purchase_days(log, day_of(cut + 90)))
        position = np.searchsorted(after.customer_ids, alone.customer_ids)
        window = np.full(len(position), cut)
        for mine, theirs in zip(
            outcomes(history, rows, 90), after.window(position, window, window + 90), strict=True
        ):
            assert mine == pytest.approx(theirs)


@pytest.mark.parametrize("stray", ["0224-06-01", "1970-01-01", "2021-12-01"])
def test_a_day_far_before_the_rest_is_set_aside(stray):
    log = transaction_log(60)
    table = purchase_days(pd.concat([log, rows_of(("c00007", stray, 5.0), ("new", stray, 5.0))]))
    near, aside = PurchaseHistory.from_frame(table).without_strays()
    assert aside.sum() == 2
    assert near.day.min() == day_number(log["date"].min().date())
    assert near.has_rows.sum() == len(near) - 1
    assert "2 of" in told_strays(near, aside)[0]
    # A base that was closed for a year, or began slowly, keeps what it has.
    early = log.assign(date=log["date"] - pd.Timedelta(days=1200))
    closed = PurchaseHistory.from_frame(purchase_days(pd.concat([early, log])))
    assert not closed.without_strays()[1].any()


@pytest.mark.parametrize(("early", "begins"), [(26, 74), (27, 102), (9000, 102)])
def test_a_base_begins_with_its_customers(early, begins):
    """Of 61 customers four are a twentieth; the fourth is there on day 102."""
    days = [100 - early, *range(100, 160)]
    table = pd.DataFrame(
        {
            "customer_id": [f"c{number:02}" for number in range(61)],
            "purchase_date": [pd.Timestamp(day_of(day)) for day in days],
        }
    )
    history = PurchaseHistory.from_frame(table)
    assert history.begin(np.array([200])).tolist() == [begins]
    # Known on day 101 were three, and three are the least of any base.
    assert history.begin(np.array([101])).tolist() == [101 if early > 27 else 100 - early]


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
    first = np.sort(days[days["day"] <= cut].groupby("customer_id")["day"].min())
    there = first[max(int(np.ceil(len(first) / 20)), 3) - 1]
    origin = there if there - first[0] > 28 else first[0]
    past = days[(days["customer_id"] == "c00007") & (days["day"] <= cut)].sort_values("day")
    day, amount = past["day"].to_numpy(), past["amount"].to_numpy()
    gaps = np.diff(day).astype(float)
    age, hiatus = cut - day[0], cut - day[-1]
    alive = np.arange(day[0], cut + 1)
    usual = np.quantile(days.loc[days["day"] <= cut, "amount"], (0.05, 0.95))
    found = {
        "value_low": min(amount.min(), usual[0]) / 2,
        "value_high": max(amount.max(), usual[1]) * 2,
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
