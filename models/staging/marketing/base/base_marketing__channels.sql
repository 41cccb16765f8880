with {{ audited_rows('marketing', 'channels') }}

select * from outcomes
