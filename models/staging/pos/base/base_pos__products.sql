with {{ audited_rows('pos', 'products') }}

select * from outcomes
