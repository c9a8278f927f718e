"""A corrected ledger is the ledger of the right table."""

import datetime as dt

import pandas as pd
import pytest

import hhpu
from hhpu.ledger import corrected, versions_of

WRONG = pd.DataFrame(
    {
        "offence_id": ["o1", "o1", "o2", "o3", "o4", None],
        "offender_id": ["p1", "p2", "p1", "p3", "p1", "p1"],
        "code": ["8N", "8N", "19C", "8N", "5D", "8N"],
        "status": ["charged", "suspect", "charged", None, "charged", "charged"],
        "committed_on": [f"2025-01-0{day}" for day in range(1, 7)],
        "recorded_on": ["2025-02-01", "2025-02-01", "2025-03-01", "2025-02-01", None, "2025-02-01"],
        "domestic_abuse": [True, False, None, None, True, None],
        "detection": ["reported", None, None, None, "proactive", None],
    }
)
PEOPLE = pd.DataFrame(
    {
        "offender_id": ["p1", "p2", "p3", "young"],
        "date_of_birth": ["1990-01-01", "1991-01-01", "2015-01-05", "2015-01-02"],
    }
)
CASES = [
    ("o1", "p1", {"code": "5D"}),
    ("o1", "p1", {"code": "19C", "domestic_abuse": False, "detection": "company"}),
    ("o2", "p1", {"domestic_abuse": True}),
    ("o3", "p3", {"status": "charged"}),
    ("o3", "p3", {"day": dt.date(2025, 1, 5)}),
    ("o3", "p3", {"day": dt.date(2024, 12, 31)}),
    ("o1", "p1", {"day": dt.date(2024, 11, 2), "status": "acquitted"}),
    ("o4", "p1", {"day": dt.date(2024, 11, 2), "code": "8N"}),
    ("o1", "p1", {"day": dt.date(1901, 1, 2)}),
    ("o1", "p1", {"to_offender_id": "p3"}),
    ("o1", "p1", {"to_offender_id": "young"}),
    ("o2", "p1", {"to_offender_id": "p2"}),
    ("o3", "p3", {"to_offender_id": "p1"}),
    ("o1", "p2", {"to_offender_id": "nobody yet"}),
]


def right_table(offence, person, values):
    table = WRONG.astype(object)
    mine = (table["offence_id"] == offence) & (table["offender_id"] == person)
    assert mine.sum() == 1
    names = {"day": "committed_on", "to_offender_id": "offender_id"}
    for name, value in values.items():
        table.loc[mine, names.get(name, name)] = str(value) if name == "day" else value
    return table


@pytest.mark.parametrize("people", [None, PEOPLE], ids=["no ages", "ages"])
@pytest.mark.parametrize(("offence", "person", "values"), CASES)
def test_a_corrected_ledger_is_that_of_the_right_table(offence, person, values, people):
    what = "wrong-person" if "to_offender_id" in values else "corrected"
    correction = hhpu.Correction(
        offence_id=offence, offender_id=person, what=what, decided_on=dt.date(2026, 1, 9), **values
    )
    ledger = hhpu.encode(WRONG, people=people)
    before = ledger.digest
    ((rows, there),) = versions_of(ledger, [(offence, person)])
    assert there
    table = None if people is None else hhpu.check(people, contract=hhpu.PEOPLE)
    made = corrected(ledger, [correction], [rows], people=table)
    assert made == hhpu.encode(right_table(offence, person, values), people=people)
    assert ledger.digest == before
    assert made != ledger


def test_a_withdrawn_link_is_known_at_no_date():
    ledger = hhpu.encode(WRONG)
    ((rows, _),) = versions_of(ledger, [("o1", "p1")])
    for what in ("cancelled", "wrong-person"):
        correction = hhpu.Correction(
            offence_id="o1", offender_id="p1", what=what, decided_on=dt.date(2026, 1, 9)
        )
        made = corrected(ledger, [correction], [rows])
        right = hhpu.encode(WRONG[1:])
        for day in ("1990-01-01", "2025-02-01", "2026-01-01", "2099-12-31"):
            assert made.known_on(day) == right.known_on(day)


def test_links_are_found_by_offence_and_person_and_by_nothing_else():
    ledger = hhpu.encode(WRONG)
    found = versions_of(ledger, [("o1", "p2"), ("o1", "p3"), ("o9", "p1"), ("o3", "p3")])
    assert [(rows.tolist(), there) for rows, there in found] == [
        ([1], True), ([], True), ([], False), ([3], True),
    ]  # fmt: skip
