import csv
import html.parser
import json

import pytest

from hhpu.cli import main
from hhpu.cli._demo import _FILES

PEOPLE = ("--people", "1500")


class Page(html.parser.HTMLParser):
    """Collects the tags, and refuses one that is closed out of order."""

    VOID = frozenset({"meta", "br", "link", "img"})

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.words = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "hhpu-demo"
    assert main(["demo", "--out", str(folder), *PEOPLE, "--seed", "3", "--quiet"]) == 0
    return folder


def rows(path):
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def test_makes_every_file_that_it_names(demo):
    assert {path.name for path in demo.iterdir()} == set(_FILES)


def test_same_seed_same_bytes(demo, run, tmp_path):
    again = tmp_path / "again"
    assert run("demo", "--out", again, *PEOPLE, "--seed", "3").code == 0
    for name in _FILES:
        assert (again / name).read_bytes() == (demo / name).read_bytes(), name


def test_ranking_is_what_rank_gives(demo, run):
    done = run(
        "rank", demo / "offences.csv", "--people", demo / "people.csv", "--states",
        demo / "spells.csv", "--index", "ons-css", "--as-of", "2026-03-31", "--window", "730",
    )  # fmt: skip
    assert done.out == (demo / "ranking-ons.csv").read_text("utf-8")
    other = run(
        "rank", demo / "offences.csv", "--people", demo / "people.csv", "--states",
        demo / "spells.csv", "--index", "cambridge-approx", "--approx", "median",
        "--as-of", "2026-03-31", "--window", "730",
    )  # fmt: skip
    assert other.out == (demo / "ranking-cambridge-approx.csv").read_text("utf-8")


def test_accounting_adds_up_and_shows_the_dirt(demo):
    content = json.loads((demo / "accounting.json").read_text("utf-8"))
    assert content["synthetic"] is True
    for name in ("ons-css", "cambridge-approx"):
        part = content[name]
        kept = part["rows_in"] - part["rows_rejected"] + part["rows_split_by_status_date"]
        assert sum(part["fates"].values()) == part["ledger_rows"] == kept
    reasons = {line["reason"] for line in content["ons-css"]["problems"]["problems"]}
    assert {"placeholder-person", "no-placing-date", "duplicate-link"} <= reasons


def test_explains_the_top_and_a_tied_person(demo):
    ranking = rows(demo / "ranking-ons.csv")
    text = (demo / "explanation.txt").read_text("utf-8")
    tied = [row["offender_id"] for row in ranking if row["tied"] == "true"]
    assert f"Offender {ranking[0]['offender_id']}\n" in text
    assert any(f"Offender {person}\n" in text for person in tied)


def test_report_is_whole_accessible_and_needs_no_network(demo):
    text = (demo / "report.html").read_text("utf-8")
    page = Page()
    page.feed(text)
    assert page.open == []
    names = [tag for tag, _ in page.tags]
    assert not {"script", "img", "link", "iframe"} & set(names)
    assert "@import" not in text
    assert "url(" not in text
    assert names.count("table") == names.count("caption") > 5
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in page.tags if tag == "th")
    assert dict(page.tags[0][1])["lang"] == "en-GB"
    anchors = {attrs["href"][1:] for tag, attrs in page.tags
               if tag == "a" and attrs["href"].startswith("#")}  # fmt: skip
    assert anchors <= {attrs.get("id") for _, attrs in page.tags}
    files = {attrs["href"] for tag, attrs in page.tags
             if tag == "a" and not attrs["href"].startswith("#")}  # fmt: skip
    assert files == set(_FILES) - {"report.html"}


def test_report_says_what_it_must(demo):
    text = (demo / "report.html").read_text("utf-8")
    assert "Synthetic data" in text
    assert "A score is not a decision" in text
    top = rows(demo / "ranking-ons.csv")[:20]
    for row in top:
        assert row["offender_id"] in text
        assert row["availability"] in text
    moves = [row for row in rows(demo / "comparison.csv") if row["bracket"] in ("enters", "leaves")]
    assert moves
    for row in moves:
        assert row["offender_id"] in text
    for name in ("ons-css", "cambridge-approx"):
        part = json.loads((demo / "accounting.json").read_text("utf-8"))[name]
        for caveat in part["provenance"]["caveats"]:
            assert caveat.replace(">", "&gt;") in text


def test_an_earlier_demo_is_replaced(run, tmp_path):
    out = tmp_path / "d"
    assert run("demo", "--out", out, "--people", "300", "--seed", "1").code == 0
    before = (out / "ranking-ons.csv").read_bytes()
    done = run("demo", "--out", out, "--people", "300", "--seed", "2")
    assert done.code == 0
    assert (out / "ranking-ons.csv").read_bytes() != before
    assert "report.html" in done.out
    assert "hhpu rank" in done.err
    assert {path.name for path in tmp_path.iterdir()} == {"d"}


@pytest.mark.parametrize("name", ["mine.txt", "report.html"])
def test_any_other_folder_is_left_alone(run, tmp_path, name):
    (tmp_path / name).write_text("mine")
    done = run("demo", "--out", tmp_path, "--people", "300")
    assert done.code == 2
    assert (tmp_path / name).read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_missing_parent_is_refused(run, tmp_path):
    done = run("demo", "--out", tmp_path / "no" / "demo", "--people", "300")
    assert done.code == 2
    assert not (tmp_path / "no").exists()
