"""Columns in compact form: distinct texts with integer codes, days, and identifiers."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import re
import uuid
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import Any, Final
from zoneinfo import ZoneInfo

import attrs
import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.blocks import BLOCK, at_once, in_blocks
from hhpu.tables._dates import NO_DAY, DateOrder, Days, read_date
from hhpu.tables._texts import Texts, keys_of_integers

__all__ = [
    "Coded",
    "Identifiers",
    "UnreadableColumn",
    "densified",
    "read_coded",
    "read_days",
    "read_numbers",
]

Codes = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

_HAS_ARROW: Final = find_spec("pyarrow") is not None
_INTEGERS = (
    nw.Int8, nw.Int16, nw.Int32, nw.Int64, nw.UInt8, nw.UInt16, nw.UInt32, nw.UInt64,
)  # fmt: skip
_WIDE = (nw.Int128, nw.UInt128)
_FRACTIONS = (float, np.floating, decimal.Decimal)
_NUMBERS = (str, int, np.integer, *_FRACTIONS)
_WORDS = (nw.String, nw.Categorical, nw.Enum)
_SAMPLE: Final = 4_096
_FEW: Final = 1_024
_SHARE: Final = 1 << 18
_SHARES: Final = 8
_DIGITS: Final = 99
_INTEGRAL: Final = re.compile(r"(-?[0-9]+)(?:\.0*)?")
_FAR: Final = 2**31 - 2


class UnreadableColumn(Exception):
    """A column whose type cannot hold what it should."""


@attrs.frozen(eq=False)
class Coded:
    """A text column as integer codes into its distinct values.

    Parameters
    ----------
    codes : numpy.ndarray of int32
        One for each row; -1 for an empty cell.
    values : Texts
        The distinct values, stripped of surrounding white space, in no particular order; some may
        have no row.
    numeric : bool
        Whether the source held numbers.
    """

    codes: Codes
    values: Texts
    numeric: bool = False

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Coded:
        """Keep some rows; the values stay."""
        return attrs.evolve(self, codes=self.codes[rows])

    def recode(self, change: Callable[[str], str | None]) -> Coded:
        """Change each distinct value; None empties it. Values that become equal become one."""
        places: dict[str, int] = {}
        table = np.full(len(self.values) + 1, -1, dtype=np.int32)
        for i, value in enumerate(self.values.tolist()):
            changed = change(value)
            if changed is not None:
                table[i] = places.setdefault(changed, len(places))
        codes = self.codes
        if not np.array_equal(table[:-1], np.arange(len(self.values))):
            codes = gathered(table, codes)
        return attrs.evolve(self, codes=codes, values=Texts.of(list(places)))


def gathered(table: npt.NDArray[Any], places: Codes) -> npt.NDArray[Any]:
    """Look every place up in a table; -1 finds its last entry."""
    found = np.empty(len(places), dtype=table.dtype)

    def look(rows: slice) -> None:
        table.take(places[rows], out=found[rows], mode="wrap")

    in_blocks(look, len(places), block=BLOCK << 2)
    return found


def is_missing(cell: object) -> bool:
    """Whether a cell of any library is empty: None, NaN, NaT or NA."""
    return cell is None or cell is pd.NA or cell is pd.NaT or cell != cell


def _tidy(coded: Coded) -> Coded:
    return coded if coded.values.trimmed else coded.recode(lambda text: text.strip() or None)


def _integers(series: nw.Series[Any]) -> tuple[Ints, npt.NDArray[np.bool_] | None]:
    native = nw.to_native(series)
    if isinstance(native, pd.Series) and isinstance(native.dtype, np.dtype):
        return _signed(native.to_numpy()), None
    absent = series.is_null().to_numpy()
    if not absent.any():
        return _signed(series.to_numpy()), None
    return _signed(series.fill_null(0).to_numpy()), absent


def _too_large(series: nw.Series[Any]) -> bool:
    return series.dtype == nw.UInt64 and len(series) > 0 and int(series.max() or 0) >= 2**63


def _signed(values: npt.NDArray[Any]) -> Ints:
    return values.astype(np.int64, copy=False)


def _whole(values: npt.NDArray[np.float64]) -> Ints:
    finite = np.nan_to_num(values, nan=0.0, posinf=0.5, neginf=0.5)
    if (finite != np.floor(finite)).any() or np.abs(finite).max(initial=0) >= 2**53:
        raise UnreadableColumn
    return finite.astype(np.int64)


def _extremes(values: Ints) -> tuple[int, int]:
    found = in_blocks(lambda rows: (int(values[rows].min()), int(values[rows].max())), len(values))
    return min((low for low, _ in found), default=0), max((high for _, high in found), default=0)


def _code_integers(values: Ints, absent: npt.NDArray[np.bool_] | None) -> Coded:
    low, high = _extremes(values)
    if absent is None and high - low < 4 * len(values):
        codes, distinct = densified(values, low=low, width=high - low + 1)
        return Coded(codes, Texts.of_integers(distinct + low), numeric=True)
    coded, found = pd.factorize(values)
    codes = coded.astype(np.int32, copy=False)
    if absent is not None:
        codes[absent] = -1
    return Coded(codes, Texts.of_integers(np.asarray(found, dtype=np.int64)), numeric=True)


def densified(values: npt.NDArray[Any], *, low: int, width: int) -> tuple[Codes, Ints]:
    """Number whole numbers of a narrow range by those that occur.

    Parameters
    ----------
    values : numpy.ndarray of integer
        From ``low`` to ``low + width - 1``.
    low, width : int
        The range.

    Returns
    -------
    codes : numpy.ndarray of int32
        The number of each value, ascending with it.
    distinct : numpy.ndarray of int64
        The value of each number, less ``low``.
    """
    seen = np.zeros(width, dtype=bool)

    def see(rows: slice) -> None:
        seen[values[rows] - low] = True

    in_blocks(see, len(values))
    distinct = np.flatnonzero(seen)
    if len(distinct) == width:
        shifted = values - low if low else values
        return shifted.astype(np.int32, copy=False), distinct
    place = np.cumsum(seen, dtype=np.int32)
    place -= 1
    codes = np.empty(len(values), dtype=np.int32)

    def number(rows: slice) -> None:
        place.take(values[rows] - low, out=codes[rows], mode="clip")

    in_blocks(number, len(values))
    return codes, distinct


def read_coded(series: nw.Series[Any]) -> Coded:
    """Read any column of texts, categories or whole numbers as `Coded`.

    A whole decimal is the integer that it equals, however many digits it has.

    Raises
    ------
    UnreadableColumn
        If it holds fractions, times or anything else that has no one text.
    """
    dtype = series.dtype
    if dtype in _INTEGERS:
        if _too_large(series):
            return _tidy(attrs.evolve(_code_texts(_packed(series.cast(nw.String))), numeric=True))
        return _code_integers(*_integers(series))
    if dtype.is_float():
        floats = series.to_numpy().astype(np.float64)
        absent = np.isnan(floats)
        return _code_integers(_whole(floats), absent if absent.any() else None)
    if dtype in _WIDE or dtype.is_decimal():
        coded = _code_texts(_packed(series.cast(nw.String))).recode(_integral)
        return attrs.evolve(coded, numeric=True)
    if dtype == nw.Boolean:
        absent = series.is_null().to_numpy()
        truth = (
            (series.fill_null(value=False) if absent.any() else series).to_numpy().astype(np.int32)
        )
        return Coded(np.where(absent, np.int32(-1), truth), Texts.of(["false", "true"]))
    categories = _categories(series)
    if categories is not None:
        return _tidy(categories)
    if dtype in _WORDS:
        return _tidy(_code_few(series) or _code_texts(_packed(series)))
    if dtype in (nw.Object, nw.Unknown):
        return _tidy(_code_objects(series))
    raise UnreadableColumn


def _categories(series: nw.Series[Any]) -> Coded | None:
    native = nw.to_native(series)
    if not isinstance(native, pd.Series) or not isinstance(native.dtype, pd.CategoricalDtype):
        return None
    named = native.cat.categories
    numeric = False
    if isinstance(named, pd.RangeIndex) or named.dtype.kind in "iu":
        texts, numeric = Texts.of_integers(named.to_numpy().astype(np.int64)), True
    elif len(named) and not all(isinstance(name, str) for name in named[:1]):
        texts = Texts.of([_text_of(name) for name in named.tolist()])
        numeric = _any_number(named)
    else:
        texts = _packed(nw.from_native(pd.Series(named), series_only=True))
    return Coded(native.cat.codes.to_numpy().astype(np.int32), texts, numeric=numeric)


def _joined(parts: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _packed(series: nw.Series[Any]) -> Texts:
    if series.dtype != nw.String and series.dtype in _WORDS:
        series = series.cast(nw.String)
    if _HAS_ARROW and series.dtype == nw.String:
        import pyarrow as pa

        array = series.to_arrow()
        chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
        wides = [chunk.cast(pa.large_string()) for chunk in chunks]
        if not wides:
            return Texts.of([])
        raws, begins, lengths = [], [], []
        shift = 0
        for wide in wides:
            _, offsets, data = wide.buffers()
            bounds = np.zeros(1, dtype=np.int64)
            if len(wide):
                bounds = np.frombuffer(offsets, dtype=np.int64)[wide.offset :][: len(wide) + 1]
            raws.append(np.frombuffer(data, dtype=np.uint8) if data else np.zeros(0, np.uint8))
            begins.append(bounds[:-1] + shift if shift else bounds[:-1])
            lengths.append(np.diff(bounds))
            if wide.null_count:
                lengths[-1][wide.is_null().to_numpy(zero_copy_only=False)] = 0
            shift += len(raws[-1])
        return Texts.at(_joined(raws), _joined(begins), _joined(lengths))
    cells = np.asarray(series.to_numpy(), dtype=object)
    absent = np.asarray(pd.isna(cells))
    return Texts.of((np.where(absent, "", cells) if absent.any() else cells).tolist())


def _code_texts(texts: Texts) -> Coded:
    numbers = texts.numbers()
    if numbers is not None:
        low = int(numbers.min())
        width = int(numbers.max()) - low + 1
        if width < 4 * len(numbers):
            codes, distinct = densified(numbers, low=low, width=width)
            at = np.empty(len(distinct), dtype=np.int64)
            at[codes] = np.arange(len(codes))
            return Coded(codes, texts.take(at).compact())
    numbered = texts.distinct()
    if numbered is not None:
        return Coded(*numbered)
    listed, names = pd.factorize(np.asarray(texts.tolist(), dtype=object))
    return Coded(listed.astype(np.int32), Texts.of(list(names)))


def _code_few(series: nw.Series[Any]) -> Coded | None:
    if not _HAS_ARROW or series.dtype != nw.String or bool(series.is_null().all()):
        return None
    import pyarrow as pa

    array = series.to_arrow()
    if isinstance(array, pa.ChunkedArray):
        if array.num_chunks != 1:
            return None
        array = array.chunk(0)
    step = max(1, len(array) // _SAMPLE)
    if len(array[::step].unique()) > _FEW:
        return None
    share = max(_SHARE, -(-len(array) // _SHARES))
    parts = at_once(
        lambda start: array.slice(start, share).dictionary_encode(), range(0, len(array), share)
    )
    places: dict[str, int] = {}
    codes = np.empty(len(array), dtype=np.int32)
    for number, part in enumerate(parts):
        words = part.dictionary.to_pylist()
        table = np.array([*(places.setdefault(word, len(places)) for word in words), -1])
        indices = part.indices.fill_null(-1) if part.indices.null_count else part.indices
        mine = codes[number * share : (number + 1) * share]
        table.astype(np.int32).take(indices.to_numpy(zero_copy_only=False), out=mine, mode="wrap")
    return Coded(codes, Texts.of(list(places)))


def _text_of(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, _FRACTIONS):
        whole = _whole_of(cell)
        if whole is not None:
            return whole
    if isinstance(cell, int | np.integer) and not isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, uuid.UUID):
        return str(cell)
    if isinstance(cell, bool | np.bool_):
        return "true" if cell else "false"
    raise UnreadableColumn


def _any_number(cells: Iterable[Any]) -> bool:
    return any(not isinstance(cell, str | bool | np.bool_ | uuid.UUID) for cell in cells)


def _code_objects(series: nw.Series[Any]) -> Coded:
    objects = np.asarray(series.to_numpy(), dtype=object)
    try:
        codes, distinct = pd.factorize(objects)
    except TypeError as error:
        raise UnreadableColumn from error
    names = [_text_of(cell) for cell in distinct]
    coded = Coded(codes.astype(np.int32), Texts.of(names), numeric=_any_number(distinct))
    return coded.recode(lambda text: text) if len(set(names)) < len(names) else coded


def read_numbers(series: nw.Series[Any]) -> Coded:
    """Read a column of numbers, however held, as their texts: whole ones as plain digits.

    Raises
    ------
    UnreadableColumn
        If it holds flags, times or anything else that is neither a number nor text.
    """
    dtype = series.dtype
    if dtype == nw.Boolean:
        raise UnreadableColumn
    if dtype.is_float():
        codes, distinct = pd.factorize(series.to_numpy().astype(np.float64))
        names = [_plain(number) or "" for number in distinct.tolist()]
        return Coded(codes.astype(np.int32), Texts.of(names), numeric=True)
    if dtype in (nw.Object, nw.Unknown) or dtype.is_decimal():
        cells = [_plain(cell) for cell in series.to_list()]
        series = nw.from_native(pd.Series(cells, dtype=object), series_only=True)
    return read_coded(series)


def _plain(cell: object) -> str | None:
    if is_missing(cell):
        return None
    if isinstance(cell, bool | np.bool_) or not isinstance(cell, _NUMBERS):
        raise UnreadableColumn
    return (_whole_of(cell) if isinstance(cell, _FRACTIONS) else None) or str(cell)


def _whole_of(cell: float | np.floating[Any] | decimal.Decimal) -> str | None:
    """The digits of a fraction that is whole; None of one that is not."""
    number = float(cell) if isinstance(cell, np.floating) else cell
    if not math.isfinite(number) or abs(number) >= 10**_DIGITS or number != int(number):
        return None
    return str(int(number))


def _integral(text: str) -> str | None:
    if not text:
        return None
    found = _INTEGRAL.fullmatch(text)
    if found is None:
        raise UnreadableColumn
    return found[1]


@attrs.frozen(eq=False)
class ReadDays:
    """A date column as day numbers, with the rows that could not be read, by reason."""

    days: Days
    rows: dict[str, Ints]


def read_days(series: nw.Series[Any], *, order: DateOrder, zone: ZoneInfo) -> ReadDays:
    """Read a column of dates, times or texts as local civil days.

    Raises
    ------
    UnreadableColumn
        If it holds numbers: a number is no date until somebody says which.
    """
    dtype = series.dtype
    if isinstance(dtype, nw.Datetime):
        if dtype.time_zone is not None:
            series = series.dt.convert_time_zone(str(zone)).dt.replace_time_zone(None)
        return ReadDays(_days_of(series), {})
    if dtype == nw.Date:
        return ReadDays(_days_of(series), {})
    if dtype in (nw.Object, nw.Unknown):
        cells = [None if is_missing(cell) else _written(cell, order) for cell in series.to_list()]
        series = nw.from_native(pd.Series(cells, dtype=object), series_only=True)
        return _days_of_texts(_tidy(_code_objects(series)), order=order, zone=zone)
    if dtype in _WORDS:
        return _days_of_texts(read_coded(series), order=order, zone=zone)
    if bool(series.is_null().all()):
        return ReadDays(np.full(len(series), NO_DAY, dtype=np.int32), {})
    raise UnreadableColumn


def _written(cell: Any, order: DateOrder) -> str:
    text = str(cell)
    if order == "dmy" and isinstance(cell, dt.date):
        return f"{text[8:10]}/{text[5:7]}/{text[:4]}{text[10:]}"
    return text


_TICKS: Final = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def _days_of(series: nw.Series[Any]) -> Days:
    native = nw.to_native(series)
    if isinstance(native, pd.Series) and isinstance(native.dtype, np.dtype):
        stamps = native.to_numpy()
        unit, count = np.datetime_data(stamps.dtype)
        ticks, per_day = stamps.view(np.int64), 86_400 * _TICKS[unit] // count
    else:
        cells = series.cast(nw.Date).to_numpy()
        if cells.dtype == object:
            cells = np.array([None if is_missing(cell) else cell for cell in cells], dtype="M8[D]")
        ticks, per_day = np.asarray(cells, dtype="datetime64[D]").view(np.int64), 1
    days = np.empty(len(ticks), dtype=np.int32)

    def floor(rows: slice) -> None:
        whole = np.floor_divide(ticks[rows], per_day) if per_day > 1 else ticks[rows]
        days[rows] = np.clip(whole, -_FAR, _FAR)
        absent = ticks[rows] == np.iinfo(np.int64).min
        if absent.any():
            days[rows][absent] = NO_DAY

    in_blocks(floor, len(ticks))
    return days


def _days_of_texts(coded: Coded, *, order: DateOrder, zone: ZoneInfo) -> ReadDays:
    read = [read_date(text, order=order, zone=zone) for text in coded.values.tolist()]
    table = np.array([r.day for r in read] + [NO_DAY], dtype=np.int64).astype(np.int32)
    rows: dict[str, Ints] = {}
    for problem in ("unreadable-date", "impossible-date"):
        bad = np.array([r.problem == problem for r in read] + [False])
        if bad.any():
            rows[problem] = np.flatnonzero(bad[coded.codes])
    offsets = {r.offset for r in read if r.problem is None}
    if len(offsets) > 1:
        zoned = np.array([r.offset is not None for r in read] + [False])
        rows["mixed-time-zones"] = np.flatnonzero(zoned[coded.codes])
    return ReadDays(table[coded.codes], rows)


@attrs.frozen(eq=False)
class Identifiers:
    """A column of identifiers with too many distinct values to code: keys and what they digest.

    Parameters
    ----------
    keys : numpy.ndarray of uint64
        A digest of each identifier's text; 0 for an empty cell. Equal texts have equal keys
        whatever library or type held them; equal keys are confirmed on the texts.
    held : Texts, Coded or numpy.ndarray of integer
        The identifiers; where the library holds them as Arrow text, which cannot change, referred
        to and not copied.
    """

    keys: Keys
    held: Texts | Coded | npt.NDArray[np.integer[Any]]

    @property
    def numeric(self) -> bool:
        """Whether the source held numbers."""
        return not isinstance(self.held, Texts) and (
            isinstance(self.held, np.ndarray) or self.held.numeric
        )

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Identifiers:
        """Keep some rows."""
        held = self.held[rows] if isinstance(self.held, np.ndarray) else self.held.take(rows)
        return Identifiers(keys=self.keys[rows], held=held)

    def compact(self) -> Identifiers:
        """The same identifiers, holding on to nothing else."""
        if isinstance(self.held, Texts):
            return attrs.evolve(self, held=self.held.compact())
        if isinstance(self.held, Coded):
            return attrs.evolve(self, held=self.packed(np.arange(len(self.keys))).compact())
        return self

    def packed(self, rows: Ints) -> Texts:
        """The identifiers of some rows; empty cells as empty text."""
        held = self.held
        if isinstance(held, Texts):
            texts = held.take(rows)
        elif isinstance(held, Coded):
            texts = Texts.joined([held.values, Texts.of([""])]).take(held.codes[rows])
        else:
            texts = Texts.of_integers(held[rows].astype(np.int64))
        absent = self.keys[rows] == 0
        return attrs.evolve(texts, lengths=np.where(absent, 0, texts.lengths))


def read_identifiers(series: nw.Series[Any]) -> Identifiers:
    """Read a column of identifiers as 64-bit keys.

    Raises
    ------
    UnreadableColumn
        If it holds fractions, times or anything else that has no one text.
    """
    dtype = series.dtype
    if dtype in _INTEGERS and not _too_large(series):
        return _numbered(*_integers(series))
    if dtype.is_float():
        floats = series.to_numpy().astype(np.float64)
        return _numbered(_whole(floats), np.isnan(floats))
    if dtype == nw.String:
        texts = _packed(series)
        if texts.trimmed:
            return Identifiers(keys=texts.keys(), held=texts)
    coded = read_coded(series)
    table = np.zeros(len(coded.values) + 1, dtype=np.uint64)
    table[: len(coded.values)] = coded.values.keys()
    return Identifiers(keys=table[coded.codes], held=coded)


def _numbered(numbers: Ints, absent: npt.NDArray[np.bool_] | None) -> Identifiers:
    keys = keys_of_integers(numbers)
    if absent is not None:
        keys[absent] = 0
    low, high = _extremes(numbers)
    narrow = np.int32 if low >= -(2**31) and high < 2**31 else np.int64
    return Identifiers(keys=keys, held=np.array(numbers, dtype=narrow))
