"""What Superset is told; everything that is secret or of this machine comes by environment."""

import os
import sys
from pathlib import Path

# At the end: nothing of the project's stands before what Superset imports.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from superset.config import TALISMAN_CONFIG

from bi.published import current

HOME = Path(os.environ["LIFECYCLE_BI_HOME"])
PUBLISHED = Path(os.environ["LIFECYCLE_BI_PUBLISHED"])

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
# Its own users, charts and sessions. Several threads write it, so they wait for one another.
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME / 'superset.db'}"
SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"timeout": 60}}

APP_NAME = "Customer lifecycle"
LANGUAGES = {
    "en": {"flag": "us", "name": "English"},
    "zh": {"flag": "cn", "name": "中文"},
}
# No answer is kept: what was published a second ago is what is shown.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
FEATURE_FLAGS = {"EMBEDDED_SUPERSET": False, "ALERT_REPORTS": False}
# A month-end chart has few points; a table of customers is a list to look at, not an export.
ROW_LIMIT = 10_000
SQL_MAX_ROW = 100_000
# Pages load nothing from elsewhere: Superset's would ask its maker's host to count them.
for sources in TALISMAN_CONFIG["content_security_policy"].values():
    if isinstance(sources, list):
        sources[:] = [source for source in sources if "." not in source]


def DB_CONNECTION_MUTATOR(uri, params, username, security_manager, source):  # noqa: N802
    """Open the version that is published now, read-only, alike for all who ask at once.

    DuckDB refuses a second connection to a file whose settings differ, and Superset would name
    what asks (a chart, a filter, SQL Lab) in one of them.
    """
    if uri.get_backend_name() == "duckdb" and uri.database == str(PUBLISHED):
        uri = uri.set(database=str(current(PUBLISHED, HOME / "versions")))
        arguments = params.setdefault("connect_args", {})
        arguments["read_only"] = True
        arguments.setdefault("config", {})["custom_user_agent"] = "superset"
    return uri, params
