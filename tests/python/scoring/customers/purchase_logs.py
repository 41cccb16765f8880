"""Transaction logs for the tests of forecasts: simulated customers who buy, pause and stop."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd


def transaction_log(
    customers: int,
    *,
    seed: int = 1,
    start: date = date(2023, 1, 1),
    days: int = 540,
    mean_gap: float = 12.0,
    dropout: tuple[float, float] = (0.6, 8.0),
    december: bool = False,
) -> pd.DataFrame:
    """Purchases with gamma rates and beta dropout: ``customer_id``, ``date``, ``amount``.

    ``december`` doubles the purchases from 1 to 24 December.
    """
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.5, 1 / (1.5 * mean_gap), customers)
    leaves = rng.beta(*dropout, customers)
    value = rng.gamma(5, 6, customers)
    rows: list[tuple[str, int, float]] = []
    clock = rng.integers(0, days // 2, customers).astype(float)
    active = np.arange(customers)
    while len(active):
        rows += [
            (f"c{customer:05}", int(clock[customer]), float(amount))
            for customer, amount in zip(active, rng.gamma(4, value[active] / 4) + 0.01, strict=True)
        ]
        active = active[rng.random(len(active)) >= leaves[active]]
        clock[active] += 1 + rng.exponential(1 / np.maximum(rate[active], 1e-4))
        active = active[clock[active] < days]
    log = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    log["date"] = pd.Timestamp(start) + pd.to_timedelta(log["day"], unit="D")
    if december:
        advent = log[(log["date"].dt.month == 12) & (log["date"].dt.day <= 24)].copy()
        shift = pd.to_timedelta(rng.integers(1, 4, len(advent)), unit="D")
        log = pd.concat([log, advent.assign(date=advent["date"] + shift)], ignore_index=True)
    return log.drop(columns="day").assign(amount=lambda frame: frame["amount"].round(2))
