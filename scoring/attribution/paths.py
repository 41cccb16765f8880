"""Attribution of aggregated paths: how often each sequence of channels converted, or did not.

Paths are counted in SQL, once, to the depth that the highest order needs; every model follows from
these counts. DuckDB does it from a table of paths, wherever that came from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from landing.engine import connect
from landing.paths import SPLIT
from scoring.attribution.chain import (
    CONVERSION,
    NULL,
    Array,
    Transitions,
    remove_each,
)
from scoring.attribution.coalitions import shapley

LARGEST_ORDER = 4
POSITION_FIRST = POSITION_LAST = 0.4
"""Parts of a conversion that the first and the last touch of a path get, by position."""


@dataclass(frozen=True)
class Paths:
    """Counts of paths; channels are numbers from 1 in the order of ``channels``.

    ``steps``: how often a path went on to channel ``key_0``, or ended (0), after the channels
    ``key_1``, ``key_2`` and so on, the latest first, 0 before the path began; its ``conversions``,
    ``nulls`` and ``value``, and those of them that are the step's by linear and position-based
    rules. ``sets``: by ``set``, the sorted numbers of the channels of a path.
    """

    channels: tuple[str, ...]
    steps: pd.DataFrame
    sets: pd.DataFrame
    conversions: float
    nulls: float
    value: float

    @property
    def order(self) -> int:
        """The highest order that was counted for."""
        return len(self.steps.filter(like="key_").columns) - 1


@dataclass(frozen=True)
class Credit:
    """What each channel gets of all conversions and of their value."""

    conversions: Array
    value: Array


@dataclass(frozen=True)
class Markov:
    """A chain of an order, and what removing channels does to it.

    ``states`` name the rows and columns of ``transitions``, a matrix of probabilities. A channel's
    removal effect is the share of conversions that are lost when its transitions are redirected
    to null; credit is in proportion to the effects.
    """

    order: int
    states: tuple[str, ...]
    transitions: csr_matrix
    conversion: float
    removal_effects: Array
    shares: Array
    credit: Credit
    removal_strategy: str = "redirect_to_null"


def paths_of(
    frame: pd.DataFrame,
    order: int = LARGEST_ORDER,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> Paths:
    """Counts of a frame with ``path`` (``a > b > c``), ``conversions`` and, if there, others.

    ``connection``: one to count in, which costs less than to open one.
    """
    if connection is None:
        with connect() as own:
            return paths_of(frame, order, own)
    others = ", ".join(f"{name if name in frame else 0} as {name}" for name in ("value", "nulls"))
    connection.register("given", frame)
    connection.execute(
        f"create or replace temp table split as select {SPLIT} as channels, conversions, {others} "
        "from given"
    )
    connection.unregister("given")
    number_channels(connection, "split", "numbered")
    return count_paths(connection, "numbered", channel_names(connection), order)


def number_channels(connection: duckdb.DuckDBPyConnection, split: str, numbered: str) -> None:
    """Make ``numbered`` of ``split``: the same with ``keys`` in place of names.

    Names and numbers are in the table ``channels``, by name, so that results do not depend on the
    order of paths.
    """
    connection.execute(
        "create or replace temp table channels as select channel, "
        "row_number() over (order by channel) as key "
        f"from (select distinct unnest(channels) as channel from {split})"
    )
    connection.execute(
        f"create or replace temp table {numbered} as with names as (select map(list(channel), "
        "list(cast(key as integer))) as numbers from channels) select list_transform(channels, "
        "lambda name: names.numbers[name]) as keys, conversions, nulls, value "
        f"from {split} cross join names"
    )


def number_touches(
    connection: duckdb.DuckDBPyConnection, touches: str, channels: int, numbered: str
) -> None:
    """Make ``numbered``, a table of paths, of ``touches`` in any order.

    ``touches`` has ``journey_id``, ``touched_at``, ``channel_key`` (a number from 1 to
    ``channels``), and of its journey ``is_conversion`` and ``value``. A path is written as one
    number, so that journeys are put together by adding and not as lists, which takes a tenth of the
    time; only those too long for it are lists.
    """
    bits = channels.bit_length()
    most = 63 // bits
    connection.execute(
        f"""
        create or replace temp table coded as
        with placed as (
            select
                journey_id, cast(channel_key as bigint) as key, is_conversion, value,
                row_number() over (partition by journey_id order by touched_at) as place
            from {touches}
        ),
        journeys as (
            select
                journey_id,
                cast(
                    sum(case when place <= {most} then key << ({bits} * (place - 1)) else 0 end)
                    as bigint
                ) as code,
                max(place) as length,
                any_value(is_conversion) as is_conversion,
                any_value(value) as value
            from placed
            group by journey_id
        )
        select
            code,
            length,
            case when length > {most} then journey_id end as long_journey,
            count(*) filter (where is_conversion) as conversions,
            count(*) filter (where not is_conversion) as nulls,
            coalesce(sum(value) filter (where is_conversion), 0) as value
        from journeys
        group by code, length, long_journey
        """
    )
    connection.execute(
        f"""
        create or replace temp table {numbered} as
        select
            list_transform(
                range(0, length),
                lambda place: cast((code >> ({bits} * place)) & {(1 << bits) - 1} as integer)
            ) as keys, conversions, nulls, value
        from coded where long_journey is null
        union all
        select
            list(cast(touches.channel_key as integer) order by touches.touched_at) as keys,
            any_value(coded.conversions) as conversions, any_value(coded.nulls) as nulls,
            any_value(coded.value) as value
        from {touches} as touches
        inner join coded on touches.journey_id = coded.long_journey
        group by touches.journey_id
        """
    )


def channel_names(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """The names in the table ``channels``, by their numbers."""
    rows = connection.execute("select channel from channels order by key").fetchall()
    return tuple(name for (name,) in rows)


def count_paths(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    channels: tuple[str, ...],
    order: int = LARGEST_ORDER,
) -> Paths:
    """Counts of a table with ``keys`` (numbers of channels), conversions, nulls and value.

    A path may stand in several rows. Every touch is looked at once.
    """
    keys = [f"key_{back}" for back in range(order + 1)]
    # The list moved by one, two and more places, side by side: no window, no join.
    moved = "unnest(list_append(keys, 0)) as key_0, " + ", ".join(
        f"unnest(list_resize(list_concat({[0] * back}::integer[], keys), length + 1)) as key_{back}"
        for back in range(1, order + 1)
    )
    names = ", ".join(keys)
    rest = 1 - POSITION_FIRST - POSITION_LAST
    position = (
        f"case when length = 1 then 1.0 when length = 2 then case when key_1 = 0 "
        f"then {POSITION_FIRST / (POSITION_FIRST + POSITION_LAST)} "
        f"else {POSITION_LAST / (POSITION_FIRST + POSITION_LAST)} end "
        f"when key_1 = 0 then {POSITION_FIRST} when place = length then {POSITION_LAST} "
        f"else {rest} / (length - 2) end"
    )
    summed = ", ".join(
        f"sum({name}) as {name}, sum({name} / length) as linear_{name}, "
        f"sum({name} * {position}) as position_{name}"
        for name in ("conversions", "value")
    )
    steps = connection.execute(
        f"with paths as (select keys, len(keys) as length, conversions, nulls, value from {table}),"
        f" touches as (select {moved}, unnest(range(1, length + 2)) as place, length, "
        f"conversions, nulls, value from paths) "
        f"select {names}, sum(nulls) as nulls, {summed} from touches "
        f"group by {names} order by {names}"
    ).df()
    sets = connection.execute(
        "select list_sort(list_distinct(keys)) as set, sum(conversions) as conversions, "
        f"sum(nulls) as nulls, sum(value) as value from {table} group by 1 order by 1"
    ).df()
    ends = steps[steps["key_0"] == 0]
    return Paths(
        channels,
        steps,
        sets,
        float(ends["conversions"].sum()),
        float(ends["nulls"].sum()),
        float(ends["value"].sum()),
    )


def markov(paths: Paths, order: int = 1) -> Markov:
    """The chain that remembers ``order`` touches, exactly.

    Without nulls every journey converts, and a removal effect is the share of conversions whose
    journey met the channel.

    Raises:
        ValueError: the order was not counted, or nothing converts.
    """
    if not 1 <= order <= paths.order:
        raise ValueError(f"the order is 1 to {paths.order}, and not {order}")
    if paths.conversions <= 0:
        raise ValueError("no path converts: there is nothing to share out")
    chain, states = _chain(paths, order)
    with threadpool_limits(limits=1):
        removal = remove_each(chain)
    size = len(states)
    columns = np.where(chain.target >= 0, chain.target, size - 1 - chain.target)
    names = (*states, "(conversion)", "(null)")
    matrix = csr_matrix((chain.probability, (chain.source, columns)), shape=(size + 2, size + 2))
    return Markov(
        order,
        names,
        matrix,
        float(removal.conversion[0]),
        removal.effects,
        removal.shares,
        Credit(removal.shares * paths.conversions, removal.shares * paths.value),
    )


def shapley_subset(paths: Paths) -> Credit:
    """Shapley values, where a set of channels is worth what paths within it brought."""
    members = np.zeros((len(paths.sets), len(paths.channels)), dtype=bool)
    lengths = paths.sets["set"].map(len).to_numpy()
    members[np.repeat(np.arange(len(lengths)), lengths), np.concatenate(paths.sets["set"]) - 1] = (
        True
    )
    worth = paths.sets[["conversions", "value"]].to_numpy(dtype=np.float64).T
    return Credit(*shapley(members, worth))


def rules(paths: Paths) -> Mapping[str, Credit]:
    """Credit by rules that look at places alone: first, last, all alike, the ends more."""
    return dict(_rules(paths))


def _rules(paths: Paths) -> Iterator[tuple[str, Credit]]:
    steps = paths.steps
    first = steps[(steps["key_1"] == 0) & (steps["key_0"] > 0)]
    last = steps[steps["key_0"] == 0]
    touches = steps[steps["key_0"] > 0]
    for name, rows, key, prefix in (
        ("first_touch", first, "key_0", ""),
        ("linear", touches, "key_0", "linear_"),
        ("position_based", touches, "key_0", "position_"),
        ("last_touch", last, "key_1", ""),
    ):
        place = rows[key].to_numpy() - 1
        yield (
            name,
            Credit(
                *(
                    np.bincount(
                        place,
                        rows[prefix + what].to_numpy(dtype=np.float64),
                        minlength=len(paths.channels),
                    ).astype(np.float64)
                    for what in ("conversions", "value")
                )
            ),
        )


def _chain(paths: Paths, order: int) -> tuple[Transitions, tuple[str, ...]]:
    """Steps summed to the order, their states numbered from the start on."""
    base = len(paths.channels) + 1
    if base**order > np.iinfo(np.int64).max // base:
        raise ValueError(f"{base - 1} channels are too many for the order {order}")
    keys = [paths.steps[f"key_{back}"].to_numpy(dtype=np.int64) for back in range(order + 1)]
    powers = base ** np.arange(order, dtype=np.int64)
    before = np.sum([key * power for key, power in zip(keys[1:], powers, strict=True)], axis=0)
    after = np.sum([key * power for key, power in zip(keys[:-1], powers, strict=True)], axis=0)
    ends = keys[0] == 0
    codes = np.unique(before)
    source = np.searchsorted(codes, before)
    inner = np.searchsorted(codes, np.where(ends, 0, after))
    conversions = paths.steps["conversions"].to_numpy(dtype=np.float64)
    nulls = paths.steps["nulls"].to_numpy(dtype=np.float64)
    ways_from = np.concatenate([source[~ends], source[ends], source[ends]])
    ways_to = np.concatenate(
        [inner[~ends], np.full(ends.sum(), CONVERSION), np.full(ends.sum(), NULL)]
    )
    counts = np.concatenate([(conversions + nulls)[~ends], conversions[ends], nulls[ends]])
    width = len(codes) + 2
    ways, place = np.unique(ways_from * width + ways_to + 2, return_inverse=True)
    count = np.bincount(place, counts).astype(np.float64)
    there = count > 0
    chain = Transitions(
        (codes % base - 1).astype(np.int64),
        (ways // width)[there],
        (ways % width - 2)[there],
        count[there],
        len(paths.channels),
    )
    return chain, tuple(_state(int(code), base, paths.channels) for code in codes)


def _state(code: int, base: int, channels: tuple[str, ...]) -> str:
    names: list[str] = []
    while code:
        code, key = divmod(code, base)
        names.insert(0, channels[key - 1])
    return " > ".join(names) if names else "(start)"
