"""From purchase days to the score tables: fit, choose on past windows, forecast, explain."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from scoring.btyd import PurchaseModel, SpendModel
from scoring.btyd.likelihood import Vector
from scoring.customers.backtest import EVERYBODY, backtest_records, calibration_records
from scoring.customers.features import features, outcomes
from scoring.customers.forecast import BTYD, Forecaster, forecast_horizons
from scoring.customers.history import PurchaseHistory, day_number, told_closed, told_strays
from scoring.customers.intervals import ConformalInterval
from scoring.customers.learners import TASKS
from scoring.customers.lifetime import Alive, Survival, alive, has_dropout, judged, survival
from scoring.customers.limits import (
    LEAST_REPEAT_CUSTOMERS,
    PurchaseValues,
    ends_that_agree,
    never_falling,
    purchase_values,
    reconcile,
    wait_that_agrees,
)
from scoring.customers.panel import AVERAGE, with_horizon
from scoring.customers.reasons import REASONS, churn_reasons, middle_of
from scoring.customers.stability import INPUTS, distribution
from scoring.customers.tables import BY_NAME, TABLES
from scoring.customers.timing import NextPurchase
from scoring.customers.value import discounted_purchases

INPUT = "int_customer_purchase_days"
AMOUNT = "net_revenue"

AMOUNT_HORIZONS = (30, 90, 365)
CHURN_HORIZONS = (30, 60, 90)

# Customers forecast at once: bounds memory whatever their number.
_CHUNK = 50_000
# Purchases expected in a year below which a ratio of them says nothing.
_TINY = 1e-12
# Customers that medians of the base are taken from.
_MEDIANS_FROM = 100_000


@dataclass(frozen=True)
class ScoringSettings:
    """What to score.

    ``as_of_date``: the first day not observed. ``churn_horizon_days``: churn is no purchase
    within so many days. ``annual_discount_rate``: .10 is ten per cent a year.
    ``lifetime_years``: where a lifetime is cut off. ``churn_band_medium``: from which risk on a
    customer is told first what raises it. ``min_repeat_customers``: a base with fewer customers
    who bought again is not scored. ``seasonal_index``: by horizon in days,
    purchases to expect over those of an average window, where known.
    """

    as_of_date: date
    churn_horizon_days: int = 90
    annual_discount_rate: float = 0.10
    lifetime_years: float = 5
    churn_band_medium: float = 0.33
    min_repeat_customers: int = LEAST_REPEAT_CUSTOMERS
    seasonal_index: Mapping[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse settings without a meaning."""
        if self.churn_horizon_days < 1:
            raise ValueError("churn_horizon_days must be at least 1")
        if not np.isfinite(self.annual_discount_rate) or self.annual_discount_rate <= -1:
            raise ValueError("annual_discount_rate must be finite and above -1")
        if not np.isfinite(self.lifetime_years) or self.lifetime_years < 1:
            raise ValueError("lifetime_years must be finite and at least 1")
        for horizon, index in self.seasonal_index.items():
            if not np.isfinite(index) or index <= 0:
                raise ValueError(f"seasonal_index of {horizon} days must be finite and above 0")

    @property
    def cutoff_date(self) -> date:
        """The last day observed."""
        return self.as_of_date - timedelta(days=1)

    @property
    def horizons(self) -> dict[int, tuple[str, ...]]:
        """The tasks by horizon in days."""
        wanted: dict[int, set[str]] = {days: {"purchases", "spend"} for days in AMOUNT_HORIZONS}
        for days in CHURN_HORIZONS:
            wanted.setdefault(days, set()).add("churn")
        wanted[self.churn_horizon_days] = set(TASKS)
        return {
            days: tuple(task for task in TASKS if task in tasks)
            for days, tasks in sorted(wanted.items())
        }


@dataclass(frozen=True)
class ScoringResult:
    """The score tables, each with the columns and types that ``tables`` declares."""

    customer_scores: pd.DataFrame
    model_runs: pd.DataFrame
    model_backtests: pd.DataFrame
    model_calibration: pd.DataFrame
    holdout_predictions: pd.DataFrame
    score_distributions: pd.DataFrame
    notes: tuple[str, ...] = ()
    """What was set aside, in words."""

    def frames(self) -> dict[str, pd.DataFrame]:
        """Table name to frame."""
        return {table.name: getattr(self, table.name) for table in TABLES}

    def told(self) -> str:
        """How many customers have a row, and what was set aside."""
        customers = len(self.customer_scores)
        return "; ".join((f"{customers:,} customer{'s' * (customers != 1)}", *self.notes))


def score(purchase_days: pd.DataFrame, settings: ScoringSettings) -> ScoringResult:
    """Score every customer as of a date, with champions chosen on past windows.

    Args:
        purchase_days: the table ``int_customer_purchase_days``: ``customer_id``,
            ``purchase_date``, ``net_revenue`` (>= 0), one row per customer and day with a
            purchase, in any order. May be empty. With ``valid_from`` and ``valid_until`` (null:
            still holds) a day has a row for each time at which other amounts of it were known, so
            that past cut-offs know what was known then; without them a row always held.
        settings: see ``ScoringSettings``.

    Returns:
        The score tables; money in the currency of the input, horizons in days. Without a past
        window the back-test tables are empty.

    Raises:
        ValueError: the frame breaks its contract; names the column, how many rows, an example.
    """
    # Sums of threaded linear algebra depend on the number of cores, and more threads than cores
    # wait more than they work.
    with threadpool_limits(limits=1):
        everything = _history(purchase_days, settings)
        if not len(everything.day):
            empty: dict[str, Any] = {t.name: t.from_records([]) for t in TABLES}
            return ScoringResult(**empty)
        near, strays = everything.without_strays()
        history = near.without_closed()
        found = forecast_horizons(
            history,
            day_number(settings.cutoff_date),
            settings.horizons,
            {int(days): float(index) for days, index in settings.seasonal_index.items()},
        )
        notes = (*told_strays(near, strays), *told_closed(history))
        return _Scoring(settings, history, everything, found, notes).result()


def _history(purchase_days: pd.DataFrame, settings: ScoringSettings) -> PurchaseHistory:
    """The purchase history, or a ValueError that says what is wrong with the frame."""
    columns = ["customer_id", "purchase_date", AMOUNT]
    missing = [column for column in columns if column not in purchase_days]
    if missing:
        raise ValueError(f"{INPUT}: missing columns: {', '.join(missing)}")
    versions = [name for name in ("valid_from", "valid_until") if name in purchase_days]
    frame = purchase_days[columns]

    def refuse(column: str, wrong: Any, problem: str) -> None:
        rows = np.asarray(wrong, dtype=bool)
        if rows.any():
            example = frame.loc[rows].iloc[0]
            raise ValueError(
                f"{INPUT}: {column} {problem} in {int(rows.sum())} of {len(frame)} rows, for "
                f"example customer {example['customer_id']!r} on {example['purchase_date']}: "
                f"{example[column]}"
            )

    for column in columns:
        refuse(column, frame[column].isna(), "is null")
    amount = pd.to_numeric(frame[AMOUNT], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    refuse(AMOUNT, np.isnan(amount), "is not a number")
    refuse(AMOUNT, np.isinf(amount), "is infinite")
    refuse(AMOUNT, amount < 0, "is negative")
    days = pd.to_datetime(frame["purchase_date"], errors="coerce")
    refuse("purchase_date", days.isna(), "is not a date")
    refuse(
        "purchase_date",
        days > pd.Timestamp(settings.cutoff_date),
        f"is after {settings.cutoff_date}, the day before as_of_date,",
    )
    key = ["customer_id", "purchase_date", *versions[:1]]
    refuse("purchase_date", purchase_days.duplicated(key), "occurs more than once")
    history = PurchaseHistory.from_frame(
        pd.DataFrame(
            {
                "customer_id": frame["customer_id"],
                "purchase_date": days,
                "amount": amount,
                **{name: pd.to_datetime(purchase_days[name]) for name in versions},
            }
        )
    )
    return history if history.versions is None else history.until(day_number(settings.cutoff_date))


@dataclass(frozen=True)
class _Scoring:
    settings: ScoringSettings
    history: PurchaseHistory
    everything: PurchaseHistory  # with what was set aside
    found: Mapping[int, Forecaster]
    notes: tuple[str, ...]

    @property
    def _churn(self) -> Forecaster:
        return self.found[self.settings.churn_horizon_days]

    @property
    def _origin(self) -> int | None:
        """The newest past cut-off whose window has the churn horizon."""
        if not self._churn.has_full_windows or self._status[0] == "not_scored":
            return None
        return max(self._churn.at_origins, default=None)

    @cached_property
    def _origin_table(self) -> pd.DataFrame:
        """Features of everybody known at the newest past cut-off."""
        if self._origin is None:
            raise AssertionError("no past window")
        return features(self.history.until(self._origin), [self._origin])

    def result(self) -> ScoringResult:
        scores = self._customer_scores()
        holdout = self._holdout_predictions()
        return ScoringResult(
            scores,
            BY_NAME["model_runs"].from_records(list(self._runs())),
            BY_NAME["model_backtests"].from_records(self._backtests()),
            BY_NAME["model_calibration"].from_records(self._calibration()),
            holdout,
            BY_NAME["score_distributions"].from_records(list(self._distributions(scores, holdout))),
            self.notes,
        )

    # --- customers -----------------------------------------------------------------------------

    def _customer_scores(self) -> pd.DataFrame:
        cutoff = day_number(self.settings.cutoff_date)
        table = self._churn.table
        status, reason = self._status
        shared = {
            "as_of_date": self.settings.as_of_date,
            "score_status": status,
            "score_reason": reason,
            **{
                f"{label}_model": None
                if status == "not_scored"
                else self.found[days].tasks[task].champion.name
                for label, task, days in (
                    ("purchase", "purchases", 90),
                    ("spend", "spend", 90),
                    ("churn", "churn", self.settings.churn_horizon_days),
                )
            },
            "churn_horizon_days": self.settings.churn_horizon_days,
            "p_alive_reason": None if status == "not_scored" else self._alive.reason,
            "lifetime_reason": None if status == "not_scored" else self._survival.reason,
        }
        if status == "not_scored":
            columns = _nothing(self.everything.customer_ids[self.everything.has_rows])
        else:
            few = table.iloc[:: max(len(table) // _MEDIANS_FROM, 1)]
            middle = middle_of(self._churn.rows(few, only_needed=True))
            waits = self._next_purchase()
            intervals = {
                (days, task): forecaster.tasks[task].interval()
                for days, forecaster in self.found.items()
                for task in forecaster.tasks
                if task != "churn"
            }

            worth = purchase_values(self.everything)

            def chunk(part: pd.DataFrame) -> dict[str, Any]:
                return self._chunk(part, middle, waits, intervals, worth)

            columns = _in_chunks(chunk, table)
            columns["next_purchase_horizon_days"] = np.full(len(table), max(CHURN_HORIZONS))
        for name in ("expected_next_purchase", "next_purchase_from", "next_purchase_to"):
            days = columns.pop(name)
            known = np.isfinite(days)
            dates = (cutoff + np.where(known, days, 0)).astype("datetime64[D]")
            columns[f"{name}_date"] = np.where(known, dates, np.datetime64("NaT", "D"))
        scores = BY_NAME["customer_scores"].frame({**columns, **shared})
        stray = self.everything.has_rows & ~self.history.has_rows
        if status == "not_scored" or not stray.any():
            return scores
        aside = {
            **_nothing(self.everything.customer_ids[stray]),
            **shared,
            "score_status": "not_scored",
            "score_reason": "bought only more than a year before all others",
            **dict.fromkeys(("purchase_model", "spend_model", "churn_model"), None),
            **dict.fromkeys(("p_alive_reason", "lifetime_reason"), None),
        }
        for name in ("expected_next_purchase", "next_purchase_from", "next_purchase_to"):
            aside[f"{name}_date"] = None
            aside.pop(name)
        scores = pd.concat([scores, BY_NAME["customer_scores"].frame(aside)])
        return scores.sort_values("customer_id", ignore_index=True)

    def _chunk(
        self,
        table: pd.DataFrame,
        middle: Mapping[str, float],
        waits: NextPurchase,
        intervals: Mapping[tuple[int, str], ConformalInterval],
        worth: PurchaseValues,
    ) -> dict[str, Any]:
        customer = table["customer"].to_numpy()
        columns: dict[str, Any] = {"customer_id": self.history.customer_ids[customer]}
        worth = PurchaseValues(*(values[customer] for values in worth))
        values: dict[str, dict[int, Vector]] = {task: {} for task in TASKS}
        panel: dict[int, pd.DataFrame] = {}
        for days, forecaster in self.found.items():
            panel[days] = forecaster.rows(table, only_needed=True)
            for task, forecast in forecaster.champions(panel[days]).items():
                values[task][days] = forecast
        raw_churn = values["churn"][self.settings.churn_horizon_days]
        bought = {days: 1 - p for days, p in values["churn"].items()}
        never_falling(bought, self.settings.churn_horizon_days)
        none = {days: 1 - p for days, p in bought.items()}
        for days in CHURN_HORIZONS:
            columns[f"p_no_purchase_{days}d"] = none[days]
        columns["p_churn"] = none[self.settings.churn_horizon_days]
        reconcile(values["purchases"], values["spend"], bought, worth)
        for task in ("purchases", "spend"):
            means = {days: values[task][days] for days in AMOUNT_HORIZONS}
            most = {days: days * (worth.high if task == "spend" else 1.0) for days in means}
            bounds = {days: intervals[days, task].bounds(mean) for days, mean in means.items()}
            for days, (low, high) in ends_that_agree(bounds, most).items():
                name = f"expected_{task}_{days}d"
                columns[name] = means[days]
                columns[f"{name}_low"], columns[f"{name}_high"] = low, high
        columns.update(self._value(panel[365], values["purchases"][365], values["spend"][365]))
        # Unknown stays so.
        columns["p_alive"] = np.maximum(columns["p_alive"], np.maximum.reduce([*bought.values()]))
        wait = wait_that_agrees(waits(panel[30]), {days: none[days] for days in CHURN_HORIZONS})
        columns["expected_next_purchase"] = wait.median
        columns["next_purchase_from"], columns["next_purchase_to"] = wait.low, wait.high
        rows = panel[self.settings.churn_horizon_days]
        columns["churn_driver"], told = churn_reasons(
            self._churn, rows, raw_churn, middle, at_risk=self.settings.churn_band_medium
        )
        for position in range(REASONS):
            columns[f"reason_{position + 1}"] = told[position]
        return columns

    def _value(self, rows: pd.DataFrame, purchases: Vector, spend: Vector) -> dict[str, Any]:
        """Value per purchase, and the champion's spend discounted as the BTYD model spreads it."""
        model, _ = self._btyd_models()
        summary = self._churn.fitted.btyd.summary(rows)
        rate = self.settings.annual_discount_rate
        year = model.expected_purchases(365 / 7, **summary)
        first = discounted_purchases(model, 1.0, rate, **summary)
        with np.errstate(divide="ignore", invalid="ignore"):
            # Who hardly buys at all buys at an even rate.
            share = np.where(year > _TINY, first / year, (1 + rate) ** -0.5)
        missing = np.full(len(rows), np.nan)
        lifetime = p_alive = missing
        if self._survival.known:
            lifetime = (spend * share) * self._survival.over_first_year(
                self._lasting_model,
                summary,
                rows["hiatus"].to_numpy(),
                float(self.settings.lifetime_years),
                rate,
            )
        if self._alive.model is not None:
            staying = self._churn.fitted.btyd.purchases[self._alive.model]
            p_alive = self._alive(staying.probability_alive(**summary))
        return {
            "p_alive": p_alive,
            "expected_purchase_value": spend / purchases,
            "discounted_spend_365d": spend * share,
            "discounted_spend_lifetime": lifetime,
        }

    @cached_property
    def _alive(self) -> Alive:
        """P(alive) as the longest past windows told it."""
        longest = max(self.found.values(), key=lambda found: found.learned_horizon_days or 0)
        past = None if longest.past is None else longest.past.rows
        models = self._churn.fitted.btyd.purchases
        return alive(past, longest.learned_horizon_days, models)

    @cached_property
    def _lasting_model(self) -> PurchaseModel:
        """The model of who is alive, else the purchase model, else any that knows dropout."""
        models = self._churn.fitted.btyd.purchases
        if self._alive.model is not None:
            return models[self._alive.model]
        base, _ = self._btyd_models()
        return next((model for model in (base, *models.values()) if has_dropout(model)), base)

    @cached_property
    def _survival(self) -> Survival:
        cutoff = day_number(self.settings.cutoff_date)
        return survival(self.history, cutoff, self._lasting_model)

    def _next_purchase(self) -> NextPurchase:
        """Learned over 90 days, or over less where history is too short for that."""
        for days in reversed(CHURN_HORIZONS):
            forecaster = self.found[days]
            found = NextPurchase(forecaster.past if forecaster.has_full_windows else None)
            if found.is_known:
                break
        return found

    def _btyd_models(self) -> tuple[PurchaseModel, str]:
        """The purchase model that did best in past windows, and the name of its spend model."""
        fitted = self._churn.fitted
        base = fitted.base
        if base is None or base.spend is None:
            raise AssertionError("no BTYD model to start from")
        spend_name = base.spend.partition(":")[0].split("/")[1]
        return fitted.btyd.purchases[self._purchase_model_name], spend_name

    @cached_property
    def _purchase_model_name(self) -> str:
        """The purchase model started from; of an average, the likeliest one."""
        fitted = self._churn.fitted
        base = fitted.base
        if base is None:
            raise AssertionError("no BTYD model to start from")
        name = (base.spend or base.purchases).partition(":")[0].partition("/")[0]
        if name != AVERAGE:
            return name
        models = fitted.btyd.purchases
        return max(
            models, key=lambda model: models[model].log_likelihood - len(models[model].params)
        )

    @cached_property
    def _status(self) -> tuple[str, str | None]:
        fitted = self._churn.fitted
        if fitted.base is None:
            return "not_scored", "no time observed after any first purchase"
        repeat = int((self._churn.table["frequency"] > 0).sum())
        if repeat < self.settings.min_repeat_customers:
            return "not_scored", (
                f"too few customers: {repeat} bought again, of the "
                f"{self.settings.min_repeat_customers} that scores need"
            )
        reasons = []
        if not self._churn.has_full_windows:
            reasons.append(
                f"no past window of {self.settings.churn_horizon_days} days to choose on"
            )
        name = self._purchase_model_name
        if fitted.btyd.purchases[name].name != name:
            reasons.append(f"{name}: {fitted.btyd.reasons[name]}")
        spend_model = self._btyd_models()[1]
        if fitted.btyd.spends[spend_model].name != spend_model:
            reasons.append(f"{spend_model}: {fitted.btyd.reasons[spend_model]}")
        return ("fallback", "; ".join(reasons)) if reasons else ("scored", None)

    # --- models --------------------------------------------------------------------------------

    def _runs(self) -> Iterator[dict[str, Any]]:
        table = self._churn.table
        for days, forecaster in self.found.items():
            for task, chosen in forecaster.tasks.items():
                base = forecaster.fitted.base
                for name in chosen.names:
                    is_champion = name == chosen.champion.name
                    used = _models_of(forecaster, name)
                    reasons = [
                        f"{label} stands in for {model}: {forecaster.fitted.btyd.reasons[model]}"
                        for model, fitted in used.items()
                        if (label := fitted.name) != model
                    ]
                    if name == BTYD and base is not None:
                        reasons.append(f"{str(base.of(task)).partition(':')[0]}, at the level seen")
                    stands_in = bool(reasons) and name != BTYD
                    if is_champion:
                        reasons.insert(0, chosen.champion.reason)
                    likelihood = [m.log_likelihood for m in used.values()] if len(used) == 1 else []
                    yield {
                        "as_of_date": self.settings.as_of_date,
                        "horizon_days": days,
                        "task": task,
                        "model": name,
                        "is_champion": is_champion,
                        "status": "not_fitted"
                        if base is None
                        else ("fallback" if stands_in else "fitted"),
                        "reason": "; ".join(reasons)
                        or (None if base else "no time observed after any first purchase"),
                        "past_loss": chosen.champion.losses.get(name),
                        "past_windows": sum(name in w.forecasts for w in chosen.past),
                        "blend_weight": chosen.weights.members.get(name),
                        "learned_horizon_days": forecaster.learned_horizon_days,
                        "learned_windows": len(forecaster.learned_cutoffs),
                        "customers": len(table),
                        "repeat_customers": int((table["frequency"] > 0).sum()),
                        "fit_from": self.history.date(int(self.history.day.min())),
                        "fit_through": self.settings.cutoff_date,
                        "parameters": json.dumps({m: dict(f.params) for m, f in used.items()})
                        if used
                        else None,
                        "log_likelihood": likelihood[0] if likelihood else None,
                        "converged": all(m.converged for m in used.values()) if used else None,
                        "annual_discount_rate": self.settings.annual_discount_rate,
                    }

    def _judged(self) -> Iterator[tuple[dict[str, Any], Forecaster, str]]:
        """Key columns, forecaster and task of all past windows; no horizon twice."""
        told: set[tuple[int, str]] = set()
        # Windows of the horizon asked for come before those that stand in for a longer one.
        for forecaster in sorted(self.found.values(), key=lambda f: not f.has_full_windows):
            days = forecaster.learned_horizon_days
            for task in forecaster.tasks:
                if days is not None and (days, task) not in told:
                    told.add((days, task))
                    key = {
                        "as_of_date": self.settings.as_of_date,
                        "horizon_days": days,
                        "task": task,
                    }
                    yield key, forecaster, task

    def _backtests(self) -> list[dict[str, Any]]:
        jobs = [
            (key, forecaster, task, window)
            for key, forecaster, task in self._judged()
            for window in forecaster.tasks[task].past
        ]

        def judge(job: tuple[Any, ...]) -> list[dict[str, Any]]:
            key, forecaster, task, window = job
            return backtest_records(key, forecaster, task, window)

        with _pool() as pool:
            records = [record for records in pool.map(judge, jobs) for record in records]
        return [*records, *self._lifetime_backtest()]

    def _lifetime_backtest(self) -> Iterator[dict[str, Any]]:
        """The later of two years that are over, as it was forecast before the first."""
        if self._status[0] == "not_scored":
            return
        cutoff = day_number(self.settings.cutoff_date)
        found = judged(self.history, cutoff, type(self._lasting_model))
        if found is not None:
            yield {
                "as_of_date": self.settings.as_of_date,
                "cutoff_date": self.history.date(found.cutoff),
                "horizon_days": found.horizon_days,
                "task": "purchases",
                "model": "lifetime",
                "is_champion": False,
                "slice": EVERYBODY,
                "metric": "later_year_bias",
                "value": found.bias,
                "value_low": None,
                "value_high": None,
                "customers": found.customers,
                "reason": found.reason,
            }

    def _calibration(self) -> list[dict[str, Any]]:
        return [
            record
            for key, forecaster, task in self._judged()
            for window in forecaster.tasks[task].past
            for record in calibration_records(key, forecaster, task, window)
        ]

    # --- the newest past window ----------------------------------------------------------------

    def _holdout_predictions(self) -> pd.DataFrame:
        """Champions as they would have forecast at the newest past cut-off, for everybody."""
        origin, forecaster = self._origin, self._churn
        if origin is None:
            return BY_NAME["holdout_predictions"].from_records([])
        past = self.history.until(origin)
        fitted, horizon = forecaster.at_origins[origin], self.settings.churn_horizon_days
        tasks = ("purchases", "spend")
        intervals = {task: forecaster.tasks[task].interval(origin, horizon) for task in tasks}

        def chunk(table: pd.DataFrame) -> dict[str, Any]:
            rows = with_horizon(past, table, fitted.btyd, horizon)
            forecasts = forecaster.champions(rows, origin=origin)
            columns: dict[str, Any] = {
                "customer_id": past.customer_ids[table["customer"].to_numpy()],
                "p_no_purchase": forecasts["churn"],
            }
            for task, interval in intervals.items():
                low, high = interval.bounds(forecasts[task])
                columns[f"predicted_{task}"] = forecasts[task]
                columns[f"predicted_{task}_low"] = low
                columns[f"predicted_{task}_high"] = high
            return columns

        columns = _in_chunks(chunk, self._origin_table)
        # Positions of customers known then are not those of customers known now.
        customer = np.searchsorted(self.history.customer_ids, columns["customer_id"])
        window = pd.DataFrame({"customer": customer, "cutoff": origin})
        columns["actual_purchases"], columns["actual_spend"] = outcomes(
            self.history, window, horizon
        )
        return BY_NAME["holdout_predictions"].frame(
            {
                "as_of_date": self.settings.as_of_date,
                "cutoff_date": self.history.date(origin),
                "horizon_days": horizon,
                "purchase_model": forecaster.tasks["purchases"].name_at(origin),
                "spend_model": forecaster.tasks["spend"].name_at(origin),
                "churn_model": forecaster.tasks["churn"].name_at(origin),
                **columns,
            },
        )

    def _distributions(
        self, scores: pd.DataFrame, holdout: pd.DataFrame
    ) -> Iterator[dict[str, Any]]:
        fits = [(self.settings.cutoff_date, self._churn.table, scores, "")]
        origin = self._origin
        if origin is not None:
            fits.append((self.history.date(origin), self._origin_table, holdout, "holdout"))
        days = self.settings.churn_horizon_days
        told = days if days in AMOUNT_HORIZONS else 90
        for cutoff, table, scored, kind in fits:
            variables = {name: ("input", table[column]) for name, column in INPUTS.items()}
            if kind == "holdout":
                names = ("p_no_purchase", "predicted_purchases", "predicted_spend")
            else:
                names = ("p_churn", f"expected_purchases_{told}d", f"expected_spend_{told}d")
            labels = ("churn_probability", "expected_purchases", "expected_spend")
            for label, name in zip(labels, names, strict=True):
                if label == "churn_probability" or told == days:
                    variables[label] = ("score", scored[name])
            for variable, (sort, values) in variables.items():
                numbers = values.astype("Float64").to_numpy(na_value=np.nan).astype(np.float64)
                for record in distribution(numbers, probabilities=variable == "churn_probability"):
                    yield {
                        "as_of_date": self.settings.as_of_date,
                        "cutoff_date": cutoff,
                        "kind": sort,
                        "variable": variable,
                        **record,
                    }


def _models_of(forecaster: Forecaster, candidate: str) -> dict[str, PurchaseModel | SpendModel]:
    """The BTYD models that a candidate is named after, empty for all others."""
    btyd = forecaster.fitted.btyd
    purchases, _, spend = candidate.partition("/")
    found: dict[str, PurchaseModel | SpendModel] = {}
    if purchases in btyd.purchases:
        found[purchases] = btyd.purchases[purchases]
        if spend in btyd.spends:
            found[spend] = btyd.spends[spend]
    return found


def _nothing(customer_ids: np.ndarray) -> dict[str, Any]:
    """Columns of customers of whom nothing can be forecast."""
    missing = np.full(len(customer_ids), np.nan)
    names = [
        "p_alive",
        "p_churn",
        "expected_purchase_value",
        "discounted_spend_365d",
        "discounted_spend_lifetime",
        "expected_next_purchase",
        "next_purchase_from",
        "next_purchase_to",
        "next_purchase_horizon_days",
        *(f"p_no_purchase_{days}d" for days in CHURN_HORIZONS),
        *(
            f"expected_{task}_{days}d{bound}"
            for task in ("purchases", "spend")
            for days in AMOUNT_HORIZONS
            for bound in ("", "_low", "_high")
        ),
    ]
    told = ["churn_driver", *(f"reason_{position + 1}" for position in range(REASONS))]
    return {
        "customer_id": customer_ids,
        **dict.fromkeys(names, missing),
        **dict.fromkeys(told, None),
    }


def _in_chunks(
    forecast: Callable[[pd.DataFrame], dict[str, Any]], table: pd.DataFrame
) -> dict[str, Any]:
    """Columns of all rows, some customers at a time."""
    parts: Iterable[pd.DataFrame] = (
        table.iloc[begin : begin + _CHUNK] for begin in range(0, len(table), _CHUNK)
    )
    with _pool() as pool:
        done = list(pool.map(forecast, parts))
    return {name: np.concatenate([part[name] for part in done]) for name in done[0]}


def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), initializer=lambda: threadpool_limits(limits=1))
