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
