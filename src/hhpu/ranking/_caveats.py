"""What scores were made from, and what they could not guarantee."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from hhpu.indices import Compiled, HarmDefinition
from hhpu.ledger import Ledger
from hhpu.ranking._methods import Method
from hhpu.tables import DAMAGED_ID, NO_DAY, REASONS, day_number

__all__ = ["alarms_of", "caveats_of", "facts_of"]

_LARGE: Final = 0.05


def facts_of(
    ledger: Ledger, definition: HarmDefinition, method: Method, *, date: dt.date, unit: str
) -> dict[str, Any]:
    """What scores were made from, in printing order."""
    return {
        "hhpu": version("hhpu"),
        "as_of": date,
        "placing_date": ledger.date,
        "window": definition.window,
        "method": method.to_dict(),
        "unit": unit,
        "index": definition.bound_index.to_dict(),
        "definition": definition.to_dict(),
        "notation": ledger.notation,
        "criminal_age": ledger.criminal_age,
        "ledger": ledger.digest,
    }


def alarms_of(ledger: Ledger, coverage: Mapping[str, Any]) -> tuple[str, ...]:
    """What makes the whole result doubtful, one sentence each: damage, a large share unread."""
    found = []
    unscored, share = coverage["unscored_offences"], coverage["share_of_offences"]
    damaged = coverage["damaged_code_offences"]
    one = share / unscored if unscored else 0.0
    if damaged:
        found.append(
            f"{damaged} offences in the window ({damaged * one:.1%}) have a code that a "
            "spreadsheet turned into a date or number, and are not scored: export again with the "
            "code column as text."
        )
    rounded = ledger.count_of(DAMAGED_ID)
    if rounded:
        reason = REASONS[DAMAGED_ID]
        found.append(f"{reason.meaning}: {rounded} rows. {reason.remedy}.")
    unread = damaged + sum(
        coverage[f"unreadable_{what}_offences"] for what in ("code", "status", "role", "flag")
    )
    if unread > damaged and unread * one >= _LARGE:
        found.append(
            f"{unread} offences in the window ({unread * one:.1%}) have a code, status, role, flag "
            "or victim's age that cannot be read, and are not scored: the ranking is of what is "
            "left."
        )
    taken = ledger.extracts[-1] if ledger.extracts else ledger
    if taken.rows_rejected and taken.rows_rejected >= _LARGE * taken.rows_in:
        found.append(
            f"{taken.rows_rejected} of {taken.rows_in} rows "
            f"({taken.rows_rejected / taken.rows_in:.1%}) could not be used: the ranking is of "
            "what is left."
        )
    return tuple(found)


def caveats_of(
    ledger: Ledger,
    compiled: Compiled,
    *,
    as_of: int,
    rows: npt.NDArray[np.int64],
    coverage: Mapping[str, Any],
) -> tuple[str, ...]:
    """What scores could not guarantee, one sentence each."""
    definition = compiled.definition
    index = definition.bound_index
    found = [
        *alarms_of(ledger, coverage),
        "A score is a proposal for review by a named person, not a decision.",
    ]
    if definition.derived_from:
        found.append(f"Derived definition: {definition.derived_from}.")
    if index.approximate:
        found.append(
            f"{index.name} is an approximate stand-in: read each score with its low and "
            "high total and each rank with its range."
        )
    found += _caveats_of_history(ledger, as_of)
    if ledger.persons is not None:
        joined = int((ledger.persons != np.arange(len(ledger.persons))).sum())
        found.append(
            f"{joined} records are held to be one person with another, by the identities known at "
            "the date."
        )
    found += _caveats_of_input(ledger, rows)
    if definition.window is None:
        found.append("No window: all history counts.")
    found += compiled.caveats
    if coverage["unscored_offences"]:
        found.append(
            f"{coverage['unscored_offences']} offences in the window "
            f"({coverage['share_of_offences']:.1%}) have no weight and are not scored; they "
            f"concern {coverage['people']} people, of whom "
            f"{coverage['people_with_nothing_scored']} have nothing scored."
        )
    for what in ("status", "role"):
        count = coverage[f"unreadable_{what}_offences"]
        if count:
            found.append(
                f"{count} of them have a {what} that could not be read: what to do stands beside "
                f"the reason unreadable-{what}."
            )
    flags = coverage["unreadable_flag_offences"]
    if flags:
        found.append(
            f"{flags} of them have a flag or victim's age that the definition looks at and that "
            "could not be read: what to do stands beside the reasons unreadable-flag and "
            "unreadable-age."
        )
    future = int(((ledger.day > as_of) & (ledger.known_from <= as_of)).sum())
    stated = future - int(((ledger.day > as_of) & (ledger.known_from == NO_DAY)).sum())
    if stated:
        found.append(f"{stated} rows are dated after the day on which they were known.")
    if len(ledger) and int(ledger.day.min()) > as_of:
        found.append("The date lies before the first offence: nobody is ranked.")
    marked = np.array([*(weight.expired for weight in index.weights), False])
    expired = int(marked[compiled.row[ledger.kind[rows]]].sum()) if marked.any() else 0
    if expired:
        found.append(f"{expired} offences are scored under codes that the index marks as expired.")
    return tuple(found)


def _caveats_of_history(ledger: Ledger, as_of: int) -> list[str]:
    if ledger.extracts:
        first, last = ledger.extracts[0].day, ledger.extracts[-1].day
    elif ledger.seen is not None:
        first, last = ledger.seen
    else:
        return []
    before = (
        f"What was known before the first extract ({first}) is inferred: a row is taken to have "
        "been known from the day it was recorded, in the form and status of that extract."
    )
    found = [before]
    if as_of > day_number(last):
        found.append(f"The last extract is of {last}: what became known after it is not here.")
    return found


def _caveats_of_input(ledger: Ledger, rows: npt.NDArray[np.int64]) -> list[str]:
    found = []
    always = int((ledger.known_from == NO_DAY).sum())
    if always == len(ledger):
        found.append(
            "Not as known at the date: the input says neither when a row was recorded nor when it "
            "was known."
        )
    elif always:
        found.append(f"{always} rows say not when they were known and count as always known.")
    if "role" in ledger.types.absent:
        found.append("No role: every person is taken to be a suspect, none a victim or witness.")
    unstated = int((ledger.status[rows] == 0).sum())
    if not ledger.status.any():
        found.append(
            "No evidential status: allegations, convictions and acquittals cannot be told apart, "
            "and every link counts in full."
        )
    elif unstated:
        found.append(f"{unstated} counted offences have no evidential status known at the date.")
    undated = ledger.count_of("status-without-date")
    if undated:
        found.append(
            f"{undated} statuses have no date: they are those of the extract, not those known at "
            "the date."
        )
    unaged = ledger.count_of("age-unchecked")
    if ledger.born is None:
        found.append(
            "No dates of birth: offences under the age of criminal responsibility, and people "
            "under 18, are not found."
        )
    elif len(ledger.born) and (ledger.born == NO_DAY).all():
        found.append(
            "The table of people has a readable date of birth for nobody in the offences: are "
            "dates written in the declared order, and ids alike, with their leading zeros?"
        )
    elif unaged:
        found.append(
            f"{unaged} rows have no date of birth or day of commission: whether they were "
            "committed under the age of criminal responsibility was not checked."
        )
    if not ledger.key.any():
        found.append("No offence id: duplicates cannot be found.")
    return found
