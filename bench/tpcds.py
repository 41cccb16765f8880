"""TPC-DS as a retailer's source files: stores, a catalogue and a web shop that nobody here made up.

    python bench/tpcds.py FOLDER [--scale 0.1] [--extension FOLDER]

The generator is DuckDB's extension; where the network has none, that of a Python package:

    .venv/bin/pip install --target .venv/tpcds duckdb-extension-tpcds==VERSION_OF_DUCKDB

Five years (1998-2002) of tickets and orders with about ten lines each, returns as documents that
name what they go back to, promotions, stock of warehouses, and values missing in a few per cent of
all rows. What a sum or a quotient of other columns tells is told; what is missing then stays so.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import duckdb

LAST = date(2003, 1, 12)
"""Day of the last sales; things are sent back for months after it."""

# Sales and returns of the three channels by the same names; {p} is the prefix of columns.
_SALES = """
    select '{key}' as channel_id, {number} as number, {p}_item_sk as item_sk,
        {p}_sold_date_sk as date_sk, {p}_sold_time_sk as time_sk, {ships} as ship_date_sk,
        {customer} as customer_sk, {place} as place_sk, {p}_promo_sk as promo_sk,
        coalesce({p}_quantity, round({p}_ext_sales_price / nullif({p}_sales_price, 0)),
            round({p}_ext_list_price / nullif({p}_list_price, 0))) as quantity,
        coalesce({p}_net_paid, {p}_ext_sales_price - coalesce({p}_coupon_amt, 0),
            {p}_net_paid_inc_tax - coalesce({p}_ext_tax, 0)) as net_paid,
        {p}_ext_list_price as gross, {p}_ext_list_price - {p}_ext_sales_price as discount,
        {p}_coupon_amt as coupon, {p}_ext_tax as tax, {p}_ext_wholesale_cost as cost,
        {ship_cost} as ship_cost
    from {table}_sales
"""
_RETURNS = """
    select '{key}' as channel_id, {p}_{number} as number, {p}_item_sk as item_sk,
        {p}_returned_date_sk as date_sk, {customer} as customer_sk,
        {p}_return_quantity as quantity,
        coalesce({p}_{amount}, {p}_return_amt_inc_tax - coalesce({p}_return_tax, 0)) as amount,
        {p}_return_tax as tax
    from {table}_returns
"""
_CHANNELS = {
    "store": (
        {
            "p": "ss",
            "number": "ss_ticket_number",
            "ships": "null",
            "customer": "ss_customer_sk",
            "place": "ss_store_sk",
            "ship_cost": "null",
        },
        {
            "p": "sr",
            "number": "ticket_number",
            "customer": "sr_customer_sk",
            "amount": "return_amt",
        },
    ),
    "catalog": (
        {
            "p": "cs",
            "number": "cs_order_number",
            "ships": "cs_ship_date_sk",
            "customer": "cs_bill_customer_sk",
            "place": "null",
            "ship_cost": "cs_ext_ship_cost",
        },
        {
            "p": "cr",
            "number": "order_number",
            "customer": "cr_refunded_customer_sk",
            "amount": "return_amount",
        },
    ),
    "web": (
        {
            "p": "ws",
            "number": "ws_order_number",
            "ships": "ws_ship_date_sk",
            "customer": "ws_bill_customer_sk",
            "place": "null",
            "ship_cost": "ws_ext_ship_cost",
        },
        {
            "p": "wr",
            "number": "order_number",
            "customer": "wr_refunded_customer_sk",
            "amount": "return_amt",
        },
    ),
}
# A column that is missing in one line of an order stands in its others.
_TABLES = {
    "orders": """
        select channel_id || '-' || number as order_id, max(c_customer_id) as customer_id,
            max(d_date) + to_seconds(coalesce(max(time_sk), 0)) as ordered_at,
            max(s_store_id) as store_id, channel_id, 'sale' as order_type,
            cast(null as varchar) as original_order_id,
            max(shipped.shipped_on) as shipped_at
        from sales
        left join date_dim on date_sk = d_date_sk
        left join customer on customer_sk = c_customer_sk
        left join store on place_sk = s_store_sk
        left join (select d_date_sk as ship_date_sk, d_date as shipped_on from date_dim) as shipped
            using (ship_date_sk)
        group by channel_id, number
        union all
        select channel_id || '-' || number || '-return-' || coalesce(date_sk, 0),
            max(c_customer_id), max(d_date), null, channel_id, 'return',
            channel_id || '-' || number, null
        from taken_back
        left join date_dim on date_sk = d_date_sk
        left join customer on customer_sk = c_customer_sk
        group by channel_id, number, date_sk
    """,
    "order_lines": """
        select channel_id || '-' || number || '-' || item_sk as order_line_id,
            channel_id || '-' || number as order_id, i_item_id as product_id, quantity,
            net_paid as net_revenue, gross as gross_amount, discount as promotion_discount,
            coupon as coupon_match_discount, tax as tax_amount, cost as cost_amount,
            ship_cost as shipping_amount
        from sales
        left join item on item_sk = i_item_sk
        union all
        select channel_id || '-' || number || '-' || item_sk || '-return',
            channel_id || '-' || number || '-return-' || coalesce(date_sk, 0), i_item_id, -quantity,
            -amount, null, null, null, -tax, null, null
        from taken_back
        left join item on item_sk = i_item_sk
    """,
    "products": """
        select i_item_id as product_id, i_product_name as product_name, i_brand as brand,
            i_manufact_id as manufacturer_id, i_category as department, i_class as category,
            i_size as package_size, i_wholesale_cost as unit_cost, i_current_price as list_price
        from item
        qualify row_number() over (partition by i_item_id order by i_rec_start_date desc) = 1
    """,
    "stores": """
        select s_store_id as store_id, s_store_name as store_name, 'store' as store_format,
            s_city as city, s_state as region, s_floor_space * 0.0929 as sales_area_sqm
        from store
        qualify row_number() over (partition by s_store_id order by s_rec_start_date desc) = 1
        union all
        select 'warehouse-' || w_warehouse_id, w_warehouse_name, 'warehouse', w_city, w_state, null
        from warehouse
    """,
    "inventory": """
        select 'warehouse-' || w_warehouse_id as store_id, i_item_id as product_id,
            d_date as inventory_date, sum(inv_quantity_on_hand) as units_on_hand
        from inventory
        inner join warehouse on inv_warehouse_sk = w_warehouse_sk
        inner join item on inv_item_sk = i_item_sk
        inner join date_dim on inv_date_sk = d_date_sk
        where inv_quantity_on_hand is not null
        group by all
    """,
    "customers": """
        select c_customer_id as customer_id,
            concat_ws(' ', c_first_name, c_last_name) as full_name, c_email_address as email,
            concat_ws(' ', ca_street_number, ca_street_name, ca_street_type) as address,
            ca_zip as postal_code, ca_city as city, ca_state as region, ca_country as country,
            try_cast(concat_ws('-', c_birth_year, c_birth_month, c_birth_day) as date)
                as birth_date,
            cd_gender as gender, cd_marital_status as marital_status,
            cd_education_status as education, cd_dep_count as children_count,
            ib_lower_bound || '-' || ib_upper_bound as income_band
        from customer
        left join customer_address on c_current_addr_sk = ca_address_sk
        left join customer_demographics on c_current_cdemo_sk = cd_demo_sk
        left join household_demographics on c_current_hdemo_sk = hd_demo_sk
        left join income_band on hd_income_band_sk = ib_income_band_sk
    """,
    "channels": """
        select * from (values ('store', 'Stores', 'sales', false),
            ('catalog', 'Catalogue', 'sales', false), ('web', 'Web shop', 'sales', true))
            as channels (channel_id, channel_name, channel_type, is_online)
    """,
    "campaigns": """
        select p_promo_id as campaign_id, p_promo_name as campaign_name,
            first.d_date as start_date, last.d_date as end_date, p_purpose as objective,
            p_cost as budget_amount
        from promotion
        left join date_dim as first on p_start_date_sk = first.d_date_sk
        left join date_dim as last on p_end_date_sk = last.d_date_sk
    """,
}


def write_sources(scale: float, folder: Path, extension: Path | None = None) -> int:
    """Files of a scale factor, one for each table of the contract; the number of order lines.

    ``extension`` is the folder that the package of the generator was installed in.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"allow_unsigned_extensions": "true"}) as connection:
        if extension is None:
            connection.execute("install tpcds; load tpcds")
        else:
            [generator] = extension.glob("**/tpcds.duckdb_extension")
            connection.execute(f"load '{generator}'")
        connection.execute(f"call dsdgen(sf = {scale})")
        for name, template, kind in (("sales", _SALES, 0), ("taken_back", _RETURNS, 1)):
            selects = (
                template.format(key=channel, table=channel, **names[kind])
                for channel, names in _CHANNELS.items()
            )
            connection.execute(f"create view {name} as {' union all '.join(selects)}")
        for table, query in _TABLES.items():
            connection.execute(f"copy ({query}) to '{folder / table}.parquet' (format parquet)")
        lines = f"select count(*) from '{folder / 'order_lines'}.parquet'"
        return int(connection.execute(lines).fetchall()[0][0])


def main() -> None:
    """Write the files and say how many order lines they have."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where to write the files")
    parser.add_argument("--scale", type=float, default=0.1, help="factor of TPC-DS (default: 0.1)")
    parser.add_argument("--extension", type=Path, help="where its package was installed")
    arguments = parser.parse_args()
    lines = write_sources(arguments.scale, arguments.folder, arguments.extension)
    print(f"{lines:,} order lines in {arguments.folder}")


if __name__ == "__main__":
    main()
