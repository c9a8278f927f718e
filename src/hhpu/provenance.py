"""Where a figure comes from: citations, digests, and the provenance that every result carries."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Hashable, Iterator, Mapping
from typing import Any, TypeVar

import attrs

__all__ = ["Citation", "FrozenMapping", "Provenance", "canonical_json", "sha256_of"]


def canonical_json(value: object) -> bytes:
    """Give one byte string for one value: sorted keys, no spaces, UTF-8.

    Parameters
    ----------
    value : object
        Anything that JSON can hold; dates are written in ISO form.

    Returns
    -------
    bytes
        The same bytes for equal values, on any machine.

    Examples
    --------
    >>> canonical_json({"b": 1, "a": dt.date(2026, 3, 31)})
    b'{"a":"2026-03-31","b":1}'
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_json_default
    ).encode("utf-8")


def _json_default(value: object) -> object:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    message = f"{type(value).__name__} has no canonical form"
    raise TypeError(message)


def sha256_of(*parts: bytes) -> str:
    """Give the SHA-256 of byte strings, each framed by its length.

    Parameters
    ----------
    *parts : bytes
        The parts, in order; framing keeps ``(b"ab", b"c")`` apart from ``(b"a", b"bc")``.

    Returns
    -------
    str
        ``"sha256:"`` and 64 hexadecimal digits.

    Examples
    --------
    >>> sha256_of(b"ab", b"c") == sha256_of(b"a", b"bc")
    False
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return f"sha256:{digest.hexdigest()}"


@attrs.frozen
class Citation:
    """A source, in enough detail to find it again.

    Parameters
    ----------
    key : str
        The short name by which weights and rules refer to it.
    title : str
        Title of the work or page.
    url : str, optional
        Where it is.
    doi : str, optional
        Its DOI, without a resolver's address.
    read : datetime.date, optional
        The day on which the source was read.
    note : str, optional
        What a reader needs to know about it.
    licence : str, optional
        The licence under which the source is published, if it differs from the index's.

    Examples
    --------
    >>> Citation(key="g-2026", title="Guideline").label
    'Guideline'
    """

    key: str = attrs.field(validator=attrs.validators.min_len(1))
    title: str = attrs.field(validator=attrs.validators.min_len(1))
    url: str | None = None
    doi: str | None = None
    read: dt.date | None = None
    note: str | None = None
    licence: str | None = None

    @property
    def label(self) -> str:
        """The title with where it is found, in one line."""
        where = f"doi:{self.doi}" if self.doi else self.url
        return f"{self.title} ({where})" if where else self.title

    def to_dict(self) -> dict[str, Any]:
        """Give the fields that are set."""
        return {k: v for k, v in attrs.asdict(self).items() if v is not None}


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class FrozenMapping(Mapping[K, V]):
    """A mapping that does not change, and that can be pickled, copied and hashed.

    Parameters
    ----------
    items : mapping
        What it holds; copied.

    Examples
    --------
    >>> FrozenMapping({"a": 1})["a"]
    1
    """

    __slots__ = ("_held",)
    _held: dict[K, V]

    def __init__(self, items: Mapping[K, V]) -> None:
        object.__setattr__(self, "_held", dict(items))

    def __setattr__(self, name: str, value: object) -> None:
        message = "a frozen mapping does not change"
        raise AttributeError(message)

    def __getitem__(self, key: K) -> V:
        return self._held[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __hash__(self) -> int:
        return hash(canonical_json(self._held))

    def __repr__(self) -> str:
        return repr(self._held)

    def __reduce__(self) -> tuple[type, tuple[dict[K, V]]]:
        return type(self), (self._held,)


def _frozen_mapping(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return FrozenMapping(
        {k: _frozen_mapping(v) if isinstance(v, Mapping) else v for k, v in value.items()}
    )


@attrs.frozen
class Provenance:
    """What a result was made from; printed with it and written beside it.

    Parameters
    ----------
    facts : mapping of str to object
        Library version, index, definition, method, dates and digests, in printing order.
    caveats : tuple of str
        What could not be guaranteed, one sentence each; shown on the face of the result.

    Examples
    --------
    >>> Provenance(facts={"as_of": dt.date(2026, 3, 31)}, caveats=()).to_dict()
    {'as_of': '2026-03-31', 'caveats': []}
    """

    facts: Mapping[str, Any] = attrs.field(converter=_frozen_mapping)
    caveats: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give a plain dictionary that JSON can hold."""
        plain: dict[str, Any] = json.loads(canonical_json(dict(self.facts)))
        ordered = {key: plain[key] for key in self.facts}
        ordered["caveats"] = list(self.caveats)
        return ordered
