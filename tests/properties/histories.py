"""Sequences of full extracts, and a slow reference for what a ledger must know after each."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import forces
import numpy as np
import pandas as pd
import reference
from hypothesis import strategies as st

import hhpu
from hhpu.tables import FOREVER, NO_DAY, STATUS_CODES

_STATUS = {code: str(status) for status, code in STATUS_CODES.items()}
_EPOCH = dt.date(1970, 1, 1).toordinal()
_CHANGES = (
    "offender_id", "offence_id", "code", "role", "status", "committed_on", "recorded_on",
    "status_from", *reference.FLAGS, "detection",
)  # fmt: skip


@dataclass(frozen=True)
class Extract:
    """One full extract: its day, its rows, and dates of birth where there is a people table."""

    day: dt.date
    rows: tuple[Mapping[str, Any], ...]
    born: Mapping[str, dt.date] | None

    def people(self) -> pd.DataFrame | None:
        if self.born is None:
            return None
        return pd.DataFrame(
            {
                "offender_id": pd.Series(list(self.born), dtype="str"),
                "date_of_birth": pd.to_datetime(pd.Series(list(self.born.values()), dtype=object)),
            }
        )

    def encode(self, rows: Sequence[Mapping[str, Any]] | None = None, wrap: Any = None) -> Any:
        table = forces.frame(list(self.rows if rows is None else rows))
        return hhpu.encode(table if wrap is None else wrap(table), people=self.people())

    def links(self) -> tuple[list[reference.Link], int]:
        links, rejected = reference.read(self.rows, born=self.born)
        return links, len(rejected)


row = forces.rows(known=True, known_from=st.none(), known_to=st.none())
refused = st.fixed_dictionaries(
    {
        "offender_id": st.sampled_from((None, "UNKNOWN", *forces.PEOPLE)),
        "offence_id": st.none() | st.sampled_from(("o1", "o2", "o3", "0o3")),
        "committed_on": st.none(),
    }
)


@st.composite
def extracts(draw: st.DrawFn, *, most: int = 4, people: bool | None = None) -> list[Extract]:
    """Draw extracts whose rows stay, appear, vanish, come back, change, and double."""
    pool: list[Any] = draw(st.lists(row, min_size=1, max_size=8))
    held = list(pool)
    day = forces.FIRST + dt.timedelta(days=draw(st.integers(0, 9)))
    with_people = draw(st.booleans()) if people is None else people
    births = st.sampled_from([dt.date(2014, 2, 25), dt.date(2014, 3, 1), dt.date(1990, 1, 1)])
    made = []
    for number in range(draw(st.integers(2, most))):
        if number:
            held = [changed for each in held for changed in _next(draw, each)]
            held += draw(st.lists(row | st.sampled_from(pool), max_size=3))
            pool += held
            day += dt.timedelta(days=draw(st.integers(1, 5)))
        held = held if reference.read(held)[0] else [*held, draw(row)]
        junk = draw(st.lists(refused, max_size=1))
        born = {p: draw(births) for p in forces.PEOPLE} if with_people else None
        made.append(Extract(day=day, rows=tuple(draw(st.permutations([*held, *junk]))), born=born))
    return made


def _next(draw: st.DrawFn, each: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    what = draw(
        st.sampled_from(
            ("stays",) * 5 + ("changes",) * 3 + ("vanishes", "doubles", "dateless", "moves")
        )
    )
    if what == "changes":
        name = draw(st.sampled_from(_CHANGES))
        return [{**each, name: draw(row)[name]}]
    if what == "dateless":
        return [{**each, "committed_on": None}]
    if what == "moves":
        return [{**each, "offender_id": draw(st.sampled_from(forces.PEOPLE))}]
    return {"stays": [each], "vanishes": [], "doubles": [each, each]}[what]


def begun(made: Sequence[Extract]) -> list[hhpu.Ledger]:
    """Give the library's ledger after each extract."""
    ledgers: list[hhpu.Ledger] = []
    for extract in made:
        fresh = extract.encode()
        ledgers.append(
            ledgers[-1].update(fresh, day=extract.day, source="us")
            if ledgers
            else fresh.begin(day=extract.day, source="us")
        )
    return ledgers


def unusable(made: Sequence[Extract], day: int) -> set[tuple[str, str]]:
    """Person and offence of the rejected rows of the extract in force on a day."""
    taken = [extract for extract in made if extract.day.toordinal() <= day]
    if not taken:
        return set()
    rows = taken[-1].rows
    rejected = [rows[i] for i in reference.read(rows)[1]]
    pairs = [
        (reference.text_of(row["offender_id"]), reference.text_of(row.get("offence_id")))
        for row in rejected
    ]
    return {
        (person, offence)
        for person, offence in pairs
        if person and offence and person.casefold() not in reference.PLACEHOLDER_PEOPLE
    }


Content = tuple[Any, ...]


def content(link: reference.Link) -> Content:
    """Give what a row says, whenever it was known."""
    delay = None if link.recorded == reference.ALWAYS else link.recorded - link.day
    cells = dict(zip(reference.CLASSIFYING, link.cells, strict=True))
    said = tuple(sorted((name, cell) for name, cell in cells.items() if cell is not None))
    return (link.person, link.offence, link.day, link.status, link.below_age, delay, said)


def as_it_stands(links: Sequence[reference.Link]) -> list[reference.Link]:
    """Of a row that was split at its status, the later version."""
    last = {link.source: link for link in links}
    return list(last.values())


@dataclass
class Accounts:
    """What the accounts of an extract must say."""

    same: int
    opened: int
    closed: int


def history(made: Sequence[Extract]) -> tuple[list[list[reference.Link]], list[Accounts]]:
    """Give the versions known after each extract, as links, and the accounts of each."""
    stages: list[list[reference.Link]] = []
    accounts = []
    for number, extract in enumerate(made):
        day = extract.day.toordinal()
        links, _ = extract.links()
        standing = as_it_stands(links)
        if not number:
            first = [
                replace(
                    link,
                    known_from=min(link.known_from, day),
                    known_to=link.known_to
                    if link.known_to == reference.FOREVER
                    else min(link.known_to, day),
                )
                for link in links
            ]
            stages.append(first)
            accounts.append(Accounts(same=0, opened=len(standing), closed=0))
            continue
        wanted: dict[Content, list[reference.Link]] = {}
        for link in standing:
            wanted.setdefault(content(link), []).append(link)
        kept: list[reference.Link] = []
        same = closed = 0
        for link in sorted(stages[-1], key=lambda link: link.known_from):
            if link.known_to != reference.FOREVER:
                kept.append(link)
            elif wanted.get(content(link)):
                wanted[content(link)].pop()
                kept.append(link)
                same += 1
            else:
                kept.append(replace(link, known_to=day))
                closed += 1
        new = [replace(link, known_from=day) for links in wanted.values() for link in links]
        stages.append([*kept, *new])
        accounts.append(Accounts(same=same, opened=len(new), closed=closed))
    return stages, accounts


def versions(links: Sequence[reference.Link]) -> Counter[Content]:
    """Count the versions of the reference."""
    return Counter((*content(link), link.known_from, link.known_to) for link in links)


def versions_of(ledger: hhpu.Ledger) -> Counter[Content]:
    """Count the versions of a ledger in the terms of the reference."""
    ids = ledger.offence_ids(np.arange(len(ledger)))
    columns = ledger.types.columns
    found: Counter[Content] = Counter()
    for place in range(len(ledger)):
        kind = int(ledger.kind[place])
        cells = sorted((n, c[kind]) for n, c in columns.items() if c[kind] is not None)
        status = int(ledger.status[place])
        delay = int(ledger.delay[place])
        known_from, known_to = int(ledger.known_from[place]), int(ledger.known_to[place])
        found[
            ledger.people[int(ledger.offender[place])],
            ids[place] or None,
            int(ledger.day[place]) + _EPOCH,
            "unknown" if not status else _STATUS.get(status, "unreadable"),
            bool(ledger.mask[place]),
            None if delay == -(2**15) else delay,
            tuple(cells),
            reference.ALWAYS if known_from == NO_DAY else known_from + _EPOCH,
            reference.FOREVER if known_to == FOREVER else known_to + _EPOCH,
        ] += 1
    return found
