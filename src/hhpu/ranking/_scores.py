"""Scores at a date: integers, with every row's fate and what they rest on."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from functools import cached_property
from html import escape
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.domain import EvidentialStatus
from hhpu.indices import (
    SERIES,
    UNREADABLE_FLAG,
    Compiled,
    HarmDefinition,
    HarmIndex,
    plain_decimal,
)
from hhpu.indices.codes import CodeProblem
from hhpu.ledger import UNREADABLE_STATUS, Ledger
from hhpu.provenance import Provenance
from hhpu.ranking._caveats import alarms_of, caveats_of, facts_of
from hhpu.ranking._exact import Amounts, sums_by
from hhpu.ranking._fates import UNSCORED, Fate, non_recent, row_fates, status_percentages
from hhpu.ranking._methods import DECAY_PARTS, Method, OffenceCount, RecencyWeightedHarm, TotalHarm
from hhpu.tables import STATUS_CODES

__all__ = ["Scores"]

Ints = npt.NDArray[np.int64]
_LIKE_A_CODE = re.compile(r"[\w./:#+!?-]{1,24}|\d{1,2}[ -]\w{3,9}(?:[ -]\d{2,4})?|[\d:./ -]{1,24}")


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

    def __attrs_post_init__(self) -> None:
        for array in (self.rows, self.people, self.amounts, self.offences):
            array.flags.writeable = False

    def __repr__(self) -> str:
        return (
            f"Scores({len(self)} people, {len(self.rows)} offences, {self.method.name} under "
            f"{self.definition.name}, {self.index.name} {self.index.edition})"
        )

    def __len__(self) -> int:
        return len(self.people)

    def _repr_html_(self) -> str:
        """What was scored and how, and the fate of every row; nobody's id."""
        definition, index = self.definition, self.index
        facts = {
            "as of": self.date.isoformat(),
            "people with a score": f"{len(self):,}",
            "unit": self.unit,
            "method": self.method.name,
            "index": f"{index.label}{', approximate' if index.approximate else ''}",
            "definition": definition.label,
            "window": "all history" if definition.window is None else f"{definition.window} days",
            **{
                f"rows: {fate}": f"{count:,}" for fate, count in self.fate_counts().items() if count
            },
        }
        html: str = pd.DataFrame(facts.items()).to_html(index=False, header=False)
        return "".join(f"<p><strong>{escape(text)}</strong></p>" for text in self.alarms) + html

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
        decay = self.decay_of(rows)
        if not len(values) or int(values.max()) < 2**42:
            return values * decay
        return np.array(
            [v * d for v, d in zip(values.tolist(), decay.tolist(), strict=True)], dtype=object
        )

    def decay_of(self, rows: Ints) -> Ints:
        """The decay of some ledger rows, in parts per 2**20; 1 under other methods."""
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
        rows, place = self._bounded
        if isinstance(self.method, OffenceCount):
            counts = np.bincount(place, minlength=len(self.bounded_people))
            return counts, counts
        percent = self.percent[self.ledger.status[rows]]
        decay = self.decay_of(rows) if isinstance(self.method, RecencyWeightedHarm) else None
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
        return np.unique(self.ledger.offender[self._bounded_rows]).astype(np.int64)

    @cached_property
    def _bounded_rows(self) -> Ints:
        intervals = self.fate_rows(Fate.INTERVAL_ONLY)
        return np.concatenate([self.rows, intervals[~self._apart(intervals)]])

    def _apart(self, rows: Ints) -> npt.NDArray[np.bool_]:
        apart = np.zeros(len(rows), dtype=bool)
        for name in self.definition.apart:
            apart |= self.in_series(name, rows)
        return apart

    @property
    def _bounded(self) -> tuple[Ints, npt.NDArray[np.int32]]:
        rows = self._bounded_rows
        place = np.searchsorted(self.bounded_people, self.ledger.offender[rows])
        return rows, place.astype(np.int32)

    @cached_property
    def interval_only(self) -> Ints:
        """How many offences of each person have an interval and no point weight."""
        rows = self.fate_rows(Fate.INTERVAL_ONLY)
        counts = np.bincount(self.ledger.offender[rows], minlength=len(self.ledger.people))
        found: Ints = counts[self.people]
        return found

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
            ``code, reason, offences, people``: codes as written, most offences first. Among the
            reasons are a status, a role or a flag that could not be read.
        """
        rows = self._unscored_rows
        kinds = self.ledger.kind[rows]
        unread = (self.fates[rows] == Fate.UNREADABLE_STATUS).tolist()
        codes = self.ledger.types.columns["code"]
        table = pd.DataFrame(
            {
                "code": [_shown(codes[kind]) for kind in kinds.tolist()],
                "reason": [
                    "unreadable-status" if odd else self.compiled.reason[kind]
                    for kind, odd in zip(kinds.tolist(), unread, strict=True)
                ],
                "offender": self.ledger.offender[rows],
            }
        )
        kinds_of = {"code": "str", "reason": "str", "offences": "int64", "people": "int64"}
        if table.empty:
            return pd.DataFrame(columns=list(kinds_of)).astype(kinds_of)
        counted = table.groupby(["code", "reason"])["offender"].agg(["size", "nunique"])
        counted = counted.reset_index()
        counted.columns = pd.Index(list(kinds_of))
        return counted.astype(kinds_of).sort_values(
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
        kinds = {"basis": "str", "offences": "int64", "harm": "str", "share": "float64"}
        return pd.DataFrame(lines, columns=list(kinds)).astype(kinds)

    def by_rule(self) -> pd.DataFrame:
        """Share the harm out by the rules of the definition that let it in.

        An offence that several rules let in is counted under each of them, so the lines add up to
        more than everything; ``shared`` says how many of a line's offences stand under another
        line too.

        Returns
        -------
        pandas.DataFrame
            ``rule, group, status, offences, people, harm, share, shared``: a line for each rule, in
            the order of the definition, also where it let nothing in; harm as a plain decimal in
            ``unit``. A definition without rules has one line, whose rule is empty.
        """
        kinds = self.ledger.kind[self.rows]
        rules = [(rule.name, rule.group, str(rule.status)) for rule in self.definition.rules]
        let_in = np.array(
            [[name in fired for fired in self.compiled.rules] for name, *_ in rules]
            or [[True] * len(self.compiled.rules)],
            dtype=bool,
        )
        several = let_in.sum(axis=0) > 1
        total = sum(int(amount) for amount in self.amounts)
        lines = []
        for rule, mine in zip(rules or [("", "", "")], let_in, strict=True):
            which = mine[kinds]
            harm = _total(self.contributions[which])
            people = np.bincount(self.place[which], minlength=1) > 0
            lines.append(
                (
                    *rule, int(which.sum()), int(people.sum()), self.plain(harm),
                    harm / total if total else 0.0, int((mine & several)[kinds].sum()),
                )
            )  # fmt: skip
        columns = ["rule", "group", "status", "offences", "people", "harm", "share", "shared"]
        return pd.DataFrame(lines, columns=columns)

    def by_series(self) -> pd.DataFrame:
        """Count the series that are reported beside the score.

        Returns
        -------
        pandas.DataFrame
            ``series, offences, harm, unweighed, in_score``; a series kept apart is not in the
            score; ``unweighed`` counts the offences of the series that have no weight.
        """
        unweighed = self._unscored_rows
        lines: list[tuple[str, int | None, str, int | None, str]] = []
        definition = self.definition
        apart_rows = self.fate_rows(Fate.APART)
        for name in (*SERIES[1:], "non-recent"):
            if name == "non-recent" and definition.non_recent_after is None:
                lines.append((name, None, "", None, "not declared"))
                continue
            mine = self.in_series(name, self.rows)
            away = self.in_series(name, apart_rows)
            harm = _total(self.contributions[mine]) + _total(
                attrs.evolve(self, rows=apart_rows[away]).contributions
            )
            offences = int(mine.sum() + away.sum())
            inside = "apart" if name in definition.apart else "in the score"
            without = int(self.in_series(name, unweighed).sum())
            lines.append((name, offences, self.plain(harm), without, inside))
        columns = ["series", "offences", "harm", "unweighed", "in_score"]
        return pd.DataFrame(lines, columns=columns).astype(
            {"offences": "Int64", "unweighed": "Int64"}
        )

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
        return Provenance(
            facts=facts_of(
                self.ledger, self.definition, self.method, date=self.date, unit=self.unit
            ),
            caveats=caveats_of(
                self.ledger,
                self.compiled,
                as_of=self.as_of,
                rows=self.rows,
                coverage=self.coverage(),
            ),
        )

    @property
    def alarms(self) -> tuple[str, ...]:
        """What makes the whole result doubtful; they stand first among its caveats."""
        return alarms_of(self.ledger, self.coverage())

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
        unscored = self._unscored_rows
        offences = int(fates[Fate.COUNTED]) + len(unscored)
        affected = np.unique(self.ledger.offender[unscored])
        only = np.setdiff1d(affected, self.people)
        people = len(self) + len(only)
        unmapped = self.ledger.kind[self.fate_rows(Fate.UNMAPPED)]
        reasons = Counter(self.compiled.reason[kind] for kind in unmapped.tolist())
        return {
            "offences": int(fates[Fate.UNMAPPED]),
            "interval_only_offences": int(fates[Fate.INTERVAL_ONLY]),
            "damaged_code_offences": reasons[CodeProblem.DAMAGED],
            "unreadable_code_offences": (
                reasons[CodeProblem.UNREADABLE] + reasons[CodeProblem.AMBIGUOUS]
            ),
            "unreadable_status_offences": int(fates[Fate.UNREADABLE_STATUS]),
            "unreadable_role_offences": int(fates[Fate.UNREADABLE_ROLE]),
            "unreadable_flag_offences": reasons[UNREADABLE_FLAG],
            "unscored_offences": len(unscored),
            "share_of_offences": len(unscored) / offences if offences else 0.0,
            "people": len(affected),
            "share_of_people": len(affected) / people if people else 0.0,
            "people_with_nothing_scored": len(only),
        }

    @property
    def _unscored_rows(self) -> Ints:
        return np.flatnonzero(np.isin(self.fates, UNSCORED))

    @cached_property
    def unscored_people(self) -> Ints:
        """People in the window and definition with nothing that could be weighed or read."""
        persons = self.ledger.offender[self._unscored_rows].astype(np.int64)
        return np.setdiff1d(persons, self.people)


def _shown(code: str | None) -> str:
    """Show a code, unless it is so unlike one that it may be a person's data in a wrong column."""
    if code is None or _LIKE_A_CODE.fullmatch(code):
        return code or ""
    return "(not shown: unlike a code)"


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
