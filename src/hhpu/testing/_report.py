"""What a conformance check found, as a value."""

from __future__ import annotations

import html
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import attrs
import pandas as pd

from hhpu.indices import HarmDefinition, HarmIndex
from hhpu.provenance import Citation

__all__ = ["ConformanceReport", "Finding", "Outcome", "findings_of_citations", "outcome"]


def _findings(value: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(value)


class Outcome(StrEnum):
    """How one check came out; only a fault makes a subject fail."""

    PASSED = "passed"
    NOTE = "note"
    FAULT = "FAULT"


@attrs.frozen
class Finding:
    """One check of one subject, and how it came out.

    Parameters
    ----------
    subject : str
        The index, definition or plugin.
    check : str
        What was checked, in one or two words.
    outcome : Outcome
        How it came out.
    detail : str
        What was found and, for a fault, what to do.
    """

    subject: str
    check: str
    outcome: Outcome
    detail: str


@attrs.frozen
class ConformanceReport:
    """Everything a conformance check found, not only the first fault.

    Parameters
    ----------
    subject : str
        What was checked.
    digest : str
        Its digest, to be pinned in a test; empty where it could not be read.
    findings : tuple of Finding
        Every check, in the order in which they were made.

    Examples
    --------
    >>> from hhpu import load_registry
    >>> from hhpu.testing import check_index
    >>> report = check_index(load_registry(plugins="none").index("ons-css"))
    >>> report.conforms, len(report.faults)
    (True, 0)
    """

    subject: str
    digest: str
    findings: tuple[Finding, ...] = attrs.field(converter=_findings, repr=False)

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that are faults."""
        return tuple(f for f in self.findings if f.outcome is Outcome.FAULT)

    @property
    def conforms(self) -> bool:
        """Whether there is no fault."""
        return not self.faults

    def to_frame(self) -> pd.DataFrame:
        """Lay the findings out as a table.

        Returns
        -------
        pandas.DataFrame
            ``subject, check, outcome, detail``, one row for each finding.
        """
        rows = [(f.subject, f.check, str(f.outcome), f.detail) for f in self.findings]
        return pd.DataFrame(rows, columns=["subject", "check", "outcome", "detail"])

    def to_dict(self) -> dict[str, Any]:
        """Give a plain dictionary that JSON can hold."""
        return {
            "subject": self.subject,
            "digest": self.digest,
            "conforms": self.conforms,
            "findings": self.to_frame().to_dict(orient="records"),
        }

    def to_text(self) -> str:
        """Write the report as lines of text, the faults among them in capitals."""
        subjects = dict.fromkeys(f.subject for f in self.findings)
        verdict = "conforms" if self.conforms else f"does not conform: {len(self.faults)} faults"
        lines = [f"{self.subject} {verdict}", *([self.digest] if self.digest else [])]
        for subject in subjects:
            if subject != self.subject:
                lines.append(f" {subject}")
            lines += [
                f"  {f.outcome:<7} {f.check:<18} {f.detail}"
                for f in self.findings
                if f.subject == subject
            ]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.to_text())}</pre>"


def outcome(subject: str, check: str, faults: Iterable[str], passed: str) -> list[Finding]:
    """Give one finding for each fault, or one that says what passed."""
    found = [Finding(subject, check, Outcome.FAULT, fault) for fault in faults]
    return found or [Finding(subject, check, Outcome.PASSED, passed)]


def findings_of_citations(
    subject: str, value: HarmIndex | HarmDefinition, used: Iterable[str]
) -> list[Finding]:
    """Check that each source can be found again and is used."""
    used = set(used)
    citations: tuple[Citation, ...] = value.citations
    faults = [
        f"{c.key}: give a url or a doi, or a note that says where {c.title!r} is kept"
        for c in citations
        if not (c.url or c.doi or c.note)
    ]
    faults += [
        f"{c.key}: nothing refers to it; remove it, or cite it"
        for c in citations
        if c.key not in used and c.key not in value.note
    ]
    passed = f"{len(citations)} sources, each used and findable"
    return outcome(subject, "citations", faults, passed)
