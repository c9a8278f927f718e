"""What a type checker lets through as a table, and what it does not: read by mypy, never run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import polars as pl

import hhpu


def offences() -> Iterator[hhpu.Offence]:
    yield hhpu.Offence(offender_id=hhpu.OffenderId("P1"), code="A")


def tables_of_every_kind(one: pd.DataFrame, other: pl.DataFrame, lazy: pl.LazyFrame) -> None:
    hhpu.encode(one, people=other)
    hhpu.encode(lazy, people="people.csv")
    hhpu.encode(Path("offences.csv"), people=hhpu.check(one, contract=hhpu.PEOPLE))
    hhpu.encode(offences())
    ledger = hhpu.encode(hhpu.check(list(offences())))
    hhpu.rank(ledger, as_of="2026-01-31", identities=one, spells=[])


def what_is_no_table(one: pd.DataFrame) -> None:
    hhpu.encode(3)  # type: ignore[arg-type]
    hhpu.encode([{"offender_id": "P1"}])  # type: ignore[list-item]
    hhpu.encode(one, people=offences())  # type: ignore[arg-type]
    hhpu.rank(hhpu.encode(one), as_of="2026-01-31", spells=offences())  # type: ignore[arg-type]
