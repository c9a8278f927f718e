"""Rectification, against a slow recount of the extracts and against cases worked by hand."""

import bisect
import datetime as dt
import hashlib
import json
import shutil
from decimal import Decimal
from fractions import Fraction

import attrs
import pandas as pd
import pytest

import hhpu
from hhpu import Correction
from hhpu.cli import main
from hhpu.runs import read_rectification, read_run, rectify, run, withdraw
from hhpu.simulate import synthetic_world

DECIDED = dt.date(2026, 4, 2)
WINDOW = 730
NEVER_SCORE = {"eliminated", "acquitted", "not-guilty", "cancelled"}
TOML = """format = "hhpu run 1"
force = "Exampleshire"
name = "North"
[sources]
records = "{records}"
{sources}
[harm]
index = "our-index"
window = {window}
{harm}
[run]
bracket = {bracket}
{thresholds}
[outputs]
folder = "runs"
"""
THRESHOLDS = "[thresholds]\nmost_fall_in_rows = 1.0\nleast_rows_same = 0.0\n"


def write_index(folder, weights):
    folder.mkdir()
    (folder / "index.toml").write_text(
        'name = "our-index"\nedition = "2026"\ntitle = "Ours"\nunit = "points"\nscale = 100\n'
        'codes = "our-codes"\nlicence = "CC0-1.0"\n\n[[citations]]\nkey = "us"\ntitle = "Us"\n',
        encoding="utf-8",
    )
    lines = [f"{code},{weight},force,us\n" for code, weight in weights.items()]
    (folder / "weights.csv").write_text("code,weight,basis,citation\n" + "".join(lines), "utf-8")


def declared(folder, *, records="overwritten", sources, weights, window=WINDOW, bracket=50,
             harm=""):  # fmt: skip
    write_index(folder / "our-index", weights)
    (folder / "run.toml").write_text(
        TOML.format(
            records=records,
            sources="\n".join(f'{name} = "{path}"' for name, path in sources.items()),
            window=window,
            bracket=bracket,
            harm=harm,
            thresholds=THRESHOLDS if records == "overwritten" else "",
        ),
        encoding="utf-8",
    )
    return read_run(folder / "run.toml")


def held(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# A series of 26 fortnights in which three records are put right at source in the ninth month


@pytest.fixture(scope="module")
def world():
    return synthetic_world(3_000, seed=3, as_of="2026-03-31", years=4)


@pytest.fixture(scope="module")
def weights(world):
    codes = sorted(world.versions()["code"].dropna().unique())
    return {
        code: Decimal((place * 7919) % 90_001) / 100
        for place, code in enumerate(codes)
        if place % 13
    }


@pytest.fixture(scope="module")
def days():
    return [dt.date(2025, 3, 30) + dt.timedelta(days=14 * place) for place in range(26)]


PUT_RIGHT = 19


@pytest.fixture(scope="module")
def wrong(world, weights, days):
    """Three links that stand unchanged and count in the first run, each a person's of its own."""
    tables = [world.extract(day).offences for day in (days[0], days[-1])]
    one, other = (
        {(r["offence_id"], r["offender_id"]): r for r in t.to_dict("records")} for t in tables
    )
    found, seen = [], set()
    for link, row in sorted(one.items()):
        weight = weights.get(row["code"], Decimal(0))
        recent = pd.Timestamp(row["committed_on"]).date() > days[0] - dt.timedelta(days=200)
        scoring = row["status"] not in NEVER_SCORE and row["role"] in ("suspect", "offender")
        later = other.get(link)
        stands = later is not None and (later["code"], later["status"]) == (
            row["code"], row["status"],
        )  # fmt: skip
        if weight > 850 and recent and scoring and stands and not seen & set(link):
            found.append(row)
            seen |= set(link)
    assert len(found) >= 3
    return found[:3]


@pytest.fixture(scope="module")
def right_code(weights, wrong):
    light = min(weights, key=weights.get)
    assert light != wrong[1]["code"]
    return light


def corrected_table(offences, wrong, right_code):
    """The extract with the three records as they should have been."""
    table = offences.copy()
    cancelled, miscoded, mislinked = (
        (table["offence_id"] == row["offence_id"]) & (table["offender_id"] == row["offender_id"])
        for row in wrong
    )
    table.loc[miscoded, "code"] = right_code
    table.loc[mislinked, "offender_id"] = "N0000001"
    return table[~cancelled]


@pytest.fixture(scope="module")
def series(tmp_path_factory, world, weights, days, wrong, right_code):
    folder = tmp_path_factory.mktemp("force")
    sources = {name: f"extracts/{{as_of}}/{name}.csv" for name in ("offences", "people", "spells")}
    declaration = declared(folder, sources=sources, weights=weights)
    for place, extract in enumerate(world.extracts(first=days[0], count=26, every=14)):
        target = folder / "extracts" / extract.day.isoformat()
        extract.write(target)
        if place >= PUT_RIGHT:
            table = corrected_table(extract.offences, wrong, right_code)
            table.to_csv(target / "offences.csv", index=False)
        run(declaration, as_of=extract.day).write()
    return declaration


@pytest.fixture(scope="module")
def corrections(wrong, right_code):
    whats = (
        {"what": "cancelled"},
        {"what": "corrected", "code": right_code},
        {"what": "wrong-person", "to_offender_id": "N0000001"},
    )
    return [
        Correction(
            offence_id=row["offence_id"], offender_id=row["offender_id"], decided_on=DECIDED, **what
        )
        for row, what in zip(wrong, whats, strict=True)
    ]


@pytest.fixture(scope="module")
def before(series):
    return held(series.folder)


@pytest.fixture(scope="module")
def found(series, before, corrections):
    return rectify(series, corrections)


def recounted(offences, people, weights, day):
    """Everybody's score at a date, by fractions, one row after another."""
    born = dict(zip(people["offender_id"], pd.to_datetime(people["date_of_birth"]), strict=True))
    links = {}
    for row in offences.to_dict("records"):
        committed = pd.Timestamp(row["committed_on"]).date()
        birth = born.get(row["offender_id"], pd.NaT)
        of_age = pd.isna(birth) or committed >= (birth + pd.DateOffset(years=10)).date()
        in_window = day - dt.timedelta(days=WINDOW) < committed <= day
        counts = row["role"] in ("suspect", "offender") and row["status"] not in NEVER_SCORE
        if of_age and in_window and counts and row["code"] in weights:
            links[(row["offender_id"], row["offence_id"], row["role"])] = row["code"]
    scores = {}
    for (person, *_), code in links.items():
        scores[person] = scores.get(person, Fraction(0)) + Fraction(weights[code])
    return scores


def written_scores(content):
    return dict(zip(content["offender_id"], map(Fraction, content["score"]), strict=True))


def test_the_written_rankings_are_the_recount_of_the_right_records(
    found, series, world, weights, days, wrong, right_code
):
    folder = found.write()
    for place, day in enumerate(days):
        if place >= PUT_RIGHT:
            continue
        extract = world.extract(day)
        table = corrected_table(extract.offences, wrong, right_code)
        expected = recounted(table, extract.people, weights, day)
        path = folder / day.isoformat() / "ranking.csv"
        ranking = pd.read_csv(path, dtype=str, keep_default_na=False)
        assert written_scores(ranking) == expected
        amounts = sorted(expected.values())
        for person, rank in zip(ranking["offender_id"], ranking["rank"], strict=True):
            higher = len(amounts) - bisect.bisect_right(amounts, expected[person])
            assert int(rank) == 1 + higher


def test_a_correction_in_month_nine_finds_the_runs_of_before_and_no_others(found, days, wrong):
    by_what = found.corrections.set_index("what")
    for what in ("cancelled", "wrong-person"):
        assert by_what.loc[what, "fate"] == "counted"
        assert by_what.loc[what, "runs_counted"] == PUT_RIGHT
        assert by_what.loc[what, "first_run"] == days[0].isoformat()
        assert by_what.loc[what, "last_run"] == days[PUT_RIGHT - 1].isoformat()
    changed = found.runs.set_index("as_of")["scores_changed"]
    assert (changed.iloc[:PUT_RIGHT] == 4).all()
    assert (changed.iloc[PUT_RIGHT:] == 0).all()
    assert by_what.loc["corrected", "runs_counted"] == 26
    assert by_what.loc["cancelled", "fate_corrected"] == "withdrawn"
    assert by_what.loc["wrong-person", "runs_counted_corrected"] == PUT_RIGHT


def test_a_score_changes_by_the_withdrawn_weight_exactly(series, before, wrong, weights, days):
    row = wrong[0]
    one = Correction(
        offence_id=row["offence_id"], offender_id=row["offender_id"], what="cancelled",
        decided_on=DECIDED,
    )  # fmt: skip
    found = rectify(series, [one], runs=days[:3])
    assert found.runs["as_of"].tolist() == days[:3]
    for day in days[:3]:
        moved = found.moved[found.moved["as_of"] == day]
        changed = moved[moved["score_before"] != moved["score_corrected"]]
        assert changed["offender_id"].tolist() == [row["offender_id"]]
        was, now = changed["score_before"].iloc[0], changed["score_corrected"].iloc[0]
        assert Fraction(was) - Fraction(now or 0) == Fraction(weights[row["code"]])


def test_moved_lists_who_enters_and_leaves_the_bracket(found, series, days):
    for day in days[:PUT_RIGHT]:
        moved = found.moved[found.moved["as_of"] == day].set_index("offender_id")
        old = pd.read_csv(series.folder / day.isoformat() / "bracket.csv", dtype=str)
        top = pd.read_csv(series.folder / day.isoformat() / "ranking.csv", dtype=str)
        new = pd.read_csv(found.write() / day.isoformat() / "ranking.csv", dtype=str)
        cut = int(new["rank"].iloc[49])
        inside = set(new.loc[new["rank"].astype(int) <= cut, "offender_id"])
        was = set(old["offender_id"])
        assert set(moved.index[moved["bracket"] == "leaves"]) == was - inside
        assert set(moved.index[moved["bracket"] == "enters"]) == inside - was
        sent = pd.read_csv(series.folder / day.isoformat() / "to-assess.csv", dtype=str)
        listed = set(moved.index[moved["put_to_assessment"]])
        assert listed == set(sent["offender_id"]) & (was - inside)
        line = found.runs.set_index("as_of").loc[day]
        assert (line["leave"], line["enter"]) == (len(was - inside), len(inside - was))
        ranks = [dict(zip(t["offender_id"], t["rank"], strict=True)) for t in (top, new)]
        people = {*ranks[0], *ranks[1]}
        assert line["ranks_changed"] == sum(ranks[0].get(p) != ranks[1].get(p) for p in people)
    assert found.runs["put_to_assessment"].sum() > 0


def test_no_run_and_no_ledger_is_touched_and_the_same_again_gives_the_same_bytes(
    found, series, before, corrections
):
    folder = found.write()
    now = held(series.folder)
    assert {name: now[name] for name in before} == before
    assert all(name.startswith("rectified/") for name in now.keys() - before.keys())
    again = rectify(series, list(reversed(corrections)))
    assert again.files() == found.files()
    assert again.write() == folder
    assert held(series.folder) == now


def test_a_rectification_says_what_it_was_made_from(found, days):
    told = found.provenance.to_dict()
    assert told["runs"] == {day.isoformat(): found.manifests[day] for day in days}
    assert told["corrections"] == found.to_dict()["corrections"]
    assert (told["decided_on"], told["force"]) == (str(DECIDED), "Exampleshire")
    assert told["versions"]["hhpu"] == hhpu.__version__
    assert told["caveats"] == []
    some = found.runs.assign(made_again=["in order and scores", *found.runs["made_again"][1:]])
    lost = found.corrections.assign(fate="not found: no such offence")
    caveats = attrs.evolve(found, runs=some, corrections=lost).provenance.caveats
    assert [str(days[0]) in caveat for caveat in caveats] == [True, False]
    assert caveats[1].endswith("3 of the corrections.")


def test_old_rankings_were_made_again_byte_for_byte(found, days):
    assert set(found.runs["made_again"]) == {"byte for byte"}
    assert list(found.rankings) == days


def test_csv_dataframe_and_records_give_the_same_bytes(series, corrections, days, tmp_path):
    found = rectify(series, corrections, runs=days[:2])
    files = found.files()
    beside = ("format", "version", "files", "digest")
    stated = json.loads(files["rectification.json"])
    assert found.to_dict() == {key: v for key, v in stated.items() if key not in beside}
    assert "scores_changed" in found._repr_html_()
    table = hhpu.records_to_table(corrections, Correction)
    path = tmp_path / "corrections.csv"
    table.to_csv(path, index=False)
    for given in (table, path, str(path), hhpu.check(path, contract=hhpu.CORRECTIONS)):
        assert rectify(series, given, runs=days[:2]).files() == files


def test_what_it_says_of_itself_names_nobody(found, wrong):
    told = found.files()["rectification.json"].decode() + repr(found)
    for row in wrong:
        assert row["offender_id"] not in told
        assert row["offence_id"] not in told
    manifest = read_rectification(found.write())
    assert manifest["fates"] == {"counted": 3, "never counted": 0, "not found": 0}
    assert len(manifest["runs"]) == 26


def test_a_run_after_a_rectification_goes_on(found, series, world, tmp_path):
    found.write()
    copy = tmp_path / "force"
    shutil.copytree(series.path.parent, copy)
    declaration = read_run(copy / "run.toml")
    last = run(declaration, as_of="2026-03-15")
    assert last.previous is not None


# Cases small enough to work by hand

WEIGHTS = {"A": 100, "B": 30, "C": 7, "Z": 0}
HEAD = ("offence_id", "offender_id", "code", "role", "status", "committed_on", "recorded_on")
FIRST = [
    ("o1", "p1", "A", "suspect", "charged", "2025-01-10", "2025-01-11"),
    ("o2", "p1", "B", "suspect", "charged", "2025-02-10", "2025-02-11"),
    ("o3", "p2", "B", "suspect", "charged", "2025-02-12", "2025-02-12"),
    ("o4", "p2", "C", "victim", "", "2025-02-13", "2025-02-13"),
    ("o5", "p3", "C", "suspect", "eliminated", "2025-02-14", "2025-02-14"),
    ("o6", "p3", "C", "suspect", "suspect", "2020-02-14", "2020-02-14"),
    ("o7", "p4", "C", "suspect", "suspect", "2025-02-14", "2025-02-14"),
    ("o7", "p5", "C", "suspect", "suspect", "2025-02-14", "2025-02-14"),
]
BORN = {"p1": "1990-01-01", "p2": "1991-01-01", "p3": "1992-01-01", "p4": "1993-01-01",
        "p5": "1994-01-01", "child": "2015-06-01"}  # fmt: skip
SMALL = ("2025-03-01", "2025-03-15", "2025-03-29")


class Force:
    def __init__(self, folder, tables, *, bracket=2, identities=None, harm="", days=SMALL):
        self.folder = folder
        sources = {"offences": "x/{as_of}.csv", "people": "people.csv"}
        if identities is not None:
            sources["identities"] = "identities.csv"
            (folder / "identities.csv").write_text(identities, encoding="utf-8")
        people = "".join(f"{person},{born}\n" for person, born in BORN.items())
        (folder / "people.csv").write_text(f"offender_id,date_of_birth\n{people}", "utf-8")
        self.declaration = declared(
            folder, sources=sources, weights=WEIGHTS, bracket=bracket, harm=harm
        )
        (folder / "x").mkdir()
        for day, rows in zip(days, tables, strict=True):
            pd.DataFrame(rows, columns=list(HEAD)).to_csv(folder / f"x/{day}.csv", index=False)
            run(self.declaration, as_of=day).write()

    def rectify(self, *corrections, **options):
        return rectify(self.declaration, list(corrections), **options)


@pytest.fixture
def small(tmp_path):
    return Force(tmp_path, [FIRST, FIRST, FIRST[1:]])


def wrong_link(offence, person, what="cancelled", **values):
    return Correction(
        offence_id=offence, offender_id=person, what=what, decided_on=DECIDED, **values
    )


def scores_of(found, day):
    moved = found.moved[found.moved["as_of"] == dt.date.fromisoformat(day)]
    lines = moved[moved["score_before"] != moved["score_corrected"]]
    pairs = zip(lines["score_before"], lines["score_corrected"], strict=True)
    return dict(zip(lines["offender_id"], pairs, strict=True))


def test_a_record_that_vanished_counted_in_the_runs_of_before(small):
    found = small.rectify(wrong_link("o1", "p1"))
    assert found.corrections.loc[0, ["runs_counted", "first_run", "last_run"]].tolist() == [
        2, "2025-03-01", "2025-03-15",
    ]  # fmt: skip
    assert found.runs["made_again"].tolist() == ["byte for byte", "byte for byte", ""]
    assert list(found.rankings) == [dt.date(2025, 3, 1), dt.date(2025, 3, 15)]
    assert scores_of(found, "2025-03-01") == {"p1": ("130", "30")}
    assert scores_of(found, "2025-03-29") == {}


def test_a_record_that_counted_in_one_run_alone_counted(tmp_path):
    force = Force(tmp_path, [FIRST, FIRST[1:], FIRST[1:]])
    found = force.rectify(wrong_link("o1", "p1"))
    assert found.corrections.loc[0, ["fate", "runs_counted", "first_run", "last_run"]].tolist() == [
        "counted", 1, "2025-03-01", "2025-03-01",
    ]  # fmt: skip
    assert found.fate_counts() == {"counted": 1, "never counted": 0, "not found": 0}


def test_a_withdrawn_run_is_named_as_not_looked_at(small, monkeypatch, capsys):
    damaged = [*FIRST, ("o9", "p9", "A", "suspect", "charged", "2025-03-20", "2025-03-20")]
    table = pd.DataFrame(damaged, columns=list(HEAD))
    table.to_csv(small.folder / "x/2025-04-12.csv", index=False)
    run(small.declaration, as_of="2025-04-12").write()
    assert small.rectify(wrong_link("o9", "p9")).not_looked_at == ()
    withdraw(small.declaration, as_of="2025-04-12")
    found = small.rectify(wrong_link("o9", "p9"))
    assert found.fate_counts()["not found"] == 1
    assert found.not_looked_at == ("2025-04-12.withdrawn",)
    assert read_rectification(found.write())["not_looked_at"] == ["2025-04-12.withdrawn"]
    monkeypatch.chdir(small.folder)
    hhpu.records_to_table([wrong_link("o9", "p9")], Correction).to_csv("c.csv", index=False)
    assert main(["rectify", "run.toml", "c.csv"]) == 0
    told = capsys.readouterr().err
    assert "Withdrawn, and so not looked at: 2025-04-12.withdrawn" in told
    for day in reversed(SMALL):
        withdraw(small.declaration, as_of=day)
    with pytest.raises(hhpu.InputRefused, match=r"not made again \(2025-03-01\.withdrawn, "):
        small.rectify(wrong_link("o9", "p9"))


@pytest.mark.parametrize(
    ("link", "fate"),
    [
        (("o9", "p1"), "not found: no such offence"),
        (("o3", "p1"), "not found: the offence is not linked to this person"),
        (("o4", "p2"), "never counted: not a suspect or offender"),
        (("o5", "p3"), "never counted: status worth 0"),
        (("o6", "p3"), "never counted: outside the window"),
    ],
)
def test_what_never_counted_is_listed_with_its_reason(small, link, fate):
    found = small.rectify(wrong_link(*link), wrong_link("o3", "p2"))
    line = found.corrections.set_index(["offence_id", "offender_id"]).loc[link]
    assert line["fate"] == fate
    assert line["runs_counted"] == 0
    assert line["first_run"] == line["last_run"] == ""
    assert sum(found.fate_counts().values()) == 2
    alone = small.rectify(wrong_link(*link))
    assert alone.moved.empty
    assert alone.rankings == {}
    assert sorted(alone.files()) == [
        "corrections.csv", "moved.csv", "rectification.json", "runs.csv",
    ]  # fmt: skip
    assert alone.write().is_dir()


def test_a_record_that_wrongly_did_not_count_names_the_runs_in_which_it_would_have(small):
    found = small.rectify(wrong_link("o5", "p3", "corrected", status="charged"))
    line = found.corrections.iloc[0]
    assert line["fate"] == "never counted: status worth 0"
    assert (line["runs_counted"], line["runs_counted_corrected"]) == (0, 3)
    assert found.runs["counted"].tolist() == [0, 0, 0]
    assert found.runs["counted_corrected"].tolist() == [1, 1, 1]
    assert scores_of(found, "2025-03-01") == {"p3": ("", "7")}
    assert len(found.rankings) == 3


@pytest.mark.parametrize(
    ("values", "now", "fate"),
    [
        ({"code": "C"}, "107", "counted"),
        ({"code": "unheard of"}, "100", "unmapped"),
        ({"status": "acquitted"}, "100", "status worth 0"),
        ({"day": dt.date(2020, 1, 1)}, "100", "outside the window"),
        ({"day": dt.date(2025, 3, 20)}, "100", "outside the window; counted"),
        ({"domestic_abuse": True}, None, "counted"),
    ],
)
def test_a_value_that_was_wrong_is_right_in_every_version(small, values, now, fate):
    found = small.rectify(wrong_link("o2", "p1", "corrected", **values))
    expected = {} if now is None else {"p1": ("130", now)}
    assert scores_of(found, "2025-03-01") == expected
    assert found.corrections.loc[0, "fate"] == "counted"
    assert found.corrections.loc[0, "fate_corrected"] == fate
    assert found.corrections.loc[0, "runs_counted"] == 3


def test_the_right_person_gains_what_the_wrong_one_loses(small):
    found = small.rectify(wrong_link("o1", "p1", "wrong-person", to_offender_id="p2"))
    assert scores_of(found, "2025-03-01") == {"p1": ("130", "30"), "p2": ("30", "130")}
    nobody = small.rectify(wrong_link("o1", "p1", "wrong-person"))
    assert scores_of(nobody, "2025-03-01") == {"p1": ("130", "30")}
    new = small.rectify(wrong_link("o1", "p1", "wrong-person", to_offender_id="new"))
    assert scores_of(new, "2025-03-01") == {"p1": ("130", "30"), "new": ("", "100")}


def test_an_offence_that_the_right_person_has_already_counts_once(small):
    found = small.rectify(wrong_link("o7", "p4", "wrong-person", to_offender_id="p5"))
    assert scores_of(found, "2025-03-01") == {"p4": ("7", "")}


@pytest.mark.parametrize("known", [True, False])
def test_a_right_person_below_the_age_of_responsibility_does_not_score(tmp_path, known):
    child = ("o8", "child", "C", "suspect", "suspect", "2025-02-20", "2025-02-20")
    force = Force(tmp_path, [[*FIRST, child] if known else FIRST], days=SMALL[:1])
    found = force.rectify(wrong_link("o1", "p1", "wrong-person", to_offender_id="child"))
    assert scores_of(found, "2025-03-01") == {"p1": ("130", "30")}
    assert found.corrections.loc[0, "fate_corrected"] == (
        "committed below the age of criminal responsibility"
    )


def test_several_corrections_are_made_together(small):
    found = small.rectify(wrong_link("o1", "p1"), wrong_link("o3", "p2", "corrected", code="A"))
    assert scores_of(found, "2025-03-01") == {"p1": ("130", "30"), "p2": ("30", "100")}
    assert found.runs["counted"].tolist() == [2, 2, 1]


def test_a_record_of_a_person_who_has_another_moves_the_person(tmp_path):
    identities = "offender_id,person_id,known_from\np2,p1,2025-03-10\n"
    force = Force(tmp_path, [FIRST, FIRST, FIRST], identities=identities)
    found = force.rectify(wrong_link("o3", "p2"))
    assert scores_of(found, "2025-03-01") == {"p2": ("30", "")}
    assert scores_of(found, "2025-03-15") == {"p1": ("160", "130")}


def test_a_withdrawn_link_does_not_hide_the_same_offence_of_the_persons_other_record(tmp_path):
    identities = "offender_id,person_id,known_from\np5,p4,2025-01-01\n"
    force = Force(tmp_path, [FIRST, FIRST, FIRST], identities=identities)
    for record in ("p4", "p5"):
        assert scores_of(force.rectify(wrong_link("o7", record)), "2025-03-01") == {}


@pytest.mark.parametrize(
    ("harm", "was", "now"),
    [
        ('method = "offence-count"', "2", "1"),
        ('method = "recency-weighted"\nhalf_life = 50', "", ""),
    ],
)
def test_other_methods_are_rectified_by_their_own_formula(tmp_path, harm, was, now):
    force = Force(tmp_path, [FIRST, FIRST, FIRST], harm=harm)
    found = force.rectify(wrong_link("o1", "p1"))
    ((before, after),) = scores_of(found, "2025-03-01").values()
    if was:
        assert (before, after) == (was, now)
    else:
        ages = (dt.date(2025, 3, 1) - dt.date(2025, 1, 10)).days
        lost = Fraction(before) - Fraction(after)
        assert abs(lost - 100 * Fraction(0.5 ** (ages / 50))) < Fraction(100, 2**19)


def test_a_source_that_keeps_versions_is_read_as_it_is_now(tmp_path):
    rows = [
        ("o1", "p1", "A", "suspect", "charged", "2025-01-10", "2025-01-11", "2025-01-11", ""),
        ("o2", "p2", "B", "suspect", "charged", "2025-01-10", "2025-01-11", "2025-01-11", ""),
    ]
    later = [(*rows[0][:-1], "2025-03-20"), rows[1]]
    declaration = declared(
        tmp_path, records="versioned", sources={"offences": "o.csv"}, weights=WEIGHTS, bracket=1
    )
    for day, table in zip(SMALL, (rows, rows, later), strict=True):
        columns = [*HEAD, "known_from", "known_to"]
        pd.DataFrame(table, columns=columns).to_csv(tmp_path / "o.csv", index=False)
        run(declaration, as_of=day).write()
    found = rectify(declaration, [wrong_link("o1", "p1")])
    assert found.corrections.loc[0, "last_run"] == "2025-03-15"
    assert scores_of(found, "2025-03-15") == {"p1": ("100", "")}
    assert found.moved["bracket"].tolist() == ["leaves", "enters"] * 2
    pd.DataFrame(rows[1:], columns=columns).to_csv(tmp_path / "o.csv", index=False)
    with pytest.raises(hhpu.InputRefused, match=r"made again .* Undo the change: .* new series"):
        rectify(declaration, [wrong_link("o1", "p1")])


def test_a_status_is_right_in_every_version_that_had_one(tmp_path):
    convicted = [(*FIRST[0][:4], "convicted", *FIRST[0][5:]), *FIRST[1:]]
    force = Force(tmp_path, [FIRST, convicted, convicted])
    found = force.rectify(wrong_link("o1", "p1", "corrected", status="not-guilty"))
    for day in SMALL:
        assert scores_of(found, day) == {"p1": ("130", "30")}


def test_a_status_that_was_not_known_yet_stays_unknown(tmp_path):
    columns = [*HEAD, "known_from", "status_from"]
    row = ("o1", "p1", "A", "suspect", "charged", "2025-01-10", "2025-01-11", "2025-01-11")
    pd.DataFrame([(*row, "2025-03-10")], columns=columns).to_csv(tmp_path / "o.csv", index=False)
    declaration = declared(
        tmp_path, records="versioned", sources={"offences": "o.csv"}, weights=WEIGHTS, bracket=1
    )
    for day in SMALL:
        run(declaration, as_of=day).write()
    found = rectify(declaration, [wrong_link("o1", "p1", "corrected", status="acquitted")])
    assert [len(scores_of(found, day)) for day in SMALL] == [0, 1, 1]


def test_a_link_of_which_a_run_knew_nothing_yet_did_not_count_in_it(tmp_path):
    force = Force(tmp_path, [FIRST[1:], FIRST, FIRST])
    found = force.rectify(wrong_link("o1", "p1"))
    assert found.corrections.loc[0, "first_run"] == "2025-03-15"
    early = force.rectify(wrong_link("o1", "p1"), runs=SMALL[:1])
    assert early.corrections.loc[0, "fate"] == "never counted: not yet known"


# What is refused


def test_every_fault_of_the_corrections_is_told_at_once_and_no_value_is(small):
    table = pd.DataFrame(
        [
            ("secret1", "person1", "cancelled", "2026-01-01", "A", ""),
            ("secret2", "person2", "corrected", "2026-01-01", "", ""),
            ("secret3", "person3", "gone", "2026-01-01", "", ""),
            ("", "person4", "cancelled", "yesterday", "", ""),
            ("secret5", "person5", "wrong-person", "2026-01-01", "", "person5"),
            ("o1", "p1", "cancelled", "2026-01-01", "", ""),
        ],
        columns=["offence_id", "offender_id", "what", "decided_on", "code", "to_offender_id"],
    )
    with pytest.raises(hhpu.InputRefused) as refused:
        rectify(small.declaration, table)
    told = str(refused.value)
    for fault in (
        "stray-correction [what] in rows 2",
        "correction-without-value [what] in rows 3",
        "unreadable-choice [what] in rows 4",
        "required-value-missing [offence_id] in rows 5",
        "unreadable-date [decided_on] in rows 5",
        "stray-correction [to_offender_id] in rows 6",
    ):
        assert fault in told
    assert "secret" not in told
    assert "person5" not in told
    assert refused.value.problems is not None


def test_a_misspelt_heading_is_refused(small):
    table = pd.DataFrame(
        [("o1", "p1", "corrected", "2026-01-01", "B", "charged")],
        columns=["offence_id", "offender_id", "what", "decided_on", "code", "satus"],
    )
    with pytest.raises(hhpu.InputRefused, match=r"'satus' \(did you mean 'status'\?\)"):
        rectify(small.declaration, table)


def test_an_empty_list_is_refused(small, tmp_path):
    path = tmp_path / "corrections.csv"
    path.write_text("offence_id,offender_id,what,decided_on\n", "utf-8")
    with pytest.raises(hhpu.InputRefused, match="no correction in the list"):
        rectify(small.declaration, path)
    with pytest.raises(hhpu.InputRefused, match="no correction in the list"):
        small.rectify()


def test_a_decision_of_before_the_offence_is_refused(small):
    early = dt.date(2016, 4, 2)
    wrong = [
        Correction(offence_id=offence, offender_id=person, what="cancelled", decided_on=day)
        for offence, person, day in (("o3", "p2", DECIDED), ("o1", "p1", early))
    ]
    with pytest.raises(hhpu.InputRefused, match=r"in rows 3 .* decided before the offence"):
        small.rectify(*wrong)


def test_a_code_that_a_spreadsheet_damaged_is_refused(tmp_path):
    rows = [("p1", "o1", "8/06", "2025-01-04", "2025-01-04", "suspect", "offender"),
            ("p2", "o2", "8/01", "2025-01-04", "2025-01-04", "suspect", "offender")]  # fmt: skip
    names = ["offender_id", "offence_id", "code", "committed_on", "recorded_on", "status", "role"]
    pd.DataFrame(rows, columns=names).to_csv(tmp_path / "offences.csv", index=False)
    text = TOML.format(records="overwritten", sources='offences = "offences.csv"', window=730,
                       bracket=2, harm="", thresholds=THRESHOLDS)  # fmt: skip
    (tmp_path / "run.toml").write_text(text.replace('"our-index"', '"ons-css"'), "utf-8")
    declaration = read_run(tmp_path / "run.toml")
    run(declaration, as_of="2025-03-01").write()
    sound = wrong_link("o1", "p1", "corrected", code="8/01")
    assert len(rectify(declaration, [sound]).corrections) == 1
    damaged = wrong_link("o2", "p2", "corrected", code="08-Jun")
    with pytest.raises(hhpu.InputRefused, match=r"rows 3 .* turned into a date") as refused:
        rectify(declaration, [sound, damaged])
    assert "Jun" not in str(refused.value)


def test_two_corrections_of_one_link_are_refused(small):
    with pytest.raises(hhpu.InputRefused, match=r"rows 2, 4 .* give each link one"):
        small.rectify(
            wrong_link("o1", "p1"), wrong_link("o3", "p2"),
            wrong_link("o1", "p1", "corrected", code="B"),
        )  # fmt: skip


def test_wrong_calls_are_told(small, tmp_path):
    one = [wrong_link("o1", "p1")]
    with pytest.raises(hhpu.ArgumentError, match="takes a RunDeclaration"):
        rectify("run.toml", one)
    with pytest.raises(hhpu.ArgumentError, match="no run of 2025-03-02"):
        rectify(small.declaration, one, runs=["2025-03-02"])
    with pytest.raises(hhpu.ArgumentError, match="no run of no date"):
        rectify(small.declaration, one, runs=[])
    with pytest.raises(hhpu.ArgumentError, match="dates such as"):
        rectify(small.declaration, one, runs=["yesterday"])
    people = hhpu.check(tmp_path / "people.csv", contract=hhpu.PEOPLE)
    with pytest.raises(hhpu.ArgumentError, match="contract=CORRECTIONS"):
        rectify(small.declaration, people)
    shutil.rmtree(small.declaration.folder)
    with pytest.raises(hhpu.InputRefused, match="there is no run"):
        rectify(small.declaration, one)


def _replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _flip(path):
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda f: _replace(f / "2025-03-01/manifest.json", "Exampleshire", "Elsewhere"),
         "digest does not match"),
        (lambda f: _replace(f / "2025-03-01/manifest.json", '"version": 2', '"version": 9'),
         "of version 9"),
        (lambda f: _replace(f / "2025-03-15/ranking.csv", "p1", "p9"), "changed after"),
        (lambda f: _replace(f / "2025-03-15/to-assess.csv", "offender_id", "x"),
         "(?s)changed after.*Make that run again"),
        (lambda f: _flip(f / "ledger.npz"), "ledger"),
        (lambda f: (f / "ledger.npz").unlink(), "put it back"),
    ],
)  # fmt: skip
def test_runs_and_ledgers_that_were_changed_are_refused(small, change, told):
    change(small.declaration.folder)
    with pytest.raises(hhpu.InputRefused, match=told):
        small.rectify(wrong_link("o3", "p2"))


def test_a_ledger_of_other_runs_is_refused(small, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    Force(other, [FIRST, FIRST[:-1], FIRST])
    shutil.copy(other / "runs" / "ledger.npz", small.declaration.ledger)
    with pytest.raises(hhpu.InputRefused, match="not the ledger of these runs"):
        small.rectify(wrong_link("o3", "p2"))


def test_runs_of_another_force_are_refused(small):
    _replace(small.folder / "run.toml", "Exampleshire", "Elsewhere")
    with pytest.raises(hhpu.InputRefused, match="is of 'Exampleshire' and the declaration"):
        rectify(read_run(small.folder / "run.toml"), [wrong_link("o3", "p2")])


def test_a_source_beside_the_offences_that_is_gone_is_refused(tmp_path):
    identities = "offender_id,person_id,known_from\np2,p1,2025-03-10\n"
    force = Force(tmp_path, [FIRST, FIRST, FIRST], identities=identities)
    (tmp_path / "identities.csv").unlink()
    with pytest.raises(hhpu.InputRefused, match="read identities"):
        force.rectify(wrong_link("o3", "p2"))


def test_identities_changed_backwards_are_refused(tmp_path):
    identities = "offender_id,person_id,known_from\np2,p1,2025-03-10\n"
    force = Force(tmp_path, [FIRST, FIRST, FIRST], identities=identities)
    _replace(tmp_path / "identities.csv", "2025-03-10", "2025-02-10")
    with pytest.raises(hhpu.InputRefused, match="cannot be made again"):
        force.rectify(wrong_link("o3", "p2"))


def test_another_rectification_is_never_overwritten(small):
    one = small.rectify(wrong_link("o1", "p1")).write()
    was = held(one)
    two = small.rectify(wrong_link("o1", "p1"), wrong_link("o3", "p2")).write()
    assert one != two
    pd.DataFrame(FIRST[1:], columns=list(HEAD)).to_csv(small.folder / "x/2025-04-12.csv",
                                                       index=False)  # fmt: skip
    run(small.declaration, as_of="2025-04-12").write()
    three = small.rectify(wrong_link("o1", "p1")).write()
    assert three not in (one, two)
    assert held(one) == was
    (one / "Thumbs.db").write_bytes(b"x")
    assert small.rectify(wrong_link("o1", "p1"), runs=SMALL).write() == one
    (one / "runs.csv").write_text("as_of\n", encoding="utf-8")
    with pytest.raises(hhpu.OutputError, match="nothing was touched"):
        small.rectify(wrong_link("o1", "p1"), runs=SMALL).write()
    assert (one / "runs.csv").read_text(encoding="utf-8") == "as_of\n"


def test_a_rectification_that_was_changed_is_known(small):
    folder = small.rectify(wrong_link("o1", "p1")).write()
    _replace(folder / "rectification.json", '"counted": 1', '"counted": 0')
    with pytest.raises(hhpu.InputRefused, match="make the rectification again"):
        read_rectification(folder)


def test_the_words_of_the_declaration_are_read_in_corrections(small):
    path = small.folder / "run.toml"
    _replace(path, "[outputs]", '[values.offences.status]\nCHGD = "charged"\n[outputs]')
    table = pd.DataFrame(
        [("o5", "p3", "corrected", "2026-01-01", "CHGD")],
        columns=["offence_id", "offender_id", "what", "decided_on", "status"],
    )
    found = rectify(read_run(path), table)
    assert found.corrections.loc[0, "status"] == "charged"


def test_the_command_prints_counts_and_writes_ids_to_files_only(small, monkeypatch, capsys):
    monkeypatch.chdir(small.folder)
    table = hhpu.records_to_table([wrong_link("o1", "p1"), wrong_link("o9", "p1")], Correction)
    table.to_csv("corrections.csv", index=False)
    assert main(["rectify", "run.toml", "corrections.csv"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "Past runs: 3, of which 2 would have been others" in err
    assert "not found      1" in err
    assert "with their leading zeros?" in err
    assert "p1" not in err
    (folder,) = (small.declaration.folder / "rectified").iterdir()
    assert folder.name in err
    content = json.loads((folder / "rectification.json").read_text(encoding="utf-8"))
    assert content["fates"]["not found"] == 1
    assert main(["rectify", "run.toml", "corrections.csv", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    table.assign(what="corrected").to_csv("corrections.csv", index=False)
    assert main(["rectify", "run.toml", "corrections.csv"]) == 3
    assert main(["rectify", "run.toml", "no-such.csv"]) == 2
    assert main(["rectify", "run.toml"]) == 2
    table[1:].to_csv("corrections.csv", index=False)
    capsys.readouterr()
    assert main(["rectify", "run.toml", "corrections.csv"]) == 0
    assert "None of 3 past runs" in capsys.readouterr().err
