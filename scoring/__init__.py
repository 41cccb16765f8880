"""Customer scores: pure statistics, frames in and frames out."""
