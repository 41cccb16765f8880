"""Purchase histories: who bought on which day, for how much.

The customer-day table (``customer_id``, ``purchase_date``, ``amount``) is where features, BTYD
summaries and outcomes start, whether a warehouse or a transaction log supplied it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoring.btyd.likelihood import Vector

Days = NDArray[np.int64]

EPOCH = date(1970, 1, 1)
# Amounts are compared in ten-thousandths, so that a reversal finds its sale whatever the rounding.
_AMOUNT_UNIT = 10_000


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=int(number))


@dataclass(frozen=True)
class PurchaseHistory:
    """Purchase days of customers, sorted by customer and day, one row per customer and day.

    ``customer_ids`` shape (customers,), ``starts`` shape (customers + 1,): the rows of customer i
    are ``starts[i]:starts[i + 1]``, at least one. ``day`` and ``amount`` have shape (rows,); days
    are day numbers. ``amount`` is zero throughout where ``has_amounts`` is false.
    """

    customer_ids: NDArray[np.object_]
    starts: Days
    day: Days
    amount: Vector
    has_amounts: bool

    @classmethod
    def from_frame(cls, purchase_days: pd.DataFrame) -> PurchaseHistory:
        """From the customer-day table; ``amount`` may be missing as a column or in every row.

        Raises:
            ValueError: a column is missing, a value is null or infinite, or a customer has a day
                twice.
        """
        missing = {"customer_id", "purchase_date"} - set(purchase_days.columns)
        if missing:
            raise ValueError(f"purchase days: missing columns {sorted(missing)}")
        if purchase_days[["customer_id", "purchase_date"]].isna().any().any():
            raise ValueError("purchase days: customer_id and purchase_date must not be null")
        amounts = _numbers(purchase_days)
        code, ids = _codes(purchase_days["customer_id"])
        day = _day_numbers(purchase_days["purchase_date"])
        order = np.lexsort((day, code))
        code, day, amounts = code[order], day[order], amounts[order]
        if np.any((np.diff(code) == 0) & (np.diff(day) == 0)):
            raise ValueError("purchase days: a customer has a day twice")
        has_amounts = bool(np.isfinite(amounts).any())
        if np.isinf(amounts).any():
            raise ValueError("purchase days: amount must be finite")
        return cls(
            np.asarray(ids, dtype=object),
            np.searchsorted(code, np.arange(len(ids) + 1)).astype(np.int64),
            day,
            np.nan_to_num(amounts, nan=0.0),
            has_amounts,
        )

    def __len__(self) -> int:
        """The number of customers."""
        return len(self.customer_ids)

    @property
    def first_day(self) -> Days:
        """The first purchase day per customer."""
        return self.day[self.starts[:-1]]

    @property
    def customer_of_row(self) -> Days:
        """The customer's position per row."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.starts))

    def until(self, last_day: int) -> PurchaseHistory:
        """What was known at the end of a day: later purchases and customers are gone."""
        return self._rows(self.day <= last_day)

    def of(self, customers: NDArray[np.bool_]) -> PurchaseHistory:
        """The chosen customers, a mask of shape (customers,)."""
        return self._rows(customers[self.customer_of_row])

    def _rows(self, keep: NDArray[np.bool_]) -> PurchaseHistory:
        count = np.bincount(self.customer_of_row[keep], minlength=len(self))
        kept = count > 0
        return PurchaseHistory(
            self.customer_ids[kept],
            np.concatenate([[0], np.cumsum(count[kept])]).astype(np.int64),
            self.day[keep],
            self.amount[keep],
            self.has_amounts,
        )

    def window(self, customers: Days, after: Days, through: Days) -> tuple[Vector, Vector]:
        """Purchases and spend of customers in (after, through], vectors of one shape."""
        first, end = self.rows_until(customers, after), self.rows_until(customers, through)
        spent = self._spent_so_far
        # A customer's running sum starts anew: rows before the first count as nothing.
        begun = np.where(first > self.starts[customers], spent[first], 0.0)
        until = np.where(end > self.starts[customers], spent[end], 0.0)
        return (end - first).astype(np.float64), np.maximum(until - begun, 0.0)

    def rows_until(self, customers: Days, last_day: Days) -> Days:
        """Per customer, the end of the rows up to and including a day."""
        if not len(self.day):
            return np.zeros(len(customers), dtype=np.int64)
        keys, origin, span = self._keys
        wanted = customers * span + np.clip(last_day - origin + 1, 0, span - 1)
        return np.searchsorted(keys, wanted, side="right").astype(np.int64)

    @cached_property
    def _keys(self) -> tuple[Days, int, int]:
        """Rows as one ascending number each: customer times ``span`` plus days since ``origin``."""
        origin = int(self.day.min())
        span = int(self.day.max()) - origin + 3
        return self.customer_of_row * span + (self.day - origin + 1), origin, span

    @cached_property
    def _spent_so_far(self) -> Vector:
        """Before each row, what its predecessor's customer had spent by then; (rows + 1,)."""
        ones = np.ones((len(self.amount), 1))
        sums = running_sums(self.amount[:, None], ones, self.starts)[:, 0]
        return np.concatenate([[0.0], sums])


def running_sums(inputs: NDArray[np.float64], decay: NDArray[np.float64], starts: Days) -> Vector:
    """Sums within each customer that fade: s[i] = s[i - 1] * decay[i] + inputs[i].

    ``inputs`` and ``decay`` have shape (rows, k); a customer's first row starts from zero. A
    value depends on the customer's own rows up to it and on nothing else, to the last bit.
    """
    state = inputs.copy()
    counts = np.diff(starts)
    rank = np.arange(len(inputs), dtype=np.int64) - np.repeat(starts[:-1], counts)
    order = np.argsort(rank, kind="stable")
    ends = np.cumsum(np.bincount(rank)) if len(rank) else np.zeros(0, dtype=np.int64)
    for begin, end in pairwise(ends):
        rows = order[begin:end]
        state[rows] += state[rows - 1] * decay[rows]
    return state


def purchase_days(log: pd.DataFrame, through: date | None = None) -> pd.DataFrame:
    """The customer-day table of a transaction log, as it was known at the end of a day.

    Args:
        log: ``customer_id``, ``date`` (date, timestamp or ISO text; the calendar day counts) and
            optionally ``amount``. Rows after ``through`` are not looked at, reversals neither.
        through: the last day observed; the whole log if None.

    Returns:
        ``customer_id``, ``purchase_date``, ``amount`` (null if the log has none). A day is one
        purchase. Amounts of zero or below are none, nor are sales that a later row of the
        customer, or one of the same day, reverses in full: row by row, then the totals of days.
        A partial refund leaves the sale as it was.

    Raises:
        ValueError: a column is missing, or a date or amount cannot be read.
    """
    missing = {"customer_id", "date"} - set(log.columns)
    if missing:
        raise ValueError(f"log: missing columns {sorted(missing)}")
    days = _day_numbers(log["date"])
    amounts = _numbers(log)
    usable = log["customer_id"].notna().to_numpy()
    if through is not None:
        usable = usable & (days <= day_number(through))
    ids = log["customer_id"].astype(str).to_numpy(dtype=object)[usable]
    rows = pd.DataFrame({"customer_id": ids, "day": days[usable], "amount": amounts[usable]})
    known = rows["amount"].notna()
    if not known.any():
        table = rows.drop_duplicates(["customer_id", "day"]).assign(amount=np.nan)
    else:
        sales = rows[~known | (rows["amount"] > 0)].fillna({"amount": 0.0})
        reversals = rows[rows["amount"] < 0].assign(amount=lambda frame: -frame["amount"])
        for by_day in (False, True):
            if not len(reversals):
                break
            if by_day:
                sales, reversals = (
                    frame.groupby(["customer_id", "day"], as_index=False, sort=False).sum()
                    for frame in (sales, reversals)
                )
            sold, reversed_ = _matched(sales, reversals)
            sales, reversals = sales[~sold], reversals[~reversed_]
        table = sales.groupby(["customer_id", "day"], as_index=False, sort=False).sum()
    dates = pd.to_datetime(table["day"].to_numpy(dtype="datetime64[D]"))
    return (
        pd.DataFrame(
            {
                "customer_id": table["customer_id"].to_numpy(),
                "purchase_date": dates,
                "amount": table["amount"].to_numpy(),
            }
        )
        .sort_values(["customer_id", "purchase_date"])
        .reset_index(drop=True)
    )


def _matched(
    sales: pd.DataFrame, reversals: pd.DataFrame
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which sales are reversed by a row of equal amount, the latest sale first, and by which."""
    both = pd.concat([sales.assign(back=False), reversals.assign(back=True)], ignore_index=True)
    both["amount"] = np.rint(both["amount"] * _AMOUNT_UNIT)
    wanted = both[both["back"]].set_index(["customer_id", "amount"]).index
    candidates = both[pd.MultiIndex.from_frame(both[["customer_id", "amount"]]).isin(wanted)]
    ordered = candidates.sort_values(["customer_id", "amount", "day", "back"], kind="stable")
    group = ordered.groupby(["customer_id", "amount"], sort=False).ngroup()
    matched = np.zeros(len(both), dtype=bool)
    open_sales: list[int] = []
    current = -1
    for row, label, back in zip(ordered.index, group, ordered["back"], strict=True):
        if label != current:
            current, open_sales = label, []
        if not back:
            open_sales.append(row)
        elif open_sales:
            matched[[row, open_sales.pop()]] = True
    return matched[: len(sales)], matched[len(sales) :]


def _codes(customers: pd.Series) -> tuple[Days, NDArray[np.object_]]:
    """Customers as positions in their sorted ids; categories are not spelt out row by row."""
    if isinstance(customers.dtype, pd.CategoricalDtype):
        used = customers.cat.remove_unused_categories().cat
        ids = used.categories.astype(str).to_numpy(dtype=object)
        order = np.argsort(ids, kind="stable")
        rank = np.empty(len(ids), dtype=np.int64)
        rank[order] = np.arange(len(ids))
        return rank[used.codes.to_numpy()], ids[order]
    code, found = pd.factorize(customers.astype(str), sort=True)
    return code, np.asarray(found, dtype=object)


def _day_numbers(dates: pd.Series) -> Days:
    if isinstance(dates.dtype, pd.DatetimeTZDtype):
        dates = dates.dt.tz_localize(None)
    is_text = pd.api.types.is_object_dtype(dates) or pd.api.types.is_string_dtype(dates)
    parsed = pd.to_datetime(dates, errors="coerce", format="ISO8601" if is_text else None)
    _refuse(dates, parsed.isna().to_numpy(), "date cannot be read")
    if isinstance(parsed.dtype, pd.DatetimeTZDtype):
        parsed = parsed.dt.tz_localize(None)
    return parsed.to_numpy().astype("datetime64[D]").astype(np.int64)


def _numbers(frame: pd.DataFrame) -> Vector:
    if "amount" not in frame:
        return np.full(len(frame), np.nan)
    values = frame["amount"]
    numbers = pd.to_numeric(values, errors="coerce").astype("Float64")
    _refuse(values, (values.notna() & numbers.isna()).to_numpy(dtype=bool), "amount is no number")
    return np.asarray(numbers.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


def _refuse(values: pd.Series, wrong: NDArray[np.bool_], problem: str) -> None:
    """Raise a ValueError that says in how many rows, with an example, if any are ``wrong``."""
    if wrong.any():
        raise ValueError(
            f"{problem} in {int(wrong.sum())} of {len(values)} rows, for example "
            f"{values[wrong].iloc[0]!r}"
        )
