"""What actions add: by whom, for whom most, and what ranking customers by it is worth."""
