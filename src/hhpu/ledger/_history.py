"""What a ledger learns from one full extract after another: true known-from and known-to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.errors import ArgumentError, InputRefused
from hhpu.ledger._people import born_of, match_people
from hhpu.tables import FOREVER, NO_DAY, Checked, Days, Problems, day_number, day_to_date

if TYPE_CHECKING:
    from hhpu.ledger._ledger import Ledger, Part

__all__ = [
    "BeliefNames",
    "ExtractTaken",
    "back_to",
    "births_known",
    "content_of",
    "known_on",
    "opened",
    "refuse_persons",
    "updated",
    "with_births",
    "without_last",
]

Ints = npt.NDArray[np.int64]
_MIX: Final = (
    np.uint64(0x9E3779B97F4A7C15),
    np.uint64(0xFF51AFD7ED558CCD),
    np.uint64(0xC4CEB9FE1A85EC53),
)


@attrs.frozen(kw_only=True)
class BeliefNames:
    """How what is believed of the next extract is called where the reader stands.

    Parameters
    ----------
    most_fall, least_same : str
        The settings of `Ledger.update`.
    """

    most_fall: str = "most_fall="
    least_same: str = "least_same="


@attrs.frozen
class ExtractTaken:
    """One full extract that went into a ledger.

    Parameters
    ----------
    day : datetime.date
        The end of the day that it shows.
    source : str
        Whose extract it was.
    rows_in, rows_rejected : int
        Its rows, and those that could not be used.
    same : int
        Its rows that were in the ledger as they were.
    opened : int
        Its rows that were new or changed: versions known from ``day``.
    closed : int
        Versions that it no longer held: known until ``day``.
    content : str
        Digest of its rows, known-from and known-to apart: what `Ledger.known_on` must give.
    """

    day: dt.date
    source: str
    rows_in: int
    rows_rejected: int
    same: int
    opened: int
    closed: int
    content: str


def opened(ledger: Ledger, day: int, source: str) -> Ledger:
    """Take a ledger as the first full extract."""
    refuse_persons(ledger, "begin()")
    _refuse_nameless(source)
    if ledger.extracts:
        last = ledger.extracts[-1].day
        message = f"the ledger has taken extracts, the last of {last}: update() takes the next"
        raise ArgumentError(message)
    current = _current(ledger)
    limit, ended = np.int32(day), ledger.known_to != FOREVER
    begun = attrs.evolve(
        ledger,
        known_from=np.minimum(ledger.known_from, limit),
        known_to=np.where(ended, np.minimum(ledger.known_to, limit), ledger.known_to),
    )
    taken = ExtractTaken(
        day=_date(day),
        source=source,
        rows_in=ledger.rows_in,
        rows_rejected=ledger.rows_rejected,
        same=0,
        opened=len(current),
        closed=0,
        content=content_of(ledger.take(current)),
    )
    parts = tuple(attrs.evolve(part, extract=day) for part in begun.parts)
    return attrs.evolve(
        begun, extracts=(taken,), parts=parts, unusable=ledger.unusable.begun(day), seen=None
    )


def updated(
    ledger: Ledger,
    extract: Ledger,
    day: int,
    *,
    source: str,
    most_fall: float | None,
    least_same: float | None,
    named: BeliefNames,
) -> Ledger:
    """Compare a full extract with the open versions; close what went, open what is new."""
    for each in (ledger, extract):
        refuse_persons(each, "update()")
    _refuse_nameless(source)
    _refuse_no_share(most_fall=most_fall, least_same=least_same)
    last = ledger.extracts[-1]
    if _date(day) <= last.day:
        message = (
            f"the extract is of {_date(day)}, and the ledger has taken that of {last.day}: "
            "extracts come in order of their days; an older one cannot be put in between"
        )
        raise InputRefused(message)
    if source != last.source:
        message = (
            f"the extract is of {source!r} and the ledger of {last.source!r}: one ledger is of one "
            "source"
        )
        raise InputRefused(message)
    fresh = extract.take(_current(extract))
    open_rows = np.flatnonzero(ledger.known_to == FOREVER)
    _refuse_fall(len(fresh), len(open_rows), most_fall, named.most_fall)
    born = None if ledger.born is None or extract.born is None else (ledger, extract)
    alone = attrs.evolve(ledger, extracts=())
    if born is not None:
        alone, fresh = attrs.evolve(alone, born=None), attrs.evolve(fresh, born=None)
    joined = type(ledger).concat([alone, fresh])
    size = len(ledger)
    kept, added = _matched(joined, open_rows, np.arange(size, len(joined)))
    _refuse_strangers(len(kept), len(open_rows), least_same, named.least_same)
    gone = np.setdiff1d(open_rows, kept, assume_unique=True)
    known_from, known_to = joined.known_from.copy(), joined.known_to.copy()
    known_to[gone] = day
    known_from[size:] = day
    rows = np.concatenate([np.arange(size), added])
    result = attrs.evolve(joined, known_from=known_from, known_to=known_to).take(rows)
    taken = ExtractTaken(
        day=_date(day),
        source=source,
        rows_in=extract.rows_in,
        rows_rejected=extract.rows_rejected,
        same=len(kept),
        opened=len(added),
        closed=len(gone),
        content=content_of(fresh),
    )
    first, *others = result.parts[len(ledger.parts) :]
    new = [attrs.evolve(first, same=len(kept)), *others]
    return attrs.evolve(
        result,
        born=None if born is None else births_known(result, *born),
        parts=(
            *ledger.parts,
            *(
                attrs.evolve(
                    part,
                    extract=day,
                    ids=None if part.ids is None else part.ids.compact(),
                    problems=_lasting(part.problems),
                )
                for part in new
            ),
        ),
        extracts=(*ledger.extracts, taken),
        unusable=ledger.unusable.updated(extract.unusable, day),
    )


def _refuse_nameless(source: object) -> None:
    if not isinstance(source, str) or not source.strip():
        message = f"source={source!r}: the name of whose extract it is"
        raise ArgumentError(message)


def _refuse_no_share(**shares: object) -> None:
    for name, share in shares.items():
        number = isinstance(share, int | float) and not isinstance(share, bool)
        if share is not None and not (number and 0 <= share <= 1):  # type: ignore[operator]
            message = f"{name}={share!r}: a share from 0 to 1, such as 0.1"
            raise ArgumentError(message)


def refuse_persons(ledger: Ledger, what: str) -> None:
    """Refuse a ledger to which identities were applied: its records could not be had again."""
    if ledger.persons is not None:
        message = (
            f"{what} takes the ledger of the records, and this one stands under persons: apply "
            "identities when ranking, to the ledger as it was before as_persons()"
        )
        raise ArgumentError(message)


def known_on(ledger: Ledger, day: int) -> Ledger:
    """Take the versions in force on a day, as if nothing had been learnt since."""
    rows = np.flatnonzero((ledger.known_from <= day) & (ledger.known_to > day))
    held = ledger.take(rows)
    forever = np.full(len(rows), FOREVER, dtype=np.int32)
    seen = ledger.seen
    if ledger.extracts:
        date = _date(day)
        days = [taken.day for taken in ledger.extracts]
        seen = days[0], max((each for each in days if each <= date), default=days[0])
    return attrs.evolve(
        held, known_to=forever, extracts=(), unusable=ledger.unusable.known_on(day), seen=seen
    )


def back_to(ledger: Ledger, day: int) -> Ledger:
    """Take the ledger as it was after the extract of a day."""
    date = _date(day)
    taken = tuple(each for each in ledger.extracts if each.day <= date)
    if not taken or taken[-1].day != date:
        days = ", ".join(each.day.isoformat() for each in ledger.extracts[-12:])
        message = f"the ledger took no extract of {date}; its last are of {days}"
        raise ArgumentError(message)
    held = ledger.take(np.flatnonzero(ledger.known_from <= day))
    later = held.known_to > day
    return attrs.evolve(
        held,
        known_to=np.where(later, np.int32(FOREVER), held.known_to),
        extracts=taken,
        parts=_parts_of_then(ledger.parts, held.parts, day),
        unusable=ledger.unusable.back_to(day),
    )


def _parts_of_then(parts: Sequence[Part], held: Sequence[Part], day: int) -> tuple[Part, ...]:
    """The parts that there were after the extract of a day; of a loaded one, the rows of then."""
    then = []
    for part, mine in zip(parts, held, strict=True):
        if part.extract is None:
            problems = attrs.evolve(mine.problems, rows_in=mine.size)
            then.append(attrs.evolve(mine, problems=problems))
        elif part.extract <= day:
            then.append(part if mine.size == part.size else mine)
    return tuple(then)


def without_last(ledger: Ledger) -> Ledger:
    """Take the last extract out of a ledger."""
    if len(ledger.extracts) < 2:
        message = "the ledger has no extract before its last: begin() a new one"
        raise ArgumentError(message)
    return back_to(ledger, day_number(ledger.extracts[-2].day))


def content_of(ledger: Ledger) -> str:
    """Digest the rows, whenever they were known."""
    size = len(ledger)
    return attrs.evolve(
        ledger,
        known_from=np.full(size, NO_DAY, dtype=np.int32),
        known_to=np.full(size, FOREVER, dtype=np.int32),
        born=None,
        extracts=(),
    ).digest


def _date(day: int) -> dt.date:
    date = day_to_date(day)
    if date is None:
        message = "an extract has a day"
        raise ArgumentError(message)
    return date


def _current(extract: Ledger) -> Ints:
    """The rows as they stand: of a row whose status came late, the later version."""
    current = np.flatnonzero(extract.known_to == FOREVER)
    if len(current) + extract.rows_split != len(extract):
        message = (
            "the extract holds closed versions (known_to): a source that keeps its versions is "
            "encoded as it is, at each run; update() is for one that overwrites"
        )
        raise ArgumentError(message)
    return current


def _refuse_fall(rows: int, before: int, most_fall: float | None, name: str) -> None:
    if most_fall is None or not before:
        return
    fall = Fraction(before - rows, before)
    if fall > Fraction(str(most_fall)):
        message = (
            f"the extract holds {rows} rows where the last held {before}, a fall of "
            f"{float(fall):.1%}; declared is at most {most_fall:.1%} ({name}). Is it half an "
            "extract? Take it again, or declare a larger fall for this once"
        )
        raise InputRefused(message)


def _refuse_strangers(same: int, before: int, least_same: float | None, name: str) -> None:
    if least_same is None or not before:
        return
    share = Fraction(same, before)
    if share < Fraction(str(least_same)):
        message = (
            f"of {before} rows of the last extract {same} stand in this one as they were "
            f"({float(share):.1%}); declared is at least {least_same:.1%} ({name}). Is it of "
            "another force, or were columns or their values changed? Look before declaring less "
            "for this once"
        )
        raise InputRefused(message)


def _matched(joined: Ledger, old: Ints, new: Ints) -> tuple[Ints, Ints]:
    """Match rows of equal content one to one: the old ones that stay, the new ones without one.

    Of several equal old rows the one known longest stays.
    """
    rows = np.concatenate([old, new])
    fresh = np.arange(len(rows)) >= len(old)
    content: list[npt.NDArray[Any]] = [
        column[rows]
        for column in (
            joined.key, joined.offender, joined.kind, joined.day, joined.status, joined.mask,
            joined.delay,
        )
    ]  # fmt: skip
    by: list[npt.NDArray[Any]] = [joined.known_from[rows], fresh]
    mixed = _mixed(content)
    order = np.lexsort([*by, mixed])
    same = _like_the_one_before(content, order)
    if not np.array_equal(same, mixed[order][1:] == mixed[order][:-1]):
        order = np.lexsort([*by, *content])
        same = _like_the_one_before(content, order)
    joined.confirm_ids(rows[order][:-1][same], rows[order][1:][same])
    group = np.cumsum(np.concatenate([np.zeros(min(len(order), 1), dtype=np.int64), ~same]))
    is_new = fresh[order]
    size = int(group[-1]) + 1 if len(group) else 0
    pairs = np.minimum(*(np.bincount(group[side], minlength=size) for side in (is_new, ~is_new)))
    paired = _place_in_group(group, is_new) < pairs[group]
    return np.sort(rows[order][~is_new & paired]), np.sort(rows[order][is_new & ~paired])


def _mixed(columns: list[npt.NDArray[Any]]) -> npt.NDArray[np.uint64]:
    """One word for each row; equal rows have equal words."""
    mixed = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        signed = np.issubdtype(column.dtype, np.signedinteger)
        mixed ^= column.astype(np.int64).view(np.uint64) if signed else column.astype(np.uint64)
        mixed += _MIX[0]
        mixed ^= mixed >> np.uint64(30)
        mixed *= _MIX[1]
        mixed ^= mixed >> np.uint64(27)
        mixed *= _MIX[2]
        mixed ^= mixed >> np.uint64(31)
    return mixed


def _like_the_one_before(columns: list[npt.NDArray[Any]], order: Ints) -> npt.NDArray[np.bool_]:
    alike = [column[order][1:] == column[order][:-1] for column in columns]
    same: npt.NDArray[np.bool_] = np.logical_and.reduce(alike)
    return same


def _place_in_group(group: Ints, is_new: npt.NDArray[np.bool_]) -> Ints:
    """Number the rows inside each group and side from 0; groups and sides are in order."""
    if not len(group):
        return group
    starts = np.concatenate([[True], (group[1:] != group[:-1]) | (is_new[1:] != is_new[:-1])])
    first = np.flatnonzero(starts)
    place: Ints = np.arange(len(group)) - first[np.cumsum(starts) - 1]
    return place


def births_known(result: Ledger, ledger: Ledger, extract: Ledger) -> Days:
    """The dates of birth of the extract; of people who are not in it, those of before."""
    born = np.full(len(result.people), NO_DAY, dtype=np.int32)
    for source in (ledger, extract):
        at = match_people(result.people, source.people)
        found = at >= 0
        given = np.full(len(born), NO_DAY, dtype=np.int32)
        if source.born is not None:
            given[found] = source.born[at[found]]
        born = np.where(found, given, born).astype(np.int32)
    return born


def with_births(ledger: Ledger, people: Checked) -> Ledger:
    """Give the people of the last extract the dates of birth of a people table of its day."""
    born = born_of(ledger.people, people)
    if ledger.born is not None:
        shown = np.zeros(len(born), dtype=bool)
        shown[ledger.offender[ledger.known_to == FOREVER]] = True
        born = np.where(shown, born, ledger.born).astype(np.int32)
    return attrs.evolve(ledger, born=born)


def _lasting(problems: Problems) -> Problems:
    """The problems of an extract, but for those that its day answers."""
    answered = ("status-without-date", "known-from-missing")
    found = tuple(problem for problem in problems.found if problem.reason not in answered)
    return attrs.evolve(problems, found=found)
