{#- On each criterion the tiers follow each other from 0 without a hole or an overlap; a row says
    what does not. -#}
{% test tiers_without_hole_or_overlap(model) %}

select problem
from ({{ tier_rule_problems(model) }}) as checked
where problem is not null

{% endtest %}
