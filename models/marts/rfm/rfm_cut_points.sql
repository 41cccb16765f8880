with cut_points as (

    select * from {{ ref('int_rfm_cut_points') }}

)

select
    snapshot_date,
    measure,
    customers,
    minimum,
    cut_point_20,
    cut_point_40,
    cut_point_60,
    cut_point_80,
    maximum
from cut_points
