"""Satisfaction against what was thought, by those who were asked and those who were not."""

from __future__ import annotations

from judged.home import Figures, Judged


def satisfaction(judged: Judged) -> Figures:
    """The order of the drivers, and what the whole base would recommend."""
    ranked = [
        name
        for (name,) in judged.rows("""
            select dimension from satisfaction_drivers
            where importance_rank is not null order by importance_rank
        """)
    ]
    truth = [
        name
        for (name,) in judged.rows(f"""
            select dimension from {judged.truth("dimensions")}
            order by overall_weight desc
        """)
    ]
    wrong = sum(
        ranked.index(first) > ranked.index(second)
        for place, first in enumerate(truth)
        for second in truth[place + 1 :]
        if first in ranked and second in ranked
    )
    yield "satisfaction drivers: ranked", "", float(len(ranked))
    yield "satisfaction drivers: pairs in the wrong order", "0", float(wrong)
    ((weighted, naive, base),) = judged.rows(f"""
        select nps_weighted, nps, (
            select 100.0 * avg(case when score >= 9 then 1 when score <= 6 then -1 else 0 end)
            from {judged.truth("recommendation")} where is_there
        )
        from satisfaction_by_group where survey_type = 'nps' and group_kind = 'all'
    """)
    if weighted is None or naive is None or base is None:
        # Too few answered for it to be told.
        return
    weighted, naive, base = (float(str(value)) for value in (weighted, naive, base))
    yield "NPS of the base: weighted, error in points", "<= 2", abs(weighted - base)
    yield "NPS of the base: as answered, error in points", "", abs(naive - base)
