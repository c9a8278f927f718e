"""What scores were made from, and what they could not guarantee."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

from hhpu.indices import Compiled, HarmDefinition
from hhpu.ledger import Ledger
from hhpu.ranking._methods import Method
from hhpu.tables import NO_DAY

__all__ = ["caveats_of", "facts_of"]


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
    found = ["A score is a proposal for review by a named person, not a decision."]
    if definition.derived_from:
        found.append(f"Derived definition: {definition.derived_from}.")
    if index.approximate:
        found.append(
            f"{index.name} is an approximate stand-in: read each score with its low and "
            "high total and each rank with its range."
        )
    found += _caveats_of_input(ledger)
    if definition.window is None:
        found.append("No window: all history counts.")
    found += compiled.caveats
    unscored = coverage["offences"] + coverage["interval_only_offences"]
    if unscored:
        found.append(
            f"{unscored} offences in the window ({coverage['share_of_offences']:.1%}) have no "
            f"weight and are not scored; they concern {coverage['people']} people, of whom "
            f"{coverage['people_with_nothing_scored']} have nothing scored."
        )
    if len(ledger) and int(ledger.day.min()) > as_of:
        found.append("The date lies before the first offence: nobody is ranked.")
    marked = np.array([*(weight.expired for weight in index.weights), False])
    expired = int(marked[compiled.row[ledger.kind[rows]]].sum()) if marked.any() else 0
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
