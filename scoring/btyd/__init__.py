"""Buy-till-you-die models of customers who can leave without saying so.

Every purchase model has the same names: ``fit(frequency, recency, age, weights=None)``, then
``params``, ``log_likelihood``, ``standard_errors``, ``converged``, ``identified``, ``reason``, and
``expected_purchases(horizon)``, ``expected_purchases_new(horizon)``,
``probability_no_purchase(horizon)``, ``probability_alive()``.
Every spend model has ``fit(frequency, mean_spend, weights=None)`` and ``expected_value()``.

A model is a candidate once it stands in ``PURCHASE_MODELS`` or ``SPEND_MODELS``.
"""

from scoring.btyd.beta_geometric import BetaGeoNBD, ModifiedBetaGeoCNBDk, ModifiedBetaGeoNBD
from scoring.btyd.pareto import ParetoNBD
from scoring.btyd.purchases import NBD, Poisson, PurchaseModel, fit_purchases
from scoring.btyd.spend import GammaGamma, ShrunkenMeanSpend, SpendModel

PURCHASE_MODELS: dict[str, type[PurchaseModel]] = {
    model.name: model
    for model in (
        BetaGeoNBD,
        ModifiedBetaGeoNBD,
        ModifiedBetaGeoCNBDk,
        ParetoNBD,
        NBD,
        Poisson,
    )
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
    "ModifiedBetaGeoCNBDk",
    "ModifiedBetaGeoNBD",
    "ParetoNBD",
    "Poisson",
    "PurchaseModel",
    "ShrunkenMeanSpend",
    "SpendModel",
    "fit_purchases",
]
