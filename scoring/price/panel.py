"""Arrays of the panel's rows: choices among products in a store-week, among stores in a week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
PLACEMENTS = ("display_share", "mailer_share", "after_promotion_share")


@dataclass(frozen=True)
class Panel:
    """Rows of one category on one level; stores, weeks and items as codes."""

    items: tuple[str, ...]
    places: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
    shape: tuple[int, int, int]
    units: Array
    category_units: Array
    price: Array
    regular_price: Array
    placements: Array

    @property
    def knows_regular_prices(self) -> bool:
        """Whether each row has a regular price, and not all are what was paid."""
        known = np.isfinite(self.regular_price)
        return bool(known.all() and (np.abs(self.regular_price - self.price) > 1e-9).any())

    @property
    def part_of_category(self) -> float:
        """Which part of the units of the category the items of the panel have."""
        stores, weeks, _ = self.places
        cells = stores * self.shape[1] + weeks
        _, first = np.unique(cells, return_index=True)
        total = float(self.category_units[first].sum())
        return min(1.0, float(self.units.sum()) / total) if total > 0 else 1.0

    def block(self, values: Array, empty: float = 0.0) -> Array:
        """Values ``[n]`` or ``[n, columns]`` at their places."""
        found = np.full((*self.shape, *values.shape[1:]), empty)
        found[self.places] = values
        return found


def panel_of(rows: pd.DataFrame, *, across_stores: bool) -> Panel:
    """The panel of a category's rows.

    Choices are among products, by store and week; or, ``across_stores``, among stores, by week.
    """
    stores, store_names = _codes(rows["store_id"])
    weeks, _ = _codes(rows["week_start_date"])
    items, item_names = _codes(rows["item"])
    if across_stores:
        axes, names = (np.zeros_like(stores), weeks, stores), item_names
        shape = (1, int(weeks.max()) + 1, len(store_names))
    else:
        axes, names = (stores, weeks, items), item_names
        shape = (len(store_names), int(weeks.max()) + 1, len(item_names))
    return Panel(
        tuple(str(name) for name in names),
        axes,
        shape,
        _numbers(rows["units"]),
        _numbers(rows["category_units"]),
        np.log(_numbers(rows["price"])),
        np.log(_numbers(rows["regular_price"])),
        np.column_stack([_numbers(rows[name]) for name in PLACEMENTS]),
    )


def _codes(values: pd.Series) -> tuple[NDArray[np.int64], Any]:
    codes, names = pd.factorize(values, sort=True)
    return codes.astype(np.int64), names


def _numbers(values: pd.Series) -> Array:
    return values.to_numpy(dtype=np.float64, na_value=np.nan)
