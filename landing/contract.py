"""The landing contract: every raw table, its columns, types, keys and meaning, declared once.

From this declaration follow the dbt sources and their documentation, the structural part of the
Great Expectations landing suites, the empty tables, and the reader for a user's own files.

Conventions that hold for every table:

* Identifiers are text, whatever they look like.
* Money is ``decimal(18,2)`` in the currency of the order.
* Timestamps and dates are local to the store (or to the business, where there is no store); they
  carry no time zone.
* A column that is not required may be missing from a file; it is then null in every row.
"""

from __future__ import annotations

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


@dataclass(frozen=True)
class Column:
    """One column of a landing table.

    ``required`` columns must be present in a file. ``nullable`` says whether a row may leave the
    column empty; a null in a column that is not nullable puts the row in quarantine.
    ``references`` names the ``table.column`` a value should be found in. ``personal`` marks
    personal data, which never leaves staging. ``accepted_values`` lists the only values with a
    meaning. ``known_from`` names the date column (itself, for the date of a later fact) on which
    the value became known: before that day the row has none. A planned date is known at once.
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


def _version() -> Column:
    meaning = "When the record last changed; of its versions the newest counts."
    return Column("updated_at", "timestamp", meaning)


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
        ),
        Column(
            "original_order_id",
            "text",
            "For a return or an exchange: the order it goes back to.",
            references="pos.orders.order_id",
        ),
        Column(
            "fulfilled_at",
            "timestamp",
            "When the goods were handed over or delivered.",
            known_from="fulfilled_at",
        ),
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
    columns=(
        _key("order_line_id", "Identifier of the line, unique over all orders."),
        _key("order_id", "Order the line belongs to.", references="pos.orders.order_id"),
        Column("product_id", "text", "Product sold.", references="pos.products.product_id"),
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
        Column("cost_amount", "money", "Cost of the goods of the line."),
        _version(),
    ),
)

PRODUCTS = Table(
    system="pos",
    name="products",
    meaning="Product master data. One row per product.",
    key=("product_id",),
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
    columns=(
        _key("customer_id", "Customer (loyalty member, household) number."),
        Column("household_id", "text", "Household the customer belongs to."),
        Column("registered_at", "timestamp", "When the profile was made."),
        Column("full_name", "text", "Name.", personal=True),
        Column("email", "text", "E-mail address.", personal=True),
        Column("phone", "text", "Telephone number.", personal=True),
        Column("postal_code", "text", "Postal code.", personal=True),
        Column("birth_date", "date", "Date of birth.", personal=True),
        Column("age_band", "text", "Age in bands."),
        Column("gender", "text", "Gender as stated."),
        Column("income_band", "text", "Yearly income in bands."),
        Column("occupation", "text", "Occupation."),
        Column("marital_status", "text", "Marital status."),
        Column("home_ownership", "text", "Whether the household owns or rents its home."),
        Column("household_size", "text", "Persons in the household, the last value open-ended."),
        Column("household_composition", "text", "Adults and children in the household."),
        Column("children_count", "text", "Children in the household, the last value open-ended."),
        Column("city", "text", "City."),
        Column("city_tier", "text", "Tier of the city."),
        Column("region", "text", "Region."),
        Column(
            "acquisition_channel_id",
            "text",
            "Channel that brought the customer.",
            references="marketing.channels.channel_id",
        ),
        Column(
            "preferred_channel_id",
            "text",
            "Channel the customer wishes to be contacted through.",
            references="marketing.channels.channel_id",
        ),
        Column(
            "referrer_customer_id",
            "text",
            "Customer who referred this one.",
            references="crm.customers.customer_id",
        ),
        Column(
            "has_marketing_consent",
            "boolean",
            "Whether the customer may be contacted.",
            known_from="consent_changed_at",
        ),
        Column(
            "consent_changed_at",
            "timestamp",
            "When the consent was last given or withdrawn.",
            known_from="consent_changed_at",
        ),
        _version(),
    ),
)

CHANNELS = Table(
    system="marketing",
    name="channels",
    meaning="Sales, marketing and service channels. One row per channel.",
    key=("channel_id",),
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
    columns=(
        _key("campaign_id", "Campaign.", references="marketing.campaigns.campaign_id"),
        _customer("Customer chosen."),
        Column(
            "targeted_on",
            "date",
            "Day the campaign reached the customer; empty means the first day of the campaign.",
        ),
        Column("is_control", "boolean", "Whether the customer is in the control group (holdout)."),
        Column("variant", "text", "Variant shown, for a test of several."),
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

COUPON_REDEMPTIONS = Table(
    system="marketing",
    name="coupon_redemptions",
    meaning="Coupons handed in by a customer. One row per customer, coupon, campaign and day.",
    key=("redemption_id",),
    event_column="redeemed_on",
    owner=("customer_id",),
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

CHANNEL_COSTS = Table(
    system="marketing",
    name="channel_costs",
    meaning="What a channel cost, by day or month. One row per channel, date and kind of cost.",
    key=("channel_id", "cost_date", "cost_type"),
    event_column="cost_date",
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

ACCOUNTS = Table(
    system="loyalty",
    name="accounts",
    meaning="Loyalty accounts. One row per account.",
    key=("account_id",),
    owner=("customer_id",),
    start_column="enrolled_on",
    columns=(
        _key("account_id", "Loyalty account."),
        _customer("Customer who holds it."),
        Column("tier", "text", "Tier the programme gives the account now."),
        Column("enrolled_on", "date", "Day of enrolment."),
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
    columns=(
        _key("entry_id", "Ledger entry."),
        _key("account_id", "Account.", references="loyalty.accounts.account_id"),
        Column(
            "entry_type",
            "text",
            "Kind of entry.",
            required=True,
            nullable=False,
            accepted_values=("earn", "redeem", "expire", "adjust"),
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
        Column("expires_on", "date", "Day on which earned points expire."),
        _version(),
    ),
)

SURVEYS = Table(
    system="service",
    name="surveys",
    meaning="Answers to satisfaction and recommendation questions. One row per answer.",
    key=("response_id",),
    event_column="responded_at",
    owner=("customer_id",),
    columns=(
        _key("response_id", "Answer."),
        _customer("Customer who answered.", required=False),
        Column("responded_at", "timestamp", "When.", required=True, nullable=False),
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
            accepted_values=("overall", "product", "service", "price", "brand"),
        ),
        Column("score", "quantity", "Answer.", required=True, nullable=False),
        Column("scale_max", "quantity", "Best possible answer: 5 or 7 for CSAT, 10 for NPS."),
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
    columns=(
        _key("ticket_id", "Ticket."),
        _customer("Customer.", required=False),
        Column("opened_at", "timestamp", "When it was opened.", required=True, nullable=False),
        Column(
            "resolved_at",
            "timestamp",
            "When it was resolved; empty while open.",
            known_from="resolved_at",
        ),
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
    PRODUCTS,
    STORES,
    CUSTOMERS,
    CHANNELS,
    CAMPAIGNS,
    CAMPAIGN_TARGETS,
    TOUCHPOINTS,
    COUPON_REDEMPTIONS,
    PROMOTIONS,
    CHANNEL_COSTS,
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
