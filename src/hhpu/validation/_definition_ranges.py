"""How far each rank is decided by the definition of harm: the range over declared ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
import pandas as pd

from hhpu.errors import ArgumentError, expect
from hhpu.indices import HarmDefinition
from hhpu.ledger import Ledger
from hhpu.provenance import Provenance
from hhpu.ranking import Method, rank, seats_of
from hhpu.validation._overlap import kendall_tau_b, listed, top_overlap

__all__ = ["DefinitionRanges", "definition_ranges"]


@attrs.frozen(eq=False, repr=False)
class DefinitionRanges:
    """The ranks that different definitions give to the same people.

    Parameters
    ----------
    names : tuple of str
        The definitions, in the order given; the first is the one that others are compared with.
    k : int, float or str
        The bracket.
    table : pandas.DataFrame
        ``person, rank, low, high, ranked_under, top_k_under``: everybody ranked under any of them,
        by the place in the ledger's people; the rank under the first definition (missing where not
        ranked), the highest and lowest place under any, and under how many the person is ranked and
        in the bracket with its whole tie block.
    ranks : pandas.DataFrame
        ``person, definition, rank``: a line where a person is ranked.
    compared : pandas.DataFrame
        ``definition, window, index, people, retention_low, retention_high, tau_b``: each definition
        against the first.
    ledger : Ledger
        What was ranked.
    provenance : Provenance
        Of the first ranking, with the digests of all definitions.
    """

    names: tuple[str, ...]
    k: int | float | str
    table: pd.DataFrame
    ranks: pd.DataFrame
    compared: pd.DataFrame
    ledger: Ledger
    provenance: Provenance

    def __repr__(self) -> str:
        return f"DefinitionRanges({len(self.table)} people, {len(self.names)} definitions)"

    def to_frame(self) -> pd.DataFrame:
        """List them with their ids, for the unit's own use: ``offender_id`` and the table."""
        table = self.table.copy()
        people = self.table["person"].to_numpy()
        table.insert(0, "offender_id", self.ledger.people.take(people).tolist())
        return table

    def to_dict(self) -> dict[str, Any]:
        """Give how far the definitions agree; nobody's rank."""
        tops = self.table["top_k_under"]
        return {
            "provenance": self.provenance.to_dict(),
            "definitions": list(self.names),
            "k": self.k,
            "people": len(self.table),
            "in_bracket_under_every_definition": int((tops == len(self.names)).sum()),
            "in_bracket_under_any_definition": int((tops > 0).sum()),
            "compared": [
                {str(name): None if cell != cell else cell for name, cell in line.items()}
                for line in self.compared.astype({"window": "object"})
                .where(self.compared.notna(), None)
                .to_dict("records")
            ],
        }

    def _repr_html_(self) -> str:
        html: str = self.compared.to_html(index=False)
        return html


def definition_ranges(
    ledger: Ledger,
    definitions: Mapping[str, HarmDefinition],
    *,
    as_of: dt.date | str,
    k: int | float | str,
    method: Method | None = None,
) -> DefinitionRanges:
    """Say how far each rank is decided by the definition of harm.

    No definition is truer than another by being in this list, and the range is not an interval: it
    says what the ranking would be had the force chosen otherwise.

    Parameters
    ----------
    ledger : Ledger
        The offences.
    definitions : mapping of str to HarmDefinition
        At least two, bound to their indices, such as `HarmDefinition.derive` makes with another
        index, window or status policy; the first is compared with.
    as_of : datetime.date or str
        The date.
    k : int, float or str
        The bracket.
    method : TotalHarm, OffenceCount or RecencyWeightedHarm, optional
        As in `hhpu.ranking.score`.

    Returns
    -------
    DefinitionRanges
        Range and bracket of everybody who is ranked under any of them.

    Raises
    ------
    ArgumentError
        If there are fewer than two definitions, or an argument cannot be used.

    Examples
    --------
    >>> from hhpu import encode, load_registry
    >>> from hhpu.indices import all_offences
    >>> table = pd.DataFrame({"offender_id": ["a", "b", "b"], "code": ["19C", "8N", "8N"],
    ...                       "committed_on": ["2020-01-04", "2025-01-04", "2025-01-05"]})
    >>> always = all_offences(load_registry().index("ons-css"))
    >>> found = definition_ranges(encode(table), {"all history": always,
    ...                           "a year": always.derive(window=365)}, as_of="2025-12-31", k=1)
    >>> found.table[["person", "rank", "low", "high", "ranked_under", "top_k_under"]]
       person  rank  low  high  ranked_under  top_k_under
    0       0     1    1     1             1            1
    1       1     2    1     2             2            1
    """
    expect(ledger, Ledger, "definition_ranges()", "encode() makes one from a table")
    expect(definitions, Mapping, "definitions=", "a mapping of names to definitions")
    if len(definitions) < 2:
        message = "definitions= takes at least two definitions by name: one alone has no range"
        raise ArgumentError(message)
    names = tuple(definitions)
    size = len(ledger.people)
    every = np.zeros((len(names), size), dtype=np.int64)
    inside = np.zeros(size, dtype=np.int64)
    compared, lists, first = [], [], None
    for number, (name, definition) in enumerate(definitions.items()):
        ranking = rank(ledger, as_of=as_of, definition=definition, method=method)
        first = ranking if first is None else first
        scores = ranking.scores
        every[number, scores.people] = ranking.ranks
        inside[scores.people] += ranking.ranks <= seats_of(k, max(len(scores), 1))
        lists.append(listed(scores.people, scores.amounts))
        top, tau = top_overlap(lists[0], lists[-1], k=k), kendall_tau_b(lists[0], lists[-1])
        compared.append(
            (
                name, scores.definition.window, scores.index.label, len(scores),
                top.retention_low, top.retention_high, tau.value,
            )
        )  # fmt: skip
    people = np.flatnonzero(every.any(axis=0))
    mine = every[:, people]
    lowest = np.where(mine > 0, mine, np.iinfo(np.int64).max).min(axis=0)
    at, which = np.nonzero(mine.T > 0)
    assert first is not None  # noqa: S101
    base = first.provenance
    digests = {
        name: {"digest": each.digest, "index": each.bound_index.label, "window": each.window}
        for name, each in definitions.items()
    }
    table = pd.DataFrame(
        {
            "person": people,
            "rank": pd.array(mine[0], dtype="Int64"),
            "low": lowest,
            "high": mine.max(axis=0),
            "ranked_under": (mine > 0).sum(axis=0),
            "top_k_under": inside[people],
        }
    )
    table.loc[mine[0] == 0, "rank"] = pd.NA
    return DefinitionRanges(
        names=names,
        k=k,
        table=table,
        ranks=pd.DataFrame(
            {
                "person": people[at],
                "definition": np.array(names, dtype=object)[which],
                "rank": mine.T[mine.T > 0],
            }
        ).astype({"definition": "str"}),
        compared=pd.DataFrame(
            compared,
            columns=[
                "definition", "window", "index", "people", "retention_low", "retention_high",
                "tau_b",
            ],
        ).astype({"definition": "str", "window": "Int64", "index": "str"}),
        ledger=ledger,
        provenance=attrs.evolve(base, facts={**base.facts, "definitions": digests, "k": k}),
    )  # fmt: skip
