with {{ audited_rows('service', 'tickets') }}

select * from outcomes
