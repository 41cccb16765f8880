with {{ audited_rows('crm', 'customers') }}

select * from outcomes
