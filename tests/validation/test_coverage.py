"""From when to when the data know something."""

import datetime as dt

import numpy as np
import pandas as pd

import hhpu
from hhpu.tables import day_number
from hhpu.validation._coverage import known_since, known_until, truncated


def ledger(**columns):
    size = max(len(each) for each in columns.values())
    return hhpu.encode(
        pd.DataFrame({"offender_id": ["a"] * size, "code": ["8N"] * size, **columns})
    )


def n(text):
    return day_number(dt.date.fromisoformat(text))


COMMITTED = ["2025-01-04", "2025-03-01", "2025-02-01"]


def test_the_days_on_which_rows_became_known_come_first():
    held = ledger(committed_on=COMMITTED, recorded_on=["2025-01-06", "2025-03-09", "2025-02-01"])
    assert (known_since(held), known_until(held)) == (n("2025-01-06"), n("2025-03-09"))


def test_without_them_the_placing_days_count():
    held = ledger(committed_on=COMMITTED)
    assert (known_since(held), known_until(held)) == (n("2025-01-04"), n("2025-03-01"))


def test_the_day_on_which_a_row_ceased_to_be_known_is_known_too():
    held = ledger(committed_on=COMMITTED, known_from=["2025-01-06"] * 3,
                  known_to=["2025-06-01", None, None])  # fmt: skip
    assert known_until(held) == n("2025-06-01")


def test_a_source_that_overwrites_is_known_until_its_last_extract():
    extract = ledger(committed_on=COMMITTED[:1], offence_id=["x"])
    held = extract.begin(day="2025-04-01", source="s").update(extract, day="2025-05-01", source="s")
    assert known_until(held) == n("2025-05-01")


def test_histories_that_begin_before_the_data_are_counted():
    held = ledger(committed_on=COMMITTED, recorded_on=COMMITTED)
    origins = np.array([n("2025-01-05"), n("2025-01-06"), n("2025-02-01")])
    assert truncated(held, origins, None) == []
    assert truncated(held, origins, 2) == []
    (told,) = truncated(held, origins, 3)
    assert told.startswith("1 of 3 origins have a history of 3 days that begins before")
    assert "2025-01-04" in told
