with {{ audited_rows('marketing', 'channel_costs') }}

select * from outcomes
