"""A harm definition: an index, what counts, a status policy, a window."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, SupportsIndex

import attrs

from hhpu.domain import Detection, EvidentialStatus
from hhpu.errors import ArgumentError, DefinitionError, OutputError, as_whole
from hhpu.indices._folders import read_citations, read_toml, toml_value
from hhpu.indices._index import HarmIndex, as_citations, as_tuple, is_whole
from hhpu.indices.codes import Notation, read_code
from hhpu.provenance import Citation, FrozenMapping, canonical_json, sha256_of

__all__ = [
    "FLAGS",
    "UNKNOWN_STATUS",
    "Approx",
    "HarmDefinition",
    "IndexRef",
    "Rule",
    "RuleStatus",
    "all_offences",
    "read_definition",
    "write_definition",
]

Approx = Literal["low", "median", "high"]
FLAGS: Final = ("domestic_abuse", "hate", "child_abuse", "child_victim")
UNKNOWN_STATUS: Final = "unknown"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_APART: Final = frozenset({
    Detection.PROACTIVE, Detection.COMPANY, Detection.MANAGEMENT, "non-recent",
})  # fmt: skip


class RuleStatus(StrEnum):
    """How well founded a rule of a definition is."""

    STATUTE = "statute"
    SOURCED = "sourced"
    DERIVED = "derived"
    PROPOSAL = "proposal"
    FORCE = "force"


@attrs.frozen
class Rule:
    """One way for an offence to count: all its flags, and one of its codes.

    Parameters
    ----------
    name : str
        Unique in the definition.
    group : str
        The crime group that the rule lets an offence into.
    status : RuleStatus
        How well founded it is.
    flags : tuple of str
        Record-level flags that must all be true.
    class_codes, recorded_codes : tuple of str
        Home Office codes at either level; one of them must match.
    codes : tuple of str
        Codes compared as written, for a force's own coding.
    citation : tuple of str
        Keys of the definition's citations.
    note : str
        For readers.
    """

    name: str
    group: str
    status: RuleStatus = attrs.field(converter=RuleStatus)
    flags: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    class_codes: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    recorded_codes: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    codes: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    citation: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    note: str = ""

    @property
    def by_code(self) -> bool:
        """Whether the rule looks at the offence code."""
        return bool(self.class_codes or self.recorded_codes or self.codes)


@attrs.frozen
class IndexRef:
    """A harm index by name, to be found in a registry."""

    name: str
    edition: str | None = None


def _rules(value: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(value)


def _days(value: SupportsIndex | None) -> int | None:
    days: int | None = as_whole(value)
    return days


def _policy(value: Mapping[str, int]) -> Mapping[str, int]:
    return FrozenMapping({str(k).replace("_", "-"): v for k, v in sorted(value.items())})


@attrs.frozen(kw_only=True)
class HarmDefinition:
    """A force's answer to "what is high harm"; declarative, and identified by its digest.

    Parameters
    ----------
    name : str
        Lower-case words joined by hyphens.
    title : str
        For readers.
    index : HarmIndex or IndexRef
        The weights, or the name by which a registry finds them.
    edition : str
        As published by whoever wrote the definition.
    rules : tuple of Rule
        Which offences count; none means every offence that the index weighs.
    status_policy : mapping of str to int
        Percentage for each evidential status, and for ``unknown``. What is not named is 100,
        except what never scores: eliminated, acquitted, not guilty, cancelled.
    apart : frozenset of str
        Series kept out of the score and reported beside it: ``proactive``, ``company``,
        ``management``, ``non-recent``.
    non_recent_after : int, optional
        Days from the placing date to the day it was recorded (or known, where that is not given)
        after which an offence is non-recent.
    window : int, optional
        Days of history; None means all of it.
    approx : {"low", "median", "high"}, optional
        The value of an interval-only code; None leaves it unscored and counted.
    citations : tuple of Citation
        The sources of the rules.
    note : str
        For readers.
    derived_from : str
        What this was derived from, and the changes.
    supplier : str
        The distribution or file that supplied it; not part of its identity.

    Raises
    ------
    DefinitionError
        With every fault at once; among them weight for a status that never scores.
    """

    name: str
    title: str
    index: HarmIndex | IndexRef
    edition: str = "1"
    rules: tuple[Rule, ...] = attrs.field(default=(), converter=_rules, repr=False)
    status_policy: Mapping[str, int] = attrs.field(factory=dict, converter=_policy)
    apart: frozenset[str] = attrs.field(default=frozenset(), converter=frozenset)
    non_recent_after: int | None = attrs.field(default=None, converter=_days)
    window: int | None = attrs.field(default=None, converter=_days)
    approx: Approx | None = None
    citations: tuple[Citation, ...] = attrs.field(default=(), converter=as_citations, repr=False)
    note: str = attrs.field(default="", repr=False)
    derived_from: str = ""
    supplier: str = attrs.field(default="", eq=False)

    def __attrs_post_init__(self) -> None:
        faults = [*self._faults_of_settings(), *self._faults_of_rules()]
        if faults:
            raise DefinitionError(f"harm definition {self.name!r}", faults)

    def _faults_of_settings(self) -> Iterable[str]:
        if not _NAME.fullmatch(self.name):
            yield f"name {self.name!r}: lower-case letters and digits, joined by hyphens"
        known = {str(status) for status in EvidentialStatus} | {UNKNOWN_STATUS}
        for status, percent in self.status_policy.items():
            if status not in known:
                yield f"status_policy: {status!r} is not among {', '.join(sorted(known))}"
            elif not is_whole(percent) or not 0 <= percent <= 100:
                yield f"status_policy: {status} must be a whole percentage, 0 to 100"
            elif percent and status != UNKNOWN_STATUS and EvidentialStatus(status).never_scores:
                yield f"status_policy: {status} never scores; it cannot be given weight"
        strange = sorted(self.apart - _APART)
        if strange:
            yield f"apart: {', '.join(strange)} is not among {', '.join(sorted(_APART))}"
        if "non-recent" in self.apart and self.non_recent_after is None:
            yield "apart names non-recent: say from how many days on (non_recent_after)"
        for field in ("window", "non_recent_after"):
            days = getattr(self, field)
            if days is not None and (not is_whole(days) or days < 1):
                yield f"{field} is a whole number of days, at least 1"
        if self.approx not in (None, "low", "median", "high"):
            yield f"approx {self.approx!r}: low, median or high"

    def _faults_of_rules(self) -> Iterable[str]:
        names = [rule.name for rule in self.rules]
        twice = sorted({name for name in names if names.count(name) > 1})
        yield from (f"rule {name!r} stands twice" for name in twice)
        cited = [citation.key for citation in self.citations]
        for key in sorted({key for key in cited if cited.count(key) > 1}):
            yield f"citation key {key!r} stands twice"
        for key in cited:
            if ";" in key or key != key.strip():
                yield f"citation key {key!r}: no semicolon and no space around it"
        sources = set(cited)
        for rule in self.rules:
            if not rule.by_code and not rule.flags:
                yield f"rule {rule.name!r} has neither codes nor flags: it would let everything in"
            yield from _faults_of_codes(rule)
            unknown = [flag for flag in rule.flags if flag not in FLAGS]
            if unknown:
                told = f"flag {', '.join(unknown)} is not among {', '.join(FLAGS)}"
                yield f"rule {rule.name!r}: {told}"
            uncited = [key for key in rule.citation if key not in sources]
            if uncited:
                yield f"rule {rule.name!r}: no citation has the key {', '.join(uncited)}"
            if not rule.citation and rule.status in (RuleStatus.STATUTE, RuleStatus.SOURCED):
                yield f"rule {rule.name!r} is {rule.status}: it needs a citation"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what decides a score: the rules, settings and, where bound, the index."""
        index = (
            self.index.digest
            if isinstance(self.index, HarmIndex)
            else [self.index.name, self.index.edition]
        )
        content = {
            "name": self.name,
            "edition": self.edition,
            "index": index,
            "rules": [attrs.asdict(rule) for rule in self.rules],
            "status_policy": self.percentages(),
            "apart": self.apart,
            "non_recent_after": self.non_recent_after,
            "window": self.window,
            "approx": self.approx,
        }
        return sha256_of(b"hhpu harm definition 1", canonical_json(content))

    @property
    def label(self) -> str:
        """Name, edition and the beginning of the digest, as every output shows it."""
        return f"{self.name} {self.edition} ({self.digest[:19]})"

    @property
    def bound_index(self) -> HarmIndex:
        """The index itself.

        Raises
        ------
        ArgumentError
            If the definition only names it.
        """
        if isinstance(self.index, HarmIndex):
            return self.index
        message = (
            f"definition {self.name!r} names the index {self.index.name!r}: take it from a "
            "registry, which finds the index, or give index="
        )
        raise ArgumentError(message)

    def percentages(self) -> dict[str, int]:
        """The percentage of every status, declared or not."""
        percent = {
            str(status): self.status_policy.get(status, 0 if status.never_scores else 100)
            for status in EvidentialStatus
        }
        return {UNKNOWN_STATUS: self.status_policy.get(UNKNOWN_STATUS, 100), **percent}

    def derive(self, **changes: Any) -> HarmDefinition:
        """Make a definition with some settings changed, that says what it was derived from.

        Parameters
        ----------
        **changes : object
            Fields and their new values; a value equal to the old one is no change.

        Returns
        -------
        HarmDefinition
            With its own digest; itself where nothing changes.

        Raises
        ------
        ArgumentError
            For a setting that there is not.
        DefinitionError
            If what results breaks the rules of a definition.
        """
        settings = {field.name for field in attrs.fields(HarmDefinition)} - {"derived_from"}
        strange = sorted(set(changes) - settings)
        if strange:
            message = f"no setting {', '.join(strange)}; there are {', '.join(sorted(settings))}"
            raise ArgumentError(message)
        changed = attrs.evolve(self, **changes)
        real = {key: getattr(changed, key) for key in changes}
        real = {key: value for key, value in real.items() if getattr(self, key) != value}
        if not real:
            return self
        told = "; ".join(
            f"{key} {_told(getattr(self, key))} -> {_told(value)}" for key, value in real.items()
        )
        origin = self.derived_from or f"{self.name} {self.edition} ({self.digest[:19]})"
        joined = f"{origin}; {told}" if self.derived_from else f"{origin}: {told}"
        return attrs.evolve(self, **real, derived_from=joined)

    def to_dict(self) -> dict[str, Any]:
        """Give what identifies the definition, for provenance."""
        return {
            "name": self.name,
            "edition": self.edition,
            "digest": self.digest,
            "derived_from": self.derived_from,
            "window": self.window,
            "status_policy": self.percentages(),
            "apart": sorted(self.apart),
            "non_recent_after": self.non_recent_after,
            "approx": self.approx,
            "rules": len(self.rules),
            "supplier": self.supplier,
        }


def _faults_of_codes(rule: Rule) -> Iterable[str]:
    levels = {
        Notation.HOME_OFFICE_CLASS: rule.class_codes,
        Notation.HOME_OFFICE_RECORDED: rule.recorded_codes,
    }
    for level, codes in levels.items():
        for code in codes:
            reading = read_code(code, notation=level)
            if reading.code is None:
                yield f"rule {rule.name!r}: {code!r} is not a code in {level} ({reading.problem})"
            elif (reading.code, reading.notation) != (code, level):
                yield (
                    f"rule {rule.name!r}: {code!r} is not written as {level}; "
                    f"it reads as {reading.code} in {reading.notation}"
                )
    if any(not code or code != code.strip() for code in rule.codes):
        yield f"rule {rule.name!r}: a code is empty or has space around it"


def _told(value: object) -> str:
    if isinstance(value, HarmIndex):
        return value.label
    if isinstance(value, IndexRef):
        return f"{value.name} {value.edition or 'any edition'}"
    if isinstance(value, Mapping):
        return ", ".join(f"{k}={v}" for k, v in value.items()) or "default"
    if isinstance(value, frozenset | tuple):
        return ", ".join(sorted(map(str, value))) or "none"
    return "none" if value is None else str(value)


def all_offences(index: HarmIndex | IndexRef, *, window: int | None = None) -> HarmDefinition:
    """Make the plainest definition: every offence that the index weighs counts.

    Parameters
    ----------
    index : HarmIndex or IndexRef
        The weights.
    window : int, optional
        Days of history; None means all of it.

    Returns
    -------
    HarmDefinition
        Named ``all-offences``.
    """
    return HarmDefinition(
        name="all-offences",
        title="Every offence that the index weighs",
        index=index,
        window=window,
    )


_LISTS: Final = ("flags", "class_codes", "recorded_codes", "codes")
_TEXTS_OF_A_RULE: Final = ("name", "group", "status", "citation", "note")
_SETTINGS: Final = ("window", "non_recent_after", "approx")
_KNOWN: Final = (
    "name", "edition", "title", "index", "index_edition", "apart", "note", "derived_from",
    "status_policy", "citations", "rules", *_SETTINGS,
)  # fmt: skip


def read_definition(path: str | Path) -> HarmDefinition:
    """Read a harm definition from a TOML file.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    HarmDefinition
        Checked, its index named but not yet found.

    Raises
    ------
    ArgumentError
        If the file cannot be opened.
    DefinitionError
        With every fault at once.
    """
    path = Path(path)
    raw = read_toml(path)
    faults = [f"{key} is missing" for key in ("name", "title", "index") if key not in raw]
    strange = sorted(set(raw) - set(_KNOWN))
    if strange:
        faults.append(f"unknown {', '.join(strange)}; it may have {', '.join(_KNOWN)}")
    texts = (
        "name", "edition", "title", "index", "index_edition", "note", "derived_from", "approx",
    )  # fmt: skip
    faults += [
        f"{key} must be text in quotes" for key in texts if not isinstance(raw.get(key, ""), str)
    ]
    if not isinstance(raw.get("status_policy", {}), dict):
        faults.append("status_policy must be a table: [status_policy]")
    if not _is_list_of_texts(raw.get("apart", [])):
        faults.append('apart must be a list such as ["proactive"]')
    citations = read_citations(raw.get("citations", []), faults)
    rules = _read_rules(raw.get("rules", []), faults)
    if faults:
        raise DefinitionError(str(path), faults)
    return HarmDefinition(
        name=raw["name"],
        title=raw["title"],
        edition=raw.get("edition", "1"),
        index=IndexRef(raw["index"], raw.get("index_edition")),
        rules=rules,
        status_policy=raw.get("status_policy", {}),
        apart=frozenset(raw.get("apart", [])),
        citations=citations,
        note=raw.get("note", ""),
        derived_from=raw.get("derived_from", ""),
        supplier=f"file {path.name}",
        **{key: raw[key] for key in _SETTINGS if key in raw},
    )


def _read_rules(raw: object, faults: list[str]) -> tuple[Rule, ...]:
    rules = []
    if not isinstance(raw, list):
        faults.append("rules are written under [[rules]], in double brackets")
    allowed = {field.name for field in attrs.fields(Rule)}
    for number, entry in enumerate(raw if isinstance(raw, list) else [], start=1):
        if not isinstance(entry, dict) or not {"name", "group", "status"} <= set(entry):
            faults.append(f"rule {number}: name, group and status are needed")
            continue
        strange = sorted(set(entry) - allowed)
        if strange:
            known = ", ".join(sorted(allowed))
            faults.append(f"rule {number}: unknown {', '.join(strange)}; it may have {known}")
            continue
        bad = [key for key in _LISTS if not _is_list_of_texts(entry.get(key, []))]
        if bad:
            faults.append(f'rule {number}: {", ".join(bad)} must be a list of texts: ["..."]')
        untold = [key for key in _TEXTS_OF_A_RULE if not isinstance(entry.get(key, ""), str)]
        if untold:
            faults.append(f"rule {number}: {', '.join(untold)} must be text in quotes")
        if bad or untold:
            continue
        if entry["status"] not in list(RuleStatus):
            faults.append(f"rule {number}: status is one of {', '.join(RuleStatus)}")
            continue
        keys = entry.get("citation", "").split(";")
        rules.append(Rule(**{**entry, "citation": tuple(k.strip() for k in keys if k.strip())}))
    return tuple(rules)


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def write_definition(definition: HarmDefinition, path: str | Path) -> Path:
    """Write a harm definition as a TOML file that `read_definition` reads back.

    Parameters
    ----------
    definition : HarmDefinition
        The definition; its index is written by name and edition.
    path : str or Path
        A file that does not exist yet.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ArgumentError
        If the file is there already.
    OutputError
        If it cannot be written.
    """
    path = Path(path)
    if path.exists():
        message = f"{path} is there already: a definition is never overwritten"
        raise ArgumentError(message)
    index = definition.index
    first = ("name", "edition", "title")
    lines = [f"{key} = {toml_value(getattr(definition, key))}" for key in first]
    lines.append(f"index = {toml_value(index.name)}")
    if index.edition is not None:
        lines.append(f"index_edition = {toml_value(index.edition)}")
    lines += [
        f"{key} = {toml_value(getattr(definition, key))}"
        for key in (*_SETTINGS, "note", "derived_from")
        if getattr(definition, key) not in (None, "")
    ]
    if definition.apart:
        lines.append(f"apart = {toml_value(sorted(definition.apart))}")
    if definition.status_policy:
        lines += ["", "[status_policy]"]
        lines += [f"{status} = {percent}" for status, percent in definition.status_policy.items()]
    for citation in definition.citations:
        lines += ["", "[[citations]]"]
        lines += [f"{key} = {toml_value(value)}" for key, value in citation.to_dict().items()]
    for rule in definition.rules:
        lines += ["", "[[rules]]"]
        for key in ("name", "group", "status", *_LISTS, "note"):
            if getattr(rule, key):
                lines.append(f"{key} = {toml_value(getattr(rule, key))}")
        if rule.citation:
            lines.append(f"citation = {toml_value(';'.join(rule.citation))}")
    try:
        path.write_bytes(("\n".join(lines) + "\n").encode("utf-8"))
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise OutputError(message) from error
    return path
