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


def draw(
    rng: np.random.Generator, customers: int, chain: np.ndarray, journeys_each: float = 2.0
) -> list[Journey]:
    """Journeys of customers, some of whom convert more readily than others.

    ``chain``: (1 + channels, channels + 2): from the start and every channel to every channel, to
    conversion and to null. One half of the customers converts three times as readily as the other,
    so that journeys of one customer are alike.
    """
    channels = chain.shape[1] - 2
    journeys: list[Journey] = []
    ready = chain.copy()
    for factor, rows in ((1.5, ready), (0.5, chain.copy())):
        rows[1:, channels] *= factor
        rows[1:, channels + 1] = 1 - rows[1:, : channels + 1].sum(axis=1)
        cumulated = rows.cumsum(axis=1)
        for customer in range(customers // 2):
            group, kind = int(rng.integers(100)), "new" if customer % 3 else "returning"
            for _ in range(1 + rng.poisson(journeys_each - 1)):
                state, path = 0, []
                while True:
                    state = 1 + int(np.searchsorted(cumulated[state], rng.random()))
                    if state > channels:
                        break
                    path.append(state)
                journeys.append((group, kind, tuple(path), state == channels + 1, 10.0))
    return journeys
