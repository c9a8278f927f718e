"""A validation as it was written, read back: what was tested, until when, what it found."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from hhpu.errors import ArgumentError, InputRefused
from hhpu.provenance import FrozenMapping, canonical_json, sha256_of

__all__ = ["FORMAT", "VERSION", "CapturedAt", "ValidationSummary", "read_validation", "sealed"]

FORMAT: Final = "hhpu validation"
VERSION: Final = 1


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a validation says its format at the head and its own digest at the end."""
    held = {"format": FORMAT, "version": VERSION, **content}
    return held | {"digest": _digest(held)}


def _digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of all but the digest, as it is after it was written and read."""
    told = {key: value for key, value in content.items() if key != "digest"}
    return sha256_of(FORMAT.encode(), canonical_json(json.loads(canonical_json(told))))


@attrs.frozen(kw_only=True)
class CapturedAt:
    """The share of later harm that the tested list held, at one origin and capacity.

    Parameters
    ----------
    origin : datetime.date
        The origin.
    at : str
        The capacity as asked for, such as ``5%`` or ``50``.
    seats, people : int
        How many people that is, of how many ranked.
    value, low, high : float or None
        The share and its interval, with ties in expectation; None where nobody had later harm.
    """

    origin: dt.date
    at: str
    seats: int
    people: int
    value: float | None
    low: float | None
    high: float | None


@attrs.frozen(kw_only=True)
class ValidationSummary:
    """What a written validation tested, and what it found of later harm.

    Parameters
    ----------
    digest : str
        Of all that the file says.
    origins : tuple of datetime.date
        The origins at which anybody was ranked, ascending.
    follow_up, delay : int
        Days of outcome, and days of recording beyond them.
    index, definition : str
        Digests of what the tested list was ranked under.
    method : mapping
        Its method and parameters.
    back : int
        How old the list was at each origin, in days.
    placing_date : str
        The date that places an offence in time.
    label : str
        What the tested list is called in the file.
    level : float
        Of the intervals.
    captured : tuple of CapturedAt
        Share of later harm, by origin and capacity; empty where harm was no outcome.
    """

    digest: str
    origins: tuple[dt.date, ...]
    follow_up: int
    delay: int
    index: str
    definition: str
    method: Mapping[str, Any] = attrs.field(converter=FrozenMapping)
    back: int
    placing_date: str
    label: str
    level: float
    captured: tuple[CapturedAt, ...]

    @property
    def ends(self) -> dt.date:
        """The day on which its data end: the last origin, its follow-up and its delay."""
        return self.origins[-1] + dt.timedelta(days=self.follow_up + self.delay)


def read_validation(path: str | Path) -> ValidationSummary:
    """Read back the file that ``hhpu validate --out`` wrote.

    Parameters
    ----------
    path : str or Path
        The JSON file.

    Returns
    -------
    ValidationSummary
        What was tested, and what was found of later harm.

    Raises
    ------
    ArgumentError
        If the file cannot be read.
    InputRefused
        If it is no validation, is of a version that is not known, was changed since it was written,
        or ranked nobody.
    """
    path = Path(path).expanduser()
    no_validation = (
        f"{path} is not a validation: name the JSON file that hhpu validate --out wrote, as this "
        "hhpu writes it"
    )
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        known = content["format"] == FORMAT and type(content["version"]) is int
    except OSError as error:
        message = (
            f"{path} cannot be read: {error.strerror}. Put the test there, or name where it is"
        )
        raise ArgumentError(message) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputRefused(no_validation) from error
    if not known:
        raise InputRefused(no_validation)
    if content["version"] > VERSION:
        message = (
            f"{path} is of version {content['version']}; this hhpu reads up to {VERSION}: use the "
            "hhpu that wrote it, or a newer one"
        )
        raise InputRefused(message)
    if content.get("digest") != _digest(content):
        message = (
            f"{path} was changed after it was written: its digest does not match. Put back the "
            "copy that was kept, or test again (hhpu validate)"
        )
        raise InputRefused(message)
    try:
        return _summary(content)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InputRefused(no_validation) from error


def _summary(content: Mapping[str, Any]) -> ValidationSummary:
    facts = content["provenance"]
    tested = facts["contenders"][0]
    definition = facts["definition"] if tested["definition"] is None else tested["definition"]
    people = {line["origin"]: line["people"] for line in content["origins"] if line["people"]}
    if not people:
        message = "nobody was ranked"
        raise ValueError(message)
    return ValidationSummary(
        digest=content["digest"],
        origins=tuple(sorted(map(dt.date.fromisoformat, people))),
        follow_up=facts["follow_up"],
        delay=facts["delay"],
        index=facts["index"]["digest"],
        definition=definition["digest"],
        method=tested["method"],
        back=tested["back"],
        placing_date=facts["placing_date"],
        label=tested["name"],
        level=content["intervals"]["level"],
        captured=_captured(content, tested["name"], people),
    )


def _captured(
    content: Mapping[str, Any], label: str, people: Mapping[str, int]
) -> tuple[CapturedAt, ...]:
    wanted = {"contender": label, "outcome": "harm", "figure": "captured"}

    def held(table: str) -> list[Mapping[str, Any]]:
        return [line for line in content[table] if all(line[key] == wanted[key] for key in wanted)]

    seats = {(line["origin"], line["at"]): line["seats"] for line in held("ties")}
    return tuple(
        CapturedAt(
            origin=dt.date.fromisoformat(line["origin"]),
            at=line["at"],
            seats=seats[line["origin"], line["at"]],
            people=people[line["origin"]],
            value=line["value"],
            low=line["low"],
            high=line["high"],
        )
        for line in held("table")
        if line["origin"] in people
    )
