"""How key figures have moved since last month and last year: whole months only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from serving.language import say
from serving.report.formats import MISSING, short_month, with_minus
from serving.report.marts import Marts, Record


class Changes:
    """Month by month, what the marts hold of it, by figure and by the first day of the month."""

    def __init__(self, marts: Marts) -> None:
        """Read the months that are over."""
        self._figures: dict[str, dict[date, Record]] = {}
        if marts.has("monthly_changes"):
            for row in marts.rows("select * from marts.monthly_changes order by month_start"):
                self._figures.setdefault(row["figure"], {})[row["month_start"]] = row

    def of(self, figure: str) -> list[str]:
        """Of a figure of ``monthly_changes``, against the month and the year before."""
        months = self._figures.get(figure)
        if not months:
            return [say("{} no comparison: no whole month yet", MISSING)]
        last = max(months)
        before = (last - timedelta(days=1)).replace(day=1)
        written = _points if figure.endswith("_share") else _relative
        told = []
        for now, then, step in (
            (say("{}: ", short_month(last)), before, "month"),
            ("", last.replace(year=last.year - 1), "year"),
        ):
            moved, why = _moved(months[last], step, written), ""
            if months[last][f"amount_{step}_before"] is None:
                why = (
                    say(", before the data begin")
                    if then < min(months)
                    else say(", which is not known")
                )
            elif moved == MISSING:
                why = say(", nothing then")
            told.append(now + say("{} on {}", moved, short_month(then)) + why)
        return told

    def scores(self) -> list[str]:
        """Of what scores say, which are not kept month by month."""
        return [say("{} no comparison: scores are not kept by month", MISSING)]


def _moved(row: Record, step: str, written: Callable[[float], str]) -> str:
    change = row[f"change_{step}"]
    return MISSING if change is None else written(change)


def _relative(change: float) -> str:
    return _signed(100 * change) + "%"


def _points(change: float) -> str:
    return say("{} percentage points", _signed(100 * change))


def _signed(value: float) -> str:
    text = with_minus(f"{value:+,.1f}")
    return "±0.0" if text in ("+0.0", "−0.0") else text
