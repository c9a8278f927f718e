"""Bad input: a clear error or a counted exclusion, nothing lost. One worked case for each."""

from __future__ import annotations

import datetime as dt
import warnings

import attrs
import forces
import pandas as pd
import pytest

import hhpu
from hhpu.tables import PEOPLE

HEADER = "offender_id,code,committed_on"
INDEX = forces.index_of(forces.points({"A": 1000, "B": 250, "Z": 0}))
ONS = hhpu.load_registry(plugins="none").index("ons-css")
AS_OF = "2025-12-31"


def offences(**columns):
    size = max((len(cells) for cells in columns.values()), default=1)
    plain = {"offender_id": "P1", "code": "A", "committed_on": "2025-03-01"}
    return pd.DataFrame({name: [cell] * size for name, cell in plain.items()} | columns)


def csv(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "offences.csv"
    path.write_bytes(text.encode(encoding))
    return path


def refused(data, **options):
    with pytest.raises(hhpu.InputRefused) as caught:
        hhpu.check(data, **options)
    assert caught.value.exit_code == 3
    problems = caught.value.problems
    return set() if problems is None else {problem.reason for problem in problems.found}


def counts(data, **options):
    summary = hhpu.encode(data, **options).problems.summary()
    return {(line.reason, line.column): line.rows for line in summary.itertuples()}


def scores(data, *, as_of=AS_OF, index=INDEX, **options):
    table = hhpu.rank(hhpu.encode(data, **options), as_of=as_of, index=index).to_frame()
    return dict(zip(table["offender_id"], table["score"], strict=True))


def fates(data, *, as_of=AS_OF, index=INDEX, **options):
    found = hhpu.score(hhpu.encode(data, **options), as_of=as_of, index=index).fate_counts()
    return {fate: rows for fate, rows in found.items() if rows}


# The file


@pytest.mark.parametrize("text", ["", " \n\n", "\ufeff"])
def test_an_empty_file_is_refused(tmp_path, text):
    assert refused(csv(tmp_path, text)) == {"no-data"}


def test_a_header_without_rows_is_refused(tmp_path):
    assert refused(csv(tmp_path, HEADER + "\n")) == {"no-rows"}
    assert refused(offences().head(0)) == {"no-rows"}
    assert refused([]) == {"no-rows"}


def test_a_missing_column_is_named_with_those_there_are(tmp_path):
    with pytest.raises(hhpu.InputRefused, match=r"missing-column \[code\].*'offence'"):
        hhpu.check(csv(tmp_path, "offender_id,offence,committed_on\nP1,A,2025-03-01\n"))
    assert refused(offences().drop(columns="committed_on")) == {"missing-column"}
    assert refused(offences(), date="recorded_on") == {"missing-column"}
    assert refused(offences(), columns={"status": "finding"}) == {"missing-column"}


def test_every_structural_fault_is_told_at_once():
    table = pd.DataFrame([["P1", "P2", 1]], columns=["offender_id", "offender_id", "x"])
    assert refused(table) == {"duplicate-column", "missing-column"}


def test_a_duplicated_column_is_refused_in_a_file_and_in_a_dataframe(tmp_path):
    text = "offender_id,code,committed_on,code\nP1,A,2025-03-01,B\n"
    assert refused(csv(tmp_path, text)) == {"duplicate-column"}
    table = offences()
    doubled = pd.concat([table, table[["offender_id"]]], axis=1)
    assert refused(doubled) == {"duplicate-column"}


def test_a_duplicated_column_that_nobody_reads_is_let_be(tmp_path):
    text = f"{HEADER},note,note\nP1,A,2025-03-01,x,y\n"
    assert len(hhpu.check(csv(tmp_path, text))) == 1


def test_columns_are_renamed_by_a_mapping_and_one_may_serve_twice():
    table = pd.DataFrame({"nominal": ["P1"], "ho": ["A"], "day": ["2025-03-01"]})
    ledger = hhpu.encode(
        table,
        columns={
            "offender_id": "nominal", "code": "ho", "committed_on": "day", "recorded_on": "day",
        },
    )  # fmt: skip
    assert hhpu.rank(ledger, as_of=AS_OF, index=INDEX).to_frame()["score"].tolist() == ["10"]
    with pytest.raises(hhpu.ArgumentError, match="nominal"):
        hhpu.check(table, columns={"nominal": "offender_id"})


@pytest.mark.parametrize("place", ["first", "second", "every"])
@pytest.mark.parametrize("mode", ["default", "ignore", "error"])
def test_rows_with_too_many_fields_are_refused_whatever_the_warnings_filter(tmp_path, place, mode):
    rows = [["P1", "A", "2025-03-01"], ["P2", "A", "2025-03-01"]]
    for number, row in enumerate(rows):
        if place == "every" or place == ("first", "second")[number]:
            row.append("stray")
    path = csv(tmp_path, "\n".join([HEADER, *map(",".join, rows)]) + "\n")
    with warnings.catch_warnings():
        warnings.simplefilter(mode)
        with pytest.raises(hhpu.InputRefused, match="not regular CSV"):
            hhpu.check(path)


def test_a_row_that_ends_early_is_excluded_and_counted(tmp_path):
    found = counts(csv(tmp_path, f"{HEADER}\nP1,A,2025-03-01\nP2,A\n"))
    assert found["no-placing-date", "committed_on"] == 1


def test_an_unclosed_quote_is_refused(tmp_path):
    with pytest.raises(hhpu.InputRefused, match="not regular CSV"):
        hhpu.check(csv(tmp_path, f'{HEADER}\nP1,A,2025-03-01\n"P2,A,2025-03-01\n'))


def test_quotes_with_commas_and_newlines_are_one_cell(tmp_path):
    text = f'{HEADER},offence_id\n"P1, ""Jo""",A,2025-03-01,"1\n2"\nP2,,2025-03-01,3\n'
    ledger = hhpu.encode(csv(tmp_path, text))
    assert scores(csv(tmp_path, text)) == {'P1, "Jo"': "10"}
    table = ledger.problems.to_frame()
    assert table[table["reason"] == "no-code"]["row"].tolist() == [1]


def test_a_file_in_another_encoding_is_refused_until_the_encoding_is_said(tmp_path):
    path = csv(tmp_path, f"{HEADER}\nJosé,A,2025-03-01\n", encoding="cp1252")
    with pytest.raises(hhpu.InputRefused, match="cp1252"):
        hhpu.check(path)
    assert scores(path, encoding="cp1252") == {"José": "10"}


def test_another_separator_and_a_cut_off_gzip_are_refused(tmp_path):
    with pytest.raises(hhpu.InputRefused, match="separator"):
        hhpu.check(csv(tmp_path, "offender_id;code;committed_on\nP1;A;2025-03-01\n"))
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(b"\x1f\x8b\x08\x00broken")
    with pytest.raises(hhpu.InputRefused, match="gzip"):
        hhpu.check(path)
    with pytest.raises(hhpu.ArgumentError, match="cannot be read"):
        hhpu.check(tmp_path / "nowhere.csv")


def test_a_file_of_id_code_and_one_date_ranks_and_says_what_it_could_not_guarantee(tmp_path):
    path = csv(tmp_path, f"{HEADER}\nP1,A,2025-03-01\nP2,B,2025-03-01\n")
    ranking = hhpu.rank(hhpu.encode(path), as_of=AS_OF, index=INDEX)
    assert ranking.to_frame()[["offender_id", "rank", "score"]].values.tolist() == [
        ["P1", 1, "10"],
        ["P2", 2, "2.5"],
    ]
    said = " ".join(ranking.provenance.caveats)
    for words in ("Not as known", "No role", "No evidential status", "No dates of birth",
                  "No offence id", "not a decision"):  # fmt: skip
        assert words in said


# Cells


def test_rows_without_a_person_or_a_placing_date_are_all_that_is_excluded():
    table = offences(
        offender_id=["P1", None, "P3", "", " ", "P6"],
        committed_on=["2025-03-01", "2025-03-01", None, "2025-03-01", "2025-03-01", "2025-03-01"],
        code=["A", "A", "A", "A", "A", None],
    )
    ledger = hhpu.encode(table)
    assert (ledger.rows_in, ledger.rows_rejected, len(ledger)) == (6, 4, 2)
    assert ledger.problems.count("no-person") == 3
    assert ledger.problems.count("no-placing-date") == 1
    assert ledger.problems.count("no-code") == 1
    assert fates(table) == {"counted": 1, "unmapped": 1}


def test_an_input_without_one_usable_row_is_refused_with_its_reasons():
    assert refused(offences(committed_on=["soon", ""])) >= {"unreadable-date", "no-placing-date"}


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("tomorrow", "unreadable-date"),
        ("01/03/2025", "unreadable-date"),
        ("2025-3-1", "unreadable-date"),
        ("20250301", "unreadable-date"),
        ("45717", "unreadable-date"),
        ("2025-02-29", "impossible-date"),
        ("2025-13-01", "impossible-date"),
        ("2025-03-01T25:00", "impossible-date"),
        ("1066-10-14", "impossible-date"),
        ("2525-03-01", "impossible-date"),
        ("1900-01-01", "placeholder-date"),
        ("1899-12-30", "placeholder-date"),
        ("9999-12-31", "placeholder-date"),
        ("0001-01-01", "placeholder-date"),
    ],
)
def test_a_date_that_cannot_be_used_excludes_only_where_it_places(written, reason):
    placing = hhpu.encode(offences(committed_on=["2025-03-01", written]))
    assert placing.rows_rejected == 1
    assert placing.problems.count(reason, column="committed_on") == 1
    assert placing.problems.count("no-placing-date") == 0
    beside = hhpu.encode(offences(recorded_on=["2025-03-01", written]))
    assert beside.rows_rejected == 0
    assert beside.problems.count(reason, column="recorded_on") == 1


def test_1970_01_01_is_kept_and_flagged():
    assert counts(offences(committed_on=["1970-01-01"]))["doubtful-date", "committed_on"] == 1


def test_a_future_date_is_counted_and_does_not_score():
    table = offences(committed_on=["2025-03-01", "2026-03-01"])
    checked = hhpu.check(table, as_of=dt.date(2025, 12, 31))
    assert checked.problems.count("future-date", column="committed_on") == 1
    assert fates(table) == {"counted": 1, "outside the window": 1}
    assert scores(table) == {"P1": "10"}


def test_an_offence_committed_after_it_was_recorded_is_kept_and_flagged():
    table = offences(committed_on=["2025-03-02"], recorded_on=["2025-03-01"])
    found = counts(table)
    assert found["dates-out-of-order", "committed_on, recorded_on"] == 1
    assert scores(table, as_of="2025-03-01") == {}
    assert scores(table, as_of="2025-03-02") == {"P1": "10"}
    assert scores(table, as_of="2025-03-01", date="recorded_on") == {"P1": "10"}


def test_dates_written_day_first_are_read_when_it_is_said():
    table = offences(committed_on=["03/04/2025", "3.4.2025", "31/12/2025", "04-13-2025"])
    ledger = hhpu.encode(table, date_order="dmy")
    assert ledger.problems.count("impossible-date") == 1
    assert fates(table, date_order="dmy", as_of="2025-04-03") == {
        "counted": 2,
        "outside the window": 1,
    }


def test_a_day_first_declaration_is_about_texts_and_leaves_true_dates_alone():
    dates = pd.Series([dt.date(2025, 4, 3), dt.date(2025, 12, 31)], dtype=object)
    moments = pd.Series([dt.datetime(2025, 4, 3, 9, 30), None], dtype=object)  # noqa: DTZ001
    table = offences(committed_on=["03/04/2025", "31/12/2025"], recorded_on=dates,
                     known_from=moments)  # fmt: skip
    ledger = hhpu.encode(table, date_order="dmy")
    assert ledger.problems.count("unreadable-date") == 0
    assert ledger.problems.count("dates-out-of-order") == 0
    assert fates(table, date_order="dmy", as_of="2025-04-03") == {
        "counted": 1,
        "not yet known": 1,
    }


def test_every_way_of_writing_nothing_is_an_empty_cell():
    nothing = pd.Series([None, pd.NA, pd.NaT, float("nan"), "", "  "], dtype=object)
    table = offences(offence_id=nothing, status=nothing, recorded_on=nothing, role=nothing)
    ledger = hhpu.encode(table)
    assert ledger.problems.count("duplicate-link") == 0
    assert ledger.problems.count("unreadable-status") == 0
    assert ledger.problems.count("unreadable-date", column="recorded_on") == 0
    assert scores(table) == {"P1": "60"}
    people = hhpu.check(offences(offender_id=[*nothing, "P7"], code=["A"] * 7,
                                 committed_on=["2025-03-01"] * 7))  # fmt: skip
    assert people.problems.count("no-person") == 6
    assert people.problems.to_frame(values=True)["value"].str.strip().unique().tolist() == [""]


def test_mixed_time_zones_are_counted_and_each_taken_to_local_civil_time():
    table = offences(
        committed_on=[
            "2025-06-30T23:30:00Z",
            "2025-06-30T23:30:00+01:00",
            "2025-06-30T23:30:00",
            "2025-06-30 23:30:00.123456+0000",
        ],
        offender_id=["utc", "bst", "local", "utc2"],
    )
    ledger = hhpu.encode(table)
    assert ledger.problems.count("mixed-time-zones") == 3
    assert set(scores(table, as_of="2025-06-30")) == {"bst", "local"}
    assert set(scores(table, as_of="2025-07-01")) == {"bst", "local", "utc", "utc2"}
    assert set(scores(table, as_of="2025-06-30", timezone="UTC")) == {"bst", "local", "utc", "utc2"}


def test_ids_that_look_like_numbers_keep_their_leading_zeros(tmp_path):
    text = f"{HEADER}\n007,A,2025-03-01\n7,B,2025-03-01\n0007,B,2025-03-01\n1e5,Z,2025-03-01\n"
    assert scores(csv(tmp_path, text)) == {"007": "10", "7": "2.5", "0007": "2.5", "1e5": "0"}
    assert ("number-as-id", "offender_id") not in counts(csv(tmp_path, text))
    assert ("number-as-id", "offender_id") in counts(offences(offender_id=[7]))


@pytest.mark.parametrize("column", ["offender_id", "offence_id"])
def test_ids_that_a_spreadsheet_rounded_are_excluded_and_alarmed_about(column):
    ids = ["1.00E+05", "1E+05", " 1,23E-10 ", "2.5e+11", "1e5", "4E12", "1.5"]
    table = offences(**{column: ids})
    ledger = hhpu.encode(table)
    assert ledger.problems.count("spreadsheet-damaged-id", column=column) == 4
    assert (ledger.rows_rejected, len(ledger)) == (4, 3)
    assert len(hhpu.check(table).unusable) == 0
    alarms = hhpu.rank(ledger, as_of=AS_OF, index=INDEX).scores.alarms
    assert alarms[0].startswith("Identifiers that a spreadsheet rounded (1.00E+05)")
    with pytest.raises(hhpu.InputRefused, match="spreadsheet-damaged-id"):
        hhpu.check(offences(**{column: ids[:2]}))
    people = hhpu.check(pd.DataFrame({"offender_id": ids}), contract=PEOPLE)
    assert people.problems.count("spreadsheet-damaged-id") == 4


def test_ids_that_a_spreadsheet_rounded_are_seen_in_any_library_of_texts():
    ids = ["1.00E+05", "P2", "1.00E+05", None] * 3
    for dtype in ("object", "string", "category"):
        table = offences(offence_id=pd.Series(ids, dtype=dtype))
        found = hhpu.check(table).problems
        assert found.count("spreadsheet-damaged-id", column="offence_id") == 6


def test_a_refusal_of_every_row_ends_with_what_to_do():
    table = offences(committed_on=["31/03/2025"])
    with pytest.raises(hhpu.InputRefused) as caught:
        hhpu.check(table)
    lines = str(caught.value).splitlines()
    told = "1 rows in. Look at the other problems, and do what is said beside them."
    assert lines[1].endswith(told)
    assert "unreadable-date [committed_on]: 1 rows. Write every date" in lines[2]
    assert all(line.endswith(".") and not line.strip().startswith(".") for line in lines[1:])


def test_a_number_and_its_text_are_one_person_in_one_column():
    table = offences(offender_id=pd.Series([7, "7", 7.0, " 7 "], dtype=object), code=["A"] * 4)
    assert scores(table) == {"7": "40"}


def test_spaces_around_an_offence_id_do_not_make_another_offence():
    table = offences(offence_id=["X1", " X1", "X1 "])
    assert fates(table) == {"counted": 1, "duplicate": 2}


@pytest.mark.parametrize(
    "name",
    ["UNKNOWN MALE", "unknown", "Unknown Female 2", "N/K", "n/a", "Test", "JANE DOE", "None",
     "not known", "nobody", "anon", "TBC"],
)  # fmt: skip
def test_placeholder_people_are_excluded_unless_it_is_said_otherwise(name):
    table = offences(offender_id=[name, "P1"])
    ledger = hhpu.encode(table)
    assert (ledger.rows_rejected, ledger.problems.count("placeholder-person")) == (1, 1)
    assert set(scores(table)) == {"P1"}
    kept = hhpu.encode(table, policy={"placeholder-person": "kept"})
    assert (kept.rows_rejected, kept.problems.count("placeholder-person")) == (0, 1)


@pytest.mark.parametrize("name", ["Naomi", "Nolan", "Unkles", "Tester-Smith", "N1", "Test 7a"])
def test_people_whose_names_only_begin_like_placeholders_stay(name):
    assert set(scores(offences(offender_id=[name]))) == {name}


def test_an_unreadable_status_never_scores_and_an_unreadable_role_neither():
    table = offences(status=["charged", "guilty as sin"], role=["suspect", "suspect"])
    assert fates(table) == {"counted": 1, "unreadable status": 1}
    table = offences(role=["suspect", "passer-by"])
    assert fates(table) == {"counted": 1, "unreadable role": 1}
    translated = {"role": {"Passer-By": "offender"}}
    assert fates(table, values=translated) == {"counted": 2}


@pytest.mark.parametrize("status", ["eliminated", "acquitted", "not-guilty", "cancelled"])
def test_what_never_scores_never_scores_and_no_definition_may_say_otherwise(status):
    table = offences(status=[status.upper().replace("-", " ")])
    assert fates(table) == {"status worth 0": 1}
    with pytest.raises(hhpu.DefinitionError, match=f"{status} never scores"):
        hhpu.HarmDefinition(name="d", title="D", index=INDEX, status_policy={status: 1})


def test_a_victims_offence_never_scores():
    table = offences(role=["victim", "witness", "suspect", "offender"], code=["A", "A", "B", "B"])
    assert scores(table) == {"P1": "5"}


# Several rows together


def same_link(**columns):
    return offences(**({"offence_id": ["o1", "o1"]} | columns))


def test_the_same_link_twice_counts_once_and_is_masked_not_dropped():
    table = same_link()
    ledger = hhpu.encode(table)
    assert (len(ledger), ledger.rows_rejected) == (2, 0)
    assert ledger.problems.count("duplicate-link") == 1
    assert fates(table) == {"counted": 1, "duplicate": 1}


def test_a_later_version_is_no_duplicate():
    table = same_link(
        code=["A", "B"],
        known_from=["2025-03-02", "2025-06-01"],
        known_to=["2025-06-01", None],
    )
    assert ("duplicate-link", "offence_id") not in counts(table)
    assert ("contradicting-code", "code") not in counts(table)
    assert scores(table, as_of="2025-05-31") == {"P1": "10"}
    assert scores(table, as_of="2025-06-01") == {"P1": "2.5"}
    assert fates(table, as_of="2025-06-01") == {"counted": 1, "superseded": 1}
    assert fates(table, as_of="2025-05-31") == {"counted": 1, "not yet known": 1}


def test_two_suspects_lawfully_share_an_offence_id():
    table = same_link(offender_id=["P1", "P2"])
    assert scores(table) == {"P1": "10", "P2": "10"}
    assert ("duplicate-link", "offence_id") not in counts(table)


def test_one_person_in_two_roles_of_one_offence_is_no_duplicate_but_is_flagged():
    table = same_link(role=["suspect", "victim"])
    found = counts(table)
    assert found["suspect-and-victim", "role"] == 2
    assert ("duplicate-link", "offence_id") not in found
    assert fates(table) == {"counted": 1, "not a suspect or offender": 1}


def test_a_suspect_who_is_a_victim_elsewhere_is_flagged():
    table = offences(offence_id=["o1", "o2"], role=["suspect", "victim"])
    found = counts(table)
    assert found["victim-elsewhere", "role"] == 1
    assert ("suspect-and-victim", "role") not in found


@pytest.mark.parametrize(
    ("column", "cells", "reason", "where"),
    [
        ("code", ["A", "B"], "contradicting-code", "code"),
        ("committed_on", ["2025-03-01", "2025-03-02"], "contradicting-date", "committed_on"),
    ],
)
def test_one_offence_id_with_contradicting_codes_or_dates_is_flagged(column, cells, reason, where):
    table = same_link(offender_id=["P1", "P2"], **{column: cells})
    ledger = hhpu.encode(table)
    assert ledger.problems.count(reason, column=where) == 2
    assert fates(table) == {"counted": 2}


def test_a_join_of_suspects_with_victims_is_recognised_and_does_not_multiply_harm():
    table = offences(
        offender_id=["P1", "P1", "P1", "P2", "P2", "P2"], offence_id=["o1"] * 6, code=["A"] * 6
    )
    assert counts(table)["suspect-victim-join", "offence_id"] == 4
    assert scores(table) == {"P1": "10", "P2": "10"}
    single = same_link(offender_id=["P1", "P1"])
    assert ("suspect-victim-join", "offence_id") not in counts(single)


def test_duplicates_across_parts_are_found_after_they_are_added():
    one, other = same_link().head(1), same_link().tail(1)
    joined = hhpu.Ledger.concat([hhpu.encode(one), hhpu.encode(other)])
    assert joined.problems.count("duplicate-link") == 1
    assert joined == hhpu.encode(same_link())


def test_versions_that_were_never_known_never_count():
    table = same_link(known_from=["2025-06-01", "2025-03-02"], known_to=["2025-06-01", None])
    assert counts(table)["empty-known-interval", "known_to"] == 1
    assert ("duplicate-link", "offence_id") not in counts(table)
    assert scores(table) == {"P1": "10"}


# Codes


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("999Z", "unknown-code"),
        ("8/77", "unknown-code"),
        ("08-Jun", "spreadsheet-damaged"),
        ("08/06/2024", "spreadsheet-damaged"),
        ("2.01E+05", "spreadsheet-damaged"),
        ("#REF!", "spreadsheet-damaged"),
        ("106", "ambiguous-notation"),
        ("3/00", "generic-code"),
        ("grievous", "unreadable-code"),
        ("COML025", "no-conversion-table"),
        ("", "no-code"),
    ],
)
def test_codes_that_cannot_be_weighed_are_unmapped_with_their_reason_never_zero(code, reason):
    table = offences(offender_id=["P1", "P2"], code=["8N", code])
    ranking = hhpu.rank(hhpu.encode(table), as_of=AS_OF, index=ONS)
    assert ranking.to_frame()["offender_id"].tolist() == ["P1"]
    listed = ranking.scores.unmapped()
    assert listed[["code", "reason", "offences", "people"]].values.tolist() == [
        [code, reason, 1, 1]
    ]
    assert ranking.scores.coverage()["people_with_nothing_scored"] == 1
    with pytest.raises(hhpu.UnmappedOffences):
        hhpu.rank(hhpu.encode(table), as_of=AS_OF, index=ONS, unmapped="error")


@pytest.mark.parametrize(("weights", "score"), [((700, 700), "7"), ((700, 701), None)])
def test_a_class_with_several_recorded_codes_is_weighed_only_where_they_weigh_the_same(
    weights, score
):
    pairs = zip(("34A", "34B"), weights, strict=True)
    held = tuple(hhpu.Weight(code, weight, "force", ("us",)) for code, weight in pairs)
    index = attrs.evolve(INDEX, codes="home-office-recorded", weights=held)
    ranking = hhpu.rank(hhpu.encode(offences(code=["34/01"])), as_of=AS_OF, index=index)
    assert ranking.to_frame()["score"].tolist() == ([score] if score else [])
    reasons = ranking.scores.unmapped()["reason"].tolist()
    assert reasons == ([] if score else ["several-candidates"])


def test_a_recorded_crime_code_is_too_coarse_for_an_index_of_classes():
    index = attrs.evolve(
        INDEX,
        codes="home-office-class",
        weights=(hhpu.Weight("8/06", 100, "force", ("us",)),),
    )
    table = offences(offender_id=["P1", "P2", "P3"], code=["8/06", "8N", "008/06"])
    ranking = hhpu.rank(hhpu.encode(table), as_of=AS_OF, index=index)
    assert ranking.to_frame()["offender_id"].tolist() == ["P1", "P3"]
    assert ranking.scores.unmapped()[["code", "reason"]].values.tolist() == [["8N", "too-coarse"]]


def test_a_bare_number_is_read_once_the_notation_is_declared():
    table = offences(code=["106"])
    assert scores(table, index=ONS) == {}
    ledger = hhpu.encode(table, notation="home-office-recorded")
    assert len(hhpu.rank(ledger, as_of=AS_OF, index=ONS)) == 1


def test_an_expired_code_is_weighed_and_said():
    weights = (hhpu.Weight("OLD", 700, "force", ("us",), note="expired 2019"),)
    index = attrs.evolve(INDEX, weights=weights)
    ranking = hhpu.rank(hhpu.encode(offences(code=["OLD"])), as_of=AS_OF, index=index)
    assert ranking.to_frame()["score"].tolist() == ["7"]
    assert any("expired" in caveat for caveat in ranking.provenance.caveats)


# Age


@pytest.mark.parametrize(
    ("born", "committed", "counts_then"),
    [
        ("2015-03-02", "2025-03-01", False),
        ("2015-03-01", "2025-03-01", True),
        ("2008-02-29", "2018-02-28", False),
        ("2008-02-29", "2018-03-01", True),
        ("2012-02-29", "2022-02-28", False),
        ("1990-01-01", "2025-03-01", True),
    ],
)
def test_an_offence_committed_under_ten_never_scores(born, committed, counts_then):
    people = pd.DataFrame({"offender_id": ["P1"], "date_of_birth": [born]})
    table = offences(committed_on=[committed], recorded_on=["2025-06-01"])
    for date in ("committed_on", "recorded_on"):
        ledger = hhpu.encode(table, people=people, date=date)
        assert len(hhpu.rank(ledger, as_of=AS_OF, index=INDEX)) == counts_then
        assert ledger.problems.count("below-criminal-age") == 1 - counts_then
        assert ledger.problems.count("age-unchecked") == 0


def test_without_a_date_of_birth_or_of_commission_age_is_reported_unchecked():
    people = pd.DataFrame({"offender_id": ["P1"], "date_of_birth": [None]})
    assert hhpu.encode(offences()).problems.count("age-unchecked") == 1
    assert hhpu.encode(offences(), people=people).problems.count("age-unchecked") == 1
    table = offences().rename(columns={"committed_on": "recorded_on"})
    ledger = hhpu.encode(table, people=people.assign(date_of_birth="1990-01-01"),
                         date="recorded_on")  # fmt: skip
    assert ledger.problems.count("age-unchecked") == 1


@pytest.mark.parametrize("turned", [False, True])
def test_a_person_twice_with_two_birth_dates_is_flagged_and_neither_is_used(turned):
    people = pd.DataFrame(
        {"offender_id": ["P1", "P1"], "date_of_birth": ["2020-01-01", "1990-01-01"]}
    )
    ledger = hhpu.encode(offences(), people=people[::-1] if turned else people)
    assert ledger.problems.count("duplicate-person") == 1
    assert ledger.problems.count("contradicting-birth-date") == 2
    assert ledger.problems.count("below-criminal-age") == 0
    assert ledger.problems.count("age-unchecked") == 1


@pytest.mark.parametrize("births", [[None, "2020-01-01"], ["2020-01-01", None]])
def test_a_person_twice_with_one_birth_date_has_that_date(births):
    people = pd.DataFrame({"offender_id": ["P1", "P1"], "date_of_birth": births})
    assert hhpu.encode(offences(), people=people).problems.count("below-criminal-age") == 1


def test_a_later_acquittal_ends_the_charge_even_where_nothing_closed_it():
    table = same_link(known_from=["2025-03-02", "2025-06-01"], known_to=[None, None])
    table["status"] = ["charged", "acquitted"]
    assert scores(table, as_of="2025-05-31") == {"P1": "10"}
    assert scores(table, as_of="2025-06-01") == {}
    assert scores(table[::-1], as_of="2025-06-01") == {}


def test_of_two_statuses_known_on_one_day_the_one_that_never_scores_holds():
    table = same_link(known_from=["2025-03-02"] * 2, known_to=[None, None])
    for other in ("suspect", "charged", "convicted", "no-further-action"):
        table["status"] = [other, "eliminated"]
        assert scores(table) == {}
        assert scores(table[::-1]) == {}


def test_a_shorter_version_inside_a_longer_one_does_not_lose_the_offence():
    table = same_link(known_from=["2025-03-02", "2025-06-01"], known_to=[None, "2025-06-10"])
    for day in ("2025-05-31", "2025-06-05", "2025-06-10", "2025-06-30"):
        assert scores(table, as_of=day) == {"P1": "10"}


def test_codes_like_placeholders_are_people_where_they_number_people():
    ids = ["NO1234567", "NA12345", "NK0012", "UNK5", "TEST1", "AB1"]
    table = offences(offender_id=ids)
    assert len(hhpu.encode(table).people) == len(ids)


def test_a_people_table_needs_nothing_but_ids():
    checked = hhpu.check(pd.DataFrame({"offender_id": ["P1"]}), contract=PEOPLE)
    assert len(checked) == 1


# The day


def test_an_as_of_before_the_data_ranks_nobody_and_says_so():
    ranking = hhpu.rank(hhpu.encode(offences()), as_of="2020-01-01", index=INDEX)
    assert ranking.to_frame().empty
    assert (
        ranking.to_frame().columns.tolist()
        == hhpu.rank(hhpu.encode(offences()), as_of=AS_OF, index=INDEX).to_frame().columns.tolist()
    )
    assert any("before the first offence" in caveat for caveat in ranking.provenance.caveats)
    assert ranking.top("1%").to_frame().empty
    with pytest.raises(hhpu.UnknownName) as caught:
        ranking.explain("P1")
    assert "P1" not in str(caught.value)


@pytest.mark.parametrize("as_of", ["yesterday", "31/12/2025", 20251231, None])
def test_an_as_of_that_is_no_date_is_a_wrong_call(as_of):
    with pytest.raises(hhpu.ArgumentError):
        hhpu.rank(hhpu.encode(offences()), as_of=as_of, index=INDEX)


@pytest.mark.parametrize(
    ("days_ago", "inside"), [(0, True), (1, True), (364, True), (365, False), (366, False)]
)
def test_the_window_ends_with_the_day_and_leaves_its_first_day_out(days_ago, inside):
    day = dt.date(2025, 12, 31) - dt.timedelta(days=days_ago)
    ledger = hhpu.encode(offences(committed_on=[str(day)]))
    ranking = hhpu.rank(ledger, as_of=AS_OF, index=INDEX, window=365)
    assert len(ranking) == inside


def test_a_status_counts_from_the_day_it_was_known():
    table = offences(recorded_on=["2025-03-05"], status=["acquitted"], status_from=["2025-09-01"])
    assert scores(table, as_of="2025-03-04") == {}
    assert scores(table, as_of="2025-08-31") == {"P1": "10"}
    assert scores(table, as_of="2025-09-01") == {}
    assert fates(table) == {"superseded": 1, "status worth 0": 1}


# Design gaps, reported and not yet closed


def test_versions_that_overlap_by_a_day_do_not_lose_the_offence():
    table = same_link(known_from=["2025-03-02", "2025-06-01"], known_to=["2025-06-02", None])
    assert scores(table, as_of="2025-06-01") == {"P1": "10"}
    assert scores(table, as_of="2025-06-02") == {"P1": "10"}


def test_a_conviction_years_later_does_not_make_an_offence_non_recent():
    definition = hhpu.HarmDefinition(
        name="d", title="D", index=INDEX, apart=frozenset({"non-recent"}), non_recent_after=90
    )
    table = offences(
        committed_on=["2020-01-01"], recorded_on=["2020-01-02"], status=["convicted"],
        status_from=["2022-01-01"],
    )  # fmt: skip
    found = hhpu.score(hhpu.encode(table), as_of=AS_OF, definition=definition).fate_counts()
    assert found["counted"] == 1


def test_a_person_named_as_a_placeholder_in_the_people_table_does_not_rank():
    people = pd.DataFrame({"offender_id": ["P1", "P2"], "name": ["UNKNOWN MALE", "Jo Hill"]})
    table = offences(offender_id=["P1", "P2"])
    assert set(scores(table, people=people)) == {"P2"}
