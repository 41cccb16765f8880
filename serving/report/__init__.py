"""The run report: one self-contained HTML page about the marts of one database file."""

from serving.report.page import render_report

__all__ = ["render_report"]
