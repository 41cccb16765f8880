with as_of as (

    select * from {{ ref('as_of') }}

),

purchase_days as (

    select * from {{ ref('int_customer_purchase_days') }}

),

cutoffs as (

    select
        cast({{ dbt.dateadd('day', -1, 'as_of_date') }} as date) as cutoff_date,
        false as is_holdout
    from as_of

    union all

    select
        cast(
            {{ dbt.dateadd(
                'day',
                -1 * var('churn_horizon_days'),
                dbt.dateadd('day', -1, 'as_of_date')
            ) }} as date
        ) as cutoff_date,
        true as is_holdout
    from as_of

),

periods as (

    select
        cutoff_date,
        is_holdout,
        {{ dbt.dateadd('day', -1 * var('churn_horizon_days'), 'cutoff_date') }}
            as previous_cutoff_date,
        {{ dbt.dateadd('day', var('churn_horizon_days'), 'cutoff_date') }} as horizon_date
    from cutoffs

),

calibration as (

    select
        periods.cutoff_date,
        periods.is_holdout,
        periods.previous_cutoff_date,
        purchase_days.customer_id,
        count(*) - 1 as frequency,
        sum(purchase_days.net_revenue) as total_spend,
        sum(case when purchase_days.purchase_number > 1 then purchase_days.net_revenue else 0 end)
            as repeat_spend,
        sum(
            case when purchase_days.purchase_date > periods.previous_cutoff_date then 1 else 0 end
        ) as previous_purchases,
        sum(
            case
                when purchase_days.purchase_date > periods.previous_cutoff_date
                    then purchase_days.net_revenue
                else 0
            end
        ) as previous_spend,
        max(
            case
                when purchase_days.purchase_date <= periods.previous_cutoff_date
                    then purchase_days.purchase_date
            end
        ) as last_date_before_previous,
        min(purchase_days.purchase_date) as first_purchase_date,
        max(purchase_days.purchase_date) as last_purchase_date
    from periods
    inner join purchase_days
        on periods.cutoff_date >= purchase_days.purchase_date
    group by
        periods.cutoff_date,
        periods.is_holdout,
        periods.previous_cutoff_date,
        purchase_days.customer_id

),

holdout as (

    select
        periods.cutoff_date,
        purchase_days.customer_id,
        count(*) as holdout_purchases,
        sum(purchase_days.net_revenue) as holdout_spend
    from periods
    inner join purchase_days
        on
            periods.cutoff_date < purchase_days.purchase_date
            and periods.horizon_date >= purchase_days.purchase_date
    where periods.is_holdout
    group by
        periods.cutoff_date,
        purchase_days.customer_id

)

select
    calibration.cutoff_date,
    calibration.is_holdout,
    cast({{ var('churn_horizon_days') }} as bigint) as horizon_days,
    calibration.customer_id,
    cast(calibration.frequency as bigint) as frequency,
    cast(
        {{ dbt.datediff(
            'calibration.first_purchase_date', 'calibration.last_purchase_date', 'day'
        ) }} as bigint
    ) as recency_days,
    cast(
        {{ dbt.datediff('calibration.first_purchase_date', 'calibration.cutoff_date', 'day') }}
        as bigint
    ) as age_days,
    cast(calibration.repeat_spend as double) / nullif(calibration.frequency, 0)
        as mean_repeat_spend,
    cast(calibration.total_spend as double) as total_spend,
    cast(calibration.previous_purchases as bigint) as previous_purchases,
    cast(calibration.previous_spend as double) as previous_spend,
    cast(
        {{ dbt.datediff(
            'calibration.last_date_before_previous', 'calibration.previous_cutoff_date', 'day'
        ) }} as bigint
    ) as previous_hiatus_days,
    case
        when calibration.is_holdout then cast(coalesce(holdout.holdout_purchases, 0) as bigint)
    end as holdout_purchases,
    case
        when calibration.is_holdout then cast(coalesce(holdout.holdout_spend, 0) as double)
    end as holdout_spend,
    calibration.first_purchase_date,
    calibration.last_purchase_date
from calibration
left join holdout
    on
        calibration.cutoff_date = holdout.cutoff_date
        and calibration.customer_id = holdout.customer_id
