"""Customers of four types whose truth is known: what the study of segments is judged by."""

from __future__ import annotations

import numpy as np
import pandas as pd

TYPES = ("value", "convenience", "brand", "relationship")
SHARES = (0.32, 0.22, 0.24, 0.22)
# By type: private label, fresh and discounted lines; digital and evening orders; contacts an order.
HABITS = {
    "private_label": ((0.60, 0.32, 0.12, 0.34), 0.25, "lines"),
    "fresh": ((0.33, 0.27, 0.35, 0.52), 0.35, "lines"),
    "discounted": ((0.56, 0.48, 0.46, 0.50), 0.2, "lines"),
    "online": ((0.10, 0.65, 0.18, 0.05), 0.2, "orders"),
    "evening": ((0.30, 0.42, 0.30, 0.26), 0.2, "orders"),
    "weekend": ((0.32, 0.32, 0.32, 0.32), 0.1, "orders"),
}
CONTACTS = (0.006, 0.010, 0.008, 0.045)


def shoppers(
    customers: int,
    *,
    seed: int = 1,
    orders_a_year: float = 45.0,
    snapshot: str = "current",
    is_mixed: bool = True,
    offset: int = 0,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of the study's input and each customer's type; all of one type unless ``is_mixed``."""
    draw = np.random.default_rng(seed)
    kind = draw.choice(4, customers, p=SHARES) if is_mixed else np.zeros(customers, dtype=int)
    orders = 1 + draw.poisson(orders_a_year * draw.gamma(1.3, 1 / 1.3, customers))
    size = np.exp(np.log(8) + 0.45 * draw.normal(size=customers))
    size *= np.array([1.05, 0.72, 1.15, 1.0])[kind]
    lines = np.maximum(orders, draw.poisson(orders * size))
    own_breadth = 1.4 * np.exp(0.2 * draw.normal(size=customers))
    columns: dict[str, object] = {
        "customer_id": [f"c{i + offset}" for i in range(customers)],
        "snapshot": snapshot,
        "order_count": orders,
        "net_revenue": lines * 3.0 * np.exp(0.25 * draw.normal(size=customers)),
        "basket_lines": lines,
        "category_count": np.ceil(np.minimum(lines**0.7 * own_breadth, lines)).astype(int),
        "categorised_lines": lines,
        "service_contacts": draw.poisson(orders * np.array(CONTACTS)[kind]),
    }
    for name, (means, own, whole) in HABITS.items():
        mean = np.array(means)[kind]
        odds = np.log(mean / (1 - mean)) + own * draw.normal(size=customers)
        trials = lines if whole == "lines" else orders
        columns[f"{name}_{whole}"] = draw.binomial(trials, 1 / (1 + np.exp(-odds)))
    for name in ("priced_lines", "branded_lines", "department_lines"):
        columns[name] = lines
    for name in ("timed_orders", "channel_orders"):
        columns[name] = orders
    return pd.DataFrame(columns), kind
