"""What published marts say of made-up retailers, beside the truth in the same homes.

    python bench/judge.py HOME [HOME ...]

A home is one in which ``lifecycle run --world`` has ended (docs/world.md). Prints a row per
figure with its bar, the value of each home and the median. Truth is of the day after the world's
last; where a home was run as of an earlier day, what came after is counted in its landing, and
figures that need the truth of that day are left out.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path

from judged import baskets, campaigns, lifecycle, price, segments, value
from judged.home import Figures, Judged

ALWAYS: tuple[Callable[[Judged], Figures], ...] = (
    segments.clusters,
    price.elasticities,
    campaigns.effects,
    baskets.suggestions,
)
AT_THE_END: tuple[Callable[[Judged], Figures], ...] = (
    value.potential,
    lifecycle.lost,
    value.forecasts,
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
