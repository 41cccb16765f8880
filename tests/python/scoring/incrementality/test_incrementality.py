"""What touches bring: simulated truth, and what must not pass for an effect."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from simulated_touches import DAYS, EFFECTS, SETTINGS, cells, events

from scoring.incrementality.pipeline import COLUMNS, study
from scoring.incrementality.rate import Counts, Kernel, Kind, Lags, fit
from scoring.study import PANDAS_TYPES


def _of_all(counted: pd.DataFrame) -> pd.DataFrame:
    found = study(counted, SETTINGS).channel_increments
    return found[found["customer_kind"] == "all"].set_index("channel_id")


def test_what_was_brought_is_found_and_intervals_hold_it_nine_times_in_ten() -> None:
    held, shares, truth = [], [], []
    for seed in range(4):
        orders, touches, brought = events(seed)
        found = _of_all(cells(orders, touches))
        told = found[found["incremental_orders"].notna()]
        of = np.array([brought[name] for name in told.index])
        held += list((told["lower"].to_numpy() <= of) & (of <= told["upper"].to_numpy()))
        told = found.loc[["search", "mail"]]
        shares.append(told["incremental_orders"].astype("Float64").to_numpy(na_value=np.nan))
        truth.append([brought["search"], brought["mail"]])
        # Who buys often is touched more often; that is no effect.
        assert (
            found.loc["push", "status"] == "unstable"
            or abs(float(found.loc["push", "incremental_orders"])) < 0.2 * brought["search"]
        )
    assert np.mean(held) >= 0.75
    assert np.nanmean(np.array(shares) / np.array(truth), axis=0) == pytest.approx(1, abs=0.15)


def _counts_of_search(rhythm: np.ndarray, brought: np.ndarray) -> Counts:
    """Of a million touches, without noise; ``brought``: orders on the days from the touch on."""
    lags, touches = Lags(28, 42, 21), 1e6
    orders = rhythm.copy()
    orders[lags.before : lags.before + lags.carried + 1] += touches * brought
    return Counts(
        kinds=[Kind("search", is_campaign=False)],
        repeats=np.array([False]),
        orders=np.tile(orders / 10, (10, 1, 1)),
        touches=np.full((10, 1), touches / 10),
        expected=np.full((1, len(rhythm)), rhythm.mean()),
        pairs=np.zeros((1, 1, 100)),
        shifted=np.zeros((1, 1, 100)),
        first_pair=-50,
        lags=lags,
    )


@pytest.mark.parametrize(
    ("days", "first_day"), [(1.386, 0.17), (0.7, 0.0), (7.0, 0.5), (3.0, 0.9), (1.0, 1.0)]
)
def test_how_much_comes_at_once_says_nothing_of_how_fast_the_rest_fades(
    days: float, first_day: float
) -> None:
    """Without noise an effect of any such shape is found whole."""
    lags, effect = Lags(28, 42, 21), 0.2
    kernel = Kernel.fading(days, first_day, lags.carried)
    found = fit(_counts_of_search(np.full(len(lags.days), 1.5e5), effect * kernel.weights))
    shape = found.shapes[found.of[0]]
    assert found.effects[0] == pytest.approx(effect, rel=0.02)
    assert shape.weights[0] == pytest.approx(first_day, abs=0.01)
    assert shape.half_life == pytest.approx(kernel.half_life, rel=0.1)


def test_a_rhythm_that_bends_is_no_effect() -> None:
    """Fewer orders at both ends of the days looked at: of who came lately, and of who leaves."""
    days = Lags(28, 42, 21).days
    centred = (days - days.mean()) / np.ptp(days)
    rhythm = 1.5e5 * (1 - 0.01 * centred - 0.02 * centred**2)
    found = fit(_counts_of_search(rhythm, np.zeros(43)))
    assert abs(found.effects[0]) < 1e-4


def test_touches_that_follow_orders_are_no_effect() -> None:
    """Of messages sent after an order, the placebo finds the order before."""
    orders, touches, _ = events(1, customers=1_000, after_orders="email")
    found = _of_all(cells(orders, touches)).loc["email"]
    assert (found["status"], found["reason"]) == ("not_identified", "differs_before")
    assert found["orders_before"] > 10 * found["orders_before_error"]
    assert pd.isna(found["incremental_orders"])


def test_where_all_are_touched_on_the_same_days_nothing_is_told() -> None:
    orders, touches, _ = events(2, customers=500)
    days = np.arange(40, DAYS - 80, 60)
    together = pd.DataFrame(
        {
            "customer": np.repeat(np.arange(500), len(days)),
            "moment": np.tile(days, 500) + 0.5,
            "channel": "email",
        }
    )
    touches = pd.concat([touches[touches["channel"] != "email"], together], ignore_index=True)
    found = _of_all(cells(orders, touches)).loc["email"]
    assert (found["status"], found["reason"]) == ("not_identified", "touched_together")


def test_effects_a_day_add_up_to_what_a_touch_brings() -> None:
    orders, touches, _ = events(3, customers=1_500)
    result = study(cells(orders, touches), SETTINGS)
    effects = result.touch_effects
    first = effects[(effects["channel_id"] == "search") & ~effects["is_repeat"].astype(bool)]
    assert first["orders_added"].sum() == pytest.approx(EFFECTS["search"][0], rel=0.25)
    told = result.channel_increments
    ok = (told["customer_kind"] == "all") & (told["status"] == "ok")
    assert told.loc[ok, "incremental_share"].sum() == pytest.approx(1)
    assert set(effects["channel_id"]) == set(told.loc[ok, "channel_id"])
    assert set(told.loc[told["customer_kind"] == "new", "status"]) == {"not_identified"}


def test_too_little_and_nothing_at_all_are_said() -> None:
    orders, touches, _ = events(4, customers=150)
    few = touches[(touches["channel"] != "push") | (touches.index % 20 == 0)]
    assert _of_all(cells(orders, few)).loc["push", "status"] == "too_little_data"
    empty = pd.DataFrame({n: pd.Series(dtype=PANDAS_TYPES[kind]) for n, kind in COLUMNS.items()})
    assert [len(frame) for frame in study(empty, SETTINGS).frames().values()] == [0, 0]
    only_touches = cells(orders, touches)
    only_touches = only_touches[only_touches["cell"] == "all"]
    assert set(_of_all(only_touches)["status"]) == {"too_little_data"}
    with pytest.raises(ValueError, match="missing columns: shifted"):
        study(empty.drop(columns="shifted"), SETTINGS)
