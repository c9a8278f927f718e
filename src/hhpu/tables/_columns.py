"""Columns in compact form: distinct texts with integer codes, days, and identifiers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, Final, overload
from zoneinfo import ZoneInfo

import attrs
import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.tables._dates import NO_DAY, DateOrder, Days, read_date

__all__ = ["Coded", "Identifiers", "UnreadableColumn", "read_coded", "read_days"]

Codes = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]

_HAS_ARROW: Final = find_spec("pyarrow") is not None
_INTEGERS = (
    nw.Int8, nw.Int16, nw.Int32, nw.Int64, nw.UInt8, nw.UInt16, nw.UInt32, nw.UInt64,
)  # fmt: skip


class UnreadableColumn(Exception):  # noqa: N818 - a signal inside the package, not an error of it
    """A column whose type cannot hold what it should."""


@attrs.frozen(eq=False)
class Texts(Sequence[str]):
    """Many texts in one buffer of UTF-8 bytes; decoded only when asked for.

    Parameters
    ----------
    data : numpy.ndarray of uint8
        The bytes, one text after another, and eight spare bytes.
    begins, lengths : numpy.ndarray of int64
        Where each text begins in ``data`` and how many bytes it has.
    """

    data: npt.NDArray[np.uint8]
    begins: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """Pack texts."""
        joined = "".join(texts)
        if joined.isascii():
            lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
            raw = joined.encode("ascii")
        else:
            encoded = [text.encode("utf-8") for text in texts]
            lengths = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
            raw = b"".join(encoded)
        return cls.of_bytes(np.frombuffer(raw, dtype=np.uint8), lengths)

    @classmethod
    def of_bytes(cls, raw: npt.NDArray[np.uint8], lengths: npt.NDArray[np.int64]) -> Texts:
        """Pack texts whose bytes stand one after another."""
        data = np.zeros(len(raw) + 8, dtype=np.uint8)
        data[: len(raw)] = raw
        begins = np.zeros(len(lengths), dtype=np.int64)
        np.cumsum(lengths[:-1], out=begins[1:])
        return cls(data=data, begins=begins, lengths=lengths)

    def __len__(self) -> int:
        return len(self.begins)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> Texts: ...

    def __getitem__(self, place: int | slice) -> str | Texts:
        if isinstance(place, slice):
            return self.take(np.arange(len(self))[place])
        begin = int(self.begins[place])
        return self.data[begin : begin + int(self.lengths[place])].tobytes().decode("utf-8")

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Texts:
        """Some of the texts; the bytes are shared."""
        return attrs.evolve(self, begins=self.begins[rows], lengths=self.lengths[rows])

    def tolist(self) -> list[str]:
        """Every text, decoded."""
        raw = self.data.tobytes()
        ends = (self.begins + self.lengths).tolist()
        if not (self.data & 0x80).any():
            text = raw.decode("ascii")
            return [text[b:e] for b, e in zip(self.begins.tolist(), ends, strict=True)]
        return [raw[b:e].decode("utf-8") for b, e in zip(self.begins.tolist(), ends, strict=True)]

    def words(self, place: int, rows: slice = slice(None)) -> Keys:
        """Bytes ``8 * place`` to ``8 * place + 8`` of each text as one integer, zero-filled."""
        everywhere: Keys = np.ndarray(
            shape=(len(self.data) - 7,), dtype="<u8", buffer=self.data.data, strides=(1,)
        )
        left = np.clip(self.lengths[rows] - 8 * place, 0, 8)
        at = np.minimum(self.begins[rows] + 8 * place, len(self.data) - 8)
        spare = ((8 - left) * 8).astype(np.uint64)
        full = np.uint64(2**64 - 1)
        mask = np.where(left > 0, full >> (spare & np.uint64(63)), np.uint64(0))
        word: Keys = everywhere[at] & mask
        return word

    def order(self) -> npt.NDArray[np.int64]:
        """The places of the texts in the order of their UTF-8 bytes."""
        count = -(-int(self.lengths.max(initial=0)) // 8)
        keys = [self.words(place).byteswap() for place in range(count)]
        if not keys:
            return np.arange(len(self))
        return np.lexsort([self.lengths, *reversed(keys)])

    def keys(self) -> Keys:
        """A 64-bit digest of each text; 0 for the empty text, never 0 for another."""
        keys = np.empty(len(self), dtype=np.uint64)
        for start in range(0, len(keys), _BLOCK):
            rows = slice(start, start + _BLOCK)
            lengths = self.lengths[rows]
            state = np.full(len(lengths), _FIRST_MIX, dtype=np.uint64)
            for place in range(-(-int(lengths.max(initial=0)) // 8)):
                word = self.words(place, rows)
                active = lengths > 8 * place
                if active.all():
                    state = _absorb(state, word)
                else:
                    state[active] = _absorb(state[active], word[active])
            keys[rows] = _finish(state, lengths.astype(np.uint64))
        return keys

    def same_as(self, other: Texts) -> bool:
        """Whether each text equals the other's at the same place."""
        if not np.array_equal(self.lengths, other.lengths):
            return False
        for start in range(0, len(self), _BLOCK):
            rows = slice(start, start + _BLOCK)
            for place in range(-(-int(self.lengths[rows].max(initial=0)) // 8)):
                if not np.array_equal(self.words(place, rows), other.words(place, rows)):
                    return False
        return True


@attrs.frozen(eq=False)
class Coded:
    """A text column as integer codes into its distinct values.

    Parameters
    ----------
    codes : numpy.ndarray of int32
        One for each row; -1 for an empty cell.
    values : sequence of str
        The distinct values, stripped of surrounding white space, in no particular order.
    numeric : bool
        Whether the source held numbers.
    """

    codes: Codes
    values: Sequence[str]
    numeric: bool = False

    def take(self, rows: npt.NDArray[np.int64] | slice) -> Coded:
        """Keep some rows; the values stay."""
        return attrs.evolve(self, codes=self.codes[rows])

    def recode(self, change: Callable[[str], str | None]) -> Coded:
        """Change each distinct value; None empties it. Values that become equal become one."""
        places: dict[str, int] = {}
        table = np.full(len(self.values) + 1, -1, dtype=np.int32)
        for i, value in enumerate(self.values):
            changed = change(value)
            if changed is not None:
                table[i] = places.setdefault(changed, len(places))
        return attrs.evolve(self, codes=table[self.codes], values=tuple(places))

    def texts(self, rows: npt.NDArray[np.int64]) -> list[str]:
        """The values of some rows; empty cells as empty text."""
        return ["" if c < 0 else self.values[c] for c in self.codes[rows]]


def _tidy(codes: npt.NDArray[Any], values: Sequence[Any], *, numeric: bool = False) -> Coded:
    texts = [value if isinstance(value, str) else str(value) for value in values]
    narrow = codes.astype(np.int32, copy=False)
    plain = Coded(codes=narrow, values=tuple(texts), numeric=numeric)
    if any(not text or text[0].isspace() or text[-1].isspace() for text in texts):
        return plain.recode(lambda text: text.strip() or None)
    return plain


def _integers(series: nw.Series[Any]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    absent = series.is_null().to_numpy()
    filled = series.fill_null(0) if absent.any() else series
    return filled.cast(nw.Int64).to_numpy().astype(np.int64, copy=False), absent


def _whole(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64] | None:
    finite = np.nan_to_num(values, nan=0.0)
    if np.all(np.isfinite(finite)) and np.all(finite == np.floor(finite)) and (
        not len(finite) or np.abs(finite).max() < 2**53
    ):
        return finite.astype(np.int64)
    return None


def _code_integers(
    values: npt.NDArray[np.int64], absent: npt.NDArray[np.bool_] | None
) -> tuple[Codes, npt.NDArray[np.int64]]:
    if len(values) and absent is None:
        low, high = int(values.min()), int(values.max())
        if high - low < 4 * len(values):
            seen = np.zeros(high - low + 1, dtype=bool)
            shifted = values - low if low else values
            seen[shifted] = True
            distinct = np.flatnonzero(seen)
            place = np.empty(high - low + 1, dtype=np.int32)
            place[distinct] = np.arange(len(distinct), dtype=np.int32)
            return place[shifted], distinct + low
    codes, distinct = pd.factorize(values)
    codes = codes.astype(np.int32, copy=False)
    if absent is not None:
        codes[absent] = -1
    return codes, np.asarray(distinct, dtype=np.int64)


def read_coded(series: nw.Series[Any]) -> Coded:
    """Read any column of texts, categories or whole numbers as `Coded`.

    Raises
    ------
    UnreadableColumn
        If it holds fractions, times or anything else that has no one text.
    """
    dtype = series.dtype
    if dtype in _INTEGERS:
        numbers, absent = _integers(series)
        codes, distinct = _code_integers(numbers, absent if absent.any() else None)
        return _tidy(codes, distinct.tolist(), numeric=True)
    if dtype.is_float():
        floats = series.to_numpy().astype(np.float64)
        whole = _whole(floats)
        if whole is None:
            raise UnreadableColumn
        absent = np.isnan(floats)
        codes, distinct = _code_integers(whole, absent if absent.any() else None)
        return _tidy(codes, distinct.tolist(), numeric=True)
    if dtype == nw.Boolean:
        truth = series.to_numpy()
        absent = series.is_null().to_numpy()
        codes = np.where(absent, -1, np.where(absent, False, truth).astype(np.int32))
        return Coded(codes=codes.astype(np.int32), values=("false", "true"))
    if dtype in (nw.Categorical, nw.Enum):
        native = nw.to_native(series)
        if isinstance(native, pd.Series):
            return _tidy(native.cat.codes.to_numpy(), native.cat.categories.tolist())
        series = series.cast(nw.String)
    elif dtype not in (nw.String, nw.Object, nw.Unknown):
        raise UnreadableColumn
    if dtype in (nw.String, nw.Categorical, nw.Enum):
        return _code_texts(_packed(series))
    return _tidy(*_object_codes(series))


def _packed(series: nw.Series[Any]) -> Texts:
    if _HAS_ARROW:
        import pyarrow as pa

        array = series.to_arrow()
        chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
        wides = [chunk.cast(pa.large_string()) for chunk in chunks]
        if not wides:
            return Texts.of([])
        raws, lengths = [], []
        for wide in wides:
            _, offsets, data = wide.buffers()
            bounds = np.frombuffer(offsets, dtype=np.int64)[wide.offset :][: len(wide) + 1]
            held = np.frombuffer(data, dtype=np.uint8) if data else np.zeros(0, dtype=np.uint8)
            raws.append(held[bounds[0] : bounds[-1]])
            lengths.append(np.diff(bounds))
        texts = Texts.of_bytes(np.concatenate(raws), np.concatenate(lengths))
        if any(wide.null_count for wide in wides):
            absent = np.concatenate([w.is_null().to_numpy(zero_copy_only=False) for w in wides])
            texts.lengths[absent] = 0
        return texts
    cells = np.asarray(series.to_numpy(), dtype=object)
    absent = np.asarray(pd.isna(cells))
    return Texts.of((np.where(absent, "", cells) if absent.any() else cells).tolist())


def _code_texts(texts: Texts) -> Coded:
    codes, distinct = pd.factorize(texts.keys())
    codes = codes.astype(np.int32, copy=False)
    first = np.empty(len(distinct), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    values = texts.take(first)
    for start in range(0, len(codes), 16 * _BLOCK):
        rows = np.arange(start, min(start + 16 * _BLOCK, len(codes)))
        if not values.take(codes[rows]).same_as(texts.take(rows)):
            listed = pd.factorize(np.asarray(texts.tolist(), dtype=object))
            return _tidy(listed[0], listed[1].tolist())
    if len(values) > _MANY and _trimmed(values):
        return Coded(codes=codes, values=values)
    return _tidy(codes, values.tolist())


def _trimmed(values: Texts) -> bool:
    if bool((values.lengths == 0).any()):
        return False
    edges = np.concatenate(
        [values.data[values.begins], values.data[values.begins + values.lengths - 1]]
    )
    return bool(((edges > 0x20) & (edges < 0x7F)).all())


def _object_codes(series: nw.Series[Any]) -> tuple[npt.NDArray[Any], list[Any]]:
    objects = np.asarray(series.to_numpy(), dtype=object)
    codes, distinct = pd.factorize(objects)
    values = list(distinct)
    if not all(isinstance(value, str | int) for value in values):
        whole = [int(v) if isinstance(v, float) and v.is_integer() else v for v in values]
        if not all(isinstance(value, str | int) for value in whole):
            raise UnreadableColumn
        values = whole
    return codes, values


@attrs.frozen(eq=False)
class ReadDays:
    """A date column as day numbers, with the rows that could not be read, by reason."""

    days: Days
    rows: dict[str, npt.NDArray[np.int64]]


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
        series = _as_text(series)
        dtype = series.dtype
    if dtype not in (nw.String, nw.Categorical, nw.Enum):
        if bool(series.is_null().all()):
            return ReadDays(np.full(len(series), NO_DAY, dtype=np.int32), {})
        raise UnreadableColumn
    return _days_of_texts(read_coded(series), order=order, zone=zone)


def _as_text(series: nw.Series[Any]) -> nw.Series[Any]:
    cells = [
        None if cell is None or cell is pd.NaT or cell != cell else str(cell)
        for cell in series.to_list()
    ]
    return nw.from_native(pd.Series(cells, dtype="str"), series_only=True)


def _days_of(series: nw.Series[Any]) -> Days:
    native = nw.to_native(series)
    if isinstance(native, pd.Series) and native.dtype.kind == "M":
        stamps = native.to_numpy()
        unit, count = np.datetime_data(stamps.dtype)
        per_day = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
        ticks = stamps.view(np.int64)
        days = np.floor_divide(ticks, per_day[unit] // count)
        absent = ticks == np.iinfo(np.int64).min
    else:
        moments = np.asarray(series.cast(nw.Date).to_numpy(), dtype="datetime64[D]")
        days = moments.view(np.int64)
        absent = days == np.iinfo(np.int64).min
    limit = 2**31 - 2
    days = np.clip(days, -limit, limit).astype(np.int32)
    if absent.any():
        days[absent] = NO_DAY
    return days


def _days_of_texts(coded: Coded, *, order: DateOrder, zone: ZoneInfo) -> ReadDays:
    read = [read_date(text, order=order, zone=zone) for text in coded.values]
    table = np.array([r.day for r in read] + [NO_DAY], dtype=np.int64).astype(np.int32)
    rows: dict[str, npt.NDArray[np.int64]] = {}
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
    """A column of identifiers with too many distinct values to code: keys and the source.

    Parameters
    ----------
    keys : numpy.ndarray of uint64
        A digest of each identifier's text; 0 for an empty cell. Equal texts have equal keys
        whatever library or type held them; equal keys are confirmed on the texts.
    source : narwhals Series
        The column itself, referred to and not copied.
    rows : numpy.ndarray of int64 or None
        Which of its rows these are; None for all.
    numeric : bool
        Whether the source held numbers.
    """

    keys: Keys
    source: Any
    rows: npt.NDArray[np.int64] | None = None
    numeric: bool = False

    def take(self, rows: npt.NDArray[np.int64]) -> Identifiers:
        """Keep some rows."""
        kept = rows if self.rows is None else self.rows[rows]
        return attrs.evolve(self, keys=self.keys[rows], rows=kept)

    def texts(self, rows: npt.NDArray[np.int64]) -> list[str]:
        """The identifiers of some rows as text; empty cells as empty text."""
        wanted = rows if self.rows is None else self.rows[rows]
        cells = self.source[wanted.tolist()].to_list() if len(wanted) else []
        return [_one_text(cell) for cell in cells]


def _one_text(cell: Any) -> str:
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def read_identifiers(series: nw.Series[Any]) -> Identifiers:
    """Read a column of identifiers as 64-bit keys.

    Raises
    ------
    UnreadableColumn
        If it holds fractions, times or anything else that has no one text.
    """
    dtype = series.dtype
    if dtype in _INTEGERS:
        numbers, absent = _integers(series)
        keys = keys_of_integers(numbers)
        if absent.any():
            keys[absent] = 0
        return Identifiers(keys=keys, source=series, numeric=True)
    if dtype == nw.String:
        return Identifiers(keys=_packed(series).keys(), source=series)
    coded = read_coded(series)
    table = np.zeros(len(coded.values) + 1, dtype=np.uint64)
    table[: len(coded.values)] = keys_of_texts(coded.values)
    return Identifiers(keys=table[coded.codes], source=series, numeric=coded.numeric)


def keys_of_texts(texts: Sequence[str]) -> Keys:
    """Digest texts; the empty text has key 0."""
    return Texts.of(texts).keys()


_FIRST_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_SECOND_MIX: Final = np.uint64(0xFF51AFD7ED558CCD)
_THIRD_MIX: Final = np.uint64(0xC4CEB9FE1A85EC53)
_BLOCK: Final = 1 << 16
_MANY: Final = 10_000


def _absorb(state: Keys, word: Keys) -> Keys:
    state ^= word
    state *= _SECOND_MIX
    state ^= state >> np.uint64(32)
    state *= _THIRD_MIX
    state ^= state >> np.uint64(29)
    return state


def _finish(state: Keys, lengths: npt.NDArray[np.uint64]) -> Keys:
    state = _absorb(state, lengths)
    state[state == 0] = 1
    state[lengths == 0] = 0
    return state


_POWERS: Final = 10 ** np.arange(1, 16, dtype=np.uint64)


def keys_of_integers(values: npt.NDArray[np.int64]) -> Keys:
    """Digest whole numbers; the key of a number is the key of its decimal text."""
    if len(values) and (int(values.min()) < 0 or int(values.max()) >= 10**16):
        return keys_of_texts([str(value) for value in values.tolist()])
    keys = np.empty(len(values), dtype=np.uint64)
    eight = np.uint64(8)
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK].astype(np.uint64)
        lengths = np.searchsorted(_POWERS, block, side="right").astype(np.uint64) + np.uint64(1)
        high, low = np.divmod(block, np.uint64(100_000_000))
        first, second = _eight_digits(high), _eight_digits(low)
        spare = (np.uint64(16) - lengths) * eight
        near = spare < 64
        shift = np.where(near, spare, spare - np.uint64(64) * (spare >= 64))
        carry = np.where(shift > 0, second << ((np.uint64(64) - shift) & np.uint64(63)), 0)
        one = np.where(near, (first >> shift) | carry, second >> shift)
        two = np.where(near, second >> shift, np.uint64(0))
        state = _absorb(np.full(len(block), _FIRST_MIX, dtype=np.uint64), one)
        longer = np.flatnonzero(lengths > 8)
        if len(longer):
            state[longer] = _absorb(state[longer], two[longer])
        keys[start : start + _BLOCK] = _finish(state, lengths)
    return keys


def _eight_digits(value: Keys) -> Keys:
    u = np.uint64
    pairs = (value // u(10_000)) | ((value % u(10_000)) << u(32))
    hundreds = ((pairs * u(10_486)) >> u(20)) & u(0x7F0000007F)
    fours = hundreds | ((pairs - hundreds * u(100)) << u(16))
    tens = ((fours * u(103)) >> u(10)) & u(0x000F000F000F000F)
    return (tens | ((fours - tens * u(10)) << u(8))) + u(0x3030303030303030)
