{#- Who stays of a channel's customers: of a sales channel those who last bought through it, of
    a marketing channel those whom it brought. -#}
with rates as (

    select * from {{ ref('retention_rates') }}
    where
        is_mature
        and retention_dimension in ('channel', 'acquisition_channel')

),

channels as (

    select * from {{ ref('dim_channels') }}

),

periods as (

    select * from {{ ref('int_scorecard_periods') }}

),

chosen as (

    select
        rates.retention_value as channel_id,
        cast({{ dbt.date_trunc('month', 'rates.month_end') }} as date) as activity_month,
        rates.customers,
        rates.retained_customers
    from rates
    left join channels
        on rates.retention_value = channels.channel_id
    where
        (
            rates.retention_dimension = 'channel'
            and coalesce(channels.channel_type, 'sales') = 'sales'
        )
        or (
            rates.retention_dimension = 'acquisition_channel'
            and channels.channel_type = 'marketing'
        )

),

summed as (

    select
        periods.period_grain,
        periods.period_start,
        chosen.channel_id,
        sum(chosen.customers) as customers,
        sum(chosen.retained_customers) as retained_customers
    from chosen
    inner join periods
        on chosen.activity_month = periods.activity_month
    group by
        periods.period_grain,
        periods.period_start,
        chosen.channel_id

),

shared as (

    select
        summed.*,
        retained_customers / cast(nullif(customers, 0) as double) as retention_rate
    from summed

)

select
    period_grain,
    period_start,
    channel_id,
    cast(customers as bigint) as retention_customers,
    round(retention_rate, 9) as retention_rate,
    round(1 - retention_rate, 9) as churn_rate,
    1 - {{ wilson_bound('retention_rate', 'cast(customers as double)', '+') }} as churn_rate_low,
    1 - {{ wilson_bound('retention_rate', 'cast(customers as double)', '-') }} as churn_rate_high
from shared
