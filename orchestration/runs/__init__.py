"""What surrounds a run, whoever launches it: its lock, its instance, its progress, its outcome."""
