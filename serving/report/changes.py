"""How key figures have moved since last month and last year: whole months only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from serving.language import say
from serving.report.formats import MISSING, short_month
from serving.report.marts import Marts

Series = Mapping[date, Any]


class Changes:
    """Month by month, what the marts hold of it, by the first day of a month that is over."""

    def __init__(self, marts: Marts, as_of: date | None) -> None:
        """Read the months that ended before ``as_of``."""
        has_months = marts.has("monthly_revenue")
        self._months = (
            {
                row["order_month"]: row
                for row in marts.rows(
                    "select order_month, valid_orders, net_revenue, identified_net_revenue "
                    "from marts.monthly_revenue where is_complete"
                )
            }
            if has_months
            else {}
        )
        self._active = {
            row["period_start"]: row["active_customers"]
            for row in marts.rows(
                "select period_start, active_customers from marts.lifecycle_periods "
                "where period_grain = 'month' and is_complete"
            )
            # The data may begin within the first month in which somebody bought.
            if not has_months or row["period_start"] in self._months
        }
        self._known = {
            row["month_end"].replace(day=1): row["customers"]
            for row in marts.rows(
                "select month_end, count(*) as customers from marts.customer_lifecycle_history "
                "group by month_end"
            )
            if as_of
            and (row["month_end"] + timedelta(days=1)).day == 1
            and row["month_end"] < as_of
        }

    def customers(self) -> list[str]:
        """Of the customers known at the end of a month."""
        return _told(self._known, _relative)

    def active(self) -> list[str]:
        """Of the customers who bought in a month."""
        return _told(self._active, _relative)

    def revenue(self) -> list[str]:
        """Of the net revenue of a month."""
        return _told(self._series("net_revenue"), _relative)

    def orders(self) -> list[str]:
        """Of the valid orders of a month."""
        return _told(self._series("valid_orders"), _relative)

    def identified(self) -> list[str]:
        """Of the share of known customers in the net revenue of a month."""
        return _told(
            {
                start: float(row["identified_net_revenue"]) / float(row["net_revenue"])
                for start, row in self._months.items()
                if row["net_revenue"]
            },
            _points,
        )

    def scores(self) -> list[str]:
        """Of what scores say, which are not kept month by month."""
        return [say("{} no comparison: scores are not kept by month", MISSING)]

    def _series(self, column: str) -> Series:
        return {start: row[column] for start, row in self._months.items()}


def _told(series: Series, change: Any) -> list[str]:
    if not series:
        return [say("{} no comparison: no whole month yet", MISSING)]
    last = max(series)
    before = (last - timedelta(days=1)).replace(day=1)
    told = []
    for now, then in (
        (say("{}: ", short_month(last)), before),
        ("", last.replace(year=last.year - 1)),
    ):
        if then in series:
            moved = change(series[last], series[then])
            why = "" if moved else say(", nothing then")
        elif then < min(series):
            moved, why = MISSING, say(", before the data begin")
        else:
            moved, why = MISSING, say(", which is not known")
        told.append(now + say("{} on {}", moved or MISSING, short_month(then)) + why)
    return told


def _relative(now: Any, then: Any) -> str:
    """In percent; empty where there was nothing."""
    if then <= 0:
        return ""
    return _signed(100 * (float(now) / float(then) - 1)) + "%"


def _points(now: float, then: float) -> str:
    return say("{} percentage points", _signed(100 * (now - then)))


def _signed(value: float) -> str:
    text = f"{value:+,.1f}".replace("-", "−")
    return "±0.0" if text in ("+0.0", "−0.0") else text
