{#- What may make a customer leave: name of the experience to the condition on what the days up to a
    visit had of it. A further one is a further entry, and a row in the seeds
    leaving_experience_reasons and reasons_labels. -#}
{% macro leaving_experiences() %}
    {{ return({
        'late_delivery': 'late_orders > 0',
        'unresolved_ticket': 'unresolved_tickets > 0',
        'complaint_service': 'complaints_service > 0',
        'low_score_service': 'low_scores_service > 0',
        'returned_goods': 'returned_orders > 0',
        'complaint_product': 'complaints_product > 0',
        'low_score_product': 'low_scores_product > 0',
        'delisted_products': 'delisted_share >= ' ~ var('churn_reason_delisted_share'),
        'price_rise': 'price_change >= ' ~ var('churn_reason_price_rise'),
        'complaint_price': 'complaints_price > 0',
        'low_score_price': 'low_scores_price > 0',
        'complaint_competitor': 'complaints_competitor > 0',
        'competitor_period': 'competitor_period is not null'
    }) }}
{% endmacro %}
