"""The conformance check of a harm definition."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
import pandas as pd

from hhpu.domain import EvidentialStatus
from hhpu.errors import DefinitionError, HhpuError, UnknownName
from hhpu.indices import (
    FLAGS,
    HarmDefinition,
    HarmIndex,
    Notation,
    Rule,
    TypeFate,
    load_registry,
    read_definition,
    write_definition,
)
from hhpu.ledger import encode
from hhpu.ranking import OffenceCount, Scores, score
from hhpu.testing._report import (
    ConformanceReport,
    Finding,
    Outcome,
    findings_of_citations,
    outcome,
)

__all__ = ["check_definition"]

_DAY: Final = "2025-01-01"
_ALWAYS: Final = ("code", "committed_on", "detection", "offender_id")
_WEIGHED: Final = (TypeFate.SCORED, TypeFate.INTERVAL_ONLY, TypeFate.APART)


def check_definition(
    definition: HarmDefinition | str | Path, *, index: HarmIndex | None = None
) -> ConformanceReport:
    """Check a harm definition against every rule of a definition, collecting all faults.

    Beyond what the definition checks itself: it is written and read back with the same digest;
    every rule lets in at least one offence that the index weighs, found by encoding and scoring
    offences made from it (only noted where the definition is derived, for another index);
    what never scores (eliminated, acquitted, not guilty, cancelled) scores 0; every source can be
    found again and is used.

    Parameters
    ----------
    definition : HarmDefinition, str or Path
        The definition, or its TOML file.
    index : HarmIndex, optional
        The index to bind it to; without it the built-in one of the name it gives.

    Returns
    -------
    ConformanceReport
        With the digest of the definition as bound, to be pinned in a test.

    Raises
    ------
    ArgumentError
        If there is no such file.

    Examples
    --------
    >>> from hhpu import load_registry
    >>> registry = load_registry(plugins="none")
    >>> bound = registry.definition("high-harm-groups", index=registry.index("ons-css"))
    >>> {finding.outcome.value for finding in check_definition(bound).findings if
    ...  finding.check == "statuses"}
    {'passed'}
    """
    if not isinstance(definition, HarmDefinition):
        try:
            definition = read_definition(definition)
        except DefinitionError as error:
            findings = outcome(error.subject, "reading", error.faults, "")
            return ConformanceReport(subject=error.subject, digest="", findings=findings)
    subject = f"harm definition {definition.name} {definition.edition}"
    used = {key for rule in definition.rules for key in rule.citation}
    trip = _round_trip_faults(definition)
    findings = [
        *outcome(subject, "round trip", trip, "written and read back the same"),
        *findings_of_citations(subject, definition, used),
    ]
    try:
        bound = load_registry(plugins="none").bind(definition, index=index)
    except UnknownName:
        told = f"its index {definition.index.name!r} is not built in: give index="
        findings.append(Finding(subject, "index", Outcome.FAULT, told))
        return ConformanceReport(subject=subject, digest="", findings=findings)
    findings += [
        Finding(subject, "index", Outcome.PASSED, bound.bound_index.label),
        *_rules(subject, bound),
        *outcome(subject, "statuses", _status_faults(bound), "what never scores scores 0"),
        Finding(subject, "digest", Outcome.PASSED, bound.digest),
    ]
    return ConformanceReport(subject=subject, digest=bound.digest, findings=findings)


def _round_trip_faults(definition: HarmDefinition) -> Iterable[str]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            again = read_definition(write_definition(definition, Path(folder) / "definition.toml"))
        except HhpuError as error:
            yield f"written as TOML it cannot be read back: {error}"
            return
    again = attrs.evolve(again, index=definition.index)
    changed = [
        field.name
        for field in attrs.fields(HarmDefinition)
        if field.eq and getattr(again, field.name) != getattr(definition, field.name)
    ]
    if changed or again.digest != definition.digest:
        yield f"read back from TOML it differs in {', '.join(changed)}"


def _rules(subject: str, definition: HarmDefinition) -> list[Finding]:
    if not definition.rules:
        shown = "no rules: every offence that the index weighs counts"
        return [Finding(subject, "rules", Outcome.NOTE, shown)]
    links = [
        {**link, "offender_id": f"R{place}"}
        for place, rule in enumerate(definition.rules)
        for link in _links(rule, definition.bound_index)
    ]
    scores = _scored(definition, links)
    people = scores.ledger.people.tolist()
    weighed = np.isin(scores.compiled.fate, _WEIGHED).tolist()
    fired = set()
    for person, kind in zip(
        scores.ledger.offender.tolist(), scores.ledger.kind.tolist(), strict=True
    ):
        rule = definition.rules[int(people[person][1:])]
        if weighed[kind] and rule.name in scores.compiled.rules[kind]:
            fired.add(rule.name)
    label = definition.bound_index.label
    idle = [
        f"{rule.name}: lets in no offence that {label} weighs"
        for rule in definition.rules
        if rule.name not in fired
    ]
    if definition.derived_from:
        return [Finding(subject, "rules", Outcome.NOTE, told) for told in idle] + outcome(
            subject, "rules", (), f"{len(fired)} of {len(definition.rules)} rules let offences in"
        )
    number = len(definition.rules)
    return outcome(subject, "rules", idle, f"{number} rules, each lets in an offence with a weight")


def _links(rule: Rule | None, index: HarmIndex) -> Iterable[dict[str, Any]]:
    """Make the offences that a rule, or no rule, is about: each code under each set of keys."""
    codes = dict.fromkeys(weight.code for weight in index.weights)
    if rule is not None and rule.by_code:
        codes = dict.fromkeys((*rule.class_codes, *rule.recorded_codes, *rule.codes))
    flags = () if rule is None else rule.flags
    fillings = dict.fromkeys(weight.keys for weight in index.weights)
    for code in codes:
        for filling in fillings:
            keys = {k: v for k, v in zip(index.keys, filling, strict=True) if v is not None}
            yield {
                "code": code,
                "committed_on": _DAY,
                "detection": "reported",
                **keys,
                **dict.fromkeys(flags, "true"),
            }


def _status_faults(definition: HarmDefinition) -> Iterable[str]:
    index = definition.bound_index
    tried = [link for rule in (None, *definition.rules) for link in _links(rule, index)]
    links = [
        {**link, "offender_id": str(status), "status": str(status)}
        for status in EvidentialStatus
        for link in tried
    ]
    scores = _scored(definition, links)
    people = scores.ledger.people.tolist()
    counted = {people[person] for person in scores.people.tolist()}
    for status in EvidentialStatus:
        if status.never_scores and str(status) in counted:
            yield f"{status} never scores, yet offences of that status counted"
    if not counted:
        yield "no offence of any status counts under it"


def _scored(definition: HarmDefinition, links: list[dict[str, Any]]) -> Scores:
    index = definition.bound_index
    table = pd.DataFrame(links, columns=sorted({*index.keys, *FLAGS, *_ALWAYS} | {*links[0]}))
    recorded = any(rule.recorded_codes for rule in definition.rules)
    written = index.codes if index.codes in list(Notation) else None
    notation = str(Notation.HOME_OFFICE_RECORDED) if recorded else written
    ledger = encode(table, classify=tuple(index.keys), notation=notation)
    return score(ledger, as_of=_DAY, definition=definition, method=OffenceCount())
