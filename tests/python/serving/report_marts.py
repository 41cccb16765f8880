"""Marts with known contents, and a report rendered from them: what tests of the report share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import yaml
from jinja2 import Environment

from serving.report import render_report
from serving.report.marts import Marts
from serving.report.sections import GROUPS

PROJECT = Path(__file__).parents[3]
AS_OF = date(2026, 4, 1)
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


class Page(HTMLParser):
    """Sections by id, each with its text and the number of its charts; and key figures by id."""

    VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.html = path.read_text(encoding="utf-8")
        self.sections: dict[str, list[str]] = {}
        self.empty: set[str] = set()
        self.charts: dict[str, int] = {}
        self.figures: dict[str, list[str]] = {}
        self.changes: dict[str, list[str]] = {}
        self.tags: list[str] = []
        self._section = self._figure = ""
        self._is_change = False
        self._stack: list[str] = []
        self.feed(self.html)
        assert not self._stack, f"not closed: {self._stack}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag in self.VOID:
            return
        self._stack.append(tag)
        if tag == "section":
            self._section = attributes["id"]
            self.sections[self._section] = []
            self.charts[self._section] = 0
            if attributes.get("class") == "empty":
                self.empty.add(self._section)
        elif tag == "svg":
            self.charts[self._section] += 1
        elif attributes.get("id", "").startswith("figure-"):
            self._figure = attributes["id"].removeprefix("figure-")
            self.figures[self._figure] = []
            self.changes[self._figure] = []
        self._is_change = attributes.get("class") == "change"

    def handle_endtag(self, tag: str) -> None:
        assert self._stack.pop() == tag
        if tag == "section":
            self._section = ""
        elif tag == "dl":
            self._figure = ""

    def handle_data(self, data: str) -> None:
        if self._figure and data.strip():
            told = self.changes if self._is_change else self.figures
            told[self._figure].append(data.strip())
        if self._section:
            self.sections[self._section].append(data.strip())

    def text(self, section: str) -> str:
        return " ".join(part for part in self.sections[section] if part)


@cache
def contracts() -> tuple[dict[str, Any], ...]:
    """The models of all marts as their YAML declares them."""
    return tuple(
        model
        for room in ("core", "marts")
        for file in sorted((PROJECT / "models" / room).rglob("_*__models.yml"))
        if "intermediate" not in file.parts
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
    )


@cache
def labels() -> tuple[dict[str, Any], ...]:
    """The mart ``labels`` as its SQL makes it of the seeds."""
    seeds = {path.stem: path for path in (PROJECT / "seeds").rglob("*.csv")}
    sql = (PROJECT / "models" / "marts" / "labels" / "labels.sql").read_text(encoding="utf-8")
    read = (
        Environment(autoescape=False)
        .from_string(sql)
        .render(
            ref=lambda name: f"read_csv('{seeds[name]}', header = true)",
            dbt={"type_string": lambda: "varchar"},
        )
    )
    with duckdb.connect() as connection:
        cursor = connection.execute(read)
        names = [column[0] for column in cursor.description or []]
        return tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())


def vocabulary(name: str) -> list[str]:
    """Values of a list of names, in their order."""
    rows = sorted(labels(), key=lambda row: row["sort_order"])
    return [row["value"] for row in rows if row["vocabulary"] == name]


@cache
def _empty_marts() -> bytes:
    """A database with every mart as its contract declares it, all empty but for ``labels``."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "lifecycle.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema marts")
            for model in contracts():
                columns = ", ".join(
                    f'"{column["name"]}" {column["data_type"]}' for column in model["columns"]
                )
                connection.execute(f"create table marts.{model['name']} ({columns})")
            _insert(connection, {"labels": labels()})
        return path.read_bytes()


def _insert(connection: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    for table, records in rows.items():
        for record in records:
            names = ", ".join(f'"{name}"' for name in record)
            marks = ", ".join("?" for _ in record)
            connection.execute(
                f"insert into marts.{table} ({names}) values ({marks})", list(record.values())
            )


def marts_file(path: Path, rows: Rows) -> Path:
    """A database with every mart as its contract declares it; columns not given are null."""
    path.write_bytes(_empty_marts())
    with duckdb.connect(str(path)) as connection:
        if "labels" in rows:
            connection.execute("delete from marts.labels")
        _insert(connection, rows)
    return path


def one_customer() -> dict[str, list[dict[str, Any]]]:
    """Somebody bought once, last week; there are no campaigns and no scores."""
    customer = {"customer_id": "c1", "as_of_date": AS_OF}
    return {
        "fct_orders": [
            {
                "order_id": "o1",
                "customer_id": "c1",
                "order_date": date(2026, 3, 25),
                "order_month": date(2026, 3, 1),
                "is_valid_order": True,
                "is_identified": True,
                "net_revenue": Decimal("12.50"),
            }
        ],
        "customer_value": [
            {
                **customer,
                "first_order_date": date(2026, 3, 25),
                "valid_order_count": 1,
                "net_revenue": Decimal("12.50"),
                "net_revenue_365d": Decimal("12.50"),
                "score_status": "not_scored",
                "value_tier": "not_scored",
            }
        ],
        "value_tenths": [
            {
                "measure": "net_revenue_365d",
                "tenth": 10,
                "customers": 1,
                "amount": Decimal("12.50"),
                "amount_share": 1.0,
            }
        ],
        "customer_churn": [
            {**customer, "score_status": "not_scored", "score_reason": "scoring_not_run"}
        ],
        "customer_lifecycle": [
            {**customer, "lifecycle_stage": "new", "trailing_12m_revenue": Decimal("12.50")}
        ],
        "customer_lifecycle_history": [
            {"customer_id": "c1", "month_end": date(2026, 3, 31), "lifecycle_stage": "new"}
        ],
        "lifecycle_transitions": [
            {
                "month_end": date(2026, 3, 31),
                "from_stage": "(unseen)",
                "to_stage": "new",
                "is_move": True,
                "customers": 1,
                "from_customers": 1,
                "transition_rate": 1.0,
            }
        ],
        "lifecycle_periods": [
            {
                "period_grain": "month",
                "period_start": date(2026, 3, 1),
                "is_complete": True,
                "active_customers": 1,
                "new_customers": 1,
                "returning_customers": 0,
                "resurrected_customers": 0,
                "dormant_customers": 0,
            }
        ],
        "cohort_retention": [
            {
                "cohort_grain": "month",
                "cohort_start": date(2026, 3, 1),
                "cohort_age": 0,
                "is_left_censored": True,
                "is_mature": True,
                "cohort_customers": 1,
                "active_customers": 1,
                "retention_rate": 1.0,
            }
        ],
        "customer_rfm": [
            {
                **customer,
                "monetary_value": Decimal("12.50"),
                "segment": "new",
                "segment_rank": 4,
                "segment_label_en": "New",
                "segment_label_zh": "新客户",
            }
        ],
        "rfm_heatmap": [
            {
                "snapshot": snapshot,
                "recency_band": recency,
                "frequency_band": frequency,
                "snapshot_date": date(2026, 3, 31),
                "horizon_days": 90,
                "customers": int(snapshot == "current" and recency == 5 and frequency == 5),
                "net_revenue": Decimal("12.50") if (recency, frequency) == (5, 5) else 0,
                "predicted_customers": 0,
            }
            for snapshot in ("current", "holdout")
            for recency in range(1, 6)
            for frequency in range(1, 6)
        ],
        "channel_contribution": [
            {
                "channel_id": "(unattributed)",
                "order_month": date(2026, 3, 1),
                "attribution_model": "linear",
                "channel_name": "Unattributed",
                "attributed_orders": 1,
                "net_revenue": Decimal("12.50"),
            }
        ],
        "identified_sales_share": [
            {
                "store_id": "s1",
                "week_start_date": date(2026, 3, 23),
                "baskets": 1,
                "identified_baskets": 1,
                "net_revenue": Decimal("12.50"),
                "identified_net_revenue": Decimal("12.50"),
            }
        ],
        "landing_reconciliation": [
            {
                "table_name": "pos.orders",
                "landed_from": "files",
                "currency": "EUR",
                "landed_rows": 1,
                "accepted_rows": 1,
                "duplicate_rows": 0,
                "superseded_rows": 0,
                "quarantined_rows": 0,
                "unexplained_rows": 0,
            }
        ],
        "revenue_reconciliation": [
            {
                "step": 70,
                "item": "fct_orders",
                "kind": "reported",
                "net_revenue": Decimal("12.50"),
                "difference": Decimal("0.00"),
            }
        ],
    }


def _mix() -> dict[str, list[dict[str, Any]]]:
    """What is told of channels' budgets."""
    mix: dict[str, list[dict[str, Any]]] = {}
    mix["channel_mix"] = [
        {
            "scenario": scenario,
            "segment": "all",
            "channel_id": channel,
            "channel_name": channel.title(),
            "as_of_date": AS_OF,
            "starts_on": date(2018, 1, 1),
            "ends_on": date(2018, 3, 31),
            "mix_action": action,
            "mix_reason": reason,
            "spend_today": Decimal(today),
            "recommended_spend": Decimal(then),
            "spend_change": Decimal(then - today),
            "spend_change_share": (then - today) / today,
            "expected_margin": Decimal(2 * then),
            "margin_change": Decimal(40),
            "expected_gain": Decimal(40),
            "expected_gain_low": Decimal(10),
            "expected_gain_high": Decimal(70),
            "marginal_return": 1.5,
            "is_extrapolated": channel == "mail",
            "unallocated_budget": Decimal(0) if channel == "(total)" else None,
        }
        for scenario in ("same_total", "target_return", "minimum_return")
        for channel, action, reason, today, then in (
            ("mail", "increase", None, 300, 450),
            ("search", "decrease", None, 300, 150),
            ("social", "hold", "check_failed", 90, 90),
            ("(total)", "move", None, 690, 690),
        )
    ]
    mix["channel_response_curves"] = [
        {
            "channel_id": channel,
            "curve_step": step,
            "as_of_date": AS_OF,
            "spend_per_month": Decimal(10 * step),
            "margin_per_month": Decimal(30 * step - step * step),
            "margin_per_month_low": Decimal(20 * step - step * step),
            "margin_per_month_high": Decimal(40 * step - step * step),
            "is_extrapolated": False,
        }
        for channel in ("mail", "search")
        for step in range(20)
    ]
    mix["channel_next_test"] = [
        {
            "channel_id": "social",
            "channel_name": "Social",
            "as_of_date": AS_OF,
            "test_rank": 1,
            "information_value": Decimal(12),
            "test_design": "customer_holdout",
            "holdout_share": 0.2,
            "test_weeks": 4,
            "detectable_effect": Decimal(500),
            "is_detectable": False,
        }
    ]
    return mix


def _channels_compared() -> dict[str, list[dict[str, Any]]]:
    """Two channels, of which one is told, and three ways."""
    base: dict[str, list[dict[str, Any]]] = {}
    base["attribution_comparison"] = [
        {
            "channel_id": channel,
            "channel_name": name,
            "models": 2,
            "told_models": told,
            "share_min": 0.4 if told else None,
            "share_max": 0.7 if told else None,
            "share_range": 0.3 if told else None,
            "lowest_model": "linear" if told else None,
            "highest_model": "a_model_of_tomorrow" if told else None,
            "best_rank": 1 if told else None,
            "worst_rank": 1 if told else None,
            "rank_range": 0 if told else None,
            "intervals_overlap": False if told else None,
            "models_apart": 1 if told else None,
            "trusted_model": "linear" if told else None,
            "trusted_share": 0.4 if told else None,
            "trusted_share_lower": 0.3 if told else None,
            "trusted_share_upper": 0.5 if told else None,
            "trust_reason": "only_rules" if told else "nothing_told",
        }
        for channel, name, told in (("mail", "Mail <b>&\"'", 2), ("rare", "Rare", 0))
    ]
    base["channel_attribution"] = [
        {
            "channel_id": "mail",
            "attribution_model": model,
            "customer_kind": "all",
            "channel_name": "Mail <b>&\"'",
            "share": share,
            "share_lower": share - 0.1,
            "share_upper": share + 0.1,
            "status": "ok",
        }
        for model, share in (("linear", 0.4), ("a_model_of_tomorrow", 0.7))
    ]
    base["channel_journeys"] = [
        {
            "customer_kind": "all",
            "path": path,
            "path_rank": rank,
            "steps": steps,
            "journeys": journeys,
            "orders": orders,
            "null_paths": journeys - orders,
            "conversion_rate": orders / journeys,
            "conversion_rate_lower": 0.1,
            "conversion_rate_upper": 0.9,
            "net_revenue": Decimal(orders * 10),
            "order_share": orders / 6,
            "mean_days_to_order": 3.25 if orders else None,
        }
        for path, rank, steps, journeys, orders in (
            ("mail > rare", 1, 2, 8, 4),
            ("mail", 2, 1, 2, 1),
            ("rare", 3, 1, 1, 0),
            ("(other)", None, None, 5, 1),
        )
    ]
    return base


def _actions() -> dict[str, list[dict[str, Any]]]:
    """What to do next, and what actions changed."""
    base: dict[str, list[dict[str, Any]]] = {}
    base["customer_next_actions"] = [
        {
            "customer_id": f"{action} {number}",
            "action": action,
            "basis": "measured" if added else "untested",
            "suppressed_reason": "no_consent" if number == 0 else None,
            "is_next_action": number > 0,
            "is_holdout": False,
            "is_control": number == 1,
            "is_to_be_done": number > 1,
            "expected_incremental_contribution": added,
            "cost_amount": 0.5,
        }
        for action, added in (("welcome", None), ("win_back", 4.0))
        for number in range(5)
    ]
    base["action_effects"] = [
        {
            "action": action,
            "outcome": "contribution",
            "treated_decisions": 90,
            "control_decisions": 60,
            "measured_treated": 90,
            "measured_control": 60,
            "effect": effect,
            "interval_low": effect - 1 if effect else None,
            "interval_high": effect + 1 if effect else None,
            "detectable_effect": 1.7 if effect else None,
            "cost": 0.5,
            "crossover_share": 0.02,
            "sample_ratio": "as_planned",
            "decision": decision,
            "decision_reason": reason,
            "effect_reason": reason,
        }
        for action, effect, decision, reason in (
            ("win_back", 4.0, "keep", None),
            ("welcome", None, "too_little_data", "too_few"),
        )
    ]
    base["action_policy_values"] = [
        {
            "action": "all_actions",
            "policy": policy,
            "acted_share": share,
            "value": value,
            "value_low": value - 1,
            "value_high": value + 1,
            "ranking_gain": None if policy == "ranking" else 5.0 - value,
            "ranking_gain_low": None if policy == "ranking" else 4.0 - value,
            "ranking_gain_high": None if policy == "ranking" else 6.0 - value,
        }
        for policy, share, value in (("ranking", 0.3, 5.0), ("riskiest_first", 0.3, 2.0))
    ]
    return base


def _service() -> dict[str, list[dict[str, Any]]]:
    """What customers said, and how they were served."""
    base: dict[str, list[dict[str, Any]]] = {}
    base["satisfaction_by_group"] = [
        {
            "group_kind": "all",
            "group_value": "all",
            "survey_type": kind,
            "dimension": dimension,
            "scale_max": scale,
            "as_of_date": AS_OF,
            "answer_count": 200,
            "scored_count": 200,
            **figures,
            "response_rate_reason": "nonresponse_not_known",
        }
        for kind, dimension, scale, figures in (
            (
                "csat",
                "overall",
                5.0,
                {"csat": 0.8, "csat_low": 0.74, "csat_high": 0.85, "csat_weighted": 0.78},
            ),
            (
                "csat",
                "price",
                5.0,
                {"csat": 0.6, "csat_low": 0.53, "csat_high": 0.67, "csat_weighted": 0.61},
            ),
            (
                "nps",
                "overall",
                10.0,
                {
                    "nps": 21.0,
                    "nps_weighted": 17.0,
                    "nps_weighted_low": 5.0,
                    "nps_weighted_high": 29.0,
                },
            ),
        )
    ]
    base["satisfaction_drivers"] = [
        {
            "dimension": dimension,
            "as_of_date": AS_OF,
            "r2_all": 0.3,
            "r2_share": share,
            "r2_share_low": share - 0.1,
            "r2_share_high": share + 0.1,
            "importance_rank": rank,
            "retention_effect": 0.02,
            "retention_effect_low": -0.01,
            "retention_effect_high": 0.05,
        }
        for rank, dimension, share in ((1, "price", 0.7), (2, "service", 0.3))
    ]
    base["delivery_performance"] = [
        {
            "order_month": date(2026, 3, 1),
            "channel_id": "web",
            "store_id": "unknown",
            "as_of_date": AS_OF,
            "promised_count": 110,
            "delivered_count": 100,
            "late_by_clock_count": 12,
            "late_by_day_count": 8,
            "overdue_count": 10,
        }
    ]
    base["satisfaction_by_delay"] = [
        {
            "delay_band": band,
            "dimension": "overall",
            "scale_max": 5.0,
            "as_of_date": AS_OF,
            "answer_count": 50,
            "mean_score": score,
            "csat": score / 5,
        }
        for band, score in (("early_0_to_7_days", 4.2), ("late_1_to_3_days", 2.5))
    ]
    base["service_tickets_summary"] = [
        {
            "ticket_month": date(2026, 3, 1),
            "channel_id": "chat",
            "reason_category": "price",
            "as_of_date": AS_OF,
            "target_hours": 48,
            "opened_count": 20,
            "closed_count": 15,
            "backlog_count": 5,
            "target_due_count": 18,
            "within_target_count": 12,
        }
    ]
    return base


def scored_base() -> dict[str, list[dict[str, Any]]]:
    """Twenty customers over three months with scores, touches, a back-test and a wrong total."""
    base = one_customer()
    stages = ["mature"] * 12 + ["declining"] * 5 + ["dormant"] * 3
    customers = [f"c{number:02}" for number in range(20)]
    value = [Decimal(100 * (number + 1)) for number in range(20)]
    churn = [0.9 if stage == "dormant" else 0.05 for stage in stages]
    keys = [{"customer_id": customer, "as_of_date": AS_OF} for customer in customers]
    base["segment_profiles"] = [
        {
            "scheme": scheme,
            "segment": segment,
            "as_of_date": AS_OF,
            "customers": number,
            "customer_share": number / 20,
            "net_revenue": Decimal(revenue),
            "revenue_share": revenue / 21_000,
            "average_order_value": Decimal(30),
            "p_churn": 0.2,
            "apart_feature": feature,
            "apart_mean": 0.6,
            "apart_others_mean": 0.25,
            "apart_reason": None if feature else "too_few_customers",
            "leaning_category": "bread",
        }
        for scheme, segment, number, revenue, feature in (
            ("behavioural", "value_oriented", 12, 9_000, "private_label_share"),
            ("behavioural", "evening", 4, 10_000, "evening_share"),
            ("behavioural", "none", 4, 2_000, None),
            ("loyalty", "loyal", 12, 9_000, "item_value"),
            ("loyalty", "lapsed", 8, 12_000, None),
        )
    ]
    base["segment_stability"] = [
        {
            "as_of_date": AS_OF,
            "jaccard_least": 0.81,
            "moved_since_date": date(2026, 1, 1),
            "moved_share": 0.125,
            "is_refitted": True,
        }
    ]
    base["customer_value"] = [
        {
            **key,
            "net_revenue": amount,
            "net_revenue_365d": amount,
            "expected_purchases_90d": 1.5,
            "expected_spend_365d": amount,
            "clv_365d": amount / 2,
            "clv_lifetime": amount * 3,
            "lifetime_years": 5,
            "clv_basis": "revenue",
            "value_tier": "rest" if amount <= 1000 else "top_50_percent",
        }
        for key, amount in zip(keys, value, strict=True)
    ]
    base["customer_churn"] = [
        {
            **key,
            "score_status": "scored",
            "churn_horizon_days": 90,
            "p_churn": p,
            "churn_band": "high" if p > 0.66 else "low",
            "last_purchase_date": date(2026, 1, 31),
            "churn_driver": "hiatus" if amount > 1900 else "frequency",
            "reason_1": "last purchase 60 days ago (raises churn)" if amount > 1900 else None,
            "clv_365d": amount / 2,
            "value_at_risk": amount / 2 * Decimal(str(p)),
        }
        for key, amount, p in zip(keys, value, churn, strict=True)
    ]
    base |= reasons_for_leaving()
    base["customer_lifecycle"] = [
        {**key, "lifecycle_stage": stage, "trailing_12m_revenue": amount}
        for key, stage, amount in zip(keys, stages, value, strict=True)
    ]
    base["customer_lifecycle_history"] = [
        {"customer_id": customer, "month_end": end, "lifecycle_stage": stage}
        for end in (date(2026, 1, 31), date(2026, 2, 28))
        for customer, stage in zip(customers, stages, strict=True)
    ]
    base["lifecycle_transitions"] += [
        {
            "month_end": date(2026, 3, 31),
            "from_stage": before,
            "to_stage": after,
            "is_move": before != after,
            "customers": number,
            "from_customers": total,
            "transition_rate": number / total,
            "value_before": Decimal(100),
        }
        for before, after, number, total in (
            ("mature", "mature", 12, 17),
            ("mature", "declining", 5, 17),
            ("declining", "dormant", 3, 3),
        )
    ]
    base["lifecycle_periods"] += [
        {
            "period_grain": "month",
            "period_start": date(2026, 2, 1),
            "is_complete": True,
            "active_customers": 17,
            "new_customers": 0,
            "returning_customers": 15,
            "resurrected_customers": 2,
            "dormant_customers": 3,
        }
    ]
    base["cohort_retention"] += [
        {
            "cohort_grain": "month",
            "cohort_start": date(2026, 1, 1),
            "cohort_age": age,
            "is_left_censored": False,
            "is_mature": age < 3,
            "cohort_customers": 40,
            "active_customers": active,
            "retention_rate": None if active is None else active / 40,
            "retention_rate_low": None if active is None else active / 50,
            "retention_rate_high": None if active is None else active / 40 + 0.1,
            "pooled_customers": None if active is None else 40,
            "pooled_active_customers": active,
            "pooled_retention_rate": None if active is None else active / 40,
            "pooled_retention_rate_low": None if active is None else active / 50,
            "pooled_retention_rate_high": None if active is None else active / 40 + 0.1,
        }
        for age, active in ((0, 40), (1, 24), (2, 20), (3, None))
    ]
    base["lifecycle_quality"] = [
        {
            "lifecycle_stage": stage,
            "rhythm_class": rhythm,
            "horizon_days": 90,
            "entries": 50,
            "returned_customers": int(50 * rate),
            "return_rate": rate,
            "return_rate_low": rate - 0.1,
            "return_rate_high": rate + 0.1,
        }
        for stage, rate in (("mature", 0.9), ("dormant", 0.3))
        for rhythm in ("(all)", "weekly")
    ]
    base |= _service()
    base["loyalty_points"] = [
        {
            "month_start": date(2026, number, 1),
            "as_of_date": AS_OF,
            "earned_points": Decimal(1000),
            "redeemed_points": Decimal(400),
            "expired_points": Decimal(50 * number),
            "outstanding_points": Decimal(2000 + 500 * number),
            "owed_points": Decimal(10),
            "never_earned_points": Decimal(7),
            "ultimate_redemption_rate": 0.61 if number > 1 else None,
            "ultimate_redemption_rate_low": 0.6 if number > 1 else None,
            "ultimate_redemption_rate_high": 0.62 if number > 1 else None,
            "ultimate_redemption_rate_reason": None if number > 1 else "too_few_months",
            "liability_cost": Decimal("21.35") if number > 1 else None,
            "liability_cost_reason": None if number > 1 else "no_rate",
            "deferred_revenue": None,
            "deferred_revenue_reason": "no_orders",
        }
        for number in (1, 2, 3)
    ]
    base |= _mix()
    base["price_elasticity"] = [
        {
            "item_level": "category",
            "item": "cheese",
            "category": "cheese",
            "as_of_date": AS_OF,
            "net_revenue": Decimal(900),
            "price_elasticity": -0.5,
            "price_elasticity_low": -0.6,
            "price_elasticity_high": -0.4,
            "units_change_dearer": -0.0466,
            "units_change_dearer_low": -0.0556,
            "units_change_dearer_high": -0.0374,
            "price_elasticity_evidence": "strong",
            "is_price_elasticity_published": True,
            "price_changes": 40,
        },
        {
            "item_level": "product",
            "item": "p1",
            "product_name": "Brie",
            "category": "cheese",
            "as_of_date": AS_OF,
            "net_revenue": Decimal(90),
            "price_elasticity": -0.5,
            "price_elasticity_low": -1.6,
            "price_elasticity_high": 0.4,
            "price_elasticity_evidence": "none",
            "price_elasticity_reason": "includes_zero",
            "is_price_elasticity_published": False,
            "price_changes": 5,
        },
    ]
    base["campaign_effects"] = [
        {
            "campaign_id": campaign,
            "as_of_date": AS_OF,
            "scope": "campaign",
            "arm": "all",
            "outcome": "revenue",
            "estimator": estimator,
            "measured_days": 14,
            "customers": 400,
            "control_customers": 200,
            "treated_mean": 50.0,
            "naive_effect": naive,
            "effect": effect,
            "interval_low": low,
            "interval_high": high,
            "lift": effect and effect / 50,
            "lift_low": low and low / 50,
            "lift_high": high and high / 50,
            "evidence": evidence,
            "recommendation": recommendation,
            "reason": reason,
        }
        for campaign, estimator, naive, effect, low, high, evidence, recommendation, reason in (
            ("spring", "randomised", 6.0, 5.0, 2.0, 8.0, "randomised", "works", None),
            ("summer", "matched_did", 40.0, 1.0, -9.0, 11.0, "none", "no_evidence", None),
            ("autumn", "none", None, None, None, None, "none", "cannot_tell", "nothing_to_compare"),
        )
    ]
    base["coupon_funnel"] = [
        {
            "campaign_id": "spring",
            "arm": "A",
            "received_customers": 400,
            "viewed_customers": 300,
            "redeemed_customers": 100,
            "redeemed_unseen_customers": 20,
            "redemptions": 120,
            "redemptions_unseen": 25,
        },
    ]
    base["customer_price_sensitivity"] = [
        {
            **key,
            "markdown_share": 0.5,
            "private_label_share": 0.25,
            "price_index": 0.99,
            "price_sensitivity_band": "high" if stage == "dormant" else "medium",
        }
        for key, stage in zip(keys, stages, strict=True)
    ]
    base["loyalty_tiers"] = [
        {
            **key,
            "tier_by_rule": "gold" if stage == "mature" else "silver",
            "tier_recorded": "silver",
            "tier_agreement": "same",
        }
        for key, stage in zip(keys, stages, strict=True)
    ]
    base["loyalty_tier_effects"] = [
        {
            "criterion": "points",
            "tier": tier,
            "tier_rank": rank,
            "outcome": "net_revenue",
            "effect": effect,
            "effect_low": -5.0 if effect else None,
            "effect_high": 45.0 if effect else None,
            "naive_difference": 900.0,
            "bunching": "no_sign",
            "evidence": "none" if effect else "cannot_tell",
            "effect_reason": None if effect else "nobody_near",
        }
        for tier, rank, effect in (("silver", 2, 20.0), ("gold", 3, None))
    ]
    base["loyalty_join_effects"] = [
        {
            "outcome": "net_revenue",
            "term": "month",
            "months_from_joining": month,
            "estimate": 4.0,
            "interval_low": 1.0,
            "interval_high": 7.0,
        }
        for month in (-2, 1)
    ]
    base["loyalty_profitability"] = [
        {
            "tier_basis": basis,
            "tier": tier,
            "customers": 5,
            "open_members": 5,
            "contribution_365d": Decimal(500),
            "reward_cost_365d": Decimal(20),
            "contribution_after_rewards_each_365d": Decimal(96),
            "naive_difference": 60.0,
            "join_effect": 4.0 if basis == "all" else None,
            "join_effect_low": 1.0 if basis == "all" else None,
            "join_effect_high": 7.0 if basis == "all" else None,
            "join_effect_reason": None if basis == "all" else "tier_follows_spend",
        }
        for basis, tier in (("all", "all_members"), ("recorded", "silver"))
    ]
    base["channel_contribution"] += [
        {
            "channel_id": "mail",
            "order_month": date(2026, 3, 1),
            "attribution_model": model,
            "channel_name": "Mail <b>&\"'",
            "attributed_orders": Decimal("0.5"),
            "net_revenue": Decimal("37.50"),
        }
        for model in ("linear", "a_model_of_tomorrow")
    ] + [
        {
            **base["channel_contribution"][0],
            "attribution_model": "a_model_of_tomorrow",
        }
    ]
    base |= judged_channels() | _channels_compared() | targeted()
    shares = [0.19, 0.17, 0.15, 0.13, 0.11, 0.09, 0.07, 0.05, 0.03, 0.01]
    base["customer_contribution"] = [
        {
            **key,
            "gross_sales": amount * 2,
            "own_discount": amount * Decimal("0.75"),
            "sales_revenue": amount * Decimal("1.25"),
            "returned_amount": amount * Decimal("0.25"),
            "net_revenue": amount,
            "net_revenue_365d": amount,
            "uncosted_net_revenue": Decimal(0),
            "cost_of_goods": amount * Decimal("0.6"),
            "acquisition_cost": Decimal(100) if amount < 200 else Decimal(0),
            "contribution_value": amount * Decimal("0.4") - (100 if amount < 200 else 0),
            "contribution_basis": "some_costs",
            "missing_costs": "contact_cost, service_cost",
        }
        for key, amount in zip(keys, value, strict=True)
    ]
    base["customer_potential"] = [
        {
            **key,
            "reference_level": "household",
            "reference_group": "household_size 2",
            "potential_value": max(1500 - amount, 0),
            "white_space_value": Decimal(7),
        }
        for key, amount in zip(keys, value, strict=True)
    ]
    base["value_deciles"] = [
        {
            "decile": decile,
            "past_start_date": date(2025, 10, 3),
            "next_start_date": date(2026, 1, 1),
            "as_of_date": AS_OF,
            "customers": 20,
            "retained_customers": 19 - decile,
            "left_customers": 1 + decile,
            "retention_rate": (19 - decile) / 20,
            "retention_rate_low": 0.1,
            "retention_rate_high": 0.95,
            "stayed_customers": 5,
            "risen_customers": 0,
            "fallen_customers": 14 - decile,
            "past_revenue": Decimal(1000),
            "next_revenue": Decimal(900),
        }
        for decile in range(1, 11)
    ]
    base["first_purchases"] = [
        {
            "entry_level": level,
            "entry": entry,
            "entry_name": entry,
            "new_customers": 60,
            "mature_customers": 50,
            "is_suppressed": rate is None,
            "repeat_days": 90,
            "repeat_rate": rate,
            "repeat_rate_low": rate and rate - 0.1,
            "repeat_rate_high": rate and rate + 0.1,
            "ever_repeat_rate": rate,
            "ever_repeat_rate_low": rate and rate - 0.1,
            "ever_repeat_rate_high": rate and rate + 0.1,
        }
        for level, entry, rate in (
            ("all", "(all)", 0.5),
            *(("category", f"category {number:02}", number / 20) for number in range(2, 16)),
            ("category", "rarely bought", None),
            ("product", "a product", 0.6),
        )
    ]
    base["value_tenths"] = [
        {
            "measure": measure,
            "tenth": tenth,
            "customers": 2,
            "amount": total * Decimal(str(share)),
            "amount_share": share,
        }
        for measure, total in (
            ("clv_365d", Decimal(10500)),
            ("net_revenue_365d", Decimal(21000)),
        )
        for tenth, share in enumerate(shares, 1)
    ]
    base |= back_test() | moved_revenue() | categories() | profiled() | identified()
    for cell in base["rfm_heatmap"]:
        if cell["snapshot"] == "holdout" and cell["recency_band"] == 5:
            cell |= {"customers": 30, "predicted_customers": 30}
            cell |= {"actual_purchase_rate": 0.9, "predicted_purchase_rate": 0.86}
        if cell["snapshot"] == "holdout":
            cell["mean_prediction_gap"] = 0.04
    base["identified_sales_share"][0]["baskets"] = 2
    base["quarantine_reasons"] = [
        {"table_name": "pos.orders", "rejection_reasons": "future_date", "row_count": 7}
    ]
    base["revenue_reconciliation"] += [
        {
            "step": 71,
            "item": "customer_value and anonymous orders",
            "kind": "reported",
            "net_revenue": Decimal("12.00"),
            "difference": Decimal("-0.50"),
        }
    ]
    return base | _actions()


def categories() -> dict[str, list[dict[str, Any]]]:
    """Three categories, of which two go together and two do not, and a past day of suggestions."""
    return {
        "category_affinity": [
            {
                "category_a": one,
                "category_b": other,
                "baskets": 900,
                "baskets_both": both,
                "compared_baskets": both - 5,
                "expected_baskets": 60.5,
                "confidence_a_to_b": 0.25,
                "confidence_b_to_a": 0.5,
                "lift": 1.25,
                "yules_q": q,
                "z_score": z,
                "q_value": q_value,
                "relation": relation,
            }
            for one, other, both, q, z, q_value, relation in (
                ("面条", "酱料", 120, 0.84, 9.5, 0.0, "complements"),
                ("面条", "<b>米饭", 30, -0.39, -4.2, 0.001, "substitutes"),
                ("米饭", "酱料", 60, 0.01, 0.2, None, "too_few"),
            )
        ],
        "next_category_backtests": [
            {
                "kind": kind,
                "method": method,
                "cut_date": cut,
                "horizon_days": 92 if kind == "new" else None,
                "customers": 20,
                "precision_at_3": precision,
                "precision_at_3_low": precision - 0.05,
                "precision_at_3_high": precision + 0.05,
                "is_used": method in ("recent_frequency", "item_cosine"),
            }
            for cut, less in ((date(2025, 12, 30), 0.0), (date(2025, 9, 29), 0.1))
            for kind, method, precision in (
                ("again", "popularity", 0.286 - less),
                ("again", "recent_frequency", 0.359 - less),
                ("new", "popularity", 0.3 - less),
                ("new", "item_cosine", 0.315 - less),
            )
        ],
        "category_breadth": [
            {
                "customer_id": customer,
                "white_space_1": "酱料",
                "white_space_1_spend": Decimal("12.50"),
                "white_space_2": second,
                "white_space_2_spend": Decimal("2.50") if second else None,
            }
            for customer, second in (("c00", "面条"), ("c01", None))
        ],
    }


def moved_revenue() -> dict[str, list[dict[str, Any]]]:
    """Two months against those before, and a category that lost what another gained."""
    pairs = [
        {
            "period_grain": "month",
            "comparison": "previous",
            "period_start": start,
            "period_last_day": last,
            "base_start": base_start,
            "base_last_day": base_last,
        }
        for start, last, base_start, base_last in (
            (date(2026, 2, 1), date(2026, 2, 28), date(2026, 1, 1), date(2026, 1, 31)),
            (date(2026, 3, 1), date(2026, 3, 31), date(2026, 2, 1), date(2026, 2, 28)),
        )
    ]
    whole_of = {"scope": "all", "scope_value": "(all)"}
    zero = Decimal("0.00")
    return {
        "movement_periods": [
            {
                **pair,
                "is_complete": True,
                "is_left_censored": False,
                "recency_rank": rank,
                "net_revenue": Decimal(1440),
                "net_revenue_base": Decimal(1000),
                "revenue_change": Decimal(440),
                "growth": 0.44,
            }
            for rank, pair in zip((2, 1), pairs, strict=True)
        ]
        + [
            {
                **pairs[1],
                "comparison": "year_ago",
                "base_start": date(2025, 3, 1),
                "base_last_day": date(2025, 3, 31),
                "is_complete": False,
                "incomplete_reason": "base_before_first_sale",
            }
        ],
        "revenue_tree": [
            {
                **pair,
                **whole_of,
                "branch": branch,
                "driver": driver,
                "driver_rank": rank,
                "level": level,
                "level_base": level_base,
                "contribution": contribution,
                "contribution_to_growth": float(contribution) / 1000,
            }
            for pair in pairs
            for rank, (branch, driver, level, level_base, contribution) in enumerate(
                (
                    ("identified", "customers", 120.0, 100.0, Decimal("223.33")),
                    ("identified", "orders_per_customer", 2.0, 2.0, zero),
                    ("identified", "units_per_order", 4.0, 5.0, Decimal("-276.67")),
                    ("identified", "price_per_unit", 1.5, None, Decimal("493.34")),
                    ("given_back", "given_back", 0.0, 0.0, zero),
                ),
                1,
            )
        ],
        "like_for_like": [
            {
                **pairs[1],
                "basis": basis,
                "members": members,
                "growth": growth,
                "revenue_share": share,
            }
            for basis, members, growth, share in (
                ("all", None, 0.44, 1.0),
                ("stores", 0, None, None),
                ("customers", 12, -0.05, 0.7),
            )
        ],
        "category_gain_loss": [
            {
                **pairs[1],
                "is_left_censored": False,
                "category": category,
                "revenue_change": change + switched,
                "new_change": change,
                "returned_change": zero,
                "lost_change": zero,
                "more_change": zero,
                "less_change": zero,
                "switched_in": max(switched, zero),
                "switched_out": min(switched, zero),
                "switched_change": switched,
                "anonymous_change": zero,
            }
            for category, change, switched in (
                ("Tea & <b>herbs", Decimal(480), Decimal(60)),
                ("Milk", Decimal(-40), Decimal(-60)),
                ("(unknown)", zero, zero),
            )
        ],
    }


def identified() -> dict[str, list[dict[str, Any]]]:
    """100 customers are 90 persons in 80 households, who come back more often."""
    edges: list[dict[str, Any]] = [
        {"relation": "person", "rule": rule, "refusal_reason": reason, "is_accepted": not reason}
        for rule, reason, number in (
            ("email", None, 10),
            ("email", "other_name", 1),
            ("phone", "blocklisted", 2),
            ("phone", "other_name", 3),
        )
        for _ in range(number)
    ]
    return {
        "identity_effects": [
            {
                "identity_unit": unit,
                "identity_status": "merged" if merged else "landed",
                "units": 100 - merged,
                "merged_units": merged,
                "buyers": 50,
                "repeat_buyers": 20 + merged // 10,
                "repeat_rate": (20 + merged // 10) / 50,
                "net_revenue_per_buyer": Decimal(400 + merged),
                "active_units": 40,
                "units_change": -merged,
            }
            for unit, merged in (("customer", 0), ("person", 10), ("household", 20))
        ],
        "identity_edges": [
            edge | {"customer_id": f"e{number}", "earlier_customer_id": "e"}
            for number, edge in enumerate(edges)
        ],
    }


def profiled() -> dict[str, list[dict[str, Any]]]:
    """A hundred customers by age and city, of thirty of whom no age is known; and what they do."""

    def group(
        of: tuple[str, str, int], customers: int, spend: int, *, apart: bool | None = None
    ) -> dict[str, Any]:
        attribute, value, order = of
        return {
            "attribute": attribute,
            "value": value,
            "value_name": value,
            "value_order": order,
            "window_days": 365,
            "customers": customers,
            "customer_share": customers / 100,
            "known_share": None if value == "unknown" else customers / 70,
            "active_customers": customers // 2,
            "recent_orders": customers,
            "recent_net_revenue": Decimal(customers // 2 * spend),
            "spend_per_active_customer": Decimal(spend),
            "spend_per_active_customer_low": None if apart is None else Decimal(spend - 9),
            "spend_per_active_customer_high": None if apart is None else Decimal(spend + 9),
            "spend_index": spend / 80,
            "is_spend_apart": apart,
            "orders_per_active_customer": 2.0,
            "categories_per_active_customer": 7.5,
        }

    kinds = {"visits": 3, "messages_sent": 2, "actions": 3, "window_days": 90}
    return {
        "customer_base_profile": [
            group(("age_band", "18-24", 1), 44, 120, apart=True),
            group(("age_band", "25-34", 2), 14, 110, apart=True),
            group(("age_band", "suppressed", 3), 12, 20, apart=True),
            group(("age_band", "unknown", 4), 30, 70),
            *(group(("city", f"City {n}", n), 4, 80, apart=False) for n in range(1, 16)),
            group(("city", "unknown", 16), 40, 80),
            group(("gender", "unknown", 1), 100, 80),
        ],
        "customer_record_completeness": [
            {
                "attribute": attribute,
                "customers": 100,
                "filled_customers": filled,
                "valid_customers": valid,
                "invalid_customers": filled - valid,
                "filled_share": filled / 100,
                "valid_share": valid / 100,
                "median_age_days": age,
            }
            for attribute, filled, valid, age in (
                ("age_band", 75, 70, 400),
                ("city", 60, 60, None),
                ("gender", 0, 0, None),
                ("email", 50, 49, None),
            )
        ],
        "customer_engagement": [
            {
                "customer_id": f"c{number:02}",
                **{name: amount if number < 15 else 0 for name, amount in kinds.items()},
                "window_days": 90,
                "recent_actions": 3 if number < 5 else 0,
                "earlier_actions": 1 if number < 10 else 0,
                "engagement_trend": "rising"
                if number < 5
                else "stopped"
                if number < 10
                else "none",
                "engagement_trend_status": "compared",
            }
            for number in range(20)
        ],
    }


def reasons_for_leaving() -> dict[str, list[dict[str, Any]]]:
    """Of ten who left five said why and two waited for a delivery; whom to ask back."""
    period = {
        "period_grain": "all",
        "period_start": date(2025, 1, 1),
        "departed_customers": 10,
        "known_customers": 7,
        "stated_customers": 5,
    }
    competitor = {
        "category_share_of_stated": 0.8,
        "category_share_estimated": 0.6,
        "category_share_estimated_low": 0.31,
        "category_share_estimated_high": 0.89,
        "category_share_if_none_unknown": 0.4,
        "category_share_if_all_unknown": 0.7,
    }
    service = {
        "category_share_of_stated": 0.2,
        "category_share_estimated": 0.4,
        "category_share_estimated_low": 0.11,
        "category_share_estimated_high": 0.69,
        "category_share_if_none_unknown": 0.3,
        "category_share_if_all_unknown": 0.6,
    }
    month = {
        "month_end": date(2025, 12, 31),
        "horizon_days": 90,
        "is_mature": True,
        "churn_rate_low": 0.05,
        "churn_rate_high": 0.25,
    }
    candidate = {"win_back_action": "match_offer", "is_held_back": False}
    return {
        "churn_reasons": [
            {
                **period,
                "reason_category": category,
                "sub_reason": sub_reason,
                "reason_basis": basis,
                "customers": customers,
                "revenue_lost": revenue,
                **shares,
            }
            for category, sub_reason, basis, customers, revenue, shares in (
                ("competitor", "competitor_price", "stated", 4, 900, competitor),
                ("service", "attitude", "stated", 1, 50, service),
                ("service", "late_delivery", "inferred", 2, None, service),
                ("unknown", "unknown", "unknown", 3, 300, {}),
            )
        ],
        "leaving_experiences": [
            {
                "experience": experience,
                "left_with": 5,
                "left_rate": 0.5,
                "expected_rate": expected,
                "experience_ratio": 0.5 / expected,
                "experience_ratio_low": 0.25 / expected,
                "experience_ratio_high": 1 / expected,
                "excess_share": 1 - expected / 0.5,
                "experience_finding": finding,
            }
            for experience, expected, finding in (
                ("price_rise", 0.5, "no_reason"),
                ("late_delivery", 0.1, "reason"),
            )
        ]
        # Of customers who all left nobody stayed to compare them with.
        + [
            {
                "experience": "returned_goods",
                "left_with": 4,
                "left_rate": 0.4,
                "experience_finding": "cannot_tell",
            }
        ],
        "retention_rates": [
            {
                **month,
                "retention_dimension": dimension,
                "retention_value": value,
                "customers": customers,
                "churn_rate": rate,
            }
            for dimension, value, customers, rate in (
                ("all", "(all)", 100, 0.1),
                ("channel", "web", 40, 0.2),
                ("lifecycle_stage", "declining", 29, 0.9),
            )
        ],
        "churn_timing": [
            {
                "timing_dimension": "weekday",
                "timing_value": "saturday",
                "sort_order": 6,
                "last_visits": 5,
                "last_visit_share": 0.5,
                "visit_share": 0.25,
                "timing_finding": "more_often",
            }
        ],
        "win_back_candidates": [
            {**candidate, "customer_id": "c1", "expected_value": 70},
            {**candidate, "customer_id": "c2", "expected_value": 20, "is_held_back": True},
            {
                "customer_id": "c3",
                "win_back_action": "call_back",
                "exclusion_reason": "no_consent",
                "expected_value": 500,
            },
        ],
    }


def targeted() -> dict[str, list[dict[str, Any]]]:
    """A month of which ten days have passed: a target out of reach, a rate, and none agreed."""
    row = {
        "period_grain": "month",
        "period_start": date(2026, 3, 1),
        "period_end": date(2026, 3, 31),
        "period": "2026-03",
        "as_of_date": AS_OF,
        "is_over": False,
    }
    last = {**row, "period_start": date(2026, 2, 1), "period_end": date(2026, 2, 28)}
    return {
        "kpi_targets": [
            {
                **row,
                "kpi": "net_revenue",
                "unit": "money",
                "owner": "Ann",
                "target": 1_000,
                "actual": 300.0,
                "gap": -700.0,
                "pace": 0.4,
                "projected_end": 750.0,
                "projected_lower": 700.0,
                "projected_upper": 800.0,
                "target_status": "behind",
            },
            {
                **row,
                "kpi": "repeat_rate",
                "unit": "share",
                "actual": 0.4,
                "projected_end": 0.4,
                "target_status": "no_target",
                "status_reason": "few_past_periods",
            },
            {
                **last,
                "kpi": "repeat_rate",
                "unit": "share",
                "is_over": True,
                "actual": 0.5,
                "target_status": "no_target",
            },
            {**row, "kpi": "nps", "target_status": "no_target", "status_reason": "not_measured"},
        ]
    }


def judged_channels() -> dict[str, list[dict[str, Any]]]:
    """Two shops and a mailing: one goal missed, one fit, switches, and a funnel."""
    channels = {"shop": "sales", "web": "sales", "mail": "marketing"}
    names = {"shop": "Shop", "web": "Web", "mail": "Mail"}
    goals = (
        ("shop", "net_revenue", 1, 120_000.0, None, "no_goal", "recorded"),
        ("shop", "churn_rate", 14, 0.05, 0.1, "met", None),
        ("web", "churn_rate", 14, 0.2, 0.1, "missed", None),
        ("mail", "cost_per_order", 9, 1.5, 2.0, "met", "incremental"),
        ("mail", "ltv_to_cac", 10, 8.0, 3.0, "not_proven", "descriptive"),
        ("mail", "roi_margin", 9, None, 0.0, "held", "calibrated"),
        ("mail", "payback_months", 8, None, 12.0, "not_known", "descriptive"),
    )
    weights = (("shop", 0.9, 1, 0.1), ("web", 0.2, 2, 0.3), ("mail", None, None, 1.0))
    fits = (
        ("shop", "mature", 0.71, "recommended", "preferred"),
        ("web", "mature", 0.5, "possible", "like_others"),
        ("web", "lost", 0.31, "avoided", "too_costly"),
    )
    return {
        "channel_goal_status": [
            {
                "channel_id": channel,
                "channel_name": names[channel],
                "channel_type": channels[channel],
                "period_grain": "twelve_months",
                "period_start": date(2025, 4, 1),
                "is_complete": True,
                "kpi": kpi,
                "kpi_rank": rank,
                "better": "higher",
                "credit_basis": basis,
                "kpi_value": value,
                "goal": goal,
                "goal_status": status,
            }
            for channel, kpi, rank, value, goal, status, basis in goals
        ],
        "channel_weights": [
            {
                "channel_id": channel,
                "channel_name": names[channel],
                "channel_type": channels[channel],
                "criterion": "churn_rate",
                "channel_score": score,
                "channel_rank": place,
                "unknown_weight": unknown,
            }
            for channel, score, place, unknown in weights
        ],
        "channel_segment_fit": [
            {
                "channel_id": channel,
                "channel_name": names[channel],
                "channel_type": channels[channel],
                "segment_kind": "lifecycle_stage",
                "segment": segment,
                "fit_score": score,
                "recommendation": recommendation,
                "reason": reason,
            }
            for channel, segment, score, recommendation, reason in fits
        ],
        "channel_integration": [
            {
                "channel_id": channel,
                "channel_name": name,
                "customers": customers,
                "multi_channel_customers": 5,
                "multi_channel_share": 5 / customers,
                "switch_share": 0.4,
                "profile_similarity": likeness,
            }
            for channel, name, customers, likeness in (
                ("(all)", "All", 20, 0.8),
                ("shop", "Shop", 15, 0.8),
                ("web", "Web", 10, None),
            )
        ],
        "acquisition_funnel": [
            {
                "channel_id": "mail",
                "channel_name": "Mail",
                "cohort_month": date(2026, 1, 1),
                "aware_customers": 10,
                "registered_customers": 8,
                "first_purchase_customers": 6,
                "second_purchase_customers": 3,
                "prospects": 4,
                "earlier_prospects": 2,
                "first_purchase_due": 8,
                "first_purchase_reached": 5,
                "second_purchase_due": 5,
                "second_purchase_reached": 3,
            }
        ],
    }


def back_test() -> dict[str, list[dict[str, Any]]]:
    """Two cutoffs of the horizon of churn and a later one of a shorter horizon, and drift."""
    test = {"cutoff_date": date(2025, 12, 31), "horizon_days": 90, "as_of_date": AS_OF}
    earlier = {**test, "cutoff_date": date(2025, 12, 8)}
    shorter = {**test, "cutoff_date": date(2026, 2, 28), "horizon_days": 30}
    champion = {"churn": "blend", "purchases": "blend", "spend": "btyd"}
    results = [
        {**at, "task": task, "model": model, "metric": metric, "slice": part, "value": value}
        for at, task, model, metric, part, value in (
            (test, "churn", "blend", "auc", "all", 0.813),
            (test, "churn", "btyd", "auc", "all", 0.79),
            (test, "churn", "naive", "auc", "all", 0.75),
            (test, "churn", "trees", "auc", "all", 0.987),
            (test, "churn", "blend", "calibration_error", "all", 0.021),
            (test, "churn", "naive", "calibration_error", "all", 0.011),
            (test, "churn", "blend", "calibration_error", "active_last_90_days", 0.99),
            (shorter, "churn", "blend", "calibration_error", "all", 0.98),
            (earlier, "churn", "blend", "calibration_error", "all", 0.97),
            (test, "purchases", "blend", "interval_coverage", "all", 0.77),
            (test, "spend", "btyd", "bias", "all", None),
            (test, "purchases", "blend", "loss", "all", 0.33),
            (earlier, "purchases", "blend", "loss", "all", 0.31),
            (earlier, "purchases", "naive", "loss", "all", 0.36),
            (earlier, "spend", "btyd", "loss", "all", 0.4),
        )
    ]
    for row in results:
        row["is_champion"] = champion[row["task"]] == row["model"]
        row["customers"] = 20
        row["better"] = {"auc": "high", "interval_coverage": None, "bias": "zero"}.get(
            row["metric"], "low"
        )
    results[0] |= {"value_low": 0.781, "value_high": 0.842, "beats_naive": True}
    results[4] |= {"beats_naive": False}
    moved = {"as_of_date": AS_OF, "reference_cutoff_date": date(2025, 12, 31)}
    return {
        "model_backtests": results,
        "model_calibration": [
            {
                **test,
                "task": task,
                "model": model,
                "is_champion": champion[task] == model,
                "bin": tenth,
                "customers": 2,
                "predicted_mean": tenth / 20 * scale,
                "actual_mean": tenth / 25 * scale,
                "actual_low": tenth / 30 if task == "churn" else None,
                "actual_high": tenth / 20 if task == "churn" else None,
            }
            for task, model, scale in (
                ("churn", "blend", 1),
                ("churn", "btyd", 1),
                ("purchases", "blend", 0),
                ("spend", "btyd", 1000),
            )
            for tenth in range(1, 11)
        ],
        "model_runs": [
            {
                "as_of_date": AS_OF,
                "horizon_days": days,
                "task": task,
                "model": model,
                "is_champion": model == champion[task],
                "status": "fitted",
                "reason": f"chosen for {task}" if model == champion[task] else None,
                "customers": 20,
                "fit_from": date(2026, 1, 1),
                "fit_through": date(2026, 3, 31),
            }
            for task in champion
            for days in (30, 90)
            for model in ("blend", "btyd", "naive")
        ],
        "score_drift": [
            {
                **moved,
                "kind": "input",
                "variable": variable,
                "psi": psi,
                "drift_status": status,
            }
            for variable, psi, status in (
                ("hiatus", 0.31, "shifted"),
                ("mean_amount", 0.02, "stable"),
                ("age_days", None, "not_compared"),
            )
        ],
        "champion_drift": [
            {
                "as_of_date": AS_OF,
                "horizon_days": 90,
                "task": "purchases",
                "model": "blend",
                "past_windows": 1,
                "loss_ratio": 1.065,
                "drift_status": "stable",
            }
        ],
    }


def _keys_of_sections() -> list[str]:
    with TemporaryDirectory() as folder:
        path = marts_file(Path(folder) / "lifecycle.duckdb", {})
        with duckdb.connect(path, read_only=True) as connection:
            marts = Marts(connection)
            return [build(marts).key for _, builders in GROUPS for build in builders]


SECTIONS = _keys_of_sections()


def rendered(tmp_path: Path, rows: Rows, language: str = "en") -> Page:
    tmp_path.mkdir(exist_ok=True)
    database = marts_file(tmp_path / "lifecycle.duckdb", rows)
    page = Page(render_report(database, tmp_path / "report" / "index.html", languages=[language]))
    assert list(page.sections) == SECTIONS
    # In order to be opened without a network and to be mailed: nothing fetched, nothing run.
    assert not {"script", "link", "img", "iframe", "object", "embed", "image"} & set(page.tags)
    assert not re.search(r"https?:|//[a-z]|@import|@font-face|url\((?!#)", page.html)
    for label in ("None", "nan", "NaN", "undefined", "Infinity"):
        assert not re.search(rf"\b{label}\b", page.html)
    return page


def without_sales() -> dict[str, list[dict[str, Any]]]:
    """A loyalty programme: members whom nobody has seen buy."""
    base = one_customer()
    member = {"customer_id": "c1", "as_of_date": AS_OF}
    return {
        "customer_value": [{**member, "score_status": "not_scored", "value_tier": "not_scored"}],
        "customer_churn": [{**member, "score_status": "not_scored", "score_reason": "no_purchase"}],
        "customer_lifecycle": [{**member, "lifecycle_stage": "prospect"}],
        "customer_rfm": [{**base["customer_rfm"][0], "segment": "prospects"}],
        "landing_reconciliation": [
            {**base["landing_reconciliation"][0], "table_name": "loyalty.accounts"}
        ],
        "revenue_reconciliation": [
            {**base["revenue_reconciliation"][0], "net_revenue": 0, "difference": 0}
        ],
    }
