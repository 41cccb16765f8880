with {{ audited_rows('service', 'surveys') }}

select * from outcomes
