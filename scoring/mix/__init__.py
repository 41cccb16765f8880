"""The study of the mix: what spend brings, and where the next unit of money should go."""
