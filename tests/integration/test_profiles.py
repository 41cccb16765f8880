"""What becomes of profiles from landing to landing."""

from datetime import date

import duckdb
from dbt_builds import build, write_files
from tests_home import Home

from landing.files import land_files

PROFILES = ("dim_customers", "dim_customers_history")


def _seen(home: Home, day: int, customers: list[str]) -> dict[str, list[tuple[object, ...]]]:
    """The marts of the profiles after a landing of 2024-06-`day`."""
    folder = write_files(
        home.path / f"day{day}",
        orders=[
            "order_id,customer_id,ordered_at",
            *(
                "A1,C1,2024-06-01 10:00:00",
                "A2,C1,2024-06-20 10:00:00",
                "A3,C2,2024-06-24 10:00:00",
            ),
        ],
        order_lines=[
            "order_line_id,order_id,quantity,net_revenue",
            *("1,A1,1,10.00", "2,A2,1,10.00", "3,A3,1,10.00"),
        ],
        customers=["customer_id,city,updated_at", *customers],
    )
    land_files(folder, home.path / "landing", landed_on=date(2024, 6, day))
    selected = [f"+{mart}" for mart in PROFILES]
    as_of = ("--vars", "as_of_date: 2024-07-01")
    build(home, "--select", *selected, "--indirect-selection", "cautious", *as_of)
    with duckdb.connect(home.warehouse_path, read_only=True) as connection:
        return {
            "now": connection.execute(
                "select customer_id, is_known, city from marts.dim_customers order by customer_id"
            ).fetchall(),
            "history": connection.execute(
                "select customer_id, city, valid_from::varchar, is_current "
                "from marts.dim_customers_history order by customer_id, version_number"
            ).fetchall(),
        }


def test_a_clock_that_goes_back_heals_and_a_profile_that_is_gone_is_gone(home: Home) -> None:
    york = "C2,York,2024-05-01 00:00:00"
    marts = _seen(home, 24, ["C1,Leeds,2024-05-01 00:00:00", york])
    assert marts["now"] == [("C1", True, "Leeds"), ("C2", True, "York")]

    # The clock goes back with the change, and the file is put right again.
    marts = _seen(home, 25, ["C1,Bath,2024-04-01 00:00:00", york])
    assert marts["now"] == [("C1", True, "Bath"), ("C2", True, "York")]
    marts = _seen(home, 26, ["C1,Leeds,2024-05-01 00:00:00", york])
    assert marts == {
        "now": [("C1", True, "Leeds"), ("C2", True, "York")],
        "history": [
            ("C1", "Leeds", None, False),
            ("C1", "Bath", "2024-06-25", False),
            ("C1", "Leeds", "2024-06-26", True),
            ("C2", "York", None, True),
        ],
    }

    # One profile is gone, another changes while its clock stands.
    marts = _seen(home, 28, ["C2,Ripon,2024-05-01 00:00:00"])
    assert marts == {
        "now": [("C1", False, None), ("C2", True, "Ripon")],
        "history": [("C2", "York", None, False), ("C2", "Ripon", "2024-06-28", True)],
    }
    with duckdb.connect(home.warehouse_path, read_only=True) as connection:
        assert connection.execute("select count(*) from marts.fct_orders").fetchall() == [(3,)]
