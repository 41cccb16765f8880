with {{ audited_rows('pos', 'stores') }}

select * from outcomes
