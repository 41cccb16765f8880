{#- Which model to trust: the one that tells what was brought, where it is told; else the shortest
    chain that is told, which alone of the others knows journeys without an order; else a rule that
    favours no place. -#}
with attributions as (

    select * from {{ ref('channel_attribution') }}
    where
        customer_kind = 'all'
        and status is not null

),

channels as (

    select
        channel_id,
        max(channel_name) as channel_name,
        count(*) as models
    from attributions
    group by channel_id

),

told as (

    select
        channel_id,
        attribution_model,
        kind,
        share,
        share_lower,
        share_upper,
        rank() over (partition by attribution_model order by share desc) as share_rank,
        case
            when attribution_model = 'incremental' then 1
            when attribution_model = 'markov_1' then 2
            when attribution_model like 'markov%' then 3
            when attribution_model = 'shapley_subset' then 4
            when attribution_model = 'linear' then 5
            else 6
        end as trust_order
    from attributions
    where status = 'ok'

),

placed as (

    select
        told.*,
        row_number() over (partition by channel_id order by trust_order, attribution_model)
            as trusted,
        row_number() over (partition by channel_id order by share, attribution_model) as lowest,
        row_number() over (partition by channel_id order by share desc, attribution_model asc)
            as highest
    from told

),

compared as (

    select
        placed.*,
        case
            when
                placed.share_lower > trusted.share_upper
                or placed.share_upper < trusted.share_lower
                then placed.attribution_model
        end as apart_model
    from placed
    inner join placed as trusted
        on
            placed.channel_id = trusted.channel_id
            and trusted.trusted = 1

),

summed as (

    select
        channel_id,
        count(*) as told_models,
        min(share) as share_min,
        max(share) as share_max,
        max(case when lowest = 1 then attribution_model end) as lowest_model,
        max(case when highest = 1 then attribution_model end) as highest_model,
        min(share_rank) as best_rank,
        max(share_rank) as worst_rank,
        max(share_lower) <= min(share_upper) as intervals_overlap,
        max(case when kind = 'incremental' then share end) as incremental_share,
        min(case when kind = 'descriptive' then share end) as descriptive_share_min,
        max(case when kind = 'descriptive' then share end) as descriptive_share_max,
        max(case when trusted = 1 then attribution_model end) as trusted_model,
        max(case when trusted = 1 then trust_order end) as trust_order,
        max(case when trusted = 1 then share end) as trusted_share,
        max(case when trusted = 1 then share_lower end) as trusted_share_lower,
        max(case when trusted = 1 then share_upper end) as trusted_share_upper,
        count(apart_model) as models_apart,
        {{ dbt.listagg('apart_model', "', '", 'order by attribution_model') }} as models_apart_names
    from compared
    group by channel_id

)

select
    channels.channel_id,
    channels.channel_name,
    cast(channels.models as bigint) as models,
    cast(coalesce(summed.told_models, 0) as bigint) as told_models,
    round(summed.share_min, 6) as share_min,
    round(summed.share_max, 6) as share_max,
    round(summed.share_max - summed.share_min, 6) as share_range,
    summed.lowest_model,
    summed.highest_model,
    cast(summed.best_rank as bigint) as best_rank,
    cast(summed.worst_rank as bigint) as worst_rank,
    cast(summed.worst_rank - summed.best_rank as bigint) as rank_range,
    summed.intervals_overlap,
    cast(summed.models_apart as bigint) as models_apart,
    summed.models_apart_names,
    round(summed.descriptive_share_min, 6) as descriptive_share_min,
    round(summed.descriptive_share_max, 6) as descriptive_share_max,
    round(summed.incremental_share, 6) as incremental_share,
    summed.trusted_model,
    round(summed.trusted_share, 6) as trusted_share,
    round(summed.trusted_share_lower, 6) as trusted_share_lower,
    round(summed.trusted_share_upper, 6) as trusted_share_upper,
    case
        when summed.trust_order is null then 'nothing_told'
        when summed.trust_order = 1 then 'tells_what_was_brought'
        when summed.trust_order <= 3 then 'knows_paths_without_order'
        when summed.trust_order = 4 then 'treats_channels_alike'
        else 'only_rules'
    end as trust_reason
from channels
left join summed
    on channels.channel_id = summed.channel_id
