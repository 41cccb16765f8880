"""What cannot be built again, kept once the step that made it has ended well."""

import dagster as dg

from orchestration.defs.transform import MANIFEST, TRANSLATOR
from orchestration.runs.outcome import asset_step
from orchestration.runs.progress import Progress, count
from orchestration.runs.resources import POOL, Warehouse
from orchestration.runs.state import CUSTOMERS, HISTORIES, Kept, keep

GROUP = "state"
OWNERS = ["team:data-engineering"]


def _snapshot_key() -> dg.AssetKey:
    node = next(
        node
        for node in MANIFEST["nodes"].values()
        if node["resource_type"] == "snapshot" and node["name"] == CUSTOMERS.table
    )
    return TRANSLATOR.get_asset_key(node)


def _keeps(kept: Kept, source: dg.AssetKey, step: str, what: str) -> dg.AssetsDefinition:
    @dg.asset(
        key=dg.AssetKey([GROUP, kept.table]),
        deps=[source],
        group_name=GROUP,
        owners=OWNERS,
        kinds={"python", "parquet"},
        pool=POOL,
        description=f"{what}, as a file that outlives the warehouse and is read back without it.",
    )
    def kept_table(
        warehouse: Warehouse, progress: dg.ResourceParam[Progress]
    ) -> dg.MaterializeResult:
        state_dir = warehouse.settings.state_dir
        with asset_step(progress, step) as current:
            with warehouse.connect(read_only=True) as connection:
                rows = keep(connection, kept, state_dir)
            current.detail = count(rows, "row")
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": rows,
                "path": dg.MetadataValue.path(kept.path(state_dir)),
            }
        )

    return kept_table


customers_snapshot = _keeps(CUSTOMERS, _snapshot_key(), "keep history", "Customer history")
histories_of_studies = [
    _keeps(kept, dg.AssetKey([kept.schema, kept.table]), f"keep {kept.schema}", kept.relation)
    for kept in HISTORIES
]
