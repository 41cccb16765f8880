{#- What landed profiles say that customers are not published with. Of what is personal only the age
    band and whether a value is there and possible are passed on; both are made here, where the
    values are read, so that none of them goes any further. -#}
with {{ visible_rows('crm', 'customers') }},

read as (

    select
        visible_rows.customer_id,
        visible_rows.country,
        visible_rows.education,
        visible_rows.main_sales_channel_id,
        as_of.as_of_date,
        nullif(trim(visible_rows.full_name), '') as full_name,
        nullif(trim(visible_rows.email), '') as email,
        nullif(trim(visible_rows.phone), '') as phone,
        nullif(trim(visible_rows.postal_code), '') as postal_code,
        visible_rows.birth_date
    from visible_rows
    cross join as_of

),

aged as (

    select
        read.*,
        extract(year from as_of_date) - extract(year from birth_date)
        - case
            when
                100 * extract(month from as_of_date) + extract(day from as_of_date)
                < 100 * extract(month from birth_date) + extract(day from birth_date)
                then 1
            else 0
        end as age
    from read

),

banded as (

    select
        aged.*,
        case when birth_date < as_of_date then {{ age_band('age') }} end as age_band_of_birth
    from aged

)

select
    customer_id,
    country,
    education,
    main_sales_channel_id,
    age_band_of_birth,
    full_name is not null as is_full_name_filled,
    length(full_name) > 1 and {{ digits_in('full_name') }} < length(full_name)
        as is_full_name_valid,
    email is not null as is_email_filled,
    email like '_%@_%._%' and email not like '% %' and email not like '%@%@%' as is_email_valid,
    phone is not null as is_phone_filled,
    {{ digits_in('phone') }} between 7 and 15 as is_phone_valid,
    postal_code is not null as is_postal_code_filled,
    length(postal_code) between 3 and 10 and translate(postal_code, '0-.? ', '') <> ''
        as is_postal_code_valid,
    birth_date is not null as is_birth_date_filled,
    age_band_of_birth is not null as is_birth_date_valid
from banded
