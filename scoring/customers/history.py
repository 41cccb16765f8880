"""Purchase histories: who bought on which day, for how much.

The customer-day table (``customer_id``, ``purchase_date``, ``amount``) is where features, BTYD
summaries and outcomes start, whether a warehouse or a transaction log supplied it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoring.btyd.likelihood import Vector

Days = NDArray[np.int64]

EPOCH = date(1970, 1, 1)
# Amounts are compared in ten-thousandths, so that a return finds its sale whatever the rounding.
_AMOUNT_UNIT = 10_000
_EVER = 2**40  # the day number of a version that still holds
# A base has begun once such a share of its customers, and so many of them, had bought.
_BASE_SHARE = 0.05
_BASE_CUSTOMERS = 3
_SLOW_DAYS = 28
# Purchases are set aside that lie so many days before all others and are at most such a share.
_FAR_DAYS = 366
_STRAY_SHARE = 0.05
# A shop is shut that sold nothing for so many days in which so many purchases were to be expected,
# at the pace of so many days around them.
_CLOSED_DAYS = 28
_CLOSED_PURCHASES = 20
_PACE_DAYS = 90
_ZONE = r"(:\d\d(?:\.\d+)?)\s*(?:Z|[+-]\d\d(?::?\d\d)?)$"


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=int(number))


@dataclass(frozen=True)
class _Versions:
    """Every version of every purchase day, sorted by customer and day, where any was corrected.

    A version holds at the end of day c if ``valid_from <= c < valid_until``. Versions that began
    after ``seen_through`` are not among them.
    """

    customer: Days
    day: Days
    amount: Vector
    valid_from: Days
    valid_until: Days
    seen_through: int


class _Closed(NamedTuple):
    """Days when everything was shut: the last and the first day of business around them.

    ``weeks_off`` days, whole weeks, are taken out.
    """

    last: int
    first: int
    weeks_off: int

    def without(self, day: Days) -> Days:
        """Days in a time without the closed ones; those among them fall before the first day."""
        moved = np.minimum(day + self.weeks_off, self.first - 1)
        return np.where(day < self.first, moved, day)


@dataclass(frozen=True)
class PurchaseHistory:
    """Purchase days of customers, sorted by customer and day, one row per customer and day.

    ``customer_ids`` shape (customers,), ``starts`` shape (customers + 1,): the rows of customer i
    are ``starts[i]:starts[i + 1]``. ``day`` and ``amount`` have shape (rows,); days are day
    numbers. ``amount`` is zero throughout where ``has_amounts`` is false.

    Days before a time when everything was shut (``closed``) are told as if it had not been;
    ``date`` gives the day that it was.

    The rows are what holds now. Where returns changed what held before, ``versions`` has it all,
    and customers who returned everything have no row.
    """

    customer_ids: NDArray[np.object_]
    starts: Days
    day: Days
    amount: Vector
    has_amounts: bool
    versions: _Versions | None = None
    closed: tuple[_Closed, ...] = ()

    @classmethod
    def from_frame(cls, purchase_days: pd.DataFrame) -> PurchaseHistory:
        """From the customer-day table; ``amount`` may be missing as a column or in every row.

        ``valid_from`` and ``valid_until`` may be missing: a row then holds from its day on.

        Raises:
            ValueError: a column is missing, a value is null or infinite, or a customer has a day
                twice at one time.
        """
        missing = {"customer_id", "purchase_date"} - set(purchase_days.columns)
        if missing:
            raise ValueError(f"purchase days: missing columns {sorted(missing)}")
        if purchase_days[["customer_id", "purchase_date"]].isna().any().any():
            raise ValueError("purchase days: customer_id and purchase_date must not be null")
        amounts = _numbers(purchase_days)
        code, ids = _codes(purchase_days["customer_id"])
        day = day_numbers(purchase_days["purchase_date"])
        since, until = day, np.full(len(day), _EVER)
        if {"valid_from", "valid_until"} <= set(purchase_days.columns):
            since = _days_or(purchase_days["valid_from"], day)
            until = _days_or(purchase_days["valid_until"], until)
        order = np.lexsort((since, day, code))
        code, day, amounts = code[order], day[order], amounts[order]
        since, until = since[order], until[order]
        same = (np.diff(code) == 0) & (np.diff(day) == 0)
        if np.any(same & (since[1:] < until[:-1])):
            raise ValueError("purchase days: a customer has a day twice")
        if np.isinf(amounts).any():
            raise ValueError("purchase days: amount must be finite")
        has_amounts = bool(np.isfinite(amounts).any())
        amounts = np.nan_to_num(amounts, nan=0.0)
        names = np.asarray(ids, dtype=object)
        if np.array_equal(since, day) and (until == _EVER).all():
            starts = np.searchsorted(code, np.arange(len(ids) + 1)).astype(np.int64)
            return cls(names, starts, day, amounts, has_amounts)
        versions = _Versions(code, day, amounts, since, until, _EVER - 1)
        return cls._of_versions(names, versions, _EVER - 1, has_amounts)

    @classmethod
    def _of_versions(
        cls,
        customer_ids: NDArray[np.object_],
        versions: _Versions,
        last_day: int,
        has_amounts: bool,
        closed: tuple[_Closed, ...] = (),
    ) -> PurchaseHistory:
        """What held at the end of a day, of the same customers; what came later is forgotten."""
        seen = versions.valid_from <= last_day
        known = _Versions(
            versions.customer[seen],
            versions.day[seen],
            versions.amount[seen],
            versions.valid_from[seen],
            versions.valid_until[seen],
            last_day,
        )
        holds = known.valid_until > last_day
        count = np.bincount(known.customer[holds], minlength=len(customer_ids))
        plain = bool(holds.all() and np.array_equal(known.valid_from, known.day))
        return cls(
            customer_ids,
            np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
            known.day[holds],
            known.amount[holds],
            has_amounts,
            None if plain else known,
            closed,
        )

    def __len__(self) -> int:
        """The number of customers."""
        return len(self.customer_ids)

    @property
    def has_rows(self) -> NDArray[np.bool_]:
        """Who has a purchase that holds, shape (customers,)."""
        return np.diff(self.starts) > 0

    @property
    def first_day(self) -> Days:
        """The first purchase day per customer, of those who have one."""
        if not len(self.day):
            return np.zeros(len(self), dtype=np.int64)
        return self.day[np.minimum(self.starts[:-1], len(self.day) - 1)]

    def begin(self, known_by: Days) -> Days:
        """The day on which the base begins, as known at the end of each of the days ``known_by``.

        The first purchase, unless it took more than four weeks until a twentieth of the customers,
        and three of them, had bought: then that day. Before it there is nothing to learn from.
        """
        if self.versions is not None and (known_by < self.versions.seen_through).any():
            found = np.zeros(len(known_by), dtype=np.int64)
            for day in np.unique(known_by):
                found[known_by == day] = self.at(int(day))._begin(np.array([day]))
            return found
        return self._begin(known_by)

    def _begin(self, known_by: Days) -> Days:
        first = self._first_days
        if not len(first):
            return known_by
        known = np.searchsorted(first, known_by, side="right")
        share = np.ceil(_BASE_SHARE * known).astype(np.int64)
        least = np.maximum(share, np.minimum(_BASE_CUSTOMERS, known))
        there = first[np.maximum(least - 1, 0)]
        return np.where(there - first[0] > _SLOW_DAYS, there, first[0])

    @cached_property
    def _first_days(self) -> Days:
        return np.sort(self.day[self.starts[:-1][self.has_rows]])

    @property
    def customer_of_row(self) -> Days:
        """The customer's position per row."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.starts))

    def until(self, last_day: int) -> PurchaseHistory:
        """What was known at the end of a day: later purchases, returns and customers are gone."""
        if self.versions is None:
            return self._rows(self.day <= last_day)
        then = self._of_versions(
            self.customer_ids, self.versions, last_day, self.has_amounts, self.closed
        )
        there = then.has_rows
        if then.versions is not None:
            there = there | (np.bincount(then.versions.customer, minlength=len(self)) > 0)
        return then.of(there)

    def at(self, last_day: int) -> PurchaseHistory:
        """What was known at the end of a day, customers at their place, to look up to that day.

        Purchases of later days may be among the rows where nothing was ever returned.
        """
        if self.versions is None or last_day >= self.versions.seen_through:
            return self
        return self._of_versions(
            self.customer_ids, self.versions, last_day, self.has_amounts, self.closed
        )

    def of(self, customers: NDArray[np.bool_]) -> PurchaseHistory:
        """The chosen customers, a mask of shape (customers,)."""
        kept = self._rows(customers[self.customer_of_row], customers)
        if self.versions is None:
            return kept
        old = self.versions
        chosen = customers[old.customer]
        place = np.cumsum(customers) - 1
        return replace(
            kept,
            versions=_Versions(
                place[old.customer[chosen]],
                old.day[chosen],
                old.amount[chosen],
                old.valid_from[chosen],
                old.valid_until[chosen],
                old.seen_through,
            ),
        )

    def without_strays(self) -> tuple[PurchaseHistory, NDArray[np.bool_]]:
        """The history without days far before the rest, and a mask of the rows set aside.

        Far: more than a year in which nobody bought anything lies between, and at most a
        twentieth of all purchases lies before it. Typed years, placeholders and migrated records
        look like this, and a single one makes decades of history.
        """
        days = np.sort(self.day)
        gaps = np.flatnonzero(np.diff(days) > _FAR_DAYS) + 1
        gaps = gaps[gaps <= _STRAY_SHARE * len(days)]
        if not len(gaps):
            return self, np.zeros(len(self.day), dtype=bool)
        begin = int(days[gaps[-1]])
        kept = self._rows(self.day >= begin, np.ones(len(self), dtype=bool))
        if self.versions is not None:
            old = self.versions
            near = old.day >= begin
            versions = _Versions(
                old.customer[near],
                old.day[near],
                old.amount[near],
                old.valid_from[near],
                old.valid_until[near],
                old.seen_through,
            )
            kept = replace(kept, versions=versions)
        return kept, self.day < begin

    def without_closed(self) -> PurchaseHistory:
        """The history with times taken out in which everything was shut, or nothing was recorded.

        Four weeks and more without any purchase, where at the pace of the three months before and
        after 20 at least were to be expected. Whole weeks are taken out, so that weekdays stay.
        """
        found, moved = self, 0
        days = np.sort(self.day)
        gaps = np.diff(days)
        for at in np.flatnonzero(gaps > _CLOSED_DAYS)[::-1]:
            last, first = int(days[at]), int(days[at + 1])
            before = np.count_nonzero((days > last - _PACE_DAYS) & (days <= last))
            after = np.count_nonzero((days >= first) & (days < first + _PACE_DAYS))
            expected = min(before, after) / _PACE_DAYS * (first - last - 1)
            if expected >= _CLOSED_PURCHASES:
                weeks_off = (first - last - 1) // 7 * 7
                found = found._without(_Closed(last + moved, first + moved, weeks_off))
                moved += weeks_off
        return found

    def _without(self, closed: _Closed) -> PurchaseHistory:
        # From the latest to the earliest, so that days of a closure are still the days they were.
        versions = self.versions
        if versions is not None:
            until = versions.valid_until
            versions = replace(
                versions,
                day=closed.without(versions.day),
                valid_from=closed.without(versions.valid_from),
                valid_until=np.where(until == _EVER, until, closed.without(until)),
            )
        return replace(
            self, day=closed.without(self.day), versions=versions, closed=(closed, *self.closed)
        )

    def date(self, day: int) -> date:
        """The date of a day number of this history."""
        return day_of(int(self.real(np.array([day]))[0]))

    def real(self, days: Days) -> Days:
        """Day numbers with the closed days that were taken out."""
        for closed in self.closed:
            days = np.where(days < closed.first, days - closed.weeks_off, days)
        return days

    def _rows(
        self, keep: NDArray[np.bool_], customers: NDArray[np.bool_] | None = None
    ) -> PurchaseHistory:
        """Some of the rows, of the ``customers``, by default of those with one of the rows."""
        count = np.bincount(self.customer_of_row[keep], minlength=len(self))
        kept = count > 0 if customers is None else customers
        return PurchaseHistory(
            self.customer_ids[kept],
            np.concatenate([[0], np.cumsum(count[kept])]).astype(np.int64),
            self.day[keep],
            self.amount[keep],
            self.has_amounts,
            closed=self.closed,
        )

    def window(
        self, customers: Days, after: Days, through: Days, known_by: Days | None = None
    ) -> tuple[Vector, Vector]:
        """Purchases and spend of customers in (after, through], vectors of one shape.

        As they were known at the end of the days ``known_by``, by default as they are known now.
        """
        if self.versions is not None and known_by is not None:
            bought, spent = np.zeros(len(customers)), np.zeros(len(customers))
            for day in np.unique(known_by):
                rows = known_by == day
                bought[rows], spent[rows] = self.at(int(day)).window(
                    customers[rows], after[rows], through[rows]
                )
            return bought, spent
        first, end = self.rows_until(customers, after), self.rows_until(customers, through)
        sums = self._spent_so_far
        # A customer's running sum starts anew: rows before the first count as nothing.
        begun = np.where(first > self.starts[customers], sums[first], 0.0)
        until = np.where(end > self.starts[customers], sums[end], 0.0)
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


def told_strays(history: PurchaseHistory, strays: NDArray[np.bool_]) -> list[str]:
    """In words, what ``without_strays`` set aside, if anything."""
    if not strays.any():
        return []
    return [
        f"{int(strays.sum())} of {len(strays)} purchases lie more than a year before all others, "
        f"which begin on {day_of(int(history.day.min()))}: set aside"
    ]


def told_closed(history: PurchaseHistory) -> list[str]:
    """In words, when everything was shut."""
    told = []
    for closed in history.closed:
        first, last = history.date(closed.first), history.date(closed.last + closed.weeks_off)
        told.append(
            f"no purchase between {last} and {first}: taken as closed, left out of windows and of "
            "the time that passed"
        )
    return told


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
    """The customer-day table of a transaction log, in versions, as known at the end of a day.

    Args:
        log: ``customer_id``, ``date`` (date, timestamp or ISO text; the calendar day counts, as it
            is written) and optionally ``amount``. Rows after ``through`` are not looked at,
            returns neither.
        through: the last day observed; the whole log if None.

    Returns:
        ``customer_id``, ``purchase_date``, ``valid_from``, ``valid_until`` (null: still holds),
        ``amount`` (null if the log has none). A day is one purchase, its amount what was not
        returned by then. Amounts of zero are none. A negative amount takes back what the customer
        bought by then: the latest sale, else the latest day, of just that amount; else of the
        latest day with at least as much; else of all days, the earliest first, and what is left
        over of later purchases. Until the return, and for everybody who looks from before it, the
        purchase is one.

    Raises:
        ValueError: a column is missing, or a date or amount cannot be read.
    """
    missing = {"customer_id", "date"} - set(log.columns)
    if missing:
        raise ValueError(f"log: missing columns {sorted(missing)}")
    days = day_numbers(log["date"])
    amounts = _numbers(log)
    if np.isinf(amounts).any():
        raise ValueError("log: amount must be finite")
    usable = named_customers(log["customer_id"])
    if through is not None:
        usable = usable & (days <= day_number(through))
    code, ids = pd.factorize(log["customer_id"][usable].astype(str).str.strip(), sort=True)
    days, amounts = days[usable], amounts[usable]
    if not np.isfinite(amounts).any():
        rows = np.unique(np.column_stack([code, days]), axis=0)
        code, days = rows[:, 0], rows[:, 1]
        table = _Table(code, days, days, np.full(len(days), _EVER), np.full(len(days), np.nan))
    else:
        table = _after_returns(code, days, amounts)
    ever = table.valid_until == _EVER
    ended = np.where(ever, 0, table.valid_until).astype("datetime64[D]")
    ended[ever] = np.datetime64("NaT")
    return pd.DataFrame(
        {
            "customer_id": np.asarray(ids, dtype=object)[table.customer],
            "purchase_date": pd.to_datetime(table.day.astype("datetime64[D]")),
            "valid_from": pd.to_datetime(table.valid_from.astype("datetime64[D]")),
            "valid_until": pd.to_datetime(ended),
            "amount": table.amount,
        }
    )


def named_customers(ids: pd.Series) -> NDArray[np.bool_]:
    """Rows of a log that name a customer."""
    named = ids.notna().to_numpy(dtype=bool)
    return named & (ids.astype(str).str.strip() != "").to_numpy(dtype=bool)


class _Table(NamedTuple):
    """Versions of purchase days by position of the customer, sorted."""

    customer: Days
    day: Days
    valid_from: Days
    valid_until: Days
    amount: Vector


def _after_returns(customer: Days, day: Days, amount: Vector) -> _Table:
    """Versions of purchase days from sales and returns; a null amount is a sale of nothing known.

    The k-th return of every customer is settled at once, in the order of time: what was known on
    any day then follows from what came before it.
    """
    sold = np.isnan(amount) | (amount > 0)
    unit = np.rint(np.nan_to_num(amount) * _AMOUNT_UNIT)
    order = np.lexsort((unit[sold], day[sold], customer[sold]))
    sales = _Sales.of(customer[sold][order], day[sold][order], unit[sold][order])
    unknown = np.isnan(amount[sold][order])
    paid = np.nan_to_num(amount[sold][order])

    back = amount < 0
    order = np.lexsort((unit[back], day[back], customer[back]))
    who, when, owed = customer[back][order], day[back][order], -unit[back][order]
    rank = np.arange(len(who)) - np.searchsorted(who, who)
    by_rank = np.argsort(rank, kind="stable")
    for begin, end in pairwise([0, *np.cumsum(np.bincount(rank))] if len(rank) else [0]):
        rows = by_rank[begin:end]
        sales.take_back(who[rows], when[rows], owed[rows])
    sales.carry_debts()

    gross = np.bincount(sales.day_of_sale, weights=paid, minlength=len(sales.day))
    # As decimals are added: to the last digit whatever the order.
    decimal = np.rint(gross * _AMOUNT_UNIT) / _AMOUNT_UNIT
    gross = np.where(np.abs(decimal - gross) <= 1e-9 * (1 + gross), decimal, gross)
    is_unknown = np.bincount(sales.day_of_sale, weights=unknown, minlength=len(sales.day)) > 0
    place = np.arange(len(sales.day))
    if sales.taken:
        at = np.concatenate([place, *(taken[0] for taken in sales.taken)])
        since = np.concatenate([sales.day, *(taken[1] for taken in sales.taken)])
        less = np.concatenate([np.zeros(len(place)), *(taken[2] for taken in sales.taken)])
    else:
        at, since, less = place, sales.day, np.zeros(len(place))
    order = np.lexsort((since, at))
    at, since, less = at[order], since[order], less[order]
    # Several returns of one day make one version.
    last = np.r_[(np.diff(at) != 0) | (np.diff(since) != 0), True] if len(at) else at > 0
    total = np.cumsum(less)
    first = np.searchsorted(at, at)
    total = total - (total[first] - less[first])
    at, since, total = at[last], since[last], total[last]
    until = np.full(len(at), _EVER)
    followed = np.flatnonzero(np.diff(at) == 0)
    until[followed] = since[followed + 1]
    left = np.rint(gross[at] * _AMOUNT_UNIT) - total
    value = np.where(total > 0, np.maximum(left, 0.0) / _AMOUNT_UNIT, gross[at])
    kept = (left > 0) | (total == 0) | is_unknown[at]
    return _Table(
        sales.customer[at][kept], sales.day[at][kept], since[kept], until[kept], value[kept]
    )


@dataclass
class _Sales:
    """Days of sales, sorted by customer and day, and what is left of them after returns.

    ``amount`` and ``open`` are of single sales, ``left`` of their days; ``taken`` collects days,
    since when, and how much less.
    """

    customer: Days
    day: Days
    left: Vector
    first_day_of: Days
    day_of_sale: Days
    amount: Vector
    open: NDArray[np.bool_]
    first_sale_of: Days
    debt: Vector
    taken: list[tuple[Days, Days, Vector]]

    @classmethod
    def of(cls, customer: Days, day: Days, amount: Vector) -> _Sales:
        """From sales sorted by customer, day and amount."""
        new = np.r_[True, (np.diff(customer) != 0) | (np.diff(day) != 0)][: len(day)]
        at = np.cumsum(new) - 1
        customers = np.arange(int(customer[-1]) + 2 if len(customer) else 1)
        return cls(
            customer[new],
            day[new],
            np.bincount(at, weights=amount, minlength=int(new.sum())).astype(np.float64),
            np.searchsorted(customer[new], customers),
            at,
            amount,
            amount > 0,
            np.searchsorted(customer, customers),
            np.zeros(len(customers)),
            [],
        )

    def take_back(self, customer: Days, when: Days, owed: Vector) -> None:
        """Settle a return each of different customers, who may have no sale at all."""
        if not len(self.day):
            return
        sold = customer < len(self.first_day_of) - 1
        customer, when, owed = customer[sold], when[sold], owed[sold].copy()
        self._from_earliest(customer, when, self.debt[customer], debts=True)

        of, row = _flat(self.first_sale_of, customer)
        fits = self.open[row] & (self.amount[row] == owed[of])
        fits &= self.day[self.day_of_sale[row]] <= when[of]
        found = np.full(len(customer), -1)
        found[of[fits]] = row[fits]
        hit = found >= 0
        self.open[found[hit]] = False
        self._less(self.day_of_sale[found[hit]], when[hit], owed[hit])
        customer, when, owed = customer[~hit], when[~hit], owed[~hit]

        of, row = _flat(self.first_day_of, customer)
        there = self.day[row] <= when[of]
        found = np.full(len(customer), -1)
        for fits in (self.left[row] >= owed[of], self.left[row] == owed[of]):
            found[of[fits & there]] = row[fits & there]
        hit = found >= 0
        self._shut(found[hit])
        self._less(found[hit], when[hit], owed[hit])
        self._from_earliest(customer[~hit], when[~hit], owed[~hit], debts=False)

    def carry_debts(self) -> None:
        """What was returned without a purchase by then is taken off later ones."""
        customer = np.flatnonzero(self.debt > 0)
        self._from_earliest(customer, np.full(len(customer), _EVER), self.debt[customer], True)

    def _from_earliest(self, customer: Days, when: Days, owed: Vector, debts: bool) -> None:
        """Take off all days by then, the earliest first; what is left over is owed."""
        some = owed > 0
        customer, when, owed = customer[some], when[some], owed[some]
        of, row = _flat(self.first_day_of, customer)
        there = (self.day[row] <= when[of]) & (self.left[row] > 0)
        of, row = of[there], row[there]
        before = np.cumsum(self.left[row]) - self.left[row]
        before = before - before[np.searchsorted(of, of)]
        less = np.clip(owed[of] - before, 0.0, self.left[row])
        some = less > 0
        of, row, less = of[some], row[some], less[some]
        self._shut(row)
        self._less(row, self.day[row] if debts else when[of], less)
        rest = owed - np.bincount(of, weights=less, minlength=len(owed))
        self.debt[customer] = rest if debts else self.debt[customer] + rest

    def _shut(self, days: Days) -> None:
        """Single sales of a day that lost a part of it are no longer known."""
        shut = np.zeros(len(self.day), dtype=bool)
        shut[days] = True
        self.open &= ~shut[self.day_of_sale]

    def _less(self, days: Days, since: Days, amount: Vector) -> None:
        self.left[days] -= amount
        self.taken.append((days, since, amount))


def _flat(first: Days, customer: Days) -> tuple[Days, Days]:
    """All rows of the customers: to which of them each belongs, and its position."""
    begin, count = first[customer], first[customer + 1] - first[customer]
    of = np.repeat(np.arange(len(customer)), count)
    return of, np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count) + begin[of]


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


def _days_or(dates: pd.Series, otherwise: Days) -> Days:
    """Day numbers, ``otherwise`` where a date is null."""
    known = dates.notna().to_numpy(dtype=bool)
    days = otherwise.copy()
    if known.any():
        days[known] = day_numbers(dates[known])
    return days


def day_numbers(dates: pd.Series) -> Days:
    """Days since 1970-01-01, of any year; of a time stamp the day that is written."""
    if isinstance(dates.dtype, pd.DatetimeTZDtype):
        dates = dates.dt.tz_localize(None)
    if pd.api.types.is_numeric_dtype(dates) and len(dates):
        raise ValueError(
            f"date is a number in {len(dates)} of {len(dates)} rows, for example "
            f"{dates.iloc[0]!r}: write it as year-month-day"
        )
    is_text = pd.api.types.is_object_dtype(dates) or pd.api.types.is_string_dtype(dates)
    text = dates.where(dates.isna(), dates.astype(str)) if is_text else dates
    if is_text:
        # The day depends neither on the zone that is written behind it nor on the machine's.
        text = text.str.strip()
        if (text.str.len() > len("2024-01-05T10:00")).any():
            text = text.str.replace(_ZONE, r"\1", regex=True)
    parsed = pd.to_datetime(text, errors="coerce", format="ISO8601" if is_text else None)
    _refuse(dates, parsed.isna().to_numpy(), "date cannot be read")
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
