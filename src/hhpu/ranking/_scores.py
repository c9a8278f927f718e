"""Scores at a date: integers, with every row's fate and what they rest on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import IntEnum
from functools import cached_property
from importlib.metadata import version
from types import MappingProxyType
from typing import Any, Final, Literal

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.domain import EvidentialStatus
from hhpu.errors import ArgumentError, UnmappedOffences
from hhpu.indices import (
    SERIES,
    Compiled,
    HarmDefinition,
    HarmIndex,
    all_offences,
    compile_definition,
    plain_decimal,
)
from hhpu.indices import UNKNOWN_STATUS as UNKNOWN
from hhpu.ledger import UNREADABLE_STATUS, Ledger, counts_on
from hhpu.provenance import Provenance
from hhpu.ranking._exact import Amounts, sums_by
from hhpu.ranking._methods import DECAY_PARTS, Method, OffenceCount, RecencyWeightedHarm, TotalHarm
from hhpu.tables import NO_DAY, STATUS_CODES, day_number

__all__ = ["Fate", "Scores", "read_day", "score"]

Ints = npt.NDArray[np.int64]
_STATUS_NAMES: Final = (UNKNOWN, *STATUS_CODES)


class Fate(IntEnum):
    """What became of a ledger row at a date: exactly one for each row."""

    COUNTED = 0
    BELOW_AGE = 1
    DUPLICATE = 2
    NOT_YET_KNOWN = 3
    SUPERSEDED = 4
    OUTSIDE_WINDOW = 5
    OTHER_ROLE = 6
    STATUS_ZERO = 7
    UNREADABLE_STATUS = 8
    UNMAPPED = 9
    INTERVAL_ONLY = 10
    OUT_OF_DEFINITION = 11
    APART = 12

    @property
    def label(self) -> str:
        """The fate in words."""
        return _FATES[self]


_FATES: Final[Mapping[Fate, str]] = MappingProxyType(
    {
        Fate.COUNTED: "counted",
        Fate.BELOW_AGE: "committed below the age of criminal responsibility",
        Fate.DUPLICATE: "duplicate",
        Fate.NOT_YET_KNOWN: "not yet known",
        Fate.SUPERSEDED: "superseded",
        Fate.OUTSIDE_WINDOW: "outside the window",
        Fate.OTHER_ROLE: "not a suspect or offender",
        Fate.STATUS_ZERO: "status worth 0",
        Fate.UNREADABLE_STATUS: "unreadable status",
        Fate.UNMAPPED: "unmapped",
        Fate.INTERVAL_ONLY: "interval without a point weight",
        Fate.OUT_OF_DEFINITION: "out of definition",
        Fate.APART: "in a series kept apart",
    }
)

_OF_TYPE: Final = np.array(
    [Fate.COUNTED, Fate.OTHER_ROLE, Fate.OUT_OF_DEFINITION, Fate.UNMAPPED, Fate.INTERVAL_ONLY,
     Fate.APART], dtype=np.int8,
)  # fmt: skip


def read_day(value: object, name: str) -> int:
    """Read a date argument as a day number.

    Raises
    ------
    ArgumentError
        If it is neither a date nor ISO text.
    """
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, dt.date):
        message = f"{name} must be a date such as 2026-03-31"
        raise ArgumentError(message)
    return day_number(value)


@attrs.frozen(eq=False, repr=False)
class Scores:
    """The scores of people at one date, under one definition and method.

    Parameters
    ----------
    ledger : Ledger
        What they were computed from.
    compiled : Compiled
        The definition, over the ledger's types.
    method : Method
        How weights become a score.
    as_of : int
        Day number; the end of that day.
    rows : numpy.ndarray of int64
        The counted ledger rows.
    people : numpy.ndarray of int64
        Everybody with at least one counted row, as places in the ledger's people, ascending.
    amounts : numpy.ndarray
        Their scores as integers over ``denominator``.
    offences : numpy.ndarray of int64
        Their numbers of counted rows.
    """

    ledger: Ledger
    compiled: Compiled
    method: Method
    as_of: int
    rows: Ints
    people: Ints
    amounts: Amounts
    offences: Ints

    def __repr__(self) -> str:
        return (
            f"Scores({len(self)} people, {len(self.rows)} offences, {self.method.name} under "
            f"{self.definition.name}, {self.index.name} {self.index.edition})"
        )

    def __len__(self) -> int:
        return len(self.people)

    @property
    def definition(self) -> HarmDefinition:
        """The definition, bound to its index."""
        return self.compiled.definition

    @property
    def index(self) -> HarmIndex:
        """The harm index."""
        return self.definition.bound_index

    @property
    def date(self) -> dt.date:
        """The date of the scores."""
        return dt.date(1970, 1, 1) + dt.timedelta(days=self.as_of)

    @property
    def unit(self) -> str:
        """The unit of a score."""
        return "offences" if isinstance(self.method, OffenceCount) else self.index.unit

    @property
    def denominator(self) -> int:
        """What an integer amount is divided by to be in ``unit``."""
        if isinstance(self.method, OffenceCount):
            return 1
        decays = isinstance(self.method, RecencyWeightedHarm)
        return self.index.scale * 100 * (DECAY_PARTS if decays else 1)

    def plain(self, amount: int) -> str:
        """Write an amount in ``unit`` as a plain decimal, exactly."""
        return plain_decimal(int(amount), self.denominator)

    @cached_property
    def percent(self) -> Ints:
        """The percentage of each status, by its place in the ledger."""
        return status_percentages(self.definition)

    @cached_property
    def place(self) -> npt.NDArray[np.int32]:
        """The place in ``people`` of each counted row's person."""
        place = np.zeros(len(self.ledger.people), dtype=np.int32)
        place[self.people] = np.arange(len(self.people), dtype=np.int32)
        found: npt.NDArray[np.int32] = place[self.ledger.offender[self.rows]]
        return found

    @cached_property
    def contributions(self) -> Amounts:
        """What each counted row adds to its person's score; they sum exactly to the scores."""
        return self._contributions(self.compiled.weight)

    def _contributions(self, weights: Ints) -> Amounts:
        ledger, rows = self.ledger, self.rows
        if isinstance(self.method, OffenceCount):
            return np.ones(len(rows), dtype=np.int64)
        values = weights[ledger.kind[rows]] * self.percent[ledger.status[rows]]
        if isinstance(self.method, TotalHarm):
            return values
        decay = self._decay(rows)
        if not len(values) or int(values.max()) < 2**42:
            return values * decay
        return np.array(
            [v * d for v, d in zip(values.tolist(), decay.tolist(), strict=True)], dtype=object
        )

    def _decay(self, rows: Ints) -> Ints:
        if not isinstance(self.method, RecencyWeightedHarm):
            return np.ones(len(rows), dtype=np.int64)
        ages = self.as_of - self.ledger.day[rows].astype(np.int64)
        return self.method.decay(int(ages.max(initial=0)) + 1)[ages]

    @cached_property
    def unproven(self) -> npt.NDArray[np.bool_]:
        """Whether each counted row is an allegation that was not proved."""
        proven = np.zeros(UNREADABLE_STATUS + 1, dtype=bool)
        for status in EvidentialStatus:
            proven[STATUS_CODES[status]] = status.proven
        return ~proven[self.ledger.status[self.rows]]

    def sum_of(self, which: npt.NDArray[np.bool_]) -> Amounts:
        """Sum the contributions of some counted rows by person."""
        if self.contributions.dtype == object:
            sums = np.zeros(len(self), dtype=object)
            np.add.at(sums, self.place[which], self.contributions[which])
            return sums
        part = self.contributions[which]
        if isinstance(self.method, RecencyWeightedHarm):
            return _exact_sums(self.place[which], part, len(self))
        return sums_by(self.place[which], part, len(self))

    @cached_property
    def proven_amounts(self) -> Amounts:
        """The scores with unproven allegations at 0."""
        return self.sum_of(~self.unproven)

    @cached_property
    def bounds(self) -> tuple[Amounts, Amounts]:
        """Low and high totals under an approximate edition, intervals included.

        Both are over everybody in `bounded_people`.
        """
        if isinstance(self.method, OffenceCount):
            return self.amounts, self.amounts
        rows, place = self._bounded
        percent = self.percent[self.ledger.status[rows]]
        decay = self._decay(rows) if isinstance(self.method, RecencyWeightedHarm) else None
        kinds = self.ledger.kind[rows]
        size = len(self.bounded_people)
        low, high = (
            sums_by(place, table[kinds] * percent, size, times=decay)
            for table in (self.compiled.lowest, self.compiled.highest)
        )
        return low, high

    @cached_property
    def bounded_people(self) -> Ints:
        """Everybody with a counted row or a row in an interval, ascending."""
        if isinstance(self.method, OffenceCount):
            return self.people
        rows = np.concatenate([self.rows, self.fate_rows(Fate.INTERVAL_ONLY)])
        return np.unique(self.ledger.offender[rows]).astype(np.int64)

    @property
    def _bounded(self) -> tuple[Ints, npt.NDArray[np.int32]]:
        rows = np.concatenate([self.rows, self.fate_rows(Fate.INTERVAL_ONLY)])
        place = np.searchsorted(self.bounded_people, self.ledger.offender[rows])
        return rows, place.astype(np.int32)

    @cached_property
    def fates(self) -> npt.NDArray[np.int8]:
        """The fate of every ledger row: exactly one each; see `Fate`."""
        return row_fates(self.ledger, self.compiled, self.as_of)

    def fate_rows(self, fate: Fate) -> Ints:
        """The ledger rows of one fate."""
        return np.flatnonzero(self.fates == fate)

    def fate_counts(self) -> dict[str, int]:
        """How many ledger rows have each fate; they add up to the ledger."""
        counts = np.bincount(self.fates, minlength=len(Fate))
        return {fate.label: int(counts[fate]) for fate in Fate}

    def unmapped(self) -> pd.DataFrame:
        """List the codes in the window that are not scored.

        Returns
        -------
        pandas.DataFrame
            ``code, reason, offences, people``: codes as written, most offences first.
        """
        fates = (Fate.UNMAPPED, Fate.INTERVAL_ONLY)
        rows = np.flatnonzero(np.isin(self.fates, fates))
        kinds = self.ledger.kind[rows]
        codes = self.ledger.types.columns["code"]
        table = pd.DataFrame(
            {
                "code": [codes[kind] or "" for kind in kinds.tolist()],
                "reason": [self.compiled.reason[kind] for kind in kinds.tolist()],
                "offender": self.ledger.offender[rows],
            }
        )
        if table.empty:
            return pd.DataFrame(columns=["code", "reason", "offences", "people"])
        counted = table.groupby(["code", "reason"])["offender"].agg(["size", "nunique"])
        counted = counted.reset_index()
        counted.columns = pd.Index(["code", "reason", "offences", "people"])
        return counted.sort_values(
            ["offences", "code", "reason"], ascending=[False, True, True], ignore_index=True
        )

    def by_basis(self) -> pd.DataFrame:
        """Share the harm out by what its weights are.

        Returns
        -------
        pandas.DataFrame
            ``basis, offences, harm, share``: harm as a plain decimal in ``unit``.
        """
        weights = self.index.weights
        bases = sorted({weight.basis for weight in weights})
        of_row = np.array([bases.index(weight.basis) for weight in weights], dtype=np.int64)
        which = of_row[self.compiled.row[self.ledger.kind[self.rows]]]
        lines = []
        total = sum(int(amount) for amount in self.amounts)
        for number, basis in enumerate(bases):
            mine = which == number
            harm = _total(self.contributions[mine])
            if mine.any():
                lines.append(
                    (basis, int(mine.sum()), self.plain(harm), harm / total if total else 0.0)
                )
        return pd.DataFrame(lines, columns=["basis", "offences", "harm", "share"])

    def by_series(self) -> pd.DataFrame:
        """Count the series that are reported beside the score.

        Returns
        -------
        pandas.DataFrame
            ``series, offences, harm, in_score``; a series kept apart is not in the score.
        """
        lines: list[tuple[str, int | None, str, str]] = []
        definition = self.definition
        apart_rows = self.fate_rows(Fate.APART)
        for name in (*SERIES[1:], "non-recent"):
            if name == "non-recent" and definition.non_recent_after is None:
                lines.append((name, None, "", "not declared"))
                continue
            mine = self.in_series(name, self.rows)
            away = self.in_series(name, apart_rows)
            harm = _total(self.contributions[mine]) + _total(
                attrs.evolve(self, rows=apart_rows[away]).contributions
            )
            offences = int(mine.sum() + away.sum())
            inside = "apart" if name in definition.apart else "in the score"
            lines.append((name, offences, self.plain(harm), inside))
        return pd.DataFrame(lines, columns=["series", "offences", "harm", "in_score"])

    def in_series(self, name: str, rows: Ints) -> npt.NDArray[np.bool_]:
        """Whether some ledger rows belong to a series."""
        if name == "non-recent":
            return non_recent(self.ledger, rows, self.definition.non_recent_after)
        found: npt.NDArray[np.bool_] = self.compiled.series[self.ledger.kind[rows]] == SERIES.index(
            name
        )
        return found

    @cached_property
    def provenance(self) -> Provenance:
        """What the scores were made from, and what could not be guaranteed."""
        return Provenance(facts=_facts(self), caveats=_caveats(self))

    def to_dict(self) -> dict[str, Any]:
        """Give the accounting: provenance, fates, coverage; nobody's score."""
        return {
            "provenance": self.provenance.to_dict(),
            "people": len(self),
            "rows_in": self.ledger.rows_in,
            "rows_rejected": self.ledger.rows_rejected,
            "rows_split_by_status_date": self.ledger.rows_split,
            "ledger_rows": len(self.ledger),
            "fates": self.fate_counts(),
            "unmapped": self.coverage(),
        }

    def coverage(self) -> dict[str, Any]:
        """Count what is in the window and the definition but not scored."""
        fates = np.bincount(self.fates, minlength=len(Fate))
        unscored = np.flatnonzero(np.isin(self.fates, (Fate.UNMAPPED, Fate.INTERVAL_ONLY)))
        offences = int(fates[Fate.COUNTED]) + len(unscored)
        affected = np.unique(self.ledger.offender[unscored])
        only = np.setdiff1d(affected, self.people)
        people = len(self) + len(only)
        return {
            "offences": int(fates[Fate.UNMAPPED]),
            "interval_only_offences": int(fates[Fate.INTERVAL_ONLY]),
            "share_of_offences": len(unscored) / offences if offences else 0.0,
            "people": len(affected),
            "share_of_people": len(affected) / people if people else 0.0,
            "people_with_nothing_scored": len(only),
        }

    @cached_property
    def unscored_people(self) -> Ints:
        """People in the window and definition with nothing that could be weighed."""
        unscored = np.flatnonzero(np.isin(self.fates, (Fate.UNMAPPED, Fate.INTERVAL_ONLY)))
        return np.setdiff1d(self.ledger.offender[unscored].astype(np.int64), self.people)


def _total(amounts: Amounts) -> int:
    return sum(int(a) for a in amounts.tolist()) if amounts.dtype == object else _wide_sum(amounts)


def _wide_sum(amounts: Amounts) -> int:
    high, low = amounts >> 32, amounts & (2**32 - 1)
    return (int(high.sum()) << 32) + int(low.sum())


def _exact_sums(place: npt.NDArray[np.int32], values: Ints, size: int) -> Amounts:
    high = sums_by(place, values >> 32, size)
    low = sums_by(place, values & (2**32 - 1), size)
    if not size or (high.dtype != object and int(high.max()) < 2**30):
        return (high << 32) + low
    return np.array([(h << 32) + rest for h, rest in zip(high.tolist(), low.tolist(), strict=True)],
                    dtype=object)  # fmt: skip


def status_percentages(definition: HarmDefinition) -> Ints:
    """The percentage of each status by its place in a ledger; an unreadable one is 0."""
    percentages = definition.percentages()
    return np.array([*(percentages[name] for name in _STATUS_NAMES), 0], dtype=np.int64)


def non_recent(ledger: Ledger, rows: Ints, after: int | None) -> npt.NDArray[np.bool_]:
    """Whether rows became known more than so many days after their placing date."""
    if after is None:
        return np.zeros(len(rows), dtype=bool)
    known = ledger.known_from[rows].astype(np.int64)
    late = known - ledger.day[rows].astype(np.int64) > after
    answer: npt.NDArray[np.bool_] = late & (known != NO_DAY)
    return answer


def row_fates(ledger: Ledger, compiled: Compiled, as_of: int) -> npt.NDArray[np.int8]:
    """Give every ledger row exactly one fate at a date; earlier tests win."""
    definition = compiled.definition
    fates = _OF_TYPE[compiled.fate][ledger.kind]
    if "non-recent" in definition.apart:
        late = non_recent(ledger, np.arange(len(ledger)), definition.non_recent_after)
        fates[late & (fates == Fate.COUNTED)] = Fate.APART
    weightless = status_percentages(definition)[ledger.status] == 0
    fates[weightless & (fates != Fate.OTHER_ROLE)] = Fate.STATUS_ZERO
    unreadable = (ledger.status == UNREADABLE_STATUS) & (fates != Fate.OTHER_ROLE)
    fates[unreadable] = Fate.UNREADABLE_STATUS
    outside = ledger.day > as_of
    if definition.window is not None:
        outside |= ledger.day <= as_of - definition.window
    fates[outside] = Fate.OUTSIDE_WINDOW
    fates[ledger.known_to <= as_of] = Fate.SUPERSEDED
    fates[ledger.known_from > as_of] = Fate.NOT_YET_KNOWN
    fates[ledger.duplicates] = Fate.DUPLICATE
    fates[ledger.mask != 0] = Fate.BELOW_AGE
    fates.flags.writeable = False
    return fates


def score(
    ledger: Ledger,
    *,
    as_of: dt.date | str,
    index: HarmIndex | None = None,
    definition: HarmDefinition | None = None,
    window: int | None = None,
    method: Method | None = None,
    unmapped: Literal["error", "report"] = "report",
) -> Scores:
    """Score everybody at a date, from what was known then.

    Parameters
    ----------
    ledger : Ledger
        The offences.
    as_of : datetime.date or str
        The date; the end of that day.
    index : HarmIndex, optional
        The weights. Beside a definition that names another index it makes a derived definition.
    definition : HarmDefinition, optional
        What counts; without it every offence that the index weighs.
    window : int, optional
        Days of history; beside a definition with another window it makes a derived definition.
    method : TotalHarm, OffenceCount or RecencyWeightedHarm, optional
        `TotalHarm` if not given.
    unmapped : {"report", "error"}
        What to do when an offence in the window has no weight.

    Returns
    -------
    Scores
        In integers.

    Raises
    ------
    UnmappedOffences
        Under ``unmapped="error"``, if an offence in the window has no weight.
    ArgumentError
        For an argument that cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> from hhpu import encode, load_registry
    >>> ledger = encode(pd.DataFrame({"offender_id": ["1", "1"], "code": ["8N", "8N"],
    ...                               "committed_on": ["2025-01-04", "2025-02-01"]}))
    >>> scores = score(ledger, as_of="2025-12-31", index=load_registry().index("ons-css"))
    >>> scores.plain(scores.amounts[0])
    '378.307774'
    """
    t = read_day(as_of, "as_of")
    if unmapped not in ("error", "report"):
        message = f"unmapped={unmapped!r}: error or report"
        raise ArgumentError(message)
    chosen = _definition(index, definition, window)
    how = TotalHarm() if method is None else method
    _check_method(how)
    compiled = compile_definition(
        chosen, ledger.types.columns, notation=ledger.notation, absent=ledger.types.absent
    )
    rows = _counted(ledger, compiled, t)
    scores = _summed(ledger, compiled, how, t, rows)
    if unmapped == "error":
        _refuse_unmapped(scores)
    return scores


def _check_method(method: object) -> None:
    if not isinstance(method, TotalHarm | OffenceCount | RecencyWeightedHarm):
        message = (
            f"method={method!r}: TotalHarm(), OffenceCount() or RecencyWeightedHarm(half_life=)"
        )
        raise ArgumentError(message)


def _definition(
    index: HarmIndex | None, definition: HarmDefinition | None, window: int | None
) -> HarmDefinition:
    if definition is None:
        if index is None:
            message = "give index= (a harm index) or definition= (a definition bound to one)"
            raise ArgumentError(message)
        return all_offences(index, window=window)
    if index is not None:
        reference = definition.index
        fits = not isinstance(reference, HarmIndex) and (
            reference.name == index.name and reference.edition in (None, index.edition)
        )
        definition = (
            attrs.evolve(definition, index=index) if fits else definition.derive(index=index)
        )
    _ = definition.bound_index
    return definition if window is None else definition.derive(window=window)


def _counted(ledger: Ledger, compiled: Compiled, t: int) -> Ints:
    definition = compiled.definition
    after = None if definition.window is None else -definition.window
    counts = counts_on(ledger.day, ledger.known_from, ledger.known_to, t=t, after=after, upto=0)
    counts[ledger.duplicates] = False
    if ledger.mask.any():
        counts &= ledger.mask == 0
    rows = np.flatnonzero(counts)
    scored = (_OF_TYPE[compiled.fate] == Fate.COUNTED)[:, None] & (
        status_percentages(definition) > 0
    )[None, :]
    if not scored.all():
        rows = rows[scored[ledger.kind[rows], ledger.status[rows]]]
    if "non-recent" in definition.apart:
        rows = rows[~non_recent(ledger, rows, definition.non_recent_after)]
    return rows


def _summed(ledger: Ledger, compiled: Compiled, method: Method, t: int, rows: Ints) -> Scores:
    size = len(ledger.people)
    persons = ledger.offender[rows]
    offences = np.bincount(persons, minlength=size)
    people = np.flatnonzero(offences)
    partial = Scores(
        ledger=ledger, compiled=compiled, method=method, as_of=t, rows=rows, people=people,
        amounts=offences[people], offences=offences[people],
    )  # fmt: skip
    if isinstance(method, OffenceCount):
        return partial
    kinds, statuses = ledger.kind[rows], ledger.status[rows]
    values = (compiled.weight[:, None] * partial.percent[None, :])[kinds, statuses]
    decay = partial._decay(rows) if isinstance(method, RecencyWeightedHarm) else None
    amounts = sums_by(persons, values, size, times=decay)
    return attrs.evolve(partial, amounts=amounts[people])


def _refuse_unmapped(scores: Scores) -> None:
    table = scores.unmapped()
    if table.empty:
        return
    offences = int(table["offences"].sum())
    first = table.head(10)
    listed = ", ".join(
        f"{code or '(no code)'}: {count} ({reason})"
        for code, count, reason in zip(
            first["code"], first["offences"], first["reason"], strict=True
        )
    )
    more = f" and {len(table) - 10} more codes" if len(table) > 10 else ""
    message = (
        f"{offences} offences in the window have no weight under {scores.index.label}: "
        f"{listed}{more}. Add the codes to the index, correct them, or accept the gap with "
        "unmapped='report' (--unmapped report)"
    )
    raise UnmappedOffences(message, offences=offences, codes=tuple(table["code"]))


def _facts(scores: Scores) -> dict[str, Any]:
    return {
        "hhpu": version("hhpu"),
        "as_of": scores.date,
        "placing_date": scores.ledger.date,
        "window": scores.definition.window,
        "method": scores.method.to_dict(),
        "unit": scores.unit,
        "index": scores.index.to_dict(),
        "definition": scores.definition.to_dict(),
        "notation": scores.ledger.notation,
        "criminal_age": scores.ledger.criminal_age,
        "ledger": scores.ledger.digest,
    }


def _caveats(scores: Scores) -> tuple[str, ...]:
    ledger, definition = scores.ledger, scores.definition
    found = ["A score is a proposal for review by a named person, not a decision."]
    if definition.derived_from:
        found.append(f"Derived definition: {definition.derived_from}.")
    if scores.index.approximate:
        found.append(
            f"{scores.index.name} is an approximate stand-in: read each score with its low and "
            "high total and each rank with its range."
        )
    found += _caveats_of_input(ledger)
    if definition.window is None:
        found.append("No window: all history counts.")
    found += scores.compiled.caveats
    coverage = scores.coverage()
    unscored = coverage["offences"] + coverage["interval_only_offences"]
    if unscored:
        found.append(
            f"{unscored} offences in the window ({coverage['share_of_offences']:.1%}) have no "
            f"weight and are not scored; they concern {coverage['people']} people, of whom "
            f"{coverage['people_with_nothing_scored']} have nothing scored."
        )
    if len(ledger) and int(ledger.day.min()) > scores.as_of:
        found.append("The date lies before the first offence: nobody is ranked.")
    expired = _expired(scores)
    if expired:
        found.append(f"{expired} offences are scored under codes that the index marks as expired.")
    return tuple(found)


def _caveats_of_input(ledger: Ledger) -> list[str]:
    facts, found = ledger.facts, []
    always = int((ledger.known_from == NO_DAY).sum())
    if not facts & {"known_from", "recorded_on"}:
        found.append(
            "Not as known at the date: the input says neither when a row was recorded nor when it "
            "was known."
        )
    elif always:
        found.append(f"{always} rows say not when they were known and count as always known.")
    if "role" not in facts:
        found.append("No role: every person is taken to be a suspect, none a victim or witness.")
    if "status" not in facts:
        found.append(
            "No evidential status: allegations, convictions and acquittals cannot be told apart, "
            "and every link counts in full."
        )
    elif "status_from" not in facts:
        found.append(
            "Statuses have no date: they are those of the extract, not those known at the date."
        )
    if "people" not in facts:
        found.append(
            "No dates of birth: offences under the age of criminal responsibility, and people "
            "under 18, are not found."
        )
    elif "committed_on" not in facts:
        found.append(
            "No day of commission: offences under the age of criminal responsibility are not found."
        )
    if "offence_id" not in facts:
        found.append("No offence id: duplicates cannot be found.")
    return found


def _expired(scores: Scores) -> int:
    marked = np.array([*(weight.expired for weight in scores.index.weights), False])
    if not marked.any():
        return 0
    return int(marked[scores.compiled.row[scores.ledger.kind[scores.rows]]].sum())
