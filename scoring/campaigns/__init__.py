"""What campaigns did: estimates from groups held back, or from panels of who was not chosen."""
