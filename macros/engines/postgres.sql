{#- `double` is a type of two words there, `string` is called text, and only decimals are rounded to
    places: as DuckDB does it, so that both round the same hair away. -#}
{% macro postgres__make_up_for_engine() %}
    {% do run_query("""
        do $$
        begin
            if to_regtype('public.double') is null then
                create domain public.double as double precision;
            end if;
            if to_regtype('public.string') is null then
                create domain public.string as text;
            end if;
        end
        $$;
        create or replace function public.round(double precision, integer)
        returns double precision
        language sql immutable parallel safe
        as 'select sign($1) * floor(abs($1) * power(10.0::double precision, $2) + 0.5) / power(10.0::double precision, $2)'
    """) %}
{% endmacro %}
