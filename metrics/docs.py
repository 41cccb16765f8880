"""The part of docs/metrics.md that follows from the declarations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from metrics.declaration import OWNERS, Metric, grains_of, load

BEGIN = "<!-- From the declarations in metrics/, by `python -m metrics`: change them there. -->"
END = "<!-- End of what follows from the declarations. -->"

_TITLES = {
    "actions": "Actions",
    "campaigns": "Campaigns",
    "channels": "Channels",
    "customers": "Customers",
    "lifecycle": "Lifecycle and leaving",
    "loyalty": "Loyalty",
    "sales": "Sales",
    "service": "Service",
    "trust": "Whether to trust it",
    "value": "Value",
}


def with_generated(text: str) -> str:
    """The page with its generated part as the declarations have it now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after:
        raise ValueError(f"the page lacks the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{generated()}{END}{after}"


def generated() -> str:
    """Every metric by domain: formula, mart, grain, dimensions, owner and caveats."""
    return "".join(_domain(domain, _of(domain)) for domain in _domains())


def formula(metric: Metric) -> str:
    """How it is computed, in words of SQL."""
    if metric.type == "ratio":
        return f"{metric.numerator} / {metric.denominator}"
    if metric.type == "cumulative":
        over = {"all": "all days up to the last of the period"}.get(metric.window, metric.window)
        return f"{metric.metric} over {over}"
    if metric.type == "conversion":
        return (
            f"{metric.numerator} within {metric.window} / {metric.denominator}, by {metric.entity}"
        )
    text = metric.expression
    if metric.before:
        text += f", before: {metric.before.metric} {metric.before.offset} earlier"
    if metric.where:
        text += f" where {metric.where}"
    if metric.over_time == "last":
        text += f", of the last {metric.time_column}"
    return text


def _domains() -> list[str]:
    return sorted({metric.domain for metric in load()}, key=list(_TITLES).index)


def _of(domain: str) -> list[Metric]:
    return [metric for metric in load() if metric.domain == domain]


def _domain(domain: str, metrics: Iterable[Metric]) -> str:
    lines = [
        f"\n### {_TITLES[domain]}",
        "| metric | formula | mart, time | by | owner |",
        "|---|---|---|---|---|",
        *(line for metric in metrics for line in _row(metric)),
    ]
    return "\n".join(lines) + "\n\n"


def _row(metric: Metric) -> Iterator[str]:
    caveats = f"<br>*{metric.caveats.en}*" if metric.caveats else ""
    dimensions = "".join(f", `{name}`" for name in metric.dimensions)
    cells = (
        f"{metric.label.en}, {metric.label.zh}<br>`{metric.name}`",
        f"{metric.description.en}<br>`{formula(metric)}`{caveats}",
        f"`{metric.mart}.{metric.time_column}`, one {metric.grain}",
        f"{', '.join(grains_of(metric))}{dimensions}",
        OWNERS[metric.owner].en,
    )
    yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
