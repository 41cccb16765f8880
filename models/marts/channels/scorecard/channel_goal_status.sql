{#- The most specific goal holds: of the channel before its type, of the grain before any. -#}
{%- set near = var('channel_goal_near_share') -%}
with kpis as (

    select * from {{ ref('int_channel_kpis') }}

),

goals as (

    select * from {{ ref('channel_goals') }}

),

rules as (

    select * from {{ ref('channel_kpis') }}

),

labels as (

    select * from {{ ref('channels_labels') }}
    where vocabulary = 'channel_kpi'

),

measured as (

    {% for kpi in channel_kpis() %}
        select
            '{{ kpi }}' as kpi,
            period_grain,
            period_start,
            is_complete,
            channel_id,
            channel_name,
            channel_type,
            cast({{ kpi }} as double) as kpi_value
        from kpis
        {{ "union all" if not loop.last }}
    {% endfor %}

),

ruled as (

    select
        measured.*,
        rules.better
    from measured
    inner join rules
        on
            measured.kpi = rules.kpi
            and measured.channel_type = rules.channel_type

),

matched as (

    select
        ruled.kpi,
        ruled.period_grain,
        ruled.period_start,
        ruled.channel_id,
        cast(goals.goal as double) as goal,
        row_number() over (
            partition by ruled.kpi, ruled.period_grain, ruled.period_start, ruled.channel_id
            order by
                case when goals.channel_id is null then 1 else 0 end,
                case when goals.period_grain is null then 1 else 0 end
        ) as goal_rank
    from ruled
    inner join goals
        on
            ruled.kpi = goals.kpi
            and (goals.channel_type is null or ruled.channel_type = goals.channel_type)
            and (goals.channel_id is null or ruled.channel_id = goals.channel_id)
            and (goals.period_grain is null or ruled.period_grain = goals.period_grain)

),

compared as (

    select
        ruled.*,
        matched.goal,
        case ruled.better
            when 'higher' then matched.goal - ruled.kpi_value
            when 'lower' then ruled.kpi_value - matched.goal
        end as shortfall
    from ruled
    left join matched
        on
            ruled.kpi = matched.kpi
            and ruled.period_grain = matched.period_grain
            and ruled.period_start = matched.period_start
            and ruled.channel_id = matched.channel_id
            and matched.goal_rank = 1

)

select
    compared.channel_id,
    compared.period_grain,
    compared.period_start,
    compared.kpi,
    compared.channel_name,
    compared.channel_type,
    labels.sort_order as kpi_rank,
    compared.better,
    compared.is_complete,
    round(compared.kpi_value, 9) as kpi_value,
    compared.goal,
    round(compared.shortfall, 9) as shortfall,
    case
        when compared.goal is null then 'no_goal'
        when compared.kpi_value is null then 'not_known'
        when not compared.is_complete then 'not_over'
        when compared.shortfall <= 0 then 'met'
        -- To nine decimals, so that what lies at the limit is not missed by rounding.
        when round(compared.shortfall, 9) <= round({{ near }} * abs(compared.goal), 9) then 'near'
        else 'missed'
    end as goal_status
from compared
left join labels
    on compared.kpi = labels.value
