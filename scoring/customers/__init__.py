"""What every customer is expected to do next: buy, stay away, spend.

From the customer-day table to a forecast: ``history`` (purchase days), ``features``, ``panel``
(customers at several cut-offs), ``scoring.btyd`` and ``learners`` (candidates), ``season``,
``level``, ``champion``, ``forecast``, ``intervals``, ``lifetime``, ``reasons``; ``pipeline`` makes
the score tables of it, and ``evaluation`` judges all of it on any log.
"""
