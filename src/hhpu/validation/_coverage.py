"""What a backtest refuses: a past that the data do not know, and a future they do not reach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hhpu.errors import ArgumentError, InputRefused
from hhpu.indices import Compiled
from hhpu.ledger import UNREADABLE_STATUS, Ledger
from hhpu.ranking import status_percentages
from hhpu.tables import FOREVER, NO_DAY, day_number, day_to_date, read_day

__all__ = ["Gap", "known_since", "known_until", "refuse_leaks", "refuse_uncovered", "truncated"]

Ints = npt.NDArray[np.int64]
Gap = tuple[dt.date | str, dt.date | str]


def known_until(ledger: Ledger) -> int:
    """The last day on which anything became known: beyond it the data say nothing.

    The day of the last extract, where the source overwrites; else the latest day on which a row or
    version became known or ceased to be, or, where no row says so, the latest placing day.
    """
    if ledger.extracts:
        return int(day_number(ledger.extracts[-1].day))
    known = ledger.known_from[ledger.known_from != NO_DAY]
    ended = ledger.known_to[ledger.known_to != FOREVER]
    days = known if len(known) else ledger.day
    return max(int(days.max(initial=NO_DAY)), int(ended.max(initial=NO_DAY)))


def known_since(ledger: Ledger) -> int:
    """The first day on which a row was known, or, where no row says so, the first placing day."""
    known = ledger.known_from[ledger.known_from != NO_DAY]
    days = known if len(known) else ledger.day
    return int(days.min(initial=FOREVER))


def refuse_leaks(ledger: Ledger, compiled: Compiled, *, as_known: str) -> None:
    """Refuse data that cannot say what was known at a past origin.

    Raises
    ------
    InputRefused
        If rows say not when they were known, or a status that decides whether or how far an offence
        counts says not since when.
    ArgumentError
        If ``as_known`` is neither ``required`` nor ``assumed``.
    """
    if as_known not in ("required", "assumed"):
        message = f"as_known={as_known!r}: required or assumed"
        raise ArgumentError(message)
    faults = []
    timeless = int((ledger.known_from == NO_DAY).sum())
    if timeless and as_known == "required":
        faults.append(
            f"{timeless} of {len(ledger)} rows say not when they were known (known_from, "
            "recorded_on): at a past origin they may be the future. Supply one of the two, or "
            "accept it with as_known='assumed' (--as-known assumed)"
        )
    undated = ledger.count_of("status-without-date")
    if undated and not ledger.extracts:
        present = np.unique(ledger.status)
        present = present[present != UNREADABLE_STATUS]
        if len(np.unique(status_percentages(compiled.definition)[present])) > 1:
            faults.append(
                f"column status has no date from which it was known (status_from) in {undated} "
                "rows, and the definition weighs statuses differently: at a past origin it would "
                "be the status of today. Supply status_from (where the source keeps versions, the "
                "known_from of each), or leave the column out"
            )
    if faults:
        raise InputRefused("\n".join(faults))


def refuse_uncovered(
    origins: Ints, *, reach: int, until: int, gaps: Sequence[Gap], first: int
) -> None:
    """Refuse origins whose follow-up, or who themselves, the data do not cover.

    Parameters
    ----------
    origins : numpy.ndarray of int64
        Day numbers.
    reach : int
        Days from an origin to the end of its follow-up and the delay of recording.
    until, first : int
        The last and the first day that the data cover.
    gaps : sequence of pairs of dates
        First and last day of each stretch in which recording failed.

    Raises
    ------
    ArgumentError
        With every origin that is not covered.
    """
    faults = []
    end = day_to_date(until)
    late = origins[origins + reach > until]
    if len(late):
        last = day_to_date(until - reach)
        faults.append(
            f"{len(late)} origins, the last of them {day_to_date(int(late[-1]))}: follow-up and "
            f"delay ({reach} days) end after the data do ({end}); the last origin that they cover "
            f"is {last}"
        )
    early = origins[origins < first]
    if len(early):
        faults.append(
            f"{len(early)} origins, the first of them {day_to_date(int(early[0]))}, lie before the "
            f"first offence ({day_to_date(first)})"
        )
    for start, stop in gaps:
        begin, ending = read_day(start, "gaps"), read_day(stop, "gaps")
        if ending < begin:
            message = f"gaps=: {stop} is before {start}"
            raise ArgumentError(message)
        inside = origins[(origins >= begin) & (origins <= ending)]
        over = origins[(origins < begin) & (origins + reach >= begin)]
        if len(inside):
            faults.append(
                f"{len(inside)} origins, such as {day_to_date(int(inside[0]))}, lie in the gap "
                f"from {start} to {stop}: nothing was recorded that could be known"
            )
        if len(over):
            faults.append(
                f"the follow-up of {len(over)} origins, such as {day_to_date(int(over[0]))}, runs "
                f"into the gap from {start} to {stop}"
            )
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        message = f"the data do not cover this test:\n{listed}"
        raise ArgumentError(message)


def truncated(ledger: Ledger, origins: Ints, window: int | None) -> list[str]:
    """Sentences about histories that begin before the data do."""
    if window is None or not len(ledger):
        return []
    first = known_since(ledger)
    short = origins[origins - window + 1 < first]
    if not len(short):
        return []
    told = (
        f"{len(short)} of {len(origins)} origins have a history of {window} days that begins "
        f"before the first row was known ({day_to_date(first)}): their people have shorter "
        "histories."
    )
    return [told]
