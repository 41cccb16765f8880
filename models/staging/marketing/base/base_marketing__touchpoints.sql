with {{ audited_rows('marketing', 'touchpoints') }}

select * from outcomes
