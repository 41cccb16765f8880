with {{ audited_rows('loyalty', 'accounts') }}

select * from outcomes
