import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from orchestration.cli import main

PATHS = "path,conversions,value,nulls\na > b,3,30,2\nb>c > a ,2,20,2\n b,2,20,3\nc,1,,6\na,1,10,4\n"


def attribute(file: Path, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["attribute", str(file), *options], terminal_width=200)
    return done.exit_code, done.output


def written(tmp_path: Path, content: str, name: str = "paths.csv") -> Path:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    return file


def test_paths_of_a_file_are_shared_out(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    code, text = attribute(written(tmp_path, PATHS), "--json", str(out))
    assert code == 0, text
    assert "5 paths, 9 conversions, 17 without one (34.62% convert)" in text
    found = json.loads(out.read_text())
    assert found["conversion_rate"] == pytest.approx(9 / 26, abs=1e-9)
    assert found["removal_strategy"] == "redirect_to_null"
    assert list(found["channels"]) == ["a", "b", "c"]
    assert found["channels"]["a"]["conversions"]["first_touch"] == 4
    assert found["channels"]["a"]["conversions"]["last_touch"] == 3
    assert found["channels"]["a"]["conversions"]["shapley_subset"] == pytest.approx(
        1 + 3 / 2 + 2 / 3, abs=1e-9
    )
    for model in found["channels"]["a"]["value"]:
        total = sum(channel["value"][model] for channel in found["channels"].values())
        assert total == pytest.approx(80, abs=1e-6), model
    ways = {(way["from"], way["to"]): way["probability"] for way in found["transitions"]}
    assert ways["(start)", "a"] == pytest.approx(10 / 26, abs=1e-9)
    assert ways["b", "c"] == pytest.approx(4 / 14, abs=1e-9)
    assert ways["b", "(null)"] == pytest.approx(5 / 14, abs=1e-9)


def test_parquet_and_higher_orders_say_the_same_of_the_whole(tmp_path: Path) -> None:
    file = tmp_path / "paths.parquet"
    csv = written(tmp_path, PATHS)
    pd.read_csv(csv).astype({"conversions": float}).to_parquet(file)
    found = []
    for source, order in ((csv, "3"), (file, "3")):
        out = tmp_path / "out.json"
        assert attribute(source, "--order", order, "--json", str(out))[0] == 0
        found.append(json.loads(out.read_text()))
    assert found[0] == found[1]
    assert sum(c["share"] for c in found[0]["channels"].values()) == pytest.approx(1, abs=1e-6)
    assert {"b > c > a", "b > c"} <= {way["from"] for way in found[0]["transitions"]}


def test_without_nulls_the_result_is_defined_and_told_to_mean_little(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    file = written(tmp_path, "path,conversions\na > b,3\nb,1\n")
    code, text = attribute(file, "--json", str(out))
    assert code == 0
    assert "every journey converts" in " ".join(text.split())
    found = json.loads(out.read_text())
    assert found["channels"]["a"]["removal_effect"] == pytest.approx(3 / 4, abs=1e-9)
    assert found["channels"]["b"]["removal_effect"] == pytest.approx(1, abs=1e-9)
    assert found["value"] is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("path,nulls\na,1\n", ["conversions: expected a column", "only the columns path, nulls"]),
        (
            "path,conversions\na > b,1\n,2\n,3\n",
            ["path: expected at least one channel, found an empty path in 2 of 3 rows"],
        ),
        (
            "path,conversions\na > b,1\na > > b,2\n",
            ["found a channel without a name in 1 of 2 rows, first in row 2: 'a > > b'"],
        ),
        ("path,conversions\na > b,1\na >,2\n", ["a channel without a name", "row 2: 'a >'"]),
        (
            "path,conversions\na > b,1\na,-2\n",
            ["conversions: expected a count, found a negative number in 1 of 2 rows", "'-2.0'"],
        ),
        (
            "path,conversions,nulls\na > b,1,2\na,2,2.5\n",
            ["nulls: expected a count, found a fraction in 1 of 2 rows, first in row 2: '2.5'"],
        ),
        ("path,conversions\na > b,1\na,\n", ["conversions: expected a count, found nothing"]),
        ("path,conversions\na > b,x\n", ["conversions", "in 1 of 1 rows, first in row 1: 'x'"]),
        (
            "path,conversions,nulls\na > b,0,4\nb,0,1\n",
            ["conversions: expected at least one conversion, found none in all 2 rows"],
        ),
        (
            "path,conversions,nulls\na > a,1,4\na,0,1\n",
            ["path: expected at least two channels to tell apart, found 'a' alone in all 2 rows"],
        ),
        ("path,conversions\n", ["found none in all 0 rows"]),
    ],
)
def test_what_cannot_be_counted_is_named(tmp_path: Path, content: str, told: list[str]) -> None:
    code, text = attribute(written(tmp_path, content))
    assert code == 1
    assert "paths.csv cannot be counted" in text
    for part in told:
        assert part in text
