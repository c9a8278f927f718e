"""Types: the distinct combinations of the classifying columns, as written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.provenance import FrozenMapping
from hhpu.tables import Coded, densified

__all__ = ["Types", "combine"]

Ints = npt.NDArray[np.int64]
_DENSE = 1 << 22


def _frozen(
    value: Mapping[str, tuple[str | None, ...]],
) -> Mapping[str, tuple[str | None, ...]]:
    return FrozenMapping(value)


@attrs.frozen(eq=False)
class Types:
    """A table of types.

    Parameters
    ----------
    columns : mapping of str to tuple
        The classifying columns, one cell for each type; None for an empty cell.
    """

    columns: Mapping[str, tuple[str | None, ...]] = attrs.field(converter=_frozen)

    def __len__(self) -> int:
        return len(self.columns["code"])

    @cached_property
    def absent(self) -> frozenset[str]:
        """Columns in which no type has a value: the input did not have them, or they are empty."""
        return frozenset(
            name for name, cells in self.columns.items() if all(cell is None for cell in cells)
        )

    @cached_property
    def rows(self) -> tuple[tuple[str | None, ...], ...]:
        """One tuple for each type, in the order of the columns' names."""
        names = sorted(self.columns)
        return tuple(zip(*(self.columns[name] for name in names), strict=True))

    @cached_property
    def rank(self) -> npt.NDArray[np.int32]:
        """The place of each type in the order of its texts: the same for any chunking."""
        order = sorted(
            range(len(self)), key=lambda k: [(c is not None, c or "") for c in self.rows[k]]
        )
        rank = np.empty(len(self), dtype=np.int32)
        rank[order] = np.arange(len(self), dtype=np.int32)
        return rank


def combine(columns: Mapping[str, Coded | None], size: int) -> tuple[npt.NDArray[np.int32], Types]:
    """Number the distinct combinations of classifying columns.

    Parameters
    ----------
    columns : mapping of str to Coded or None
        By name; None where the input has no such column.
    size : int
        How many rows there are.

    Returns
    -------
    kind : numpy.ndarray of int32
        The type of each row.
    types : Types
        The types.
    """
    kind = np.zeros(0, dtype=np.int32)
    cells: dict[str, Sequence[str | None]] = {}
    count = 1
    for name, column in columns.items():
        if column is None:
            cells[name] = [None] * count
            continue
        values = (*column.values.tolist(), None)
        width = len(values)
        if count == 1:
            kind, kept = densified(column.codes, low=-1, width=width)
        else:
            kind, kept = _densify(_joined(kind, column.codes, width, count), count * width)
        older, newer = np.divmod(kept, width)
        cells = {key: [held[i] for i in older.tolist()] for key, held in cells.items()}
        cells[name] = [values[i - 1] for i in newer.tolist()]
        count = len(kept)
    if not len(kind):
        kind = np.zeros(size, dtype=np.int32)
    return kind, Types(columns={name: tuple(held) for name, held in cells.items()})


def _joined(
    kind: npt.NDArray[np.int32], codes: npt.NDArray[np.int32], width: int, count: int
) -> npt.NDArray[np.int32] | Ints:
    if count * width < 2**31:
        return kind * np.int32(width) + (codes + np.int32(1))
    return kind.astype(np.int64) * width + (codes + np.int32(1))


def _densify(values: npt.NDArray[np.int32] | Ints, size: int) -> tuple[npt.NDArray[np.int32], Ints]:
    if size <= max(_DENSE, 4 * len(values)):
        return densified(values, low=0, width=size)
    kept, inverse = np.unique(values, return_inverse=True)
    return inverse.astype(np.int32), kept.astype(np.int64)
