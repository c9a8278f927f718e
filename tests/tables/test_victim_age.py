"""The age of the youngest victim: read as the flag ``child_victim``, and kept nowhere."""

from __future__ import annotations

import datetime as dt

import forces
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hhpu
from hhpu.cli import main
from hhpu.provenance import Citation
from hhpu.tables import OFFENCES

AS_OF = dt.date(2024, 3, 1)
INDEX = forces.index_of(forces.points({"A": 547, "B": 201, "C": 829, "Z": 0}))
REGISTRY = hhpu.load_registry(plugins="none")
KEPT, NONE = "kept", {}


def offences(**columns):
    size = max((len(cells) for cells in columns.values()), default=1)
    plain = {"offender_id": "P1", "code": "A", "committed_on": "2024-02-01"}
    return pd.DataFrame({name: [cell] * size for name, cell in plain.items()} | columns)


def flags(table, **options):
    checked = hhpu.check(table, **options)
    column = checked.coded("child_victim")
    words = [*column.values.tolist(), None]
    return [words[code] for code in column.codes.tolist()]


def found(problems):
    return {(p.reason, p.column): (p.listed().tolist(), str(p.outcome)) for p in problems.found
            if "age" in p.reason.split("-") and p.reason != "age-unchecked"}  # fmt: skip


@pytest.mark.parametrize(
    ("age", "flag"),
    [(0, "true"), (17, "true"), (18, "false"), (120, "false"), (None, None), ("", None),
     ("17", "true"), (" 18 ", "false"), ("17.0", "true"), ("018", "false"), (17.0, "true"),
     (np.float32(18), "false"), (np.int8(17), "true")],
)  # fmt: skip
def test_a_victim_is_a_child_below_18(age, flag):
    table = offences(victim_age=pd.Series([age, 40], dtype=object))
    assert flags(table) == [flag, "false"]
    assert found(hhpu.check(table).problems) == NONE


@pytest.mark.parametrize(
    ("age", "reason"),
    [(-1, "impossible-age"), (121, "impossible-age"), ("-3", "impossible-age"),
     (10**30, "impossible-age"), (17.5, "unreadable-age"), ("17.5", "unreadable-age"),
     ("child", "unreadable-age"), ("10-14", "unreadable-age"), (float("inf"), "unreadable-age"),
     ("१७", "unreadable-age")],
)  # fmt: skip
@pytest.mark.parametrize("said", [None, True, False])
def test_an_age_that_cannot_be_is_counted_and_told_from_an_empty_one(age, reason, said):
    table = offences(victim_age=pd.Series([40, age], dtype=object), child_victim=[None, said])
    checked = hhpu.check(table)
    assert len(checked) == 2
    assert found(checked.problems) == {(reason, "victim_age"): ([1], KEPT)}
    assert flags(table) == ["false", "true" if said else "?"]


def test_where_age_and_flag_disagree_the_one_that_tells_of_a_child_is_used():
    table = offences(
        victim_age=[17, 18, 17, 18, None, 17, 18],
        child_victim=[False, True, True, False, False, None, None],
    )
    assert flags(table) == ["true", "true", "true", "false", "false", "true", "false"]
    assert found(hhpu.encode(table).problems) == {
        ("contradicting-victim-age", "child_victim, victim_age"): ([0, 1], KEPT)
    }


def test_a_flag_in_a_forces_own_words_is_compared_after_translation():
    table = offences(victim_age=["17", "40"], child_victim=["adult", "adult"])
    translated = {"child_victim": {"adult": "false"}}
    assert flags(table, values=translated) == ["true", "false"]
    problems = hhpu.check(table, values=translated).problems
    assert problems.count("contradicting-victim-age") == 1


def test_a_column_of_flags_or_times_is_no_age():
    for cells in ([True, False], pd.to_datetime(["2024-01-01"] * 2), [True, 4]):
        with pytest.raises(hhpu.InputRefused, match=r"unreadable-column \[victim_age\]"):
            hhpu.check(offences(victim_age=cells))


def test_the_age_is_kept_nowhere_and_shown_nowhere(tmp_path):
    ages = [73, 977, -977, 19]
    table = offences(victim_age=ages, child_victim=[True, None, None, None])
    checked = hhpu.check(table)
    ledger = hhpu.encode(checked)
    assert checked.read[-1] == "victim_age"
    assert "victim_age" not in checked.columns
    assert "victim_age" not in ledger.types.columns
    ledger.save(tmp_path / "ledger")
    told = [repr(checked.problems), checked.problems.summary().to_csv(), repr(ledger),
            str(ledger.problems.to_dict()), checked.problems._repr_html_()]  # fmt: skip
    assert not any("73" in text or "977" in text for text in told)
    flagged = hhpu.encode(table.drop(columns="victim_age").assign(
        child_victim=["yes", "73?", "977?", "no"]))  # fmt: skip
    assert flagged.digest == ledger.digest


def test_offences_are_not_classified_by_age():
    with pytest.raises(hhpu.ArgumentError, match="as child_victim"):
        hhpu.check(offences(victim_age=[3]), classify=("victim_age",))


def test_a_records_age_is_a_whole_number_of_years():
    record = hhpu.Offence(offender_id=hhpu.OffenderId("P1"), code="A", victim_age=np.int64(9))
    assert record.victim_age == 9
    assert type(record.victim_age) is int
    for age in (-1, 121, 4.0, "4", True):
        with pytest.raises(hhpu.ArgumentError, match="whole number of years from 0 to 120"):
            hhpu.Offence(offender_id=hhpu.OffenderId("P1"), code="A", victim_age=age)
    table = hhpu.records_to_table([record], hhpu.Offence)
    assert table["victim_age"].dtype == "Int64"
    assert hhpu.table_to_records(table.astype({"victim_age": "float64"}), hhpu.Offence) == [record]
    for cell in (4.5, "4", dt.date(2024, 1, 1)):
        with pytest.raises(hhpu.ArgumentError, match="victim_age holds a value"):
            hhpu.table_to_records(
                table.assign(victim_age=pd.Series([cell], dtype=object)), hhpu.Offence
            )


def test_an_age_supplies_the_flag_that_a_rule_looks_at():
    source = Citation(key="us", title="Fictional")
    rule = hhpu.Rule(name="child", group="child_abuse", status="force", flags=("child_victim",),
                     citation=("us",))  # fmt: skip
    definition = hhpu.HarmDefinition(
        name="child", edition="1", title="Child victims", index=INDEX, rules=(rule,),
        citations=(source,),
    )  # fmt: skip
    table = offences(offender_id=["P1", "P2"])
    without = hhpu.rank(hhpu.encode(table), as_of=AS_OF, definition=definition)
    aged = hhpu.rank(hhpu.encode(table.assign(victim_age=[12, 30])), as_of=AS_OF,
                     definition=definition)  # fmt: skip
    assert any("'child_victim'" in text for text in without.scores.provenance.caveats)
    assert not any("child_victim" in text for text in aged.scores.provenance.caveats)
    assert aged.to_frame()["offender_id"].tolist() == ["P1"]


def test_hhpu_check_names_the_column_it_read(tmp_path, capsys):
    path = tmp_path / "offences.csv"
    offences(victim_age=[12, 30]).to_csv(path, index=False)
    assert main(["check", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    (read,) = [line for line in lines if "columns read:" in line]
    (absent,) = [line for line in lines if "are not there" in line]
    assert "victim_age" in read
    assert "victim" not in absent
    assert "child_victim" not in read


ages = st.none() | st.integers(0, 120)


@given(forces.forces(), st.data())
def test_an_age_is_worth_the_flag_that_it_tells(rows, data):
    given_ages = [data.draw(ages) for _ in rows]
    told = [None if age is None else age < 18 for age in given_ages]
    aged = [{**row, "child_victim": None, "victim_age": age}
            for row, age in zip(rows, given_ages, strict=True)]  # fmt: skip
    flagged = [{**row, "child_victim": flag} for row, flag in zip(rows, told, strict=True)]
    expected = hhpu.encode(forces.frame(flagged))
    with_flag = forces.frame(aged).assign(victim_age=given_ages)
    for table in (
        with_flag,
        with_flag.drop(columns="child_victim"),
        with_flag.astype({"victim_age": "Int64"}),
        [hhpu.Offence(**row) for row in aged],
    ):
        ledger = hhpu.encode(table)
        assert ledger == expected
        assert ledger.digest == expected.digest
        assert ledger.problems.to_dict() == expected.problems.to_dict()


@given(forces.forces(), st.data())
def test_chunks_with_ages_make_the_ledger_of_the_whole(rows, data):
    table = forces.frame(rows).assign(victim_age=[data.draw(ages) for _ in rows])
    cut = data.draw(st.integers(0, len(rows)))
    parts = [hhpu.encode(part) for part in (table[:cut], table[cut:]) if len(part)]
    joined, whole = hhpu.Ledger.concat(parts), hhpu.encode(table)
    assert joined.digest == whole.digest
    reason = "contradicting-victim-age"
    assert joined.problems.count(reason) == whole.problems.count(reason)


def test_the_contract_says_years():
    column = OFFENCES.column("victim_age")
    assert (column.kind, column.unit, column.required) == ("number", "year", False)
