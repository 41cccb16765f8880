"""Assets and checks, one module for each room."""
