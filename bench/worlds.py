"""Scores in worlds whose truth is known, beside the best that anybody could have forecast.

    python bench/worlds.py [--customers 3000] [--seeds 1] [--worlds bgnbd christmas ...]

A world draws customers (rate, dropout, value, kind) from a population and their purchases from
these. Time runs at a pace that all customers of a kind share (season, growth, a price shock, a
shut shop), so that a world is a purchase model on a clock of its own. Three forecasts can be had:

* the score step's, from the purchases up to the cut and nothing else;
* ``best``: the posterior of whoever knows the population and the pace, but of a customer only the
  purchases up to the cut. No forecast from the purchases can be expected to beat it;
* ``oracle``: of whoever knows every customer's own rate, dropout, value and whether she has left.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from unittest import mock

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special, stats

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scoring import metrics
from scoring.btyd import (
    BetaGeoNBD,
    ModifiedBetaGeoCNBDk,
    ModifiedBetaGeoNBD,
    ParetoNBD,
    PurchaseModel,
)
from scoring.customers import pipeline
from scoring.customers.champion import NAIVE
from scoring.customers.forecast import BTYD, Forecaster

Vector = NDArray[np.float64]
Pace = Callable[[Vector], Vector]

START = date(2022, 1, 1)
YEAR = 365
# Days that a clock is known for: every history, and a lifetime after it.
_DAYS = 10 * YEAR
_FUTURE = 366
LIFETIME_YEARS = 5
DISCOUNT = 0.10


# --- the pace of time: what a day counts, by days since START ---------------------------------


def steady(day: Vector) -> Vector:
    return np.ones_like(day)


def growing(by: float) -> Pace:
    """Faster by a share a year."""
    return lambda day: (1 + by) ** (day / YEAR)


def _season(day: Vector) -> tuple[Vector, Vector]:
    """The way through the six weeks up to Christmas Eve (0 to 1, NaN outside), and the lull."""
    dates = np.datetime64(START) + day.astype(np.int64)
    of_year = (dates - dates.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    leap = dates.astype("datetime64[Y]").astype(np.int64) % 4 == 2  # 1972, 1976, ...
    of_year = of_year - (leap & (of_year > 58))
    begin, eve = 316, 357  # 13 November, 24 December
    way = np.where((of_year >= begin) & (of_year <= eve), (of_year - begin + 0.5) / 42, np.nan)
    return way, (of_year > eve + 1) | (of_year < 41)


def christmas(day: Vector) -> Vector:
    """Six weeks at 3.1 times the pace of the year, then two months' lull."""
    way, lull = _season(day)
    peak = 1 + 4.6 * np.sin(np.pi * np.nan_to_num(way) ** 1.3) ** 2
    return np.where(lull, 0.6, peak)


def only_christmas(day: Vector) -> Vector:
    """No purchase outside the six weeks."""
    way, _ = _season(day)
    return np.where(np.isnan(way), 0.0, 5.7 * np.sin(np.pi * np.nan_to_num(way) ** 1.3) ** 2)


def shifted(on: int, factor: float) -> Pace:
    return lambda day: np.where(day < on, 1.0, factor)


def shut(first: int, last: int) -> Pace:
    return lambda day: np.where((day < first) | (day > last), 1.0, 0.0)


@dataclass(frozen=True)
class World:
    """A population of customers and the pace they live at.

    ``cuts``: the last day observed by label, in days since ``START``; first purchases are spread
    over the days up to the last of them. ``rates``: shape of the gamma of purchase rates, and the
    mean days between purchases at pace 1. ``leaving``: beta (a, b) of the chance to leave after a
    purchase; for ``lifetime`` gamma (s, beta) of the rate of leaving at any time. ``renewal``: the
    days of a subscription, renewed until it is cancelled. ``value``: p, q and gamma of the
    Gamma-Gamma model. ``paces`` and ``shares``: kinds of customers.
    """

    name: str
    cuts: Mapping[str, int]
    kind: Literal["dropout", "lifetime", "renewal"] = "dropout"
    rates: tuple[float, float] = (1.2, 45.0)
    leaving: tuple[float, float] = (0.8, 6.0)
    regularity: int = 1
    leaves_at_first: bool = True
    renewal_days: float = 30.4
    value: tuple[float, float, float] = (6.0, 4.0, 15.0)
    paces: tuple[Pace, ...] = (steady,)
    shares: tuple[float, ...] = (1.0,)
    newcomers: Pace = steady

    @property
    def until(self) -> int:
        """The day after the last cut."""
        return max(self.cuts.values()) + 1

    @cached_property
    def clocks(self) -> list[Vector]:
        """By kind, the time on its own clock at the beginning of every day."""
        day = np.arange(_DAYS, dtype=np.float64)
        return [np.concatenate([[0.0], np.cumsum(pace(day))]) for pace in self.paces]

    def clock(self, kind: int, day: Any) -> Any:
        return np.interp(day, np.arange(_DAYS + 1), self.clocks[kind])

    def day(self, kind: int, clock: Vector) -> Vector:
        return np.interp(clock, self.clocks[kind], np.arange(_DAYS + 1, dtype=np.float64))

    def season_index(self, cut: int, horizon: int) -> float:
        """Pace of the window over that of the year up to the cut, for whoever stays."""
        pace = [
            (
                (self.clock(kind, cut + 1 + horizon) - self.clock(kind, cut + 1)) / horizon,
                (self.clock(kind, cut + 1) - self.clock(kind, max(cut + 1 - YEAR, 0)))
                / min(YEAR, cut + 1),
            )
            for kind in range(len(self.shares))
        ]
        now, usual = np.array(self.shares) @ np.array(pace)
        return float(now / usual) if usual > 0 else np.nan

    def model(self) -> PurchaseModel:
        """The purchase model of this population, its parameters known; time on its own clock."""
        shape, gap = self.rates
        rate = shape * gap / self.regularity
        model: PurchaseModel
        if self.kind == "lifetime":
            model, letters = ParetoNBD(), ("r", "alpha", "s", "beta")
        else:
            model = ModifiedBetaGeoNBD() if self.leaves_at_first else BetaGeoNBD()
            letters = ("r", "alpha", "a", "b")
        known = dict(zip(letters, (shape, rate, *self.leaving), strict=True))
        if self.regularity > 1:
            model, known = ModifiedBetaGeoCNBDk(), {"k": self.regularity, **known}
        model.params = known
        return model

    def draw(self, customers: int, seed: int) -> Sample:
        """Customers and their purchases until a year after the last cut."""
        return _draw(self, customers, np.random.default_rng([seed, *self.name.encode()]))


def _days(day: date) -> int:
    return (day - START).days


WORLDS: Mapping[str, World] = {
    world.name: world
    for world in (
        World("bgnbd", {"7 months": 210, "2 years": 729}, leaves_at_first=False),
        World("pareto_nbd", {"2 years": 729}, kind="lifetime", leaving=(1.1, 400.0)),
        World("erlang3", {"2 years": 729}, regularity=3),
        World(
            "subscription",
            {"2 years": 729},
            kind="renewal",
            leaving=(0.9, 9.0),
            value=(60.0, 4.0, 0.9),
        ),
        World("growth", {"2 years": 729}, paces=(growing(0.15),), newcomers=growing(0.3)),
        World(
            "christmas",
            {
                "90 before": _days(date(2024, 9, 26)),
                "30 before": _days(date(2024, 11, 25)),
                "30 after": _days(date(2025, 1, 24)),
            },
            rates=(1.2, 60.0),
            leaving=(0.8, 9.0),
            paces=(christmas, only_christmas),
            shares=(0.85, 0.15),
        ),
        World("price_shock", {"120 after": 729}, paces=(shifted(610, 0.7),)),
        World(
            "closed_year",
            {"100 after": 830, "1 year after": 1095},
            leaving=(0.8, 9.0),
            paces=(shut(365, 729),),
        ),
    )
}


# --- customers and purchases -------------------------------------------------------------------


@dataclass(frozen=True)
class Sample:
    """Customers of a world and what they bought, sorted by customer and time.

    By customer: ``kind``, ``rate`` (of events, ``regularity`` to a purchase), ``leaving`` (chance
    or rate), ``end`` (time of leaving, where not at a purchase) and ``value`` (mean spend). By
    purchase: ``customer``, ``at`` (time in days since ``START``), ``day``, ``amount`` and ``last``
    (the customer leaves with it).
    """

    world: World
    kind: NDArray[np.int64]
    rate: Vector
    leaving: Vector
    end: Vector
    value: Vector
    customer: NDArray[np.int64]
    at: Vector
    day: NDArray[np.int64]
    amount: Vector
    last: NDArray[np.bool_]

    @cached_property
    def ids(self) -> NDArray[np.object_]:
        return np.array([f"c{number:06}" for number in range(len(self.kind))], dtype=object)

    def log(self) -> pd.DataFrame:
        """One row per order: ``order_id``, ``customer_id``, ``purchase_date``, ``amount``."""
        order = np.lexsort((self.customer, self.day))
        return pd.DataFrame(
            {
                "order_id": [f"o{number:07}" for number in range(len(order))],
                "customer_id": self.ids[self.customer[order]],
                "purchase_date": (np.datetime64(START) + self.day[order]).astype("datetime64[s]"),
                "amount": self.amount[order],
            }
        )

    def purchase_days(self, cut: int) -> pd.DataFrame:
        """The input of the score step as of the day after a cut."""
        log = self.log()
        seen = log[log["purchase_date"] <= np.datetime64(START) + cut]
        return seen.drop(columns="order_id").rename(columns={"amount": "net_revenue"})

    def known(self, cut: int) -> Known:
        return Known(self, cut)


def _draw(world: World, customers: int, rng: np.random.Generator) -> Sample:
    n = customers
    shape, gap = world.rates
    kind = rng.choice(len(world.shares), n, p=world.shares)
    rate = rng.gamma(shape, world.regularity / (shape * gap), n)
    end = np.full(n, np.inf)
    first = np.empty(n)
    days = np.arange(world.until, dtype=np.float64)
    for number, pace in enumerate(world.paces):
        rows = kind == number
        crowd = np.concatenate([[0.0], np.cumsum(pace(days) * world.newcomers(days))])
        drawn = rng.uniform(0, crowd[-1], int(rows.sum()))
        first[rows] = np.interp(drawn, crowd, np.arange(len(crowd)))
    if world.kind == "lifetime":
        leaving = rng.gamma(world.leaving[0], 1 / world.leaving[1], n)
        end = first + rng.exponential(1 / leaving)
    else:
        leaving = rng.beta(*world.leaving, n)
    latest = world.until + _FUTURE
    clock = np.empty(n)
    for number in range(len(world.shares)):
        clock[kind == number] = world.clock(number, first[kind == number])

    customer, at, last = [], [], []
    active, now, nth = np.arange(n), first.copy(), 0
    while len(active):
        leaves = np.zeros(len(active), dtype=bool)
        if world.kind != "lifetime" and (nth or world.leaves_at_first or world.kind == "renewal"):
            leaves = rng.random(len(active)) < leaving[active]
        customer.append(active)
        at.append(now[active])
        last.append(leaves)
        active, nth = active[~leaves], nth + 1
        if world.kind == "renewal":
            now[active] = (
                first[active]
                + world.renewal_days * nth
                + _jitter.rvs(len(active), random_state=rng)
            )
        else:
            clock[active] += rng.standard_gamma(world.regularity, len(active)) / rate[active]
            for number in range(len(world.shares)):
                rows = active[kind[active] == number]
                now[rows] = world.day(number, clock[rows])
        active = active[now[active] < np.minimum(latest, end[active])]
    of, when, leaves = (np.concatenate(parts) for parts in (customer, at, last))
    order = np.lexsort((when, of))
    of, when, leaves = of[order], when[order], leaves[order]

    p, q, scale = world.value
    spread = rng.gamma(q, 1 / scale, n)
    amount = np.maximum(np.round(rng.gamma(p, 1 / spread[of]), 2), 0.01)
    return Sample(
        world, kind, rate, leaving, end, p / spread, of, when, _one_a_day(of, when), amount, leaves
    )


# A renewal comes some days early or late.
_jitter = stats.truncnorm(-4, 4, scale=1.5)


def _one_a_day(customer: NDArray[np.int64], at: Vector) -> NDArray[np.int64]:
    """The day of every purchase; a second one of a day is made on the next."""
    rank = np.arange(len(at)) - np.searchsorted(customer, customer)
    spare = pd.Series(np.floor(at).astype(np.int64) - rank)
    return (spare.groupby(customer).cummax().to_numpy() + rank).astype(np.int64)


# --- what can be known at a cut ----------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """A sample at a cut: who had bought by then, sorted by id; vectors are by these customers."""

    sample: Sample
    cut: int

    @cached_property
    def _seen(self) -> NDArray[np.bool_]:
        return self.sample.day <= self.cut

    @cached_property
    def customers(self) -> NDArray[np.int64]:
        return np.unique(self.sample.customer[self._seen])

    @property
    def ids(self) -> NDArray[np.object_]:
        return self.sample.ids[self.customers]

    @cached_property
    def _first_and_last(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of the first and of the last purchase up to the cut."""
        of = self.sample.customer
        first = np.searchsorted(of, self.customers)
        count = np.bincount(of[self._seen], minlength=len(self.sample.kind))[self.customers]
        return first, first + count - 1

    @property
    def frequency(self) -> Vector:
        first, last = self._first_and_last
        return (last - first).astype(np.float64)

    @property
    def now(self) -> float:
        return self.cut + 1.0

    def actual(self, horizon: int) -> pd.DataFrame:
        """What the customers did in the days after the cut."""
        sample = self.sample
        rows = (sample.day > self.cut) & (sample.day <= self.cut + horizon)
        size = len(sample.kind)
        bought = np.bincount(sample.customer[rows], minlength=size)[self.customers]
        spent = np.bincount(sample.customer[rows], sample.amount[rows], size)[self.customers]
        return self._frame(bought == 0, bought, spent)

    def best(self, horizon: float) -> pd.DataFrame:
        """The posterior of whoever knows the population, and the purchases up to the cut."""
        if self.sample.world.kind == "renewal":
            p_none, purchases = self._renewals(horizon, None)
        else:
            p_none, purchases = self._mixed(horizon)
        return self._frame(p_none, purchases, purchases * self._value_seen)

    def oracle(self, horizon: float) -> pd.DataFrame:
        """The forecast of whoever knows every customer, and who has left."""
        sample, who = self.sample, self.customers
        world, leaving = sample.world, sample.leaving[who]
        if world.kind == "renewal":
            p_none, purchases = self._renewals(horizon, leaving)
        else:
            p_none, purchases = np.empty(len(who)), np.empty(len(who))
            for kind in range(len(world.shares)):
                rows = sample.kind[who] == kind
                since, window = self._on_clock(kind, horizon)
                p_none[rows], purchases[rows] = _staying(
                    world, sample.rate[who][rows], leaving[rows], since[rows], window
                )
        stays = ~sample.last[self._first_and_last[1]] & (sample.end[who] > self.now)
        p_none, purchases = np.where(stays, p_none, 1.0), np.where(stays, purchases, 0.0)
        return self._frame(p_none, purchases, purchases * sample.value[who])

    def lifetime(self, years: float = LIFETIME_YEARS, rate: float = DISCOUNT) -> Vector:
        """Expected spend over ``years``, discounted, by the best forecast."""
        ends = np.linspace(0, years * YEAR, round(8 * years) + 1)
        until = np.array([self.best(end)["purchases"].to_numpy() for end in ends[1:]])
        each = np.diff(until, axis=0, prepend=np.zeros((1, until.shape[1])))
        middle = (ends[1:] + ends[:-1]) / 2 / YEAR
        return ((1 + rate) ** -middle @ each) * self._value_seen

    def _frame(self, p_none: Any, purchases: Any, spend: Any) -> pd.DataFrame:
        values = {"p_none": p_none, "purchases": purchases, "spend": spend}
        return pd.DataFrame(
            {name: np.asarray(v, dtype=np.float64) for name, v in values.items()}, index=self.ids
        )

    @cached_property
    def _value_seen(self) -> Vector:
        """Mean spend per purchase, given the purchases seen (Gamma-Gamma)."""
        p, q, scale = self.sample.world.value
        spent = np.bincount(
            self.sample.customer[self._seen],
            self.sample.amount[self._seen],
            len(self.sample.kind),
        )[self.customers]
        seen = self.frequency + 1
        return p * (scale + spent) / (p * seen + q - 1)

    def _times(self, kind: int) -> tuple[Vector, Vector]:
        """tx and T on the clock of a kind."""
        world, (first, last) = self.sample.world, self._first_and_last
        begin = world.clock(kind, self.sample.at[first])
        recency = world.clock(kind, self.sample.at[last]) - begin
        # Who waited a day for a second purchase may have made it before the cut.
        age = np.maximum(world.clock(kind, self.now) - begin, recency)
        return np.where(first == last, 0.0, recency), age

    def _on_clock(self, kind: int, horizon: float) -> tuple[Vector, float]:
        """Time since the last purchase, and the length of the window, on the clock of a kind."""
        world = self.sample.world
        recency, age = self._times(kind)
        window = world.clock(kind, self.now + horizon) - world.clock(kind, self.now)
        return age - recency, float(window)

    def _mixed(self, horizon: float) -> tuple[Vector, Vector]:
        model, weights = self.sample.world.model(), self._kind_given_purchases
        p_none, purchases = np.zeros(len(self.customers)), np.zeros(len(self.customers))
        for kind, weight in enumerate(weights):
            recency, age = self._times(kind)
            # Who cannot be of a kind may have no time on its clock.
            summary = {
                "frequency": np.where(weight > 0, self.frequency, 0.0),
                "recency": np.where(weight > 0, recency, 0.0),
                "age": age,
            }
            _, window = self._on_clock(kind, horizon)
            p_none += weight * model.probability_no_purchase(window, **summary)
            purchases += weight * model.expected_purchases(window, **summary)
        return p_none, purchases

    @cached_property
    def _kind_given_purchases(self) -> NDArray[np.float64]:
        """The probability of every kind, shape (kinds, customers)."""
        world, sample = self.sample.world, self.sample
        if len(world.shares) == 1:
            return np.ones((1, len(self.customers)))
        logs = []
        days = np.arange(world.until, dtype=np.float64)
        for kind, (share, pace) in enumerate(zip(world.shares, world.paces, strict=True)):
            with np.errstate(divide="ignore"):
                each = np.log(pace(np.floor(sample.at)))
            density = np.bincount(sample.customer[self._seen], each[self._seen], len(sample.kind))[
                self.customers
            ]
            recency, age = self._times(kind)
            crowd = float((pace(days) * world.newcomers(days)).sum())
            likely = _log_likelihood(world, self.frequency, recency, age)
            logs.append(np.log(share / crowd) + density + likely)
        table = np.array(logs)
        return special.softmax(table, axis=0)

    def _renewals(self, horizon: float, cancels: Vector | None) -> tuple[Vector, Vector]:
        """P(no renewal) and expected renewals; of who has not cancelled, if the chance is known."""
        world = self.sample.world
        a, b = world.leaving
        first, _ = self._first_and_last
        x = self.frequency
        due = self.sample.at[first] + world.renewal_days * (x + 1)
        waiting = _jitter.sf(self.now - due)
        if cancels is None:
            odds = np.stack([(b + x) * waiting, np.full(len(x), a)])
            stays = odds[0] / odds.sum(axis=0)
        else:
            stays = np.ones(len(x))
        with np.errstate(divide="ignore", invalid="ignore"):
            later = np.where(waiting > 0, _jitter.sf(self.now + horizon - due) / waiting, 1.0)
        purchases = 1 - later
        for nth in range(2, int(horizon / world.renewal_days) + 3):
            if cancels is None:
                goes_on = np.exp(special.betaln(a, b + x + nth) - special.betaln(a, b + x + 1))
            else:
                goes_on = (1 - cancels) ** (nth - 1)
            made = _jitter.cdf(self.now + horizon - due - world.renewal_days * (nth - 1))
            purchases = purchases + goes_on * made
        return 1 - stays * (1 - later), stays * purchases


def _log_likelihood(world: World, x: Vector, recency: Vector, age: Vector) -> Vector:
    """Of the purchase times on a clock, up to what is the same for all kinds (MBG/NBD)."""
    if world.kind != "dropout" or world.regularity != 1 or not world.leaves_at_first:
        raise ValueError(f"{world.name}: kinds are told apart in the MBG/NBD only")
    (shape, gap), (a, b) = world.rates, world.leaving
    alpha, n = shape * gap, shape + x
    alive = special.betaln(a, b + x + 1) - n * np.log(alpha + age)
    gone = special.betaln(a + 1, b + x) - n * np.log(alpha + recency)
    return np.logaddexp(alive, gone) + special.gammaln(n)


def _staying(
    world: World, rate: Vector, leaving: Vector, since: Vector, window: float
) -> tuple[Vector, Vector]:
    """P(no purchase) and expected purchases of customers who have not left, their rates known."""
    k = world.regularity
    if world.kind == "lifetime":
        both = rate + leaving
        gone = -np.expm1(-both * window)
        p_none = np.exp(-both * window) + leaving / both * gone
        return p_none, rate * -np.expm1(-leaving * window) / leaving
    silent = special.gammaincc(k, rate * since)
    p_none = special.gammaincc(k, rate * (since + window)) / silent
    if k == 1:
        return p_none, -np.expm1(-rate * leaving * window) / leaving
    passed = np.array([stats.poisson.pmf(j, rate * since) for j in range(k)]) / silent
    purchases = np.zeros(len(rate))
    for nth in range(1, int(np.max(rate, initial=0.0) * window / k) + 30):
        made = sum(passed[j] * stats.poisson.sf(k * nth - j - 1, rate * window) for j in range(k))
        purchases += (1 - leaving) ** (nth - 1) * made
    return p_none, purchases


# --- the score step, judged --------------------------------------------------------------------


def judge(sample: Sample, label: str) -> list[dict[str, Any]]:
    """Run the score step at a cut; one record per horizon, of everything measured."""
    world = sample.world
    cut = world.cuts[label]
    known = sample.known(cut)
    as_of = START + timedelta(days=cut + 1)
    settings = pipeline.ScoringSettings(
        as_of, annual_discount_rate=DISCOUNT, lifetime_years=LIFETIME_YEARS
    )
    days = sample.purchase_days(cut)
    forecasters: dict[int, Forecaster] = {}
    inner = pipeline.forecast_horizons

    def remember(*args: Any, **kwargs: Any) -> dict[int, Forecaster]:
        forecasters.update(inner(*args, **kwargs))
        return forecasters

    started = time.perf_counter()
    # The candidates are looked at without being fitted again.
    with mock.patch.object(pipeline, "forecast_horizons", remember):
        result = pipeline.score(days, settings)
    seconds = time.perf_counter() - started
    scores = result.customer_scores.set_index("customer_id")
    scores = scores.select_dtypes("number").astype(float).join(scores[["score_status"]])
    scores = scores.loc[known.ids]
    shared = {
        "world": world.name,
        "cut": label,
        "customers": len(scores),
        "status": scores["score_status"].iloc[0],
        "seconds": seconds,
        **_lifetime(known, scores),
        **_laws(scores, days),
    }
    return [
        {
            **shared,
            "days": horizon,
            "season": world.season_index(cut, horizon),
            **_amounts(known, scores, horizon),
            **_churn(known, scores, horizon),
            **_regret(known, forecasters[horizon], horizon),
        }
        for horizon in pipeline.AMOUNT_HORIZONS
    ]


def _amounts(known: Known, scores: pd.DataFrame, horizon: int) -> dict[str, Any]:
    actual, best = known.actual(horizon), known.best(horizon)
    found: dict[str, Any] = {}
    buyers = (scores[f"expected_purchases_{horizon}d"] >= 0.5).to_numpy()
    found["buyers"] = float(buyers.mean())
    for task in ("purchases", "spend"):
        y, f = actual[task].to_numpy(), scores[f"expected_{task}_{horizon}d"].to_numpy()
        truth = best[task].to_numpy()
        for name, metric in (("bias", "bias"), ("mae", "mae"), ("gini", "normalised_gini")):
            found[f"{name}_{task}"] = metrics.amount_metrics(y, f)[metric].value
            found[f"{name}_{task}_best"] = metrics.amount_metrics(y, truth)[metric].value
        found[f"bias_{task}_of_best"] = f.sum() / truth.sum() - 1
        found[f"deviance_{task}"] = deviance(task, y, f) / deviance(task, y, truth) - 1
        low, high = (scores[f"expected_{task}_{horizon}d_{end}"].to_numpy() for end in _ENDS)
        within = (y >= low - 1e-6) & (y <= high + 1e-6)
        there = np.isfinite(low)
        found[f"cover_{task}"] = _share(within[there])
        found[f"cover_{task}_buyers"] = _share(within[there & buyers])
        found[f"zeros_{task}"] = float((f <= 0).mean())
    return found


def _churn(known: Known, scores: pd.DataFrame, horizon: int) -> dict[str, Any]:
    name = f"p_no_purchase_{horizon}d"
    if name not in scores:
        return {}
    y = known.actual(horizon)["p_none"].to_numpy()
    forecasts = {
        "": scores[name].to_numpy(),
        "_best": known.best(horizon)["p_none"].to_numpy(),
        "_oracle": known.oracle(horizon)["p_none"].to_numpy(),
    }
    found = {}
    for suffix, p in forecasts.items():
        measured = metrics.probability_metrics(y, p)
        for metric in ("brier", "auc", "calibration_error"):
            found[f"{metric}{suffix}"] = measured[metric].value
    found["brier_over_best"] = found["brier"] / found["brier_best"] - 1
    return found


def _laws(scores: pd.DataFrame, days: pd.DataFrame) -> dict[str, float]:
    """Shares of customers whose figures contradict each other."""
    slack = 1e-9
    short = [h for h in pipeline.AMOUNT_HORIZONS if f"p_no_purchase_{h}d" in scores]
    least = [
        scores[f"expected_purchases_{h}d"] < 1 - scores[f"p_no_purchase_{h}d"] - slack
        for h in short
    ]
    falls = [
        scores[f"expected_{task}_{a}d{end}"] > scores[f"expected_{task}_{b}d{end}"] + slack
        for task in ("purchases", "spend")
        for end in ("", "_low", "_high")
        for a, b in zip(pipeline.AMOUNT_HORIZONS, pipeline.AMOUNT_HORIZONS[1:], strict=False)
    ] + [
        scores[f"p_no_purchase_{a}d"] < scores[f"p_no_purchase_{b}d"] - slack
        for a, b in zip(pipeline.CHURN_HORIZONS, pipeline.CHURN_HORIZONS[1:], strict=False)
    ]
    own = days.groupby("customer_id")["net_revenue"].agg(["min", "max"]).loc[scores.index]
    low, high = days["net_revenue"].quantile([0.05, 0.95])
    least_value, most_value = own["min"].clip(upper=low) / 2, own["max"].clip(lower=high) * 2
    beyond = []
    for h in pipeline.AMOUNT_HORIZONS:
        bought, spent = scores[f"expected_purchases_{h}d"], scores[f"expected_spend_{h}d"]
        beyond.append(spent < bought * least_value * (1 - 1e-9) - slack)
        beyond.append(spent > bought * most_value * (1 + 1e-9) + slack)
    return {
        "under_p": _any(least),
        "beyond_value": _any(beyond),
        "falling": _any(falls),
    }


def _lifetime(known: Known, scores: pd.DataFrame) -> dict[str, float]:
    column = scores["discounted_spend_lifetime"].astype("Float64")
    truth, value = known.lifetime(), column.to_numpy(np.float64, na_value=np.nan)
    if np.isnan(value).any():
        return {}
    year = scores["discounted_spend_365d"].to_numpy()
    return {
        "lifetime_bias": value.sum() / truth.sum() - 1,
        "lifetime_rank": float(stats.spearmanr(value, truth).statistic),
        "lifetime_over_year": value.sum() / year.sum(),
        "lifetime_over_year_best": truth.sum() / known.lifetime(years=1).sum(),
        "lifetime_over_year_spread": float(np.ptp(np.quantile(value / year, [0.1, 0.9]))),
    }


def _regret(known: Known, forecaster: Forecaster, horizon: int) -> dict[str, Any]:
    """By how much the champion lost to the best candidate in hindsight, by deviance."""
    rows = forecaster.rows()
    forecasts = forecaster.candidates(rows)
    ids = forecaster.history.customer_ids[rows["customer"].to_numpy()]
    actual = known.actual(horizon).loc[ids].rename(columns={"p_none": "churn"})
    found: dict[str, Any] = {}
    for task, by_name in forecasts.items():
        y = actual[task].to_numpy()
        lost = {name: deviance(task, y, f) for name, f in by_name.items()}
        winner = min(lost, key=lambda name: lost[name])
        champion = forecaster.tasks[task].champion.name
        found[f"champion_{task}"], found[f"winner_{task}"] = champion, winner
        found[f"regret_{task}"] = lost[champion] / lost[winner] - 1
        found[f"windows_{task}"] = len(forecaster.tasks[task].past)
        if task == "churn":
            for name in (BTYD, NAIVE):
                if name in by_name:
                    measured = metrics.probability_metrics(y, by_name[name])
                    found[f"auc_{name}"] = measured["auc"].value
    return found


def deviance(task: str, actual: Vector, forecast: Vector) -> float:
    """Mean deviance: Poisson of purchases, Tweedie (1.5) of spend, log loss of churn.

    A loss that is lowest at the mean; a forecast of nothing counts as a ten-thousandth of the
    mean.
    """
    if task == "churn":
        p = np.clip(forecast, 1e-6, 1 - 1e-6)
        return float(-np.mean(np.where(actual > 0, np.log(p), np.log1p(-p))))
    mean = max(float(actual.mean()), 1e-9)
    y, f = actual / mean, np.maximum(forecast / mean, 1e-4)
    if task == "purchases":
        return float(2 * np.mean(special.xlogy(y, y / f) - y + f))
    return float(2 * np.mean(-4 * np.sqrt(y) + 2 * y / np.sqrt(f) + 2 * np.sqrt(f)))


_ENDS = ("low", "high")


def _share(of: NDArray[np.bool_]) -> float:
    return float(of.mean()) if len(of) else np.nan


def _any(wrong: Iterable[pd.Series]) -> float:
    return float(np.logical_or.reduce([np.asarray(each) for each in wrong]).mean())


# --- tables ------------------------------------------------------------------------------------

KEYS = ["world", "cut", "days"]
TOLD = {
    "Purchases and spend (bias: forecast over actual; (best): the same of the best possible)": {
        "season": "season",
        "bias_purchases": "bias n",
        "bias_purchases_best": "(best)",
        "bias_spend": "bias €",
        "bias_spend_best": "(best) ",
        "mae_purchases": "MAE n",
        "gini_purchases": "Gini n",
        "gini_purchases_best": "(best)  ",
        "gini_spend": "Gini €",
        "gini_spend_best": "(best)   ",
        "deviance_purchases": "dev n",
        "deviance_spend": "dev €",
        "zeros_purchases": "zeros n",
    },
    "Churn": {
        "brier": "Brier",
        "brier_best": "best",
        "brier_oracle": "oracle",
        "brier_over_best": "over best",
        "auc": "AUC",
        "auc_best": "(best)",
        f"auc_{BTYD}": "(btyd)",
        "calibration_error": "ECE",
        "calibration_error_best": "(best) ",
    },
    "80% intervals (buyers: expected purchases >= .5)": {
        "buyers": "buyers",
        "cover_purchases": "n",
        "cover_purchases_buyers": "n buyers",
        "cover_spend": "€",
        "cover_spend_buyers": "€ buyers",
    },
    "Champions and what they lost to the best candidate in hindsight (deviance)": {
        "windows_purchases": "windows",
        "champion_purchases": "champion n",
        "winner_purchases": "winner n",
        "regret_purchases": "regret n",
        "champion_spend": "champion €",
        "winner_spend": "winner €",
        "regret_spend": "regret €",
        "champion_churn": "champion p",
        "winner_churn": "winner p",
        "regret_churn": "regret p",
    },
}
TOLD_BY_CUT = {
    "customers": "customers",
    "status": "status",
    "under_p": "E < 1 - p0",
    "beyond_value": "value out of range",
    "falling": "falling",
    "lifetime_bias": "lifetime bias",
    "lifetime_rank": "rank corr.",
    "lifetime_over_year": "life / year",
    "lifetime_over_year_best": "(best)",
    "lifetime_over_year_spread": "spread",
    "seconds": "seconds",
}


def tables(records: pd.DataFrame) -> str:
    """Means over seeds, names joined."""

    def together(values: pd.Series) -> Any:
        if pd.api.types.is_numeric_dtype(values):
            return values.mean()
        return "/".join(dict.fromkeys(values.dropna().astype(str)))

    columns = {name for told in TOLD.values() for name in told} | set(TOLD_BY_CUT)
    kept = records.reindex(columns=[*KEYS, *sorted(columns)])
    by_window = kept.groupby(KEYS, sort=False).agg(together)
    parts = []
    for title, told in TOLD.items():
        rows = by_window[list(told)].rename(columns=told)
        if title == "Churn":
            rows = rows.dropna(subset=["Brier"])
        parts.append(f"{title}\n{rows.to_string(float_format='{:.3f}'.format, na_rep='')}")
    by_cut = kept.groupby(KEYS[:2], sort=False)[list(TOLD_BY_CUT)].agg(together)
    by_cut = by_cut.rename(columns=TOLD_BY_CUT)
    parts.append(f"By cut\n{by_cut.to_string(float_format='{:.3f}'.format, na_rep='')}")
    regrets = kept[[f"regret_{task}" for task in ("purchases", "spend", "churn")]].to_numpy(float)
    regrets = regrets[np.isfinite(regrets)]
    covers = kept[["cover_purchases_buyers", "cover_spend_buyers"]].to_numpy(float)
    covers = covers[np.isfinite(covers)]
    parts.append(
        f"regret: median {np.median(regrets):.1%}, worst {regrets.max():.1%}; "
        f"intervals of buyers within .78 to .87: {((covers >= 0.78) & (covers <= 0.87)).mean():.0%}"
        f" ({covers.min():.2f} to {covers.max():.2f})"
    )
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--worlds", nargs="*", choices=list(WORLDS), default=list(WORLDS))
    parser.add_argument("--csv", type=Path, help="where to write every figure of every seed")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", category=FutureWarning)
    records: list[dict[str, Any]] = []
    for name in options.worlds:
        for seed in range(1, options.seeds + 1):
            sample = WORLDS[name].draw(options.customers, seed)
            for label in WORLDS[name].cuts:
                begun = time.perf_counter()
                records += [{"seed": seed, **record} for record in judge(sample, label)]
                took = time.perf_counter() - begun
                print(f"{name}, {label}, seed {seed}: {took:.0f} s", file=sys.stderr, flush=True)
    found = pd.DataFrame(records)
    if options.csv:
        found.to_csv(options.csv, index=False)
    print(tables(found))


if __name__ == "__main__":
    main()
