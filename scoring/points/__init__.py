"""How much of what is earned will be redeemed: chain ladder on cohorts of points."""
