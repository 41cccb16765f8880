"""What published marts say of made-up retailers, beside the truth: a module per domain."""
