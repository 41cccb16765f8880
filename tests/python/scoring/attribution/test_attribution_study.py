"""The study of attribution: shares with intervals that hold, and reasons where there is none."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from journeys import Journey, counts_of, draw

from scoring.attribution.chain import CONVERSION, NULL, Transitions, influence, remove_each
from scoring.attribution.pipeline import (
    AttributionSettings,
    interval,
    standard_error,
    study,
    transitions,
)
from scoring.attribution.tables import ATTRIBUTION_SHARES

SETTINGS = AttributionSettings(date(2025, 1, 1), attribution_min_groups=2)
CHAIN = np.array(
    [
        [0.4, 0.3, 0.2, 0.1, 0.0, 0.0],
        [0.3, 0.1, 0.1, 0.1, 0.15, 0.25],
        [0.1, 0.2, 0.1, 0.1, 0.1, 0.4],
        [0.1, 0.1, 0.3, 0.1, 0.05, 0.35],
        [0.1, 0.1, 0.1, 0.1, 0.2, 0.4],
    ]
)


def told(
    journeys: list[Journey], settings: AttributionSettings = SETTINGS, kind: str = "all"
) -> pd.DataFrame:
    """Status and reason of every channel by model."""
    found = study(counts_of(journeys), settings).shares
    found = found[found["customer_kind"] == kind]
    return found.set_index(["attribution_model", "channel_key"])


def many(*paths: tuple[tuple[int, ...], bool], each: int = 40) -> list[Journey]:
    """As many journeys of each path, of customers in as many groups."""
    return [
        (group, "new", path, converts, 1.0) for path, converts in paths for group in range(each)
    ]


def test_shares_are_those_of_all_journeys_and_of_each_kind() -> None:
    journeys = draw(np.random.default_rng(1), 2500, CHAIN)
    found = study(counts_of(journeys), SETTINGS).shares
    assert (found["status"] == "ok").all()
    assert (found["share_lower"] < found["share"]).all()
    assert (found["share"] < found["share_upper"]).all()
    for (_, kind), part in found.groupby(["attribution_model", "customer_kind"]):
        of_kind = [journey for journey in journeys if kind in {journey[1], "all"}]
        converting = [journey for journey in of_kind if journey[3]]
        assert part["share"].sum() == pytest.approx(1, abs=1e-8)
        assert part["conversions"].sum() == pytest.approx(len(converting), rel=1e-8)
        assert part["value"].sum() == pytest.approx(10 * len(converting), rel=1e-8)
        for row in part.itertuples():
            assert row.journeys == sum(row.channel_key in journey[2] for journey in of_kind)
            met = [journey for journey in converting if row.channel_key in journey[2]]
            assert row.converting_journeys == len(met)
            assert row.groups == len({journey[0] for journey in met})
    chains = found["attribution_model"].str.startswith("markov")
    assert (found.loc[chains, "removal_strategy"] == "redirect_to_null").all()
    assert found.loc[~chains, "removal_strategy"].isna().all()


def test_intervals_hold_nine_times_in_ten() -> None:
    """Of every customer's journey there are three, which tell no more than one.

    Taken for different customers' they would have made intervals that hold two times in three.
    """
    ways, targets = np.nonzero(CHAIN)
    true = remove_each(
        Transitions(
            np.arange(-1, 4),
            ways,
            np.select([targets == 4, targets == 5], [CONVERSION, NULL], targets + 1),
            CHAIN[ways, targets],
            4,
        )
    ).shares
    rng, keys = np.random.default_rng(3), np.arange(1, 5)
    hits = []
    for _ in range(150):
        rows = counts_of(draw(rng, 300, CHAIN), (2,))
        rows["journeys"] *= 3
        chain, groups = transitions(rows[rows["counted"] == "transition"], keys)
        removal = remove_each(chain)
        error = standard_error(influence(chain, removal, groups))
        low, high = interval(removal.shares, error, groups.shape[0])
        hits.append((low <= true) & (true <= high))
    assert 0.86 <= np.mean(hits) <= 0.94


def test_groups_that_matter_to_one_channel_make_it_unstable() -> None:
    """Channel 2 was met by customers of very few groups, and by many of those."""
    journeys = many(((1,), True), ((1, 3), False), ((3,), True))
    journeys += [(group, "new", (2, 1), True, 1.0) for group in (1, 2) for _ in range(20)]
    found = told(journeys)
    row = found.loc["shapley_subset", 2]
    assert (row["status"], row["reason"]) == ("unstable", "share_varies")
    assert row["share_cv"] > 0.15
    assert row[["removal_effect", "share", "share_lower", "conversions", "value"]].isna().all()
    # Nothing of it goes to the others.
    assert found.loc["shapley_subset"]["share"].sum() < 0.9
    at = AttributionSettings(SETTINGS.as_of_date, 30, 2, float(row["share_cv"]) + 1e-6)
    assert told(journeys, at).loc[("shapley_subset", 2), "status"] == "ok"


@pytest.mark.parametrize(
    ("conversions", "groups", "reason"),
    [(39, 40, "few_conversions"), (40, 40, None), (40, 39, None), (40, 41, "few_customers")],
)
def test_too_little_is_below_the_least(conversions: int, groups: int, reason: str | None) -> None:
    journeys = many(((1,), True), ((2,), False), ((2,), True), ((3, 2), False))
    least = AttributionSettings(SETTINGS.as_of_date, 40, groups, 10.0)
    if conversions < 40:
        journeys.remove((7, "new", (1,), True, 1.0))
    row = told(journeys, least).loc["markov_1", 1]
    assert row["status"] == ("too_little_data" if reason else "ok")
    assert pd.isna(row["reason"]) if reason is None else row["reason"] == reason


@pytest.mark.parametrize(
    ("journeys", "model", "channel", "status", "reason"),
    [
        (many(((1, 2), False)), "markov_1", 1, "too_little_data", "no_conversions"),
        (many(((1, 2), False)), "shapley_subset", 1, "too_little_data", "no_conversions"),
        (many(((1, 1), True), ((1,), False)), "markov_1", 1, "not_identified", "only_channel"),
        (
            many(((1,), True), ((2,), True)),
            "markov_2",
            1,
            "not_identified",
            "every_journey_converts",
        ),
        (many(((1,), True), ((2,), True)), "shapley_subset", 1, "ok", None),
        (
            many(((1, 2), True), ((2, 1, 3), False), ((3,), True)),
            "markov_1",
            2,
            "not_identified",
            "always_with_another",
        ),
        (many(((1, 2), True), ((2, 1, 3), False), ((3,), True)), "markov_1", 3, "ok", None),
    ],
)
def test_what_no_data_could_tell_says_so(
    journeys: list[Journey], model: str, channel: int, status: str, reason: str | None
) -> None:
    row = told(journeys).loc[model, channel]
    assert row["status"] == status
    assert pd.isna(row["reason"]) if reason is None else row["reason"] == reason
    assert pd.isna(row["share"]) == (status != "ok")


def test_a_kind_without_journeys_has_rows_that_say_so() -> None:
    found = told(many(((1,), True), ((2, 1), False), ((2,), True)), kind="returning")
    assert set(found["reason"]) == {"never_met"}
    assert len(found) == 2 * 5


def test_orders_that_were_not_counted_are_not_told() -> None:
    rows = counts_of(many(((1,), True), ((2, 1), False), ((2,), True)), orders=(1, 2))
    found = study(rows, SETTINGS).shares.query("customer_kind == 'all'")
    reasons = found.groupby("attribution_model")["reason"].first()
    assert reasons.dropna().to_dict() == {
        "markov_3": "too_many_states",
        "markov_4": "too_many_states",
    }


def test_a_path_of_many_touches() -> None:
    journeys = many(((1,), True), ((2, 1), False), ((2,), True))
    found = told([*journeys, (1, "new", (1, 2) * 5000, True, 1.0)])
    assert found["share"].dropna().between(0, 1).all()


def test_rows_in_another_order_give_the_same_shares() -> None:
    rows = counts_of(draw(np.random.default_rng(4), 300, CHAIN))
    mixed = rows.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(study(rows, SETTINGS).shares, study(mixed, SETTINGS).shares)


def test_nothing_counted_is_no_rows_and_wrong_columns_are_refused() -> None:
    rows = counts_of(many(((1,), True)))
    empty = study(rows.iloc[:0], SETTINGS).shares
    assert empty.empty
    assert list(empty) == list(ATTRIBUTION_SHARES.types)
    with pytest.raises(ValueError, match="missing columns: journeys"):
        study(rows.drop(columns="journeys"), SETTINGS)
    with pytest.raises(ValueError, match="journeys is negative in 1 of"):
        study(rows.assign(journeys=[-1, *rows["journeys"][1:]]), SETTINGS)
