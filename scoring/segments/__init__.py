"""Customers in segments by how they shop: features, clusters, names, and what was found before."""
