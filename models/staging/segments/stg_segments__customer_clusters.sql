{#- Generated from scoring/studies.py by `python -m scoring.sources`; do not edit. -#}

with source as (

    select * from {{ source('segments', 'customer_clusters') }}

)

select
    cast(customer_id as string) as customer_id,
    cast(as_of_date as date) as as_of_date,
    cast(segment as string) as segment,
    cast(strength as double) as strength,
    cast(reason as string) as reason,
    cast(earlier_segment as string) as earlier_segment,
    cast(item_value as double) as item_value,
    cast(basket_size as double) as basket_size,
    cast(breadth as double) as breadth,
    cast(discount_share as double) as discount_share,
    cast(private_label_share as double) as private_label_share,
    cast(fresh_share as double) as fresh_share,
    cast(weekend_share as double) as weekend_share,
    cast(evening_share as double) as evening_share,
    cast(online_share as double) as online_share,
    cast(service_contacts as double) as service_contacts
from source
