"""What each channel brought in made-up markets whose truth is known, from totals and spend alone.

    python bench/mix_recovery.py FOLDER [PRESET ...]

Of every preset of mmm-param-recovery (PyMC Labs) ``FOLDER`` has ``PRESET.data.csv`` and
``PRESET.truth.csv``, which its generator makes, in a Python that has pymc-marketing 0.15:

    from mmm_param_recovery.data_generator import generate_mmm_dataset, get_preset_config
    made = generate_mmm_dataset(get_preset_config("small_business"))
    made["data"].to_csv("small_business.data.csv", index=False)
    made["ground_truth"]["transformed_spend"].reset_index().to_csv(
        "small_business.truth.csv", index=False)

Regions are fitted one by one, by ``scoring.mix.fit.fit_total`` with the controls given and two
yearly waves. Its prior is of money for money, and units here are none: totals are divided so that
they come to what was spent. Bias and SRMSE are of weekly contributions, as there: mean of the
error, and its root mean square over the mean of the truth; of a channel the mean over regions.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from scoring.mix.curve import Array, carried
from scoring.mix.fit import fit_total

PRESETS = ("small_business", "medium_business", "large_business", "growing_business")
WAVES = 2
WEEKS = 365.25 / 7


def main() -> None:
    """Print a table of each preset."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("presets", nargs="*", default=PRESETS)
    given = parser.parse_args()
    for preset in given.presets:
        data = pd.read_csv(given.folder / f"{preset}.data.csv")
        truth = pd.read_csv(given.folder / f"{preset}.truth.csv")
        started = time.perf_counter()
        found = recovered(data, truth)
        by_channel = found.groupby("channel", sort=False)[["truth", "bias", "srmse"]].mean()
        print(
            f"\n{preset}: {data['geo'].nunique()} regions, {len(by_channel)} channels, "
            f"{data['date'].nunique()} weeks, {time.perf_counter() - started:.0f} s\n"
            "\n| channel | contribution a week | bias | SRMSE |\n|---|---|---|---|"
        )
        for channel, row in by_channel.iterrows():
            print(f"| {channel} | {row['truth']:,.1f} | {row['bias']:+,.1f} | {row['srmse']:.2f} |")
        print(f"| mean | | {found['bias'].mean():+,.1f} | {found['srmse'].mean():.2f} |")


def recovered(data: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Bias and SRMSE by region and channel."""
    channels = [name for name in data if name.startswith("x")]
    controls = [name for name in data if name.startswith("c") and not name.endswith("_effect")]
    rows = []
    for region, part in data.sort_values("date").groupby("geo"):
        of_truth = truth[truth["geo"] == region].sort_values("date")
        told = _contributions(
            part["y"].to_numpy(dtype=float),
            part[channels].to_numpy(dtype=float),
            _covariates(part[controls].to_numpy(dtype=float)),
        )
        for number, channel in enumerate(channels):
            of = of_truth[f"contribution_{channel}"].to_numpy(dtype=float)
            error = told[:, number] - of
            rows.append(
                {
                    "region": region,
                    "channel": channel,
                    "truth": of.mean(),
                    "bias": error.mean(),
                    "srmse": np.sqrt((error**2).mean()) / abs(of.mean()) if of.mean() else np.nan,
                }
            )
    return pd.DataFrame(rows)


def _covariates(controls: Array) -> Array:
    """A constant, a trend, yearly waves, and controls in units of their spread."""
    week = np.arange(len(controls))
    waves = [
        function(2 * np.pi * number * week / WEEKS)
        for number in range(1, WAVES + 1)
        for function in (np.sin, np.cos)
    ]
    spread = controls.std(axis=0)
    known = controls[:, spread > 0] / spread[spread > 0]
    return np.column_stack([np.ones(len(week)), week / len(week), *waves, known])


def _contributions(total: Array, spend: Array, covariates: Array) -> Array:
    used = spend.std(axis=0) > 0
    unit = total.sum() / spend.sum()
    fit = fit_total(total / unit, spend[:, used], covariates)
    acting = np.column_stack(
        [carried(spend[:, c], fit.carry(n)) for n, c in enumerate(np.flatnonzero(used))]
    )
    told = np.zeros_like(spend)
    told[:, used] = unit * fit.curves(fit.estimate).value(acting)
    return told


if __name__ == "__main__":
    main()
