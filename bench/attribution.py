"""Attribution of simulated journeys, from touches to shares of channels, beside other packages.

    python bench/attribution.py [--journeys 1000000] [--others-python PATH] [--order 3]

Journeys are drawn from a chain whose removal effects are known. Ours starts from touches in no
order and ends with all rules, Shapley values and chains of order 1 to 3. The others start from
paths that are put together already and are in memory; what that takes is not measured. Every
measurement is a process of its own. This file also is that process, under either Python.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

CHANNELS = 10
DIRECT = 1
"""The channel that the last non-direct touch passes over."""
HALF_LIFE_SECONDS = 7 * 86_400
BATCH = 1_000_000
MOST_FOR_SLOW = 1_000_000
"""Of more journeys do-attribution would take minutes and all memory."""


def known_chain(seed: int) -> np.ndarray:
    """(1 + channels, channels + 2): from start and channels to channels, conversion and null."""
    rng = np.random.default_rng(seed)
    chain = np.zeros((CHANNELS + 1, CHANNELS + 2))
    chain[0, :CHANNELS] = rng.dirichlet(np.full(CHANNELS, 1.0))
    for row in range(1, CHANNELS + 1):
        stops, converts = rng.uniform(0.2, 0.45), rng.uniform(0.1, 0.5)
        chain[row, :CHANNELS] = rng.dirichlet(np.full(CHANNELS, 0.7)) * (1 - stops)
        chain[row, CHANNELS:] = stops * converts, stops * (1 - converts)
    return chain


def generate(journeys: int, seed: int, folder: Path) -> dict[str, float]:
    """Write touches, and the paths that the others need; what is known of them."""
    import duckdb  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    chain, rng = known_chain(seed), np.random.default_rng(seed)
    cumulated = chain.cumsum(axis=1)
    with duckdb.connect(str(folder / "touches.duckdb")) as connection:
        connection.execute("set threads = 2; set memory_limit = '4GB'")
        connection.execute(
            "create table touches (journey_id integer, touched_at timestamp, channel_key utinyint, "
            "is_conversion boolean, value double)"
        )
        for first in range(0, journeys, BATCH):
            size = min(BATCH, journeys - first)
            state, alive = np.zeros(size, dtype=np.int64), np.arange(size)
            clock = rng.integers(0, 300 * 86_400, size)
            converts, met = np.zeros(size, dtype=bool), []
            while len(alive):
                drawn = rng.random(len(alive))
                state[alive] = 1 + (cumulated[state[alive]] < drawn[:, None]).sum(axis=1)
                converts[alive] = state[alive] == CHANNELS + 1
                alive = alive[state[alive] <= CHANNELS]
                clock[alive] += rng.integers(1, 5 * 86_400, len(alive))
                met.append((alive, clock[alive], state[alive]))
            who, when, which = (np.concatenate(part) for part in zip(*met, strict=True))
            value = np.where(converts, rng.integers(500, 20_000, size) / 100, 0.0)
            rows = pd.DataFrame(
                {
                    "journey_id": first + who,
                    "touched_at": np.datetime64("2024-01-01", "us") + when.astype("timedelta64[s]"),
                    "channel_key": which,
                    "is_conversion": converts[who],
                    "value": value[who],
                }
            ).iloc[rng.permutation(len(who))]
            connection.register("batch", rows)
            connection.execute("insert into touches select * from batch")
        (touches,) = connection.execute("select count(*) from touches").fetchone()
    return {"journeys": journeys, "touches": touches}


def write_paths(folder: Path) -> None:
    """Raw paths, a row per journey, for those that start from them."""
    import duckdb  # noqa: PLC0415

    with duckdb.connect(str(folder / "touches.duckdb"), read_only=True) as connection:
        connection.execute(
            "copy (select string_agg('c' || lpad(channel_key::varchar, 2, '0'), ' > ' "
            "order by touched_at) as path, any_value(is_conversion)::int as conversions, "
            "any_value(value) as value, 1 - any_value(is_conversion)::int as nulls "
            f"from touches group by journey_id) to '{folder / 'paths.csv'}'"
        )


def ours(folder: Path, order: int) -> Callable[[], dict[str, list[float]]]:
    """All models from touches."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    import duckdb  # noqa: PLC0415

    from scoring.attribution.paths import (  # noqa: PLC0415
        count_paths,
        markov,
        number_touches,
        rules,
        shapley_subset,
    )

    def run() -> dict[str, list[float]]:
        connection = duckdb.connect(str(folder / "touches.duckdb"), read_only=True)
        connection.execute(
            f"set threads = 2; set memory_limit = '1200MB'; set preserve_insertion_order = false; "
            f"set temp_directory = '{folder / 'spill'}'"
        )
        number_touches(connection, "touches", CHANNELS, "paths")
        names = tuple(f"c{key:02}" for key in range(1, CHANNELS + 1))
        paths = count_paths(connection, "paths", names, order)
        found = {name: credit.conversions.tolist() for name, credit in rules(paths).items()}
        found["last_non_direct"] = by_channel(connection, LAST_NON_DIRECT)
        found["time_decay"] = by_channel(connection, TIME_DECAY)
        found["shapley_subset"] = shapley_subset(paths).conversions.tolist()
        for remembered in range(1, order + 1):
            found[f"markov_{remembered}"] = markov(paths, remembered).credit.conversions.tolist()
        connection.close()
        return found

    return run


LAST_NON_DIRECT = f"""
    select
        coalesce(list_filter(keys, lambda key: key <> {DIRECT})[-1], {DIRECT}) as key,
        sum(conversions) as credit
    from paths group by key
"""
TIME_DECAY = f"""
    with weighted as (
        select
            journey_id, channel_key,
            power(2, (epoch(touched_at) - epoch(timestamp '2025-01-01')) / {HALF_LIFE_SECONDS})
                as weight
        from touches where is_conversion
    ),
    totals as (select journey_id, sum(weight) as total from weighted group by journey_id)
    select channel_key as key, sum(weight / total) as credit
    from weighted inner join totals using (journey_id) group by channel_key
"""


def by_channel(connection, query: str) -> list[float]:
    credit = dict(connection.execute(query).fetchall())
    return [float(credit.get(key, 0.0)) for key in range(1, CHANNELS + 1)]


def channel_attribution(folder: Path, order: int) -> Callable[[], dict[str, list[float]]]:
    """Its rules and one chain, simulated."""
    import ChannelAttribution as package  # noqa: N813, PLC0415
    import pandas as pd  # noqa: PLC0415

    data = pd.read_csv(folder / "paths.csv")

    def run() -> dict[str, list[float]]:
        found = package.markov_model(
            data,
            "path",
            "conversions",
            var_value="value",
            var_null="nulls",
            order=order,
            verbose=False,
            flg_pro=False,
        )
        credit = found.set_index("channel_name")["total_conversions"].sort_index()
        return {f"markov_{order}": credit.tolist()}

    return run


def do_attribution(folder: Path, order: int) -> Callable[[], dict[str, list[float]]]:
    """Its one chain, exact."""
    import pandas as pd  # noqa: PLC0415
    from do_attribution import MarkovAttribution  # noqa: PLC0415

    data = pd.read_csv(folder / "paths.csv")

    def run() -> dict[str, list[float]]:
        model = MarkovAttribution(order=order, removal_strategy="redirect_to_null")
        found = model.fit(data["path"], data["conversions"])["attribution"]
        total = float(data["conversions"].sum())
        return {f"markov_{order}": [share * total for _, share in sorted(found.items())]}

    return run


LIBRARIES = {
    "ours": ours,
    "channel_attribution": channel_attribution,
    "do_attribution": do_attribution,
}


def measure(library: str, folder: str, order: str) -> dict:
    """Seconds, CPU seconds and peak memory of one run in this process, data included."""
    run = LIBRARIES[library](Path(folder), int(order))
    wall, cpu = time.perf_counter(), time.process_time()
    credit = run()
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "memory_mb": peak(),
        "credit": credit,
    }


def peak() -> float:
    try:
        status = Path("/proc/self/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) / 1024
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def in_own_process(python: str, *arguments: str) -> dict | None:
    done = subprocess.run(
        [python, "-W", "ignore", __file__, "--measure", *arguments],
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"{arguments[0]} failed: {(done.stderr.splitlines() or ['?'])[-1]}")
        return None
    return json.loads(done.stdout.splitlines()[-1])


def row(name: str, found: dict | None) -> None:
    if found:
        print(f"{name:<58}{found['wall']:>8.1f}{found['cpu']:>8.1f}{found['memory_mb']:>9.0f}")


def true_shares(seed: int) -> np.ndarray:
    """Of the chain that the journeys are drawn from."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from scoring.attribution.chain import (  # noqa: PLC0415
        CONVERSION,
        NULL,
        Transitions,
        remove_each,
    )

    chain = known_chain(seed)
    source, target = np.nonzero(chain)
    ends = [target == CHANNELS, target == CHANNELS + 1]
    to = np.select(ends, [CONVERSION, NULL], target + 1)
    known = Transitions(np.arange(-1, CHANNELS), source, to, chain[source, target], CHANNELS)
    return remove_each(known).shares


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--journeys", type=int, default=1_000_000)
    parser.add_argument("--order", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where to write the journeys, and leave them")
    parser.add_argument("--others-python", help="a Python that can import the other packages")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(*options.measure)))
        return

    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        (folder / "touches.duckdb").unlink(missing_ok=True)
        known = generate(options.journeys, options.seed, folder)
        print(f"{known['journeys']:,} journeys, {known['touches']:,} touches, {CHANNELS} channels")
        print(f"{'':<58}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}")
        found = in_own_process(sys.executable, "ours", str(folder), str(options.order))
        row(f"ours, from touches: rules, Shapley, Markov 1 to {options.order}", found)
        others = {}
        if options.others_python:
            write_paths(folder)
            for name in ("channel_attribution", "do_attribution"):
                for order in (1, 2):
                    if name == "do_attribution" and options.journeys > MOST_FOR_SLOW:
                        continue
                    arguments = (name, str(folder), str(order))
                    others[name, order] = in_own_process(options.others_python, *arguments)
                    row(f"{name}, from paths: Markov {order}", others[name, order])
        if found is None:
            raise SystemExit(1)
        shares = np.array(found["credit"]["markov_1"])
        shares /= shares.sum()
        error = np.abs(shares - true_shares(options.seed)).max()
        print(f"largest error of our shares of order 1 beside the chain's: {error:.5f}")
        for (name, order), other in others.items():
            if other:
                ratio = np.array(other["credit"][f"markov_{order}"]) / known["journeys"]
                mine = np.array(found["credit"][f"markov_{order}"]) / known["journeys"]
                gap = np.abs(ratio / ratio.sum() - mine / mine.sum()).max()
                print(f"largest difference of shares to {name}, order {order}: {gap:.2e}")


if __name__ == "__main__":
    main()
