select
    item_level,
    item,
    price_elasticity
from {{ ref('price_elasticity') }}
where
{% for name in ['price_elasticity', 'regular_price_elasticity', 'promotion_elasticity'] %}
        {{ name }} not between {{ name }}_low and {{ name }}_high
        or (is_{{ name }}_published and ({{ name }}_high >= 0 or {{ name }} < -20))
        or is_{{ name }}_published = ({{ name }}_reason is not null)
        {{ "or" if not loop.last }}
{% endfor %}
