"""What a run reads: each source in its own encoding and order of dates, advised by its keys."""

from __future__ import annotations

import datetime as dt

import pytest

import hhpu
from hhpu import load_registry
from hhpu.errors import DefinitionError, HhpuError
from hhpu.runs import read_run, rectify, run

DAY = dt.date(2025, 3, 1)
RUN = """format = "hhpu run 1"
force = "Exampleshire"
[sources]
records = "overwritten"
offences = "offences.csv"
people = "people.csv"
spells = "spells.csv"
{sources}
[harm]
index = "ons-css"
{more}
[run]
bracket = 3
[thresholds]
most_fall_in_rows = 0.2
least_rows_same = 0.5
[outputs]
folder = "runs"
"""
OFFENCES = (
    "offender_id,offence_id,code,committed_on,recorded_on,status\n"
    "J\u00f6,A,8N,2025-01-04,2025-01-05,suspect\n"
    "2,B,8N,2025-01-04,2025-01-05,suspect\n"
)
PEOPLE = "offender_id,date_of_birth\nJ\u00f6,04/05/1980\n2,1990-01-02\n"
SPELLS = "offender_id,state,starts_on\nJ\u00f6,in-custody,03/02/2025\n"


class Unit:
    """Offences in UTF-8 and ISO, people in cp1252, spells with the day first."""

    def __init__(self, base):
        self.base, self.registry = base, load_registry(plugins="none")
        self.put("offences", OFFENCES)
        self.put("people", PEOPLE.replace("04/05/1980", "1980-05-04"), "cp1252")
        self.put("spells", SPELLS)

    def put(self, name, text, encoding="utf-8"):
        (self.base / f"{name}.csv").write_bytes(text.encode(encoding))

    def declare(self, sources="", more=""):
        path = self.base / "run.toml"
        path.write_text(RUN.format(sources=sources, more=more), encoding="utf-8")
        return read_run(path)

    def make(self, sources="", more="", day=DAY):
        return run(self.declare(sources, more), as_of=day, registry=self.registry)

    def make_under(self, harm):
        declaration = self.declare(OWN)
        path = declaration.path
        path.write_text(path.read_text("utf-8").replace("[harm]", f"[harm]\n{harm}"), "utf-8")
        return run(read_run(path), as_of=DAY, registry=self.registry)

    def refused(self, sources="", more="", day=DAY):
        with pytest.raises(HhpuError) as caught:
            self.make(sources, more, day).write()
        assert "--" not in str(caught.value)
        return str(caught.value)


@pytest.fixture
def unit(tmp_path):
    return Unit(tmp_path)


OWN = 'encoding = { people = "cp1252" }\ndate_order = { spells = "dmy" }'


def test_each_source_is_read_in_its_own_encoding_and_order_of_dates(unit):
    made = unit.make(OWN)
    assert not any(
        problem.reason.startswith("unreadable") for problem in made.ledger.problems.found
    )
    table = made.ranking.to_frame().set_index("offender_id")
    assert table.loc["J\u00f6", "availability"] == "in custody"
    assert made.ledger.born is not None
    assert made.sources.get("people").problems.rows_excluded == 0


def test_a_table_may_be_written_as_a_table_of_its_own(unit):
    whole = 'encoding.people = "cp1252"\ndate_order.spells = "dmy"'
    assert unit.declare(whole).digest == unit.declare(OWN).digest


def test_one_word_is_for_all_and_keeps_its_digest(unit):
    plain = unit.declare('encoding = "cp1252"')
    assert {plain.encoding_of(name) for name in ("offences", "spells", "corrections")} == {"cp1252"}
    assert plain.to_dict()["encoding"] == "cp1252"
    each = 'encoding = { offences = "cp1252", people = "cp1252", spells = "cp1252" }'
    assert unit.declare(each).digest == plain.digest
    assert unit.declare().digest == unit.declare('encoding = "utf-8"\ndate_order = "iso"').digest
    assert unit.declare(OWN).digest != unit.declare().digest


OLD = """format = "hhpu run 1"
force = "E"
[sources]
records = "versioned"
offences = "o.csv"
people = "p.csv"
{sources}
[harm]
index = "ons-css"
[run]
bracket = 3
[outputs]
folder = "runs"
"""


@pytest.mark.parametrize(
    ("sources", "digest"),
    [
        ("", "sha256:818d63e17200a36e027c511ceeaa75c809c90f423267cc1c449d3f525bbcdea9"),
        ('encoding = "cp1252"\ndate_order = "dmy"',
         "sha256:befc29bcf91f2937822a6693089a143b18bd509e8069038ca216a2707d377c22"),
    ],
)  # fmt: skip
def test_a_run_file_of_one_word_for_all_has_the_digest_that_it_always_had(
    tmp_path, sources, digest
):
    (tmp_path / "run.toml").write_text(OLD.format(sources=sources), encoding="utf-8")
    assert read_run(tmp_path / "run.toml").digest == digest


def test_how_corrections_are_read_is_no_part_of_what_decides_a_run(unit):
    beside = unit.declare('encoding = { corrections = "cp1252" }\ndate_order.corrections = "dmy"')
    assert beside.digest == unit.declare().digest
    assert (beside.encoding_of("corrections"), beside.encoding_of("people")) == ("cp1252", "utf-8")
    assert (beside.date_order_of("corrections"), beside.date_order_of("people")) == ("dmy", "iso")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('encoding = { peple = "cp1252" }', "[sources] encoding is text that is not empty; or a"),
        ('encoding = { peple = "cp1252" }', "or corrections: 'peple' is none of these"),
        ("encoding = {}", "[sources] encoding is text"),
        ('encoding = { people = "" }', "[sources] encoding is text"),
        ('encoding = { people = "" }', "or corrections: that of people is none"),
        ('date_order = "mdy"', "[sources] date_order is one of iso, dmy; or a table"),
        ('date_order = { spells = "mdy" }', "[sources] date_order is one of iso, dmy; or a table"),
        ('date_order = { identities = "dmy" }', "[sources] names no identities"),
    ],
)
def test_a_wrong_table_is_refused_with_what_it_should_be(unit, written, told):
    with pytest.raises(DefinitionError) as caught:
        unit.declare(written)
    assert told in str(caught.value)


def test_another_encoding_is_advised_by_a_key_that_can_be_written_as_it_stands(unit):
    told = unit.refused()
    advised = '[sources] encoding = { people = "cp1252" }'
    assert advised in told
    assert "people.csv is not utf-8 text" in told
    unit.make(f"{advised.removeprefix('[sources] ')}\ndate_order = {{ spells = 'dmy' }}")


def test_advice_leaves_the_other_sources_as_they_are(unit):
    unit.put("offences", OFFENCES, "cp1252")
    told = unit.refused('encoding = { offences = "cp1252" }')
    assert '[sources] encoding = { offences = "cp1252", people = "cp1252" }' in told
    unit.put("spells", SPELLS + "\u0141,in-custody,2025-02-03\n")
    told = unit.refused('encoding = { offences = "cp1252", people = "ascii" }')
    assert '[sources] encoding = { offences = "cp1252", people = "utf-8" }' in told


def remedies(made, table="offences"):
    found = made.sources.get(table).problems.summary()
    return found.set_index("reason")["remedy"].to_dict()


def test_the_problems_of_a_run_are_answered_by_its_keys(unit):
    unit.put("offences", f"{OFFENCES}unknown male,C,8N,04/01/2025,05/01/2025,CHGD\n")
    made = unit.make(OWN)
    told = remedies(made)
    assert told["unreadable-status"].endswith('[values.offences.status] theirs = "ours"')
    assert told["placeholder-person"].endswith("[reading] keep_placeholders = true")
    assert told["unreadable-date"].endswith(
        '[sources] date_order = { spells = "dmy", offences = "dmy" }'
    )
    table = made.files()["problems.csv"].decode() + made.files()["report.html"].decode()
    assert "[values.offences.status]" in table
    for option in ("--value", "--date-order", "--keep-placeholders", "values=", "date_order="):
        assert option not in table
    kept = unit.make(OWN, more="[reading]\nkeep_placeholders = true")
    assert "keep_placeholders" not in remedies(kept)["placeholder-person"]


def test_a_missing_column_is_answered_by_the_table_of_its_source(unit):
    unit.put("offences", OFFENCES.replace("code", "kode"))
    unit.put("spells", SPELLS.replace("state", "zustand"))
    told = unit.refused(OWN)
    assert '[columns.offences] code = "theirs"' in told
    assert '[columns.spells] state = "theirs"' in told


def test_settings_that_cannot_be_used_are_named_by_their_keys(unit):
    assert '[sources] timezone = "Mars" is not a known' in unit.refused('timezone = "Mars"')
    told = unit.refused('encoding = { people = "martian" }')
    assert '[sources] encoding = { people = "martian" } is not known' in told
    told = unit.refused(OWN, more='[reading]\ndate = "known_from"')
    assert '[reading] date = "known_from": the placing date' in told
    told = unit.refused(OWN, more='[values.offences.status]\nX = "nothing"')
    assert '[values.offences.status] theirs = "ours": nothing not among' in told
    told = unit.refused(OWN, more='[reading]\nclassify = ["status"]')
    assert '[reading] classify = ["status"]: status not usable' in told
    told = unit.refused(OWN, more='[reading]\nnotation = "home-office-clas"')
    assert told.endswith(
        "[reading] notation = \"home-office-clas\": did you mean 'home-office-class'?"
    )
    told = unit.refused(OWN, more='[columns.offences]\nxx = "B"')
    assert '[columns.offences] xx = "B": xx not among' in told


def test_an_encoding_for_all_that_is_not_known_is_told_as_it_was_written(unit):
    assert '[sources] encoding = "zzz" is not known' in unit.refused('encoding = "zzz"')


def test_offences_without_a_weight_are_accepted_by_a_key_of_the_run_file(unit):
    unit.put("offences", f"{OFFENCES}2,C,8/77,2025-01-04,2025-01-05,suspect\n")
    with pytest.raises(hhpu.UnmappedOffences) as caught:
        unit.make_under('unmapped = "error"')
    assert str(caught.value).endswith('accept the gap with [harm] unmapped = "report"')
    assert "--" not in str(caught.value)
    assert unit.make_under('unmapped = "report"').ranking is not None


def test_an_extract_that_is_not_believed_names_the_threshold(unit):
    rows = "".join(f"{i},O{i},8N,2025-01-04,2025-01-05,suspect\n" for i in range(10))
    unit.put("offences", OFFENCES + rows)
    unit.make(OWN).write()
    unit.put("offences", OFFENCES)
    later = DAY + dt.timedelta(days=14)
    assert "at most 20.0% ([thresholds] most_fall_in_rows)" in unit.refused(OWN, day=later)
    unit.put("offences", OFFENCES + rows.replace(",8N,", ",8L,"))
    assert "at least 50.0% ([thresholds] least_rows_same)" in unit.refused(OWN, day=later)


def test_in_python_the_same_refusals_name_the_arguments(unit):
    rows = "".join(f"{i},O{i},8N,2025-01-04,2025-01-05,suspect\n" for i in range(10))
    unit.put("offences", OFFENCES + rows)
    first = hhpu.encode(unit.base / "offences.csv").begin(day=DAY, source="Exampleshire")
    later = {"day": DAY + dt.timedelta(days=14), "source": "Exampleshire"}
    unit.put("offences", OFFENCES)
    less = hhpu.encode(unit.base / "offences.csv")
    with pytest.raises(hhpu.InputRefused, match=r"20\.0% \(most_fall=\)"):
        first.update(less, **later, most_fall=0.2)
    unit.put("offences", OFFENCES + rows.replace(",8N,", ",8L,"))
    other = hhpu.encode(unit.base / "offences.csv")
    with pytest.raises(hhpu.InputRefused, match=r"50\.0% \(least_same=\)"):
        first.update(other, **later, least_same=0.5)


def test_corrections_have_their_own_encoding_and_order_of_dates(unit):
    unit.make(OWN).write()
    corrections = (
        "offence_id,offender_id,what,reason,decided_on\nA,J\u00f6,cancelled,no,04/03/2025\n"
    )
    unit.put("corrections", corrections, "cp1252")
    path = unit.base / "corrections.csv"
    with pytest.raises(hhpu.InputRefused) as caught:
        rectify(unit.declare(OWN), path)
    assert '[sources] encoding = { people = "cp1252", corrections = "cp1252" }' in str(caught.value)
    encoded = 'encoding = { people = "cp1252", corrections = "cp1252" }\n'
    with pytest.raises(hhpu.InputRefused) as caught:
        rectify(unit.declare(f'{encoded}date_order = {{ spells = "dmy" }}'), path)
    told = '[sources] date_order = { spells = "dmy", corrections = "dmy" }'
    assert told in str(caught.value)
    found = rectify(unit.declare(f"{encoded}{told.removeprefix('[sources] ')}"), path)
    assert found.decided_on == dt.date(2025, 3, 4)
    assert found.corrections.loc[0, "runs_counted"] == 1
