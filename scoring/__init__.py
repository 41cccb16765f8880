"""Customer scores: pure statistics, frames in and frames out.

From the customer-day table to a forecast: ``history`` (purchase days), ``features``, ``panel``
(customers at several cut-offs), ``btyd`` and ``learners`` (candidates), ``level``, ``champion``,
``forecast``, ``intervals``, ``reasons``; ``evaluation`` judges all of it on any log.
"""
