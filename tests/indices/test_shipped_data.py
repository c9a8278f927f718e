"""The shipped figures: read here with the standard library alone, not by the package's loaders."""

import csv
import datetime as dt
import itertools
import subprocess
import sys
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from hhpu.indices.codes import at_level, read_code, reference_codes

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "src" / "hhpu" / "indices" / "data"
SOURCE_TABLES = ROOT.parent / "shared" / "reference"
TOOL = ROOT / "tools" / "build_reference_data.py"
FOLDERS = ["ons-css/2020-12", "cambridge-approx/2026-02-subgroups", "cambridge-chart/2021-chart"]
APPROX = "cambridge-approx/2026-02-subgroups"
STATUSES = {"statute", "sourced", "derived", "proposal"}
FLAGS = {"domestic_abuse", "hate", "child_abuse", "child_victim"}
GROUPS = {"domestic_abuse", "hate_crime", "child_abuse", "serious_sexual", "serious_violence"}


def table(path):
    with (DATA / path).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def document(path):
    return tomllib.loads((DATA / path).read_text(encoding="utf-8"))


def weights(folder):
    return {row["code"]: row for row in table(f"{folder}/weights.csv")}


def number(code):
    """An order written apart from the tool's: digits, then letter, then what follows a stop."""
    head = "".join(itertools.takewhile(str.isdigit, code))
    rest = code[len(head) :]
    return int(head), rest if rest.isalpha() else "", 0 if rest.isalpha() else int(rest[1:] or 0)


@pytest.fixture(scope="module")
def definition():
    return document("definitions/high-harm-groups.toml")


@pytest.mark.parametrize(
    "path", sorted(p.relative_to(DATA).as_posix() for p in DATA.rglob("*") if p.is_file())
)
def test_a_file_is_utf8_with_lf_line_ends(path):
    raw = (DATA / path).read_bytes()
    assert raw.decode("utf-8")
    assert raw.endswith(b"\n")
    assert b"\r" not in raw
    assert not raw.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("folder", "name", "edition", "rows"),
    [
        ("ons-css/2020-12", "ons-css", "2020-12", 133),
        (APPROX, "cambridge-approx", "2026-02-subgroups", 1197),
        ("cambridge-chart/2021-chart", "cambridge-chart", "2021-chart", 10),
    ],
)
def test_an_edition_says_what_it_is(folder, name, edition, rows):
    index = document(f"{folder}/index.toml")
    assert (index["name"], index["edition"]) == (name, edition)
    assert index.get("approximate", False) == name.startswith("cambridge")
    assert index["keys"] == []
    assert index["licence"]
    assert index["note"]
    assert len(table(f"{folder}/weights.csv")) == rows == len(weights(folder))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_number_is_an_exact_decimal_within_its_interval_and_cited(folder):
    index = document(f"{folder}/index.toml")
    keys = {citation["key"] for citation in index["citations"]}
    assert all(citation["read"] == dt.date(2026, 11, 1) for citation in index["citations"])
    for row in table(f"{folder}/weights.csv"):
        assert set(row["citation"].split(";")) <= keys
        assert row["basis"]
        assert (row["weight"] == "") == (row["basis"] == "interval-only")
        figures = {n: row.get(n) for n in ("lowest", "median", "weight", "highest") if row.get(n)}
        assert figures
        for figure in figures.values():
            assert Decimal(figure) > 0
            assert Decimal(figure) * index["scale"] % 1 == 0
        if "lowest" in figures:
            values = [Decimal(figure) for figure in figures.values()]
            assert Decimal(figures["lowest"]) == min(values)
            assert Decimal(figures["highest"]) == max(values)


@pytest.mark.parametrize("folder", FOLDERS)
def test_rows_stand_in_the_order_of_their_codes_in_canonical_form(folder):
    notation = document(f"{folder}/index.toml")["codes"]
    codes = [row["code"] for row in table(f"{folder}/weights.csv")]
    assert codes == sorted(codes, key=number)
    assert [read_code(code, notation=notation).code for code in codes] == codes


@pytest.mark.parametrize("folder", FOLDERS)
def test_worked_examples_add_up(folder):
    known = weights(folder)
    cases = table(f"{folder}/examples.csv")
    assert any(len(case["codes"].split(";")) > len(set(case["codes"].split(";"))) for case in cases)
    for case in cases:
        total = sum(
            (Decimal(known[code]["weight"]) for code in case["codes"].split(";")), Decimal(0)
        )
        assert total == Decimal(case["harm"]), case


@pytest.mark.parametrize(
    ("code", "published"),
    [
        ("1", "7973.393423"),
        ("4.1", "7973.393423"),
        ("4.10", "7973.393423"),
        ("2", "4654.298133"),
        ("19C", "2952.940993"),
        ("34A", "799.62887"),
        ("34B", "799.62887"),
        ("28E", "465.381473"),
        ("8N", "189.153887"),
        ("46", "11.855539"),
    ],
)
def test_ons_weights_are_those_published(code, published):
    assert Decimal(weights("ons-css/2020-12")[code]["weight"]) == Decimal(published)


def test_ons_rows_whose_code_another_author_mapped_say_so():
    mapped = {c for c, r in weights("ons-css/2020-12").items() if r["basis"] != "published"}
    assert mapped == {"28A", "30A"}
    assert all(weights("ons-css/2020-12")[code]["note"] for code in mapped)


HIGHER_AND_LOWER = [
    (("3/02", "3A"), ("8/06", "8N")),
    (("36/01", "36"), ("8/06", "8N")),
    (("5/01", "5D"), ("8/06", "8N")),
    (("8/06", "8N"), ("105/01", "105A")),
]


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize(("higher", "lower"), HIGHER_AND_LOWER)
def test_point_weights_respect_the_order_of_gravity_or_are_not_given(folder, higher, lower):
    known = weights(folder)
    at = int(document(f"{folder}/index.toml")["codes"] == "home-office-recorded")
    points = [known.get(code[at], {}).get("weight", "") for code in (higher, lower)]
    if folder.startswith("ons"):
        assert all(points)
    if all(points):
        assert Decimal(points[0]) > Decimal(points[1])


@pytest.mark.parametrize(
    "code", ["3/01", "3/02", "5/01", "8/06", "11/03", "36/01", "36/06", "4/02", "105/01"]
)
def test_the_stand_in_gives_no_point_weight_to_a_code_of_a_wide_subgroup(code):
    row = weights(APPROX)[code]
    assert row["weight"] == ""
    assert row["basis"] == "interval-only"


def test_the_stand_in_keeps_its_threshold():
    threshold = document(f"{APPROX}/index.toml")["interval_threshold"]
    assert threshold == 3
    by_basis = {}
    for code, row in weights(APPROX).items():
        narrow = Decimal(row["highest"]) <= threshold * Decimal(row["lowest"])
        by_basis.setdefault(row["basis"], set()).add(code)
        if row["basis"] == "interval-only":
            assert not narrow
        elif row["basis"] == "subgroup-median":
            assert narrow
            assert row["weight"] == row["median"]
        elif row["basis"] == "published-single":
            assert row["lowest"] == row["median"] == row["weight"] == row["highest"]
    assert {basis: len(codes) for basis, codes in by_basis.items()} == {
        "two-source-agreement": 1,
        "published-single": 6,
        "subgroup-median": 12,
        "interval-only": 1178,
    }
    assert by_basis["two-source-agreement"] == {"1/01"}
    assert by_basis["published-single"] == {"34/01", "34/02", "39/00", "44/00", "46/00", "137/18"}
    assert {code.split("/")[0] for code in by_basis["subgroup-median"]} == {"19"}


@pytest.mark.parametrize(
    ("code", "weight", "lowest", "highest"),
    [
        ("1/01", "5475", "730", "5475"),
        ("34/01", "365", "365", "365"),
        ("34/02", "365", "365", "365"),
        ("39/00", "2", "2", "2"),
        ("44/00", "2", "2", "2"),
        ("46/00", "1", "1", "1"),
        ("19/08", "2555", "1825", "4745"),
        ("5/01", "", "2", "4380"),
        ("81/03", "", "1", "2190"),
    ],
)
def test_figures_of_the_stand_in(code, weight, lowest, highest):
    row = weights(APPROX)[code]
    assert (row["weight"], row["lowest"], row["highest"]) == (weight, lowest, highest)


def test_the_stand_in_holds_one_vintage_but_for_murder():
    rows = weights(APPROX)
    assert {code for code, row in rows.items() if "2021" in row["citation"]} == {"1/01"}
    assert rows["1/01"]["citation"].split(";") == ["cchi-2026-subgroups", "cchi-2021-chart"]


def test_the_stand_in_covers_the_notifiable_codes_with_a_subgroup_and_no_others():
    table_of_codes = reference_codes().values()
    covered = {row.code for row in table_of_codes if row.notifiable and row.subgroup}
    assert set(weights(APPROX)) == covered
    assert not any(reference_codes()[code].generic for code in covered)
    missing = {row.code for row in table_of_codes if row.notifiable} - covered
    assert missing == {"53/44", "53/55"}
    assert not {"8/73", "8/77", "5/28", "88/14"} & covered


def test_chart_readings_are_those_with_a_code_and_carry_their_rounding():
    rows = weights("cambridge-chart/2021-chart")
    assert {code: row["weight"] for code, row in rows.items()} == {
        "1/01": "5475",
        "2/00": "3285",
        "4/03": "4380",
        "4/04": "1095",
        "8/06": "182",
        "8/67": "84",
        "28/03": "365",
        "29/00": "730",
        "49/10": "2",
        "79/01": "120",
    }
    assert (rows["8/06"]["lowest"], rows["8/06"]["highest"]) == ("181.5", "182.5")


def test_the_counts_beside_the_table_of_codes_are_its_counts():
    rows = table("home-office-codes.csv")
    counts = document("home-office-codes.toml")["counts"]
    codes = [row["code"] for row in rows]
    assert codes == sorted(codes, key=number)
    assert counts["codes"] == len(rows) == len(set(codes)) == 3122
    for name in ("notifiable", "generic"):
        assert counts[name] == sum(row[name] == "yes" for row in rows)
    for name in ("recorded", "recorded_candidates", "subgroup"):
        assert counts[name] == sum(row[name] != "" for row in rows)
    for name in ("proactive", "company", "management"):
        assert counts[name] == sum(row["detection"] == name for row in rows)
    cited = {citation["key"] for citation in document("home-office-codes.toml")["citations"]}
    assert {source for row in rows for source in row["sources"].split(";")} <= cited


def test_the_definition_names_the_five_groups_and_cites_every_rule(definition):
    keys = {citation["key"] for citation in definition["citations"]}
    rules = definition["rules"]
    assert (definition["name"], definition["edition"]) == ("high-harm-groups", "1")
    assert definition["index"] == "cambridge"
    assert definition["apart"] == ["proactive", "company", "management"]
    assert {rule["group"] for rule in rules} == GROUPS
    assert len({rule["name"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["status"] in STATUSES
        assert set(rule["citation"].split(";")) <= keys
        assert rule.get("flags") or rule.get("class_codes") or rule.get("recorded_codes")
        assert set(rule.get("flags", [])) <= FLAGS
        assert "recall" not in rule["note"].casefold()


def test_codes_of_the_definition_are_canonical_and_known(definition):
    published = weights("ons-css/2020-12")
    for rule in definition["rules"]:
        for code in rule.get("class_codes", []):
            assert code in reference_codes()
        for code in rule.get("recorded_codes", []):
            assert code in published


def test_a_record_is_in_the_same_group_whichever_level_its_code_is_at(definition):
    recorded = {
        (rule["group"], c) for rule in definition["rules"] for c in rule.get("recorded_codes", [])
    }
    classes = {
        (rule["group"], c) for rule in definition["rules"] for c in rule.get("class_codes", [])
    }
    for code in reference_codes():
        up = at_level(read_code(code), "home-office-recorded").codes
        for group in GROUPS:
            if any((group, each) in recorded for each in up):
                assert (group, code) in classes


@pytest.mark.parametrize(
    ("group", "inside", "outside"),
    [
        ("domestic_abuse", ["8/67"], ["105/01"]),
        ("hate_crime", ["8/55", "8/57", "8/58", "8/59", "8/60", "58/04"], ["8/06"]),
        ("child_abuse", ["11/03", "19/16", "73/07", "86/02"], ["73/03", "73/06", "19/08"]),
        ("serious_sexual", ["17/13", "19/08", "20/04", "23/30", "73/07"], ["73/03", "88/01"]),
        (
            "serious_violence",
            ["1/01", "3/02", "5/01", "8/77", "34/01", "36/01", "36/03"],
            ["46/00"],
        ),
    ],
)
def test_groups_hold_what_their_notes_say(definition, group, inside, outside):
    rules = [rule for rule in definition["rules"] if rule["group"] == group]
    codes = {code for rule in rules for code in rule.get("class_codes", [])}
    assert set(inside) <= codes
    assert not set(outside) & codes


def test_the_tool_writes_the_shipped_bytes(tmp_path):
    if not SOURCE_TABLES.is_dir():
        pytest.skip("the source tables are not kept in the repository")
    done = subprocess.run(
        [sys.executable, str(TOOL), str(SOURCE_TABLES), "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    shipped = {p.relative_to(DATA): p.read_bytes() for p in DATA.rglob("*") if p.is_file()}
    assert written == shipped
