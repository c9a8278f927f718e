"""The faults of a dirty force, each counted from the table without the generator's help."""

import datetime as dt

import pandas as pd
import pytest

from hhpu.simulate import SyntheticForce, synthetic_force

PLACEHOLDER = pd.Timestamp("1900-01-01")


def count_missing_code(offences, people):
    return offences["code"].isna().sum()


def count_placeholder_person(offences, people):
    return offences["offender_id"].isin(["UNKNOWN MALE", 0]).sum()


def count_placeholder_date(offences, people):
    return (offences["committed_on"] == PLACEHOLDER).sum()


def count_committed_after_recorded(offences, people):
    return (offences["committed_on"] > offences["recorded_on"]).sum()


def count_duplicate_link(offences, people):
    return offences.duplicated().sum()


def count_spreadsheet_code(offences, people):
    return offences["code"].astype(object).str.fullmatch(r"\d\d-[A-Z][a-z]{2}").eq(True).sum()


def count_unknown_code(offences, people):
    return (offences["code"] == "8/77").sum()


def count_under_age_ten(offences, people):
    born = people.set_index("offender_id")["date_of_birth"]
    total = 0
    for person, committed in zip(offences["offender_id"], offences["committed_on"], strict=True):
        birth = born.loc[person]
        if pd.isna(birth) or pd.isna(committed) or committed == PLACEHOLDER:
            continue
        had_birthday = (committed.month, committed.day) >= (birth.month, birth.day)
        total += committed.year - birth.year - (not had_birthday) < 10
    return total


def count_missing_placing_date(offences, people):
    return offences["committed_on"].isna().sum()


def count_suspect_and_victim(offences, people):
    sides = offences["role"].map(
        {"suspect": "accused", "offender": "accused", "victim": "victim", "witness": "witness"}
    )
    sides = sides.astype(object)
    keys = [offences["offence_id"], offences["offender_id"]]
    return (sides[sides != "witness"].groupby(keys).nunique() == 2).sum()


def count_contradicting_codes(offences, people):
    open_rows = offences[offences["known_to"].isna()]
    return (open_rows.groupby("offence_id")["code"].nunique() > 1).sum()


COUNTERS = {
    "missing-code": count_missing_code,
    "placeholder-person": count_placeholder_person,
    "placeholder-date": count_placeholder_date,
    "committed-after-recorded": count_committed_after_recorded,
    "duplicate-link": count_duplicate_link,
    "spreadsheet-code": count_spreadsheet_code,
    "unknown-code": count_unknown_code,
    "under-age-ten": count_under_age_ten,
    "missing-placing-date": count_missing_placing_date,
    "suspect-and-victim": count_suspect_and_victim,
    "contradicting-codes": count_contradicting_codes,
}


@pytest.fixture(scope="module", params=["text", "integer"])
def dirty(request) -> SyntheticForce:
    return synthetic_force(3_000, seed=17, dirt=True, ids=request.param)


@pytest.fixture(scope="module")
def clean() -> SyntheticForce:
    return synthetic_force(3_000, seed=17)


def test_every_fault_is_told(dirty):
    assert set(dirty.dirt) == set(COUNTERS)


@pytest.mark.parametrize("fault", COUNTERS)
def test_a_fault_is_there_as_often_as_told(dirty, fault):
    assert dirty.dirt[fault] >= 3
    assert COUNTERS[fault](dirty.offences, dirty.people) == dirty.dirt[fault]


@pytest.mark.parametrize("fault", COUNTERS)
def test_clean_data_have_no_fault(clean, fault):
    assert COUNTERS[fault](clean.offences, clean.people) == 0


def test_the_counts_cannot_be_changed(dirty):
    with pytest.raises(TypeError):
        dirty.dirt["missing-code"] = 0


def test_rows_in_are_clean_rows_and_faults(clean, dirty):
    two_rows = dirty.dirt["suspect-and-victim"] + dirty.dirt["contradicting-codes"]
    added = sum(dirty.dirt.values()) + two_rows
    assert len(dirty.offences) == len(clean.offences) + added
    assert len(dirty.people) == len(clean.people) + 1
    assert dirty.people["name"].iloc[-1] == "UNKNOWN MALE"


def test_types_are_those_of_clean_data(clean, dirty):
    same = [c for c in clean.offences if c not in ("code", "offence_id", "offender_id")]
    assert (dirty.offences[same].dtypes == clean.offences[same].dtypes).all()
    assert clean.offences["offence_id"].dtype != "int64"


@pytest.mark.parametrize("seed", range(5))
def test_a_hundred_people_are_enough(seed):
    force = synthetic_force(100, seed=seed, dirt=True, as_of=dt.date(2026, 3, 31))
    for fault, counter in COUNTERS.items():
        assert counter(force.offences, force.people) == force.dirt[fault]
