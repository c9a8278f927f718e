"""What is believed of people and states: half a table, none, dates that cannot be read."""

import pytest
from units import DAYS, Unit

from hhpu.cli import main
from hhpu.runs import read_manifest, read_run, run

PEOPLE = [f"SECRETPERSON{i},19{60 + i % 30}-0{1 + i % 9}-11" for i in range(40)]
SPELLS = [f"SECRETPERSON{i},{'managed' if i % 2 else 'in-custody'},2024-01-0{1 + i % 9},"
          for i in range(24)]  # fmt: skip
HEADS = {"people": "offender_id,date_of_birth", "spells": "offender_id,state,starts_on,ends_on"}


@pytest.fixture
def unit(tmp_path):
    unit = Unit(tmp_path / "unit")
    named = "".join(f'{name} = "{name}-{{as_of}}.csv"\n' for name in HEADS)
    unit.change("[harm]", f"{named}[harm]")
    for day in DAYS:
        write(unit, day, "people", PEOPLE)
        write(unit, day, "spells", SPELLS)
    return unit


def write(unit, day, name, rows):
    text = "\n".join([HEADS[name], *rows]) + "\n"
    (unit.base / f"{name}-{day}.csv").write_text(text, "utf-8")


def turned(rows, place):
    """The rows with one of their dates in another order."""
    cells = [row.split(",") for row in rows]
    for row in cells:
        row[place] = "/".join(reversed(row[place].split("-")))
    return [",".join(row) for row in cells]


def made(unit, day):
    return run(read_run(unit.base / "run.toml"), as_of=day, registry=unit.registry)


@pytest.mark.parametrize(
    ("name", "rows", "words"),
    [
        ("people", PEOPLE[:20], "people has 20 rows and had 40: a fall of 50.0%"),
        ("spells", SPELLS[:12], "spells has 12 rows and had 24: a fall of 50.0%"),
        ("spells", [], "spells has 0 rows and had 24: a fall of 100.0%"),
    ],
)
def test_half_a_table_is_refused(unit, name, rows, words):
    unit.make(DAYS[0])
    write(unit, DAYS[1], name, rows)
    unit.refused(DAYS[1], words, str(DAYS[0]), "[thresholds] most_fall_in_rows")
    unit.change("most_fall_in_rows = 0.2", "most_fall_in_rows = 1.0")
    unit.make(DAYS[1])


def test_half_of_both_is_told_at_once(unit):
    unit.make(DAYS[0])
    write(unit, DAYS[1], "people", PEOPLE[:20])
    write(unit, DAYS[1], "spells", SPELLS[:12])
    unit.refused(DAYS[1], "people has 20", "spells has 12")


def test_a_small_table_that_loses_a_few_rows_is_believed(unit):
    unit.make(DAYS[0])
    write(unit, DAYS[1], "spells", SPELLS[:14])
    unit.make(DAYS[1])


def test_an_empty_table_is_said_before_anything_else(unit, capsys):
    words = "The table of spells is empty: nobody is marked as dead, moved"
    write(unit, DAYS[0], "spells", [])
    assert main(["run", str(unit.base / "run.toml"), "--as-of", str(DAYS[0])]) == 0
    first = capsys.readouterr().err.split("Exampleshire")[0]
    assert f"BEFORE ANYTHING ELSE: {words}" in first
    folder = unit.base / "runs" / str(DAYS[0])
    page = (folder / "report.html").read_text("utf-8")
    alarm = page.split("Before anything else:")[1].split("</p>")[0]
    assert words in alarm
    assert read_manifest(folder)["sources_doubted"][0].startswith(words)


@pytest.mark.parametrize(
    ("name", "rows", "words"),
    [
        ("people", turned(PEOPLE, 1), "100.0% of the 40 rows of people cannot be used"),
        ("people", turned(PEOPLE[:3], 1) + PEOPLE[3:], "7.5% of the 40 rows of people"),
        ("spells", turned(SPELLS[:6], 2) + SPELLS[6:], "25.0% of the 24 rows of spells"),
        (
            "spells",
            turned([row + "2024-03-04" for row in SPELLS[:6]], 3) + SPELLS[6:],
            "25.0% of the 24 rows of spells cannot be used: unreadable-date [ends_on] 6",
        ),
    ],
)
def test_dates_in_another_order_in_any_source_are_refused_where_declared(unit, name, rows, words):
    unit.change("[thresholds]", "[thresholds]\nmost_rejected = 0.05")
    write(unit, DAYS[0], name, rows)
    unit.refused(DAYS[0], words, "[thresholds] most_rejected", "[sources] date_order")


def test_an_empty_table_of_people_is_refused(unit):
    write(unit, DAYS[0], "people", [])
    unit.refused(DAYS[0], "people-", "no-rows")


def test_dates_in_another_order_are_said_before_anything_else(unit, capsys):
    write(unit, DAYS[0], "people", turned(PEOPLE, 1))
    assert main(["run", str(unit.base / "run.toml"), "--as-of", str(DAYS[0])]) == 0
    told = capsys.readouterr().err
    first = told.split("Exampleshire")[0]
    assert "40 of 40 rows of people (100.0%) cannot be used: 40 dates in date_of_birth" in first
    assert 'date_order = { people = "dmy" }' in first
    assert "are ids written alike, with their leading zeros?" not in told
    assert "kinds of problems" in told
    assert "the worst: unreadable-date [people.date_of_birth] in 40 rows; problems.csv" in told


def test_a_few_dates_that_cannot_be_read_are_said_and_no_alarm(unit):
    write(unit, DAYS[0], "people", turned(PEOPLE[:1], 1) + PEOPLE[1:])
    found = made(unit, DAYS[0])
    assert found.alarms == ()
    assert "1 of 40 rows of people (2.5%) cannot be used" in found.provenance.caveats[-1]


def test_sound_sources_are_not_doubted(unit):
    assert read_manifest(unit.make(DAYS[0]))["sources_doubted"] == []
