with {{ audited_rows('marketing', 'promotions') }}

select * from outcomes
