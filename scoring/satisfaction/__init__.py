"""What makes customers content, and whether it makes them come back."""
