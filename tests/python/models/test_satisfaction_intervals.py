"""The macros of net promoter scores: published values, and intervals that cover the truth."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
from jinja2 import Environment

MACROS = Path(__file__).parents[3] / "macros"


def _module() -> object:
    text = "".join(
        (MACROS / f"{name}.sql").read_text(encoding="utf-8").split("{#- Sums over questions")[0]
        for name in ("wilson_bound", "satisfaction")
    )
    # Of the years only dbt knows how.
    start, end = text.index("{#- Years back"), text.index("{#- Net promoter score")
    return Environment(autoescape=False).from_string(text[:start] + text[end:]).module


MODULE = _module()


def bounds(promoters: np.ndarray, detractors: np.ndarray, count: int) -> np.ndarray:
    """Score and interval of each draw, by the macros in DuckDB."""
    connection = duckdb.connect()
    connection.execute("create table draws (number int, p double, d double)")
    connection.executemany(
        "insert into draws values (?, ?, ?)",
        list(zip(range(len(promoters)), promoters / count, detractors / count, strict=True)),
    )
    score = MODULE.nps("p", "d")  # type: ignore[attr-defined]
    low, high = (MODULE.nps_bound("p", "d", str(count), side) for side in "-+")  # type: ignore[attr-defined]
    found = connection.execute(f"select {score}, {low}, {high} from draws order by number")
    return np.array(found.fetchall(), dtype=float)


def test_a_score_and_its_margin_are_those_of_the_books() -> None:
    """60 promoters, 25 passives, 15 detractors of 100: 45, variance .5475, margin 14.50."""
    score, low, high = bounds(np.array([60]), np.array([15]), 100)[0]
    assert score == pytest.approx(45)
    assert (high - low) / 2 == pytest.approx(100 * 1.959964 * np.sqrt(0.5475 / 100), abs=1e-4)


def test_all_alike_is_not_certainty() -> None:
    for promoters, detractors, score in ((30, 0, 100), (0, 30, -100), (0, 0, 0)):
        found = bounds(np.array([promoters]), np.array([detractors]), 30)[0]
        assert found[0] == score
        assert found[2] - found[1] > 20
        assert -100 <= found[1] <= score <= found[2] <= 100


@pytest.mark.parametrize("truth", [(0.6, 0.15), (0.3, 0.3), (0.85, 0.05)])
def test_intervals_of_the_least_number_of_answers_cover_the_truth(
    truth: tuple[float, float],
) -> None:
    p, d = truth
    drawn = np.random.default_rng(11).multinomial(30, [p, d, 1 - p - d], size=2000)
    found = bounds(drawn[:, 0], drawn[:, 1], 30)
    covered = (found[:, 1] <= 100 * (p - d)) & (100 * (p - d) <= found[:, 2])
    assert 0.89 <= covered.mean() <= 0.98
