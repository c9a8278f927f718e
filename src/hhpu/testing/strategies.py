"""Hypothesis strategies for harm indices, harm definitions and offences.

Every value drawn is valid: nothing is drawn and thrown away. Figures drawn here are made up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import attrs
import pandas as pd

try:
    from hypothesis import strategies as st
except ImportError as missing:
    message = "hhpu.testing.strategies needs Hypothesis: pip install hhpu[testing]"
    raise ImportError(message) from missing

from hhpu.domain import Detection, EvidentialStatus, Offence, OffenceId, OffenderId, Role
from hhpu.indices import (
    FLAGS,
    INTERVAL_ONLY,
    Approx,
    Example,
    HarmDefinition,
    HarmIndex,
    Notation,
    Rule,
    RuleStatus,
    Weight,
)
from hhpu.indices.codes import reference_codes
from hhpu.provenance import Citation
from hhpu.tables import records_to_table

__all__ = ["harm_definitions", "harm_indices", "offence_tables", "offences", "weights"]

_SOURCE: Final = Citation(key="made-up", title="Made up by a test", note="Not a source.")
_WORDS: Final = "abcdefghijklmnopqrstuvwxyz -,;\"'éß"
_HEAVIEST: Final = 2**31
_THRESHOLD: Final = 3
_CODES_AS_WRITTEN: Final = tuple(f"{letter}{number}" for letter in "ABCD" for number in range(1, 9))
_VALUES_OF_A_KEY: Final = ("true", "false")
_FIRST: Final = dt.date(2024, 1, 1)
_LAST: Final = dt.date(2025, 12, 31)


@cache
def _codes_in(notation: str) -> tuple[str, ...]:
    rows = reference_codes().values()
    if notation == Notation.HOME_OFFICE_CLASS:
        return tuple(row.code for row in rows)
    if notation == Notation.HOME_OFFICE_RECORDED:
        return tuple(sorted({row.recorded for row in rows if row.recorded}))
    return _CODES_AS_WRITTEN


def _texts() -> st.SearchStrategy[str]:
    return st.text(_WORDS, max_size=12).map(str.strip)


def weights(
    *,
    code: str = "A1",
    keys: tuple[str | None, ...] = (),
    approximate: bool = False,
    citation: str = _SOURCE.key,
) -> st.SearchStrategy[Weight]:
    """Draw the weight of one code, from 0 up to about two thousand million.

    Parameters
    ----------
    code : str
        The code.
    keys : tuple of (str or None)
        Its key values.
    approximate : bool
        Whether to draw rows of a stand-in: intervals, with a point weight only where the highest
        is at most 3 times the lowest.
    citation : str
        Key of the source.

    Returns
    -------
    hypothesis strategy of Weight
        Valid rows.
    """
    amounts = st.integers(0, _HEAVIEST)

    def exact(amount: int, basis: str, description: str, note: str) -> Weight:
        return Weight(code, amount, basis, (citation,), keys, description, note)

    if not approximate:
        bases = st.sampled_from(["published", "force"])
        notes = st.one_of(st.just(""), st.just("expired 2020"), _texts())
        return st.builds(exact, amounts, bases, _texts(), notes)

    def estimate(amounts: list[int], description: str) -> Weight:
        low, median, high = sorted(amounts)
        narrow = high <= _THRESHOLD * low
        return Weight(
            code, median if narrow else None, "subgroup-median" if narrow else INTERVAL_ONLY,
            (citation,), keys, description, lowest=low, median=median, highest=high,
        )  # fmt: skip

    near = st.lists(st.integers(1_000, 3_000), min_size=3, max_size=3)
    apart = st.lists(amounts, min_size=3, max_size=3)
    return st.builds(estimate, st.one_of(near, apart), _texts())


@st.composite
def harm_indices(
    draw: st.DrawFn,
    *,
    notation: str | None = None,
    keys: Sequence[str] | None = None,
    approximate: bool | None = None,
    max_codes: int = 8,
) -> HarmIndex:
    """Draw a harm index, with worked examples that hold.

    Parameters
    ----------
    draw : callable
        Given by Hypothesis.
    notation : str, optional
        ``home-office-class``, ``home-office-recorded`` or another word for codes ``A1`` to ``D8``
        compared as written; drawn if not given.
    keys : sequence of str, optional
        The key columns, their values ``true`` and ``false``; drawn among none, ``child_victim``,
        and that with ``domestic_abuse``, if not given.
    approximate : bool, optional
        Whether it is a stand-in; drawn if not given.
    max_codes : int
        The most codes it may have, up to 32.

    Returns
    -------
    hypothesis strategy of HarmIndex
        Valid indices that conform.
    """
    levels = [Notation.HOME_OFFICE_CLASS, Notation.HOME_OFFICE_RECORDED, "own-codes"]
    level = str(notation or draw(st.sampled_from(levels)))
    columns = tuple(
        draw(st.sampled_from([(), (), ("child_victim",), ("child_victim", "domestic_abuse")]))
        if keys is None
        else keys
    )
    rough = draw(st.booleans()) if approximate is None else approximate
    pool = _codes_in(level)
    codes = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=max_codes, unique=True))
    rows = [
        draw(weights(code=code, keys=filled, approximate=rough))
        for code in codes
        for filled in draw(_fillings(len(columns)))
    ]
    points = {w.code: w.weight for w in rows if not any(w.keys) and w.weight is not None}
    named = st.sampled_from(sorted(points) or [""])
    worked = draw(st.lists(named, min_size=1, max_size=3)) if points else []
    cases = [Example(tuple(worked), sum(points[code] for code in worked))] if worked else []
    return HarmIndex(
        name=draw(st.sampled_from(["drawn", "drawn-index", "a1"])),
        edition=draw(st.sampled_from(["1", "2026", "2026-02.b"])),
        title=f"Drawn {draw(_texts())}".strip(),
        unit="days",
        scale=10 ** draw(st.integers(0, 6)),
        codes=level,
        licence="CC0-1.0",
        citations=(_SOURCE,),
        weights=rows,
        keys=columns,
        examples=cases,
        note=draw(_texts()),
        approximate=rough,
        interval_threshold=_THRESHOLD if rough else None,
    )


def _fillings(columns: int) -> st.SearchStrategy[list[tuple[str | None, ...]]]:
    """Ways to fill the key columns from the left, so that no two rows of a code can tie."""
    ways: list[tuple[str | None, ...]] = [()]
    full: list[tuple[str | None, ...]] = [()]
    for _ in range(columns):
        full = [(*way, value) for way in full for value in _VALUES_OF_A_KEY]
        ways = [*((*way, None) for way in ways), *full]
    return st.lists(st.sampled_from(ways), min_size=1, max_size=4, unique=True)


@st.composite
def harm_definitions(draw: st.DrawFn, index: HarmIndex | None = None) -> HarmDefinition:
    """Draw a harm definition bound to an index.

    Parameters
    ----------
    draw : callable
        Given by Hypothesis.
    index : HarmIndex, optional
        The index; drawn if not given.

    Returns
    -------
    hypothesis strategy of HarmDefinition
        Valid definitions whose rules can fire.
    """
    bound = draw(harm_indices()) if index is None else index
    codes = sorted({weight.code for weight in bound.weights})
    rules = []
    for place in range(draw(st.integers(0, 3))):
        flags = draw(st.lists(st.sampled_from(FLAGS), max_size=2, unique=True))
        least = 0 if flags else 1
        chosen = draw(st.lists(st.sampled_from(codes), min_size=least, max_size=4, unique=True))
        level = bound.codes
        rules.append(
            Rule(
                name=f"rule-{place}",
                group="drawn",
                status=RuleStatus.FORCE,
                flags=flags,
                class_codes=chosen if level == Notation.HOME_OFFICE_CLASS else (),
                recorded_codes=chosen if level == Notation.HOME_OFFICE_RECORDED else (),
                codes=chosen if level not in list(Notation) else (),
                citation=(_SOURCE.key,),
            )
        )
    scoring = [str(s) for s in EvidentialStatus if not s.never_scores] + ["unknown"]
    percent = st.one_of(st.sampled_from([0, 50, 100]), st.integers(0, 100))
    late = draw(st.none() | st.integers(1, 400))
    series = ["proactive", "company", "management", *(["non-recent"] if late else [])]
    return HarmDefinition(
        name="drawn-definition",
        title=f"Drawn {draw(_texts())}".strip(),
        index=bound,
        rules=rules,
        status_policy=draw(st.dictionaries(st.sampled_from(scoring), percent, max_size=4)),
        apart=frozenset(draw(st.lists(st.sampled_from(series), max_size=3))),
        non_recent_after=late,
        window=draw(st.none() | st.integers(1, 800)),
        approx=draw(st.sampled_from(_APPROX)),
        citations=(_SOURCE,) if rules else (),
    )


_APPROX: Final[tuple[Approx | None, ...]] = (None, "low", "median", "high")


def offences(
    index: HarmIndex | None = None,
    *,
    max_people: int = 5,
    min_links: int = 1,
    max_links: int = 12,
    first: dt.date = _FIRST,
    last: dt.date = _LAST,
    versions: bool = True,
    unknown_codes: bool = True,
) -> st.SearchStrategy[list[Offence]]:
    """Draw a list of person-offence links, as a force may hold them.

    Codes of the index, codes that it does not know and empty cells; every role, status and way of
    coming to light; dates in order; several versions of a link whose known intervals do not
    overlap; several people on one offence. No link stands twice at one time.

    Parameters
    ----------
    index : HarmIndex, optional
        Where the codes come from; without it ``A1`` to ``D8``.
    max_people : int
        The most people.
    min_links, max_links : int
        The fewest and most links; a link may have up to three versions. An input without rows is
        refused by `hhpu.check`, so 0 is for tests of that.
    first, last : datetime.date
        Days between which offences were committed.
    versions : bool
        Whether links have versions.
    unknown_codes : bool
        Whether there are empty codes and codes that the index does not know.

    Returns
    -------
    hypothesis strategy of list of Offence
        Valid records.
    """
    known = sorted({w.code for w in index.weights}) if index else list(_CODES_AS_WRITTEN)
    codes = st.sampled_from(known)
    if unknown_codes:
        codes = st.one_of(codes, codes, st.sampled_from([None, "not a code"]))
    link = st.tuples(st.integers(1, max_people), st.integers(0, max_links), st.sampled_from(Role))
    links = st.lists(
        link, min_size=min_links, max_size=max_links, unique_by=lambda drawn: drawn[:2]
    )
    return links.flatmap(
        lambda drawn: st.tuples(
            *(_versions(one, codes, first, last, versions=versions) for one in drawn)
        )
    ).map(lambda drawn: [record for records in drawn for record in records])


@st.composite
def _versions(
    draw: st.DrawFn,
    link: tuple[int, int, Role],
    codes: st.SearchStrategy[str | None],
    first: dt.date,
    last: dt.date,
    *,
    versions: bool,
) -> list[Offence]:
    person, number, role = link
    committed = draw(st.dates(first, last))
    delays = st.one_of(st.integers(0, 30), st.integers(0, 700))
    recorded = committed + dt.timedelta(days=draw(delays))
    flags: dict[str, Any] = {flag: draw(st.sampled_from([None, False, True])) for flag in FLAGS}
    record = Offence(
        offender_id=OffenderId(f"P{person}"),
        offence_id=OffenceId(f"C{number}") if number else None,
        code=draw(codes),
        role=draw(st.sampled_from([role, role, Role.SUSPECT])) if number == 0 else role,
        status=draw(st.sampled_from([None, *EvidentialStatus])),
        committed_on=committed,
        recorded_on=draw(st.sampled_from([recorded, recorded, None])) if not versions else recorded,
        detection=draw(st.sampled_from([None, None, *Detection])),
        division=draw(st.sampled_from([None, "North", "South"])),
        **flags,
    )
    stays = st.lists(st.integers(1, 200), max_size=2)
    lengths = draw(stays) if versions and number else []
    records = []
    since = recorded
    for length in lengths:
        until = since + dt.timedelta(days=length)
        records.append(attrs.evolve(record, known_from=since, known_to=until))
        since = until
        record = attrs.evolve(
            record, code=draw(codes), status=draw(st.sampled_from([None, *EvidentialStatus]))
        )
    until_now = attrs.evolve(record, known_from=since) if records else record
    return [*records, until_now]


def offence_tables(
    index: HarmIndex | None = None, **options: Any
) -> st.SearchStrategy[pd.DataFrame]:
    """Draw an offence table, as `offences` laid out as a pandas frame.

    Parameters
    ----------
    index : HarmIndex, optional
        Where the codes come from.
    **options : object
        As in `offences`.

    Returns
    -------
    hypothesis strategy of pandas.DataFrame
        Tables that `hhpu.encode` takes as they are.
    """
    return offences(index, **options).map(lambda records: records_to_table(records, Offence))
