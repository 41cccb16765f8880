"""Landing suite of the customer profiles."""

from __future__ import annotations

from datetime import date

import great_expectations as gx

from expectations.landing.from_contract import contract_measures
from landing import contract


def customers(landed_on: date) -> gx.ExpectationSuite:
    """Dates that are possible, and profiles that are told apart."""
    measures = contract_measures(contract.CUSTOMERS, landed_on)
    for column in ("registered_at", "consent_changed_at", "updated_at"):
        measures.rows(
            f"{column} in the future",
            f"cast({column} as date) > date '{landed_on}'",
            f"{column} is not after the day of landing, {landed_on}",
            column=column,
        )
    measures.rows(
        "impossible birth_date",
        f"birth_date > date '{landed_on}' or birth_date < date '{landed_on}' - 120 * 365",
        "birth_date is within the last 120 years",
        column="birth_date",
        blocks=False,
    )
    measures.rows(
        "age_band above 100",
        "try_cast(regexp_extract(age_band, '[0-9]+') as integer) > 100",
        "age_band is no placeholder such as 118",
        column="age_band",
        blocks=False,
    )
    measures.rows(
        "own referrer",
        "referrer_customer_id = customer_id",
        "no customer was referred by themselves",
        column="referrer_customer_id",
    )
    measures.value(
        "largest share of one e-mail address",
        "(select max(profiles) / nullif(sum(profiles), 0) from (select count(*) as profiles"
        " from crm.customers where email is not null group by lower(email))"
        " having sum(profiles) >= 100)",
        "no e-mail address is a placeholder: at most 1% of the profiles have the same",
        "warning",
        high=0.01,
    )
    return measures.suite()
