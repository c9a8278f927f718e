"""The conformance check of a harm index."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import attrs
import pandas as pd

from hhpu.errors import DefinitionError, HhpuError
from hhpu.indices import (
    INTERVAL_ONLY,
    Example,
    HarmIndex,
    Notation,
    Weight,
    plain_decimal,
    read_index,
    write_index,
)
from hhpu.indices.codes import read_code, reference_codes
from hhpu.ledger import encode
from hhpu.ranking import score
from hhpu.testing._report import (
    ConformanceReport,
    Finding,
    Outcome,
    findings_of_citations,
    outcome,
)

__all__ = ["check_index"]

_DAY: Final = "2025-01-01"
_SUBGROUP_MEDIAN: Final = "subgroup-median"


def check_index(
    index: HarmIndex | str | Path, *, require_examples: bool = False
) -> ConformanceReport:
    """Check a harm index against every rule of an index, collecting all faults.

    Beyond what the index checks itself: it is written and read back with the same digest; its
    worked examples are scored for real, one person for each; every code is read in the declared
    notation; every source can be found again and is used; a stand-in keeps its own threshold.

    Parameters
    ----------
    index : HarmIndex, str or Path
        The index, or its folder.
    require_examples : bool
        Whether an index without worked examples has a fault, as an edition shipped with the
        package would; otherwise it is only noted.

    Returns
    -------
    ConformanceReport
        With the digest, to be pinned in a test.

    Raises
    ------
    ArgumentError
        If there is no such folder.

    Examples
    --------
    >>> from hhpu import load_registry
    >>> print(check_index(load_registry(plugins="none").index("ons-css")).faults)
    ()
    """
    if not isinstance(index, HarmIndex):
        try:
            index = read_index(index)
        except DefinitionError as error:
            findings = outcome(error.subject, "reading", error.faults, "")
            return ConformanceReport(subject=error.subject, digest="", findings=findings)
    subject = f"harm index {index.name} {index.edition}"
    used = {key for weight in index.weights for key in weight.citation}
    findings = [
        *outcome(subject, "round trip", _trip_faults(index), "written and read back the same"),
        *_codes(subject, index),
        *findings_of_citations(subject, index, used),
        *_examples(subject, index, required=require_examples),
        *_estimates(subject, index),
        Finding(subject, "digest", Outcome.PASSED, index.digest),
    ]
    return ConformanceReport(subject=subject, digest=index.digest, findings=findings)


def _trip_faults(index: HarmIndex) -> Iterable[str]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            again = read_index(write_index(index, Path(folder) / "index"))
        except HhpuError as error:
            yield f"written as a folder it cannot be read back: {error}"
            return
    if again.digest != index.digest:
        changed = [
            field.name
            for field in attrs.fields(HarmIndex)
            if field.eq and getattr(again, field.name) != getattr(index, field.name)
        ]
        yield f"read back from a folder it differs in {', '.join(changed)}"


def _codes(subject: str, index: HarmIndex) -> list[Finding]:
    codes = list(dict.fromkeys(weight.code for weight in index.weights))
    if index.codes not in list(Notation):
        shown = f"{len(codes)} codes, compared as written ({index.codes} is not a known notation)"
        return [Finding(subject, "codes", Outcome.NOTE, shown)]
    faults = []
    for code in codes:
        reading = read_code(code, notation=index.codes)
        if reading.code != code or reading.notation != index.codes:
            seen = reading.problem or reading.notation
            faults.append(f"{code}: not read in {index.codes} ({seen})")
    found = outcome(subject, "codes", faults, f"{len(codes)} codes, each read in {index.codes}")
    unlisted = _unlisted(codes, index.codes)
    if unlisted:
        shown = f"not in the code list of 2017/18, so newer or mistyped: {', '.join(unlisted)}"
        found.append(Finding(subject, "codes", Outcome.NOTE, shown))
    return found


def _unlisted(codes: Iterable[str], notation: str) -> list[str]:
    rows = reference_codes().values()
    if notation == Notation.HOME_OFFICE_CLASS:
        known = {row.code for row in rows}
    elif notation == Notation.HOME_OFFICE_RECORDED:
        known = {code for row in rows for code in (row.recorded, *row.recorded_candidates) if code}
    else:
        return []
    return [code for code in codes if code not in known]


def _examples(subject: str, index: HarmIndex, *, required: bool) -> list[Finding]:
    if not index.examples:
        advice = "no worked examples: add examples.csv with cases worked by hand"
        return [Finding(subject, "examples", Outcome.FAULT if required else Outcome.NOTE, advice)]
    faults = []
    for number, (example, amount) in enumerate(_scored(index), start=1):
        if amount != example.harm * 100:
            got = "it has no score"
            if amount is not None:
                got = f"scored {plain_decimal(amount, index.scale * 100)}"
            faults.append(
                f"example {number} ({'; '.join(example.codes)}): {index.amount(example.harm)} "
                f"{index.unit} expected, {got}"
            )
    number = len(index.examples)
    return outcome(subject, "examples", faults, f"{number} worked examples reproduced by scoring")


def _scored(index: HarmIndex) -> list[tuple[Example, int | None]]:
    """Score the examples, one person for each: the amounts are over ``scale * 100``."""
    links = [
        (f"E{place}", code, _DAY)
        for place, example in enumerate(index.examples)
        for code in example.codes
    ]
    table = pd.DataFrame(links, columns=["offender_id", "code", "committed_on"])
    for key in index.keys:
        table[key] = pd.Series([None] * len(table), dtype=object)
    notation = index.codes if index.codes in list(Notation) else None
    scores = score(
        encode(table, classify=tuple(index.keys), notation=notation), as_of=_DAY, index=index
    )
    people = scores.ledger.people.tolist()
    amounts = {
        people[person]: int(amount)
        for person, amount in zip(scores.people.tolist(), scores.amounts.tolist(), strict=True)
    }
    unscored = {people[person] for person in scores.ledger.offender[scores.fates != 0].tolist()}
    return [
        (example, None if f"E{place}" in unscored else amounts.get(f"E{place}"))
        for place, example in enumerate(index.examples)
    ]


def _estimates(subject: str, index: HarmIndex) -> list[Finding]:
    estimates = [w for w in index.weights if w.basis in (_SUBGROUP_MEDIAN, INTERVAL_ONLY)]
    if not index.approximate:
        faults = []
        if estimates:
            faults.append(
                f"{len(estimates)} rows are estimates ({_SUBGROUP_MEDIAN} or {INTERVAL_ONLY}): "
                "say approximate = true"
            )
        return outcome(subject, "estimates", faults, "a complete index, not a stand-in")
    faults = [
        f"{w.code}: a stand-in gives lowest and highest on every row"
        for w in index.weights
        if w.lowest is None or w.highest is None
    ]
    if estimates and index.interval_threshold is None:
        faults.append("say interval_threshold: up to which ratio a median is a point weight")
    elif index.interval_threshold is not None:
        threshold = index.interval_threshold
        faults += [fault for w in estimates if (fault := _fault_of_estimate(w, threshold))]
    bases = Counter(weight.basis for weight in index.weights)
    shown = ", ".join(f"{count} {basis}" for basis, count in bases.most_common())
    return outcome(subject, "estimates", faults, f"a stand-in that keeps its threshold: {shown}")


def _fault_of_estimate(weight: Weight, threshold: int) -> str:
    if weight.lowest is None or weight.highest is None:
        return ""
    narrow = weight.highest <= threshold * weight.lowest
    if weight.basis == INTERVAL_ONLY:
        told = f"highest at most {threshold} times lowest, so the median is its weight"
        return f"{weight.code}: {told}" if narrow else ""
    if not narrow:
        told = f"highest over {threshold} times lowest, so it has no point weight: {INTERVAL_ONLY}"
        return f"{weight.code}: {told}"
    if weight.median is not None and weight.weight != weight.median:
        return f"{weight.code}: its weight is not the median it is said to be"
    return ""
