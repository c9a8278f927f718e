"""A slow, obvious reference: what the library must say, written a second time.

Pure Python over dictionaries, dates, integers and fractions. It shares nothing with the ledger, the
ranking, the tables or the indices of the library; weights are a plain dictionary.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

STATUSES = (
    "suspect", "arrested", "charged", "convicted", "cautioned", "no-further-action",
    "eliminated", "acquitted", "not-guilty", "cancelled",
)  # fmt: skip
NEVER_SCORE = {"eliminated", "acquitted", "not-guilty", "cancelled"}
PROVEN = {"convicted", "cautioned"}
ROLES = ("suspect", "offender", "victim", "witness")
DETECTIONS = ("reported", "proactive", "company", "management")
FLAGS = ("domestic_abuse", "hate", "child_abuse", "child_victim")
CLASSIFYING = tuple(sorted(("code", "role", *FLAGS, "detection", "division")))
PLACEHOLDER_DATES = {
    dt.date(1, 1, 1), dt.date(1899, 12, 30), dt.date(1899, 12, 31), dt.date(1900, 1, 1),
    dt.date(9999, 12, 31),
}  # fmt: skip
PLACEHOLDER_PEOPLE = {"unknown", "unknown male", "n/a", "test"}
ALWAYS, FOREVER = -(10**9), 10**9


@dataclass(frozen=True)
class Link:
    """One version of one person-offence link; days are ordinals."""

    source: int
    person: str
    offence: str | None
    day: int
    known_from: int
    known_to: int
    status: str
    below_age: bool
    recorded: int
    cells: tuple[str | None, ...]

    def cell(self, name: str) -> str | None:
        return self.cells[CLASSIFYING.index(name)]

    @property
    def side(self) -> str:
        role = self.cell("role")
        if role in (None, "suspect", "offender"):
            return "suspect"
        return "victim" if role == "victim" else "other"


def text_of(cell: object) -> str | None:
    """Give a cell as text without surrounding white space, or None."""
    if cell is None:
        return None
    return str(cell).strip() or None


def day_of(cell: object) -> int | None:
    """Give a date cell as an ordinal, or None where it is empty or cannot be used."""
    if isinstance(cell, dt.date):
        date = cell
    else:
        text = text_of(cell)
        if text is None:
            return None
        try:
            date = dt.date.fromisoformat(text)
        except ValueError:
            return None
    if not dt.date(1900, 1, 2) <= date <= dt.date(2100, 12, 31):
        return None
    return date.toordinal()


def word_of(cell: object, allowed: Iterable[str]) -> str | None:
    """Give a choice cell as one of the allowed words; an unreadable one gets a question mark."""
    text = text_of(cell)
    if text is None:
        return None
    plain = "-".join(text.casefold().replace("_", " ").replace("-", " ").split())
    return plain if plain in allowed else f"?{text}"


def birthday(born: dt.date, years: int) -> dt.date:
    """Give the day on which an age is reached; 1 March for a 29 February without one."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return dt.date(born.year + years, 3, 1)


def read(
    rows: Sequence[Mapping[str, Any]],
    *,
    date: str = "committed_on",
    born: Mapping[str, dt.date] | None = None,
    criminal_age: int = 10,
) -> tuple[list[Link], list[int]]:
    """Read rows as links, with the numbers of the rejected rows."""
    links: list[Link] = []
    rejected: list[int] = []
    for number, row in enumerate(rows):
        person = text_of(row.get("offender_id"))
        day = day_of(row.get(date))
        if person is None or person.casefold() in PLACEHOLDER_PEOPLE or day is None:
            rejected.append(number)
            continue
        stated, recorded = day_of(row.get("known_from")), day_of(row.get("recorded_on"))
        known_from = next((d for d in (stated, recorded) if d is not None), ALWAYS)
        ended = day_of(row.get("known_to"))
        known_to = FOREVER if ended is None else ended
        status = word_of(row.get("status"), STATUSES)
        status = "unknown" if status is None else "unreadable" if status[0] == "?" else status
        committed = day_of(row.get("committed_on"))
        birth = (born or {}).get(person)
        below = (
            birth is not None
            and committed is not None
            and committed < birthday(birth, criminal_age).toordinal()
        )
        link = Link(
            source=number, person=person, offence=text_of(row.get("offence_id")), day=day,
            known_from=known_from, known_to=known_to, status=status, below_age=below,
            recorded=next((d for d in (recorded, stated) if d is not None), ALWAYS),
            cells=_cells(row),
        )  # fmt: skip
        since = day_of(row.get("status_from"))
        if status != "unknown" and since is not None and since > known_from:
            change = min(since, known_to)
            links.append(replace(link, status="unknown", known_to=change))
            links.append(replace(link, known_from=change))
        else:
            links.append(link)
    return links, rejected


def _cells(row: Mapping[str, Any]) -> tuple[str | None, ...]:
    cells: dict[str, str | None] = {}
    for name in CLASSIFYING:
        cell = row.get(name)
        if name == "role":
            cells[name] = word_of(cell, ROLES)
        elif name == "detection":
            word = word_of(cell, DETECTIONS)
            cells[name] = None if word is None or word[0] == "?" else word
        elif name in FLAGS:
            cells[name] = {None: None, True: "true", False: "false"}[cell]
        else:
            cells[name] = text_of(cell)
    return tuple(cells[name] for name in CLASSIFYING)


def duplicates(links: Sequence[Link], as_of: int) -> set[int]:
    """Give the places of links masked as duplicates on a day.

    Of the links of one person, offence and role that are known on the day, one counts: by latest
    first day known, then most final status, then day, type, last day known, then the day recorded
    and age. The rest are masked.
    """
    order = (
        "unreadable", "unknown", "suspect", "arrested", "charged", "no-further-action", "cautioned",
        "convicted", "eliminated", "acquitted", "not-guilty", "cancelled",
    )  # fmt: skip
    groups: dict[tuple[str, str, str], list[int]] = {}
    for place, link in enumerate(links):
        if link.offence is not None and link.known_from <= as_of < link.known_to:
            groups.setdefault((link.offence, link.person, link.side), []).append(place)
    masked: set[int] = set()
    for places in groups.values():
        places.sort(
            key=lambda p: (
                -links[p].known_from,
                -order.index(links[p].status),
                links[p].cell("code") is None,
                links[p].day,
                [(cell is not None, cell or "") for cell in links[p].cells],
                links[p].known_to,
                links[p].recorded != ALWAYS,
                links[p].recorded,
                links[p].below_age,
            )
        )
        masked.update(places[1:])
    return masked


def ever_duplicates(links: Sequence[Link]) -> set[int]:
    """Give the places of links masked as duplicates on some day: one on which a link began."""
    return set().union(*(duplicates(links, link.known_from) for link in links))


@dataclass(frozen=True)
class Definition:
    """What counts and for how much: ``weights`` maps a code to (point, lowest, highest)."""

    weights: Mapping[str, tuple[int | None, int, int]]
    scale: int = 100
    window: int | None = None
    policy: Mapping[str, int] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()
    non_recent_after: int | None = None
    rules: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    method: str = "total-harm"
    half_life: int = 1

    def percent(self, status: str) -> int:
        if status == "unreadable":
            return 0
        return self.policy.get(status, 0 if status in NEVER_SCORE else 100)


def decay(age: int, half_life: int) -> int:
    """Give the integer nearest to ``2**20 * 2**(-age / half_life)``, by whole numbers alone.

    ``n`` is nearest where ``(2n - 1)**h <= 2**(21 h - a) <= (2n + 1)**h``.
    """
    exponent = 21 * half_life - age
    if exponent <= 0:
        return 0
    target = 2**exponent
    n = round(2 ** (20 - age / half_life))
    while (2 * n + 1) ** half_life < target:
        n += 1
    while n and (2 * n - 1) ** half_life > target:
        n -= 1
    return n


def fate(link: Link, masked: bool, definition: Definition, as_of: int) -> str:
    """Give the one fate of a link at a date."""
    if link.below_age:
        return "committed below the age of criminal responsibility"
    if masked:
        return "duplicate"
    if not link.known_from <= as_of:
        return "not yet known"
    if not as_of < link.known_to:
        return "superseded"
    if link.day > as_of or (
        definition.window is not None and link.day <= as_of - definition.window
    ):
        return "outside the window"
    if (link.cell("role") or "").startswith("?"):
        return "unreadable role"
    if link.side != "suspect":
        return "not a suspect or offender"
    if link.status == "unreadable":
        return "unreadable status"
    if definition.percent(link.status) == 0:
        return "status worth 0"
    return _fate_of_type(link, definition)


def _fate_of_type(link: Link, definition: Definition) -> str:
    code = link.cell("code")
    if definition.rules and not any(
        all(link.cell(flag) == "true" for flag in flags) and (not codes or code in codes)
        for codes, flags in definition.rules
    ):
        return "out of definition"
    if code is None or code not in definition.weights:
        return "unmapped"
    if definition.weights[code][0] is None:
        return "interval without a point weight"
    return "in a series kept apart" if kept_apart(link, definition) else "counted"


def kept_apart(link: Link, definition: Definition) -> bool:
    """Whether a link belongs to a series that is kept out of the score."""
    if link.cell("detection") in definition.apart:
        return True
    after = definition.non_recent_after if "non-recent" in definition.apart else None
    return after is not None and link.recorded != ALWAYS and link.recorded - link.day > after


def worth(link: Link, definition: Definition, as_of: int, which: int = 0) -> Fraction:
    """Give what a link adds: by its point weight (0), lowest (1) or highest (2)."""
    if definition.method == "offence-count":
        return Fraction(1)
    code = link.cell("code")
    assert code is not None
    point, low, high = definition.weights[code]
    weight = (point, low, high)[which]
    assert weight is not None
    amount = Fraction(weight * definition.percent(link.status), definition.scale * 100)
    if definition.method == "recency-weighted":
        amount *= Fraction(decay(as_of - link.day, definition.half_life), 2**20)
    return amount


@dataclass
class Result:
    """Everything that follows from links at a date."""

    fates: Counter[str]
    rows: list[tuple[Link, str]]
    scores: dict[str, Fraction]
    offences: Counter[str]
    parts: dict[str, list[tuple[Link, Fraction]]]
    proven: dict[str, Fraction]
    low: dict[str, Fraction]
    high: dict[str, Fraction]
    unmapped: Counter[tuple[str, str]]


def rank_in(score: Fraction, others: Iterable[Fraction]) -> int:
    """Give 1 + the number of higher scores."""
    return 1 + sum(other > score for other in others)


def evaluate(links: Sequence[Link], definition: Definition, date: dt.date) -> Result:
    """Score everybody at a date."""
    as_of = date.toordinal()
    masked = duplicates(links, as_of)
    rows = [(link, fate(link, i in masked, definition, as_of)) for i, link in enumerate(links)]
    result = Result(Counter(), rows, {}, Counter(), {}, {}, {}, {}, Counter())
    for link, what in rows:
        result.fates[what] += 1
        if what == "counted":
            amount = worth(link, definition, as_of)
            result.scores[link.person] = result.scores.get(link.person, Fraction(0)) + amount
            result.offences[link.person] += 1
            result.parts.setdefault(link.person, []).append((link, amount))
            real = amount if link.status in PROVEN else Fraction(0)
            result.proven[link.person] = result.proven.get(link.person, Fraction(0)) + real
        interval = what == "interval without a point weight"
        if what == "counted" or (interval and not kept_apart(link, definition)):
            for which, bound in ((1, result.low), (2, result.high)):
                amount = worth(link, definition, as_of, which)
                bound[link.person] = bound.get(link.person, Fraction(0)) + amount
        if interval or what in ("unmapped", "unreadable status", "unreadable role"):
            result.unmapped[link.cell("code") or "", link.person] += 1
    return result


def ranking(result: Result) -> list[tuple[str, int, Fraction, int, bool]]:
    """Give (person, rank, score, offences, tied), highest first, ids ascending inside a tie."""
    everybody = list(result.scores.values())
    lines = []
    for person, score in result.scores.items():
        tied = everybody.count(score) > 1
        lines.append((person, rank_in(score, everybody), score, result.offences[person], tied))
    return sorted(lines, key=lambda line: (line[1], line[0].encode("utf-8")))


def rank_range(result: Result, person: str) -> tuple[int, int]:
    """Give the best and worst rank that a person can take inside the intervals."""
    others = [other for other in result.high if other != person]
    best = 1 + sum(result.low[other] > result.high[person] for other in others)
    worst = 1 + sum(result.high[other] > result.low[person] for other in others)
    return best, worst


def bracket(result: Result, seats: int) -> tuple[set[str], set[str]]:
    """Give who is inside a bracket, and who is tied across its edge."""
    lines = ranking(result)
    seats = min(seats, len(lines))
    edge = lines[seats - 1][2]
    above = {line[0] for line in lines if line[2] > edge}
    level = {line[0] for line in lines if line[2] == edge}
    if len(above) + len(level) <= seats:
        return above | level, set()
    return above, level
