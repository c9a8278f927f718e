"""Score everybody at a date."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.blocks import at_once
from hhpu.domain import Identity
from hhpu.errors import ArgumentError, UnmappedOffences, expect
from hhpu.indices import Compiled, HarmDefinition, HarmIndex, all_offences, compile_definition
from hhpu.ledger import Ledger
from hhpu.ranking._exact import Amounts, sums_by
from hhpu.ranking._fates import counted_rows
from hhpu.ranking._methods import Method, OffenceCount, RecencyWeightedHarm, TotalHarm
from hhpu.ranking._scores import Scores
from hhpu.tables import Checked, Tabular, read_day

__all__ = ["check_method", "definition_of", "score"]

Ints = npt.NDArray[np.int64]


def score(
    ledger: Ledger,
    *,
    as_of: dt.date | str,
    index: HarmIndex | None = None,
    definition: HarmDefinition | None = None,
    window: int | None = None,
    method: Method | None = None,
    unmapped: Literal["error", "report"] = "report",
    identities: Tabular[Identity] | Checked | None = None,
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
    identities : dataframe, path, iterable of Identity, or Checked, optional
        Which records are one person; see `Ledger.as_persons`.

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
    expect(ledger, Ledger, "score()", "encode() makes one from a table")
    t = read_day(as_of, "as_of")
    if unmapped not in ("error", "report"):
        message = f"unmapped={unmapped!r}: error or report"
        raise ArgumentError(message)
    if identities is not None:
        ledger = ledger.as_persons(identities, as_of=as_of)
    chosen = definition_of(index, definition, window)
    how = TotalHarm() if method is None else method
    check_method(how)
    compiled = compile_definition(
        chosen, ledger.types.columns, notation=ledger.notation, absent=ledger.types.absent
    )
    rows = counted_rows(ledger, compiled, t)
    scores = _summed(ledger, compiled, how, t, rows)
    if unmapped == "error":
        refuse_unmapped(scores, accept="unmapped='report'")
    return scores


def check_method(method: object) -> None:
    """Refuse what is no method."""
    if not isinstance(method, TotalHarm | OffenceCount | RecencyWeightedHarm):
        message = (
            f"method={method!r}: TotalHarm(), OffenceCount() or RecencyWeightedHarm(half_life=)"
        )
        raise ArgumentError(message)


def definition_of(
    index: HarmIndex | None, definition: HarmDefinition | None, window: int | None
) -> HarmDefinition:
    """The definition that an index, a definition and a window make together."""
    if index is not None:
        expect(index, HarmIndex, "index=", "load_registry().index(name) finds one by name")
    if definition is not None:
        advice = "load_registry().definition(name) finds one by name"
        expect(definition, HarmDefinition, "definition=", advice)
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


def _summed(ledger: Ledger, compiled: Compiled, method: Method, t: int, rows: Ints) -> Scores:
    size = len(ledger.people)
    persons = ledger.offender.take(rows)
    partial = Scores(
        ledger=ledger, compiled=compiled, method=method, as_of=t, rows=rows,
        people=rows[:0], amounts=rows[:0], offences=rows[:0],
    )  # fmt: skip

    def count() -> Amounts:
        return np.bincount(persons, minlength=size)

    def weigh() -> Amounts:
        table = (compiled.weight[:, None] * partial.percent[None, :]).ravel()
        place = ledger.kind.take(rows) * np.int32(len(partial.percent)) + ledger.status.take(rows)
        decay = partial.decay_of(rows) if isinstance(method, RecencyWeightedHarm) else None
        return sums_by(persons, table.take(place), size, times=decay)

    sums = [count] if isinstance(method, OffenceCount) else [count, weigh]
    offences, *weighed = at_once(lambda summing: summing(), sums)
    people = np.flatnonzero(offences)
    amounts = weighed[0] if weighed else offences
    return attrs.evolve(partial, people=people, amounts=amounts[people], offences=offences[people])


def refuse_unmapped(scores: Scores, *, accept: str) -> None:
    """Refuse offences in the window without a weight, if there are any.

    Parameters
    ----------
    scores : Scores
        As scored.
    accept : str
        What accepts them, as it is written where the reader stands.

    Raises
    ------
    UnmappedOffences
        With their codes.
    """
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
        f"{offences} offences in the window cannot be scored under {scores.index.label}: "
        f"{listed}{more}. Add the codes to the index, correct them, or accept the gap with {accept}"
    )
    raise UnmappedOffences(message, offences=offences, codes=tuple(table["code"]))
