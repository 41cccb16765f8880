"""Shapley values of channels, where the value of a set is what journeys within it brought."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Coalitions:
    """Journeys by the set of channels that they met.

    ``members``: (sets, channels). ``journeys`` and ``value``: (sets,). ``by_group``: (groups of
    customers, sets), conversions.
    """

    members: NDArray[np.bool_]
    journeys: Array
    by_group: csr_matrix
    value: Array

    @property
    def conversions(self) -> Array:
        """Of each set."""
        return np.asarray(self.by_group.sum(axis=0), dtype=np.float64).ravel()


def shapley(members: NDArray[np.bool_], worth: csr_matrix | Array) -> Array:
    """Shapley values, exactly, of v(S) = the sum of ``worth`` of the sets that lie within S.

    v is a sum of games, one for each set of members, that are worth something once all members
    are there and nothing before. In such a game members are alike and others bring nothing, so each
    of n members has 1/n of it; and Shapley values add up over games.

    Args:
        members: (sets, channels).
        worth: (rows, sets).

    Returns:
        (rows, channels).
    """
    return np.asarray(worth @ (members / members.sum(axis=1, keepdims=True)), dtype=np.float64)
