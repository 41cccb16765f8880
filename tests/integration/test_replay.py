"""A replay sees what the landing of that day would have shown: every mart, row for row.

All that landed comes in a dozen files a table, what had landed that day in one: how rows are spread
over files changes nothing either.
"""

import csv
import gzip
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb
from dbt_builds import build
from tests_home import Home

from landing.files import land_files

AS_OF = date(2024, 4, 1)
LANDED_ON = date(2024, 7, 1)
FIRST_DAY = date(2023, 1, 2)
LAST_DAY = date(2024, 6, 30)

Row = dict[str, str]
Table = list[Row]


@dataclass(frozen=True)
class Cut:
    """What of a table is not there yet on the as-of date.

    ``exists`` says whether a row is; ``later`` names columns that were empty until the date in the
    column beside them.
    """

    exists: Callable[[Row, Mapping[str, Table]], bool] = lambda row, tables: True
    later: Mapping[str, str] = field(default_factory=dict)


def _past(value: str) -> bool:
    return value == "" or value[:10] < AS_OF.isoformat()


def _by(column: str) -> Callable[[Row, Mapping[str, Table]], bool]:
    return lambda row, tables: _past(row[column])


def _both(*columns: str) -> Callable[[Row, Mapping[str, Table]], bool]:
    return lambda row, tables: all(_past(row.get(column, "")) for column in columns)


def _order_is_past(row: Row, tables: Mapping[str, Table]) -> bool:
    return _past(row.get("updated_at", "")) and _past(
        next(o["ordered_at"] for o in tables["orders"] if o["order_id"] == row["order_id"])
    )


def _target_is_past(row: Row, tables: Mapping[str, Table]) -> bool:
    starts = {c["campaign_id"]: c["start_date"] for c in tables["campaigns"]}
    return _past(row["targeted_on"] or starts[row["campaign_id"]])


# Written out instead of read from the contract, which a test of it cannot lean on.
CUTS: Mapping[str, Cut] = {
    "orders": Cut(_both("ordered_at", "updated_at"), {"fulfilled_at": "fulfilled_at"}),
    "order_lines": Cut(_order_is_past),
    "products": Cut(),
    "stores": Cut(_by("opened_on"), {"closed_on": "closed_on"}),
    "customers": Cut(
        _both("registered_at", "updated_at"),
        {
            "has_marketing_consent": "consent_changed_at",
            "consent_changed_at": "consent_changed_at",
            "first_order_date": "first_order_date",
        },
    ),
    "channels": Cut(),
    "campaigns": Cut(_by("start_date")),
    "campaign_targets": Cut(_target_is_past),
    "touchpoints": Cut(_by("touched_at")),
    "coupon_redemptions": Cut(_by("redeemed_on")),
    "channel_costs": Cut(_by("cost_date")),
    "promotions": Cut(_by("week_start_date")),
    "accounts": Cut(_by("enrolled_on"), {"closed_on": "closed_on"}),
    "points": Cut(_by("entered_at")),
    "surveys": Cut(_by("responded_at")),
    "tickets": Cut(
        _by("opened_at"), {"handling_seconds": "resolved_at", "resolved_at": "resolved_at"}
    ),
}

# How many rows landed, and what they came to, is told of all that landed.
OF_THE_LANDING = {
    "landing_reconciliation": "false",
    "quarantine_reasons": "false",
    "revenue_reconciliation": "kind in ('expected', 'reported')",
}


def _orders(tables: dict[str, Table]) -> None:
    """Customers in rhythms of their own; the last ones begin after the as-of date."""
    for number in range(45):
        customer = "" if number % 11 == 10 else f"c{number}"
        day = FIRST_DAY + timedelta(days=11 * number)
        step = 2 + 3 * (number % 9)
        visits = 2 if number % 7 == 3 else 1 if number % 7 == 5 else 500
        visit = 0
        while day <= LAST_DAY and visit < visits:
            order = f"{number}-{visit}"
            later = day >= AS_OF
            tables["orders"].append(
                {
                    "order_id": order,
                    "customer_id": customer,
                    "ordered_at": f"{day} {'00:00:00' if number % 5 == 0 else '15:30:00'}",
                    # A shop, and products, that sold nothing before the as-of date.
                    "store_id": "late, unknown" if later and number % 4 == 0 else f"s{number % 3}",
                    "channel_id": "late app" if later and number % 6 == 0 else "shop",
                    "order_status": ["", "completed", "cancelled", "delivered", "test"][
                        0 if visit % 13 else number % 5
                    ],
                    "original_order_id": "",
                    "fulfilled_at": f"{day + timedelta(days=5)} 09:00:00",
                }
            )
            for line in range(1 + number % 3):
                tables["order_lines"].append(
                    {
                        "order_line_id": f"{order}-{line}",
                        "order_id": order,
                        "product_id": "late" if later and line == 1 else f"p{(visit + line) % 6}",
                        "quantity": "1",
                        "net_revenue": f"{5 + (7 * number + visit + line) % 40}.25",
                        "cost_amount": "3.00" if number % 4 else "",
                    }
                )
            # Some orders come back, a good part of them after the as-of date.
            if visit % 6 == 4:
                back = day + timedelta(days=9)
                tables["orders"].append(
                    {
                        "order_id": f"{order}-back",
                        "customer_id": customer,
                        "ordered_at": f"{back} 11:00:00",
                        "store_id": f"s{number % 3}",
                        "channel_id": "shop",
                        "order_status": "returned",
                        "original_order_id": order if number % 2 else "",
                        "fulfilled_at": "",
                    }
                )
                tables["order_lines"].append(
                    {
                        "order_line_id": f"{order}-back-0",
                        "order_id": f"{order}-back",
                        "product_id": f"p{visit % 6}",
                        "quantity": "-1",
                        "net_revenue": f"-{5 + (7 * number + visit) % 40}.25",
                        "cost_amount": "",
                    }
                )
            day += timedelta(days=step + (visit * number) % 5)
            visit += 1


def _around_the_date(tables: dict[str, Table]) -> None:
    """Everything else, with days on both sides of the as-of date and on it."""
    days = [AS_OF + timedelta(days=offset) for offset in (-400, -200, -90, -40, -8, -1, 0, 1, 30)]
    for number in range(45):
        day = days[number % len(days)]
        # A profile may be younger than the customer's first order, as of somebody who buys nothing.
        tables["customers"] += [
            {
                "customer_id": f"{prefix}{number}",
                "registered_at": "" if number % 8 == 7 else f"{day} 08:00:00",
                "city": f"city {number % 4}",
                "first_order_date": str(day) if number % 4 == 2 else "",
                "has_marketing_consent": "true" if number % 2 else "false",
                "consent_changed_at": f"{day + timedelta(days=60)} 08:00:00",
            }
            for prefix in ("c", "guest ")
        ]
        tables["accounts"].append(
            {
                "account_id": f"a{number}",
                "customer_id": f"c{number}" if number % 2 else f"member {number}",
                "tier": "gold",
                "enrolled_on": str(day - timedelta(days=100 * (number % 2))),
                "closed_on": str(day) if number % 3 == 0 else "",
            }
        )
        for entry in range(3):
            tables["points"].append(
                {
                    "entry_id": f"{number}-{entry}",
                    "account_id": f"a{number}",
                    "entry_type": "earn" if entry else "adjust",
                    "points": "10",
                    "entered_at": f"{day - timedelta(days=400 * entry)} 10:00:00",
                }
            )
        tables["touchpoints"].append(
            {
                "touchpoint_id": f"t{number}",
                "customer_id": f"c{number % 30}",
                "channel_id": ["mail", "shop", "late ads" if day >= AS_OF else "ads"][number % 3],
                "touched_at": f"{day - timedelta(days=3 * (number % 2))} 12:00:00",
                "touch_type": "click",
                # Of campaigns, too, that have sent nothing to the customer before the as-of date.
                "campaign_id": f"k{number % 5}" if number % 4 else "",
                "cost_amount": "0.10",
            }
        )
        tables["campaign_targets"] += [
            {
                "campaign_id": f"k{campaign}",
                "customer_id": f"c{number}" if number % 3 else f"target {number}",
                "targeted_on": str(day) if number % 2 else "",
                "is_control": "true" if number % 7 == 0 else "",
            }
            for campaign in {number % 5, 4 - number % 5}
        ]
        tables["coupon_redemptions"].append(
            {
                "redemption_id": f"r{number}",
                "customer_id": f"c{number % 20}",
                "coupon_id": "x",
                "campaign_id": "",
                "channel_id": "mail",
                "redeemed_on": str(day),
                "discount_amount": "1.00",
            }
        )
        tables["surveys"].append(
            {
                "response_id": f"q{number}",
                "customer_id": f"asked {number}",
                "responded_at": f"{day} 10:00:00",
                "survey_type": "nps",
                "score": "9",
                "scale_max": "10",
            }
        )
        tables["tickets"].append(
            {
                "ticket_id": f"i{number}",
                "customer_id": f"c{number}",
                "opened_at": f"{day} 10:00:00",
                "resolved_at": f"{day + timedelta(days=9)} 10:00:00",
                "ticket_type": ["enquiry", "cancellation", "complaint"][number % 3],
                "handling_seconds": "60",
            }
        )
    for number, day in enumerate(days):
        tables["stores"].append(
            {
                "store_id": f"s{number}",
                "store_name": f"Store {number}",
                "opened_on": str(day),
                "closed_on": str(day + timedelta(days=100)) if number % 2 else "",
            }
        )
        tables["channel_costs"].append(
            {"channel_id": "mail", "cost_date": str(day), "cost_type": "m", "cost_amount": "5.00"}
        )
        tables["promotions"].append(
            {
                "product_id": "p1",
                "store_id": "s1",
                "week_start_date": str(day - timedelta(days=day.weekday())),
            }
        )
    for number, day in enumerate(days[3:8]):
        tables["campaigns"].append(
            {
                "campaign_id": f"k{number}",
                "campaign_name": f"Campaign {number}",
                "channel_id": f"campaign mail {number}" if number > 2 else "mail",
                "start_date": str(day),
                "end_date": str(day + timedelta(days=60)),
            }
        )
    for product in range(3):
        tables["products"].append({"product_id": f"p{product}", "category": "c", "unit_cost": "3"})
    for channel, kind in (("mail", "marketing"), ("shop", "sales")):
        tables["channels"].append({"channel_id": channel, "channel_type": kind})


def _versions(tables: dict[str, Table]) -> None:
    """Second versions of orders, lines and profiles, on both sides of the as-of date."""
    days = {o["order_id"]: date.fromisoformat(o["ordered_at"][:10]) for o in tables["orders"]}
    for name, every, changed in (
        ("orders", 9, {"order_status": "cancelled"}),
        ("order_lines", 7, {"net_revenue": "77.25"}),
        ("customers", 4, {"city": "moved"}),
    ):
        rows = tables[name]
        for number, row in enumerate(rows):
            day = days.get(row.get("order_id", ""), FIRST_DAY)
            row["updated_at"] = f"{day} 23:00:00" if number % every == 0 else ""
        rows += [
            {**row, **changed, "updated_at": f"{day + timedelta(days=wait)} 23:30:00"}
            for number, row in enumerate(rows)
            if number % every == 0
            for day in [days.get(row.get("order_id", ""), AS_OF)]
            for wait in [(-20, 30)[number // every % 2] if name == "customers" else 30]
        ]


def _write(folder: Path, tables: Mapping[str, Table], *, parts: int = 1) -> Path:
    """A file for each table, or so many, packed and not, that follow each other by name."""
    folder.mkdir()
    for name, rows in tables.items():
        if parts == 1:
            _write_rows(folder / f"{name}.csv", rows)
            continue
        (folder / name).mkdir()
        parts_here = min(parts, len(rows))
        for part in range(parts_here):
            edges = (len(rows) * number // parts_here for number in (part, part + 1))
            of_part = rows[slice(*edges)]
            suffix = ".csv.gz" if part % 2 else ".csv"
            _write_rows(folder / name / f"{part:02}{suffix}", of_part)
    return folder


def _write_rows(path: Path, rows: Table) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def _cut(tables: Mapping[str, Table]) -> dict[str, Table]:
    assert tables.keys() == CUTS.keys()
    return {
        name: [
            {
                column: value
                if column not in CUTS[name].later or _past(row[CUTS[name].later[column]])
                else ""
                for column, value in row.items()
            }
            for row in rows
            if CUTS[name].exists(row, tables)
        ]
        for name, rows in tables.items()
    }


def _built(home: Home, folder: Path, warehouse: Path, *, tests: bool) -> Path:
    """The warehouse of a folder as of the date, moved out of the home."""
    home.empty()
    land_files(folder, home.path / "landing", landed_on=LANDED_ON)
    build(home, "--vars", f"as_of_date: {AS_OF}", tests=tests)
    return home.warehouse_path.rename(warehouse)


def test_a_replay_equals_the_landing_of_that_day(home: Home, tmp_path: Path) -> None:
    tables: dict[str, Table] = {name: [] for name in CUTS}
    _orders(tables)
    _around_the_date(tables)
    _versions(tables)
    cut = _cut(tables)
    for name, rows in tables.items():
        # Otherwise the test would say nothing about the table.
        assert len(cut[name]) > 0, name
        assert len(cut[name]) < len(rows) or name in ("products", "channels"), name

    files = _write(tmp_path / "files", tables, parts=12)
    all_landed = _built(home, files, tmp_path / "all.duckdb", tests=True)
    cut_files = _write(tmp_path / "cut files", cut)
    cut_landed = _built(home, cut_files, tmp_path / "cut.duckdb", tests=False)

    with duckdb.connect() as connection:
        connection.execute(f"attach '{all_landed}' as whole (read_only)")
        connection.execute(f"attach '{cut_landed}' as cut (read_only)")
        marts = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'whole' "
            "and schema_name = 'marts' order by table_name"
        ).fetchall()
        assert len(marts) > 30
        differences = {}
        for (mart,) in marts:
            where = OF_THE_LANDING.get(mart, "true")
            one = f"select * from whole.marts.{mart} where {where}"
            other = f"select * from cut.marts.{mart} where {where}"
            rows = connection.execute(
                f"select 'seen only with all landed', * from ({one} except all {other}) union all "
                f"select 'seen only with the cut landed', * from ({other} except all {one})"
            ).fetchall()
            if rows:
                differences[mart] = rows[:3]
        assert differences == {}
