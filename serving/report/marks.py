"""Fixed colours and marks: a stage, segment or band looks the same in every chart and run."""

from __future__ import annotations

INK = "#22303c"
MUTED = "#5c6b7a"
GRID = "#e6eaee"
PALE = "#f2f5f8"
ACCENT = "#1f5f8b"
WARM = "#c8643c"
STAYED = "#e3e7ec"


# What colours become on a dark page; all others are light enough for it.
DARK: dict[str, str] = {
    INK: "#e4eaf0",
    MUTED: "#a3b1bf",
    GRID: "#2c3640",
    PALE: "#26303a",
    STAYED: "#2c343d",
    ACCENT: "#3a80af",
    "#8a3033": "#c9595c",
    "#b8c1cb": "#4a5866",
    "#c9d6e0": "#4a5a68",
    "#b9c7d4": "#5d6f7f",
}

# From the bottom of a stack to its top: the core of the base first, what is slipping last.
STAGE_COLOURS: dict[str, str] = {
    "mature": "#1f5f8b",
    "growing": "#3a9c8c",
    "new": "#8cc3e8",
    "reactivated": "#8e78bd",
    "declining": "#e9b44c",
    "dormant": "#cf7340",
    "lost": "#8a3033",
    "prospect": "#cdd3da",
}

SEGMENT_COLOURS: dict[str, str] = {
    "champions": "#1f5f8b",
    "loyal": "#3f86b5",
    "active": "#79b1d6",
    "new": "#63b5a6",
    "promising": "#9fd3c4",
    "needs_attention": "#efcd79",
    "at_risk": "#e39a4b",
    "previously_loyal": "#c8643c",
    "almost_lost": "#b48684",
    "dormant": "#9aa4af",
    "prospects": "#cdd3da",
}

BAND_COLOURS: dict[str, str] = {
    "high": "#8a3033",
    "medium": "#e39a4b",
    "low": "#9dbacd",
    "not_scored": "#cdd3da",
}

# Colour and shape.
ATTRIBUTION_MARKS: dict[str, tuple[str, str]] = {
    "first_touch": ("#8cc3e8", "circle"),
    "linear": ("#1f5f8b", "square"),
    "position_based": ("#3a9c8c", "diamond"),
    "time_decay": ("#e39a4b", "triangle-up"),
    "last_touch": ("#8a3033", "cross"),
    "last_non_direct": ("#b06a9c", "triangle-down"),
    "markov_1": ("#5b4a9b", "circle"),
    "markov_2": ("#7a6ab5", "square"),
    "markov_3": ("#9a8ccd", "diamond"),
    "markov_4": ("#bcb1e2", "triangle-up"),
    "shapley_subset": ("#4f7a3a", "cross"),
    "incremental": ("#1d1f24", "triangle-right"),
}

ATTRIBUTION_NOT_DRAWN: tuple[str, ...] = (
    "last_touch",
    "time_decay",
    "position_based",
    "markov_2",
    "markov_3",
    "markov_4",
)
"""One of each kind is enough to see: these are in the marts only."""

# Of channels, which every retailer has others of: in the order in which they are told.
CHANNEL_COLOURS: tuple[str, ...] = (
    "#1f5f8b",
    "#e39a4b",
    "#3a9c8c",
    "#8a3033",
    "#8cc3e8",
    "#5b4a9b",
    "#c9b23c",
    "#b06a9c",
    "#4f7a3a",
    "#9aa4af",
)


def stage_colour(stage: str) -> str:
    """Colour of the stage."""
    return STAGE_COLOURS.get(stage, MUTED)
