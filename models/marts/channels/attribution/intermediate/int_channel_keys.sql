select
    channel_id,
    channel_name,
    channel_type,
    cast(row_number() over (order by channel_id) as integer) as channel_key
from {{ ref('dim_channels') }}
