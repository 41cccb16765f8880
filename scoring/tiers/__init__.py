"""What a tier brings: members just above its threshold against those just below."""
