"""The judge of erasures, which is a script beside the other judges."""

import importlib.util
import sys
from pathlib import Path

_PATH = Path(__file__).resolve().parents[2] / "bench" / "judged" / "erasure.py"
_spec = importlib.util.spec_from_file_location("erasure", _PATH)
assert _spec is not None
assert _spec.loader is not None
judged = sys.modules["erasure"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(judged)
