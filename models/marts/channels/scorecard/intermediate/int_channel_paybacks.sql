{#- What a customer whom a channel won has brought by the end of each month of 30 days. Only of
    those who have been there for all of them, so that the last months are not of fewer, older
    customers. -#}
{%- set months = var('channel_payback_months') -%}
{%- set days = 30 * months -%}
with acquired as (

    select * from {{ ref('int_channel_acquired') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where customer_id is not null

),

numbers as (

    select * from {{ ref('numbers') }}
    where number between 1 and {{ months }}

),

as_of as (

    select * from {{ ref('as_of') }}

),

mature as (

    select acquired.*
    from acquired
    cross join as_of
    where {{ dbt.dateadd('day', days, 'acquired.acquired_on') }} <= as_of.as_of_date

),

cohorts as (

    select
        channel_id,
        sum(weight) as customers
    from mature
    group by channel_id

),

brought as (

    select
        mature.channel_id,
        mature.weight,
        orders.net_revenue,
        orders.contribution_amount,
        cast(
            floor({{ dbt.datediff('mature.acquired_on', 'orders.order_date', 'day') }} / 30.0e0)
            as integer
        ) + 1 as age_month
    from mature
    inner join orders
        on
            mature.customer_id = orders.customer_id
            and mature.acquired_on <= orders.order_date
            and {{ dbt.dateadd('day', days, 'mature.acquired_on') }} > orders.order_date

),

months as (

    select
        channel_id,
        age_month,
        sum(weight * cast(net_revenue as decimal(14, 2))) as net_revenue,
        sum(
            case
                when contribution_amount is not null
                    then weight * cast(net_revenue as decimal(14, 2))
                else 0
            end
        ) as costed_revenue,
        sum(weight * cast(contribution_amount as decimal(14, 2))) as contribution
    from brought
    group by
        channel_id,
        age_month

),

filled as (

    select
        cohorts.channel_id,
        numbers.number as age_month,
        cohorts.customers,
        coalesce(months.net_revenue, 0) as net_revenue,
        coalesce(months.costed_revenue, 0) as costed_revenue,
        coalesce(months.contribution, 0) as contribution
    from cohorts
    cross join numbers
    left join months
        on
            cohorts.channel_id = months.channel_id
            and numbers.number = months.age_month

),

cumulated as (

    select
        channel_id,
        age_month,
        customers,
        sum(net_revenue) over (partition by channel_id) as all_revenue,
        sum(costed_revenue) over (partition by channel_id) as all_costed_revenue,
        sum(contribution) over (
            partition by channel_id
            order by age_month
            rows between unbounded preceding and current row
        ) as contribution
    from filled

)

select
    channel_id,
    age_month,
    cast(customers as decimal(18, 6)) as customers,
    case
        when
            all_revenue > 0
            and all_costed_revenue >= {{ var('clv_contribution_min_coverage') }} * all_revenue
            then cast(contribution as double) / nullif(cast(customers as double), 0)
    end as contribution_per_customer
from cumulated
