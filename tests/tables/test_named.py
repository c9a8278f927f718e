"""Advice names the setting as it is called where the reader stands, and never the one in force."""

from __future__ import annotations

import pandas as pd
import pytest

import hhpu
from hhpu.cli._inputs import option_names
from hhpu.tables import PEOPLE, REASONS, SettingNames, check, other_encoding
from hhpu.tables._named import Settings

TABLE = pd.DataFrame(
    {
        "offender_id": ["1", "2", "unknown male"],
        "code": ["8N", "8N", "8N"],
        "committed_on": ["2025-01-04", "04/01/2025", "2025-01-05"],
        "status": ["charged", "CHGD", "charged"],
        "hate": ["true", "maybe", "false"],
    }
)
OPTIONS = option_names("offences")


def remedies(table=TABLE, **settings):
    problems = check(table, **settings).problems
    return problems.summary().set_index("reason")["remedy"].to_dict()


def test_python_is_told_the_arguments():
    told = remedies()
    assert told["unreadable-date"].endswith("or declare date_order='dmy'")
    assert told["unreadable-status"].endswith("or declare values={'status': {'theirs': 'ours'}}")
    assert told["unreadable-flag"].endswith("or declare values={'hate': {'theirs': 'ours'}}")
    assert told["placeholder-person"].endswith("policy={'placeholder-person': 'kept'}")
    assert not any("--" in remedy for remedy in told.values())


def test_the_command_line_is_told_the_options():
    told = remedies(named=OPTIONS)
    assert told["unreadable-date"].endswith("or declare --date-order dmy")
    assert told["unreadable-status"].endswith("or declare --value status:THEIRS=OURS")
    assert told["placeholder-person"].endswith("or declare --keep-placeholders")
    assert not any("=" in remedy.replace("THEIRS=OURS", "") for remedy in told.values())


def test_rows_and_counts_tell_the_same():
    problems = check(TABLE, named=OPTIONS).problems
    rows = problems.to_frame().set_index("reason")["remedy"]
    told = remedies(named=OPTIONS)
    assert rows["unreadable-status"] == told["unreadable-status"]


def test_what_is_in_force_is_not_advised():
    assert remedies(date_order="dmy")["unreadable-date"].endswith("or declare date_order='iso'")
    kept = remedies(policy={"placeholder-person": "kept"})["placeholder-person"]
    assert kept == REASONS["placeholder-person"].remedy
    dated = TABLE.assign(recorded_on=["2025-01-04", None, "2025-01-05"])
    empty = remedies(dated, date="recorded_on")["no-placing-date"]
    assert empty == "Complete it at source, or declare date='committed_on'"


def test_what_cannot_be_set_is_not_advised():
    told = remedies(named=SettingNames(values="", placeholders=""))
    assert told["unreadable-status"] == REASONS["unreadable-status"].remedy


@pytest.mark.parametrize("reason", [code for code, r in REASONS.items() if r.setting])
def test_every_setting_of_a_reason_has_a_name(reason):
    assert Settings().advice(reason, "code")
    assert Settings(named=OPTIONS).advice(reason, "code").startswith("--")


def test_a_missing_column_names_the_mapping():
    with pytest.raises(hhpu.InputRefused, match=r"declare columns=\{'code': 'theirs'\}"):
        check(TABLE.drop(columns="code"))
    with pytest.raises(hhpu.InputRefused, match=r"declare --column people\.date_of_birth=THEIRS"):
        check(
            pd.DataFrame({"offender_id": ["1"]}), contract=PEOPLE, named=option_names("people"),
            columns={"date_of_birth": "dob"},
        )  # fmt: skip


@pytest.mark.parametrize(("encoding", "other"), [
    ("utf-8", "cp1252"), ("utf8", "cp1252"), ("UTF-8-SIG", "cp1252"), ("cp1252", "utf-8"),
    ("ascii", "utf-8"),
])  # fmt: skip
def test_the_encoding_advised_is_another_than_that_in_force(tmp_path, encoding, other):
    assert other_encoding(encoding) == other
    path = tmp_path / "offences.csv"
    path.write_bytes(b"offender_id,code,committed_on\nSECRET\x81\xe9,8N,2025-01-04\n")
    with pytest.raises(hhpu.InputRefused, match=f"such as encoding='{other}'") as caught:
        check(path, encoding=encoding)
    assert "SECRET" not in str(caught.value)
    with pytest.raises(hhpu.InputRefused, match=f"such as --encoding {other}"):
        check(path, encoding=encoding, named=OPTIONS)


def test_a_file_that_begins_as_utf_16_is_not_advised_another_encoding(tmp_path):
    path = tmp_path / "offences.csv"
    path.write_bytes(b"\xff\xfea")
    with pytest.raises(hhpu.InputRefused, match="begins as utf-16 text and is none") as caught:
        check(path)
    assert "encoding=" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"encoding": "martian"}, "--encoding martian is not known"),
        ({"timezone": "Europe/Nowhere"}, "--timezone Europe/Nowhere is not a known"),
        ({"columns": {"kode": "x"}}, "--column kode=x: kode not among"),
        ({"values": {"status": {"x": "y"}}}, "--value status:THEIRS=OURS: y not among"),
        ({"values": {"code": {"x": "y"}}}, "--value code:THEIRS=OURS: code is neither"),
        ({"date": "known_from"}, "--date known_from: the placing date is one of"),
        ({"date_order": "mdy"}, "--date-order mdy: iso or dmy"),
        ({"classify": ("status",)}, "--classify status: status not usable"),
    ],
)
def test_settings_that_cannot_be_used_are_named_where_the_reader_stands(tmp_path, settings, told):
    path = tmp_path / "offences.csv"
    TABLE.to_csv(path, index=False)
    with pytest.raises(hhpu.ArgumentError) as caught:
        check(path, named=OPTIONS, **settings)
    assert told in str(caught.value)


def test_a_notation_like_one_of_ours_is_told_where_the_reader_stands():
    told = "did you mean 'home-office-class'?"
    with pytest.raises(hhpu.ArgumentError) as caught:
        hhpu.encode(TABLE, notation="home-office-clas")
    assert str(caught.value) == f"notation='home-office-clas': {told}"
    with pytest.raises(hhpu.ArgumentError) as caught:
        hhpu.encode(check(TABLE, named=OPTIONS), notation="home-office-clas")
    assert str(caught.value) == f"--notation home-office-clas: {told}"
    with pytest.raises(hhpu.ArgumentError, match=r"^classify=\('status',\): "):
        check(TABLE, classify=("status",))


def test_a_placeholders_name_in_the_people_table_names_the_setting():
    people = check(
        pd.DataFrame({"offender_id": ["1"], "name": ["Unknown Male"]}), contract=PEOPLE,
        policy={"placeholder-person": "kept"}, named=option_names("people"),
    )  # fmt: skip
    found = hhpu.encode(TABLE.assign(committed_on="2025-01-04"), people=people).problems.summary()
    line = found[found["column"] == "people.name"].iloc[-1]
    assert line["remedy"].endswith("or declare --keep-placeholders")
