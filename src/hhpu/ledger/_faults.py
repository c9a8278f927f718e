"""What is found only by looking at several rows: duplicates, contradictions, two roles at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.domain import Role
from hhpu.errors import InputRefused
from hhpu.ledger._types import Types
from hhpu.tables import Days

__all__ = ["CrossFaults", "find_cross_faults"]

Ints = npt.NDArray[np.int64]


@attrs.frozen(eq=False)
class CrossFaults:
    """Rows found across a ledger.

    Parameters
    ----------
    duplicate : numpy.ndarray of bool or None
        Which rows are masked as duplicates; None where there are none.
    rows : mapping of str to numpy.ndarray of int64
        Rows by reason code.
    """

    duplicate: npt.NDArray[np.bool_] | None
    rows: Mapping[str, Ints] = attrs.field(converter=lambda value: MappingProxyType(dict(value)))


def find_cross_faults(
    *,
    key: npt.NDArray[np.uint64],
    offender: npt.NDArray[np.int32],
    kind: npt.NDArray[np.int32],
    day: Days,
    known_from: Days,
    known_to: Days,
    status: npt.NDArray[np.int8],
    types: Types,
    ids: Callable[[Ints], list[str]],
) -> CrossFaults:
    """Find duplicates and contradictions.

    A duplicate is a second row of one person, offence and role whose known interval overlaps that
    of a row kept before it. Rows are taken in the order of first day known, placing day, type,
    status and last day known, so which one is kept never depends on the order of the input.

    Returns
    -------
    CrossFaults
        Rows by reason.

    Raises
    ------
    InputRefused
        If two different offence ids share one 64-bit key.
    """
    roles = _roles(types)[kind]
    found: dict[str, Ints] = {}
    victims = np.flatnonzero(roles == _VICTIM)
    if len(victims):
        suspected = np.zeros(int(offender.max()) + 1, dtype=bool)
        suspected[offender[roles == _SUSPECT]] = True
        found["victim-elsewhere"] = victims[suspected[offender[victims]]]
    rows = _sharing(key, known_from, known_to)
    if not len(rows):
        return CrossFaults(duplicate=None, rows=found)
    _confirm(rows[np.argsort(key[rows], kind="stable")], key, ids)
    order = np.lexsort([
        known_to[rows], status[rows], types.rank[kind[rows]], day[rows], known_from[rows],
        roles[rows], offender[rows], key[rows],
    ])  # fmt: skip
    rows = rows[order]
    same = (
        (key[rows][1:] == key[rows][:-1])
        & (offender[rows][1:] == offender[rows][:-1])
        & (roles[rows][1:] == roles[rows][:-1])
    )
    repeated = rows[_overlapping(same, known_from[rows], known_to[rows])]
    if len(repeated):
        found["duplicate-link"] = np.sort(repeated)
        found["suspect-victim-join"] = _joined(rows, same, key, offender, roles, repeated)
    for reason, value in (("contradicting-code", _codes(types)[kind]), ("contradicting-date", day)):
        found[reason] = _contradicting(rows, value, key, known_from, known_to)
    found["suspect-and-victim"] = _both_roles(rows, key, offender, roles)
    duplicate = None
    if len(repeated):
        duplicate = np.zeros(len(key), dtype=bool)
        duplicate[repeated] = True
        duplicate.flags.writeable = False
    return CrossFaults(duplicate=duplicate, rows={k: v for k, v in found.items() if len(v)})


_SUSPECT, _VICTIM, _OTHER = 0, 1, 2


def _roles(types: Types) -> npt.NDArray[np.int8]:
    places = {None: _SUSPECT, Role.SUSPECT: _SUSPECT, Role.OFFENDER: _SUSPECT, Role.VICTIM: _VICTIM}
    return np.array([places.get(role, _OTHER) for role in types.columns["role"]], dtype=np.int8)


def _codes(types: Types) -> npt.NDArray[np.int32]:
    places: dict[str | None, int] = {}
    codes = [places.setdefault(code, len(places)) for code in types.columns["code"]]
    return np.array(codes, dtype=np.int32)


def _sharing(key: npt.NDArray[np.uint64], known_from: Days, known_to: Days) -> Ints:
    ordered = np.sort(key)
    shared = ordered[1:][(ordered[1:] == ordered[:-1]) & (ordered[1:] != 0)]
    if not len(shared):
        return np.zeros(0, dtype=np.int64)
    distinct = np.unique(shared)
    place = np.minimum(np.searchsorted(distinct, key), len(distinct) - 1)
    return np.flatnonzero((distinct[place] == key) & (known_to > known_from))


def _confirm(rows: Ints, key: npt.NDArray[np.uint64], ids: Callable[[Ints], list[str]]) -> None:
    texts = np.array(ids(rows), dtype=object)
    unlike = (key[rows][1:] == key[rows][:-1]) & (texts[1:] != texts[:-1])
    if unlike.any():
        message = (
            "two different offence ids share one 64-bit key: change one of the two ids at source"
        )
        raise InputRefused(message)


def _starts(same: npt.NDArray[np.bool_]) -> Ints:
    return np.flatnonzero(np.concatenate([[True], ~same]))


def _overlapping(same: npt.NDArray[np.bool_], begin: Days, end: Days) -> Ints:
    starts = _starts(same)
    sizes = np.diff(np.append(starts, len(begin)))
    place = starts[sizes > 1]
    left = sizes[sizes > 1] - 1
    kept_until = end[place].copy()
    found = []
    while len(place):
        place = place + 1
        free = begin[place] >= kept_until
        found.append(place[~free])
        kept_until = np.where(free, end[place], kept_until)
        left = left - 1
        more = left > 0
        place, left, kept_until = place[more], left[more], kept_until[more]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def _joined(
    rows: Ints,
    same: npt.NDArray[np.bool_],
    key: npt.NDArray[np.uint64],
    offender: npt.NDArray[np.int32],
    roles: npt.NDArray[np.int8],
    repeated: Ints,
) -> Ints:
    starts = _starts(same)
    sizes = np.diff(np.append(starts, len(rows)))
    links = rows[starts]
    suspects = roles[links] == _SUSPECT
    links, sizes = links[suspects], sizes[suspects]
    offences, which = np.unique(key[links], return_inverse=True)
    count = np.bincount(which)
    least = np.full(len(offences), np.iinfo(np.int64).max)
    np.minimum.at(least, which, sizes)
    most = np.zeros(len(offences), dtype=np.int64)
    np.maximum.at(most, which, sizes)
    joined = offences[(count > 1) & (least == most) & (most > 1)]
    return np.sort(repeated[np.isin(key[repeated], joined)])


def _contradicting(
    rows: Ints,
    value: npt.NDArray[np.int32],
    key: npt.NDArray[np.uint64],
    known_from: Days,
    known_to: Days,
) -> Ints:
    groups = rows[np.argsort(key[rows], kind="stable")]
    starts = _starts(key[groups][1:] == key[groups][:-1])
    sizes = np.diff(np.append(starts, len(groups)))
    held = value[groups]
    several = np.maximum.reduceat(held, starts) != np.minimum.reduceat(held, starts)
    found: list[int] = []
    for start, size in zip(starts[several].tolist(), sizes[several].tolist(), strict=True):
        mine = groups[start : start + size]
        begin, end, what = known_from[mine], known_to[mine], value[mine]
        clash = (
            (begin[:, None] < end[None, :])
            & (begin[None, :] < end[:, None])
            & (what[:, None] != what[None, :])
        )
        found += mine[clash.any(axis=1)].tolist()
    return np.sort(np.array(found, dtype=np.int64))


def _both_roles(
    rows: Ints,
    key: npt.NDArray[np.uint64],
    offender: npt.NDArray[np.int32],
    roles: npt.NDArray[np.int8],
) -> Ints:
    wanted = rows[roles[rows] != _OTHER]
    if not len(wanted):
        return wanted
    wanted = wanted[np.lexsort([offender[wanted], key[wanted]])]
    same = (key[wanted][1:] == key[wanted][:-1]) & (offender[wanted][1:] == offender[wanted][:-1])
    starts = _starts(same)
    mixed = np.maximum.reduceat(roles[wanted], starts) != np.minimum.reduceat(roles[wanted], starts)
    sizes = np.diff(np.append(starts, len(wanted)))
    return np.sort(wanted[np.repeat(mixed, sizes)])
