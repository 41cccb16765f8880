{#- Names and dates of birth as numbers that stand for them: enough to tell whether two are alike. What
    they stand for stays where it is read. A name is its first word and its last, or what stands before a
    comma. -#}
with {{ visible_rows('crm', 'customers') }},

plain as (

    select
        customer_id,
        birth_date,
        {{ plain_name('full_name') }} as plain_name
    from visible_rows

),

-- What has digits is no name.
parted as (

    select
        customer_id,
        birth_date,
        case
            when {{ digits_in('plain_name') }} > 0 then null
            when plain_name like '%,%' then trim({{ dbt.split_part('plain_name', "','", 1) }})
            else plain_name
        end as surname_part,
        case
            when {{ digits_in('plain_name') }} > 0 then null
            when plain_name like '%,%' then trim({{ dbt.split_part('plain_name', "','", 2) }})
            when plain_name like '% %' then plain_name
        end as given_part
    from plain

),

worded as (

    select
        customer_id,
        {{ outer_word('surname_part', 'last') }} as surname,
        {{ outer_word('given_part', 'first') }} as given_name,
        cast(birth_date as {{ dbt.type_string() }}) as born_on
    from parted

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
