{#- Of customers who are there: nobody is greeted whose account is closed. -#}
{%- set until = dbt.dateadd('day', var('action_care_days'), 'as_of.as_of_date') -%}
with lifecycle as (

    select
        customer_id,
        as_of_date
    from {{ ref('customer_lifecycle') }}
    where
        lost_source is null
        or lost_source <> 'account_closed'

),

churn as (

    select
        customer_id,
        as_of_date,
        expected_next_purchase_date
    from {{ ref('customer_churn') }}
    where expected_next_purchase_date is not null

),

birthdays as (

    select * from {{ ref('int_birthday_weeks') }}

),

holidays as (

    select * from {{ ref('holidays') }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

occasions as (

    select
        lifecycle.customer_id,
        lifecycle.as_of_date,
        'birthday_week' as occasion,
        cast(null as string) as holiday,
        birthdays.care_date
    from lifecycle
    inner join birthdays
        on lifecycle.customer_id = birthdays.customer_id

    union all

    select
        lifecycle.customer_id,
        lifecycle.as_of_date,
        'holiday' as occasion,
        holidays.holiday,
        holidays.holiday_date as care_date
    from lifecycle
    cross join as_of
    inner join holidays
        on
            as_of.as_of_date <= holidays.holiday_date
            and cast({{ until }} as date) > holidays.holiday_date

    union all

    select
        lifecycle.customer_id,
        lifecycle.as_of_date,
        'reminder_due' as occasion,
        cast(null as string) as holiday,
        greatest(churn.expected_next_purchase_date, churn.as_of_date) as care_date
    from lifecycle
    inner join churn
        on lifecycle.customer_id = churn.customer_id
    cross join as_of
    where churn.expected_next_purchase_date < cast({{ until }} as date)

)

select
    customer_id,
    as_of_date,
    occasion,
    holiday,
    care_date
from occasions
