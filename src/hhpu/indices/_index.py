"""A harm index: weights as data, each cited, in integers."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, Final

import attrs

from hhpu.domain import Detection, Role
from hhpu.errors import ArgumentError, DefinitionError
from hhpu.indices.codes import CodeProblem, Notation, read_code
from hhpu.provenance import Citation, canonical_json, sha256_of

__all__ = ["INTERVAL_ONLY", "Example", "HarmIndex", "Weight", "plain_decimal"]

INTERVAL_ONLY: Final = "interval-only"
HEAVIEST: Final = 2**53 // 100
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_EDITION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_AMOUNT = re.compile(r"(-?[0-9]{1,400})(?:\.([0-9]{1,400}))?")
_NOT_IN_A_CELL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_COLUMNS_OF_A_WEIGHT: Final = frozenset({
    "code", "weight", "basis", "citation", "description", "note", "lowest", "median", "highest",
})  # fmt: skip
_TRUTHS: Final = ("false", "true")
_VALUES_OF_A_KEY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "domestic_abuse": _TRUTHS,
        "hate": _TRUTHS,
        "child_abuse": _TRUTHS,
        "child_victim": _TRUTHS,
        "detection": tuple(Detection),
        "role": tuple(Role),
    }
)


def plain_decimal(amount: int, denominator: int) -> str:
    """Write ``amount / denominator`` as a plain decimal, exactly and without trailing zeros.

    Parameters
    ----------
    amount : int
        The integer amount.
    denominator : int
        A product of powers of two and ten.

    Returns
    -------
    str
        Digits with at most one point.

    Examples
    --------
    >>> plain_decimal(54750, 100), plain_decimal(1, 2**20)
    ('547.5', '0.00000095367431640625')
    """
    fives = (denominator & -denominator).bit_length() - 1 - _tens(denominator)
    places = _tens(denominator) + fives
    whole, rest = divmod(amount * 5**fives, 10**places)
    return f"{whole}.{rest:0{places}d}".rstrip("0") if rest else str(whole)


@cache
def _tens(denominator: int) -> int:
    tens = 0
    while denominator % 10 == 0:
        denominator //= 10
        tens += 1
    return tens


def as_tuple(value: Iterable[str]) -> tuple[str, ...]:
    """Hold a list of texts; one text alone would fall apart into letters.

    Raises
    ------
    ArgumentError
        If `value` is a text.
    """
    if isinstance(value, str):
        message = f"{value!r} is one text where a list of texts is wanted: ({value!r},)"
        raise ArgumentError(message)
    return tuple(value)


def _as_keys(value: Iterable[str | None]) -> tuple[str | None, ...]:
    return as_tuple(value) if isinstance(value, str) else tuple(value)


@attrs.frozen
class Weight:
    """The weight of one code, with where it comes from.

    Parameters
    ----------
    code : str
        The offence code, in the index's notation.
    weight : int or None
        In ``unit / scale``. None only for an interval without a point value.
    basis : str
        What the number is: ``published``, ``subgroup-median``, ``force``, ...
    citation : tuple of str
        Keys of the index's citations: a number without a source cannot be constructed.
    keys : tuple of (str or None)
        Values of the index's key columns; None means any.
    description, note : str
        For readers. An expired code has a note that begins with "expired".
    lowest, median, highest : int or None
        For an approximate edition, in ``unit / scale``.
    """

    code: str
    weight: int | None
    basis: str
    citation: tuple[str, ...] = attrs.field(converter=as_tuple)
    keys: tuple[str | None, ...] = attrs.field(default=(), converter=_as_keys)
    description: str = ""
    note: str = ""
    lowest: int | None = None
    median: int | None = None
    highest: int | None = None

    @property
    def expired(self) -> bool:
        """Whether the code is no longer in use."""
        return self.note.casefold().startswith("expired")


@attrs.frozen
class Example:
    """A worked case: codes, and the harm they sum to in ``unit / scale``."""

    codes: tuple[str, ...] = attrs.field(converter=as_tuple)
    harm: int


def as_citations(value: Iterable[Citation]) -> tuple[Citation, ...]:
    """Hold citations."""
    return tuple(value)


def _as_weights(value: Iterable[Weight]) -> tuple[Weight, ...]:
    return tuple(value)


def _as_examples(value: Iterable[Example]) -> tuple[Example, ...]:
    return tuple(value)


def row_name(weight: Weight) -> str:
    """Name a row of weights by its code and keys."""
    keyed = ", ".join(key or "any" for key in weight.keys)
    return f"{weight.code} ({keyed})" if keyed else weight.code


@attrs.frozen(kw_only=True)
class HarmIndex:
    """An edition of a harm index: a value that checks itself and never changes.

    Parameters
    ----------
    name : str
        Lower-case words joined by hyphens.
    edition : str
        As published; compared only for equality.
    title : str
        For readers.
    unit : str
        What a weight counts, e.g. ``days``.
    scale : int
        A power of ten: weights are integers in ``unit / scale``.
    codes : str
        ``home-office-class``, ``home-office-recorded``, or any other word for codes that are
        compared as written.
    licence : str
        The licence of the numbers.
    citations : tuple of Citation
        The sources.
    weights : tuple of Weight
        One for each code, or for each code and combination of keys.
    keys : tuple of str
        Further classifying columns that the weights depend on.
    examples : tuple of Example
        Worked cases that the conformance check reproduces.
    note : str
        What every reader must know.
    approximate : bool
        Whether this is a stand-in whose weights are estimates.
    interval_threshold : int or None
        In a stand-in, the ratio of highest to lowest above which there is no point weight.
    supplier : str
        The distribution or folder that supplied it; not part of its identity.

    Raises
    ------
    DefinitionError
        With every fault at once: negative, missing, uncited or overflowing weights, codes that
        cannot be read, rows that tie.

    Examples
    --------
    >>> from hhpu.provenance import Citation
    >>> index = HarmIndex(
    ...     name="two-codes", edition="1", title="Two codes", unit="points", scale=10,
    ...     codes="our-codes", licence="CC0-1.0",
    ...     citations=(Citation(key="us", title="Our own judgement"),),
    ...     weights=(Weight("A", 15, "force", ("us",)), Weight("B", 0, "force", ("us",))),
    ... )
    >>> index.weigh("A").weight, index.weigh("C")
    (15, None)
    """

    name: str
    edition: str
    title: str
    unit: str
    scale: int
    codes: str
    licence: str
    citations: tuple[Citation, ...] = attrs.field(converter=as_citations)
    weights: tuple[Weight, ...] = attrs.field(converter=_as_weights, repr=False)
    keys: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    examples: tuple[Example, ...] = attrs.field(default=(), converter=_as_examples, repr=False)
    note: str = attrs.field(default="", repr=False)
    approximate: bool = False
    interval_threshold: int | None = None
    supplier: str = attrs.field(default="", eq=False)

    def __attrs_post_init__(self) -> None:
        faults = [*self._faults_of_head(), *self._faults_of_weights()]
        if not faults:
            faults = [*self._faults_of_keys(), *self._faults_of_examples()]
        if faults:
            raise DefinitionError(f"harm index {self.name!r} edition {self.edition!r}", faults)

    def _faults_of_head(self) -> Iterable[str]:
        if not _NAME.fullmatch(self.name):
            yield f"name {self.name!r}: lower-case letters and digits, joined by hyphens"
        if not _EDITION.fullmatch(self.edition):
            yield f"edition {self.edition!r}: letters, digits, points and hyphens"
        if self.scale < 1 or not re.fullmatch("10*", str(self.scale)):
            yield f"scale {self.scale}: a power of ten, such as 1, 100 or 1000000"
        for field in ("title", "unit", "codes", "licence"):
            if not getattr(self, field):
                yield f"{field} is empty"
        meant = _notation_meant(self.codes)
        if meant != self.codes:
            yield f"codes {self.codes!r}: write {meant!r}, or a word of your own less like it"
        threshold = self.interval_threshold
        if threshold is not None and (not is_whole(threshold) or threshold < 1):
            yield "interval_threshold is a whole number, at least 1"
        for key in self.keys:
            if not key or key != key.strip() or key in _COLUMNS_OF_A_WEIGHT:
                yield f"keys: {key!r} cannot name a key column"
        if not self.citations:
            yield "no citation: a number without a source cannot be used"
        named = [citation.key for citation in self.citations]
        twice = sorted({key for key in named if named.count(key) > 1})
        yield from (f"citation key {key!r} stands twice" for key in twice)
        yield from (
            f"citation key {key!r}: no semicolon and no space around it"
            for key in named
            if ";" in key or not _fits_a_cell(key)
        )
        if not self.weights:
            yield "no weights"

    def _faults_of_weights(self) -> Iterable[str]:
        sources = {citation.key for citation in self.citations}
        level = self.codes if self.codes in list(Notation) else None
        for weight in self.weights:
            row = row_name(weight)
            yield from _faults_of_numbers(weight, row)
            unlike_text = [*_faults_of_texts(weight, row)]
            yield from unlike_text
            if unlike_text:
                continue
            if not weight.basis:
                yield f"{row}: no basis"
            if not weight.citation:
                yield f"{row}: no citation"
            unknown = [key for key in weight.citation if key not in sources]
            if unknown:
                known = ", ".join(sorted(sources))
                yield f"{row}: citation {', '.join(unknown)} is not among {known}"
            if len(weight.keys) != len(self.keys):
                yield f"{row}: {len(weight.keys)} key values for the {len(self.keys)} key columns"
            for key, value in zip(self.keys, weight.keys, strict=False):
                possible = _VALUES_OF_A_KEY.get(key)
                if value is not None and possible is not None and value not in possible:
                    yield f"{row}: {key} is {value!r}, not one of {', '.join(possible)}"
            if not weight.code.strip():
                yield "a weight without a code"
            elif level is not None:
                reading = read_code(weight.code, notation=level)
                if reading.code is None:
                    problem = reading.problem or CodeProblem.UNREADABLE
                    yield f"{row}: not a code in {level} ({problem})"
                elif reading.code != weight.code or reading.notation != level:
                    yield f"{row}: write it as {level}: {reading.code}"

    def _faults_of_keys(self) -> Iterable[str]:
        if len(set(self.keys)) != len(self.keys):
            yield "a key column stands twice"
        for code, rows in self._by_code.items():
            filled = {row.keys for row in rows}
            for i, one in enumerate(rows):
                for other in rows[i + 1 :]:
                    if one.keys == other.keys:
                        yield f"{row_name(one)} stands twice"
                    elif _tie(one.keys, other.keys):
                        both = tuple(a or b for a, b in zip(one.keys, other.keys, strict=True))
                        if both not in filled:
                            yield (
                                f"{code}: {row_name(one)} and {row_name(other)} tie; "
                                f"add a row for both ({', '.join(key or 'any' for key in both)})"
                            )

    def _faults_of_examples(self) -> Iterable[str]:
        for example in self.examples:
            if not example.codes:
                yield "an example has no codes"
            if not is_whole(example.harm) or example.harm < 0:
                yield f"an example's harm is {example.harm!r}: a whole number of unit/scale, from 0"
            if any(";" in code for code in example.codes):
                yield "an example uses a code with a semicolon, which separates codes there"
            strangers = [code for code in example.codes if code not in self._by_code]
            if strangers:
                yield f"an example uses {', '.join(strangers)}, which has no weight"

    @cached_property
    def _by_code(self) -> Mapping[str, tuple[Weight, ...]]:
        rows: dict[str, list[Weight]] = {}
        for weight in self.weights:
            rows.setdefault(weight.code, []).append(weight)
        return MappingProxyType(
            {
                code: tuple(sorted(found, key=lambda w: -sum(key is not None for key in w.keys)))
                for code, found in rows.items()
            }
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the whole content, the supplier apart."""
        content = attrs.asdict(
            self,
            filter=lambda attribute, _: attribute.name != "supplier",
            value_serializer=lambda _i, _a, v: list(v) if isinstance(v, tuple) else v,
        )
        content["weights"] = sorted(
            content["weights"], key=lambda w: (w["code"], [k or "" for k in w["keys"]])
        )
        content["citations"] = sorted(content["citations"], key=lambda c: str(c["key"]))
        return sha256_of(b"hhpu harm index 1", canonical_json(content))

    @property
    def label(self) -> str:
        """Name, edition and the beginning of the digest, as every output shows it."""
        return f"{self.name} {self.edition} ({self.digest[:19]})"

    def weigh(self, code: str, keys: Sequence[str | None] = ()) -> Weight | None:
        """Find the weight of a code; the row with the most filled keys wins.

        Parameters
        ----------
        code : str
            In the index's notation.
        keys : sequence of str or None
            The offence's values of the key columns, in the order of ``keys``.

        Returns
        -------
        Weight or None
            None where the index has no row: never 0.
        """
        values = (*keys, *([None] * (len(self.keys) - len(keys))))
        for weight in self._by_code.get(code, ()):
            pairs = zip(weight.keys, values, strict=True)
            if all(wanted is None or wanted == value for wanted, value in pairs):
                return weight
        return None

    def amount(self, weight: int) -> str:
        """Write a weight in the index's unit as a plain decimal."""
        return plain_decimal(weight, self.scale)

    def to_dict(self) -> dict[str, Any]:
        """Give what identifies the index, for provenance."""
        return {
            "name": self.name,
            "edition": self.edition,
            "digest": self.digest,
            "title": self.title,
            "unit": self.unit,
            "supplier": self.supplier,
            "approximate": self.approximate,
        }


def _faults_of_numbers(weight: Weight, row: str) -> Iterable[str]:
    amounts = {
        "weight": weight.weight,
        "lowest": weight.lowest,
        "median": weight.median,
        "highest": weight.highest,
    }
    unwhole = [n for n, amount in amounts.items() if amount is not None and not is_whole(amount)]
    if unwhole:
        yield f"{row}: {', '.join(unwhole)} must be a whole number of unit/scale"
        return
    for name, amount in amounts.items():
        if amount is not None and amount < 0:
            yield f"{row}: {name} is negative"
        if amount is not None and amount > HEAVIEST:
            yield f"{row}: {name} overflows: at most {HEAVIEST} in unit/scale"
    low, high = weight.lowest, weight.highest
    if (low is None) != (high is None):
        yield f"{row}: lowest and highest go together"
    if weight.weight is None:
        if weight.basis != INTERVAL_ONLY:
            yield f"{row}: no weight; a weight of zero is written as 0"
        elif low is None or high is None:
            yield f"{row}: an interval-only row needs lowest and highest"
    elif weight.basis == INTERVAL_ONLY:
        yield f"{row}: an interval-only row has no point weight"
    held = [a for a in (low, weight.median, weight.weight, high) if a is not None]
    if low is not None and high is not None and held and not low <= min(held) <= max(held) <= high:
        yield f"{row}: the interval does not hold its values in order"


def _faults_of_texts(weight: Weight, row: str) -> Iterable[str]:
    texts = {name: getattr(weight, name) for name in ("code", "basis", "description", "note")} | {
        f"key {place}": key for place, key in enumerate(weight.keys, start=1) if key is not None
    }
    for name, text in texts.items():
        if not isinstance(text, str):
            yield f"{row}: {name} must be text"
        elif not _fits_a_cell(text):
            yield f"{row}: {name} has space around it, a line break or a control character"
        elif not text and name.startswith("key "):
            yield f"{row}: {name} is empty text; any value is written as None"


def _fits_a_cell(text: str) -> bool:
    return text == text.strip() and not _NOT_IN_A_CELL.search(text)


def is_whole(value: object) -> bool:
    """Whether a value is an integer, and not a truth."""
    return isinstance(value, int) and not isinstance(value, bool)


def _notation_meant(word: str) -> str:
    """Give the notation that a word was meant for, or the word itself."""
    plain = word.strip().casefold().replace("_", "-").replace(" ", "-")
    close = difflib.get_close_matches(plain, list(Notation), n=1, cutoff=0.9)
    return str(close[0]) if close else word


def _tie(one: Sequence[str | None], other: Sequence[str | None]) -> bool:
    same_number = sum(k is not None for k in one) == sum(k is not None for k in other)
    pairs = zip(one, other, strict=True)
    return same_number and all(a is None or b is None or a == b for a, b in pairs)


def parse_amount(text: str, scale: int) -> int | str:
    """Read a plain decimal as an integer in ``unit / scale``, or say what is wrong with it."""
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return f"{text!r} is not a plain decimal number"
    places = len(str(scale)) - 1
    decimals = (match[2] or "").rstrip("0")
    if len(decimals) > places:
        return f"{text} needs more decimals than scale {scale} holds"
    return int(match[1] + decimals.ljust(places, "0"))
