"""A harm index: weights as data, each cited, in integers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, Final

import attrs

from hhpu.errors import DefinitionError
from hhpu.indices.codes import CodeProblem, Notation, read_code
from hhpu.provenance import Citation, canonical_json, sha256_of

__all__ = ["INTERVAL_ONLY", "Example", "HarmIndex", "Weight", "plain_decimal"]

INTERVAL_ONLY: Final = "interval-only"
HEAVIEST: Final = 2**53 // 100
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_EDITION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


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
    citation: tuple[str, ...] = attrs.field(converter=tuple)
    keys: tuple[str | None, ...] = attrs.field(default=(), converter=tuple)
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

    codes: tuple[str, ...] = attrs.field(converter=tuple)
    harm: int


def _row(weight: Weight) -> str:
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
    citations: tuple[Citation, ...] = attrs.field(converter=tuple)
    weights: tuple[Weight, ...] = attrs.field(converter=tuple, repr=False)
    keys: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    examples: tuple[Example, ...] = attrs.field(default=(), converter=tuple, repr=False)
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
        if not self.citations:
            yield "no citation: a number without a source cannot be used"
        named = [citation.key for citation in self.citations]
        yield from (f"citation key {k!r} stands twice" for k in {n for n in named if named.count(n) > 1})
        if not self.weights:
            yield "no weights"

    def _faults_of_weights(self) -> Iterable[str]:
        sources = {citation.key for citation in self.citations}
        level = self.codes if self.codes in list(Notation) else None
        for weight in self.weights:
            row = _row(weight)
            yield from _faults_of_numbers(weight, row)
            if not weight.basis:
                yield f"{row}: no basis"
            if not weight.citation:
                yield f"{row}: no citation"
            unknown = [key for key in weight.citation if key not in sources]
            if unknown:
                yield f"{row}: citation {', '.join(unknown)} is not among {', '.join(sorted(sources))}"
            if len(weight.keys) != len(self.keys):
                yield f"{row}: {len(weight.keys)} key values for the {len(self.keys)} key columns"
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
            for i, one in enumerate(rows):
                for other in rows[i + 1 :]:
                    if one.keys == other.keys:
                        yield f"{_row(one)} stands twice"
                    elif _tie(one.keys, other.keys):
                        yield f"{code}: {_row(one)} and {_row(other)} tie; add a row for both"

    def _faults_of_examples(self) -> Iterable[str]:
        for example in self.examples:
            strangers = [code for code in example.codes if code not in self._by_code]
            if strangers:
                yield f"an example uses {', '.join(strangers)}, which has no weight"

    @cached_property
    def _by_code(self) -> Mapping[str, tuple[Weight, ...]]:
        rows: dict[str, list[Weight]] = {}
        for weight in self.weights:
            rows.setdefault(weight.code, []).append(weight)
        return MappingProxyType({
            code: tuple(sorted(found, key=lambda w: -sum(key is not None for key in w.keys)))
            for code, found in rows.items()
        })

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


def _tie(one: Sequence[str | None], other: Sequence[str | None]) -> bool:
    same_number = sum(k is not None for k in one) == sum(k is not None for k in other)
    pairs = zip(one, other, strict=True)
    return same_number and all(a is None or b is None or a == b for a, b in pairs)


def parse_amount(text: str, scale: int) -> int | str:
    """Read a plain decimal as an integer in ``unit / scale``, or say what is wrong with it."""
    if not re.fullmatch(r"-?\d+(?:\.\d+)?", text, re.ASCII):
        return f"{text!r} is not a plain decimal number"
    scaled = Decimal(text).scaleb(len(str(scale)) - 1)
    if scaled != scaled.to_integral_value():
        return f"{text} needs more decimals than scale {scale} holds"
    return int(scaled)
