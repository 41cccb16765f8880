{#- Which actions a customer may be the subject of: all rules of an action hold. A fact that is
    not known meets no rule. An action without rules is for everyone. -#}
with customers as (

    select * from {{ ref('int_action_customers') }}

),

actions as (

    select * from {{ ref('actions') }}

),

rules as (

    select * from {{ ref('action_rules') }}

),

facts as (

    {% for fact, kind in action_facts().items() %}
        select
            customer_id,
            '{{ fact }}' as fact,
            {% if kind == 'text' %}
                cast({{ fact }} as string) as name,
                cast(null as double) as number
            {% else %}
                cast(null as string) as name,
                cast({{ fact }} as double) as number
            {% endif %}
        from customers
        {{ "union all" if not loop.last }}
    {% endfor %}

),

needed as (

    select
        action,
        count(*) as rules
    from rules
    group by action

),

met as (

    select
        facts.customer_id,
        rules.action,
        count(*) as rules
    from facts
    inner join rules
        on facts.fact = rules.fact
    where
        (rules.comparison = 'at_least' and facts.number >= rules.bound)
        or (rules.comparison = 'at_most' and facts.number <= rules.bound)
        or (
            rules.comparison = 'in'
            and concat('|', rules.names, '|') like concat('%|', facts.name, '|%')
        )
    group by
        facts.customer_id,
        rules.action

)

select
    met.customer_id,
    met.action
from met
inner join needed
    on
        met.action = needed.action
        and met.rules = needed.rules
inner join actions
    on met.action = actions.action

union all

select
    customers.customer_id,
    actions.action
from customers
cross join actions
left join needed
    on actions.action = needed.action
where needed.action is null
