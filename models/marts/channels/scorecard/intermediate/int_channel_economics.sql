{#- What a channel costs against what it brings, and what the customers whom it wins are worth. -#}
with spend as (

    select * from {{ ref('int_channel_spend') }}

),

sales as (

    select * from {{ ref('int_channel_sales') }}

),

acquired as (

    select * from {{ ref('int_channel_acquired') }}

),

paybacks as (

    select * from {{ ref('int_channel_paybacks') }}

),

customer_values as (

    select * from {{ ref('customer_value') }}

),

contributions as (

    select * from {{ ref('customer_contribution') }}

),

periods as (

    select * from {{ ref('int_scorecard_periods') }}

),

-- Of a period of which a part is not known, the rest would be too little.
spent as (

    select
        periods.period_grain,
        periods.period_start,
        spend.channel_id,
        max(spend.spend_basis) as spend_basis,
        sum(spend.contacts) as contacts,
        case when count(*) = count(spend.spend) then sum(spend.spend) end as spend,
        case when count(*) = count(spend.acquisition_spend) then sum(spend.acquisition_spend) end
            as acquisition_spend
    from spend
    inner join periods
        on spend.activity_month = periods.activity_month
    group by
        periods.period_grain,
        periods.period_start,
        spend.channel_id

),

-- What a customer has brought, the price of winning them not taken off, and what is expected.
worth as (

    select
        customer_values.customer_id,
        customer_values.clv_basis,
        cast(customer_values.clv_365d as decimal(12, 2)) as clv_365d,
        cast(
            contributions.contribution_value
            + coalesce(contributions.acquisition_cost, 0)
            + coalesce(customer_values.clv_lifetime, customer_values.clv_365d)
            as decimal(38, 2)
        ) as lifetime_value
    from customer_values
    inner join contributions
        on customer_values.customer_id = contributions.customer_id
    where customer_values.clv_365d is not null

),

won as (

    select
        periods.period_grain,
        periods.period_start,
        acquired.channel_id,
        max(worth.clv_basis) as clv_basis,
        cast(sum(acquired.weight) as double) as weight_total,
        cast(sum(acquired.weight * acquired.weight) as double) as weight_squared_total,
        cast(sum(acquired.weight * worth.clv_365d) as double) as clv_total,
        cast(sum(acquired.weight * worth.lifetime_value) as double) as value_total,
        cast(sum(acquired.weight * worth.lifetime_value * worth.lifetime_value) as double)
            as value_squared_total
    from acquired
    inner join worth
        on acquired.customer_id = worth.customer_id
    inner join periods
        on acquired.acquired_month = periods.activity_month
    group by
        periods.period_grain,
        periods.period_start,
        acquired.channel_id

),

valued as (

    select
        period_grain,
        period_start,
        channel_id,
        clv_basis,
        clv_total / nullif(weight_total, 0) as clv_365d,
        value_total / nullif(weight_total, 0) as lifetime_value,
        weight_total * weight_total / nullif(weight_squared_total, 0) as sample_size,
        greatest(
            value_squared_total / nullif(weight_total, 0)
            - (value_total / nullif(weight_total, 0)) * (value_total / nullif(weight_total, 0)),
            0
        ) as value_variance
    from won

),

keys as (

    select
        period_grain,
        period_start,
        channel_id
    from spent

    union

    select
        period_grain,
        period_start,
        channel_id
    from sales

),

joined as (

    select
        keys.period_grain,
        keys.period_start,
        keys.channel_id,
        spent.spend_basis,
        spent.contacts,
        spent.spend,
        spent.acquisition_spend,
        sales.orders,
        sales.contribution,
        sales.fulfilment_cost,
        -- Where more came back than was paid, nothing was paid for what it brought.
        case when spent.spend >= 0 then cast(spent.spend as double) end as paid,
        case when spent.acquisition_spend >= 0 then cast(spent.acquisition_spend as double) end
        / nullif(cast(sales.new_customers as double), 0) as cac,
        valued.clv_basis,
        valued.clv_365d,
        valued.lifetime_value,
        -- A mean of one customer has no interval that is known.
        case
            when valued.sample_size > 1.000001
                then
                    valued.lifetime_value
                    - 1.959963984540054 * sqrt(valued.value_variance / (valued.sample_size - 1))
        end as lifetime_value_low
    from keys
    left join spent
        on
            keys.period_grain = spent.period_grain
            and keys.period_start = spent.period_start
            and keys.channel_id = spent.channel_id
    left join sales
        on
            keys.period_grain = sales.period_grain
            and keys.period_start = sales.period_start
            and keys.channel_id = sales.channel_id
    left join valued
        on
            keys.period_grain = valued.period_grain
            and keys.period_start = valued.period_start
            and keys.channel_id = valued.channel_id

),

paid_back as (

    select
        joined.period_grain,
        joined.period_start,
        joined.channel_id,
        min(
            case when paybacks.contribution_per_customer >= joined.cac then paybacks.age_month end
        ) as payback_months,
        max(
            case
                when paybacks.age_month = {{ var('channel_payback_months') }}
                    then paybacks.contribution_per_customer
            end
        ) as contribution_per_customer
    from joined
    inner join paybacks
        on joined.channel_id = paybacks.channel_id
    where joined.cac is not null
    group by
        joined.period_grain,
        joined.period_start,
        joined.channel_id

)

select
    joined.period_grain,
    joined.period_start,
    joined.channel_id,
    joined.spend_basis,
    cast(joined.contacts as bigint) as contacts,
    cast(joined.spend as decimal(18, 2)) as spend,
    cast(joined.acquisition_spend as decimal(18, 2)) as acquisition_spend,
    {{ rounded_decimal("joined.cac") }} as cac,
    cast(paid_back.payback_months as bigint) as payback_months,
    round(paid_back.contribution_per_customer / nullif(joined.cac, 0), 6) as payback_share,
    round(cast(joined.contribution as double) / nullif(joined.paid, 0), 6) as roas_margin,
    round(cast(joined.contribution as double) / nullif(joined.paid, 0) - 1, 6) as roi_margin,
    {{ rounded_decimal(
        "(joined.paid + coalesce(cast(joined.fulfilment_cost as double), 0)) "
        ~ "/ nullif(cast(joined.orders as double), 0)"
    ) }} as cost_per_order,
    joined.clv_basis,
    {{ rounded_decimal("joined.clv_365d") }} as clv_365d_acquired,
    {{ rounded_decimal("joined.lifetime_value") }} as lifetime_value_acquired,
    {{ rounded_decimal("joined.lifetime_value_low") }} as lifetime_value_acquired_low,
    -- Revenue over a cost would say that every channel pays.
    case
        when joined.clv_basis = 'contribution'
            then round(joined.lifetime_value / nullif(joined.cac, 0), 6)
    end as ltv_to_cac,
    case
        when joined.clv_basis = 'contribution'
            then round(joined.lifetime_value_low / nullif(joined.cac, 0), 6)
    end as ltv_to_cac_low
from joined
left join paid_back
    on
        joined.period_grain = paid_back.period_grain
        and joined.period_start = paid_back.period_start
        and joined.channel_id = paid_back.channel_id
