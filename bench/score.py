"""The whole score step (fit, back-test, forecast, explain): seconds and memory by customers.

    python bench/score.py [CUSTOMERS ...]

Customers are simulated: gamma rates, beta dropout, two years. Each number of customers runs in a
process of its own, so that peak memory is its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from datetime import date

import numpy as np
import pandas as pd

from scoring.customers.pipeline import ScoringSettings, score

AS_OF = date(2025, 1, 1)
DAYS = 730
MEAN_GAP = 25.0


def purchase_days(customers: int, seed: int = 1) -> pd.DataFrame:
    """``int_customer_purchase_days`` of simulated customers, about a dozen rows each."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.2, 1 / (1.2 * MEAN_GAP), customers)
    leaves = rng.beta(0.8, 9.0, customers)
    value = rng.gamma(5, 6, customers)
    clock = rng.uniform(0, DAYS * 0.9, customers)
    active = np.arange(customers)
    rows = []
    while len(active):
        rows.append((active, clock[active].astype(np.int64), rng.gamma(4, value[active] / 4)))
        active = active[rng.random(len(active)) >= leaves[active]]
        clock[active] += 1 + rng.exponential(1 / np.maximum(rate[active], 1e-4))
        active = active[clock[active] < DAYS]
    customer, day, amount = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    first = np.datetime64(AS_OF) - DAYS
    ids = np.array([f"c{number:07}" for number in range(customers)], dtype=object)
    return pd.DataFrame(
        {
            "customer_id": pd.Categorical.from_codes(customer, categories=ids),
            "purchase_date": (first + day).astype("datetime64[s]"),
            "net_revenue": np.round(amount, 2) + 0.01,
        }
    )


def measure(customers: int) -> dict[str, float]:
    """Seconds and memory of one score step in this process."""
    days = purchase_days(customers)
    before = _peak()
    started, cpu = time.perf_counter(), time.process_time()
    result = score(days, ScoringSettings(AS_OF))
    return {
        "customers": customers,
        "purchase_days": len(days),
        "scored": len(result.customer_scores),
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - cpu,
        "gigabytes_of_input": before,
        "gigabytes_at_peak": _peak(),
    }


def _peak() -> float:
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / (1e9 if sys.platform == "darwin" else 1e6)


def main() -> None:
    """Measure every number of customers asked for, one process each."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
        return
    for customers in sys.argv[1:] or ["2500", "100000", "1000000"]:
        done = subprocess.run(
            [sys.executable, __file__, "--one", customers],
            check=True,
            capture_output=True,
            text=True,
        )
        found = json.loads(done.stdout)
        print("  ".join(f"{name} {value:,.1f}" for name, value in found.items()), flush=True)


if __name__ == "__main__":
    main()
