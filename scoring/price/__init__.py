"""How demand follows prices.

``panel`` makes arrays of the rows that dbt prepared, ``choice`` fits them, ``shrink`` lends thin
items what their like have, ``pipeline`` does all of it for every category; ``tables`` says what is
written.
"""
