"""What each channel has to do with orders: removal effects in Markov chains, Shapley values."""
