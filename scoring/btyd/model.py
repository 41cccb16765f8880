"""What every model shows after a fit."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from scoring.btyd.likelihood import Optimum


class Model(ABC):
    """A model whose parameters are positive and found by maximum likelihood.

    Attributes after ``fit``:
        params: parameters in the literature's order and letters; empty if nothing was observed.
        log_likelihood: of all customers, as a density in the units of ``fit``.
        standard_errors: per parameter; None where it stopped at the end of the range searched or
            the likelihood is flat.
        converged: whether the maximum was reached.
        identified: whether the data support using the model.
        reason: why it is not identified, or what limits it; None when there is nothing to say.
    """

    name: ClassVar[str]
    parameters: ClassVar[tuple[str, ...]]

    params: Mapping[str, float]
    log_likelihood: float
    standard_errors: Mapping[str, float | None]
    converged: bool
    identified: bool
    reason: str | None

    def __init__(self) -> None:
        """An unfitted model."""
        self._reset()
        self.reason = "not fitted"

    def _reset(self) -> None:
        self.params, self.standard_errors = {}, {}
        self.log_likelihood, self.converged, self.identified = 0.0, False, False
        self.reason = None

    def _record(self, optimum: Optimum, units: Mapping[str, float]) -> str | None:
        """Take over an optimum, parameters in ``units``; returns what limits it, if anything."""
        params: dict[str, float] = {}
        errors: dict[str, float | None] = {}
        for index, letter in enumerate(self.parameters):
            params[letter] = float(np.exp(optimum.log_parameters[index])) * units.get(letter, 1.0)
            errors[letter] = (
                None
                if optimum.covariance is None or optimum.at_bound[index]
                else params[letter] * float(np.sqrt(optimum.covariance[index, index]))
            )
        self.params, self.standard_errors = params, errors
        self.converged = optimum.converged
        stopped = [
            letter for letter, at in zip(self.parameters, optimum.at_bound, strict=True) if at
        ]
        if stopped:
            return f"{', '.join(stopped)} at the end of the range searched"
        return None if optimum.converged else "the maximum was not reached"
