"""Suggested categories against what was bought next."""

from __future__ import annotations

from judged.home import Figures, Judged


def suggestions(judged: Judged) -> Figures:
    """Next categories on the newest past day."""
    for kind, method, times in judged.rows("""
        select kind, method, times_popularity from next_category_backtests
        where is_used and cut_date = (select max(cut_date) from next_category_backtests)
        order by kind
    """):
        yield f"next category, {kind} ({method}): times popularity", "", float(str(times))
