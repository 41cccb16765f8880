"""Buy-till-you-die models of customers who can leave without saying so.

Every purchase model has the same names: ``fit(frequency, recency, age, weights=None)``, then
``params``, ``log_likelihood``, ``standard_errors``, ``converged``, ``identified``, ``reason``, and
``expected_purchases(horizon)``, ``probability_no_purchase(horizon)``, ``probability_alive()``.
Every spend model has ``fit(frequency, mean_spend, weights=None)`` and ``expected_value()``.

A model is a candidate once it stands in ``PURCHASE_MODELS`` or ``SPEND_MODELS``.
"""

from scoring.btyd.purchases import NBD, BetaGeoNBD, Poisson, PurchaseModel, fit_purchases
from scoring.btyd.spend import GammaGamma, ShrunkenMeanSpend, SpendModel

PURCHASE_MODELS: dict[str, type[PurchaseModel]] = {
    model.name: model for model in (BetaGeoNBD, NBD, Poisson)
}
SPEND_MODELS: dict[str, type[SpendModel]] = {
    model.name: model for model in (GammaGamma, ShrunkenMeanSpend)
}

__all__ = [
    "NBD",
    "PURCHASE_MODELS",
    "SPEND_MODELS",
    "BetaGeoNBD",
    "GammaGamma",
    "Poisson",
    "PurchaseModel",
    "ShrunkenMeanSpend",
    "SpendModel",
    "fit_purchases",
]
