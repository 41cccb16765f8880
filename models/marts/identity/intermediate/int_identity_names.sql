{#- Names and dates of birth as numbers that stand for them: enough to tell whether two
    are alike. What they stand for stays where it is read. A name is its first word and
    its last, or what stands before a comma. -#}
with {{ visible_rows('crm', 'customers') }},

plain as (

    select
        customer_id,
        birth_date,
        {{ plain_name('full_name') }} as plain_name
    from visible_rows

),

-- What has digits is no name.
worded as (

    select
        customer_id,
        case when {{ digits_in('plain_name') }} = 0 then {{ surname_in('plain_name') }} end
            as surname,
        case when {{ digits_in('plain_name') }} = 0 then {{ given_name_in('plain_name') }} end
            as given_name,
        cast(birth_date as {{ dbt.type_string() }}) as born_on
    from plain

)

select
    customer_id,
    case
        when surname is not null then dense_rank() over (order by {{ dbt.hash('surname') }})
    end as surname_number,
    case
        when given_name is not null then dense_rank() over (order by {{ dbt.hash('given_name') }})
    end as given_number,
    case
        when given_name is not null
            then dense_rank() over (order by {{ dbt.hash('substring(given_name, 1, 1)') }})
    end as initial_number,
    length(given_name) = 1 as is_initial,
    case
        when born_on is not null then dense_rank() over (order by {{ dbt.hash('born_on') }})
    end as birth_number
from worded
