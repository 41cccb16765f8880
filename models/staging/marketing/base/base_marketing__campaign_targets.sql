with {{ audited_rows('marketing', 'campaign_targets') }}

select * from outcomes
