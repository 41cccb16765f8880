"""Who is one person and who lives together: customers that edges join."""
