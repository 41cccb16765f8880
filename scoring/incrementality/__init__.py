"""Which orders would not have been without the touches of a channel."""
