"""Journeys drawn from a known chain, and the counts that the study reads of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

Journey = tuple[int, str, tuple[int, ...], bool, float]
"""Group of customers, kind of customer, channels met in order, whether it converted, value."""

COLUMNS = ["counted", "customer_group", "customer_kind", "markov_order", "from_state", "to_state"]


def counts_of(journeys: Sequence[Journey], orders: Sequence[int] = (1, 2, 3, 4)) -> pd.DataFrame:
    """What ``int_attribution_counts`` holds of these journeys."""
    found: Counter[tuple] = Counter()
    converted: Counter[tuple] = Counter()
    values: Counter[tuple] = Counter()
    for group, kind, path, converts, value in journeys:
        ways = [("coalition", group, kind, 0, ">".join(map(str, sorted(set(path)))), None)]
        for order in orders:
            states = ["(start)"]
            for end in range(1, len(path) + 1):
                states.append(">".join(map(str, path[max(0, end - order) : end])))
            states.append("(conversion)" if converts else "(null)")
            ways += [
                ("transition", group, kind, order, before, after)
                for before, after in pairwise(states)
            ]
        for way in ways:
            found[way] += 1
            if converts and way[-1] in {"(conversion)", None}:
                converted[way] += 1
                values[way] += value
    rows = [(*way, count, converted[way], float(values[way])) for way, count in found.items()]
    return pd.DataFrame(rows, columns=[*COLUMNS, "journeys", "conversions", "value"])


def draw(rng: np.random.Generator, customers: int, chain: np.ndarray) -> list[Journey]:
    """A journey of each customer, in a group at random.

    ``chain``: (1 + channels, channels + 2): from the start and every channel to every channel, to
    conversion and to null.
    """
    channels, cumulated = chain.shape[1] - 2, chain.cumsum(axis=1)
    journeys: list[Journey] = []
    for customer in range(customers):
        state, path = 0, []
        while True:
            state = 1 + int(np.searchsorted(cumulated[state], rng.random()))
            if state > channels:
                break
            path.append(state)
        kind = "new" if customer % 3 else "returning"
        journeys.append((int(rng.integers(100)), kind, tuple(path), state == channels + 1, 10.0))
    return journeys
