with numbers as (

    select number from {{ ref('numbers') }}

),

cells as (

    select
        r.number as r_score,
        cast(fm.number / 2.0 as decimal(3, 1)) as fm_score
    from numbers as r
    cross join numbers as fm
    where
        r.number between 1 and 5
        and fm.number between 2 and 10

),

seeded as (

    select
        r_score,
        fm_score,
        count(*) as seeded_rows
    from {{ ref('rfm_segments') }}
    group by
        r_score,
        fm_score

)

select
    coalesce(cells.r_score, seeded.r_score) as r_score,
    coalesce(cells.fm_score, seeded.fm_score) as fm_score,
    seeded.seeded_rows
from cells
full outer join seeded
    on
        cells.r_score = seeded.r_score
        and cells.fm_score = seeded.fm_score
where
    cells.r_score is null
    or coalesce(seeded.seeded_rows, 0) <> 1
