"""An absorbing Markov chain of counted transitions, and what it loses without a channel.

Exact: the linear equations of the chain are solved, nothing is simulated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import splu

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

START = 0
"""The state of a journey before its first touch."""
CONVERSION = -1
NULL = -2
NO_CHANNEL = -1
"""The last channel of the start."""

# With fewer states elimination is as fast as anything; with more its fill-in costs more than
# stepping through the chain, whose journeys are short.
_ELIMINATED_STATES = 150
_MOST_STEPS = 3000
_PRECISION = 1e-15


@dataclass(frozen=True)
class Transitions:
    """How often journeys went from one state to the next.

    ``last_channel``: of each state, by number from 0; ``NO_CHANNEL`` for state 0, the start. The
    others have a row for each transition: from state ``source`` to state ``target``, which may be
    ``CONVERSION`` or ``NULL``, ``count`` times. Of the ``channels`` some may be last in no state.
    """

    last_channel: Ints
    source: Ints
    target: Ints
    count: Array
    channels: int

    @property
    def leaving(self) -> Array:
        """How often each state was left, which is how often it was entered."""
        return _sums(self.source, self.count, len(self.last_channel))

    @property
    def probability(self) -> Array:
        """Of each transition, once its source is reached."""
        return np.asarray(self.count / self.leaving[self.source], dtype=np.float64)


@dataclass(frozen=True)
class Removal:
    """The chain as it is (column 0) and with each channel's transitions redirected to null.

    ``reach``: (states, 1 + channels), expected visits of a state by a journey. ``convert``: same
    shape, probability that a journey in that state converts. ``conversion``: (1 + channels,), that
    a journey does.
    """

    reach: Array
    convert: Array
    kept: NDArray[np.bool_]
    conversion: Array

    @property
    def effects(self) -> Array:
        """Share of conversions lost without each channel."""
        if self.conversion[0] <= 0:
            return np.full(len(self.conversion) - 1, np.nan)
        return np.asarray(1 - self.conversion[1:] / self.conversion[0], dtype=np.float64)

    @property
    def shares(self) -> Array:
        """Each channel's part of the sum of the effects."""
        return self.effects / self.effects.sum()


def remove_each(chain: Transitions) -> Removal:
    """Solve the chain, and the chain without each channel (``redirect_to_null``).

    Whoever would have been touched by a removed channel is lost from there on.
    """
    states, columns = len(chain.last_channel), chain.channels + 1
    kept = chain.last_channel[:, None] != np.arange(-1, columns - 1)[None, :]
    kept[:, 0] = True
    probability = chain.probability
    inside = chain.target >= 0
    among = csr_matrix(
        (probability[inside], (chain.source[inside], chain.target[inside])), shape=(states, states)
    )
    to_conversion = chain.target == CONVERSION
    converts = _sums(chain.source[to_conversion], probability[to_conversion], states)
    started = np.zeros(states)
    started[START] = 1.0
    convert, reach = _solve(among, converts, started, kept)
    return Removal(reach, convert, kept, convert[START])


def _sums(places: Ints, values: Array, size: int) -> Array:
    return np.bincount(places, values, minlength=size).astype(np.float64)


def _solve(
    among: csr_matrix, converts: Array, started: Array, kept: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Of each column: convert = converts + among (kept * convert), and reach, its transpose."""
    states, columns = kept.shape
    if states > _ELIMINATED_STATES:
        # A removed state is never entered, so nothing of it is carried on.
        keep = kept.astype(np.float64)
        convert = _stepped(among, converts, keep, entered=False)
        reach = _stepped(among.T.tocsr(), started, keep, entered=True)
        if convert is not None and reach is not None:
            return convert, reach
    index = np.arange(states)
    identity = csr_matrix((np.ones(states), (index, index)), shape=(states, states))
    convert, reach = np.empty(kept.shape), np.empty(kept.shape)
    for column in range(columns):
        left = among.multiply(kept[:, column][None, :].astype(np.float64))
        solver = splu((identity - left).tocsc())
        convert[:, column] = solver.solve(converts)
        reach[:, column] = solver.solve(started, "T")  # type: ignore[call-overload]
    return convert, reach


def _stepped(matrix: csr_matrix, first: Array, keep: Array, *, entered: bool) -> Array | None:
    """The sum over all lengths of journeys, which grows to the solution; None if they are long.

    Every term is not negative, so that nothing cancels. What is left after the last is bounded by a
    geometric series whose ratio is that of the last terms.
    """
    term = np.repeat(first[:, None], keep.shape[1], axis=1)
    total = term.copy()
    size = float(term.max())
    for _ in range(_MOST_STEPS):
        term = keep * (matrix @ term) if entered else matrix @ (keep * term)
        total += term
        before, size = size, float(term.max())
        if size == 0:
            return total
        ratio = size / before if before > 0 else 1.0
        if ratio < 1 and size * ratio / (1 - ratio) <= _PRECISION:
            return total
    return None


def influence(chain: Transitions, removal: Removal, groups: csr_matrix) -> Array:
    """What a group of customers moves of the shares: (groups, channels), its columns sum to 0.

    The derivative of the shares by the weight of a group (the infinitesimal jackknife).

    Args:
        chain: all groups together.
        removal: of the chain.
        groups: (groups, transitions), how often each went each way.
    """
    source, target = chain.source, chain.target
    ends = np.where(target == CONVERSION, 1.0, 0.0)[:, None]
    following = np.where(
        (target >= 0)[:, None], removal.kept[target] * removal.convert[target], ends
    )
    weight = removal.reach[source] / chain.leaving[source][:, None]
    moved = groups @ (weight * (following - removal.convert[source]))
    whole, without = removal.conversion[0], removal.conversion[1:]
    effects = -(moved[:, 1:] * whole - without * moved[:, :1]) / whole**2
    return shares_moved(removal.effects, effects)


def shares_moved(parts: Array, moved: Array) -> Array:
    """How shares of a sum move, (groups, parts), if its parts do."""
    total = parts.sum()
    return np.asarray(
        (moved - (parts / total) * moved.sum(axis=1, keepdims=True)) / total, dtype=np.float64
    )
