"""Superset as code: what it opens, shows and may do, generated from the declared metrics."""
