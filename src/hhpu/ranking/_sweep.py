"""Scores at many dates in one pass: what enters is added, what leaves is taken away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.blocks import in_blocks
from hhpu.errors import ArgumentError
from hhpu.indices import Compiled, HarmDefinition, HarmIndex, compile_definition
from hhpu.ledger import Ledger, active_interval
from hhpu.ranking._exact import Amounts, sums_by
from hhpu.ranking._fates import non_recent, scored_by_type
from hhpu.ranking._history import values_of
from hhpu.ranking._methods import Method, RecencyWeightedHarm, TotalHarm
from hhpu.ranking._order import falling, ranks_in
from hhpu.ranking._score import check_method, definition_of
from hhpu.tables import Days, read_day

__all__ = [
    "Passage",
    "Swept",
    "days_of",
    "history_of",
    "passage",
    "sweep",
    "sweep_scores",
    "sweep_top",
]

Ints = npt.NDArray[np.int64]
_Spans = tuple[Ints, npt.NDArray[np.int16], npt.NDArray[np.int16]]
_CANDIDATES: Final = 4


@attrs.frozen(eq=False, kw_only=True)
class Passage:
    """The ledger rows that count at some of many dates, by when each begins and ceases to.

    Parameters
    ----------
    origins : numpy.ndarray of int64
        Day numbers, ascending.
    rows : numpy.ndarray of int64
        Ledger rows in the order in which they begin to count; a row that is a duplicate in between
        stands there once for each interval.
    first, beyond : numpy.ndarray of int16
        The places in ``origins`` of the first date at which each counts, and of the first after
        that at which it no longer does.
    leaving : numpy.ndarray of int64
        Places in ``rows`` in the order in which they cease to count.
    """

    origins: Ints
    rows: Ints
    first: npt.NDArray[np.int16]
    beyond: npt.NDArray[np.int16]
    leaving: Ints

    def at(self, place: int) -> Ints:
        """Places in ``rows`` of what counts at one of the dates."""
        begun = int(np.searchsorted(self.first, place, side="right"))
        return np.flatnonzero(self.beyond[:begun] > place)

    def moving(self) -> Iterator[tuple[slice, Ints]]:
        """For each date what begins to count, as a slice of ``rows``, and what ceases to."""
        size = len(self.origins)
        starts = np.searchsorted(self.first, np.arange(size + 1))
        stops = np.searchsorted(self.beyond[self.leaving], np.arange(size + 1))
        for place in range(size):
            yield (
                slice(int(starts[place]), int(starts[place + 1])),
                self.leaving[int(stops[place]) : int(stops[place + 1])],
            )


@attrs.frozen(eq=False)
class Swept:
    """The scores of one date of a sweep: those that `score` gives, without their explanation.

    Parameters
    ----------
    as_of : int
        Day number.
    people : numpy.ndarray of int64
        Everybody with a counted row, as places in the ledger's people, ascending.
    amounts : numpy.ndarray
        Their scores, as integers over the denominator of `Scores`.
    offences : numpy.ndarray of int64
        Their numbers of counted rows.
    """

    as_of: int
    people: Ints
    amounts: Amounts
    offences: Ints

    @cached_property
    def order(self) -> Ints:
        """Places in ``people``, highest score first; inside a tie as they stand there."""
        return falling(self.amounts)

    @cached_property
    def ranks(self) -> Ints:
        """1 + the number of ``people`` with a higher score, for each."""
        return ranks_in(self.order, self.amounts)


def passage(
    ledger: Ledger, compiled: Compiled, origins: Ints, *, after: int | None, upto: int, lag: int = 0
) -> Passage:
    """Find when each row begins and ceases to count, by the one time rule.

    Parameters
    ----------
    ledger : Ledger
        The offences.
    compiled : Compiled
        The definition over its types.
    origins : numpy.ndarray of int64
        Day numbers, ascending, fewer than 32,767.
    after, upto, lag : int
        As in `hhpu.ledger.counts_on`: history is ``(-window, 0, 0)``.

    Returns
    -------
    Passage
        Without the rows that count at none of the dates.
    """
    definition = compiled.definition
    scored = scored_by_type(compiled)
    table, statuses = scored.ravel(), np.int32(scored.shape[1])
    apart = "non-recent" in definition.apart
    contested = ledger.contested_rows
    where = _places_of(origins)

    def eligible(rows: Ints) -> npt.NDArray[np.bool_]:
        held = table.take(ledger.kind[rows] * statuses + ledger.status[rows])
        held &= ledger.mask[rows] == 0
        if apart:
            held &= ~non_recent(ledger, rows, definition.non_recent_after)
        return held

    def judged(rows: Ints, known_from: Days, known_to: Days) -> _Spans:
        begin, end = active_interval(
            ledger.day[rows], known_from, known_to, after=after, upto=upto, lag=lag
        )
        first, beyond = where(begin), where(end)
        counts = np.flatnonzero(first < beyond)
        return rows[counts], first[counts], beyond[counts]

    def find(block: slice) -> _Spans:
        held = table.take(ledger.kind[block] * statuses + ledger.status[block])
        held &= ledger.mask[block] == 0
        start, stop = np.searchsorted(contested, (block.start, block.stop))
        held[contested[start:stop] - block.start] = False
        rows = np.flatnonzero(held) + block.start
        if apart:
            rows = rows[~non_recent(ledger, rows, definition.non_recent_after)]
        return judged(rows, ledger.known_from[rows], ledger.known_to[rows])

    parted, known_from, known_to = ledger.contested()
    mine = eligible(parted)
    spans = [
        *in_blocks(find, len(ledger)),
        judged(parted[mine], known_from[mine], known_to[mine]),
    ]
    rows, first, beyond = (np.concatenate(column) for column in zip(*spans, strict=True))
    order = np.argsort(first, kind="stable")
    beyond = beyond[order]
    return Passage(
        origins=origins,
        rows=rows[order],
        first=first[order],
        beyond=beyond,
        leaving=np.argsort(beyond, kind="stable"),
    )


def _places_of(origins: Ints) -> Callable[[Ints], npt.NDArray[np.int16]]:
    """Give the place of the first origin on or after a day, by a table of days."""
    earliest, latest = int(origins[0]), int(origins[-1])
    table = np.searchsorted(origins, np.arange(earliest, latest + 2)).astype(np.int16)

    def places(days: Ints) -> npt.NDArray[np.int16]:
        found: npt.NDArray[np.int16] = table.take(np.clip(days, earliest, latest + 1) - earliest)
        return found

    return places


def sweep(
    ledger: Ledger,
    *,
    origins: Sequence[dt.date | str],
    index: HarmIndex | None = None,
    definition: HarmDefinition | None = None,
    window: int | None = None,
    method: Method | None = None,
) -> Iterator[Swept]:
    """Score everybody at many dates, each from what was known then.

    The scores are those of `score` at each date, to the last integer. Each row is looked at when
    it begins to count and when it ceases to, whatever the number of dates.

    Parameters
    ----------
    ledger : Ledger
        The offences; with identities as `Ledger.as_persons` gave it.
    origins : sequence of datetime.date or str
        The dates, ascending.
    index, definition, window, method
        As in `score`.

    Yields
    ------
    Swept
        One for each date, in order.

    Raises
    ------
    ArgumentError
        If the dates do not ascend, or an argument cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> from hhpu import encode, load_registry
    >>> ledger = encode(pd.DataFrame({"offender_id": ["1", "2"], "code": ["8N", "5D"],
    ...                               "committed_on": ["2025-01-04", "2025-02-01"]}))
    >>> swept = sweep(ledger, origins=["2025-01-10", "2025-02-10"], window=30,
    ...               index=load_registry().index("ons-css"))
    >>> [at.people.tolist() for at in swept]
    [[0], [1]]
    """
    how = TotalHarm() if method is None else method
    check_method(how)
    days = days_of(origins)
    compiled = _compiled(ledger, definition_of(index, definition, window))
    return sweep_scores(ledger, compiled, how, history_of(ledger, compiled, days))


def sweep_top(
    ledger: Ledger,
    *,
    origins: Sequence[dt.date | str],
    k: int,
    index: HarmIndex | None = None,
    definition: HarmDefinition | None = None,
    window: int | None = None,
) -> Iterator[Swept]:
    """Give the people of the highest `TotalHarm` at many dates, the whole tie at the cut included.

    Parameters
    ----------
    ledger, origins, index, definition, window
        As in `sweep`.
    k : int
        How many people, at least 1.

    Yields
    ------
    Swept
        One for each date: the first ``k`` people and everybody tied with the last of them; all
        where there are fewer.

    Raises
    ------
    ArgumentError
        As in `sweep`, and if ``k`` is below 1.
    """
    if k < 1:
        message = f"k={k!r}: at least 1 person"
        raise ArgumentError(message)
    days = days_of(origins)
    compiled = _compiled(ledger, definition_of(index, definition, window))
    return _swept_top(ledger, compiled, days, k)


def days_of(origins: Sequence[dt.date | str]) -> Ints:
    """Read the dates of a sweep as day numbers.

    Raises
    ------
    ArgumentError
        If there are none or too many, or they do not ascend.
    """
    days = np.array([read_day(day, "origins") for day in origins], dtype=np.int64)
    if not 0 < len(days) < np.iinfo(np.int16).max or (days[1:] <= days[:-1]).any():
        message = "origins= takes dates in ascending order, at least one, each once"
        raise ArgumentError(message)
    return days


def running_sums(
    going: Passage, persons: npt.NDArray[np.int32], values: Ints | None, size: int
) -> Iterator[Amounts]:
    """Sum values by person at each date; without values the rows are counted.

    The array that is given is the same at each date and changes.
    """
    wide = values is not None and sums_by(persons, values, size).dtype == object
    sums: Amounts = np.zeros(size, dtype=object if wide else np.int64)
    held = np.ones(len(persons), dtype=np.int64) if values is None else values
    held = held.astype(object) if wide else held
    for begun, ceased in going.moving():
        np.add.at(sums, persons[begun], held[begun])
        np.subtract.at(sums, persons[ceased], held[ceased])
        yield sums


def _compiled(ledger: Ledger, definition: HarmDefinition) -> Compiled:
    return compile_definition(
        definition, ledger.types.columns, notation=ledger.notation, absent=ledger.types.absent
    )


def history_of(ledger: Ledger, compiled: Compiled, days: Ints) -> Passage:
    """When each row is history."""
    window = compiled.definition.window
    return passage(ledger, compiled, days, after=None if window is None else -window, upto=0)


def sweep_scores(
    ledger: Ledger, compiled: Compiled, method: Method, going: Passage
) -> Iterator[Swept]:
    """Score everybody at each date of a passage."""
    days = going.origins
    persons = ledger.offender[going.rows]
    size = len(ledger.people)
    counts = running_sums(going, persons, None, size)
    summed = None
    values = values_of(ledger, compiled, going.rows)
    placed = ledger.day[going.rows].astype(np.int64)
    if isinstance(method, TotalHarm):
        summed = running_sums(going, persons, values, size)
    decay = None
    if isinstance(method, RecencyWeightedHarm):
        decay = method.decay(int(days[-1] - placed.min(initial=int(days[-1]))) + 1)
    for place, (day, offences) in enumerate(zip(days.tolist(), counts, strict=True)):
        people = np.flatnonzero(offences)
        amounts = offences
        if summed is not None:
            amounts = next(summed)
        elif decay is not None:
            held = going.at(place)
            amounts = sums_by(persons[held], values[held], size, times=decay[day - placed[held]])
        yield Swept(as_of=day, people=people, amounts=amounts[people], offences=offences[people])


def _swept_top(ledger: Ledger, compiled: Compiled, days: Ints, k: int) -> Iterator[Swept]:
    """Keep the people above a threshold under watch; look at everybody when they are too few."""
    going = history_of(ledger, compiled, days)
    persons = ledger.offender[going.rows]
    size = len(ledger.people)
    counts = running_sums(going, persons, None, size)
    summed = running_sums(going, persons, values_of(ledger, compiled, going.rows), size)
    watched, threshold = np.zeros(0, dtype=np.int64), -1
    known = np.zeros(size, dtype=bool)
    for (day, offences, amounts), (begun, _) in zip(
        zip(days.tolist(), counts, summed, strict=True), going.moving(), strict=True
    ):
        if threshold >= 0:
            entered = persons[begun]
            entered = entered[(amounts[entered] >= threshold) & ~known[entered]]
            watched = np.concatenate([watched, np.unique(entered)])
        held = amounts[watched]
        there = (held >= threshold) & (offences[watched] > 0)
        if threshold < 0 or int(there.sum()) < k:
            watched = np.flatnonzero(offences)
            held = amounts[watched]
            threshold = 0
            if len(watched) > _CANDIDATES * k:
                threshold = int(np.partition(held, len(held) - _CANDIDATES * k)[-_CANDIDATES * k])
            there = held >= threshold
            known[:] = False
        known[watched[~there]] = False
        watched, held = watched[there], held[there]
        known[watched] = True
        if len(watched) > k:
            cut = np.partition(held, len(held) - k)[-k]
            inside = held >= cut
        else:
            inside = np.ones(len(watched), dtype=bool)
        chosen = np.flatnonzero(inside)
        chosen = chosen[np.argsort(watched[chosen])]
        people = watched[chosen]
        yield Swept(as_of=day, people=people, amounts=held[chosen], offences=offences[people])
