"""The landing in a PostgreSQL server: every row, with the file and place that it landed in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from bench.postgres_server import programs, serve
from landing.contract import TABLES
from landing.postgres import load_landing
from landing.world.land import land_world
from landing.world.spec import World


def test_every_row_is_loaded_with_its_batch_and_place(tmp_path: Path) -> None:
    bin_dir = programs()
    if bin_dir is None:
        pytest.skip("PostgreSQL's programs are not installed (Debian: apt-get install postgresql)")
    landing = tmp_path / "landing"
    land_world(landing, World(60, date(2016, 1, 1), date(2016, 3, 31), seed=1), tmp_path / "truth")
    with serve(bin_dir) as server:
        uri = f"postgresql://postgres:{server.password}@127.0.0.1:{server.port}/postgres"
        with pytest.raises(FileNotFoundError, match="nothing has landed"):
            load_landing(tmp_path, uri)
        load_landing(landing, uri)
        rows = load_landing(landing, uri)
        lines = "from pos.order_lines"
        batches = server.psql(
            f"select landed_batch, count(*), max(landed_row_number) {lines} group by 1 order by 1"
        )
        amounts = server.psql(f"select sum(net_revenue), count(distinct order_line_id) {lines}")
        nothing = server.psql("select count(*) from service.surveys where landed_batch is null")
    files = f"read_parquet('{landing}/pos/order_lines/*.parquet', filename = true, "
    files += "file_row_number = true)"
    with duckdb.connect() as connection:
        by_file = connection.execute(
            "select parse_filename(filename, true), count(*), max(file_row_number) "
            f"from {files} group by 1 order by 1"
        ).fetchall()
        whole = connection.execute(
            f"select sum(net_revenue), count(distinct order_line_id) from {files}"
        ).fetchone()
        every = sum(
            (connection.execute(f"select count(*) from '{landing}/{path}'").fetchone() or (0,))[0]
            for path in (
                *(f"{t.system}/{t.name.split('.')[-1]}/*.parquet" for t in TABLES),
                "manifest.parquet",
                "batches.parquet",
            )
        )
    assert batches == "\n".join("|".join(map(str, row)) for row in by_file)
    assert whole is not None
    assert amounts == "|".join(map(str, whole))
    assert (nothing, rows) == ("0", every)
