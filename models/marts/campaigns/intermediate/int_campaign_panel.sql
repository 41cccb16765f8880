{{ config(contract={'enforced': true}) }}
{#- What effects are estimated from: sums of an outcome (y) and of what it was before (x), by kind
    of comparison. Of the kind week, period counts weeks and cohort is the first of the campaign; of
    the kind customer, cohort is the period in which the customer was first chosen. -#}
{%- set bought = ['orders', 'revenue', 'contribution'] -%}
with outcomes as (

    select * from {{ ref('int_campaign_outcomes') }}

),

segments as (

    select * from {{ ref('int_campaign_segments') }}

),

cells as (

    select * from {{ ref('int_campaign_cells') }}

),

units as (

    select * from {{ ref('int_campaign_units') }}

),

cohorts as (

    select * from {{ ref('int_campaign_cohorts') }}

),

sales as (

    select * from {{ ref('int_campaign_sales') }}

),

contribution as (

    select count(contribution) > 0 as is_known
    from sales

),

{% for name, kind in [('whole', 'all'), ('segmented', 'by_segment')] %}
    {{ name }} as (

        select
            outcomes.campaign_id,
            outcomes.arm,
            outcomes.is_treated,
            {{ "'all' as segment_kind" if kind == 'all' else 'segments.segment_kind' }},
            {{ "'all' as segment" if kind == 'all' else 'segments.segment' }},
        {% for outcome in campaign_outcomes(kind) %}
            count({{ outcome }}_y) as {{ outcome }}_customers,
            sum(cast({{ outcome }}_y as decimal(28, 6))) as {{ outcome }}_sum_y,
            sum(cast({{ outcome }}_y * {{ outcome }}_y as decimal(28, 6))) as {{ outcome }}_sum_yy,
            sum(
                case
                    when {{ outcome }}_y is not null
                        then cast({{ outcome }}_x as decimal(28, 6))
                end
            )
                as {{ outcome }}_sum_x,
            sum(
                case
                    when {{ outcome }}_y is not null
                        then cast({{ outcome }}_x * {{ outcome }}_x as decimal(28, 6))
                end
            )
                as {{ outcome }}_sum_xx,
            sum(cast({{ outcome }}_y * {{ outcome }}_x as decimal(28, 6)))
                as {{ outcome }}_sum_xy{{ "," if not loop.last }}
        {% endfor %}
        from outcomes
        {% if kind != 'all' %}
            inner join segments
                on
                    outcomes.campaign_id = segments.campaign_id
                    and outcomes.customer_id = segments.customer_id
        {% endif %}
        group by
            {% if kind != 'all' %}
                segments.segment_kind,
                segments.segment,
            {% endif %}
            outcomes.campaign_id,
            outcomes.arm,
            outcomes.is_treated

    ),
{% endfor %}

arms as (

    {% for name, kind in [('whole', 'all'), ('segmented', 'by_segment')] %}
        {% set first = loop.first %}
        {% for outcome in campaign_outcomes(kind) %}
            {{ "union all" if not (first and loop.first) }}

            select
                campaign_id,
                arm,
                segment_kind,
                segment,
                '{{ outcome }}' as outcome,
                is_treated,
                {{ outcome }}_customers as customers,
                {{ outcome }}_sum_y as sum_y,
                {{ outcome }}_sum_yy as sum_yy,
                {{ outcome }}_sum_x as sum_x,
                {{ outcome }}_sum_xx as sum_xx,
                {{ outcome }}_sum_xy as sum_xy
            from {{ name }}
            where {{ outcome }}_customers > 0
        {% endfor %}
    {% endfor %}

),

matched as (

    {% for outcome in bought %}
        {{ "union all" if not loop.first }}

        select
            cells.campaign_id,
            '{{ outcome }}' as outcome,
            cells.placebo_shift,
            cells.is_treated,
            cells.cell,
            case when cells.is_treated then 0 else cells.bucket end as bucket,
            count(*) as customers,
            sum(cast(cells.{{ outcome }}_y as decimal(28, 6))) as sum_y,
            sum(cast(cells.{{ outcome }}_y * cells.{{ outcome }}_y as decimal(28, 6))) as sum_yy,
            sum(cast(cells.{{ outcome }}_x as decimal(28, 6))) as sum_x,
            sum(cast(cells.{{ outcome }}_x * cells.{{ outcome }}_x as decimal(28, 6))) as sum_xx,
            sum(cast(cells.{{ outcome }}_y * cells.{{ outcome }}_x as decimal(28, 6))) as sum_xy
        from cells
        cross join contribution
        where {{ 'contribution.is_known' if outcome == 'contribution' else 'true' }}
        group by
            cells.campaign_id,
            cells.placebo_shift,
            cells.is_treated,
            cells.cell,
            case when cells.is_treated then 0 else cells.bucket end
    {% endfor %}

),

-- Groups of the chosen are drawn by hash; groups of others by what they bought and by hash, so that
-- they can be weighted to be like the chosen.
grouped as (

    select
        campaign_id,
        placebo_shift,
        weeks,
        customer_id,
        is_treated,
        case
            when
                is_treated
                then
                    'chosen-'
                    || cast(
                        mod(bucket, {{ var('campaign_chosen_groups') }}) as {{ dbt.type_string() }}
                    )
            else
                cast(floor((cell + 1) / 2.0e0) as {{ dbt.type_string() }}) || '-'
                || cast(mod(bucket, {{ var('campaign_other_groups') }}) as {{ dbt.type_string() }})
        end as group_name
    from cells

),

group_sizes as (

    select
        campaign_id,
        placebo_shift,
        weeks,
        is_treated,
        group_name,
        count(*) as customers
    from grouped
    group by
        campaign_id,
        placebo_shift,
        weeks,
        is_treated,
        group_name

),

group_sales as (

    select
        grouped.campaign_id,
        grouped.placebo_shift,
        grouped.group_name,
        grouped.is_treated,
        units.week,
        sum(cast(units.revenue as decimal(18, 2))) as revenue
    from grouped
    inner join units
        on
            grouped.campaign_id = units.campaign_id
            and grouped.placebo_shift = units.placebo_shift
            and grouped.customer_id = units.customer_id
    where units.week >= 0
    group by
        grouped.campaign_id,
        grouped.placebo_shift,
        grouped.group_name,
        grouped.is_treated,
        units.week

),

numbers as (

    {% for number in range(100) %}
        {{ "union all" if not loop.first }}
        select {{ number }} as number
    {% endfor %}

),

group_weeks as (

    select
        group_sizes.campaign_id,
        'revenue' as outcome,
        group_sizes.placebo_shift,
        group_sizes.is_treated,
        group_sizes.group_name,
        numbers.number as week,
        group_sizes.customers,
        coalesce(group_sales.revenue, 0) as sum_y
    from group_sizes
    inner join numbers
        on numbers.number < group_sizes.weeks + {{ var('campaign_baseline_weeks') }}
    left join group_sales
        on
            group_sizes.campaign_id = group_sales.campaign_id
            and group_sizes.placebo_shift = group_sales.placebo_shift
            and group_sizes.group_name = group_sales.group_name
            and group_sizes.is_treated = group_sales.is_treated
            and numbers.number = group_sales.week

),

cohort_sales as (

    select
        cohorts.campaign_id,
        cohorts.customer_id,
        cast(
            floor(
                {{ dbt.datediff('cohorts.first_date', 'sales.order_date', 'day') }}
                / (1.0e0 * cohorts.period_days)
            ) as integer
        ) as number,
        sum(cast(sales.revenue as decimal(18, 2))) as revenue,
        sum(sales.orders) as orders
    from cohorts
    inner join sales
        on
            cohorts.customer_id = sales.customer_id
            and cohorts.first_date <= sales.order_date
    group by
        cohorts.campaign_id,
        cohorts.customer_id,
        cast(
            floor(
                {{ dbt.datediff('cohorts.first_date', 'sales.order_date', 'day') }}
                / (1.0e0 * cohorts.period_days)
            ) as integer
        )

),

cohort_periods as (

    {% for outcome in ['orders', 'revenue'] %}
        {{ "union all" if not loop.first }}

        select
            cohorts.campaign_id,
            '{{ outcome }}' as outcome,
            cohorts.customer_id,
            numbers.number,
            cohorts.cohort,
            coalesce(cohort_sales.{{ outcome }}, 0) as sum_y
        from cohorts
        inner join numbers
            on cohorts.periods > numbers.number
        left join cohort_sales
            on
                cohorts.campaign_id = cohort_sales.campaign_id
                and cohorts.customer_id = cohort_sales.customer_id
                and numbers.number = cohort_sales.number
    {% endfor %}

)

select
    'arm' as kind,
    campaign_id,
    arm,
    segment_kind,
    segment,
    outcome,
    cast(0 as bigint) as placebo_shift,
    is_treated,
    cast(null as {{ dbt.type_string() }}) as unit,
    cast(null as bigint) as period,
    cast(null as bigint) as cohort,
    cast(customers as double) as customers,
{% for sum in ['y', 'yy', 'x', 'xx', 'xy'] %}
    round(cast(sum_{{ sum }} as double), 6) as sum_{{ sum }}{{ "," if not loop.last }}
{% endfor %}
from arms

union all

select
    'cell' as kind,
    campaign_id,
    'all' as arm,
    'all' as segment_kind,
    'all' as segment,
    outcome,
    cast(placebo_shift as bigint) as placebo_shift,
    is_treated,
    cast(cell as {{ dbt.type_string() }}) as unit,
    cast(bucket as bigint) as period,
    cast(null as bigint) as cohort,
    cast(customers as double) as customers,
{% for sum in ['y', 'yy', 'x', 'xx', 'xy'] %}
    round(cast(sum_{{ sum }} as double), 6) as sum_{{ sum }}{{ "," if not loop.last }}
{% endfor %}
from matched

union all

select
    'week' as kind,
    campaign_id,
    'all' as arm,
    'all' as segment_kind,
    'all' as segment,
    outcome,
    cast(placebo_shift as bigint) as placebo_shift,
    is_treated,
    group_name as unit,
    cast(week as bigint) as period,
    cast({{ var('campaign_baseline_weeks') }} as bigint) as cohort,
    cast(customers as double) as customers,
    round(cast(sum_y as double), 6) as sum_y,
    cast(null as double) as sum_yy,
    cast(null as double) as sum_x,
    cast(null as double) as sum_xx,
    cast(null as double) as sum_xy
from group_weeks

union all

select
    'customer' as kind,
    campaign_id,
    'all' as arm,
    'all' as segment_kind,
    'all' as segment,
    outcome,
    cast(0 as bigint) as placebo_shift,
    cohort is not null as is_treated,
    customer_id as unit,
    cast(number as bigint) as period,
    cast(cohort as bigint) as cohort,
    cast(1 as double) as customers,
    round(cast(sum_y as double), 6) as sum_y,
    cast(null as double) as sum_yy,
    cast(null as double) as sum_x,
    cast(null as double) as sum_xx,
    cast(null as double) as sum_xy
from cohort_periods
