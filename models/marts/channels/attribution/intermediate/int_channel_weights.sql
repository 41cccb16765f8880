{#- New and returning customers have weights of their own where all channels that are told of
    everybody are told of them as well; else they have everybody's. -#}
with shares as (

    select * from {{ ref('stg_attribution__attribution_shares') }}
    where status = 'ok'

),

told as (

    select
        attribution_model,
        customer_kind,
        channel_key,
        share,
        count(*) over (partition by attribution_model, customer_kind) as channels
    from shares

),

kinds as (

    select 'new' as customer_kind
    union all
    select 'returning' as customer_kind

),

chosen as (

    select
        kinds.customer_kind,
        told.attribution_model,
        told.channel_key,
        case when own.channels = told.channels then own.share else told.share end as share
    from told
    cross join kinds
    left join told as own
        on
            told.attribution_model = own.attribution_model
            and told.channel_key = own.channel_key
            and kinds.customer_kind = own.customer_kind
    where told.customer_kind = 'all'

)

select
    customer_kind,
    channel_key,
{% for attribution_model in studied_attribution_models() %}
    max(case when attribution_model = '{{ attribution_model }}' then share end)
        as {{ attribution_model }}_share{{ "," if not loop.last }}
{% endfor %}
from chosen
group by
    customer_kind,
    channel_key
