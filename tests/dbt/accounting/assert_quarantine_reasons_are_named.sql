-- Reasons are separated by commas; missing, unknown and negative go before a column, number_reused
-- after a record.
with combinations as (

    select distinct rejection_reasons
    from {{ ref('quarantine_reasons') }}

),

reasons as (

    select distinct trim(split_part(combinations.rejection_reasons, ',', numbers.number)) as reason
    from combinations
    inner join {{ ref('numbers') }} as numbers
        on
            numbers.number between 1
            and length(combinations.rejection_reasons)
            - length(replace(combinations.rejection_reasons, ',', '')) + 1

),

labels as (

    select * from {{ ref('labels') }}
    where vocabulary = 'quarantine_reason'

)

select reasons.reason
from reasons
left join labels
    on
        reasons.reason = labels.value
        or (
            labels.value in ('missing', 'unknown', 'negative')
            and split_part(reasons.reason, '_', 1) = labels.value
        )
        or (
            labels.value = 'number_reused'
            and reasons.reason like '%_number_reused'
        )
where labels.value is null
