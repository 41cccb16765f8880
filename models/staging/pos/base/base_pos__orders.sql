{{ config(materialized='table') }}

with {{ audited_rows('pos', 'orders') }}

select * from outcomes
