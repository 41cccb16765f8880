"""What a statement takes is told of whoever ran meanwhile, and of nobody else."""

from pathlib import Path

import duckdb

from orchestration.meter import Usage, metered

SORTED = "create table t as select md5(i::varchar) as h from range(3000000) as r (i) order by h"


def test_a_sort_takes_memory_and_spills_what_does_not_fit(tmp_path: Path) -> None:
    spill = str(tmp_path / "spill")
    with (
        duckdb.connect(
            tmp_path / "file.duckdb", config={"memory_limit": "100MB", "temp_directory": spill}
        ) as opened,
        metered(opened.cursor) as meter,
    ):
        meter.begin("sort")
        opened.execute(SORTED)
        sort = meter.end("sort")
        meter.begin("nothing")
        nothing = meter.end("nothing")
    assert sort is not None
    assert 10e6 < sort.memory_bytes < 110e6
    assert sort.spilled_bytes > 10e6
    assert nothing is None


def test_the_most_of_several_looks_counts_and_a_closed_database_does_no_harm(
    tmp_path: Path,
) -> None:
    connection = duckdb.connect(tmp_path / "file.duckdb")
    connection.close()
    with metered(connection.cursor) as meter:
        meter.begin("a")
        meter.note(Usage(5, 1))
        meter.begin("b")
        meter.note(Usage(3, 2))
    assert (meter.end("a"), meter.end("b")) == (Usage(5, 2), Usage(3, 2))
