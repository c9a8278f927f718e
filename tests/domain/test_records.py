"""The records: frozen, checked where a wrong value would pass unseen."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

import hhpu
from hhpu import EvidentialStatus, Role

WHEN = dt.date(2025, 3, 1)


@pytest.mark.parametrize(
    "record",
    [
        hhpu.Offence(offender_id="P1", code="8/06"),
        hhpu.Offender(offender_id="P1"),
        hhpu.Spell(offender_id="P1", state=hhpu.PersonState.MANAGED, starts_on=WHEN),
    ],
)
def test_records_are_frozen_and_take_names_only(record):
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        record.offender_id = "P2"
    with pytest.raises(TypeError):
        type(record)("P1")
    assert hash(record) == hash(attrs.evolve(record))


@pytest.mark.parametrize("bad", ["", "  ", None, 7])
def test_an_id_is_text_and_not_empty(bad):
    with pytest.raises(ValueError, match="offender_id"):
        hhpu.Offender(offender_id=bad)
    with pytest.raises(ValueError, match="offender_id"):
        hhpu.Offence(offender_id=bad, code="8/06")


@pytest.mark.parametrize("bad", ["2025-03-01", 20250301, dt.datetime(2025, 3, 1, 9)])  # noqa: DTZ001
def test_a_date_is_a_day_without_a_time(bad):
    with pytest.raises(ValueError, match="without a time"):
        hhpu.Offence(offender_id="P1", code="8/06", committed_on=bad)
    with pytest.raises(ValueError, match="without a time"):
        hhpu.Offender(offender_id="P1", date_of_birth=bad)


def test_only_suspects_and_offenders_may_score():
    assert {role for role in Role if role.may_score} == {Role.SUSPECT, Role.OFFENDER}


def test_statuses_are_proven_or_never_score_or_neither():
    proven = {status for status in EvidentialStatus if status.proven}
    never = {status for status in EvidentialStatus if status.never_scores}
    assert proven == {EvidentialStatus.CONVICTED, EvidentialStatus.CAUTIONED}
    assert never == {
        EvidentialStatus.ELIMINATED,
        EvidentialStatus.ACQUITTED,
        EvidentialStatus.NOT_GUILTY,
        EvidentialStatus.CANCELLED,
    }
    assert not proven & never
    assert EvidentialStatus.NO_FURTHER_ACTION not in proven | never


CORRECTION = {"offence_id": "C1", "offender_id": "P1", "decided_on": WHEN}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"what": "corrected"}, "needs a right value"),
        ({"what": "cancelled", "code": "8N"}, "code does not go with"),
        ({"what": "wrong-person", "hate": False}, "hate does not go with"),
        ({"what": "cancelled", "to_offender_id": "P2"}, "to_offender_id does not go with"),
        ({"what": "wrong-person", "to_offender_id": "P1"}, "the person whose link is wrong"),
        ({"what": "gone"}, "a Wrong is one of"),
        ({"what": "cancelled", "offence_id": ""}, "offence_id"),
        ({"what": "cancelled", "decided_on": None}, "decided_on"),
    ],
)
def test_a_correction_says_one_thing(given, told):
    with pytest.raises(ValueError, match=told):
        hhpu.Correction(**(CORRECTION | given))


@pytest.mark.parametrize(
    "given",
    [
        {"what": "cancelled", "reason": "entered twice"},
        {"what": "wrong-person"},
        {"what": "wrong-person", "to_offender_id": "P2"},
        {"what": "corrected", "domestic_abuse": False},
        {"what": "corrected", "day": WHEN, "status": "charged", "code": "8N"},
    ],
)
def test_a_correction_goes_through_the_check_whole(given):
    one = hhpu.Correction(**(CORRECTION | given))
    checked = hhpu.check([one], contract=hhpu.CORRECTIONS)
    assert not checked.problems
    table = hhpu.records_to_table([one], hhpu.Correction)
    assert hhpu.table_to_records(table, hhpu.Correction) == [one]


def test_every_word_for_what_is_wrong_has_a_meaning():
    assert all(wrong.meaning for wrong in hhpu.Wrong)


DECISION = {
    "offender_id": "P1", "as_of": WHEN, "decision": "rejected", "decided_on": WHEN,
    "decided_by": "detective inspector",
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"decision": "perhaps"}, "a Decided is one of adopted, rejected"),
        ({"decided_by": " "}, "decided_by must be text and not empty"),
        ({"decided_on": None}, "decided_on must be a date"),
        ({"as_of": "2026-03-31"}, "as_of must be a date"),
    ],
)
def test_a_decision_is_somebodys_on_a_day_of_a_list(given, told):
    with pytest.raises(ValueError, match=told):
        hhpu.Decision(**(DECISION | given))


def test_a_decision_goes_through_the_check_whole():
    one = hhpu.Decision(**DECISION, reasons="already with another unit")
    checked = hhpu.check([one], contract=hhpu.DECISIONS)
    assert not checked.problems
    table = hhpu.records_to_table([one], hhpu.Decision)
    assert hhpu.table_to_records(table, hhpu.Decision) == [one]


def test_a_decision_that_nobody_answers_for_is_excluded():
    table = hhpu.records_to_table([hhpu.Decision(**DECISION)] * 2, hhpu.Decision)
    table.loc[1, "decided_by"] = None
    checked = hhpu.check(table, contract=hhpu.DECISIONS)
    assert len(checked) == 1
    assert checked.problems.count("required-value-missing", column="decided_by") == 1
