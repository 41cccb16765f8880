"""What Great Expectations found, as the result of an asset check."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import dagster as dg

from expectations.validate import TableValidation
from orchestration.runs.audit import BRIEFS, Brief
from orchestration.runs.outcome import CRITICAL
from orchestration.runs.progress import count


def check_result(
    key: dg.AssetKey, name: str, validations: Sequence[TableValidation], data_docs_dir: Path
) -> dg.AssetCheckResult:
    """The check ``name`` of an asset: it blocks if a finding is critical, others warn."""
    blocking = [str(finding) for validation in validations for finding in validation.blocking]
    warnings = [str(finding) for validation in validations for finding in validation.warnings]
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=not blocking and not warnings,
        severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
        description=_sentence(blocking, warnings) or _met(validations),
        metadata={
            "expectations": sum(validation.expectations for validation in validations),
            "rows": max((validation.rows for validation in validations), default=0),
            CRITICAL: dg.MetadataValue.md("\n".join(f"- {text}" for text in blocking) or "none"),
            "warnings": dg.MetadataValue.md("\n".join(f"- {text}" for text in warnings) or "none"),
            BRIEFS: dg.MetadataValue.json(
                [
                    Brief(finding.brief, finding.money or Decimal(0), finding.share).as_json()
                    for validation in validations
                    for finding in validation.warnings
                ]
            ),
            "data_docs": dg.MetadataValue.path(data_docs_dir / "index.html"),
        },
    )


def _sentence(blocking: Sequence[str], warnings: Sequence[str]) -> str:
    """What is worst, as Dagster's pages run lines together; empty if nothing was found."""
    findings = [*blocking, *warnings]
    if not findings:
        return ""
    more = f" ({count(len(findings) - 1, 'more finding')} below)" if len(findings) > 1 else ""
    return f"{findings[0]}{more}."


def _met(validations: Sequence[TableValidation]) -> str:
    expectations = sum(validation.expectations for validation in validations)
    rows = max((validation.rows for validation in validations), default=0)
    return f"Met {count(expectations, 'expectation')}, of {count(rows, 'row')}."
