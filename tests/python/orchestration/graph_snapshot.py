"""The asset graph as text, to see in a diff what a change did to it.

Write the committed snapshot anew: ``python tests/python/orchestration/graph_snapshot.py``.
"""

from __future__ import annotations

from pathlib import Path

PATH = Path(__file__).with_name("asset_graph.txt")


def asset_graph() -> str:
    """One line for each asset and check: key, group or what it blocks, and where it is computed."""
    from orchestration.definitions import defs  # noqa: PLC0415 (reads the environment)

    graph = defs.resolve_asset_graph()
    computed = [definition for definition in graph.assets_defs if definition.is_executable]
    steps = {
        **{key: definition.op.name for definition in computed for key in definition.keys},
        **{key: definition.op.name for definition in computed for key in definition.check_keys},
    }
    lines = [
        f"{key.to_user_string()} ({graph.get(key).group_name}) in {steps[key]}"
        for key in graph.executable_asset_keys
    ]
    lines += [
        f"{key.asset_key.to_user_string()} : {key.name}"
        f"{' (blocking)' if graph.get(key).blocking else ' (warns)'} in {steps[key]}"
        for key in graph.asset_check_keys
    ]
    return "\n".join(sorted(lines)) + "\n"


if __name__ == "__main__":
    PATH.write_text(asset_graph(), encoding="utf-8")
