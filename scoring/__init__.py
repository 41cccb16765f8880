"""Studies: pure statistics, frames in and frames out.

A folder for each study, a row for each in ``studies``; ``btyd`` and ``metrics`` serve them all.
"""
