"""Definitions are loaded once, from a home of their own."""

import os
import tempfile

# Read when orchestration's modules are imported, which is before any fixture runs.
os.environ["LIFECYCLE_HOME"] = tempfile.mkdtemp(prefix="lifecycle-definitions-")
for name in ("LIFECYCLE_AS_OF_DATE", "LIFECYCLE_SOURCE_DIR"):
    os.environ.pop(name, None)
