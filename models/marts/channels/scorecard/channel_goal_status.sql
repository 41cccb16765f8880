{#- The most specific goal holds: of the channel before its type, of the grain before any. What all
    credit would make of a figure is the best that it can be: that misses a goal for sure, and
    does not prove that one is met. -#}
{%- set near = var('channel_goal_near_share') -%}
{%- set credit_kpis = channel_credit_kpis() -%}
with kpis as (

    select * from {{ ref('int_channel_kpis') }}

),

economics as (

    select * from {{ ref('channel_economics') }}

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
            kpis.period_grain,
            kpis.period_start,
            kpis.is_complete,
            kpis.channel_id,
            kpis.channel_name,
            kpis.channel_type,
            {% if kpi in credit_kpis -%}
                {% set best, basis, status = credit_kpis[kpi] %}
                cast(economics.{{ best }} as double) as kpi_value,
                cast(economics.{{ basis }} as string) as credit_basis,
                economics.{{ status }} as figure_status
            {%- else -%}
                cast(kpis.{{ kpi }} as double) as kpi_value,
                cast(null as string) as credit_basis,
                cast(null as string) as figure_status
            {%- endif %}
        from kpis
        {% if kpi in credit_kpis -%}
            left join economics
                on
                    kpis.channel_id = economics.channel_id
                    and kpis.period_grain = economics.period_grain
                    and kpis.period_start = economics.period_start
        {%- endif %}
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
    compared.credit_basis,
    round(compared.kpi_value, 9) as kpi_value,
    compared.goal,
    round(compared.shortfall, 9) as shortfall,
    case
        when compared.goal is null then 'no_goal'
        when compared.kpi_value is null and compared.figure_status = 'held' then 'held'
        when compared.kpi_value is null then 'not_known'
        when not compared.is_complete then 'not_over'
        when
            compared.credit_basis = 'descriptive'
            and round(compared.shortfall, 9) <= round({{ near }} * abs(compared.goal), 9)
            then 'not_proven'
        when compared.shortfall <= 0 then 'met'
        -- To nine decimals, so that what lies at the limit is not missed by rounding.
        when round(compared.shortfall, 9) <= round({{ near }} * abs(compared.goal), 9) then 'near'
        else 'missed'
    end as goal_status
from compared
left join labels
    on compared.kpi = labels.value
