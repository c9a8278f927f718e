"""Reading offence codes as forces write them, and moving them between levels."""

import calendar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hhpu.errors import ArgumentError
from hhpu.indices.codes import (
    CodeProblem,
    CodeReading,
    LevelCode,
    Notation,
    at_level,
    read_code,
    reference_codes,
)

CLASS = Notation.HOME_OFFICE_CLASS
RECORDED = Notation.HOME_OFFICE_RECORDED
CJS = Notation.CJS
ANY_NOTATION = st.sampled_from([None, *Notation])


@pytest.mark.parametrize(
    ("written", "notation", "code"),
    [
        ("8/06", CLASS, "8/06"),
        ("008/06", CLASS, "8/06"),
        ("8/6", CLASS, "8/06"),
        ("00806", CLASS, "8/06"),
        ("  8 / 06\t", CLASS, "8/06"),
        ("195/94", CLASS, "195/94"),
        ("19594", CLASS, "195/94"),
        ("1/00", CLASS, "1/00"),
        ("8N", RECORDED, "8N"),
        ("8n", RECORDED, "8N"),
        ("008N", RECORDED, "8N"),
        ("105A", RECORDED, "105A"),
        ("5E", RECORDED, "5E"),
        ("4.1", RECORDED, "4.1"),
        ("4.10", RECORDED, "4.10"),
        ("37.2", RECORDED, "37.2"),
        ("04.9", RECORDED, "4.9"),
        ("COML025", CJS, "COML025"),
        ("th68010", CJS, "TH68010"),
    ],
)
def test_a_code_of_one_possible_notation_needs_no_declaration(written, notation, code):
    expected = CodeReading(written=written, notation=notation, code=code, problem=None)
    assert read_code(written) == expected
    for declared in Notation:
        assert read_code(written, notation=declared) == expected


@pytest.mark.parametrize(
    ("written", "notation", "code", "problem"),
    [
        ("46", RECORDED, "46", None),
        ("1", RECORDED, "1", None),
        ("001", RECORDED, "1", None),
        ("106", "home-office-recorded", "106", None),
        ("0", RECORDED, None, CodeProblem.UNREADABLE),
        ("1266", RECORDED, None, CodeProblem.UNREADABLE),
        ("8", CLASS, None, CodeProblem.TOO_COARSE),
        ("106", CLASS, None, CodeProblem.TOO_COARSE),
        ("0806", CLASS, None, CodeProblem.DAMAGED),
        ("1906", CLASS, None, CodeProblem.DAMAGED),
        ("123456", CLASS, None, CodeProblem.UNREADABLE),
        ("46", CJS, None, CodeProblem.UNREADABLE),
        ("46", None, None, CodeProblem.AMBIGUOUS),
        ("106", None, None, CodeProblem.AMBIGUOUS),
        ("1906", None, None, CodeProblem.AMBIGUOUS),
        ("123456", None, None, CodeProblem.UNREADABLE),
    ],
)
def test_a_bare_number_is_read_only_as_a_declared_recorded_crime_code(
    written, notation, code, problem
):
    reading = read_code(written, notation=notation)
    assert (reading.code, reading.problem) == (code, problem)


DAMAGED = [
    "08-Jun",
    "8 June",
    "8 Jun",
    "8th June 2022",
    "Jun-08",
    "JUN08",
    "June 2022",
    "8-Jun-22",
    "Wednesday, 8 June 2022",
    "08-Jun-2022 00:00",
    "1-Sept",
    "May-95",
    "2022-06-08",
    "2022-06",
    "2022-06-08 00:00:00",
    "2022-06-08T00:00:00",
    "2022/06/08",
    "08/06/2022",
    "6/8/22",
    "06/2022",
    "08.06.2022",
    "00:00:00",
    "1.00E+02",
    "8E+02",
    "1e5",
    "#NAME?",
    "#REF!",
    "####",
    "806.0",
    "8.0",
    "46.",
    ".75",
    "12.5",
    "4.5",
    "4.20",
]


@pytest.mark.parametrize("written", DAMAGED)
@pytest.mark.parametrize("notation", [None, *Notation])
def test_what_a_spreadsheet_made_of_a_code_is_never_a_code(written, notation):
    reading = read_code(f" {written} ", notation=notation)
    assert reading.problem is CodeProblem.DAMAGED
    assert reading.code is None


@pytest.mark.parametrize(
    "written",
    [
        "\uff18/\uff10\uff16",
        "8/0\u096c",
        "\u0668/\u0660\u0666",
        "8Ñ",
        "8/06/x",
        "8/006",
        "1234/678",
        "8-06",
        "8NN",
        "N8",
        "A1",
        "-8",
        "1,266",
        "theft",
        "0N",
        "8\n/06x",
    ],
)
def test_other_text_is_unreadable(written):
    assert read_code(written).problem is CodeProblem.UNREADABLE


@pytest.mark.parametrize("written", [None, "", "   ", "\t\n", "\u00a0"])
def test_nothing_written_is_no_code(written):
    reading = read_code(written)
    assert reading.problem is CodeProblem.NO_CODE
    assert reading.written == (written or "")


def test_an_unknown_notation_is_refused_with_those_known():
    with pytest.raises(ArgumentError, match=r"notation='ho'.*home-office-recorded"):
        read_code("8N", notation="ho")
    with pytest.raises(ArgumentError, match="level='ho'"):
        at_level(read_code("8N"), "ho")


@given(st.text(), ANY_NOTATION)
def test_any_text_gives_either_a_code_or_a_problem(text, notation):
    reading = read_code(text, notation=notation)
    assert (reading.code is None) != (reading.problem is None)
    assert reading.written == text
    assert reading.code is None or reading.notation is not None


@given(st.text(alphabet="0123456789/.-: ANEJUnC#+", max_size=12), ANY_NOTATION)
def test_a_canonical_code_reads_as_itself(text, notation):
    reading = read_code(text, notation=notation)
    if reading.code is not None:
        again = read_code(reading.code, notation=reading.notation)
        assert (again.code, again.notation) == (reading.code, reading.notation)
        for level in Notation:
            at_level(reading, level)


@given(st.integers(0, 999), st.integers(0, 99))
def test_the_three_writings_of_a_class_code_are_one(number, sub):
    canonical = f"{number}/{sub:02d}"
    for written in (
        canonical,
        f"{number}/{sub}",
        f"{number:03d}/{sub:02d}",
        f"{number:03d}{sub:02d}",
    ):
        assert read_code(written).code == canonical


@given(st.dates(), ANY_NOTATION)
def test_no_date_is_read_as_a_code(day, notation):
    month = calendar.month_abbr[day.month]
    writings = [
        day.isoformat(),
        f"{day.isoformat()} 00:00:00",
        f"{day.day:02d}/{day.month:02d}/{day.year:04d}",
        f"{day.month}/{day.day}/{day.year % 100:02d}",
        f"{day.day:02d}-{month}",
        f"{day.day} {month}",
        f"{month}-{day.year % 100:02d}",
        f"{day.day}-{month}-{day.year % 100:02d}",
    ]
    for written in writings:
        assert read_code(written, notation=notation).problem is CodeProblem.DAMAGED


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=0))
def test_a_float_is_no_code_unless_it_is_a_listed_recorded_crime_code(number):
    written = repr(number)
    dotted = {row.recorded for row in reference_codes().values()}
    if written not in dotted:
        assert read_code(written).problem is CodeProblem.DAMAGED


def test_the_reference_table_is_the_whole_list():
    table = reference_codes()
    assert len(table) == 3122
    assert sum(row.notifiable for row in table.values()) == 1199
    assert sum(row.generic for row in table.values()) == 155
    assert all(code == row.code == read_code(code).code for code, row in table.items())
    assert not any(row.generic and row.notifiable for row in table.values())
    assert not any(row.recorded and row.recorded_candidates for row in table.values())
    assert {row.detection for row in table.values()} == {None, "proactive", "company", "management"}


def test_the_reference_table_cannot_be_changed():
    with pytest.raises(TypeError):
        reference_codes()["8/06"] = None


def test_every_recorded_crime_code_in_the_table_is_canonical():
    for row in reference_codes().values():
        for code in filter(None, (row.recorded, *row.recorded_candidates)):
            assert read_code(code, notation=RECORDED).code == code


def test_offences_whose_title_does_not_bear_out_a_detection_mark_have_none():
    for code in ("4/10", "7/03", "195/12", "8/61", "8/64"):
        row = reference_codes()[code]
        assert row.detection is None
        assert row.detection_basis is not None
        assert row.detection_basis.startswith("withheld")
    assert reference_codes()["46/00"].detection == "company"
    assert reference_codes()["68/08"].detection == "management"


@pytest.mark.parametrize(
    ("written", "level", "codes", "problem"),
    [
        ("8/06", RECORDED, ("8N",), None),
        ("195/94", RECORDED, ("8L",), None),
        ("36/06", RECORDED, ("106",), None),
        ("34/01", RECORDED, ("34A", "34B"), CodeProblem.SEVERAL),
        ("29/00", RECORDED, ("29", "29A"), CodeProblem.SEVERAL),
        ("1/00", RECORDED, ("1",), CodeProblem.GENERIC),
        ("3/00", RECORDED, (), CodeProblem.GENERIC),
        ("8/77", RECORDED, (), None),
        ("8/99", RECORDED, (), None),
        ("8/06", CLASS, ("8/06",), None),
        ("8/99", CLASS, ("8/99",), None),
        ("1/00", CLASS, ("1/00",), CodeProblem.GENERIC),
        ("8N", RECORDED, ("8N",), None),
        ("8N", CLASS, (), CodeProblem.TOO_COARSE),
        ("8N", CJS, (), CodeProblem.NO_TABLE),
        ("8/06", CJS, (), CodeProblem.NO_TABLE),
        ("COML025", CJS, ("COML025",), None),
        ("COML025", CLASS, (), CodeProblem.NO_TABLE),
        ("COML025", "home-office-recorded", (), CodeProblem.NO_TABLE),
        ("08-Jun", CLASS, (), CodeProblem.DAMAGED),
        ("106", RECORDED, (), CodeProblem.AMBIGUOUS),
        (None, RECORDED, (), CodeProblem.NO_CODE),
    ],
)
def test_codes_go_up_by_the_table_and_never_down(written, level, codes, problem):
    assert at_level(read_code(written), level) == LevelCode(codes=codes, problem=problem)


def test_a_class_without_sub_class_stays_too_coarse_at_its_own_level():
    reading = read_code("8", notation=CLASS)
    assert at_level(reading, CLASS) == LevelCode(codes=(), problem=CodeProblem.TOO_COARSE)
