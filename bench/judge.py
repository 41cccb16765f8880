"""What published marts say of made-up retailers, beside the truth in the same homes.

    python bench/judge.py HOME [HOME ...]

A home is one in which ``lifecycle run --world`` has ended (docs/world.md). Prints a row per
figure with its bar, the value of each home and the median. Truth is of the day after the world's
last; where a home was run as of an earlier day, what came after is counted in its landing, and
figures that need the truth of that day are left out. So intervals of forecasts are judged in a
home of their own, as of 90 days before the end:

    lifecycle --home HOME run --world --customers 3000 --from 2016-01-01 --to 2017-12-31 \\
        --as-of 2017-10-03
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path

from judged import (
    actions,
    baskets,
    campaigns,
    channels,
    identity,
    lifecycle,
    mix,
    points,
    price,
    reasons,
    segments,
    service,
    tiers,
    value,
)
from judged.home import Figures, Judged

ALWAYS: tuple[Callable[[Judged], Figures], ...] = (
    segments.clusters,
    price.elasticities,
    campaigns.effects,
    baskets.suggestions,
    mix.budgets,
    points.identity,
    identity.persons,
    service.satisfaction,
)
AT_THE_END: tuple[Callable[[Judged], Figures], ...] = (
    value.potential,
    channels.contributions,
    lifecycle.lost,
    points.redemption,
    reasons.shares,
    value.forecasts,
    tiers.tiers,
    actions.actions,
)
BEFORE_THE_END: tuple[Callable[[Judged], Figures], ...] = (value.coverage,)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("homes", type=Path, nargs="+", metavar="HOME")
    bars: dict[str, str] = {}
    values: dict[str, list[float]] = {}
    for home in parser.parse_args().homes:
        judged = Judged(home)
        for of in (*ALWAYS, *(AT_THE_END if judged.is_at_the_end else BEFORE_THE_END)):
            for name, bar, figure in of(judged):
                bars[name] = bar
                values.setdefault(name, []).append(figure)
    for name, found in values.items():
        each = " ".join(f"{figure:9.3f}" for figure in found)
        print(f"{name:<50}{bars[name]:>9}{statistics.median(found):9.3f}   {each}")


if __name__ == "__main__":
    main()
