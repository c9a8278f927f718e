import csv
import html.parser
import io
import itertools
import re
from decimal import Decimal

import attrs
import numpy as np
import pandas as pd
import pytest

from hhpu.output import Column, table_of
from hhpu.ranking import Cause
from hhpu.runs import read_run, run
from hhpu.tables import REASONS

VOID = frozenset({"meta", "br", "link", "img", "hr", "input"})


class Page(html.parser.HTMLParser):
    """Sections, tables and tags of a page; refuses one that is closed out of order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.tables, self.words = [], [], {}, {}
        self._cell, self._caption, self._section, self._rows = None, None, "", []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append((tag, found))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "section":
            self._section = found["id"]
        if tag == "table":
            self._rows, self._caption = [], None
        if tag == "tr":
            self._rows.append([])
        if tag in ("th", "td", "caption"):
            self._cell = []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag in ("th", "td"):
            self._rows[-1].append("".join(self._cell))
        if tag == "caption":
            self._caption = "".join(self._cell)
        if tag == "table":
            assert self._caption not in self.tables
            self.tables[self._caption] = self._rows

    def handle_data(self, data):
        if self._cell is not None:
            self._cell.append(data)
        self.words[self._section] = self.words.get(self._section, "") + data

    def column(self, caption, head):
        rows = self.tables[caption]
        place = rows[0].index(head)
        return [row[place] for row in rows[1:]]

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def page(made):
    return Page(made.files()["report.html"].decode("utf-8"))


def rows_of(made, name):
    return list(csv.DictReader(io.StringIO(made.files()[name].decode("utf-8"))))


@pytest.fixture(scope="module")
def last(series):
    return series.again()


@pytest.fixture(scope="module")
def shown(last):
    return page(last)


def hundredth(plain):
    return f"{Decimal(plain).quantize(Decimal('0.1')):,}"


# what it says is what the files say


def test_those_to_assess_are_those_of_the_file(last, shown):
    rows = rows_of(last, "to-assess.csv")
    assert rows
    caption = "To assess now, highest rank first"
    assert shown.column(caption, "Person") == [row["offender_id"] for row in rows]
    assert shown.column(caption, "Rank") == [f"{int(row['rank']):,}" for row in rows]
    scores = shown.column(caption, "Score, css-days")
    assert scores == [hundredth(row["score"]) for row in rows]
    assert shown.column(caption, "Rests on") == [row["rests_on"] for row in rows]
    why = dict(zip(shown.column(caption, "Person"), shown.column(caption, "Why"), strict=True))
    causes = [row for row in rows_of(last, "why.csv") if row["offender_id"] in why]
    assert {row["offender_id"] for row in causes} == set(why)
    for row in causes:
        told = why[row["offender_id"]]
        assert row["cause"] in told or row["cause"] == Cause.STATE_CHANGED
        if row["score_change"] != "0":
            assert hundredth(row["score_change"]).lstrip("-") in told
        assert all(code.split(" ")[0] in told for code in row["codes"].split("; "))
    ranking = {row["offender_id"]: row for row in rows_of(last, "ranking.csv")}
    proven = [ranking[row["offender_id"]] for row in rows]
    told = [
        "nothing proven" if Decimal(row["score_proven_only"]) == 0
        else f"{int(row['rank_proven_only']):,}" for row in proven
    ]  # fmt: skip
    assert shown.column(caption, "Rank if only proven counted, for everybody") == told
    assert "nothing proven" in told
    assert set(told) != {"nothing proven"}
    for section in ("assess", "sure"):
        words = shown.words[section]
        assert "Rank if only proven counted, for everybody: the rank in another ranking" in words
        assert "Nothing proven stands for a person who would have no score in it" in words


def test_the_headline_counts_the_lists(last, shown):
    lists = [row["list"] for row in rows_of(last, "bracket.csv")]
    head = re.sub(r"\s+", " ", shown.words[""])
    for name, words in (
        ("to assess", "to assess now"),
        ("already managed", "already managed"),
        ("not available", "not available"),
        ("in the bracket before", "in the bracket before, and available"),
    ):
        assert f"{lists.count(name):,} {words}" in head
    assert f"{len(rows_of(last, 'left.csv')):,} left the bracket" in head
    assert "A score is not a decision." in head
    assert "The last run was as of 13 April 2025, 14 days before." in head
    assert f"{lists.count('to assess')} people to assess" in head


def test_a_place_that_rests_on_something_says_what_would_remain(last, shown):
    new = {row["offender_id"] for row in rows_of(last, "to-assess.csv")}
    rows = rows_of(last, "verify.csv")
    inside = len(rows_of(last, "bracket.csv"))
    for caption, wanted in (
        ("To assess, what to verify first on top", [r for r in rows if r["offender_id"] in new]),
        ("Others in the bracket, what to verify first on top",
         [r for r in rows if r["offender_id"] not in new][:400]),
    ):  # fmt: skip
        people = list(dict.fromkeys(row["offender_id"] for row in wanted))[:50]
        assert shown.column(caption, "Person") == people
        order = [int(each) for each in shown.column(caption, "Order")]
        assert order == sorted(order)
        for ground, words in (
            ("one offence", "one offence"),
            ("unproven allegations", "unproven allegations"),
            ("late-recorded", "late-recorded offences"),
        ):
            mine = {row["offender_id"]: row for row in wanted if row["rests_on"] == ground}
            if not set(mine) & set(people):
                assert f"Rank without {words}" not in shown.tables[caption][0]
                continue
            told = dict(zip(people, shown.column(caption, f"Rank without {words}"), strict=True))
            for person in people:
                if person not in mine:
                    assert told[person] == "in the bracket"
                    continue
                row = mine[person]
                rank = f"{int(row['rank_without'])}" if row["rank_without"] else "not ranked"
                assert told[person].startswith(f"{rank} ({row['offences']} offence")
    summary = "On what places in the bracket rest"
    counts = [sum(row["rests_on"] == ground and row["offender_id"] in new for row in rows)
              for ground in ("one offence", "unproven allegations", "late-recorded")]  # fmt: skip
    assert shown.column(summary, "People to assess") == [*map(str, counts), ""]
    all_of = [sum(row["rests_on"] == ground for row in rows)
              for ground in ("one offence", "unproven allegations", "late-recorded")]  # fmt: skip
    assert shown.column(summary, "Of the whole bracket") == [
        *(f"{count} of {inside}{': most, so no distinction' if count >= 0.75 * inside else ''}"
          for count in all_of), "",
    ]  # fmt: skip
    assert all_of[0] >= 0.75 * inside > all_of[2]
    assert (
        "Late-recorded compares the date on which an offence was committed"
        in (shown.words["verify"])
    )


def test_what_the_ranking_alone_found_stands_beside_what_others_manage(last, shown):
    bracket = rows_of(last, "bracket.csv")
    caption = "Found by the ranking alone, and managed by each route"
    told = dict(row for row in shown.tables[caption][1:])
    for words, name in (
        ("Managed by nobody, found by this ranking alone: to assess now", "to assess"),
        ("Managed by nobody: in the bracket before", "in the bracket before"),
        ("Managed by nobody: not available", "not available"),
    ):
        assert told[words] == f"{sum(row['list'] == name for row in bracket):,}"
    managed = [row for row in bracket if row["list"] == "already managed"]
    assert managed
    for row in managed:
        kind, _, route = row["availability"].partition("(")[2].rstrip(")").partition(", by ")
        assert int(told[f"Already managed: as {kind}, by {route}"]) >= 1
    assert shown.column("Already managed, highest rank first", "Person") == [
        row["offender_id"] for row in managed
    ]


def test_who_left_says_why(last, shown):
    rows = rows_of(last, "left.csv")
    assert rows
    caption = "Who left the bracket since the last run"
    assert shown.column(caption, "Person") == [row["offender_id"] for row in rows]
    assert all(shown.column(caption, "Why"))


def test_causes_have_their_meaning_and_add_up(last, shown):
    rows = rows_of(last, "movement.csv")
    caption = "What changed scores since the last run, over everybody"
    assert shown.column(caption, "Cause") == [row["cause"] for row in rows]
    assert shown.column(caption, "People") == [row["people"] for row in rows]
    meanings = [Cause(row["cause"]).meaning for row in rows]
    assert shown.column(caption, "What it means") == meanings
    total = sum(Decimal(row["score_change"]) for row in rows)
    scores = [
        sum(int(amount) for amount in ranking.scores.amounts)
        for ranking in (last.previous, last.ranking)
    ]
    assert Decimal(scores[1] - scores[0]) / last.ranking.scores.denominator == total
    assert f"a change of {'+' if total > 0 else ''}{hundredth(total)}." in shown.words["moved"]
    taken = last.ledger.extracts[-1]
    caption = "The extract of 27 April 2025 against that before it"
    assert shown.column(caption, "How many") == [
        f"{count:,}"
        for count in (taken.rows_in, taken.rows_rejected, taken.same, taken.opened, taken.closed)
    ]


def test_how_sure_is_worked_out_again_from_the_ranking(last, shown):
    ranking = pd.read_csv(io.BytesIO(last.files()["ranking.csv"]))
    inside = {row["offender_id"] for row in rows_of(last, "bracket.csv")}
    mine = ranking[ranking["offender_id"].isin(inside)]
    told = dict(shown.tables["How sure the bracket is"][1:])
    for words, table in (("everybody", ranking), ("the bracket", mine)):
        share = 1 - table["score_proven_only"].sum() / table["score"].sum()
        assert told[f"Harm of {words} that rests on unproven allegations"] == f"{share:.0%}"
    beyond = "People in the bracket who would not be if no unproven allegation counted, for anybody"
    assert told[beyond] == str((mine["rank_proven_only"] > 50).sum())
    assert told["People in the bracket who share their rank"] == str(mine["tied"].sum())
    tied = [row for row in rows_of(last, "bracket.csv") if row["edge"] == "tied at the edge"]
    assert tied
    assert told["The edge of the bracket"].startswith(f"{len(tied)} people are tied for the last")


def test_fates_add_up_and_codes_without_a_weight_are_listed(last, shown):
    fates = [int(count.replace(",", "")) for count in shown.column("The fate of every row", "Rows")]
    assert sum(fates[:-1]) == fates[-1] == len(last.ranking.scores.ledger)
    rows = rows_of(last, "unmapped.csv")
    assert len(rows) > 20
    codes = shown.column("Offences that are not scored, by code", "Code as written")
    assert [code.split(" ")[0] for code in codes] == [row["code"] for row in rows[:20]]
    assert f"{len(rows) - 20} more stand in unmapped.csv." in shown.words["complete"]
    for caveat in last.ranking.provenance.caveats:
        assert caveat in shown.words["complete"]


def test_index_definition_inputs_and_files_with_their_digests(last, shown):
    scores = last.ranking.scores
    told = dict(shown.tables["Index, definition and method"][1:])
    assert told["Digest of the index"] == scores.index.digest
    assert told["Digest of the definition"] == scores.definition.digest
    assert told["Window"] == "730 days"
    for citation in scores.index.citations:
        assert citation.title in shown.words["index"]
    digests = shown.column("Inputs, with their digests", "SHA-256")
    assert digests == [each["sha256"] for each in last.sources.files.values()]
    files = shown.column("The other files of the run", "File")
    assert files == sorted(set(last.files()) - {"report.html", "manifest.json"})
    assert last.ledger.digest in shown.words["made"]


# the same again, and the first


def test_same_run_same_bytes(series, last):
    written = (last.folder / "report.html").read_bytes()
    assert last.files()["report.html"] == written
    assert series.again().files()["report.html"] == written


def test_the_manifest_seals_it(last):
    assert "report.html" in last.files()["manifest.json"].decode("utf-8")


def test_a_first_run_says_so(series):
    made = series.again(0)
    first = page(made)
    assert "This is the first run of its series" in first.words[""]
    assert "first run" in first.words["moved"]
    assert "nobody can have left" in first.words["left"]
    caption = "To assess now, highest rank first"
    assert "Why" not in first.tables[caption][0]
    for person, told in list(
        zip(first.column(caption, "Person"), first.column(caption, "Heaviest offence"), strict=True)
    )[:10]:
        parts = made.ranking.explain(person).to_dict()["contributions"]
        heaviest = max(Decimal(part["contribution"]) for part in parts)
        assert told.startswith(f"{hundredth(heaviest)} (")
    assert "0 in the bracket before" not in first.words[""]
    assert "not looked for: there is no last run" in first.words["verify"]


def declared(tmp_path, offences, *, more="", spells="", text=""):
    tmp_path.joinpath("offences.csv").write_text(offences, encoding="utf-8")
    if spells:
        tmp_path.joinpath("spells.csv").write_text(spells, encoding="utf-8")
    path = tmp_path / "run.toml"
    path.write_text(
        f"""format = "hhpu run 1"
force = "A <force> & co"
[sources]
records = "versioned"
offences = "offences.csv"
{'spells = "spells.csv"' if spells else ""}
[harm]
index = "ons-css"
{text}
[run]
as_of = 2025-12-31
bracket = 5
{more}
[outputs]
folder = "runs"
""",
        encoding="utf-8",
    )
    return read_run(path)


HEAD = "offender_id,code,committed_on,recorded_on,offence_id\n"
LONG = "L" * 200
HOSTILE = (
    "<script>alert(1)</script>", "\"quoted\" & 'single'", "left\u202eright", "\u05d0\u05d1\u05d2 7",
    LONG, "</td></table>", "a\u200bb",
)  # fmt: skip


def written(people, code="19C", day="2025-03-04"):
    buffer = io.StringIO()
    lines = csv.writer(buffer, lineterminator="\n")
    for i, person in enumerate(people):
        lines.writerow([person, code, day, day, f"{code}-{day}-{i}"])
    return buffer.getvalue()


def test_hostile_ids_stay_text(tmp_path):
    made = run(declared(tmp_path, HEAD + written(HOSTILE)))
    text = made.files()["report.html"].decode("utf-8")
    shown = Page(text)
    assert not shown.all("script")
    listed = shown.column("To assess now, highest rank first", "Person")
    assert sorted(listed) == sorted(
        [*HOSTILE[:2], "left[U+202E]right", *HOSTILE[3:6], "a[U+200B]b"]
    )
    assert "A <force> & co" in shown.words[""]
    assert "\u202e" not in text
    assert text.count("<bdi>") >= len(HOSTILE)


def test_no_one_and_nothing_are_said_in_words(tmp_path):
    declaration = declared(tmp_path, HEAD + written(["a"], day="2025-12-30"))
    shown = page(run(declaration, as_of="2025-06-01"))
    assert "Nobody new to assess." in shown.words[""]
    assert "Nobody is to be assessed in this run." in shown.words["assess"]
    assert "nobody in the bracket" in shown.words["managed"]
    assert "Nobody is in the bracket." in shown.words["sure"]


def test_problems_stand_with_their_remedies(tmp_path):
    made = run(declared(tmp_path, HEAD + written(["a", ""]) + written(["b"], "?")))
    shown = page(made)
    caption = f"Problems, of {len(REASONS)} kinds that are looked for"
    reasons = shown.column(caption, "Reason")
    assert {"no-person", "unreadable-code"} <= set(reasons)
    rows = [row["reason"] for row in rows_of(made, "problems.csv")]
    counts = shown.column(caption, "Rows")
    assert counts == [str(rows.count(reason)) for reason in reasons]
    for reason, words in zip(reasons, shown.column(caption, "Meaning and remedy"), strict=True):
        assert REASONS[reason].remedy in words


def test_damaged_codes_stand_before_everything_else(tmp_path):
    made = run(declared(tmp_path, HEAD + written(["a", "b", "c"]) + written(["d"], "08-Jun")))
    told = (
        "1 offences in the window (25.0%) have a code that a spreadsheet turned into a date or "
        "number, and are not scored: export again with the code column as text."
    )
    caveats = made.ranking.provenance.caveats
    assert caveats[0] == told
    assert caveats[1].startswith("A score is a proposal")
    text = made.files()["report.html"].decode("utf-8")
    head = Page(text).words[""]
    assert f"Before anything else: {told}" in head
    assert head.index(told) < head.index("people to assess")
    assert made.ranking.scores.coverage()["damaged_code_offences"] == 1


@pytest.mark.parametrize(("unread", "alarm"), [(1, False), (2, True)])
def test_a_large_share_that_cannot_be_read_is_an_alarm(tmp_path, unread, alarm):
    people = [f"p{i}" for i in range(38 - unread + 1)]
    made = run(declared(tmp_path, HEAD + written(people) + written(["x", "y"][:unread], "?")))
    assert made.ranking.scores.coverage()["unreadable_code_offences"] == unread
    assert bool(made.ranking.scores.alarms) == alarm
    assert ("Before anything else" in page(made).words[""]) == alarm


def test_rows_that_cannot_be_used_are_an_alarm_where_they_are_many(tmp_path):
    made = run(declared(tmp_path, HEAD + written(["a", "b", "c", ""])))
    assert made.ranking.scores.alarms == (
        "1 of 4 rows (25.0%) could not be used: the ranking is of what is left.",
    )


def test_without_damage_nothing_is_alarming(last, shown):
    assert last.ranking.scores.alarms == ()
    assert "Before anything else" not in shown.words[""]
    assert last.ranking.provenance.caveats[0].startswith("A score is a proposal")


def test_no_problem_is_said_in_words(shown):
    assert "No problem was found in what was read." in shown.words["complete"]


def test_without_a_table_of_states_it_says_so(tmp_path):
    shown = page(run(declared(tmp_path, HEAD + written(["a"]))))
    assert "No table of states was given" in shown.words["managed"]


def test_newly_available_people_are_counted_apart(tmp_path):
    spells = "offender_id,state,starts_on,ends_on\na,in-custody,2025-01-01,2025-12-20\n"
    offences = HEAD + written(["a", "b", "c"]) + written(["d"], day="2025-12-15")
    declaration = declared(tmp_path, offences, spells=spells)
    run(declaration, as_of="2025-12-10").write()
    shown = page(run(declaration))
    head = re.sub(r"\s+", " ", shown.words[""])
    assert (
        "2 people to assess: 1 newly in the bracket (not in it at the last run) and 1 in the "
        "bracket before and newly available." in head
    )
    caption = "To assess now, highest rank first"
    why = dict(zip(shown.column(caption, "Person"), shown.column(caption, "Why"), strict=True))
    changed = "availability changed from not available (in custody) to available"
    assert changed in why["a"]
    assert why["d"].startswith("new offence +2,952.9 (19C")


# small numbers


def small(tmp_path, threshold):
    spells = "offender_id,state,starts_on,management_type\n" + "".join(
        f"m{i},managed,2025-01-01,IOM\n" for i in range(2)
    )
    offences = HEAD + written(["m0", "m1", *(f"p{i:02}" for i in range(8))])
    offences += written([f"q{i}" for i in range(7)], "8N", "2025-12-15")
    offences += written(["p00", "p01", "p02"], "no-such")
    offences += written(["late"], "8N", "2025-12-16")
    more = f"[thresholds]\nsuppress_below = {threshold}" if threshold else ""
    declaration = declared(tmp_path, offences, spells=spells, more=more)
    run(declaration, as_of="2025-12-14").write()
    return page(run(declaration))


def test_small_counts_of_people_are_not_printed_in_summaries(tmp_path):
    shown = small(tmp_path, 5)
    managed = "Found by the ranking alone, and managed by each route"
    told = dict(shown.tables[managed][1:])
    assert told["Already managed: as IOM, by an unstated route"] == "fewer than 5"
    codes = "Offences that are not scored, by code"
    assert shown.column(codes, "People") == ["fewer than 5"]
    assert shown.column(codes, "Offences") == ["not shown"]
    assert "concern fewer than 5 people" in shown.words["complete"]
    assert "3 people" not in shown.words["complete"]
    assert "0 have nothing scored" in shown.words["complete"]
    moved = "What changed scores since the last run, over everybody"
    assert shown.column(moved, "People") == ["8"]
    assert "a change of" in shown.words["moved"]


def test_a_count_at_the_threshold_is_printed(tmp_path):
    managed = "Found by the ranking alone, and managed by each route"
    told = dict(small(tmp_path, 2).tables[managed][1:])
    assert told["Already managed: as IOM, by an unstated route"] == "2"


def test_a_small_cause_hides_what_would_give_it_away(tmp_path):
    shown = small(tmp_path, 9)
    moved = "What changed scores since the last run, over everybody"
    assert shown.tables[moved][1][2:] == ["fewer than 9", "not shown", "not shown", "css-days"]
    assert "a change of" not in shown.words["moved"]


def test_without_a_threshold_all_counts_are_printed(tmp_path):
    shown = small(tmp_path, None)
    assert "fewer than" not in "".join(shown.words.values())
    assert shown.column("Offences that are not scored, by code", "People") == ["3"]


# size, structure


def test_a_large_bracket_stays_small(tmp_path):
    people = [f"P{i:06}" for i in range(12_000)]
    offences = HEAD + written(people) + written(people[:6_000], "8N", "2025-04-05")
    declaration = attrs.evolve(declared(tmp_path, offences), bracket=10_000)
    made = run(declaration)
    text = made.files()["report.html"]
    assert len(rows_of(made, "bracket.csv")) >= 10_000
    assert len(text) < 1_000_000
    shown = Page(text.decode("utf-8"))
    assert len(shown.column("To assess now, highest rank first", "Person")) == 50
    assert "11,950 more stand in to-assess.csv." in shown.words["assess"]


def test_as_many_lines_as_declared(series):
    declaration = attrs.evolve(series.declaration, listed=2)
    made = series.again(declaration=declaration)
    shown = page(made)
    assert all(
        len(rows) <= 3 for caption, rows in shown.tables.items()
        if rows[0][0] == "Person"
    )  # fmt: skip
    left = len(rows_of(made, "bracket.csv")) - 2
    assert f"{left} more stand in bracket.csv." in shown.words["sure"]


def check_structure(text):
    shown = Page(text)
    ids = [attributes["id"] for _, attributes in shown.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    levels = [int(tag[1]) for tag, _ in shown.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert len(re.findall(r"<section [^>]*>\s*<h2 ", text)) == len(shown.all("section")) == 11
    names = [tag for tag, _ in shown.tags]
    assert names.count("table") == names.count("caption") == len(shown.tables) > 10
    assert all(found.get("scope") in ("col", "row") for found in shown.all("th"))
    assert shown.all("html")[0]["lang"] == "en-GB"
    assert shown.all("title")
    assert {"main", "header", "nav", "footer"} <= set(names)
    regions = [found for found in shown.all("div") if found.get("role") == "region"]
    assert len(regions) == names.count("table")
    labels = [found["aria-label"] for found in regions]
    assert len(labels) == len(set(labels))
    assert all(found["tabindex"] == "0" for found in regions)
    assert not {"script", "img", "link", "iframe", "object", "embed", "form"} & set(names)
    assert not re.search(r"@import|url\(|\ssrc=", text)
    for found in shown.all("a"):
        target = found["href"]
        if target.startswith("#"):
            assert target[1:] in ids
    return shown


def test_structure(series, last):
    for made in (series.again(0), last):
        shown = check_structure(made.files()["report.html"].decode("utf-8"))
        links = {found["href"] for found in shown.all("a") if not found["href"].startswith("#")}
        cited = {citation.url for citation in made.ranking.scores.index.citations}
        assert links - cited <= set(made.files())
        assert all(len(row) == len(rows[0]) for rows in shown.tables.values() for row in rows)


def test_an_approximate_index_shows_its_ranges(tmp_path):
    text = 'approx = "median"\naccept_approximate = true'
    offences = HEAD + written(["a", "b", "c"], "8/06") + written(["d", "e", "f"], "19/07")
    declaration = declared(tmp_path, offences, text=text)
    path = declaration.path
    path.write_text(path.read_text().replace('"ons-css"', '"cambridge-approx"'))
    made = run(read_run(path))
    shown = check_structure(made.files()["report.html"].decode("utf-8"))
    assert "approximate stand-in" in shown.words[""]
    ranking = {row["offender_id"]: row for row in rows_of(made, "ranking.csv")}
    caption = "The bracket, person by person"
    for person, told in zip(shown.column(caption, "Person"), shown.column(caption, "Rank can be"),
                            strict=True):  # fmt: skip
        assert told == f"{ranking[person]['rank_best']} to {ranking[person]['rank_worst']}"
    told = dict(shown.tables["How sure the bracket is"][1:])
    beyond = "People beyond the bracket who might be in it, by the ranges of the index"
    assert told[beyond].isdecimal()


def test_a_table_writes_what_it_is_given():
    written = table_of("A <b>", [Column("Id", kind="id"), Column("n", number=True)],
                       [["x\ny", 1234], ["\ud800", np.float64(0.5)]])  # fmt: skip
    assert "A &lt;b&gt;" in written
    assert "<bdi>x[U+000A]y</bdi>" in written
    assert '<td class="n">1,234</td>' in written
    assert "[U+D800]" in written
    written.encode("utf-8")
