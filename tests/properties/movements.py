"""A slow reference for what moved people between two rankings, and on what places rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import reference

Scores = Mapping[str, Fraction]
ORDER = (
    "cancelled or cleared", "removed from the records", "linked to another person",
    "row not usable", "status changed", "status, role or flag not readable", "re-classified",
    "date changed", "date of birth changed", "another version counts",
    "late-recorded", "aged out", "aged", "new offence",
)  # fmt: skip


def persons(pairs: Sequence[tuple[str, str, int, int]], day: int) -> dict[str, str]:
    """Give each record's person on a day, by walking from one to the next."""
    given: dict[str, str] = {}
    for record, person, known_from, known_to in pairs:
        if known_from <= day < known_to and given.setdefault(record, person) != person:
            message = "two persons at once"
            raise ValueError(message)
    found = {}
    for record in given:
        seen, at = [record], record
        while given.get(at, at) != at:
            at = given[at]
            if at in seen:
                message = "a circle"
                raise ValueError(message)
            seen.append(at)
        found[record] = at
    return found


def under(links: Sequence[reference.Link], person_of: Mapping[str, str]) -> list[reference.Link]:
    """Put links under persons."""
    return [replace(link, person=person_of.get(link.person, link.person)) for link in links]


def rank_of(scores: Scores, person: str) -> int:
    """Give a rank; who is not ranked stands just below everybody who is."""
    if person not in scores:
        return len(scores) + 1
    return 1 + sum(score > scores[person] for score in scores.values())


Unusable = Callable[[int], set[tuple[str, str]]]


def changed_links(
    links: Sequence[reference.Link],
    definition: reference.Definition,
    before: int,
    now: int,
    unusable: Unusable,
) -> dict[str, list[tuple[str, Fraction]]]:
    """Give, for each person, the cause and the change of every link whose part changed."""
    stages = []
    for day in (before, now):
        masked = reference.duplicates(links, day)
        fates = [reference.fate(link, i in masked, definition, day) for i, link in enumerate(links)]
        worth = {
            i: reference.worth(link, definition, day)
            for i, link in enumerate(links)
            if fates[i] == "counted"
        }
        stages.append((fates, worth))
    (fates_was, was), (fates_now, new) = stages
    groups: dict[tuple[str, object], list[int]] = {}
    for i, link in enumerate(links):
        groups.setdefault((link.person, link.offence or i), []).append(i)
    found: dict[str, list[tuple[str, Fraction]]] = {}
    for (person, _), members in groups.items():
        one = [i for i in members if i in was]
        other = [i for i in members if i in new]
        if one == other and all(was[i] == new[i] for i in one):
            continue
        change = sum((new[i] for i in other), Fraction(0)) - sum((was[i] for i in one), Fraction(0))
        assert len(one) <= 1
        assert len(other) <= 1
        if one and other:
            cause = _both(links[one[0]], links[other[0]], same=one == other)
        elif one:
            rest = _in_force(links, members, now, before)
            cause = _gone(links, one[0], rest, fates_now)
            if cause == "removed from the records":
                cause = _elsewhere(links, links[one[0]], before, now, unusable(now)) or cause
        else:
            rest = _in_force(links, members, before, now)
            cause = _come(links, other[0], rest, fates_was, before)
            if cause == "late-recorded":
                cause = _elsewhere(links, links[other[0]], before, now, unusable(before)) or cause
        found.setdefault(person, []).append((cause, change))
    return found


def _both(one: reference.Link, other: reference.Link, *, same: bool) -> str:
    if same:
        return "aged"
    if one.cells != other.cells:
        return "re-classified"
    if one.status != other.status:
        return "status changed"
    return "date changed" if one.day != other.day else "another version counts"


def _in_force(
    links: Sequence[reference.Link],
    members: Sequence[int],
    day: int,
    other: int,
) -> int | None:
    """The version of the link on a day: the suspect's; else another role's that came or went."""
    there = [i for i in members if links[i].known_from <= day < links[i].known_to]
    masked = reference.duplicates(links, day)
    mine = [i for i in there if links[i].side == "suspect" and i not in masked]
    if mine:
        assert len(mine) == 1
        return mine[0]
    rest = [
        i
        for i in there
        if links[i].side != "suspect" and not links[i].known_from <= other < links[i].known_to
    ]
    return rest[0] if rest else None


def _gone(
    links: Sequence[reference.Link], row: int, other: int | None, fates: Sequence[str]
) -> str:
    if fates[row] == "outside the window":
        return "aged out"
    return "removed from the records" if other is None else _version(links, row, other, fates)


def _come(
    links: Sequence[reference.Link], row: int, other: int | None, fates: Sequence[str], since: int
) -> str:
    if other is None:
        return "late-recorded" if links[row].day <= since else "new offence"
    if fates[other] == "outside the window" and links[other].day > since:
        return "new offence"
    cause = _version(links, row, other, fates)
    return "status changed" if cause == "cancelled or cleared" else cause


def _elsewhere(
    links: Sequence[reference.Link],
    link: reference.Link,
    before: int,
    now: int,
    unusable: set[tuple[str, str]],
) -> str | None:
    """Say where an offence is, or was, that came or went: unusable, or with somebody else."""
    if link.offence is None:
        return None
    if (link.person, link.offence) in unusable:
        return "row not usable"
    was, after = (
        {
            other.person
            for other in links
            if other.offence == link.offence
            and other.side == "suspect"
            and other.known_from <= day < other.known_to
        }
        for day in (before, now)
    )
    return "linked to another person" if was - after and after - was else None


def _version(links: Sequence[reference.Link], row: int, other: int, fates: Sequence[str]) -> str:
    fate = fates[other]
    if fate == "status worth 0":
        cleared = {links[row].status, links[other].status} & reference.NEVER_SCORE
        return "cancelled or cleared" if cleared else "status changed"
    if fate in ("unreadable status", "unreadable role"):
        return "status, role or flag not readable"
    if fate == "outside the window":
        return "aged out" if links[row].day == links[other].day else "date changed"
    if fate == "committed below the age of criminal responsibility":
        return "date of birth changed" if links[row].day == links[other].day else "date changed"
    if fate in ("duplicate", "counted"):
        return "another version counts"
    return "re-classified"


def totals_of(found: Mapping[str, Sequence[tuple[str, Fraction]]]) -> Counter[str]:
    """Count the offences of each cause."""
    return Counter(cause for changes in found.values() for cause, _ in changes)
