"""Segments against a truth that is known, from run to run, and where there is little to see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shoppers import TYPES, shoppers
from sklearn.metrics import adjusted_rand_score

from scoring.segments.clusters import (
    Mixture,
    Tried,
    choose,
    jaccard,
    matched,
    named,
    taken_over,
)
from scoring.segments.features import FEATURES, NAMES, Shopping, spread
from scoring.segments.pipeline import COLUMNS, SEGMENTS, SegmentResult, SegmentSettings, segment
from scoring.segments.tables import TABLES

TODAY = date(2026, 4, 1)
SETTINGS = SegmentSettings(as_of_date=TODAY, segment_max_clusters=5)
EXPECTED = {
    "value": "value_oriented",
    "convenience": "convenience_oriented",
    "brand": "brand_oriented",
    "relationship": "fresh_oriented",
}


@pytest.fixture(scope="module")
def world() -> tuple[pd.DataFrame, np.ndarray]:
    return shoppers(1_000)


@pytest.fixture(scope="module")
def first(world: tuple[pd.DataFrame, np.ndarray]) -> SegmentResult:
    return segment(world[0], SETTINGS)


def _customers(result: SegmentResult, shopping: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order of the input."""
    table = result.frames()["customer_clusters"].set_index("customer_id")
    return table.loc[shopping["customer_id"]]


def _run(result: SegmentResult) -> pd.Series:
    (row,) = result.frames()["segment_runs"].to_dict("records")
    return pd.Series(row)


def test_the_types_are_found_and_named_after_what_drives_them(
    world: tuple[pd.DataFrame, np.ndarray], first: SegmentResult
) -> None:
    shopping, kind = world
    found = _customers(first, shopping)
    has = found["segment"].notna().to_numpy()
    assert adjusted_rand_score(kind[has], found["segment"][has]) >= 0.9
    for number, name in enumerate(TYPES):
        of_type = found["segment"][kind == number]
        assert of_type.value_counts(normalize=True)[EXPECTED[name]] > 0.9, name
    run = _run(first)
    assert (run["outcome"], run["clusters"]) == ("first", 4)
    assert run["jaccard_least"] >= 0.9
    clusters = first.frames()["segment_clusters"].set_index("segment")
    assert clusters.loc["value_oriented", "driver_1"] == "private_label_share_high"
    assert clusters.loc["brand_oriented", "driver_1"] == "private_label_share_low"


def test_a_membership_is_as_sure_as_it_is_right(
    world: tuple[pd.DataFrame, np.ndarray], first: SegmentResult
) -> None:
    shopping, kind = world
    found = _customers(first, shopping)
    has = found["segment"].notna().to_numpy()
    right = found["segment"] == pd.Series(
        [EXPECTED[TYPES[number]] for number in kind], index=found.index
    )
    strength = found["strength"].astype(float)
    assert right[has].mean() == pytest.approx(strength[has].mean(), abs=0.03)
    unsure = has & (strength < 0.9).to_numpy(dtype=bool)
    assert right[unsure].mean() < right[has & ~unsure].mean()


def test_who_has_few_orders_is_in_no_segment(
    world: tuple[pd.DataFrame, np.ndarray], first: SegmentResult
) -> None:
    shopping, _ = world
    found = _customers(first, shopping)
    for orders, reason in ((2, "too_few_orders"), (3, None)):
        rows = found[(shopping["order_count"] == orders).to_numpy()]
        assert len(rows)
        assert all((row is pd.NA and reason is None) or row == reason for row in rows["reason"])
        assert (rows["segment"].isna() == (reason is not None)).all()
        assert (rows["strength"].isna() == (reason is not None)).all()


def test_segments_stay_while_they_hold_and_keep_their_names_when_they_do_not(
    first: SegmentResult,
) -> None:
    """Other customers of the same types; then another world, in which one type is gone."""
    centres = first.frames()["segment_centres"]
    others, _ = shoppers(1_000, seed=2)
    tomorrow = replace(SETTINGS, as_of_date=date(2026, 4, 2))
    kept = segment(others, tomorrow, centres)
    run = _run(kept)
    assert (run["outcome"], run["fitted_on"], run["last_as_of_date"]) == ("kept", TODAY, TODAY)
    assert run["last_overlap_least"] >= 0.75
    columns = ["cluster", "feature", "segment"]
    now = kept.frames()["segment_centres"]
    pd.testing.assert_frame_equal(now[columns], centres[columns])
    for column in ("centre", "variance", "weight"):
        np.testing.assert_allclose(now[column], centres[column], rtol=1e-9, atol=1e-9)

    fewer, kind = shoppers(1_200, seed=3)
    fewer = fewer[kind != TYPES.index("convenience")]
    fewer = fewer.assign(online_orders=0)
    refitted = segment(fewer, tomorrow, centres)
    run = _run(refitted)
    assert (run["outcome"], run["fitted_on"]) == ("refitted", date(2026, 4, 2))
    assert run["clusters"] == 3
    assert "online_share" in run["features_alike"]
    names = set(refitted.frames()["segment_clusters"]["segment"])
    assert names == {"value_oriented", "brand_oriented", "fresh_oriented"}


def test_the_order_of_rows_and_later_runs_make_no_difference(
    world: tuple[pd.DataFrame, np.ndarray], first: SegmentResult
) -> None:
    """Of a replay the clusters of the day itself and of later ones are not known yet."""
    centres = first.frames()["segment_centres"]
    later = pd.concat([centres, centres.assign(as_of_date=date(2026, 5, 1))])
    again = segment(world[0].sample(frac=1, random_state=7), SETTINGS, later)
    for name, frame in first.frames().items():
        pd.testing.assert_frame_equal(frame, again.frames()[name])


def test_who_moved_is_counted_by_the_clusters_of_today() -> None:
    now, kind = shoppers(800)
    before = now.assign(snapshot="earlier")
    of_value, of_brand = (np.flatnonzero(kind == TYPES.index(name)) for name in ("value", "brand"))
    swap = min(len(of_value), len(of_brand), 40)
    # Forty of each shopped as the others do.
    shopped = [name for name in before if name not in ("customer_id", "snapshot")]
    one, other = of_value[:swap], of_brand[:swap]
    before.loc[[*one, *other], shopped] = now.loc[[*other, *one], shopped].to_numpy()
    # One had too few orders then, one did not buy at all.
    before.loc[of_value[-1], "order_count"] = 2
    before = before.drop(index=of_value[-2])
    result = segment(pd.concat([now, before]), SETTINGS)
    run, found = _run(result), _customers(result, now)
    assert found["earlier_segment"].iloc[[of_value[-1], of_value[-2]]].isna().all()
    assert (
        run["compared_customers"]
        == (found["segment"].notna() & found["earlier_segment"].notna()).sum()
    )
    assert abs(run["moved_customers"] - 2 * swap) <= 6


@pytest.mark.parametrize(
    ("shopping", "reason"),
    [
        (lambda: shoppers(1)[0], "too_few_customers"),
        (lambda: shoppers(80)[0], "too_few_customers"),
        (lambda: shoppers(1_000, is_mixed=False)[0].assign(**_alike()), "nothing_known"),
        (lambda: shoppers(1_000, is_mixed=False)[0].assign(**_one_feature()), "no_clusters"),
    ],
    ids=["one customer", "few customers", "no feature", "one feature without clusters"],
)
def test_where_there_are_no_segments_the_reason_is_told(shopping: object, reason: str) -> None:
    rows = shopping()  # type: ignore[operator]
    result = segment(rows, SETTINGS)
    found = _customers(result, rows)
    enough = (rows["order_count"] >= SETTINGS.segment_min_orders).to_numpy()
    assert found["segment"].isna().all()
    assert (found["reason"][enough] == reason).all()
    assert (found["reason"][~enough] == "too_few_orders").all()
    assert _run(result)["outcome"] == reason
    for name in ("segment_centres", "segment_clusters"):
        assert result.frames()[name].empty


def _alike() -> dict[str, object]:
    """Everybody shops in the same way, and of some things nothing is known."""
    return {
        **dict.fromkeys(("order_count", "timed_orders"), 10),
        **dict.fromkeys(("basket_lines", "categorised_lines", "category_count"), 100),
        "net_revenue": 300.0,
        **{f"{name}_lines": 0 for name in ("priced", "branded", "department")},
        **{"channel_orders": 0, "weekend_orders": 3, "evening_orders": 4},
        "service_contacts": pd.NA,
    }


def _one_feature() -> dict[str, object]:
    draw = np.random.default_rng(4)
    return {**_alike(), "net_revenue": 300 * np.exp(0.3 * draw.normal(size=1_000))}


def test_one_feature_is_enough_if_it_has_clusters() -> None:
    rows, _ = shoppers(1_000, is_mixed=False)
    draw = np.random.default_rng(5)
    dear = draw.random(1_000) < 0.4
    price = np.where(dear, 9.0, 3.0) * np.exp(0.15 * draw.normal(size=1_000))
    rows = rows.assign(**{**_alike(), "net_revenue": 100 * price})
    result = segment(rows, SETTINGS)
    found = _customers(result, rows)
    assert set(found["segment"]) == {"premium", "low_price"}
    assert (found["segment"] == "premium").to_numpy()[dear].mean() > 0.95


def test_nobody_bought() -> None:
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    result = segment(empty, SETTINGS)
    assert all(frame.empty for frame in result.frames().values())
    assert [*result.frames()] == [table.name for table in TABLES]


def test_an_unstable_cluster_is_no_segment() -> None:
    """Of a run in which no number of clusters comes back in all of them, the best is kept."""

    def of(*jaccards: float, is_better: bool = True) -> Tried:
        size = len(jaccards)
        mixture = Mixture(np.zeros((size, 1)), np.ones((size, 1)), np.full(size, 1 / size))
        return Tried(mixture, np.array(jaccards), is_better)

    def chosen(*found: Tried, stay: int | None = None) -> int:
        return len(choose(found, 0.75, stay, 0.10).mixture)

    # At and below the threshold; the largest of those that come back equally well.
    assert chosen(of(0.9, 0.9), of(0.75, 0.99, 0.99)) == 3
    assert chosen(of(0.9, 0.9), of(0.74, 0.99, 0.99)) == 2
    assert chosen(of(0.95, 0.95), of(0.91, 0.91, 0.91), of(0.88, 0.88, 0.88, 0.88)) == 3
    # Nothing passes: the best on average.
    assert chosen(of(0.7, 0.7), of(0.55, 0.9, 0.9)) == 3
    # What is no better than no clusters at all is none.
    assert chosen(of(0.9, 0.9), of(0.95, 0.95, 0.95, is_better=False)) == 2
    with pytest.raises(ValueError, match="better than none"):
        chosen(of(0.9, 0.9, is_better=False))
    # The number of before stays down to the threshold less the slack.
    assert chosen(of(0.66, 0.9), of(0.9, 0.9, 0.9), stay=2) == 2
    assert chosen(of(0.64, 0.9), of(0.9, 0.9, 0.9), stay=2) == 3


def test_settings_without_a_meaning_are_refused() -> None:
    for wrong in (
        {"segment_min_orders": 0},
        {"segment_max_clusters": 1},
        {"segment_min_customers": 20},
        {"segment_sample_customers": 100},
        {"segment_least_jaccard": 0.8},
        {"segment_jaccard_slack": 0.9},
    ):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            SegmentSettings(as_of_date=TODAY, **wrong)  # type: ignore[arg-type]
    rows, _ = shoppers(5)
    with pytest.raises(ValueError, match="more than once"):
        segment(pd.concat([rows, rows]), SETTINGS)


def test_the_parts_of_a_spread_are_found() -> None:
    """Own spread .04, that of an order .25; and shrinking moves by what is chance."""
    draw = np.random.default_rng(3)
    orders = draw.integers(2, 60, 40_000).astype(float)
    true = 0.4 + 0.2 * draw.normal(size=len(orders))
    seen = true + 0.5 * draw.normal(size=len(orders)) / np.sqrt(orders)
    base = spread(seen, orders)
    assert base.mean == pytest.approx(0.4, abs=0.01)
    assert base.own == pytest.approx(0.04, rel=0.1)
    assert base.chance == pytest.approx(0.25, rel=0.15)
    shrunk = base.shrunk(seen, orders)
    few = orders < 6
    assert ((shrunk - true)[few] ** 2).mean() < 0.7 * ((seen - true)[few] ** 2).mean()
    # Nothing is known of who has no orders: the base's mean.
    assert base.shrunk(np.array([0.9]), np.array([0.0])) == pytest.approx(base.mean)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=60),
    st.permutations(range(4)),
)
def test_renumbered_clusters_are_matched_to_themselves(
    labels: list[int], numbers: list[int]
) -> None:
    ones = np.array(labels)
    others = np.array(numbers)[ones]
    overlap = jaccard(ones, others, 4, 4)
    assert ((overlap >= 0) & (overlap <= 1)).all()
    pairs = matched(overlap)
    assert all(pairs[numbers[label]] == label for label in set(labels))
    names = taken_over(overlap, ["a", "b", "c", "d"])
    assert names == {numbers[label]: "abcd"[label] for label in set(labels)}


def test_names_are_taken_over_only_by_what_is_mostly_the_same() -> None:
    assert taken_over(np.array([[0.5, 0.1], [0.2, 0.49]]), ["a", "b"]) == {0: "a"}
    # Nor by what has come to lie on the other side of everybody else.
    effect = np.array([[1.0, 0.5], [-1.0, 0.2]])
    features = ("private_label_share", "fresh_share")
    for keep, expected in (
        ({0: "fresh_oriented"}, ["fresh_oriented", "brand_oriented"]),
        ({1: "value_oriented"}, ["value_oriented", "brand_oriented"]),
        ({}, ["value_oriented", "brand_oriented"]),
    ):
        assert named(effect, features, SEGMENTS, keep) == expected


def test_names_are_each_used_once() -> None:
    """Two clusters with the same strongest feature share it out."""
    effect = np.array([[2.0, 0.1], [1.5, 0.8]])
    found = named(effect, ("online_share", "fresh_share"), SEGMENTS, {})
    assert found == ["convenience_oriented", "fresh_oriented"]


def test_every_feature_has_names_and_a_column() -> None:
    assert {feature for feature, _ in SEGMENTS} == set(NAMES)
    assert len(set(SEGMENTS.values())) == 2 * len(FEATURES)
    written = TABLES[0].types
    assert set(NAMES) <= written.keys()
    rows, _ = shoppers(50)
    assert list(Shopping.of(rows).shown(rows)) == list(NAMES)
