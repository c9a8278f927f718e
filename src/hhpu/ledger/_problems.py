"""What was found in the rows of a ledger, by part and source row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from hhpu.indices.codes import CodeProblem, Notation, read_code, reference_codes
from hhpu.tables import Outcome, Problem, Problems, in_order

if TYPE_CHECKING:
    from hhpu.ledger._ledger import Ledger

__all__ = ["problems_of"]

Ints = npt.NDArray[np.int64]
_MASKED: Final = {"below-criminal-age": Outcome.MASKED, "duplicate-link": Outcome.MASKED}


def problems_of(ledger: Ledger, across: Mapping[str, Ints]) -> Problems:
    """Put together what the checks of the parts and of rows together found, by source row."""
    found = [problem for part in ledger.parts for problem in part.problems.found]
    starts = np.cumsum([0, *(part.size for part in ledger.parts)])
    located = {**across, **_code_faults(ledger)}
    columns = dict.fromkeys(located, "code") | {
        "duplicate-link": "offence_id", "suspect-victim-join": "offence_id",
        "below-criminal-age": "committed_on", "contradicting-date": ledger.date,
        "suspect-and-victim": "role", "victim-elsewhere": "role",
    }  # fmt: skip
    for reason, rows in located.items():
        for number, part in enumerate(ledger.parts):
            mine = rows[(rows >= starts[number]) & (rows < starts[number + 1])]
            if len(mine):
                found.append(
                    Problem(
                        reason=reason,
                        column=columns[reason],
                        rows=np.unique(part.rows[mine - starts[number]]),
                        outcome=_MASKED.get(reason, Outcome.KEPT),
                        source=number,
                    )
                )
    return Problems(
        found=in_order(found), rows_in=ledger.rows_in, rows_excluded=ledger.rows_rejected
    )


def _code_faults(ledger: Ledger) -> dict[str, Ints]:
    found: dict[str, list[int]] = {}
    if ledger.notation is not None and ledger.notation not in list(Notation):
        return {}
    for kind, code in enumerate(ledger.types.columns["code"]):
        reading = read_code(code, notation=ledger.notation)
        problem = reading.problem
        reference = reference_codes().get(reading.code or "")
        if reference is not None and reference.generic:
            problem = CodeProblem.GENERIC
        if problem not in (None, CodeProblem.NO_CODE):
            found.setdefault(str(problem), []).append(kind)
    located = {}
    for reason, kinds in found.items():
        wanted = np.zeros(len(ledger.types), dtype=bool)
        wanted[kinds] = True
        located[reason] = np.flatnonzero(wanted[ledger.kind])
    return located
