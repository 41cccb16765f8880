"""A made-up retailer whose truth is known: every landing table, at any size, from one seed."""
