{#- Generated from landing/contract.py by `python -m landing.sources`; do not edit. -#}
with {{ visible_rows('marketing', 'channel_lift_tests') }},

cleaned as (

    select
        lift_test_id,
        channel_id,
        test_group,
        started_on,
        ended_on,
        outcome,
        spend_amount,
        case
            when treated_units < 0 then null
            else treated_units
        end as treated_units,
        case
            when control_units < 0 then null
            else control_units
        end as control_units,
        treated_outcome,
        control_outcome,
        incremental_outcome,
        case
            when standard_error < 0 then null
            else standard_error
        end as standard_error
    from visible_rows

)

select * from cleaned
