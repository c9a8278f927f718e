"""Contracts come from the records; tables and records convert both ways without loss."""

from __future__ import annotations

import datetime as dt
import io
import traceback

import attrs
import forces
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hhpu
from hhpu.tables import (
    CORRECTIONS,
    DECISIONS,
    IDENTITIES,
    OFFENCES,
    PEOPLE,
    REASONS,
    SPELLS,
    ColumnKind,
    Problems,
)

CONTRACTS = {
    OFFENCES: hhpu.Offence,
    PEOPLE: hhpu.Offender,
    SPELLS: hhpu.Spell,
    IDENTITIES: hhpu.Identity,
    CORRECTIONS: hhpu.Correction,
    DECISIONS: hhpu.Decision,
}

words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
ids = words.filter(lambda text: text.strip() != "")
dates = st.none() | st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31))
flags = st.none() | st.booleans()

OFFENCE = st.builds(
    hhpu.Offence, offender_id=ids, offence_id=st.none() | ids, code=st.none() | words,
    role=st.none() | st.sampled_from(hhpu.Role),
    status=st.none() | st.sampled_from(hhpu.EvidentialStatus),
    detection=st.none() | st.sampled_from(hhpu.Detection), division=st.none() | words,
    committed_on=dates, committed_to=dates, reported_on=dates, recorded_on=dates, known_from=dates,
    known_to=dates, status_from=dates, domestic_abuse=flags, hate=flags, child_abuse=flags,
    child_victim=flags,
)  # fmt: skip
OFFENDER = st.builds(hhpu.Offender, offender_id=ids, date_of_birth=dates, name=st.none() | words)
SPELL = st.builds(
    hhpu.Spell, offender_id=ids, state=st.sampled_from(hhpu.PersonState), starts_on=st.dates(),
    ends_on=dates, known_from=dates, known_to=dates,
    management_type=st.none() | st.sampled_from(hhpu.ManagementType),
    entry_route=st.none() | st.sampled_from(hhpu.EntryRoute),
)  # fmt: skip


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.name)
def test_a_contract_says_what_its_record_says(contract):
    record = CONTRACTS[contract]
    fields = attrs.fields(record)
    assert contract.names == tuple(field.name for field in fields)
    for field in fields:
        column = contract.column(field.name)
        assert column.required == (field.default is attrs.NOTHING)
        assert column.nullable == ("None" in str(field.type))
        assert column.description
        assert (column.kind is ColumnKind.DATE) == (column.unit == "day")
    with pytest.raises(hhpu.ArgumentError, match=f"it has {contract.names[0]}"):
        contract.column("surname")


def test_the_required_columns_are_as_few_as_can_be():
    required = {c.name: [k.name for k in c.columns if k.required] for c in CONTRACTS}
    assert required == {
        "offences": ["offender_id", "code"],
        "people": ["offender_id"],
        "spells": ["offender_id", "state", "starts_on"],
        "identities": ["offender_id", "person_id", "known_from"],
        "corrections": ["offence_id", "offender_id", "what", "decided_on"],
        "decisions": ["offender_id", "as_of", "decision", "decided_on", "decided_by"],
    }


def test_choices_allow_the_words_of_the_enums():
    for name, words_of in [("role", hhpu.Role), ("status", hhpu.EvidentialStatus),
                           ("detection", hhpu.Detection)]:  # fmt: skip
        assert OFFENCES.column(name).allowed == tuple(words_of)
    for name, words_of in [("state", hhpu.PersonState), ("entry_route", hhpu.EntryRoute),
                           ("management_type", hhpu.ManagementType)]:  # fmt: skip
        assert SPELLS.column(name).allowed == tuple(words_of)


@pytest.mark.parametrize(
    ("record", "strategy"),
    [(hhpu.Offence, OFFENCE), (hhpu.Offender, OFFENDER), (hhpu.Spell, SPELL)],
    ids=["offences", "people", "spells"],
)
def test_records_and_tables_convert_both_ways_without_loss(record, strategy):
    @given(st.lists(strategy, max_size=8))
    def back_and_forth(records):
        table = hhpu.records_to_table(records, record)
        assert hhpu.table_to_records(table, record) == records
        again = hhpu.records_to_table(hhpu.table_to_records(table, record), record)
        pd.testing.assert_frame_equal(again, table)

    back_and_forth()


def test_a_table_needs_its_required_columns_and_no_other():
    table = pd.DataFrame({"offender_id": ["P1"], "code": [None]})
    assert hhpu.table_to_records(table, hhpu.Offence) == [
        hhpu.Offence(offender_id=hhpu.OffenderId("P1"), code=None)
    ]
    with pytest.raises(hhpu.ArgumentError, match="code"):
        hhpu.table_to_records(table[["offender_id"]], hhpu.Offence)


@pytest.mark.parametrize(
    ("column", "cell"),
    [("role", "SECRET"), ("committed_on", "SECRET"), ("hate", "SECRET"), ("hate", "false"),
     ("offender_id", "  "), ("offender_id", None)],
)  # fmt: skip
def test_a_cell_that_is_not_of_its_kind_is_refused_without_being_shown(column, cell):
    table = pd.DataFrame({"offender_id": ["P1"], "code": ["A"]})
    table[column] = pd.Series([cell], dtype=object)
    with pytest.raises(hhpu.ArgumentError) as caught:
        hhpu.table_to_records(table, hhpu.Offence)
    shown = "".join(traceback.format_exception(caught.value))
    assert "SECRET" not in shown


# Nothing of a row in a message

MARKER = "MARK3R"


def marked(**columns):
    table = {name: [f"{MARKER}{n}" for n in range(4)] for name in OFFENCES.names}
    for name in ("known_to", "recorded_on"):
        table[name] = [f"{MARKER}{n}" for n in range(4)]
    return pd.DataFrame(table | columns)


def no_marker(*texts):
    for text in texts:
        assert MARKER not in text


def everything_said(problems):
    html = io.StringIO(problems._repr_html_())
    return (
        repr(problems), html.getvalue(), str(problems.to_dict()), problems.summary().to_csv(),
        problems.to_frame().to_csv(), problems.to_frame(values=False, most=1).to_csv(),
    )  # fmt: skip


def test_a_refusal_shows_no_value_of_any_cell():
    with pytest.raises(hhpu.InputRefused) as caught:
        hhpu.check(marked())
    no_marker("".join(traceback.format_exception(caught.value)), repr(caught.value))
    no_marker(*everything_said(caught.value.problems))
    assert MARKER in caught.value.problems.to_frame(values=True)["value"].str.cat()


def test_problems_of_usable_rows_show_no_value_unless_asked():
    table = marked(
        committed_on=["2025-01-01"] * 4,
        recorded_on=["2024-01-01", MARKER, None, "1900-01-01"],
        offence_id=[MARKER] * 4,
        offender_id=[f"{MARKER}1"] * 2 + [f"{MARKER}2", None],
    )
    people = pd.DataFrame(
        {"offender_id": [f"{MARKER}1"] * 2, "date_of_birth": [MARKER, "2020-01-01"],
         "name": [MARKER, "UNKNOWN MALE"]}
    )  # fmt: skip
    ledger = hhpu.encode(table, people=people)
    assert len(ledger.problems) > 10
    no_marker(repr(ledger), *everything_said(ledger.problems))
    checked = hhpu.check(table)
    no_marker(*everything_said(checked.problems))
    asked = checked.problems.to_frame(values=True)
    assert asked["value"].str.contains(MARKER).any()
    index = forces.index_of(forces.points({"A": 1}))
    scores = hhpu.score(ledger, as_of="2026-01-01", index=index)
    ranking = hhpu.rank(scores)
    no_marker(repr(scores), repr(ranking), repr(ranking.top(3)), str(ranking.to_dict()))
    with pytest.raises(hhpu.UnknownName) as caught:
        ranking.explain(MARKER)
    no_marker("".join(traceback.format_exception(caught.value)))


@pytest.mark.parametrize(
    "text",
    [
        f"offender_id,code,committed_on\n{MARKER},A,2025-01-01,{MARKER}\n",
        f'offender_id,code,committed_on\n"{MARKER},A,2025-01-01\n',
        f"offender_id,code\n{MARKER},{MARKER}\n",
        f"offender_id,code,committed_on\n{MARKER},{MARKER},{MARKER}\n",
    ],
)
def test_a_file_that_is_refused_shows_nothing_of_its_rows(tmp_path, text):
    path = tmp_path / "offences.csv"
    path.write_text(text)
    with pytest.raises(hhpu.InputRefused) as caught:
        hhpu.check(path)
    no_marker("".join(traceback.format_exception(caught.value)))


def test_the_tables_of_problems_have_fixed_columns():
    found = hhpu.check(marked(committed_on=["2025-01-01"] * 4)).problems
    none = Problems(found=(), rows_in=0, rows_excluded=0)
    for one in (found, none):
        assert one.summary().columns.tolist() == [
            "reason", "column", "rows", "outcome", "meaning", "remedy", "detail",
        ]  # fmt: skip
        listed = ["source", "row", "column", "reason", "outcome", "remedy"]
        assert one.to_frame().columns.tolist() == listed
        assert one.to_frame(values=True).columns.tolist() == [*listed, "value"]
        assert bool(one) == bool(len(one))
    assert set(found.to_frame()["reason"]) <= set(REASONS)
    assert found.to_frame(most=1).groupby(["reason", "column"]).size().max() == 1
    assert len(found.to_frame()) == found.summary()["rows"].sum()


def test_every_reason_says_what_it_means_and_what_to_do():
    for code, reason in REASONS.items():
        assert code == reason.code
        assert reason.meaning
        assert reason.remedy
