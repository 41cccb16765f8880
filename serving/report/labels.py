"""Names and fixed colours: a stage, segment or band looks the same in every chart and run."""

from __future__ import annotations

from dataclasses import dataclass

from serving.language import is_chinese, say

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


@dataclass(frozen=True)
class Stage:
    """A lifecycle stage, as seeds/lifecycle/lifecycle_stages.csv has it, with its colour."""

    label_en: str
    label_zh: str
    is_active: bool
    meaning: str
    colour: str


# A published file holds the marts and not the seeds, so the names are here as well.
STAGES: dict[str, Stage] = {
    "prospect": Stage("Prospect", "潜在", False, "Known and has no purchase on record.", "#cdd3da"),
    "new": Stage("New", "新客", True, "Bought for the first time not long ago.", "#8cc3e8"),
    "growing": Stage("Growing", "成长", True, "Buys more than before.", "#3a9c8c"),
    "mature": Stage("Mature", "成熟", True, "Buys in a steady rhythm.", "#1f5f8b"),
    "declining": Stage(
        "Declining",
        "衰退",
        True,
        "Buys less than before or is overdue by the customer's own rhythm.",
        "#e9b44c",
    ),
    "dormant": Stage(
        "Dormant",
        "休眠",
        False,
        "Silent for far longer than the customer's own rhythm.",
        "#cf7340",
    ),
    "lost": Stage(
        "Lost",
        "流失",
        False,
        "Closed the account, cancelled, or is silent for so long that a return is unlikely.",
        "#8a3033",
    ),
    "reactivated": Stage(
        "Reactivated",
        "唤回",
        True,
        "Came back not long ago after having been dormant or lost.",
        "#8e78bd",
    ),
}

# From the bottom of a stack to its top: the core of the base first, what is slipping last.
STACK_ORDER = (
    "mature",
    "growing",
    "new",
    "reactivated",
    "declining",
    "dormant",
    "lost",
    "prospect",
)

# How money that was given back found its sale.
RETURN_MATCHES: dict[str, str] = {
    "referenced": "names its sale",
    "product": "went to the customers' latest earlier sale of the product",
    "amount": "went to their latest earlier sale of at least the amount",
    "unmatched": "has no such sale and comes off the customers' other sales, if there are any",
}

# What says that a lost customer is lost, and what makes a customer change stage.
LOST_SOURCES: dict[str, tuple[str, str]] = {
    "account_closed": ("account closed", "已销户"),
    "cancellation": ("cancelled", "已取消"),
    "silence": ("silent for too long", "长期未购"),
}
CHANGE_CAUSES: dict[str, tuple[str, str]] = {
    "purchase": ("a purchase", "购买"),
    "return": ("a return of the last purchase", "退货"),
    "register": ("leaving by their own word", "主动离开"),
    "time": ("nothing but time", "时间推移"),
    "first_seen": ("being seen for the first time", "首次出现"),
}

LAPSED = ("dormant", "lost")
# On the way out, the further the later.
LEAVING = ("declining", *LAPSED)

UNSEEN = "(unseen)"
DIRECT = "(direct)"
UNATTRIBUTED = "(unattributed)"

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

RHYTHM_LABELS: dict[str, str] = {
    "several_a_week": "Several times a week",
    "weekly": "Weekly",
    "fortnightly": "Every two weeks",
    "monthly": "Monthly",
    "sparse": "More rarely",
}

TIER_LABELS: dict[str, str] = {
    "top_1_percent": "Top 1%",
    "top_5_percent": "Next, up to 5%",
    "top_10_percent": "Next, up to 10%",
    "top_25_percent": "Next, up to 25%",
    "top_50_percent": "Next, up to 50%",
    "rest": "Lower half",
    "not_scored": "Not scored",
}

STAKE_LABELS: dict[str, str] = {
    "top_1_percent": "Top 1% of the scored",
    "top_5_percent": "Next, up to 5%",
    "top_10_percent": "Next, up to 10%",
    "top_25_percent": "Next, up to 25%",
    "rest": "The others",
}

BANDS: dict[str, tuple[str, str]] = {
    "high": ("High", "#8a3033"),
    "medium": ("Medium", "#e39a4b"),
    "low": ("Low", "#9dbacd"),
    "not_scored": ("Not scored", "#cdd3da"),
}

ATTRIBUTION_MODELS: dict[str, tuple[str, str, str]] = {
    "first_touch": ("First touch", "#8cc3e8", "circle"),
    "linear": ("Linear", "#1f5f8b", "square"),
    "position_based": ("Position based", "#3a9c8c", "diamond"),
    "time_decay": ("Time decay", "#e39a4b", "triangle-up"),
    "last_touch": ("Last touch", "#8a3033", "cross"),
}

# What the strongest reason of a churn forecast is about, whichever way it points.
DRIVER_LABELS: dict[str, str] = {
    "hiatus": "Time since the last purchase",
    "recent": "Purchases of late",
    "frequency": "How often they buy",
    "regularity": "How regularly they buy",
    "amount": "How much they spend",
    "season": "Season",
}

MODEL_LABELS: dict[str, str] = {
    "blend": "Blend of models",
    "btyd": "Purchase model",
    "average": "Average of purchase models",
    "btyd_offset": "Purchase model with features",
    "naive": "Naive",
    "hiatus": "Hiatus",
    "bg_nbd": "BG/NBD",
    "mbg_nbd": "MBG/NBD",
    "mbg_cnbd_k": "MBG/CNBD-k",
    "pareto_nbd": "Pareto/NBD",
    "nbd": "NBD",
}

# What a metric is called, which way is better (empty: nothing to compare), and what it means in a
# few words.
METRICS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("churn", "auc"): ("AUC", "high", "chance that a churner is ranked above a non-churner"),
    ("churn", "brier"): ("Brier score", "low", "mean squared error of the probability"),
    ("churn", "calibration_error"): (
        "Calibration error",
        "low",
        "mean gap between predicted and actual share",
    ),
    ("purchases", "mae"): ("Mean absolute error", "low", "purchase days per customer"),
    ("purchases", "normalised_gini"): ("Normalised Gini", "high", "quality of the ranking"),
    ("purchases", "bias"): ("Bias of the total", "zero", "forecast over actual, less one"),
    ("purchases", "interval_coverage"): ("Within the 80% interval", "", "customers, to be 80%"),
    ("spend", "mae"): ("Mean absolute error", "low", "money per customer"),
    ("spend", "normalised_gini"): ("Normalised Gini", "high", "quality of the ranking"),
    ("spend", "bias"): ("Bias of the total", "zero", "forecast over actual, less one"),
    ("spend", "interval_coverage"): ("Within the 80% interval", "", "customers, to be 80%"),
}


def stage_name(stage: str) -> str:
    """What it is called; a stage that is not known as itself."""
    if stage == UNSEEN:
        return say("First seen")
    if stage not in STAGES:
        return in_words(stage)
    return STAGES[stage].label_zh if is_chinese() else STAGES[stage].label_en


def stage_colour(stage: str) -> str:
    """Colour of the stage."""
    return STAGES[stage].colour if stage in STAGES else MUTED


def named(names: dict[str, tuple[str, str]], name: str) -> str:
    """The English or the Chinese one; a name that is not known as itself."""
    return names[name][is_chinese()] if name in names else in_words(name).lower()


def in_words(name: str) -> str:
    """previously_loyal as Previously loyal."""
    text = name.strip("()").replace("_", " ")
    return text[:1].upper() + text[1:]
