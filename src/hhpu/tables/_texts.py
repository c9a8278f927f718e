"""Many texts in one buffer, handled eight bytes at a time: digests, order, equality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, overload

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.blocks import at_once, in_blocks, order_of

__all__ = ["Texts", "keys_of_integers", "keys_of_texts"]

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

_ZERO_WORD: Final = np.uint64(0)
_MASKS: Final = np.array([2 ** (8 * n) - 1 for n in range(9)], dtype=np.uint64)
_FIRST_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_SECOND_MIX: Final = np.uint64(0xFF51AFD7ED558CCD)
_THIRD_MIX: Final = np.uint64(0xC4CEB9FE1A85EC53)
_LONGEST_PADDED: Final = 64
_MANY_KEYS: Final = 1_000_000
_SHARE_BITS: Final = 6
_SHARES: Final = 1 << _SHARE_BITS


@attrs.frozen(eq=False)
class Texts(Sequence[str]):
    """Many texts in one buffer of UTF-8 bytes; decoded only when asked for.

    Parameters
    ----------
    data : numpy.ndarray of uint8
        The bytes, at least eight.
    begins, lengths : numpy.ndarray of int64
        Where each text begins in ``data`` and how many bytes it has.

    Examples
    --------
    >>> texts = Texts.of(["b", "a", "ab"])
    >>> [texts[i] for i in texts.order()]
    ['a', 'ab', 'b']
    """

    data: npt.NDArray[np.uint8]
    begins: Ints
    lengths: Ints

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """Pack texts."""
        if isinstance(texts, Texts):
            return texts
        joined = "".join(texts)
        if joined.isascii():
            lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
            raw = joined.encode("ascii")
        else:
            encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
            lengths = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
            raw = b"".join(encoded)
        begins = np.zeros(len(lengths), dtype=np.int64)
        np.cumsum(lengths[:-1], out=begins[1:])
        return cls.at(np.frombuffer(raw, dtype=np.uint8), begins, lengths)

    @classmethod
    def of_integers(cls, values: Ints) -> Texts:
        """Pack the decimal texts of whole numbers."""
        if len(values) and (int(values.min()) < 0 or int(values.max()) >= 10**16):
            return cls.of([str(value) for value in values.tolist()])
        spelt = np.empty((len(values), 2), dtype="<u8")
        begins = np.empty(len(values), dtype=np.int64)
        lengths = np.empty(len(values), dtype=np.int64)

        def fill(rows: slice) -> None:
            spelt[rows, 0], spelt[rows, 1], lengths[rows] = _sixteen_digits(values[rows])
            begins[rows] = np.arange(16 * rows.start + 16, 16 * rows.stop + 16, 16) - lengths[rows]

        in_blocks(fill, len(values))
        return cls.at(spelt.view(np.uint8).ravel(), begins, lengths)

    @classmethod
    def at(cls, raw: npt.NDArray[np.uint8], begins: Ints, lengths: Ints) -> Texts:
        """Refer to texts in a buffer."""
        data = np.ascontiguousarray(raw)
        if len(raw) < 8:
            data = np.zeros(8, dtype=np.uint8)
            data[: len(raw)] = raw
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
        raw = self.data[begin : begin + int(self.lengths[place])].tobytes()
        return raw.decode("utf-8", "surrogatepass")

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> Texts:
        """Some of the texts; the bytes are shared."""
        return attrs.evolve(self, begins=self.begins[rows], lengths=self.lengths[rows])

    def compact(self) -> Texts:
        """The same texts in a buffer that holds nothing else."""
        longest = int(self.lengths.max(initial=0))
        if longest > _LONGEST_PADDED:
            return Texts.of(self.tolist())
        width = max(1, -(-longest // 8))
        words = np.empty((len(self), width), dtype="<u8")

        def fill(rows: slice) -> None:
            for place in range(width):
                words[rows, place] = self.words(place, rows)

        in_blocks(fill, len(self))
        data = words.view(np.uint8).ravel()
        return Texts.at(data, np.arange(len(self)) * (8 * width), self.lengths.copy())

    def packed(self) -> tuple[bytes, bytes]:
        """The lengths and the bytes of the texts, one after another: what a digest is made of."""
        at = np.repeat(self.begins - np.cumsum(self.lengths) + self.lengths, self.lengths)
        held = self.data[at + np.arange(int(self.lengths.sum()))]
        return self.lengths.astype("<i8").tobytes(), held.tobytes()

    @classmethod
    def joined(cls, parts: Sequence[Texts]) -> Texts:
        """The texts of one part after another."""
        shifts = np.cumsum([0, *(len(part.data) for part in parts[:-1])])
        return cls.at(
            np.concatenate([part.data for part in parts]),
            np.concatenate([p.begins + shift for p, shift in zip(parts, shifts, strict=True)]),
            np.concatenate([part.lengths for part in parts]),
        )

    def tolist(self) -> list[str]:
        """Every text, decoded."""
        if not len(self):
            return []
        low = int(self.begins.min())
        high = int((self.begins + self.lengths).max())
        raw = self.data[low:high].tobytes()
        spans = zip((self.begins - low).tolist(), (self.begins + self.lengths - low).tolist(),
                    strict=True)  # fmt: skip
        if raw.isascii():
            text = raw.decode("ascii")
            return [text[begin:end] for begin, end in spans]
        return [raw[begin:end].decode("utf-8", "surrogatepass") for begin, end in spans]

    def words(self, place: int, rows: slice = slice(None)) -> Keys:
        """Bytes ``8 * place`` to ``8 * place + 8`` of each text as one integer, zero-filled."""
        last = len(self.data) - 8
        everywhere: Keys = np.ndarray(
            shape=(last + 1,), dtype="<u8", buffer=self.data.data, strides=(1,)
        )
        left = self.lengths[rows] - 8 * place
        wanted = self.begins[rows] + 8 * place
        if not len(wanted):
            return np.zeros(0, dtype=np.uint64)
        if int(wanted.max()) > last:
            at = np.minimum(wanted, last)
            beyond = np.minimum(wanted - at, 8)
            word = everywhere[at] >> ((beyond & 7) * 8).astype(np.uint64)
            word[beyond == 8] = 0
        else:
            word = everywhere[wanted]
        least = int(left.min())
        if least >= 8:
            return word
        if least == int(left.max()):
            word &= _MASKS[max(least, 0)]
        else:
            word &= _MASKS[np.clip(left, 0, 8)]
        return word

    def order(self) -> Ints:
        """The places of the texts in the order of their UTF-8 bytes."""
        numbers = self.numbers()
        if numbers is None:
            numbers = self._digits()
        if numbers is not None:
            return order_of(numbers)
        count = -(-int(self.lengths.max(initial=0)) // 8)
        keys = [self.words(place).byteswap() for place in range(count)]
        if not keys:
            return np.arange(len(self))
        order = np.argsort(keys[0])
        same = keys[0][order][1:] == keys[0][order][:-1]
        tied = np.concatenate([[False], same]) | np.concatenate([same, [False]])
        rows = order[tied]
        order[tied] = rows[np.lexsort([self.lengths[rows], *(k[rows] for k in reversed(keys))])]
        return order

    def keys(self) -> Keys:
        """A 64-bit digest of each text; 0 for the empty text, never 0 for another."""
        keys = np.empty(len(self), dtype=np.uint64)

        def fill(rows: slice) -> None:
            lengths = self.lengths[rows]
            least = int(lengths.min())
            state = np.full(len(lengths), _FIRST_MIX, dtype=np.uint64)
            for place in range(-(-int(lengths.max()) // 8)):
                word = self.words(place, rows)
                if least > 8 * place:
                    _absorb(state, word)
                else:
                    _absorb(word, state)
                    np.copyto(state, word, where=lengths > 8 * place)
            keys[rows] = _finish(state, lengths.astype(np.uint64))

        in_blocks(fill, len(self))
        return keys

    def same_as(self, other: Texts) -> bool:
        """Whether each text equals the other's at the same place."""
        if not np.array_equal(self.lengths, other.lengths):
            return False

        def equal(rows: slice) -> bool:
            width = -(-int(self.lengths[rows].max()) // 8)
            return all(
                np.array_equal(self.words(place, rows), other.words(place, rows))
                for place in range(width)
            )

        return all(in_blocks(equal, len(self)))

    def distinct(self) -> tuple[npt.NDArray[np.int32], Texts] | None:
        """Number the distinct texts in the order in which they come.

        Texts are told apart by their digests, and equal digests confirmed on the texts.

        Returns
        -------
        codes : numpy.ndarray of int32
            The number of each text.
        values : Texts
            The text of each number.
            None in place of both if two different texts have one digest.
        """
        short = int(self.lengths.max(initial=0)) <= 8
        keys = self.words(0) if short else self.keys()
        codes, first = _number(keys)
        values = self.take(first).compact()
        # Of texts with one length and the same later words, no two share a digest: absorbing a word
        # is one to one, and only digest 1 can stand for two states. So the first word follows.
        sure = short or not (keys[first] == 1).any()
        return (codes, values) if values.spell(codes, self, start=int(sure)) else None

    def spell(self, codes: npt.NDArray[np.integer[Any]], texts: Texts, *, start: int = 0) -> bool:
        """Whether ``self[codes[i]]`` equals ``texts[i]`` for every i, from word ``start`` on."""
        width = -(-int(self.lengths.max(initial=0)) // 8)
        columns = [self.lengths.astype(np.uint64), *(self.words(p) for p in range(start, width))]
        table = np.stack(columns, axis=1)

        def equal(rows: slice) -> bool:
            spelt = table.take(codes[rows], axis=0)
            return np.array_equal(spelt[:, 0], texts.lengths[rows].astype(np.uint64)) and all(
                np.array_equal(spelt[:, place - start + 1], texts.words(place, rows))
                for place in range(start, width)
            )

        return all(in_blocks(equal, len(texts)))

    def numbers(self) -> Ints | None:
        """The whole numbers in which texts of one length differ; None where it is more than that.

        Two texts have the same number if and only if they are equal.
        """
        if not len(self):
            return None
        length = int(self.lengths[0])
        if not 0 < length <= 16 or not bool((self.lengths == length).all()):
            return None
        size = min(length, 8)
        tail = Texts(self.data, self.begins + (length - size), np.full(len(self), size))
        head = Texts(self.data, self.begins, np.full(len(self), length - size))
        numbers = np.empty(len(self), dtype=np.int64)
        fixed = [part.words(0, slice(0, 1))[0] for part in (tail, head)]

        def differing(rows: slice) -> list[np.uint64]:
            return [
                np.bitwise_or.reduce(part.words(0, rows) ^ fixed[i])
                for i, part in enumerate((tail, head))
            ]

        loose = np.bitwise_or.reduce(np.array(in_blocks(differing, len(self))), axis=0)
        masks = [_whole_bytes(mask) for mask in loose]

        def read(rows: slice) -> bool:
            digits = [part.words(0, rows) & masks[i] for i, part in enumerate((tail, head))]
            if not all(_all_digits(word, masks[i]) for i, word in enumerate(digits)):
                return False
            low = _eight_value(digits[0] << np.uint64(8 * (8 - size)))
            high = _eight_value(digits[1] << np.uint64(8 * (8 - length + size) % 64))
            numbers[rows] = (high * np.uint64(100_000_000) + low).astype(np.int64)
            return True

        return numbers if read(slice(0, 1)) and all(in_blocks(read, len(self))) else None

    def _digits(self) -> Ints | None:
        """Numbers in the order of texts of one to eight digits; None where they are not that."""
        if not len(self) or not 0 < int(self.lengths.min()) <= int(self.lengths.max()) <= 8:
            return None
        numbers = np.empty(len(self), dtype=np.int64)

        def read(rows: slice) -> bool:
            word, lengths = self.words(0, rows), self.lengths[rows]
            if not _all_digits(word, _MASKS[lengths]):
                return False
            numbers[rows] = (_eight_value(word).astype(np.int64) << 4) | lengths
            return True

        return numbers if all(in_blocks(read, len(self))) else None

    @property
    def trimmed(self) -> bool:
        """Whether no text is empty, and none begins or ends with white space or beyond ASCII."""
        if not len(self):
            return True
        if not int(self.lengths.min()):
            return False

        def plain(rows: slice) -> bool:
            begins, ends = self.begins[rows], self.begins[rows] + self.lengths[rows] - 1
            edges = (self.data[begins], self.data[ends])
            return all(bool(((edge > 0x20) & (edge < 0x7F)).all()) for edge in edges)

        return all(in_blocks(plain, len(self)))


def _number(keys: Keys) -> tuple[npt.NDArray[np.int32], Ints]:
    """Number the distinct keys in the order in which they come; the first row of each.

    Many keys are first shared out by a few bits, so that each share's hash table stays in the
    processor's cache.
    """
    if len(keys) < _MANY_KEYS:
        return _number_share(keys)
    share = np.empty(len(keys), dtype=np.uint8)

    def choose(rows: slice) -> None:
        share[rows] = (keys[rows] * _FIRST_MIX) >> np.uint64(64 - _SHARE_BITS)

    in_blocks(choose, len(keys))
    half = len(keys) // 2

    def sort_out(rows: slice) -> list[npt.NDArray[np.int32]]:
        order = np.argsort(share[rows], kind="stable").astype(np.int32) + np.int32(rows.start)
        return np.split(order, np.cumsum(np.bincount(share[rows], minlength=_SHARES))[:-1])

    lower, upper = at_once(sort_out, [slice(0, half), slice(half, len(keys))])
    codes = np.empty(len(keys), dtype=np.int32)

    def number(place: int) -> Ints:
        rows = np.concatenate([lower[place], upper[place]])
        codes[rows], first = _number_share(keys[rows])
        return rows[first].astype(np.int64)

    firsts = at_once(number, range(_SHARES))
    begins = np.cumsum([0, *map(len, firsts[:-1])], dtype=np.int32)
    joined = np.concatenate(firsts)
    coming = order_of(joined)
    renumbered = np.empty(len(joined), dtype=np.int32)
    renumbered[coming] = np.arange(len(joined), dtype=np.int32)

    def renumber(rows: slice) -> None:
        codes[rows] = renumbered.take(begins.take(share[rows]) + codes[rows])

    in_blocks(renumber, len(keys))
    return codes, joined[coming]


def _number_share(keys: Keys) -> tuple[npt.NDArray[np.int32], Ints]:
    coded, _ = pd.factorize(keys.view(np.int64))
    codes: npt.NDArray[np.int32] = coded.astype(np.int32, copy=False)
    highest = np.maximum.accumulate(codes)
    new = np.ones(len(codes), dtype=bool)
    new[1:] = highest[1:] != highest[:-1]
    return codes, np.flatnonzero(new)


def _whole_bytes(mask: np.uint64) -> np.uint64:
    held = int(mask).to_bytes(8, "little")
    return np.uint64(int.from_bytes(bytes(255 if byte else 0 for byte in held), "little"))


def _all_digits(word: Keys, mask: np.uint64 | Keys) -> bool:
    high, six = np.uint64(0xF0F0F0F0F0F0F0F0), np.uint64(0x0606060606060606)
    thirty = np.uint64(0x3030303030303030) & mask
    return bool(
        ((word & high) == thirty).all() and (((word + (six & mask)) & high) == thirty).all()
    )


def _eight_value(word: Keys) -> Keys:
    u = np.uint64
    ones = word & u(0x0F0F0F0F0F0F0F0F)
    pairs = (ones * u(10) + (ones >> u(8))) & u(0x00FF00FF00FF00FF)
    fours = (pairs * u(100) + (pairs >> u(16))) & u(0x0000FFFF0000FFFF)
    value: Keys = (fours * u(10_000) + (fours >> u(32))) & u(0xFFFFFFFF)
    return value


def _absorb(state: Keys, word: Keys | np.uint64) -> Keys:
    state ^= word
    state *= _SECOND_MIX
    state ^= state >> np.uint64(32)
    state *= _THIRD_MIX
    state ^= state >> np.uint64(29)
    return state


def _finish(state: Keys, lengths: Keys) -> Keys:
    state = _absorb(state, lengths)
    state[state == 0] = 1
    state[lengths == 0] = 0
    return state


def keys_of_texts(texts: Sequence[str]) -> Keys:
    """Digest texts; the empty text has key 0."""
    return Texts.of(texts).keys()


_POWERS: Final = 10 ** np.arange(1, 16, dtype=np.int64)
_SHORT: Final = 100_000_000


def _four_digits() -> npt.NDArray[np.uint64]:
    number = np.arange(10_000, dtype=np.uint64)
    digits = [(number // np.uint64(10**place)) % np.uint64(10) for place in (3, 2, 1, 0)]
    spelt = sum((48 + digit) << np.uint64(8 * i) for i, digit in enumerate(digits))
    return np.asarray(spelt, dtype=np.uint64)


_FOUR: Final = _four_digits()


def keys_of_integers(values: Ints) -> Keys:
    """Digest whole numbers; the key of a number is the key of its decimal text."""
    keys = np.empty(len(values), dtype=np.uint64)

    def fill(rows: slice) -> None:
        block = values[rows]
        if int(block.min()) < 0 or int(block.max()) >= _SHORT:
            keys[rows] = Texts.of_integers(block).keys()
            return
        short = block.astype(np.uint32)
        lengths = np.ones(len(block), dtype=np.uint64)
        for power in _POWERS[:7].tolist():
            lengths += short >= np.uint32(power)
        high = short // np.uint32(10_000)
        word = _FOUR.take(short - high * np.uint32(10_000)) << np.uint64(32)
        word |= _FOUR.take(high)
        word >>= np.uint64(64) - np.uint64(8) * lengths
        word ^= _FIRST_MIX
        keys[rows] = _finish(_absorb(word, _ZERO_WORD), lengths)

    in_blocks(fill, len(values))
    return keys


def _sixteen_digits(values: Ints) -> tuple[Keys, Keys, Ints]:
    block = values.astype(np.uint64)
    lengths = np.searchsorted(_POWERS, values, side="right") + 1
    high, low = np.divmod(block, np.uint64(100_000_000))
    return _eight_digits(high), _eight_digits(low), lengths


def _eight_digits(value: Keys) -> Keys:
    u = np.uint64
    pairs = (value // u(10_000)) | ((value % u(10_000)) << u(32))
    hundreds = ((pairs * u(10_486)) >> u(20)) & u(0x7F0000007F)
    fours = hundreds | ((pairs - hundreds * u(100)) << u(16))
    tens = ((fours * u(103)) >> u(10)) & u(0x000F000F000F000F)
    digits: Keys = (tens | ((fours - tens * u(10)) << u(8))) + u(0x3030303030303030)
    return digits
