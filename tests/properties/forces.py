"""Hypothesis strategies for small forces, and the library's values made from them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import reference
from hypothesis import strategies as st

import hhpu
from hhpu.provenance import Citation

FIRST = dt.date(2024, 2, 24)
DATES = (
    "committed_on", "recorded_on", "known_from", "known_to", "status_from",
)  # fmt: skip
COLUMNS = (
    "offender_id", "offence_id", "code", "role", "status", *DATES, *reference.FLAGS, "detection",
)  # fmt: skip
CODES = ("A", "B", "C", "Z", "X")
PEOPLE = ("007", "7", "P1", "é")
SCALE = 100

days = st.integers(0, 7).map(lambda n: FIRST + dt.timedelta(days=n))
maybe_day = st.none() | days
origins = st.integers(-1, 10).map(lambda n: FIRST + dt.timedelta(days=n))


def rows(*, statuses: bool = True, known: bool = True, **changes: Any) -> st.SearchStrategy[Any]:
    """Draw rows as dictionaries of clean cells."""
    cells = {
        "offender_id": st.sampled_from(PEOPLE),
        "offence_id": st.none() | st.sampled_from(("o1", "o2", "o3", "0o3")),
        "code": st.sampled_from(("A", "B", "C", *CODES, None)),
        "role": st.sampled_from((*[None, "suspect", "offender"] * 3, "victim", "witness")),
        "status": st.none() | st.sampled_from(reference.STATUSES),
        "committed_on": days,
        "recorded_on": maybe_day,
        "known_from": st.none() | maybe_day,
        "known_to": st.none() | st.none() | maybe_day,
        "status_from": maybe_day,
        **dict.fromkeys(reference.FLAGS, st.sampled_from((None, True, False))),
        "detection": st.none() | st.sampled_from(reference.DETECTIONS),
    }
    if not statuses:
        cells |= {"status": st.none(), "status_from": st.none()}
    if not known:
        cells |= {"recorded_on": st.none(), "known_from": st.none(), "known_to": st.none()}
    return st.fixed_dictionaries(cells | changes)


def forces(**options: Any) -> st.SearchStrategy[Any]:
    """Draw a few rows."""
    row = rows(**options)
    return st.lists(row, min_size=1, max_size=4) | st.lists(row, min_size=8, max_size=24)


def frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Lay rows out as a pandas table of our columns, in our types."""
    table = {name: pd.Series([row.get(name) for row in rows], dtype=object) for name in COLUMNS}
    for name in DATES:
        table[name] = pd.Series(pd.to_datetime(table[name])).astype("datetime64[s]")
    for name in reference.FLAGS:
        table[name] = table[name].astype("boolean")
    return pd.DataFrame(table)


@st.composite
def definitions(draw: st.DrawFn, *, approximate: bool = False) -> reference.Definition:
    """Draw a definition over the codes A, B, C and Z; X has no weight."""
    weights: dict[str, tuple[int | None, int, int]] = {}
    for code in "ABC":
        low, point, high = sorted(draw(st.tuples(*[st.integers(0, 5000)] * 3)))
        if not approximate:
            weights[code] = (point, point, point)
        else:
            weights[code] = (None if draw(st.booleans()) else point, low, high)
    weights["Z"] = (0, 0, 0)
    after = draw(st.none() | st.integers(1, 8))
    series = (*reference.DETECTIONS[1:], *(["non-recent"] if after else []))
    statuses = [s for s in reference.STATUSES if s not in reference.NEVER_SCORE]
    codes = st.lists(st.sampled_from(CODES), max_size=3, unique=True).map(tuple)
    flags = st.lists(st.sampled_from(reference.FLAGS), max_size=2, unique=True).map(tuple)
    rule = st.tuples(codes, flags).filter(lambda pair: pair[0] or pair[1])
    return reference.Definition(
        weights=weights,
        scale=SCALE,
        window=draw(st.none() | st.integers(1, 8)),
        policy=draw(st.dictionaries(st.sampled_from((*statuses, "unknown")), st.integers(0, 100))),
        apart=draw(st.frozensets(st.sampled_from(series), max_size=2)),
        non_recent_after=after,
        rules=draw(st.just(()) | st.just(()) | st.lists(rule, max_size=3).map(tuple)),
        method=draw(st.sampled_from(("total-harm", "offence-count", "recency-weighted"))),
        half_life=draw(st.integers(1, 20)),
    )


def index_of(
    weights: dict[str, tuple[int | None, int, int]] | Any, *, scale: int = SCALE, edition: str = "1"
) -> hhpu.HarmIndex:
    """Make the library's index from plain weights."""
    approximate = any(point is None or low != high for point, low, high in weights.values())
    made = [
        hhpu.Weight(
            code=code,
            weight=point,
            basis="interval-only" if point is None else "force",
            citation=("us",),
            lowest=low if approximate else None,
            highest=high if approximate else None,
        )
        for code, (point, low, high) in weights.items()
    ]
    return hhpu.HarmIndex(
        name="test-index", edition=edition, title="A test", unit="days", scale=scale,
        codes="our-codes", licence="CC0-1.0", citations=(Citation(key="us", title="Us"),),
        weights=tuple(made), approximate=approximate,
    )  # fmt: skip


def points(weights: dict[str, int]) -> dict[str, tuple[int, int, int]]:
    """Give point weights in the form of a definition's."""
    return {code: (weight, weight, weight) for code, weight in weights.items()}


def definition_of(definition: reference.Definition) -> hhpu.HarmDefinition:
    """Make the library's definition."""
    rules = tuple(
        hhpu.Rule(name=f"r{i}", group="g", status="force", codes=codes, flags=flags)
        for i, (codes, flags) in enumerate(definition.rules)
    )
    return hhpu.HarmDefinition(
        name="test-definition",
        title="A test",
        index=index_of(definition.weights, scale=definition.scale),
        rules=rules,
        status_policy=definition.policy,
        apart=definition.apart,
        non_recent_after=definition.non_recent_after,
        window=definition.window,
    )


def method_of(definition: reference.Definition) -> Any:
    """Make the library's method."""
    return {
        "total-harm": hhpu.TotalHarm(),
        "offence-count": hhpu.OffenceCount(),
        "recency-weighted": hhpu.RecencyWeightedHarm(half_life=definition.half_life),
    }[definition.method]


def rank(ledger: hhpu.Ledger, definition: reference.Definition, as_of: dt.date) -> hhpu.Ranking:
    """Rank by the library."""
    return hhpu.rank(
        ledger,
        as_of=as_of,
        definition=definition_of(definition),
        method=method_of(definition),
    )
