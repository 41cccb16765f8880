with {{ audited_rows('marketing', 'campaigns', rules={"ends_before_start": "rows_landed.end_date < rows_landed.start_date"}) }}

select * from outcomes
