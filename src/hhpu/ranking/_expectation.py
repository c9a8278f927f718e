"""Everybody ranked by the harm to be expected of them, each value taken apart."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.domain import Identity
from hhpu.errors import expect
from hhpu.indices import HarmDefinition, HarmIndex
from hhpu.ledger import Ledger
from hhpu.provenance import Provenance
from hhpu.ranking._expected import ExpectedHarm, Parts
from hhpu.ranking._history import history_from
from hhpu.ranking._methods import TotalHarm
from hhpu.ranking._order import falling, ranks_in
from hhpu.ranking._score import score
from hhpu.ranking._scores import Scores
from hhpu.tables import Checked, Tabular

__all__ = ["Expectation", "expected_harm"]

Ints = npt.NDArray[np.int64]
_NOT_A_SUM: Final = (
    "Expected harm is no sum over offences: one more offence moves the frequency and the severity, "
    "and other people's offences move the population's severity."
)


@attrs.frozen(eq=False, repr=False)
class Expectation:
    """People ranked by expected harm at a date: a proposal for review, not a decision.

    Parameters
    ----------
    scores : Scores
        The plain sum of harm of the same people, from the same offences.
    method : ExpectedHarm
        How.
    parts : Parts
        What each value is made of, in the order of ``scores.people``.

    Notes
    -----
    The rank of a person is 1 + the number of people with a higher value. Values are comparable with
    each other; a common factor for a period is left out (see `ExpectedHarm`).
    """

    scores: Scores
    method: ExpectedHarm
    parts: Parts

    def __len__(self) -> int:
        return len(self.scores)

    def __repr__(self) -> str:
        return f"Expectation({len(self)} people as of {self.scores.date})"

    @cached_property
    def ranks(self) -> Ints:
        """The rank of each of ``scores.people``."""
        order = np.argsort(-self.parts.expected, kind="stable")
        ranks = ranks_in(order, self.parts.expected)
        ranks.flags.writeable = False
        return ranks

    @property
    def provenance(self) -> Provenance:
        """What it was made from, and what could not be guaranteed."""
        held = self.scores.provenance
        facts = {**held.facts, "method": self.method.to_dict()}
        return Provenance(facts=facts, caveats=(*held.caveats, _NOT_A_SUM))

    def to_frame(self) -> pd.DataFrame:
        """Lay the ranking out, highest first, ids ascending inside a tie.

        Returns
        -------
        pandas.DataFrame
            ``offender_id, rank, expected, offences, decayed, severity, own_severity, share_own,
            population_severity, total_harm_rank``: expected = decayed x severity, and severity =
            share_own x own_severity + (1 - share_own) x population_severity.
        """
        scores, parts = self.scores, self.parts
        by_id = np.argsort(scores.ledger.people_rank[scores.people], kind="stable")
        order = by_id[np.argsort(self.ranks[by_id], kind="stable")]
        sums = ranks_in(falling(scores.amounts), scores.amounts)
        table = {
            "offender_id": scores.ledger.people.take(scores.people[order]).tolist(),
            "rank": self.ranks[order],
            "expected": parts.expected[order],
            "offences": parts.offences[order],
            "decayed": parts.decayed[order],
            "severity": parts.severity[order],
            "own_severity": parts.own_severity[order],
            "share_own": parts.share_own[order],
            "population_severity": np.full(len(order), parts.population_severity),
            "total_harm_rank": sums[order],
        }
        return pd.DataFrame(table).astype({"offender_id": "str"})

    def to_dict(self) -> dict[str, Any]:
        """Give provenance and counts; nobody's value."""
        return {
            "provenance": self.provenance.to_dict(),
            "people": len(self),
            "offences": int(self.parts.offences.sum()),
            "population_severity": self.parts.population_severity,
            "unit": self.scores.index.unit,
        }

    def _repr_html_(self) -> str:
        facts = (
            f"{len(self)} people ranked by expected harm as of {self.scores.date}, in "
            f"{self.scores.index.unit}; half-life {self.method.half_life} days, prior "
            f"{self.method.prior} offences"
        )
        return f"<p>{facts}</p>"


def expected_harm(
    ledger: Ledger,
    *,
    as_of: dt.date | str,
    method: ExpectedHarm,
    index: HarmIndex | None = None,
    definition: HarmDefinition | None = None,
    window: int | None = None,
    identities: Tabular[Identity] | Checked | None = None,
) -> Expectation:
    """Rank everybody by the harm to be expected of them, from what was known at a date.

    Parameters
    ----------
    ledger, as_of, index, definition, window, identities
        As in `score`.
    method : ExpectedHarm
        With parameters that `hhpu.validation.tuned` found, or that a force declares.

    Returns
    -------
    Expectation
        With every value taken apart.

    Raises
    ------
    ArgumentError
        For an argument that cannot be used.

    Examples
    --------
    >>> from hhpu import encode, load_registry
    >>> ledger = encode(pd.DataFrame({"offender_id": ["1", "1", "2"], "code": ["8N", "8N", "19C"],
    ...                               "committed_on": ["2025-01-04", "2025-02-01", "2024-12-01"]}))
    >>> found = expected_harm(ledger, as_of="2025-12-31", method=ExpectedHarm(365, 20),
    ...                       index=load_registry(plugins="none").index("ons-css"))
    >>> found.to_frame()[["offender_id", "rank", "offences", "total_harm_rank"]]
      offender_id  rank  offences  total_harm_rank
    0           1     1         2                2
    1           2     2         1                1
    """
    advice = "ExpectedHarm(half_life=, prior=); hhpu.validation.tuned finds its parameters"
    expect(method, ExpectedHarm, "method=", advice)
    expect(ledger, Ledger, "expected_harm()", "encode() makes one from a table")
    scores = score(
        ledger, as_of=as_of, index=index, definition=definition, window=window,
        method=TotalHarm(), identities=identities,
    )  # fmt: skip
    history = history_from(scores.ledger, scores.compiled, scores.as_of, scores.rows)
    return Expectation(scores=scores, method=method, parts=method.parts(history))
