"""Markov chains and Shapley values of paths: laws, closed forms, and every journey counted out."""

from __future__ import annotations

from itertools import combinations, permutations, product
from math import factorial

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scoring.attribution import chain
from scoring.attribution.chain import CONVERSION, NO_CHANNEL, NULL, Transitions, remove_each
from scoring.attribution.paths import (
    Markov,
    Paths,
    count_paths,
    markov,
    number_touches,
    paths_of,
    rules,
    shapley_subset,
)

Rows = list[tuple[str, int, int]]

ROWS = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abcd"), min_size=1, max_size=6).map(" > ".join),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=12,
).filter(lambda rows: sum(row[1] for row in rows) > 0)


def frame(rows: Rows) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=["path", "conversions", "nulls"])
    return found.assign(value=found["conversions"] * 2.5)


CONNECTION = duckdb.connect()
quickly = settings(max_examples=15, deadline=None)


def counted(rows: Rows, order: int = 4) -> Paths:
    return paths_of(frame(rows), order, CONNECTION)


def chain_of(rows: Rows, order: int = 1) -> Markov:
    return markov(counted(rows, order), order)


def dense(found: Markov) -> NDArray[np.float64]:
    return found.transitions.toarray()


@quickly
@given(ROWS, st.integers(1, 4))
def test_as_many_convert_as_did_and_credit_is_all_of_them(rows: Rows, order: int) -> None:
    found = chain_of(rows, order)
    converted, lost = (sum(row[place] for row in rows) for place in (1, 2))
    assert found.conversion == pytest.approx(converted / (converted + lost), abs=1e-12)
    assert found.credit.conversions.sum() == pytest.approx(converted, abs=1e-9)
    assert found.credit.value.sum() == pytest.approx(2.5 * converted, abs=1e-9)
    assert (found.removal_effects >= -1e-12).all()
    assert (found.removal_effects <= 1 + 1e-12).all()


@quickly
@given(ROWS, st.integers(1, 4))
def test_removal_by_elimination_of_a_dense_matrix(rows: Rows, order: int) -> None:
    """Without a channel: its rows and columns gone, and what went there lost."""
    found = chain_of(rows, order)
    matrix = dense(found)[:-2, :-2]
    converts = dense(found)[:-2, -2]
    # Elimination's own error, where journeys are long.
    for place, name in enumerate(sorted({c for row in rows for c in row[0].split(" > ")})):
        left = [i for i, state in enumerate(found.states[:-2]) if not state.endswith(name)]
        part = np.eye(len(left)) - matrix[np.ix_(left, left)]
        without = np.linalg.solve(part, converts[left])[left.index(0)]
        assert found.removal_effects[place] == pytest.approx(
            1 - without / found.conversion, abs=1e-9
        )


@quickly
@given(ROWS)
def test_at_order_one_removal_follows_from_one_inverse(rows: Rows) -> None:
    """Of those who ever reach a channel, all are lost: N(start, c) / N(c, c) reach it."""
    found = chain_of(rows)
    matrix = dense(found)
    fundamental = np.linalg.inv(np.eye(len(matrix) - 2) - matrix[:-2, :-2])
    converts = fundamental @ matrix[:-2, -2]
    reached = fundamental[0] / np.diagonal(fundamental)
    effects = (reached * converts / converts[0])[1:]
    assert found.removal_effects == pytest.approx(effects, abs=1e-9)


@quickly
@given(ROWS)
def test_repeats_of_a_channel_change_nothing_at_order_one(rows: Rows) -> None:
    def collapsed(path: str) -> str:
        names = path.split(" > ")
        return " > ".join(b for a, b in zip(["", *names], names, strict=False) if a != b)

    alike = chain_of([(collapsed(path), *counts) for path, *counts in rows])
    assert chain_of(rows).removal_effects == pytest.approx(alike.removal_effects, abs=1e-9)


@quickly
@given(ROWS, st.integers(2, 50), st.integers(1, 3))
def test_scale_and_order_of_rows_change_no_share(rows: Rows, times: int, order: int) -> None:
    twice = [(path, (times - 1) * a, (times - 1) * b) for path, a, b in reversed(rows)]
    many, once = chain_of([*rows, *twice], order), chain_of(rows, order)
    assert many.shares == pytest.approx(once.shares, abs=1e-12)
    assert many.credit.conversions == pytest.approx(times * once.credit.conversions, rel=1e-9)


def test_every_journey_of_a_chain_counted_out() -> None:
    """Probabilities of all journeys up to a length after which next to none go on."""
    rows: Rows = [("a > b", 3, 2), ("a", 1, 4), ("b > c > a", 2, 2), ("c", 1, 6), ("b", 2, 3)]
    for order in (1, 2, 3):
        found = chain_of(rows, order)
        matrix, names = dense(found), found.states
        numbers = {name: i for i, name in enumerate(names)}
        converted = dict.fromkeys(["", *"abc"], 0.0)
        journeys = {("(start)", ""): 1.0}
        for _ in range(60):
            longer: dict[tuple[str, str], float] = {}
            for (state, met), chance in journeys.items():
                for target in np.flatnonzero(matrix[numbers[state]]):
                    p = chance * matrix[numbers[state], target]
                    if names[target] == "(conversion)":
                        for name in converted:
                            converted[name] += p * (not name or name not in met)
                    elif names[target] != "(null)":
                        now = "".join(sorted({*met, names[target][-1]}))
                        key = (names[target], now)
                        longer[key] = longer.get(key, 0.0) + p
            journeys = longer
        assert sum(journeys.values()) < 1e-12
        effects = [1 - converted[name] / converted[""] for name in "abc"]
        assert found.removal_effects == pytest.approx(effects, abs=1e-9)


def test_a_chain_whose_answer_is_known() -> None:
    """From a to b or lost, from b back to a or on: geometric sums.

    a is left 3 times in 5 for b, and converts else; b goes back to a half the time, and is lost
    else. Reached again and again, with q = 3/5 * 1/2: (2/5) / (1 - q) = 4/7 convert from a. A
    journey starts with a (3 in 4) or b: 3/4 * 4/7 + 1/4 * 1/2 * 4/7 = 1/2. Without a nothing
    does, and without b 3/4 * 2/5 = 3/10.
    """
    known = Transitions(
        np.array([NO_CHANNEL, 0, 1]),
        np.array([0, 0, 1, 1, 2, 2]),
        np.array([1, 2, 2, CONVERSION, 1, NULL]),
        np.array([3.0, 1.0, 3.0, 2.0, 1.0, 1.0]),
        2,
    )
    removal = remove_each(known)
    assert removal.conversion == pytest.approx([1 / 2, 0, 3 / 10], abs=1e-12)
    assert removal.effects == pytest.approx([1, 2 / 5], abs=1e-12)
    assert removal.shares == pytest.approx([5 / 7, 2 / 7], abs=1e-12)


def test_both_ways_to_solve_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    rows = [
        (" > ".join(rng.choice(list("abcdef"), size=rng.integers(1, 9))), *rng.integers(0, 5, 2))
        for _ in range(3000)
    ]
    paths = counted([(path, int(a), int(b)) for path, a, b in rows])
    for order in (1, 3):
        found = []
        for limit in (0, 10**6):
            monkeypatch.setattr(chain, "_ELIMINATED_STATES", limit)
            found.append(markov(paths, order).removal_effects)
        assert found[0] == pytest.approx(found[1], abs=1e-12)


def test_long_journeys_are_solved_where_steps_would_not_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A path of 10,000 touches: a channel is left one time in 5,000."""
    monkeypatch.setattr(chain, "_ELIMINATED_STATES", 0)
    rows = [(" > ".join(["a"] * 5000 + ["b"] * 5000), 1, 0), ("b", 1, 3)]
    found = chain_of(rows)
    assert found.conversion == pytest.approx(2 / 5, abs=1e-9)
    # Whoever meets a meets b after it; one of five journeys meets a, and converts as b does.
    assert found.removal_effects == pytest.approx([1 / 5, 1], abs=1e-9)


def test_without_nulls_the_effect_is_the_share_that_met_the_channel() -> None:
    found = chain_of([("a > b", 3, 0), ("b", 1, 0), ("c", 1, 0)])
    assert found.conversion == pytest.approx(1, abs=1e-12)
    assert found.removal_effects == pytest.approx([3 / 5, 4 / 5, 1 / 5], abs=1e-12)


@pytest.mark.parametrize(("order", "told"), [(0, "1 to 2"), (3, "1 to 2")])
def test_an_order_that_was_not_counted_is_refused(order: int, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        markov(counted([("a", 1, 1)], 2), order)


def test_nothing_is_shared_out_where_nothing_converts() -> None:
    with pytest.raises(ValueError, match="no path converts"):
        chain_of([("a > b", 0, 3)])


def coalition_values(rows: Rows) -> dict[frozenset[str], int]:
    names = sorted({name for path, *_ in rows for name in path.split(" > ")})
    return {
        frozenset(members): sum(
            conversions for path, conversions, _ in rows if set(path.split(" > ")) <= set(members)
        )
        for size in range(len(names) + 1)
        for members in combinations(names, size)
    }


@quickly
@given(ROWS)
def test_shapley_values_by_all_orders_of_channels(rows: Rows) -> None:
    worth = coalition_values(rows)
    names = sorted(max(worth, key=len))
    values = dict.fromkeys(names, 0.0)
    for order in permutations(names):
        for place, name in enumerate(order):
            before = frozenset(order[:place])
            values[name] += (worth[before | {name}] - worth[before]) / factorial(len(names))
    found = shapley_subset(counted(rows))
    assert found.conversions == pytest.approx(list(values.values()), abs=1e-9)
    assert found.value == pytest.approx([2.5 * value for value in values.values()], abs=1e-9)


@quickly
@given(ROWS)
def test_rules_touch_by_touch(rows: Rows) -> None:
    names = sorted({name for path, *_ in rows for name in path.split(" > ")})
    expected = {rule: dict.fromkeys(names, 0.0) for rule in ("first", "linear", "position", "last")}
    for path, conversions, _ in rows:
        touches = path.split(" > ")
        size = len(touches)
        for place, name in enumerate(touches):
            ends = (place == 0) + (place == size - 1)
            expected["first"][name] += conversions * (place == 0)
            expected["last"][name] += conversions * (place == size - 1)
            expected["linear"][name] += conversions / size
            expected["position"][name] += conversions * (
                1 / size if size <= 2 else 0.4 if ends else 0.2 / (size - 2)
            )
    found = rules(counted(rows)).items()
    for (name, credit), told in zip(found, expected.values(), strict=True):
        assert credit.conversions == pytest.approx(list(told.values()), abs=1e-9), name
        assert credit.value == pytest.approx([2.5 * x for x in told.values()], abs=1e-9), name


def test_states_remember_as_many_touches_as_the_order_says() -> None:
    found = chain_of([("a > b > a > b", 1, 0), ("b > a > b", 0, 1)], 2)
    assert found.states == ("(start)", "a", "b", "a > b", "b > a", "(conversion)", "(null)")
    matrix = pd.DataFrame(dense(found), found.states, found.states)
    assert matrix.loc["a > b", "b > a"] == pytest.approx(1 / 3)
    assert matrix.loc["a > b", "(conversion)"] == pytest.approx(1 / 3)
    assert matrix.loc["b > a", "a > b"] == 1
    assert list(product([0.5], ["a", "b"])) == [
        (value, name) for name, value in matrix.loc["(start)"].items() if value
    ]


def test_touches_in_any_order_are_put_together_to_paths() -> None:
    """Those of 15 touches fit in a number, and longer ones do not."""
    rng = np.random.default_rng(6)
    names = list("abcdefghij")
    paths = [
        tuple(rng.integers(1, 11, size))
        for size in (1, 2, 3, 15, 16, 40, 15, 16, *rng.integers(1, 20, 50))
    ]
    touches = pd.DataFrame(
        [
            (journey, place, key, journey % 3 == 0, float(journey))
            for journey, path in enumerate(paths)
            for place, key in enumerate(path)
        ],
        columns=["journey_id", "touched_at", "channel_key", "is_conversion", "value"],
    ).sample(frac=1, random_state=1)
    rows = pd.DataFrame(
        [
            (" > ".join(names[key - 1] for key in path), j % 3 == 0, j % 3 > 0, j * (j % 3 == 0))
            for j, path in enumerate(paths)
        ],
        columns=["path", "conversions", "nulls", "value"],
    )
    CONNECTION.register("touched", touches)
    number_touches(CONNECTION, "touched", 10, "put_together")
    found = count_paths(CONNECTION, "put_together", tuple(names), 3)
    expected = paths_of(rows.astype({"conversions": int, "nulls": int}), 3, CONNECTION)
    pd.testing.assert_frame_equal(found.steps, expected.steps, check_dtype=False)
    assert found.sets["set"].map(list).tolist() == expected.sets["set"].map(list).tolist()
    assert found.sets["value"].tolist() == expected.sets["value"].tolist()
