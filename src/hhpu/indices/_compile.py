"""A definition compiled over the types of a ledger: small tables instead of a column per row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from functools import cache
from types import MappingProxyType
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.domain import Detection, Role
from hhpu.errors import ArgumentError
from hhpu.indices._definition import FLAGS, HarmDefinition, Rule
from hhpu.indices._index import HarmIndex, Weight
from hhpu.indices.codes import (
    CodeProblem,
    CodeReading,
    Notation,
    at_level,
    read_code,
    reference_codes,
)

__all__ = ["SERIES", "UNREADABLE_FLAG", "Compiled", "TypeFate", "compile_definition"]

Ints = npt.NDArray[np.int64]
SERIES: Final = ("", "proactive", "company", "management")
_UNKNOWN_CODE: Final = "unknown-code"
UNREADABLE_FLAG: Final = "unreadable-flag"
_READ: Final = ("true", "false", None)


class TypeFate(IntEnum):
    """What a definition makes of a type, status and dates apart."""

    SCORED = 0
    OTHER_ROLE = 1
    OUT_OF_DEFINITION = 2
    UNMAPPED = 3
    INTERVAL_ONLY = 4
    APART = 5
    UNREADABLE_ROLE = 6


@attrs.frozen(eq=False)
class Compiled:
    """A definition's tables over types.

    Parameters
    ----------
    definition : HarmDefinition
        Bound to its index.
    fate : numpy.ndarray of int8
        A `TypeFate` for each type.
    weight, lowest, highest : numpy.ndarray of int64
        In ``unit / scale``; 0 where there is none.
    series : numpy.ndarray of int8
        Place in `SERIES`: how the offence came to light.
    row : numpy.ndarray of int32
        Place of the weight in the index's weights; -1 where there is none.
    weighed_as : tuple of tuple of str
        For each type, the index's codes that it was weighed as: one, or several that weigh the
        same where the class code does not say which of them it is.
    reason : tuple of str
        For each type, why it is unmapped; else empty.
    rules : tuple of tuple of str
        For each type, the names of the rules that let it in.
    caveats : tuple of str
        What the definition asks for and the input does not hold.
    """

    definition: HarmDefinition
    fate: npt.NDArray[np.int8]
    weight: Ints
    lowest: Ints
    highest: Ints
    series: npt.NDArray[np.int8]
    row: npt.NDArray[np.int32]
    weighed_as: tuple[tuple[str, ...], ...]
    reason: tuple[str, ...]
    rules: tuple[tuple[str, ...], ...]
    caveats: tuple[str, ...]


def compile_definition(
    definition: HarmDefinition,
    types: Mapping[str, Sequence[str | None]],
    *,
    notation: str | None,
    absent: frozenset[str],
) -> Compiled:
    """Compile a definition over a table of types.

    Parameters
    ----------
    definition : HarmDefinition
        Bound to its index.
    types : mapping of str to sequence
        The classifying columns, one cell for each type.
    notation : str or None
        The notation in which codes were written, where declared.
    absent : frozenset of str
        Classifying columns that the input did not have.

    Returns
    -------
    Compiled
        Its tables.

    Raises
    ------
    ArgumentError
        If the index needs a column that was not encoded.
    """
    index = definition.bound_index
    missing = [key for key in index.keys if key not in types]
    if missing:
        message = (
            f"index {index.name!r} depends on {', '.join(missing)}, which was not encoded: "
            f"encode with classify=({', '.join(repr(key) for key in missing)},)"
        )
        raise ArgumentError(message)
    compiler = _Compiler(definition, index, notation)
    size = len(types["code"])
    numbers = np.zeros((3, size), dtype=np.int64)
    fate = np.zeros(size, dtype=np.int8)
    series = np.zeros(size, dtype=np.int8)
    row = np.full(size, -1, dtype=np.int32)
    weighed, reasons, fired = [], [], []
    for kind in range(size):
        offence = {name: cells[kind] for name, cells in types.items()}
        judged = compiler.judge(offence)
        fate[kind], series[kind], row[kind] = judged.fate, judged.series, judged.row
        numbers[:, kind] = judged.numbers
        weighed.append(judged.weighed_as)
        reasons.append(judged.reason)
        fired.append(judged.rules)
    asked = {flag: rule.name for rule in definition.rules for flag in rule.flags}
    unread = {flag for flag in FLAGS if _nothing_read(types.get(flag, ()))}
    caveats = (
        *(
            f"the input has no column {flag!r}, or nothing in it: rules that look at it, such as "
            f"{rule!r}, cannot fire"
            for flag, rule in sorted(asked.items())
            if flag in absent
        ),
        *(
            f"nothing in the column {flag!r} could be read{_aged(flag)}: rules that look at it, "
            f"such as {rule!r}, cannot fire"
            for flag, rule in sorted(asked.items())
            if flag in unread
        ),
        *(
            f"the input has no column {key!r}, or nothing in it: weights of {index.name!r} for one "
            "of its values cannot apply"
            for key in index.keys
            if key in absent
        ),
        *(
            f"nothing in the column {key!r} could be read{_aged(key)}: weights of {index.name!r} "
            "for one of its values cannot apply"
            for key in index.keys
            if key in unread
        ),
    )
    weight, lowest, highest = numbers
    for array in (fate, weight, lowest, highest, series, row):
        array.flags.writeable = False
    return Compiled(
        definition=definition,
        fate=fate,
        weight=weight,
        lowest=lowest,
        highest=highest,
        series=series,
        row=row,
        weighed_as=tuple(weighed),
        reason=tuple(reasons),
        rules=tuple(fired),
        caveats=caveats,
    )


def _nothing_read(cells: Sequence[str | None]) -> bool:
    held = {cell for cell in cells if cell is not None}
    return bool(held) and held.isdisjoint(_READ)


def _aged(flag: str) -> str:
    return " (or in victim_age, from which it is read too)" if flag == "child_victim" else ""


@attrs.frozen
class _Judged:
    fate: TypeFate
    series: int
    row: int = -1
    numbers: tuple[int, int, int] = (0, 0, 0)
    weighed_as: tuple[str, ...] = ()
    reason: str = ""
    rules: tuple[str, ...] = ()


class _Compiler:
    def __init__(self, definition: HarmDefinition, index: HarmIndex, notation: str | None) -> None:
        self.definition = definition
        self.index = index
        self.as_written = index.codes not in list(Notation)
        self.notation = notation
        self.other_notation = notation is not None and notation not in list(Notation)
        self.places = {id(weight): place for place, weight in enumerate(index.weights)}
        self.readings: dict[str | None, CodeReading] = {}

    def judge(self, offence: Mapping[str, str | None]) -> _Judged:
        code = offence["code"]
        reading = self._read(code)
        series = self._series(offence.get("detection"), reading)
        role = offence.get("role")
        if role is not None and not (role in list(Role) and Role(role).may_score):
            known = role in list(Role)
            fate = TypeFate.OTHER_ROLE if known else TypeFate.UNREADABLE_ROLE
            return _Judged(fate, series, reason=role if known else "unreadable-role")
        weights, reason = self._weigh(code, reading, offence)
        fired = tuple(r.name for r in self.definition.rules if self._fires(r, offence, reading))
        if self.definition.rules and not fired:
            unreadable = reading.code is None and not self.as_written
            if unreadable and any(rule.by_code for rule in self.definition.rules):
                return _Judged(TypeFate.UNMAPPED, series, reason=reason)
            if self._might_fire(offence, reading):
                return _Judged(TypeFate.UNMAPPED, series, reason=UNREADABLE_FLAG)
            return _Judged(TypeFate.OUT_OF_DEFINITION, series)
        if not weights:
            return _Judged(TypeFate.UNMAPPED, series, reason=reason, rules=fired)
        return self._scored(weights, series, fired)

    def _read(self, code: str | None) -> CodeReading:
        if code not in self.readings:
            if self.other_notation:
                problem = CodeProblem.NO_CODE if code is None else CodeProblem.UNREADABLE
                self.readings[code] = CodeReading(code or "", None, None, problem)
            else:
                self.readings[code] = read_code(code, notation=self.notation)
        return self.readings[code]

    def _scored(self, weights: tuple[Weight, ...], series: int, fired: tuple[str, ...]) -> _Judged:
        weight = weights[0]
        approx = self.definition.approx
        chosen = {"low": weight.lowest, "median": weight.median, "high": weight.highest}
        point = weight.weight if weight.weight is not None else chosen.get(approx or "")
        low = weight.lowest if weight.lowest is not None else point
        high = weight.highest if weight.highest is not None else point
        fate = TypeFate.SCORED
        if point is None:
            fate = TypeFate.INTERVAL_ONLY
        elif series and SERIES[series] in self.definition.apart:
            fate = TypeFate.APART
        return _Judged(
            fate,
            series,
            row=self.places[id(weight)],
            numbers=(point or 0, low or 0, high or 0),
            weighed_as=tuple(w.code for w in weights),
            reason="interval-only" if point is None else "",
            rules=fired,
        )

    def _weigh(
        self, code: str | None, reading: CodeReading, offence: Mapping[str, str | None]
    ) -> tuple[tuple[Weight, ...], str]:
        keys = [
            None if key in FLAGS and offence.get(key) not in _READ else offence.get(key)
            for key in self.index.keys
        ]
        if self.as_written:
            if code is None:
                return (), str(CodeProblem.NO_CODE)
            found = self.index.weigh(code, keys)
            return ((found,), "") if found else ((), _UNKNOWN_CODE)
        if reading.code is None:
            return (), str(reading.problem)
        level = at_level(reading, self.index.codes)
        weights = [self.index.weigh(candidate, keys) for candidate in level.codes]
        held = tuple(weight for weight in weights if weight is not None)
        climbed = reading.notation != self.index.codes
        if level.problem is CodeProblem.SEVERAL:
            amounts = {(w.weight, w.lowest, w.median, w.highest) for w in held}
            if len(held) == len(weights) and len(amounts) == 1:
                return held, ""
            return (), str(CodeProblem.SEVERAL)
        if level.problem is not None and (climbed or not held):
            return (), str(level.problem)
        return (held, "") if held else ((), _UNKNOWN_CODE)

    def _might_fire(self, offence: Mapping[str, str | None], reading: CodeReading) -> bool:
        """Whether a rule would let it in if each flag that cannot be read were true."""
        doubted = {flag: "true" for flag in FLAGS if offence.get(flag) not in _READ}
        supposed = {**offence, **doubted}
        return bool(doubted) and any(
            self._fires(rule, supposed, reading) for rule in self.definition.rules
        )

    def _fires(self, rule: Rule, offence: Mapping[str, str | None], reading: CodeReading) -> bool:
        if any(offence.get(flag) != "true" for flag in rule.flags):
            return False
        if not rule.by_code:
            return True
        if offence["code"] in rule.codes:
            return True
        if reading.notation == Notation.HOME_OFFICE_CLASS:
            if reading.code in rule.class_codes:
                return True
            above = at_level(reading, Notation.HOME_OFFICE_RECORDED).codes
            return bool(above) and set(above) <= set(rule.recorded_codes)
        return reading.notation == Notation.HOME_OFFICE_RECORDED and (
            reading.code in rule.recorded_codes
        )

    def _series(self, detection: str | None, reading: CodeReading) -> int:
        if detection is not None:
            return 0 if detection == Detection.REPORTED else SERIES.index(detection)
        if self.as_written or reading.code is None:
            return 0
        if reading.notation == Notation.HOME_OFFICE_CLASS:
            reference = reference_codes().get(reading.code)
            found = reference.detection if reference else None
        else:
            found = _detection_of_recorded().get(reading.code)
        return SERIES.index(found or "")


@cache
def _detection_of_recorded() -> Mapping[str, str]:
    found: dict[str, set[str | None]] = {}
    for reference in reference_codes().values():
        if reference.recorded is not None and not reference.generic:
            found.setdefault(reference.recorded, set()).add(reference.detection)
    agreed = {code: next(iter(ways)) for code, ways in found.items() if len(ways) == 1}
    return MappingProxyType({code: way for code, way in agreed.items() if way is not None})
