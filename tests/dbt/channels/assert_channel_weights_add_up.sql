select
    channel_id,
    sum(weight) as weight_total,
    sum(case when is_known then weight else 0 end) as known_weight
from {{ ref('channel_weights') }}
group by channel_id
having
    abs(sum(weight) - 1) > 0.000001
    or abs(sum(case when is_known then weight else 0 end) - max(known_weight)) > 0.000001
    or abs(coalesce(sum(weighted_score), 0) - coalesce(max(channel_score * known_weight), 0))
    > 0.000001
