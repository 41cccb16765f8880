"""The landing contract: every raw table, its columns, types, keys and meaning, declared once.

From this declaration follow the dbt sources, the staging models (what is kept back, and what is
visible of the rest) with their documentation, the Great Expectations landing suites, the empty
tables, and the reader for a user's own files. To add a table is to declare it here.

Conventions that hold for every table:

* Identifiers are text, whatever they look like.
* Money is ``decimal(18,2)`` in the currency of the order.
* Timestamps and dates are local to the store (or to the business, where there is no store); they
  carry no time zone.
* A column that is not required may be missing from a file; it is then null in every row.
* A sale is never lost for what cannot be in a date or amount that is optional: it has none then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

ColumnType = Literal[
    "text", "integer", "quantity", "money", "points", "number", "date", "timestamp", "boolean"
]

SQL_TYPES: dict[ColumnType, str] = {
    "text": "varchar",
    "integer": "bigint",
    "quantity": "decimal(18,3)",
    "money": "decimal(18,2)",
    "points": "decimal(18,2)",
    "number": "double",
    "date": "date",
    "timestamp": "timestamp",
    "boolean": "boolean",
}


Effect = Literal["quarantine", "no_value", "warning"]


@dataclass(frozen=True)
class Rule:
    """What no row should be: ``condition`` is SQL on its columns that is true where it is.

    The landing check tells of such rows, and blocks where they are the majority. With the effect
    ``quarantine`` they are kept back for the reason ``name``; with ``no_value`` they have none in
    ``column``, however many they are. ``meaning`` says how it should be.
    """

    name: str
    column: str
    condition: str
    meaning: str
    effect: Effect = "warning"


@dataclass(frozen=True)
class Derived:
    """A column that staging adds to the landed ones."""

    name: str
    sql: str
    meaning: str


@dataclass(frozen=True)
class Column:
    """One column of a landing table.

    ``required`` columns must be present in a file. ``nullable`` says whether a row may leave the
    column empty; a null in a column that is not nullable puts the row in quarantine.
    ``references`` names the ``table.column`` a value should be found in. ``personal`` marks
    personal data, shown in the schema ``restricted`` alone. ``accepted_values`` lists the only
    values with a meaning. ``known_from`` names the date column (itself, for the date of a later
    fact) on which the value became known: before that day the row has none. A planned date is known
    at once.

    ``must_exist``: a row whose reference is not found, or was kept back itself, is kept back.
    ``empty_means`` is what staging puts where there is no value, as SQL. ``may_be_placeholder``: a
    date before the earliest plausible one is none. ``has_history``: the warehouse keeps the former
    values. A column that is not ``staged`` serves the landing alone.
    """

    name: str
    type: ColumnType
    meaning: str
    required: bool = False
    nullable: bool = True
    personal: bool = False
    references: str | None = None
    accepted_values: tuple[str, ...] = ()
    known_from: str | None = None
    must_exist: bool = False
    empty_means: str | None = None
    may_be_placeholder: bool = False
    has_history: bool = False
    staged: bool = True

    @property
    def sql_type(self) -> str:
        """The column's type in the landed Parquet file, as DuckDB writes it."""
        return SQL_TYPES[self.type]

    @property
    def is_identifier(self) -> bool:
        """Whether the column's texts are keys, to be compared letter by letter."""
        return self.type == "text" and (self.references is not None or self.name.endswith("_id"))


@dataclass(frozen=True)
class Table:
    """One landing table: ``system`` is where it comes from, ``key`` identifies a row.

    ``required`` tables must be supplied: all of them, or none where there are no sales.
    ``event_column`` dates what the row tells of; an event after the day of landing puts the row in
    quarantine. ``start_column`` dates the beginning of what is no event, such as a campaign: it may
    be planned, and before it the row is not visible. ``version_column`` dates the version of a
    record: of accepted rows that share a key the newest wins, and of equally new ones the last that
    landed. ``owner`` names the columns in which all versions of a record agree, whoever it belongs
    to first: rows that differ in them are different records under a number used twice.

    ``event_days``: the event lasts so many days, and is seen when the last has passed. A row
    without a start has that of the record that the column ``start_from`` names; with ``seen_with``,
    it is seen where the record is that this column names. What meets the SQL ``never_counts`` is no
    event, only known or not. ``is_large``: of so many rows not every key is looked at before the
    warehouse is built. ``is_read_often``: its audited rows are written out.
    """

    system: str
    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    required: bool = False
    event_column: str | None = field(default=None)
    start_column: str | None = None
    version_column: str | None = "updated_at"
    owner: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    derived: tuple[Derived, ...] = ()
    event_days: int = 1
    start_from: str | None = None
    seen_with: str | None = None
    never_counts: str | None = None
    is_large: bool = False
    is_read_often: bool = False

    @property
    def qualified_name(self) -> str:
        """The table's name with its system: ``pos.orders``."""
        return f"{self.system}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def is_about_persons(self) -> bool:
        """Whether it has personal columns, so that a row that slipped has them anywhere."""
        return any(column.personal for column in self.columns)

    @property
    def reuse_reason(self) -> str:
        """Why rows are kept back whose number was used twice: ``order_number_reused``."""
        return f"{self.key[0].removesuffix('_id')}_number_reused"

    @property
    def reused(self) -> str:
        """SQL condition on the rows of one key: they are no versions of one record. May be empty.

        A customer who is named later is the same customer. The event keeps its day, and where the
        customer is not known its time too, or every version must carry a date of its own.
        """
        conditions = [f"min({column}) <> max({column})" for column in self.owner]
        if self.owner and self.event_column:
            who, event, version = self.owner[0], self.event_column, self.version_column
            day = f"cast({event} as date)"
            dated = f"count(distinct {version}) = count(*)"
            conditions += [
                f"(min({day}) <> max({day}) and not (count({who}) = count(*) and {dated}))",
                f"(min({event}) <> max({event}) and count({who}) < count(*) and not {dated})",
            ]
        return " or ".join(conditions)

    def identity(self, column: Column) -> str:
        """The ``system.table.column`` whose identifiers the column has: its own or another's."""
        return column.references or f"{self.qualified_name}.{column.name}"

    @property
    def parents(self) -> tuple[Column, ...]:
        """The columns whose reference must exist."""
        return tuple(column for column in self.columns if column.must_exist)

    def of_rows(self, condition: str, rows: str) -> str:
        """The condition with its columns as those of the relation ``rows``."""
        names = "|".join(self.column_names)
        return re.sub(rf"\b({names})\b(?!')", rf"{rows}.\1", condition)

    def column(self, name: str) -> Column:
        """The column called ``name``; raises ``KeyError`` if the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.qualified_name} has no column {name!r}")


VOID_ORDER_STATUSES = ("cancelled", "unavailable", "test")
"""States of an order that never becomes a sale."""


def _key(name: str, meaning: str, references: str | None = None) -> Column:
    return Column(name, "text", meaning, required=True, nullable=False, references=references)


def _version(*, staged: bool = False) -> Column:
    meaning = "When the record last changed; of its versions the newest counts."
    return Column("updated_at", "timestamp", meaning, staged=staged)


def _parent(name: str, meaning: str, references: str) -> Column:
    return Column(
        *(name, "text", meaning),
        required=True,
        nullable=False,
        references=references,
        must_exist=True,
    )


def _attribute(name: str, meaning: str, references: str | None = None) -> Column:
    return Column(name, "text", meaning, references=references, has_history=True)


def _fact_at(name: str, meaning: str) -> Column:
    """The time of something that happens after the event of the row."""
    return Column(name, "timestamp", meaning, known_from=name)


def _not_negative(*columns: str, effect: Effect = "warning") -> tuple[Rule, ...]:
    return tuple(
        Rule(f"negative_{column}", column, f"{column} < 0", f"{column} is not negative", effect)
        for column in columns
    )


def _not_before(start: str, *columns: str, effect: Effect = "no_value") -> tuple[Rule, ...]:
    """Days, because one of the two may have no time."""
    return tuple(
        Rule(
            f"{column}_before_{start}",
            column,
            f"cast({column} as date) < cast({start} as date)",
            f"{column} is not before {start}",
            effect,
        )
        for column in columns
    )


def _span(start: str, end: str, what: str, effect: Effect = "quarantine") -> Rule:
    name, meaning = "ends_before_start", f"no {what} ends before it starts"
    return Rule(name, end, f"{end} < {start}", meaning, effect)


def _customer(meaning: str, *, required: bool = True) -> Column:
    return Column(
        "customer_id",
        "text",
        meaning,
        required=required,
        nullable=not required,
        references="crm.customers.customer_id",
    )


ORDERS = Table(
    system="pos",
    name="orders",
    meaning="Baskets rung up at a till or placed online, returns and exchanges included. "
    "One row per order.",
    key=("order_id",),
    required=True,
    event_column="ordered_at",
    owner=("customer_id", "store_id"),
    never_counts=f"order_status in {VOID_ORDER_STATUSES!r}",
    derived=(
        Derived(
            "order_date",
            "cast(ordered_at as date)",
            "Business day: the date of ordered_at.",
        ),
    ),
    rules=_not_before(
        *("ordered_at", "promised_at", "approved_at", "shipped_at", "fulfilled_at", "cancelled_at")
    ),
    columns=(
        _key("order_id", "Order (basket, receipt) number."),
        Column(
            "customer_id",
            "text",
            "Customer who identified themselves at the till; empty for an anonymous sale, which "
            "counts as sales but stays out of the customer marts.",
            required=True,
            references="crm.customers.customer_id",
        ),
        Column(
            "ordered_at",
            "timestamp",
            "When the order was placed, in the store's local time. Its date is the business day.",
            required=True,
            nullable=False,
        ),
        Column("store_id", "text", "Store that sold it.", references="pos.stores.store_id"),
        Column(
            "channel_id",
            "text",
            "Sales channel (store, web shop, app, …) the order came through.",
            references="marketing.channels.channel_id",
        ),
        Column(
            "order_status",
            "text",
            "State of the order; empty means completed. Cancelled, unavailable and test orders are "
            "void: they never become sales. Returned says that a sale came back; a document that "
            "takes goods back is an order of type return.",
            accepted_values=(
                *("pending", "shipped", "delivered", "completed", "returned"),
                *("cancelled", "unavailable", "test", "exchange"),
            ),
            empty_means="'completed'",
        ),
        Column(
            "order_type",
            "text",
            "What the order is: a sale, a return (credit note) or an exchange. Empty: what its "
            "state and its lines say.",
            accepted_values=("sale", "return", "exchange"),
        ),
        Column(
            "currency",
            "text",
            "Currency of the amounts, as ISO 4217. A warehouse has one.",
            staged=False,
        ),
        Column(
            "original_order_id",
            "text",
            "For a return or an exchange: the order it goes back to.",
            references="pos.orders.order_id",
        ),
        Column("promised_at", "timestamp", "When the goods were promised for."),
        _fact_at("approved_at", "When the payment or the order was approved."),
        _fact_at("shipped_at", "When the goods left for the customer."),
        _fact_at("fulfilled_at", "When the goods were handed over or delivered."),
        _fact_at("cancelled_at", "When the order was cancelled."),
        Column(
            "cancel_reason",
            "text",
            "Why the order was cancelled.",
            known_from="cancelled_at",
        ),
        Column("ship_country", "text", "Country the goods go to."),
        Column("shipping_amount", "money", "Shipping charged to the customer, tax apart."),
        Column("fulfilment_cost", "money", "What picking, packing and delivery cost the retailer."),
        _version(),
    ),
)

ORDER_LINES = Table(
    system="pos",
    name="order_lines",
    meaning="Items of an order. A negative quantity is a return. One row per order and item.",
    key=("order_line_id",),
    required=True,
    owner=("order_id",),
    seen_with="order_id",
    is_read_often=True,
    rules=tuple(
        Rule(
            f"negative_{discount}",
            discount,
            f"quantity >= 0 and {discount} < 0",
            f"{discount} is given as a positive amount",
        )
        for discount in (
            "loyalty_discount",
            "promotion_discount",
            "coupon_match_discount",
            "manufacturer_coupon_discount",
        )
    ),
    columns=(
        _key("order_line_id", "Identifier of the line, unique over all orders."),
        _parent("order_id", "Order the line belongs to.", "pos.orders.order_id"),
        Column("product_id", "text", "Product sold.", references="pos.products.product_id"),
        Column(
            "store_id",
            "text",
            "Seller of the line, where an order has several: a partner on a market place, or "
            "another store than the order's.",
            references="pos.stores.store_id",
        ),
        Column(
            "line_type",
            "text",
            "What the line is; empty means a product, or an adjustment where the quantity is not "
            "negative and the amount is.",
            accepted_values=(
                *("product", "discount", "voucher", "gift_card", "deposit"),
                *("shipping", "fee", "adjustment"),
            ),
        ),
        Column(
            "quantity",
            "quantity",
            "Units, or weight or volume for goods sold that way; negative for a return.",
            required=True,
            nullable=False,
        ),
        Column(
            "net_revenue",
            "money",
            "What the retailer receives for the line, after the retailer's own discounts and "
            "without tax. A manufacturer's coupon does not lower it, because the manufacturer "
            "reimburses it. The revenue of every mart.",
            required=True,
            nullable=False,
        ),
        Column("gross_amount", "money", "Shelf price times quantity, before any discount."),
        Column("loyalty_discount", "money", "Discount of the loyalty card, as a positive amount."),
        Column(
            "promotion_discount",
            "money",
            "Discount of a price promotion or markdown, as a positive amount.",
        ),
        Column(
            "coupon_match_discount",
            "money",
            "What the retailer adds to a manufacturer's coupon, as a positive amount.",
        ),
        Column(
            "manufacturer_coupon_discount",
            "money",
            "Face value of manufacturers' coupons, reimbursed to the retailer, as a positive "
            "amount.",
        ),
        Column(
            "amount_paid",
            "money",
            "What the customer pays: net revenue less manufacturers' coupons.",
        ),
        Column("tax_amount", "money", "Sales tax or VAT on the line, apart from net revenue."),
        Column(
            "shipping_amount",
            "money",
            "Shipping charged for the line, tax apart, where it is not told of the whole order.",
        ),
        Column("cost_amount", "money", "Cost of the goods of the line."),
        _version(),
    ),
)

PAYMENTS = Table(
    system="pos",
    name="payments",
    meaning="How orders were paid; what was paid back is negative. One row per order and payment.",
    key=("order_id", "payment_sequence"),
    seen_with="order_id",
    rules=_not_negative("instalments", effect="no_value"),
    columns=(
        _parent("order_id", "Order that was paid.", "pos.orders.order_id"),
        Column(
            "payment_sequence",
            "integer",
            "Number of the payment within its order.",
            required=True,
            nullable=False,
        ),
        Column("payment_method", "text", "Means of payment, in the retailer's own terms."),
        Column("instalments", "integer", "Instalments the payment is made in."),
        Column("paid_amount", "money", "Amount paid.", required=True, nullable=False),
        _version(),
    ),
)

SALES_WEEKLY = Table(
    system="pos",
    name="sales_weekly",
    meaning="Sales without baskets: totals of a product by store and week. They are part of no "
    "order. One row per store, week and product.",
    key=("store_id", "week_start_date", "product_id"),
    event_column="week_start_date",
    event_days=7,
    is_large=True,
    rules=(
        *_not_negative("visits", "households", effect="no_value"),
        Rule(
            "more_households_than_visits",
            "households",
            "households > visits",
            "no more households than visits bought a product",
        ),
    ),
    columns=(
        _key("store_id", "Store.", references="pos.stores.store_id"),
        Column(
            "week_start_date",
            "date",
            "First day of the week. The week is seen when its seventh day has passed.",
            required=True,
            nullable=False,
        ),
        _key("product_id", "Product sold.", references="pos.products.product_id"),
        Column("units", "quantity", "Units sold, less those returned."),
        Column(
            "net_revenue",
            "money",
            "What the retailer receives, after discounts and without tax.",
            required=True,
            nullable=False,
        ),
        Column("visits", "integer", "Baskets with the product."),
        Column("households", "integer", "Households that bought the product."),
        _version(),
    ),
)

INVENTORY = Table(
    system="pos",
    name="inventory",
    meaning="Stock on hand at the end of a day. One row per store, product and day.",
    key=("store_id", "product_id", "inventory_date"),
    event_column="inventory_date",
    is_large=True,
    rules=_not_negative("units_on_hand", "units_on_order", "stock_value"),
    columns=(
        _key("store_id", "Store or warehouse.", references="pos.stores.store_id"),
        _key("product_id", "Product.", references="pos.products.product_id"),
        Column("inventory_date", "date", "Day.", required=True, nullable=False),
        Column("units_on_hand", "quantity", "Units in stock.", required=True, nullable=False),
        Column("units_on_order", "quantity", "Units ordered and not yet received."),
        Column("stock_value", "money", "Value of the units in stock, at cost."),
        _version(),
    ),
)

PRODUCTS = Table(
    system="pos",
    name="products",
    meaning="Product master data. One row per product.",
    key=("product_id",),
    rules=_not_negative("unit_cost", "list_price"),
    columns=(
        _key("product_id", "Product number."),
        Column("product_name", "text", "Name on the shelf."),
        Column("brand", "text", "Brand name."),
        Column(
            "brand_type",
            "text",
            "Whether the brand is the retailer's own.",
            accepted_values=("national", "private"),
        ),
        Column("manufacturer_id", "text", "Manufacturer."),
        Column("department", "text", "Top level of the product hierarchy."),
        Column("category", "text", "Middle level of the product hierarchy."),
        Column("subcategory", "text", "Lowest level of the product hierarchy."),
        Column("package_size", "text", "Package size as printed."),
        Column("unit_cost", "money", "Standard cost of one unit."),
        Column("list_price", "money", "Regular shelf price of one unit."),
        _version(),
    ),
)

STORES = Table(
    system="pos",
    name="stores",
    meaning="Stores and other points of sale. One row per store.",
    key=("store_id",),
    start_column="opened_on",
    rules=(
        _span("opened_on", "closed_on", "store", effect="warning"),
        *_not_negative("sales_area_sqm"),
    ),
    columns=(
        _key("store_id", "Store number."),
        Column("store_name", "text", "Name of the store."),
        Column("store_format", "text", "Format, such as hypermarket, supermarket or convenience."),
        Column("city", "text", "City."),
        Column("city_tier", "text", "Tier of the city."),
        Column("region", "text", "Sales region."),
        Column("time_zone", "text", "IANA time zone that the store's local times are in."),
        Column("opened_on", "date", "First day of trade."),
        Column(
            "closed_on",
            "date",
            "Last day of trade; empty while the store is open.",
            known_from="closed_on",
        ),
        Column("sales_area_sqm", "quantity", "Sales area in square metres."),
        _version(),
    ),
)

CUSTOMERS = Table(
    system="crm",
    name="customers",
    meaning="Customer profiles as they are now; history is kept by the warehouse. "
    "One row per customer.",
    key=("customer_id",),
    start_column="registered_at",
    rules=(
        *_not_negative("referral_count", "prior_orders", effect="no_value"),
        *_not_before("first_order_date", "prior_last_order_date"),
    ),
    columns=(
        _key("customer_id", "Customer (loyalty member, household) number."),
        _attribute("household_id", "Household the customer belongs to."),
        Column(
            "registered_at",
            "timestamp",
            "When the profile was made.",
            may_be_placeholder=True,
            has_history=True,
        ),
        Column("full_name", "text", "Name.", personal=True),
        Column("email", "text", "E-mail address.", personal=True),
        Column("phone", "text", "Telephone number.", personal=True),
        Column("address", "text", "Street and house number.", personal=True),
        Column("postal_code", "text", "Postal code.", personal=True),
        Column("birth_date", "date", "Date of birth.", personal=True),
        _attribute("age_band", "Age in bands."),
        _attribute("gender", "Gender as stated."),
        _attribute("income_band", "Yearly income in bands."),
        _attribute("occupation", "Occupation."),
        _attribute("marital_status", "Marital status."),
        _attribute("home_ownership", "Whether the household owns or rents its home."),
        _attribute("household_size", "Persons in the household, the last value open-ended."),
        _attribute("household_composition", "Adults and children in the household."),
        _attribute("children_count", "Children in the household, the last value open-ended."),
        _attribute("city", "City."),
        _attribute("city_tier", "Tier of the city."),
        _attribute("region", "Region."),
        _attribute(
            "acquisition_channel_id",
            "Channel that brought the customer.",
            references="marketing.channels.channel_id",
        ),
        _attribute(
            "preferred_channel_id",
            "Channel the customer wishes to be contacted through.",
            references="marketing.channels.channel_id",
        ),
        _attribute(
            "referrer_customer_id",
            "Customer who referred this one.",
            references="crm.customers.customer_id",
        ),
        Column("country", "text", "Country."),
        Column("education", "text", "Level of education."),
        Column("referral_count", "integer", "Customers whom this one has referred."),
        Column(
            "main_sales_channel_id",
            "text",
            "Sales channel the customer mostly buys through.",
            references="marketing.channels.channel_id",
        ),
        Column(
            "first_order_date",
            "date",
            "Day of the customer's first order ever, also where that is before the orders begin.",
            may_be_placeholder=True,
            known_from="first_order_date",
        ),
        Column("prior_orders", "integer", "Orders from before the first that landed."),
        Column(
            "prior_revenue", "money", "Revenue of the orders from before the first that landed."
        ),
        Column(
            "prior_last_order_date",
            "date",
            "Day of the last order from before the first that landed.",
            may_be_placeholder=True,
        ),
        Column(
            "has_marketing_consent",
            "boolean",
            "Whether the customer may be contacted.",
            known_from="consent_changed_at",
            has_history=True,
        ),
        Column(
            "consent_changed_at",
            "timestamp",
            "When the consent was last given or withdrawn.",
            known_from="consent_changed_at",
        ),
        _version(staged=True),
    ),
)

CUSTOMER_IDS = Table(
    system="crm",
    name="customer_ids",
    meaning="Numbers that other systems have for a customer. One row per number and system.",
    key=("source_id", "source_system"),
    start_column="linked_on",
    columns=(
        _key("source_id", "Number of the customer in another system."),
        Column("source_system", "text", "System that has the number; may be empty for only one."),
        _customer("Customer it stands for."),
        Column("linked_on", "date", "Day from which the number stands for the customer."),
        _version(),
    ),
)

SUBSCRIPTIONS = Table(
    system="crm",
    name="subscriptions",
    meaning="Contracts and subscriptions that renew themselves. One row per subscription.",
    key=("subscription_id",),
    start_column="started_on",
    owner=("customer_id",),
    rules=(
        _span("started_on", "ended_on", "subscription"),
        *_not_negative("interval_amount"),
    ),
    columns=(
        _key("subscription_id", "Subscription."),
        _customer("Customer who has it."),
        Column("product_id", "text", "Product or plan.", references="pos.products.product_id"),
        Column("started_on", "date", "First day.", required=True, nullable=False),
        Column("ended_on", "date", "Last day; empty while it runs.", known_from="ended_on"),
        Column(
            "billing_interval",
            "text",
            "How often it is paid for.",
            accepted_values=("day", "week", "month", "quarter", "half_year", "year"),
        ),
        Column("interval_amount", "money", "What is paid for each interval, without tax."),
        Column("end_reason", "text", "Why it ended.", known_from="ended_on"),
        _version(),
    ),
)

ACTIVITY = Table(
    system="crm",
    name="activity",
    meaning="What customers do besides buying, counted by day: visits, app opens, flights. "
    "One row per customer, day and kind.",
    key=("customer_id", "activity_date", "activity_kind"),
    event_column="activity_date",
    rules=_not_negative("activity_count", effect="no_value"),
    columns=(
        _customer("Customer."),
        Column("activity_date", "date", "Day.", required=True, nullable=False),
        _key("activity_kind", "Kind of activity, in the retailer's own terms."),
        Column("activity_count", "quantity", "How often, or how much; empty means once."),
        _version(),
    ),
)


CHANNELS = Table(
    system="marketing",
    name="channels",
    meaning="Sales, marketing and service channels. One row per channel.",
    key=("channel_id",),
    rules=_not_negative("daily_capacity"),
    columns=(
        _key("channel_id", "Channel."),
        Column("channel_name", "text", "Name to show."),
        Column(
            "channel_type",
            "text",
            "What the channel is for.",
            required=True,
            nullable=False,
            accepted_values=("sales", "marketing", "service"),
        ),
        Column("is_online", "boolean", "Whether the channel is digital."),
        Column("daily_capacity", "quantity", "Orders or contacts the channel can take in a day."),
        _version(),
    ),
)

CAMPAIGNS = Table(
    system="marketing",
    name="campaigns",
    meaning="Marketing campaigns. One row per campaign.",
    key=("campaign_id",),
    start_column="start_date",
    rules=(
        _span("start_date", "end_date", "campaign"),
        *_not_negative("budget_amount"),
        Rule(
            "share_above_1",
            "control_share",
            "control_share < 0 or control_share > 1",
            "what is held back is a share",
            "no_value",
        ),
    ),
    columns=(
        _key("campaign_id", "Campaign."),
        Column("campaign_name", "text", "Name of the campaign."),
        Column("campaign_type", "text", "Kind of campaign, in the retailer's own terms."),
        Column(
            "channel_id",
            "text",
            "Marketing channel that carried the campaign.",
            references="marketing.channels.channel_id",
        ),
        Column("start_date", "date", "First day.", required=True, nullable=False),
        Column("end_date", "date", "Last day."),
        Column("objective", "text", "What the campaign is to achieve."),
        Column("budget_amount", "money", "Budget."),
        Column(
            "control_share",
            "quantity",
            "Share of those chosen that was to be held back as the control group, 0 to 1.",
        ),
        _version(),
    ),
)

CAMPAIGN_TARGETS = Table(
    system="marketing",
    name="campaign_targets",
    meaning="Who was chosen for a campaign, the control group included. "
    "One row per campaign and customer.",
    key=("campaign_id", "customer_id"),
    start_column="targeted_on",
    start_from="campaign_id",
    columns=(
        _key("campaign_id", "Campaign.", references="marketing.campaigns.campaign_id"),
        _customer("Customer chosen."),
        Column(
            "targeted_on",
            "date",
            "Day the campaign reached the customer; empty means the first day of the campaign.",
        ),
        Column(
            "is_control",
            "boolean",
            "Whether the customer is in the control group (holdout).",
            empty_means="false",
        ),
        Column("variant", "text", "Variant shown, for a test of several."),
        _version(),
    ),
)

CAMPAIGN_VARIANTS = Table(
    system="marketing",
    name="campaign_variants",
    meaning="What a campaign offers, by variant. One row per campaign and variant.",
    key=("campaign_id", "variant"),
    start_column="valid_from",
    start_from="campaign_id",
    rules=(
        _span("valid_from", "valid_to", "variant"),
        *_not_negative("required_amount", "reward_amount", "valid_days", effect="no_value"),
    ),
    columns=(
        _key("campaign_id", "Campaign.", references="marketing.campaigns.campaign_id"),
        _key("variant", "Variant."),
        Column("offer_type", "text", "Kind of offer, such as discount or gift."),
        Column("channels", "text", "Channels that carry it, with commas between."),
        Column("terms", "text", "What the customer has to do."),
        Column("required_amount", "money", "What the customer has to spend."),
        Column("reward", "text", "What the customer gets."),
        Column("reward_amount", "money", "What the reward is worth."),
        Column("valid_from", "date", "First day; empty means the first day of the campaign."),
        Column("valid_to", "date", "Last day."),
        Column("valid_days", "integer", "Days it is valid from when it reaches the customer."),
        _version(),
    ),
)

TOUCHPOINTS = Table(
    system="marketing",
    name="touchpoints",
    meaning="Contacts between a channel and a customer: messages, advertisements, visits. "
    "One row per contact.",
    key=("touchpoint_id",),
    event_column="touched_at",
    owner=("customer_id",),
    rules=_not_negative("cost_amount"),
    columns=(
        _key("touchpoint_id", "Contact."),
        _customer("Customer reached.", required=False),
        Column(
            "channel_id",
            "text",
            "Channel of the contact.",
            required=True,
            nullable=False,
            references="marketing.channels.channel_id",
        ),
        Column(
            "touched_at",
            "timestamp",
            "When it happened, local time.",
            required=True,
            nullable=False,
        ),
        Column(
            "touch_type",
            "text",
            "What happened.",
            accepted_values=("sent", "impression", "open", "click", "visit", "call", "referral"),
        ),
        Column(
            "campaign_id",
            "text",
            "Campaign it belongs to.",
            references="marketing.campaigns.campaign_id",
        ),
        Column("session_id", "text", "Visit of the web shop or app it belongs to."),
        Column("cost_amount", "money", "What the contact cost."),
        _version(),
    ),
)

COUPONS = Table(
    system="marketing",
    name="coupons",
    meaning="Coupons and vouchers that were issued, with their terms. "
    "One row per coupon and campaign.",
    key=("coupon_id", "campaign_id"),
    start_column="issued_on",
    start_from="campaign_id",
    rules=(
        _span("valid_from", "valid_to", "coupon"),
        *_not_negative("coupon_value", "required_amount", effect="no_value"),
        Rule(
            "share_above_100",
            "coupon_value",
            "coupon_kind = 'percent' and coupon_value > 100",
            "no coupon takes off more than 100 percent",
            "no_value",
        ),
    ),
    columns=(
        _key("coupon_id", "Coupon."),
        Column(
            "campaign_id",
            "text",
            "Campaign that issued the coupon.",
            references="marketing.campaigns.campaign_id",
        ),
        Column(
            "customer_id",
            "text",
            "Customer it was issued to; empty where it is everybody's.",
            references="crm.customers.customer_id",
        ),
        Column("issued_on", "date", "Day of issue; empty means the first day of the campaign."),
        Column("valid_from", "date", "First day on which it is taken."),
        Column("valid_to", "date", "Last day on which it is taken."),
        Column(
            "coupon_kind",
            "text",
            "What it gives: an amount, a percentage, a free item, delivery or points.",
            accepted_values=("amount", "percent", "free_item", "free_shipping", "points"),
        ),
        Column("coupon_value", "quantity", "How much of it: money, percent, items or points."),
        Column("required_amount", "money", "What the customer has to spend."),
        _version(),
    ),
)

COUPON_REDEMPTIONS = Table(
    system="marketing",
    name="coupon_redemptions",
    meaning="Coupons handed in by a customer. One row per customer, coupon, campaign and day.",
    key=("redemption_id",),
    event_column="redeemed_on",
    owner=("customer_id",),
    rules=(
        Rule(
            "negative_discount_amount",
            "discount_amount",
            "discount_amount < 0",
            "discount_amount is given as a positive amount",
        ),
        Rule(
            "redeemed_at_on_another_day",
            "redeemed_at",
            "cast(redeemed_at as date) <> redeemed_on",
            "redeemed_at is on the day of redemption",
            "no_value",
        ),
    ),
    columns=(
        _key("redemption_id", "Redemption."),
        _customer("Customer who redeemed."),
        Column("coupon_id", "text", "Coupon.", required=True, nullable=False),
        Column(
            "campaign_id",
            "text",
            "Campaign that issued the coupon.",
            references="marketing.campaigns.campaign_id",
        ),
        Column(
            "channel_id",
            "text",
            "Marketing channel the coupon counts for.",
            references="marketing.channels.channel_id",
        ),
        Column("redeemed_on", "date", "Day of redemption.", required=True, nullable=False),
        Column("redeemed_at", "timestamp", "Time of redemption, where it is known."),
        Column(
            "order_id",
            "text",
            "Order it was redeemed in, where known.",
            references="pos.orders.order_id",
        ),
        Column("discount_amount", "money", "Discount given, as a positive amount."),
        _version(),
    ),
)

PROMOTIONS = Table(
    system="marketing",
    name="promotions",
    meaning="Where a product was on display or in the mailer in a store and week. Exposure of a "
    "product, not a contact with a customer. One row per product, store, week and placement.",
    key=("product_id", "store_id", "week_start_date", "display_location", "mailer_location"),
    version_column=None,
    start_column="week_start_date",
    is_large=True,
    rules=(
        Rule(
            "week_starts_on_another_day",
            "week_start_date",
            "isodow(week_start_date) <> 1",
            "week_start_date is a Monday",
        ),
    ),
    columns=(
        _key("product_id", "Product promoted.", references="pos.products.product_id"),
        _key("store_id", "Store.", references="pos.stores.store_id"),
        Column(
            "week_start_date",
            "date",
            "Monday of the week.",
            required=True,
            nullable=False,
        ),
        Column("display_location", "text", "Place of the display in the store; 0 means none."),
        Column("mailer_location", "text", "Place in the mailer; 0 means none."),
    ),
)

PRICES = Table(
    system="marketing",
    name="prices",
    meaning="Prices of products and how long they hold. One row per product, store and first day.",
    key=("product_id", "store_id", "valid_from"),
    start_column="valid_from",
    is_large=True,
    rules=(
        _span("valid_from", "valid_to", "price"),
        *_not_negative("price", effect="quarantine"),
        *_not_negative("regular_price", effect="no_value"),
        Rule(
            "price_above_regular_price",
            "price",
            "price > regular_price",
            "no price is above the regular price",
        ),
    ),
    columns=(
        _key("product_id", "Product.", references="pos.products.product_id"),
        Column(
            "store_id",
            "text",
            "Store; empty where the price is that of all stores.",
            references="pos.stores.store_id",
        ),
        Column("valid_from", "date", "First day.", required=True, nullable=False),
        Column("valid_to", "date", "Last day; empty where the next price ends it."),
        Column("regular_price", "money", "Price of one unit without a reduction."),
        Column("price", "money", "Price of one unit.", required=True, nullable=False),
        Column("is_reduced", "boolean", "Whether it is a reduced price."),
        _version(),
    ),
)

CHANNEL_COSTS = Table(
    system="marketing",
    name="channel_costs",
    meaning="What a channel cost, by day or month. One row per channel, date and kind of cost.",
    key=("channel_id", "cost_date", "cost_type"),
    event_column="cost_date",
    rules=_not_negative("cost_amount"),
    columns=(
        _key("channel_id", "Channel.", references="marketing.channels.channel_id"),
        Column(
            "cost_date",
            "date",
            "Day of the cost, or the first day of the month it covers.",
            required=True,
            nullable=False,
        ),
        _key("cost_type", "Kind of cost, such as media, staff or fees."),
        Column("cost_amount", "money", "Cost.", required=True, nullable=False),
        _version(),
    ),
)

CHANNEL_LIFT_TESTS = Table(
    system="marketing",
    name="channel_lift_tests",
    meaning="Experiments on what a channel brings: its spend was changed for a region or group and "
    "not for another. One row per experiment.",
    key=("lift_test_id",),
    start_column="started_on",
    rules=(
        _span("started_on", "ended_on", "experiment"),
        *_not_negative("treated_units", "control_units", "standard_error", effect="no_value"),
    ),
    columns=(
        _key("lift_test_id", "Experiment."),
        Column(
            "channel_id",
            "text",
            "Channel that was tested.",
            required=True,
            nullable=False,
            references="marketing.channels.channel_id",
        ),
        Column("test_group", "text", "Region or group that was treated."),
        Column("started_on", "date", "First day.", required=True, nullable=False),
        Column(
            "ended_on",
            "date",
            "Last day. What came out is seen when it has passed.",
            required=True,
            nullable=False,
        ),
        Column("outcome", "text", "What was measured, such as orders or revenue."),
        Column(
            "spend_amount",
            "money",
            "Spend on the treated above what it would have been; negative where it was cut.",
            known_from="ended_on",
        ),
        Column(
            "treated_units",
            "integer",
            "Customers, stores or regions that were treated.",
        ),
        Column("control_units", "integer", "Those that were not."),
        Column(
            "treated_outcome",
            "number",
            "What was measured of the treated, in all.",
            known_from="ended_on",
        ),
        Column(
            "control_outcome",
            "number",
            "What was measured of the others, in all.",
            known_from="ended_on",
        ),
        Column(
            "incremental_outcome",
            "number",
            "What the spend brought, as it was estimated.",
            known_from="ended_on",
        ),
        Column(
            "standard_error",
            "number",
            "Standard error of what the spend brought.",
            known_from="ended_on",
        ),
        _version(),
    ),
)

ACTION_LOG = Table(
    system="marketing",
    name="action_log",
    meaning="What was done about customers and what was not, those held back by lot included, as "
    "campaign tools and people report it. One row per decision: an action and a customer.",
    key=("decision_id",),
    event_column="decided_at",
    owner=("customer_id",),
    rules=(
        *_not_negative("window_days", "cost_amount", effect="no_value"),
        Rule(
            "share_above_1",
            "control_share",
            "control_share < 0 or control_share > 1",
            "what is held back is a share",
            "no_value",
        ),
    ),
    columns=(
        _key(
            "decision_id",
            "Decision: that of the list that the warehouse exported, or a number of your own.",
        ),
        _key("action", "Action, by its name in the seed actions or a name of your own."),
        _customer("Customer decided about."),
        Column(
            "decided_at",
            "timestamp",
            "When it was decided, or when the lot was drawn.",
            required=True,
            nullable=False,
        ),
        Column(
            "outcome",
            "text",
            "What became of it. Shown: the customer was put on a list, and nothing is known yet of "
            "whether it was done; taken: it was done; not_taken: it was not, by lot or otherwise; "
            "suppressed: a rule kept the customer back before any lot was drawn.",
            required=True,
            nullable=False,
            accepted_values=("shown", "taken", "not_taken", "suppressed"),
        ),
        Column(
            "is_control",
            "boolean",
            "Whether the customer was held back by lot, so that others can be compared with them, "
            "also where it was done by mistake.",
            empty_means="false",
        ),
        Column(
            "control_share",
            "quantity",
            "Share that was to be held back by lot, 0 to 1; empty means as many as were.",
        ),
        Column("reason", "text", "Why it was not done, or what kept the customer back."),
        Column("action_owner", "text", "Team or role that is responsible for it."),
        Column(
            "channel_id",
            "text",
            "Channel that carried it.",
            references="marketing.channels.channel_id",
        ),
        Column("cost_amount", "money", "What doing it cost."),
        Column(
            "window_days",
            "integer",
            "Days from the decision in which it may act; empty means those of the seed actions.",
        ),
        _version(),
    ),
)

ACCOUNTS = Table(
    system="loyalty",
    name="accounts",
    meaning="Loyalty accounts. One row per account.",
    key=("account_id",),
    owner=("customer_id",),
    start_column="enrolled_on",
    rules=(_span("enrolled_on", "closed_on", "account", effect="warning"),),
    columns=(
        _key("account_id", "Loyalty account."),
        _customer("Customer who holds it."),
        Column(
            "card_number",
            "text",
            "Number of the card or key tag that the account is used with.",
            personal=True,
        ),
        Column("tier", "text", "Tier the programme gives the account now."),
        Column("enrolled_on", "date", "Day of enrolment.", may_be_placeholder=True),
        Column("enrolment_type", "text", "How the customer enrolled, in the retailer's own terms."),
        Column(
            "enrolment_campaign_id",
            "text",
            "Campaign that the customer enrolled in.",
            references="marketing.campaigns.campaign_id",
        ),
        Column("closed_on", "date", "Day of closing; empty while open.", known_from="closed_on"),
        _version(),
    ),
)

POINTS = Table(
    system="loyalty",
    name="points",
    meaning="Entries of the points ledger. One row per entry.",
    key=("entry_id",),
    event_column="entered_at",
    owner=("account_id",),
    rules=(
        Rule(
            "wrong_sign",
            "points",
            "(entry_type in ('earn', 'opening') and points < 0)"
            " or (entry_type in ('redeem', 'expire') and points > 0)",
            "points earned or brought forward are positive, points redeemed or expired negative",
        ),
        Rule(
            "expires_before_it_was_earned",
            "expires_on",
            "expires_on < cast(entered_at as date)",
            "no points expire before they are earned",
            "no_value",
        ),
        Rule(
            "uses_its_own_points",
            "lot_entry_id",
            "lot_entry_id = entry_id",
            "no entry uses up the points that it adds",
            "no_value",
        ),
    ),
    columns=(
        _key("entry_id", "Ledger entry."),
        _parent("account_id", "Account.", "loyalty.accounts.account_id"),
        Column(
            "entry_type",
            "text",
            "Kind of entry; opening is the balance with which the ledger begins.",
            required=True,
            nullable=False,
            accepted_values=("opening", "earn", "redeem", "expire", "adjust"),
        ),
        Column(
            "points",
            "points",
            "Points added; negative when taken away.",
            required=True,
            nullable=False,
        ),
        Column("entered_at", "timestamp", "When.", required=True, nullable=False),
        Column(
            "order_id",
            "text",
            "Order that earned or used the points.",
            references="pos.orders.order_id",
        ),
        Column(
            "available_on",
            "date",
            "First day on which earned points can be spent; empty: see var points_pending_days.",
        ),
        Column("expires_on", "date", "Day on which earned points expire: the first without them."),
        Column(
            "lot_entry_id",
            "text",
            "For points taken away: the entry that added them.",
            references="loyalty.points.entry_id",
        ),
        Column("cost_amount", "money", "What the points cost the retailer."),
        Column("external_id", "text", "Number of the entry in the system it comes from."),
        _version(),
    ),
)

SURVEYS = Table(
    system="service",
    name="surveys",
    meaning="Answers to satisfaction and recommendation questions, and the questions that were not "
    "answered, where those are known. One row per answer.",
    key=("response_id",),
    event_column="responded_at",
    owner=("customer_id",),
    rules=(
        Rule(
            "outside_the_scale",
            "score",
            "score < 0 or score > coalesce(scale_max, case when survey_type = 'nps' then 10 end)",
            "answers are within their scale, recommendation between 0 and 10",
            "quarantine",
        ),
        Rule(
            "scale_ends_at_zero",
            "scale_max",
            "scale_max <= 0",
            "a scale ends above zero",
            "no_value",
        ),
    ),
    columns=(
        _key("response_id", "Answer: a number for each, also where a sheet has several questions."),
        Column("sheet_id", "text", "Sheet of several questions that the answer is part of."),
        _customer("Customer who answered.", required=False),
        Column(
            "responded_at",
            "timestamp",
            "When; of a question that was not answered, when it was asked.",
            required=True,
            nullable=False,
        ),
        Column(
            "survey_type",
            "text",
            "CSAT asks for satisfaction, NPS for recommendation, CES for effort, awareness for "
            "knowing the brand.",
            required=True,
            nullable=False,
            accepted_values=("csat", "nps", "ces", "awareness"),
        ),
        Column(
            "dimension",
            "text",
            "What was rated; empty means overall.",
            accepted_values=(
                *("overall", "product", "service", "price", "brand"),
                *("delivery", "store", "online"),
            ),
        ),
        Column(
            "question",
            "text",
            "What was asked within the dimension, in the retailer's own terms: seat comfort.",
        ),
        Column(
            "score",
            "quantity",
            "Answer; empty where the question was asked and not answered. Without such rows nobody "
            "can tell what share answered.",
            required=True,
        ),
        Column(
            "scale_max",
            "quantity",
            "Best possible answer: 5 or 7 for CSAT, 10 for NPS, which is meant where it is empty. "
            "An answer to another question says nothing without it.",
        ),
        Column(
            "channel_id",
            "text",
            "Channel the question is about.",
            references="marketing.channels.channel_id",
        ),
        Column(
            "order_id",
            "text",
            "Order the question is about.",
            references="pos.orders.order_id",
        ),
        Column("comment", "text", "Free text.", personal=True),
        _version(),
    ),
)

TICKETS = Table(
    system="service",
    name="tickets",
    meaning="Enquiries, complaints and cancellations. One row per ticket.",
    key=("ticket_id",),
    event_column="opened_at",
    owner=("customer_id",),
    rules=(
        # Days, because one of the two may have no time.
        Rule(
            "ends_before_start",
            "resolved_at",
            "cast(resolved_at as date) < cast(opened_at as date)"
            " or cast(closed_at as date) < cast(opened_at as date)",
            "no ticket is resolved or closed before it is opened",
            "quarantine",
        ),
        *_not_before("opened_at", "first_answered_at", "reopened_at"),
        *_not_negative("handling_seconds", effect="no_value"),
    ),
    columns=(
        _key("ticket_id", "Ticket."),
        _customer("Customer.", required=False),
        Column("opened_at", "timestamp", "When it was opened.", required=True, nullable=False),
        _fact_at("first_answered_at", "When the customer first had an answer."),
        _fact_at("resolved_at", "When it was resolved; empty while open."),
        _fact_at("closed_at", "When it was closed."),
        _fact_at("reopened_at", "When it was last opened again."),
        Column(
            "channel_id",
            "text",
            "Service channel.",
            references="marketing.channels.channel_id",
        ),
        Column(
            "ticket_type",
            "text",
            "Kind of ticket.",
            accepted_values=("enquiry", "complaint", "cancellation"),
        ),
        Column("reason_category", "text", "Category of the reason, such as product or price."),
        Column("reason", "text", "Reason within the category."),
        Column(
            "cancellation_reason",
            "text",
            "Why the customer cancelled or withdrew, in the customer's or the retailer's words.",
        ),
        Column(
            "handling_seconds",
            "integer",
            "Working time spent on the ticket.",
            known_from="resolved_at",
        ),
        Column(
            "order_id",
            "text",
            "Order it is about.",
            references="pos.orders.order_id",
        ),
        _version(),
    ),
)

TABLES: tuple[Table, ...] = (
    ORDERS,
    ORDER_LINES,
    PAYMENTS,
    SALES_WEEKLY,
    INVENTORY,
    PRODUCTS,
    STORES,
    CUSTOMERS,
    CUSTOMER_IDS,
    SUBSCRIPTIONS,
    ACTIVITY,
    CHANNELS,
    CAMPAIGNS,
    CAMPAIGN_TARGETS,
    CAMPAIGN_VARIANTS,
    TOUCHPOINTS,
    COUPONS,
    COUPON_REDEMPTIONS,
    PROMOTIONS,
    PRICES,
    CHANNEL_COSTS,
    CHANNEL_LIFT_TESTS,
    ACTION_LOG,
    ACCOUNTS,
    POINTS,
    SURVEYS,
    TICKETS,
)

SYSTEMS: tuple[str, ...] = tuple(dict.fromkeys(table.system for table in TABLES))


def table(qualified_name: str) -> Table:
    """The table called ``system.name``; raises ``KeyError`` if the contract has none."""
    for candidate in TABLES:
        if candidate.qualified_name == qualified_name:
            return candidate
    raise KeyError(f"the landing contract has no table {qualified_name!r}")


def tables_of(system: str) -> Iterator[Table]:
    """The tables of one system, in the order of the contract."""
    return (candidate for candidate in TABLES if candidate.system == system)
