"""Boards: pages for those who decide, defined as data and rendered from the published file.

A board's number is the metric's: panels name metrics and groupings, and what they show is the
answer of ``metrics.query``. Pages are read, never filtered; whoever wants to dig opens BI.
"""

from boards.board import Board, BoardError, Panel, load
from boards.browser import find_browser
from boards.page import Rendered, render_boards

__all__ = ["Board", "BoardError", "Panel", "Rendered", "find_browser", "load", "render_boards"]
