"""Clusters of people who are not independent: co-accused, a household, an incident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from hhpu.errors import ArgumentError, expect
from hhpu.ledger import Ledger, match_people
from hhpu.tables import OFFENCES, Checked, check

__all__ = ["clusters_of", "co_accused"]

Ints = npt.NDArray[np.int64]
_CONTRACT: Final = attrs.evolve(
    OFFENCES,
    name="clusters",
    columns=tuple(c for c in OFFENCES.columns if c.name in ("offender_id", "offence_id")),
)


def co_accused(ledger: Ledger) -> Ints:
    """Number the clusters of people who are linked to one offence, directly or through others.

    Parameters
    ----------
    ledger : Ledger
        With offence ids.

    Returns
    -------
    numpy.ndarray of int64
        The cluster of each of the ledger's people; who shares no offence is a cluster alone.

    Raises
    ------
    ArgumentError
        If there are no offence ids.

    Examples
    --------
    >>> import pandas as pd
    >>> from hhpu import encode
    >>> table = pd.DataFrame({"offender_id": ["1", "2", "3"], "offence_id": ["a", "a", "b"],
    ...                       "code": "8N", "committed_on": "2025-01-04"})
    >>> co_accused(encode(table)).tolist()
    [0, 0, 1]
    """
    expect(ledger, Ledger, "co_accused()", "encode() makes one from a table")
    named = ledger.key != 0
    if not named.any():
        message = "no offence ids: who is linked to one offence is not known"
        raise ArgumentError(message)
    return _components(ledger.offender[named], ledger.key[named], len(ledger.people))


def clusters_of(
    ledger: Ledger,
    data: Any,
    *,
    by: str,
    columns: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
) -> Ints:
    """Number the clusters of people who share a value of a column, directly or through others.

    Parameters
    ----------
    ledger : Ledger
        The people.
    data : dataframe or path
        ``offender_id`` and the column: an offence table with an incident, or a table of people with
        a household. An empty cell links nobody.
    by : str
        The column, under the name that it has in the data.
    columns : mapping, optional
        For ``offender_id``, the name that it has in the data.
    encoding : str
        Of a CSV file.

    Returns
    -------
    numpy.ndarray of int64
        The cluster of each of the ledger's people; people not in the data are clusters alone.

    Raises
    ------
    InputRefused
        If the column is not there or cannot be read.
    """
    expect(ledger, Ledger, "clusters_of()", "encode() makes one from a table")
    named = {k: v for k, v in (columns or {}).items() if k == "offender_id"}
    table: Checked = check(
        data, contract=_CONTRACT, columns={**named, "offence_id": by}, encoding=encoding
    )
    who, shared = table.coded("offender_id"), table.identifiers("offence_id")
    if who is None or shared is None:
        message = f"the data have no column {by!r} that can be read"
        raise ArgumentError(message)
    person = match_people(who.values, ledger.people)[who.codes].astype(np.int64)
    if ledger.persons is not None:
        person = np.where(person >= 0, ledger.persons[person], person)
    kept = (person >= 0) & (shared.keys != 0)
    return _components(person[kept], shared.keys[kept], len(ledger.people))


def _components(person: npt.NDArray[Any], key: npt.NDArray[np.uint64], people: int) -> Ints:
    """People and keys as a graph of two kinds of nodes: its connected parts."""
    _, node = np.unique(key, return_inverse=True)
    size = people + int(node.max(initial=-1)) + 1
    links = coo_array((np.ones(len(person), dtype=np.int8), (person, node + people)), (size, size))
    _, part = connected_components(links, directed=False)
    _, clusters = np.unique(part[:people], return_inverse=True)
    return clusters.astype(np.int64)
