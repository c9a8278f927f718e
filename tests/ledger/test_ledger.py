"""The ledger as a value: immutable, compact, equal by content, added only to its like."""

from __future__ import annotations

import datetime as dt
import pickle

import forces
import numpy as np
import pandas as pd
import pytest
import reference
from hypothesis import given

import hhpu
from hhpu.ledger import birthdays
from hhpu.tables import day_number, day_to_date


def offences(**columns):
    table = {"offender_id": ["P1", "P2"], "code": ["A", "B"], "committed_on": ["2025-03-01"] * 2}
    return pd.DataFrame(table | columns)


def test_a_ledger_is_compact_and_cannot_be_written_to():
    ledger = hhpu.encode(offences())
    assert ledger.bytes_per_row <= 32
    for column in ("offender", "kind", "day", "known_from", "known_to", "status", "key", "mask"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(ledger, column)[0] = 1


def test_encoding_one_checked_input_twice_gives_one_ledger_twice():
    checked = hhpu.check(offences(known_to=["2025-06-01", None], status=["charged"] * 2,
                                  status_from=["2025-04-01", None]))  # fmt: skip
    assert hhpu.encode(checked) == hhpu.encode(checked)


@pytest.mark.parametrize(
    "change",
    [
        {"offender_id": ["P1", "P3"]}, {"code": ["A", "C"]}, {"offence_id": ["1", None]},
        {"committed_on": ["2025-03-01", "2025-03-02"]}, {"status": [None, "charged"]},
        {"known_to": [None, "2026-01-01"]}, {"recorded_on": [None, "2025-03-01"]},
        {"role": [None, "victim"]}, {"hate": [None, True]}, {"detection": [None, "company"]},
        {"division": [None, "North"]},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_ledgers_differ_when_anything_differs(change):
    assert hhpu.encode(offences(**change)) != hhpu.encode(offences())
    assert hhpu.encode(offences(**change)) == hhpu.encode(offences(**change))


@pytest.mark.parametrize(
    ("one", "other", "named"),
    [
        ({}, {"notation": "home-office-recorded"}, "notation"),
        ({}, {"criminal_age": 12}, "criminal_age"),
        ({}, {"date": "recorded_on"}, "date"),
        ({"classify": ("area",)}, {}, "classify"),
        ({}, {"people": pd.DataFrame({"offender_id": ["P1"]})}, "people"),
    ],
)
def test_only_ledgers_encoded_alike_are_added(one, other, named):
    table = offences(recorded_on=["2025-03-02"] * 2, area=["N", "S"])
    with pytest.raises(hhpu.ArgumentError, match=named):
        hhpu.Ledger.concat([hhpu.encode(table, **one), hhpu.encode(table, **other)])
    with pytest.raises(hhpu.ArgumentError, match="at least one"):
        hhpu.Ledger.concat([])


def test_a_ledger_knows_where_each_row_stood():
    table = offences(offender_id=["P1", None])
    joined = hhpu.Ledger.concat([hhpu.encode(table), hhpu.encode(offences(offence_id=["o", "p"]))])
    assert joined.source_rows(np.arange(3)) == [(0, 0), (1, 0), (1, 1)]
    assert joined.offence_ids(np.arange(3)) == ["", "o", "p"]
    assert joined.problems.to_frame().query("reason == 'no-person'")[
        ["source", "row"]
    ].values.tolist() == [[0, 1]]


def test_numbers_and_many_values_cannot_classify():
    with pytest.raises(hhpu.InputRefused, match="numeric-classifier"):
        hhpu.encode(offences(area=[1, 2]), classify=("area",))
    many = pd.DataFrame({
        "offender_id": "P1", "code": "A", "committed_on": "2025-03-01",
        "area": [f"a{n}" for n in range(1001)],
    })  # fmt: skip
    with pytest.raises(hhpu.InputRefused, match="too-many-values"):
        hhpu.encode(many, classify=("area",))
    with pytest.raises(hhpu.InputRefused, match="missing-column"):
        hhpu.encode(offences(), classify=("area",))


@given(forces.days)
def test_birthdays_are_those_of_the_reference(offset):
    for first in (dt.date(2008, 2, 27), dt.date(1999, 12, 30), offset):
        for shift in range(4):
            born = first + dt.timedelta(days=shift)
            for years in (0, 10, 18):
                reached = birthdays(np.array([day_number(born)], np.int32), years)[0]
                assert day_to_date(int(reached)) == reference.birthday(born, years)


@pytest.mark.parametrize("age", [-1, 31, "10", 9.5, None])
def test_the_age_of_criminal_responsibility_is_whole_years(age):
    with pytest.raises(hhpu.ArgumentError, match="criminal_age"):
        hhpu.encode(offences(), criminal_age=age)


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_which_of_two_like_versions_is_the_duplicate_depends_on_their_whole_rows(order):
    rows = pd.DataFrame(
        {
            "offender_id": "P1", "offence_id": "O1", "code": "A", "committed_on": "2024-03-02",
            "recorded_on": "2024-02-25", "status": ["arrested", "suspect"],
            "status_from": "2024-02-29",
        }
    )  # fmt: skip
    problems = hhpu.encode(rows.iloc[order]).problems
    found = problems.to_frame()
    masked = found.loc[found["reason"] == "duplicate-link", "row"].tolist()
    assert masked == [order.index(1)], "both versions of the less final row, and no other row"


def test_a_pickled_ledger_cannot_be_written_to_either():
    ledger = hhpu.encode(offences(), people=pd.DataFrame(
        {"offender_id": ["P1", "P2"], "date_of_birth": ["1990-01-01", None]}
    ))  # fmt: skip
    assert ledger.digest
    copy = pickle.loads(pickle.dumps(ledger))  # noqa: S301
    assert copy == ledger
    for name in ("day", "known_from", "born", "people_rank", "canonical_order"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(copy, name)[0] = 1


def test_an_update_holds_on_to_the_ids_of_its_own_rows_only():
    table = pd.DataFrame(
        {"offender_id": "P1", "offence_id": [f"offence-number-{n:09}" for n in range(2_000)],
         "code": "A", "committed_on": "2025-03-01"}
    )  # fmt: skip
    ledger = hhpu.encode(table).begin(day="2025-04-01", source="us")
    size = len(pickle.dumps(ledger))
    table.loc[0, "code"] = "B"
    ledger = ledger.update(hhpu.encode(table), day="2025-04-15", source="us")
    assert len(pickle.dumps(ledger)) < 1.2 * size


@pytest.mark.parametrize("cell", ["\ud800x", ["list"], {"a": 1}])
def test_a_cell_that_is_no_text_is_said_without_its_value(cell):
    table = pd.DataFrame({"offender_id": pd.Series([cell, "b"], dtype=object), "code": "A",
                          "committed_on": "2025-03-01"})  # fmt: skip
    with pytest.raises(hhpu.InputRefused, match="unreadable-column") as caught:
        hhpu.encode(table)
    assert "ud800" not in str(caught.value)
