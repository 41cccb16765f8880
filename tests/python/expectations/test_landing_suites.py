"""Landing suites: what is sound passes, each planted defect is found and classified."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml

from expectations.landing import LANDING_SUITES
from expectations.landing.from_contract import EARLIEST_PLAUSIBLE_DATE
from expectations.validate import TableValidation, validate_landing
from landing import contract
from landing.write import Extract, batch_path, write_landing

# A shop with 10 orders a day for 100 days, of 50 customers.
ORDERS = (
    "select i as order_id, 'c' || i % 50 as customer_id, "
    "timestamp '2017-01-01' + to_hours(i * 24 // 10) as ordered_at, 's' as store_id "
    "from range(1000) as r(i)"
)
LINES = (
    "select i as order_line_id, i as order_id, 'p' as product_id, 1 as quantity, "
    "1 + i % 7 as net_revenue, 2 + i % 7 as gross_amount, 1 as loyalty_discount "
    "from range(1000) as r(i)"
)

PROJECT_DIR = Path(__file__).parents[3]

Validate = Callable[..., TableValidation]


@pytest.fixture
def landing_dir(tmp_path: Path) -> Path:
    return tmp_path / "landing"


@pytest.fixture
def validate(landing_dir: Path) -> Validate:
    """Lands the shop, some tables replaced by other queries, and validates one table."""

    def run(table: str, landed_on: date = date(2017, 4, 11), **replaced: str) -> TableValidation:
        queries = {"orders": ORDERS, "order_lines": LINES} | replaced
        tables = {t.name: t for t in contract.TABLES}
        extracts = [Extract(tables[name], "test", query, query) for name, query in queries.items()]
        write_landing(landing_dir, extracts, landed_on=landed_on)
        (outcome,) = validate_landing(landing_dir, tables=[table])
        return outcome

    return run


def test_the_contract_and_the_suites_have_the_same_tables() -> None:
    assert list(LANDING_SUITES) == [table.qualified_name for table in contract.TABLES]
    for name, suite in LANDING_SUITES.items():
        made = suite(date(2017, 1, 1))
        assert made.meta["relation"] == made.name == name
        assert all(expectation.description for expectation in made.expectations)


def test_a_sound_shop_raises_nothing(validate: Validate) -> None:
    outcome = validate("pos.orders")
    assert outcome.success
    assert outcome.findings == ()
    assert outcome.expectations > 20
    assert validate("pos.order_lines").findings == ()


KEYS = {"orders": "order_id", "order_lines": "order_line_id"}
DEFECTS = {
    "orders": [
        ("order_id", "null"),
        ("ordered_at", "null"),
        ("ordered_at", "timestamp '2017-04-12'"),
        ("ordered_at", "timestamp '1900-01-01'"),
        ("order_status", "'lost'"),
    ],
    "order_lines": [
        ("net_revenue", "null"),
        ("net_revenue", "-1"),
        ("net_revenue", "if(quantity = 1, null, 5)"),
        ("order_id", "99999"),
        ("loyalty_discount", "-1"),
    ],
}


def damaged(table: str, defects: list[tuple[str, str]], rows: int) -> str:
    """The table's query with each defect in as many rows of its own; row 900 is a return."""
    query = {"orders": ORDERS, "order_lines": LINES}[table]
    if table == "orders":
        query = f"select *, 'completed' as order_status from ({query})"
    else:
        query = (
            "select * replace (if(order_line_id between 900 and 902, -1, quantity) as quantity, "
            f"if(order_line_id between 900 and 902, -1, net_revenue) as net_revenue) from ({query})"
        )
    for number, (column, value) in enumerate(defects):
        first = 900 if "quantity" in value else 10 * number
        condition = f"i between {first} and {first + rows - 1}"
        query = (
            f"select * exclude (i) replace (case when {condition} then {value} else {column} end "
            f"as {column}) from (select *, row_number() over () - 1 as i from ({query}))"
        )
    return query


@pytest.mark.parametrize("table", DEFECTS)
def test_a_few_bad_rows_warn(validate: Validate, table: str) -> None:
    outcome = validate(f"pos.{table}", **{table: damaged(table, DEFECTS[table], rows=3)})
    assert outcome.success
    assert sorted(str(f.column) for f in outcome.findings) == sorted(c for c, _ in DEFECTS[table])
    for finding in outcome.findings:
        assert (finding.severity, finding.count, finding.rows) == ("warning", 3, 1_000)
        assert f"pos.{table}.{finding.column}: 3 of 1,000 rows " in str(finding)
        assert len(finding.examples) == (1 if finding.column == "order_id" == KEYS[table] else 3)


@pytest.mark.parametrize(
    ("table", "number", "blocks"),
    [("orders", 1, 501), ("orders", 2, 501), ("order_lines", 0, 501), ("order_lines", 3, 501)],
)
def test_a_majority_of_bad_rows_blocks(
    validate: Validate, table: str, number: int, blocks: int
) -> None:
    defect = DEFECTS[table][number]
    half = validate(f"pos.{table}", **{table: damaged(table, [defect], rows=blocks - 1)})
    assert half.success
    most = validate(f"pos.{table}", **{table: damaged(table, [defect], rows=blocks)})
    assert [(f.column, f.count) for f in most.blocking] == [(defect[0], blocks)]


@pytest.mark.parametrize(
    ("table", "state", "lines", "told"),
    [
        ("orders", "'returned'", "net_revenue", "came back as a whole"),
        ("orders", "if(order_id = 1, 'returned', 'completed')", "-net_revenue", None),
        ("order_lines", "'cancelled'", "-net_revenue", "never became a sale"),
        ("order_lines", "'cancelled'", "net_revenue", None),
    ],
)
def test_states_that_contradict_the_signs_warn(
    validate: Validate, table: str, state: str, lines: str, told: str | None
) -> None:
    marked = "order_id between 1 and 3"
    orders = f"select *, if({marked}, {state}, 'completed') as order_status from ({ORDERS})"
    amounts = (
        "select *, 'adjustment' as line_type from (select * replace "
        f"(if({marked}, {lines}, net_revenue) as net_revenue) from ({LINES}))"
    )
    outcome = validate(f"pos.{table}", orders=orders, order_lines=amounts)
    assert outcome.success
    findings = [str(finding) for finding in outcome.findings if "add up" not in str(finding)]
    assert len(findings) == (told is not None)
    assert told is None or told in findings[0]


def test_repeated_keys_warn_and_a_majority_blocks(validate: Validate) -> None:
    few = validate("pos.orders", orders=f"{ORDERS} union all ({ORDERS} limit 2)")
    assert few.success
    (finding,) = few.warnings
    assert (finding.column, finding.count) == ("order_id", 2)
    most = validate("pos.orders", orders=" union all ".join([ORDERS] * 3))
    assert [f.column for f in most.blocking] == ["order_id"]


def test_dated_versions_of_a_record_are_no_repeated_keys(validate: Validate) -> None:
    versions = " union all ".join(
        f"(select *, timestamp '2017-04-11 0{number}:00:00' as updated_at from ({ORDERS}))"
        for number in range(3)
    )
    assert validate("pos.orders", orders=versions).findings == ()


def test_a_number_used_twice_blocks_with_the_remedy(validate: Validate, landing_dir: Path) -> None:
    also = "union all select {}, {}, timestamp '{}', {}"
    order_20 = ("20", "'c20'", "2017-01-03 00:00:00", "'s'")

    def blocking(order_id: str, customer: str, at: str, store: str) -> list[str]:
        more = also.format(order_id, customer, at, store)
        return [str(f) for f in validate("pos.orders", orders=f"{ORDERS} {more}").blocking]

    assert blocking(*order_20) == []
    assert blocking("20", "null", order_20[2], "null") == []
    assert blocking("20", "'c20'", "2017-01-03 07:00:00", "'s'") == []
    # The warehouse keeps the other row back for its date alone.
    assert blocking("20", "'c21'", "2018-01-03 00:00:00", "'s'") == []
    for other in (
        ("20", "'c21'", order_20[2], "'s'"),
        ("20", "'c20'", order_20[2], "'t'"),
        ("20", "'c20'", "2017-01-04 00:00:00", "'s'"),
        ("20", "null", "2017-01-03 00:00:01", "'s'"),
    ):
        (told,) = blocking(*other)
        assert told.startswith("pos.orders: expected that no order_id is used for two")
        assert "with the store in them, such as store-day-till-number" in told
        assert told.endswith("found 1 used by 2 rows, such as order_id 20")
    for tolerated, blocks in ((0.0019, True), (2 / 1001, False)):
        (outcome,) = validate_landing(landing_dir, tables=["pos.orders"], tolerated_reuse=tolerated)
        assert bool(outcome.blocking) == blocks


def test_lines_numbered_within_their_order_block(validate: Validate) -> None:
    lines = LINES.replace("i as order_line_id", "1 + i % 2 as order_line_id")
    blocking = [str(f) for f in validate("pos.order_lines", order_lines=lines).blocking]
    assert any("found 2 used by 1000 rows, such as order_line_id 1" in told for told in blocking)
    assert any("with the order_id in them, such as order_id-number" in told for told in blocking)


def test_an_order_of_a_store_where_tomorrow_has_begun_is_not_in_the_future(
    validate: Validate,
) -> None:
    orders = f"{ORDERS} union all select 5000, 'c1', timestamp '2017-04-12 01:00:00', 's'"
    for zone, warned in (("Pacific/Auckland", []), ("Pacific/Honolulu", ["ordered_at"])):
        stores = f"select 's' as store_id, '{zone}' as time_zone"
        outcome = validate("pos.orders", orders=orders, stores=stores)
        assert [f.column for f in outcome.findings] == warned
    orders = orders.replace("2017-04-12", "2017-04-13")
    stores = "select 's' as store_id, 'Pacific/Auckland' as time_zone"
    assert [f.column for f in validate("pos.orders", orders=orders, stores=stores).findings] == [
        "ordered_at"
    ]


def test_a_time_zone_that_there_is_not_is_told(validate: Validate) -> None:
    stores = "select 's' as store_id, 'Europe/Berlin' as time_zone union all select 't', 'CEST+2'"
    (finding,) = validate("pos.stores", stores=stores).findings
    assert (finding.severity, finding.examples) == ("warning", ("store_id t, time_zone CEST+2",))


def test_dates_are_implausible_before_the_day_of_the_warehouse() -> None:
    project = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["vars"]["earliest_plausible_date"] == EARLIEST_PLAUSIBLE_DATE.isoformat()


def test_a_warning_is_one_line_with_the_money_in_its_rows(validate: Validate) -> None:
    orders = f"select * replace (if(order_id < 3, null, ordered_at) as ordered_at) from ({ORDERS})"
    (finding,) = validate("pos.orders", orders=orders).findings
    # Lines 0, 1 and 2 have 1, 2 and 3; an order without lines has no money.
    assert finding.brief == (
        "pos.orders.ordered_at: 3 of 1,000 rows with 6.00 of net revenue break the rule that "
        "ordered_at is never empty"
    )
    assert str(finding).startswith(f"{finding.brief}; e.g. ")
    returned = (
        "select * replace (if(order_line_id < 2, -9, net_revenue) as net_revenue, "
        f"null as gross_amount) from ({LINES})"
    )
    (finding,) = validate("pos.order_lines", order_lines=returned).findings
    assert "2 of 1,000 rows with -18.00 of net revenue break the rule" in finding.brief


NO_ORDERS = f"select * from ({ORDERS}) where false"
NO_LINES = f"select * from ({LINES}) where false"
ACCOUNTS = "select 'a1' as account_id, 'c1' as customer_id, date '2017-01-01' as enrolled_on"


def test_an_empty_landing_blocks(validate: Validate) -> None:
    outcome = validate("pos.orders", orders=NO_ORDERS, order_lines=NO_LINES)
    (finding,) = outcome.blocking
    assert str(finding) == "pos.orders: expected that there is something to build from, found 0"


def test_without_sales_there_is_something_to_build_from_but_half_of_them_blocks(
    validate: Validate,
) -> None:
    for table in ("pos.orders", "pos.order_lines"):
        accounts = validate(table, orders=NO_ORDERS, order_lines=NO_LINES, accounts=ACCOUNTS)
        assert accounts.findings == ()
    half = validate("pos.order_lines", order_lines=NO_LINES, accounts=ACCOUNTS)
    assert "pos.order_lines has rows where pos.orders has, found 0" in str(half.blocking[0])
    half = validate("pos.orders", orders=NO_ORDERS, accounts=ACCOUNTS)
    assert "pos.orders has rows where pos.order_lines has, found 0" in str(half.blocking[0])


def test_an_empty_optional_table_is_fine(validate: Validate) -> None:
    assert validate("service.tickets").findings == ()


def test_nothing_landed_blocks(landing_dir: Path) -> None:
    (outcome,) = validate_landing(landing_dir)
    assert not outcome.success


def test_a_missing_or_damaged_file_blocks(validate: Validate, landing_dir: Path) -> None:
    validate("pos.orders")
    batch_path(landing_dir, contract.ORDERS).unlink()
    batch_path(landing_dir, contract.STORES).write_bytes(b"damaged")
    for outcome in validate_landing(landing_dir, tables=["pos.orders", "pos.stores"]):
        (finding,) = outcome.blocking
        assert "the table can be read, found" in str(finding)


@pytest.mark.parametrize(
    "change",
    [
        "select * exclude (store_id) from {}",
        "select *, 1 as colour from {}",
        "select * replace (cast(ordered_at as date) as ordered_at) from {}",
    ],
)
def test_another_structure_blocks(validate: Validate, landing_dir: Path, change: str) -> None:
    validate("pos.orders")
    path = batch_path(landing_dir, contract.ORDERS)
    with duckdb.connect() as connection:
        connection.execute(f"create table orders as {change.format(repr(str(path)))}")
        connection.execute(f"copy orders to '{path}'")
    (outcome,) = validate_landing(landing_dir, tables=["pos.orders"])
    (finding,) = outcome.blocking
    assert "the columns and their types are those of the contract" in str(finding)
    assert outcome.rows == 1_000


def test_a_truncated_file_blocks(validate: Validate, landing_dir: Path) -> None:
    validate("pos.orders")
    path = batch_path(landing_dir, contract.ORDERS)
    with duckdb.connect() as connection:
        connection.execute(f"create table orders as select * from '{path}' limit 990")
        connection.execute(f"copy orders to '{path}'")
    (outcome,) = validate_landing(landing_dir, tables=["pos.orders"])
    assert [str(f) for f in outcome.blocking] == [
        "pos.orders: expected that the file has as many rows as were landed, found 10"
    ]


@pytest.mark.parametrize(
    ("landed_on", "warns"), [(date(2017, 4, 17), False), (date(2017, 4, 18), True)]
)
def test_stale_orders_warn_after_seven_days(
    validate: Validate, landed_on: date, warns: bool
) -> None:
    findings = validate("pos.orders", landed_on).warnings
    assert [f.severity for f in findings] == (["warning"] if warns else [])


def test_a_drop_in_volume_and_a_gap_warn(validate: Validate) -> None:
    kept = "ordered_at < timestamp '2017-03-14' or hour(ordered_at) = 0"
    (finding,) = validate("pos.orders", orders=f"select * from ({ORDERS}) where {kept}").warnings
    assert "as many orders as usual" in str(finding)
    kept = "ordered_at not between timestamp '2017-01-15' and timestamp '2017-02-12'"
    (finding,) = validate("pos.orders", orders=f"select * from ({ORDERS}) where {kept}").warnings
    assert "no load is missing" in str(finding)


def test_orders_that_never_become_sales_do_not_hide_stale_data(validate: Validate) -> None:
    void = (
        f"{ORDERS} union all by name select 'void ' || range as order_id, 'c' as customer_id, "
        "timestamp '2017-04-12' + to_days(range) as ordered_at, '{status}' as order_status "
        "from range(7)"
    )
    for status in contract.VOID_ORDER_STATUSES:
        orders = void.replace("{status}", status)
        (finding,) = validate("pos.orders", date(2017, 4, 18), orders=orders).warnings
        assert "the last order is at most 7 days older" in str(finding), status
    orders = void.replace("{status}", "returned")
    sound = validate("pos.orders", date(2017, 4, 18), orders=orders)
    assert not any("the last order" in str(finding) for finding in sound.findings)


@pytest.mark.parametrize(
    ("last_day", "orders", "warns"), [(99, 1, True), (99, 2, False), (98, 1, False)]
)
def test_a_last_day_that_is_not_whole_warns(
    validate: Validate, last_day: int, orders: int, warns: bool
) -> None:
    # Twenty orders on every day but the Sundays, which have one; day 98 is a Sunday.
    query = (
        "select day || '-' || number as order_id, 'c' || number as customer_id, "
        "timestamp '2017-01-01' + to_days(cast(day as integer)) as ordered_at "
        "from range(100) days (day), range(20) numbers (number) "
        f"where (day < {last_day} and (day % 7 > 0 or number = 0)) "
        f"or (day = {last_day} and number < {orders})"
    )
    found = validate("pos.orders", date(2017, 4, 10), orders=query).warnings
    assert [("the last day" in str(f)) for f in found] == ([True] if warns else [])


def test_anonymous_sales_are_fine_unless_hardly_anyone_is_known(validate: Validate) -> None:
    def anonymous(share: int) -> str:
        return (
            "select * replace (case when cast(order_id as bigint) % 10 >= "
            f"{share} then customer_id end as customer_id) from ({ORDERS})"
        )

    assert validate("pos.orders", orders=anonymous(8)).findings == ()
    (finding,) = validate("pos.orders", orders=anonymous(9)).findings
    assert (finding.severity, finding.observed) == ("warning", "0.1")


def test_unknown_products_are_told_above_one_percent(validate: Validate) -> None:
    products = "select 'p' as product_id"

    def unknown(rows: int) -> str:
        return (
            "select * replace (case when cast(order_line_id as bigint) < "
            f"{rows} then 'x' else product_id end as product_id) from ({LINES})"
        )

    assert validate("pos.order_lines", order_lines=unknown(10), products=products).findings == ()
    outcome = validate("pos.order_lines", order_lines=unknown(11), products=products)
    assert [(f.severity, f.count) for f in outcome.findings] == [("warning", 11)]
    # Products that were not supplied say nothing about the lines.
    assert validate("pos.order_lines", order_lines=unknown(11)).findings == ()


def test_personal_data_is_never_shown(validate: Validate) -> None:
    customers = "select 'c1' as customer_id, date '1801-02-03' as birth_date"
    (finding,) = validate("crm.customers", customers=customers).findings
    assert finding.examples == ("customer_id c1",)


def test_repeated_promotions_are_found_among_a_part_of_the_products(validate: Validate) -> None:
    promotions = (
        "select 'p' || i % 1000 as product_id, 's' as store_id, date '2017-01-02' as "
        "week_start_date, '0' as display_location, null as mailer_location from range({}) as r(i)"
    )
    assert validate("marketing.promotions", promotions=promotions.format(1000)).findings == ()
    outcome = validate("marketing.promotions", promotions=promotions.format(5000))
    assert any("occurs twice" in str(finding) for finding in outcome.blocking)


def _found(outcome: TableValidation, part: str) -> list[str]:
    return [str(finding) for finding in outcome.warnings if part in str(finding)]


def test_customers_that_differ_only_in_writing_are_named(validate: Validate) -> None:
    """Also where orders and their lines are all there is, and between tables."""
    odd = "case i when 1 then 'C1' when 2 then '7' when 3 then '007' else 'c' || i % 50 end"
    orders = ORDERS.replace("'c' || i % 50", odd)
    (told,) = _found(validate("pos.orders", orders=orders), "only by upper and lower case")
    assert told.startswith("pos.orders.customer_id: expected that no customer_id differs")
    assert ", found 4; e.g. identifier 007, alike 7; identifier C1, alike c1" in told
    customers = "select * from (values ('c1'), ('c2'), ('C3'), ('c4.0')) as v (customer_id)"
    (told,) = _found(validate("pos.orders", customers=customers), "only by upper and lower case")
    assert ", found 2; e.g. identifier C3, alike c3" in told
    assert _found(validate("pos.orders"), "only by upper and lower case") == []


def test_missing_values_spelt_out_are_counted_and_not_taken_away(validate: Validate) -> None:
    customers = (
        "select 'c' || i as customer_id, case i when 1 then 'Unknown' when 2 then ' NaN'"
        " when 3 then '-' when 4 then 'None' else 'Bath' end as city,"
        " case i when 1 then '118' when 2 then '100+' when 3 then '90-99' when 4 then '110-119' end"
        " as age_band, 'n/a' as full_name from range(50) as r(i)"
    )
    outcome = validate("crm.customers", customers=customers)
    (told,) = _found(outcome, "city is empty where it is not known")
    assert "4 of 50 rows" in told
    assert "customer_id c1, city Unknown" in told
    (told,) = _found(outcome, "no placeholder such as 118")
    assert "2 of 50 rows" in told
    (told,) = _found(outcome, "full_name is empty where it is not known")
    assert "50 of 50 rows" in told
    assert outcome.success


def test_a_number_that_stands_for_nobody_is_told(validate: Validate) -> None:
    nobody = "case when i % 100 < 4 then ['0', '-1', '9999', 'Guest'][i % 100 + 1] else 'c' end"
    orders = ORDERS.replace("'c' || i % 50", nobody)
    (told,) = _found(validate("pos.orders", orders=orders), "LIFECYCLE_MISSING_VALUES")
    assert told.startswith("pos.orders.customer_id: 40 of 1,000 rows")


def test_addresses_and_numbers_of_persons_are_told_where_they_would_be_published_and_not_shown(
    validate: Validate,
) -> None:
    """In a column of another kind, and in rows that slipped, whose values are anybody's."""
    orders = (
        "select i as order_id, case i when 1 then 'ann@example.org' when 2 then '+49 555 777 1' "
        "else 'c' || i % 50 end as customer_id, timestamp '2017-01-01' + to_hours(i * 24 // 10) as "
        "ordered_at, case i when 3 then 'bob@example.org' end as order_status from range(1000) r(i)"
    )
    told = [str(finding) for finding in validate("pos.orders", orders=orders).findings]
    assert (
        "pos.orders: expected that no e-mail address or telephone number stands in a column that "
        "is published, found 2 in customer_id" in told
    )
    assert any(line.endswith("e.g. order_id 3, order_status (e-mail address)") for line in told)
    profiles = (
        "select 'carl@example.org' as customer_id, 'Ann Example' as age_band, "
        "date '1955-01-02' as registered_at, 'Bob Example 120' as referrer_customer_id "
        "union all select 'c1', 'Ann 118', date '1955-01-02', 'c1'"
    )
    told += [str(finding) for finding in validate("crm.customers", customers=profiles).findings]
    assert any("customer_id (e-mail address)" in line and "registered_at" in line for line in told)
    for personal in ("example.org", "777", "Ann", "Bob", "1955"):
        assert personal not in "".join(told)


def test_what_has_not_changed_is_counted_once(landing_dir: Path, tmp_path: Path) -> None:
    """Neither a table nor those it refers to; a file that was damaged has changed."""
    kept_dir = tmp_path / "kept"

    def land_and_validate(orders: str, day: int) -> tuple[set[str], list[str]]:
        queries = {contract.ORDERS: orders, contract.ORDER_LINES: LINES}
        extracts = [Extract(table, "test", sql, sql) for table, sql in queries.items()]
        write_landing(landing_dir, extracts, landed_on=date(2017, 4, day))
        before = set(kept_dir.glob("*"))
        outcomes = validate_landing(landing_dir, kept_dir=kept_dir)
        counted = {path.name.partition("-")[0] for path in set(kept_dir.glob("*")) - before}
        findings = {o.relation: [str(f) for f in o.findings] for o in outcomes}
        assert findings == {
            o.relation: [str(f) for f in o.findings] for o in validate_landing(landing_dir)
        }
        return counted, findings["pos.order_lines"]

    everything = set(LANDING_SUITES)
    assert land_and_validate(ORDERS, 11) == (everything, [])
    assert land_and_validate(ORDERS, 11) == (set(), [])
    # Another day of landing, for the tables that ask for it.
    counted, _ = land_and_validate(ORDERS, 12)
    assert {"pos.orders", "crm.customers"} <= counted
    assert not {"pos.order_lines", "pos.products", "marketing.promotions"} & counted
    # Lines are about orders.
    counted, findings = land_and_validate(f"{ORDERS} limit 900", 12)
    assert {"pos.orders", "pos.order_lines"} <= counted
    assert "marketing.promotions" not in counted
    assert "order_id is found in pos.orders" in findings[0]
    path = batch_path(landing_dir, contract.ORDER_LINES)
    with duckdb.connect() as connection:
        connection.execute(f"create table lines as select * from '{path}' limit 990")
        connection.execute(f"copy lines to '{path}'")
    outcomes = validate_landing(landing_dir, kept_dir=kept_dir)
    (outcome,) = (one for one in outcomes if one.relation == "pos.order_lines")
    assert "has as many rows as were landed, found 10" in str(outcome.blocking[0])


PRICES = (
    "select i as product_id, date '2017-01-01' as valid_from, 2 as price, 3 as regular_price "
    "from range(10) as r(i)"
)


@pytest.mark.parametrize(
    ("table", "query", "rule", "blocks"),
    [
        (
            "pos.orders",
            f"select *, ordered_at - interval 1 day as promised_at from ({ORDERS})",
            "promised_at is not before ordered_at",
            False,
        ),
        (
            "marketing.prices",
            f"select * replace (if(product_id <= 5, -1, price) as price) from ({PRICES})",
            "price is not negative",
            True,
        ),
        (
            "marketing.prices",
            f"select * replace (if(product_id <= 4, -1, price) as price) from ({PRICES})",
            "price is not negative",
            False,
        ),
    ],
)
def test_rules_of_the_contract_block_only_what_is_kept_back(
    validate: Validate, table: str, query: str, rule: str, blocks: bool
) -> None:
    """What is taken for unknown is told of, however many rows have it."""
    outcome = validate(table, **{table.split(".")[1]: query})
    found = [finding for finding in outcome.findings if rule in str(finding)]
    assert [finding.severity for finding in found if "at least" not in str(finding)] == ["warning"]
    assert bool(outcome.blocking) == blocks
