"""What a world is like: its size, its days, its seed, its parameters, and what is changed in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from typing import Literal, get_args

Bias = Literal["selection", "spillover", "measurement", "hidden"]
BIASES: tuple[Bias, ...] = get_args(Bias)


class WorldError(ValueError):
    """A world that cannot be made, with what was asked for and what is possible."""


@dataclass(frozen=True)
class Parameters:
    """What the moments of a world follow from. Shares are of one, times in days.

    People: ``prospects_share`` never buy; ``opening_share`` of the buyers were customers before the
    first day, the others join over time. Purchases: gamma distributed rates with ``rate_mean``
    purchase days a year and ``rate_shape``; gaps are Weibull distributed with ``regularity`` (1: at
    random; higher: more regular). ``leaving_rate`` is that of leaving per year without a bad
    experience. Baskets: log-normal numbers of lines with ``basket_median``, a standard deviation of
    the logarithm of ``basket_spread`` within and ``basket_spread_between`` customers;
    ``favourites`` is how many categories a customer has on the list, ``list_concentration`` how
    much they keep to its top, ``explore_share`` how many lines are from beyond it. Prices:
    ``price_median`` of a product and ``price_spread``, the share of product weeks on promotion
    ``promotion_share`` with a reduction of ``promotion_depth`` on average, ``private_label_liking``
    in units of utility, and ``substitution``, the elasticity of choice between products of a
    category.
    """

    prospects_share: float = 0.15
    opening_share: float = 0.8
    rate_mean: float = 58.5
    rate_shape: float = 1.5
    regularity: float = 0.98
    same_day_share: float = 0.09
    leaving_rate: float = 0.10
    basket_median: float = 5.1
    basket_spread: float = 1.18
    basket_spread_between: float = 0.3
    favourites: int = 170
    list_concentration: float = 1.8
    explore_share: float = 0.1
    price_median: float = 2.25
    price_spread: float = 0.62
    promotion_share: float = 0.34
    promotion_depth: float = 0.27
    private_label_liking: float = 0.75
    substitution: float = 3.2
    one_unit_share: float = 0.8
    sunday_share: float = 0.163
    wednesday_share: float = 0.132
    saturday_share: float = 0.159
    other_stores_share: float = 0.18
    returns_share: float = 0.012
    anonymous_share: float = 0.06


@dataclass(frozen=True)
class World:
    """A world of ``customers`` people (buyers and prospects) from ``first_day`` to ``last_day``.

    A twin is the same world but for what is changed: ``without_campaigns``, ``without_channels``,
    ``price_factors`` by category, ``spend_factors`` by marketing channel. ``dirt`` is the share of
    rows that are spoilt, ``biases`` what makes effects hard to estimate.

    Raises ``WorldError`` if it cannot be made.
    """

    customers: int
    first_day: date
    last_day: date
    seed: int = 1
    without_campaigns: frozenset[str] = frozenset()
    without_channels: frozenset[str] = frozenset()
    price_factors: Mapping[str, float] = field(default_factory=dict)
    spend_factors: Mapping[str, float] = field(default_factory=dict)
    dirt: float = 0.0
    biases: frozenset[Bias] = frozenset()
    parameters: Parameters = Parameters()

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        if self.customers < 1:
            raise WorldError(f"--customers is {self.customers:,}; a world has at least one")
        if self.customers > MOST_CUSTOMERS:
            raise WorldError(
                f"--customers is {self.customers:,}; at most {MOST_CUSTOMERS:,} can be"
            )
        if self.last_day < self.first_day:
            raise WorldError(
                f"--from {self.first_day} is after --to {self.last_day}: no day lies between"
            )
        if self.days > MOST_DAYS:
            raise WorldError(
                f"--from {self.first_day} --to {self.last_day} is {self.days:,} days; at most "
                f"{MOST_DAYS:,} can be"
            )
        if not 0 <= self.dirt < 1:
            raise WorldError(f"--dirt is {self.dirt}; expected a share from 0 to below 1")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last_day - self.first_day).days + 1

    @property
    def landed_on(self) -> date:
        """The day after the last one."""
        return self.last_day + timedelta(days=1)

    @property
    def fingerprint(self) -> str:
        """What identifies the rows, together with the code."""
        return repr([(f.name, _plain(getattr(self, f.name))) for f in fields(self)])

    def key(self, purpose: str) -> int:
        """A number of 62 bits for the draws of one purpose."""
        found = hashlib.sha256(f"{self.seed}/{purpose}".encode()).digest()
        return int.from_bytes(found[:8], "big") >> 2

    def draw(self, purpose: str, *ids: str) -> str:
        """SQL for a number in [0, 1) that depends on seed, purpose and ids and on nothing else."""
        return f"(({self.bits(purpose, *ids)} >> 11) * {2.0**-53!r})"

    def bits(self, purpose: str, *ids: str) -> str:
        """SQL for 64 random bits, as an unsigned number.

        DuckDB combines the hashes of several values by exclusive or, so that the purpose has to be
        mixed in before the last hash: else draws of two purposes would be one draw.
        """
        return f"hash(xor(hash({', '.join(ids)}), {self.key(purpose)}::ubigint))"

    def normal(self, purpose: str, *ids: str) -> str:
        """SQL for a standard normal number (Box and Muller 1958)."""
        one, other = self.draw(purpose, *ids), self.draw(purpose + "'", *ids)
        return f"(sqrt(-2 * ln(1 - {one})) * cos(2 * pi() * {other}))"

    def gamma(self, purpose: str, shape: float, *ids: str) -> str:
        """SQL for a gamma distributed number of mean 1 (Wilson and Hilferty 1931)."""
        z = self.normal(purpose, *ids)
        return f"power(greatest(0.02, 1 - 1 / (9 * {shape}) + {z} / (3 * sqrt({shape}))), 3)"


MOST_CUSTOMERS = 20_000_000
MOST_DAYS = 3_653


def changes(texts: Iterable[str], option: str, of: str) -> dict[str, float]:
    """Read ``category=C:+5%`` or ``channel=X:0.99`` as factors by name.

    Raises ``WorldError`` naming the option and the text that cannot be read.
    """
    found = {}
    for text in texts:
        name, _, change = text.removeprefix(f"{of}=").rpartition(":")
        try:
            if not text.startswith(f"{of}=") or not name:
                raise ValueError
            factor = 1 + float(change[:-1]) / 100 if change.endswith("%") else float(change)
            if not factor > 0:
                raise ValueError
        except ValueError:
            raise WorldError(
                f"{option} {text!r}: expected {of}=NAME:FACTOR, such as {of}=NAME:0.99 or "
                f"{of}=NAME:+5%"
            ) from None
        found[name] = factor
    return found


def biases(texts: Iterable[str]) -> frozenset[Bias]:
    """Read what makes effects hard to estimate."""
    found = frozenset(texts)
    if unknown := found - set(BIASES):
        raise WorldError(f"--bias {', '.join(sorted(unknown))}: expected {', '.join(BIASES)}")
    return frozenset(bias for bias in BIASES if bias in found)


def left_out(texts: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Read ``campaign=ID`` and ``channel=X`` as campaigns and channels to leave out."""
    found: dict[str, set[str]] = {"campaign": set(), "channel": set()}
    for text in texts:
        kind, _, name = text.partition("=")
        if kind not in found or not name:
            raise WorldError(f"--without {text!r}: expected campaign=ID or channel=NAME")
        found[kind].add(name)
    return frozenset(found["campaign"]), frozenset(found["channel"])


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return sorted(value.items())
    return value
