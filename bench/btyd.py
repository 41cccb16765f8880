"""Fit and predict the purchase models on generated customers, beside lifetimes 0.11.3.

    python bench/btyd.py [--customers 1000000] [--lifetimes-python PATH]

Every measurement runs in its own process with one thread. This file also is that process, under
either Python, so it needs nothing but numpy and the library measured.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

HORIZON_WEEKS = 39.0
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
MODELS = {
    "BG/NBD": ("BetaGeoNBD", "BetaGeoFitter"),
    "MBG/NBD": ("ModifiedBetaGeoNBD", "ModifiedBetaGeoFitter"),
    "Pareto/NBD": ("ParetoNBD", "ParetoNBDFitter"),
    "MBG/CNBD-k, k chosen": ("ModifiedBetaGeoCNBDk", None),
}


def generate(customers: int, seed: int) -> dict[str, np.ndarray]:
    """Customers like CDNOW's: BG/NBD, first purchase in 12 weeks, observed for 39, in days."""
    rng = np.random.default_rng(seed)
    age = rng.integers(189, 273, customers).astype(np.float64)
    rate = rng.gamma(0.243, 1 / (7 * 4.414), customers)
    dropout = rng.beta(0.793, 2.426, customers)
    x, recency, clock = (np.zeros(customers) for _ in range(3))
    active = np.arange(customers)
    while len(active):
        clock[active] += rng.exponential(1 / np.maximum(rate[active], 1e-12))
        active = active[clock[active] < age[active]]
        day = np.floor(clock[active]) + 1
        # Purchases on one day count once.
        x[active] += day > recency[active]
        recency[active] = day
        active = active[rng.random(len(active)) >= dropout[active]]
    return {"frequency": x, "recency": recency / 7, "age": age / 7}


def measure(library: str, model: str, path: str) -> dict[str, float | dict[str, float]]:
    """CPU seconds and memory of one fit and one forecast for all customers, in this process."""
    data = np.load(path)
    x, recency, age = data["frequency"], data["recency"], data["age"]
    few = slice(None, None, max(1, len(x) // 200))
    run(library, model, x[few], recency[few], age[few])  # imports what is imported late
    before = memory()
    seconds, fitted, expected = run(library, model, x, recency, age)
    params = dict(fitted.params if library == "ours" else fitted.params_)
    return {
        **seconds,
        "memory_mb": (memory(peak=True) - before) / 1e6,
        "expected": float(np.mean(expected)),
        "params": {letter: float(value) for letter, value in params.items()},
    }


def run(library: str, model: str, x, recency, age):
    start = time.process_time()
    if library == "ours":
        sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
        import scoring.btyd  # noqa: PLC0415

        fitted = getattr(scoring.btyd, model)().fit(x, recency, age)
        between = time.process_time()
        expected = fitted.expected_purchases(HORIZON_WEEKS)
    else:
        import lifetimes  # noqa: PLC0415

        fitted = getattr(lifetimes, model)().fit(x, recency, age)
        between = time.process_time()
        expected = fitted.conditional_expected_number_of_purchases_up_to_time(
            HORIZON_WEEKS, x, recency, age
        )
    seconds = {"fit": between - start, "predict": time.process_time() - between}
    return seconds, fitted, expected


def memory(*, peak: bool = False) -> float:
    """Bytes held now, from where on the peak is counted, or at the peak since."""
    try:
        if not peak:
            Path("/proc/self/clear_refs").write_text("5")
        status = Path("/proc/self/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) * 1024
    except OSError:
        # Without /proc the peak is that of the process, from its start.
        unit = 1 if sys.platform == "darwin" else 1024
        return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * unit


def in_own_process(python: str, *arguments: str) -> dict:
    environment = {**os.environ, **dict.fromkeys(THREADS, "1")}
    done = subprocess.run(
        [python, "-W", "ignore", __file__, "--measure", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments[:2])} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def available(python: str) -> bool:
    check = [python, "-W", "ignore", "-c", "import lifetimes"]
    if subprocess.run(check, capture_output=True, check=False).returncode:
        print(f"lifetimes left out: {python} cannot import it (--lifetimes-python)\n")
        return False
    return True


def row(name: str, ours: float, theirs: float | None, digits: int) -> str:
    if theirs is None:
        return f"{name:<44}{ours:>10.{digits}f}"
    ratio = f"{theirs / ours:.1f}x" if ours > 0 else ""
    return f"{name:<44}{ours:>10.{digits}f}{theirs:>12.{digits}f}{ratio:>9}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--lifetimes-python", default=sys.executable, help="a Python that can import lifetimes"
    )
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(*options.measure)))
        return

    compare = available(options.lifetimes_python)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "customers.npz")
        data = generate(options.customers, options.seed)
        np.savez(path, **data)
        distinct = len(np.unique(np.stack(list(data.values())), axis=1).T)
        print(f"{options.customers:,} customers, {distinct:,} distinct (x, tx, T), one thread")
        print(f"{'':<44}{'ours':>10}" + (f"{'lifetimes':>12}{'ratio':>9}" if compare else ""))
        for name, (model, fitter) in MODELS.items():
            ours = in_own_process(sys.executable, "ours", model, path)
            theirs = (
                in_own_process(options.lifetimes_python, "lifetimes", fitter, path)
                if compare and fitter
                else None
            )
            for key, what, digits in (
                ("fit", "fit, CPU seconds", 3),
                ("predict", "predict 39 weeks, CPU seconds", 3),
                ("memory_mb", "memory above the data, MB", 0),
                ("expected", "mean expected purchases", 4),
            ):
                print(
                    row(
                        f"{name}: {what}" if key == "fit" else f"    {what}",
                        ours[key],
                        theirs[key] if theirs else None,
                        digits,
                    )
                )
            for library, result in (("ours", ours), ("lifetimes", theirs)):
                if result:
                    letters = ", ".join(f"{k} {v:.4g}" for k, v in result["params"].items())
                    print(f"    {library}: {letters}", flush=True)


if __name__ == "__main__":
    main()
