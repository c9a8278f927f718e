"""A run that says whether its algorithm is tested: due dates, thresholds, decisions, refusals."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import warnings
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from units import DAYS, SECRETS, Unit, extract, lines

from hhpu.errors import ArgumentError, DefinitionError, InputRefused
from hhpu.runs import read_manifest, read_run, run
from hhpu.runs._monitoring import drift
from hhpu.validation._written import sealed

# DAYS are 2025-03-01, 03-15, 03-29 and 04-12
ENDS = dt.date(2025, 2, 20)


def add(unit, monitoring, sources=""):
    """Put a table [monitoring] into the run file, and sources if need be."""
    unit.change("[outputs]", f"[monitoring]\n{monitoring}\n[outputs]")
    unit.change('offences = "', f'{sources}\noffences = "')


@pytest.fixture
def unit(tmp_path):
    return Unit(tmp_path / "unit")


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """The digests of the unit's definition and index, as a run of it tells them."""
    unit = Unit(tmp_path_factory.mktemp("used") / "unit")
    manifest = read_manifest(unit.make(DAYS[0]))
    return manifest["definition"]["digest"], manifest["index"]["digest"]


def line(at, value, seats, origin="2024-02-26"):
    return (origin, at, value, seats)


def put_test(unit, used, *, name="test.json", facts=(), back=0, method=None, held=(), delay=0):
    """Write a test whose last origin, 2024-02-26, and 360 days of follow-up end on ENDS."""
    tested = {"name": "total-harm", "method": method or {"name": "total-harm"},
              "definition": None, "back": back}  # fmt: skip
    held = held or (line("5", 0.25, 5), line("50%", 0.75, 50))
    common = {"contender": "total-harm", "outcome": "harm", "figure": "captured"}
    origins = ["2023-08-30", "2024-02-26"]
    content = {
        "provenance": {
            "contenders": [tested], "definition": {"digest": used[0]},
            "index": {"digest": used[1]}, "placing_date": "committed_on", "follow_up": 360,
            "delay": delay, **dict(facts),
        },
        "intervals": {"level": 0.95},
        "origins": [{"origin": origin, "people": 100} for origin in origins]
        + [{"origin": "2025-12-31", "people": 0}],
        "table": [{**common, "origin": origin, "at": at, "value": value, "low": 0.125, "high": 0.5}
                  for origin, at, value, _ in held],
        "ties": [{**common, "origin": origin, "at": at, "seats": seats}
                 for origin, at, _, seats in held],
    }  # fmt: skip
    path = unit.base / name
    path.write_text(json.dumps(sealed(content)), encoding="utf-8")
    return path


def told(folder):
    return read_manifest(folder)["monitoring"]


def rows(folder):
    text = (folder / "monitoring.csv").read_text(encoding="utf-8")
    return {row["key"]: row for row in csv.DictReader(io.StringIO(text))}


def page(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


# Nothing declared


def test_without_a_declaration_the_page_says_that_there_is_no_test(unit):
    folder = unit.make(DAYS[0])
    assert page(folder).count("No test of the algorithm is declared") == 1
    assert (folder / "monitoring.csv").read_text("utf-8") == "key,declared,found,state,told\n"
    held = told(folder)
    assert (held["declared"], held["overdue"], held["review_needed"]) == (False, False, False)
    assert held["alarms"] == []


def test_an_empty_table_declares_nothing_and_changes_no_digest(unit):
    before = read_run(unit.base / "run.toml").digest
    add(unit, "")
    assert read_run(unit.base / "run.toml").digest == before
    # of this run file before there was such a table
    assert before.startswith("sha256:43b39c72e98e0a36")


# When the test is due


@pytest.mark.parametrize(
    ("every", "state", "alarm"),
    [
        (10, "as declared", ""),
        (9, "as declared", ""),
        (8, "overdue", "overdue by 1 day: it was due on 2025-02-28, 8 days after 2025-02-20"),
        (1, "overdue", "overdue by 8 days: it was due on 2025-02-21"),
    ],
)
def test_a_test_is_due_so_many_days_after_its_data_end(unit, used, every, state, alarm):
    # from 2025-02-20 to 2025-03-01 are 9 days
    put_test(unit, used)
    add(unit, f'validation = "test.json"\ntest_every = {every}')
    folder = unit.make(DAYS[0])
    held, row = told(folder), rows(folder)["test_every"]
    assert held["test"]["data_end"] == str(ENDS)
    assert held["test_due"] == str(ENDS + dt.timedelta(days=every))
    assert (row["state"], row["found"], row["declared"]) == (state, "9", str(every))
    assert held["overdue"] == (state == "overdue")
    due = str(ENDS + dt.timedelta(days=every))
    begins = (
        "the test of the algorithm is overdue",
        f"the next test of the algorithm is due on {due}",
    )
    assert row["told"].startswith(begins[0] if held["overdue"] else begins[1])
    assert len(held["alarms"]) == (state == "overdue")
    assert all(alarm in text for text in held["alarms"])
    assert not held["review_needed"]


def test_a_delay_is_part_of_the_data(unit, used):
    put_test(unit, used, delay=3)
    add(unit, 'validation = "test.json"\ntest_every = 6')
    held = told(unit.make(DAYS[0]))
    assert (held["test_due"], held["overdue"]) == ("2025-03-01", False)


def test_without_a_test_it_is_overdue_at_once(unit):
    add(unit, "test_every = 100000")
    folder = unit.make(DAYS[0])
    (alarm,) = told(folder)["alarms"]
    assert alarm == ("The test of the algorithm is overdue, for no test counts: no test is named.")
    assert told(folder)["test_due"] is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"facts": {"definition": {"digest": "sha256:0"}}}, "of another definition"),
        ({"facts": {"index": {"digest": "sha256:0"}}}, "of another index"),
        ({"facts": {"placing_date": "recorded_on"}}, "of another placing date"),
        ({"method": {"name": "offence-count"}}, "of another method"),
        ({"method": {"name": "recency-weighted", "half_life": 9}, "facts": {
            "index": {"digest": ""}, "definition": {"digest": ""}}},
         "of another index, definition, method"),
        ({"back": 14}, "of lists 14 days old"),
        ({"facts": {"follow_up": 370}}, "the data of the test end on 2025-03-02, after this run"),
    ],
)  # fmt: skip
def test_a_test_of_something_else_counts_as_none(unit, used, change, why):
    put_test(unit, used, **change)
    add(unit, 'validation = "test.json"\ntest_every = 3650\nleast_captured = 0.1')
    folder = unit.make(DAYS[0])
    held = told(folder)
    assert (held["test"]["counts"], held["test_due"], held["overdue"]) == (False, None, True)
    assert why in held["test"]["why_not"]
    assert why in held["alarms"][0]
    # nor can a threshold be met by a test of something else
    assert rows(folder)["least_captured"]["state"] == "review needed"
    assert f"It counts as no test: {held['test']['why_not']}" in page(folder)


def test_data_that_end_on_the_day_of_the_run_count(unit, used):
    put_test(unit, used, facts={"follow_up": 369})
    add(unit, 'validation = "test.json"\ntest_every = 1')
    assert told(unit.make(DAYS[0]))["test_due"] == "2025-03-02"


# What it captured


@pytest.mark.parametrize(
    ("least", "review"), [(0.25, False), (0.2500001, True), (0, False), (1, True)]
)
def test_captured_harm_is_that_of_the_nearest_capacity(unit, used, least, review):
    # 3 of the 9 people ranked are a third: nearer to 50 than to 5 of 100
    put_test(unit, used, held=(line("5", 0.9, 5), line("50%", 0.25, 50)))
    add(unit, f'validation = "test.json"\nleast_captured = {least}')
    folder = unit.make(DAYS[0])
    row = rows(folder)["least_captured"]
    assert (row["found"], row["state"] == "review needed") == ("0.25", review)
    assert "the first 50 of 100 people on the list of 2024-02-26 (--top 50%," in row["told"]
    assert "held 25.0% of the harm that followed (95% interval 12.5% to 50.0%)" in row["told"]
    assert told(folder)["review_needed"] == review
    if review:
        assert told(folder)["alarms"][0].startswith("Review needed, because the first 50 of 100")


def test_captured_harm_is_that_of_the_last_origin(unit, used):
    held = (line("50%", 0.9, 50, "2023-08-30"), line("50%", 0.1, 50))
    put_test(unit, used, held=held)
    add(unit, 'validation = "test.json"\nleast_captured = 0.5')
    assert told(unit.make(DAYS[0]))["measures"][0]["found"] == 0.1


@pytest.mark.parametrize(
    ("held", "why"),
    [((line("50%", None, 50),), "nobody had later harm"),
     ((line("50%", 0.9, 50, "2023-08-30"),), "the test had no outcome harm")],
)  # fmt: skip
def test_a_test_that_cannot_say_what_was_captured_calls_for_a_review(unit, used, held, why):
    put_test(unit, used, held=held)
    add(unit, 'validation = "test.json"\nleast_captured = 0')
    assert why in told(unit.make(DAYS[0]))["alarms"][0]


# Coverage


@pytest.mark.parametrize(("least", "review"), [(0.75, False), (0.7500001, True)])
def test_coverage_is_the_share_of_offences_that_are_scored(unit, least, review):
    # 20 offences, of which every fourth has a code that the index does not know
    coded = [row.replace(f",{'ABC'[i % 3]},", ",Z,") if i % 4 == 3 else row
             for i, row in enumerate(lines(0))]  # fmt: skip
    extract(unit.base, DAYS[0], coded)
    add(unit, f"least_coverage = {least}")
    folder = unit.make(DAYS[0])
    row = rows(folder)["least_coverage"]
    assert (row["found"], row["state"] == "review needed") == ("0.75", review)
    assert "75.0% of the 20 offences in the window are scored" in row["told"]


# Drift


@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=30),
    st.lists(st.integers(0, 12), min_size=1, max_size=30),
)
def test_drift_is_the_distance_of_kolmogorov_and_smirnov(one, other):
    before, now = ({value: held.count(value) for value in held} for held in (one, other))
    with warnings.catch_warnings():  # of the p-value, which is not asked for
        warnings.simplefilter("ignore")
        expected = ks_2samp(one, other, method="asymp").statistic
    assert drift(before, now) == pytest.approx(expected, abs=1e-12)
    assert drift(now, before) == drift(before, now)


def test_drift_is_exact_for_scores_beyond_floats():
    huge = 2**70
    assert drift({huge: 1, huge + 1: 2}, {huge: 2, huge + 1: 1}) == float(Fraction(1, 3))


def scores(folder):
    text = (folder / "ranking.csv").read_text(encoding="utf-8")
    return [float(row["score"]) for row in csv.DictReader(io.StringIO(text))]


def test_drift_is_from_the_first_run_where_there_is_no_test(unit):
    add(unit, "most_drift = 0")
    made = [unit.make(day) for day in DAYS[:3]]
    first = rows(made[0])["most_drift"]
    assert (first["found"], first["state"]) == ("", "not judged")
    assert told(made[2])["drift_from"] == str(DAYS[0])
    expected = ks_2samp(scores(made[0]), scores(made[2])).statistic
    assert expected > 0
    assert float(rows(made[2])["most_drift"]["found"]) == pytest.approx(expected, abs=1e-12)
    assert rows(made[2])["most_drift"]["state"] == "review needed"


@pytest.mark.parametrize("follow_up", [383, 384])
def test_drift_is_from_the_last_run_before_the_data_of_the_test_end(unit, used, follow_up):
    put_test(unit, used, facts={"follow_up": follow_up})
    add(unit, 'validation = "test.json"\nmost_drift = 1')
    made = [unit.make(day) for day in DAYS]
    # the data end on 2025-03-15 or 16: by then, the runs of 03-01 and 03-15
    assert [told(folder)["drift_from"] for folder in made] == [
        None, str(DAYS[0]), str(DAYS[1]), str(DAYS[1])
    ]  # fmt: skip
    assert rows(made[3])["most_drift"]["state"] == "as declared"


def test_drift_is_never_from_a_run_under_another_window_or_one_that_was_changed(unit):
    add(unit, "most_drift = 0")
    unit.change("window = 730", "window = 700")
    first = unit.make(DAYS[0])
    unit.change("window = 700", "window = 730")
    assert told(unit.make(DAYS[1]))["drift_from"] is None
    assert told(unit.make(DAYS[2]))["drift_from"] == str(DAYS[1])
    with (unit.base / "runs" / str(DAYS[1]) / "ranking.csv").open("a", encoding="utf-8") as file:
        file.write(" ")
    assert told(unit.make(DAYS[3]))["drift_from"] == str(DAYS[2])
    assert first.is_dir()


# Decisions


DECIDED = "offender_id,as_of,decision,decided_on,decided_by,reasons\n"


def proposals(unit, day):
    text = (unit.base / "runs" / str(day) / "to-assess.csv").read_text(encoding="utf-8")
    return [row["offender_id"] for row in csv.DictReader(io.StringIO(text))]


def decide(unit, *decided, head=DECIDED):
    text = "".join(f"{','.join(map(str, each))},SECRETROLE,SECRETREASON\n" for each in decided)
    (unit.base / "decisions.csv").write_text(head + text, encoding="utf-8")


@pytest.fixture
def deciding(unit):
    """A unit with a first run, on which three people or more are proposed."""
    add(unit, "most_overridden = 0.5\nleast_overridden = 0.1", 'decisions = "decisions.csv"')
    decide(unit)
    unit.make(DAYS[0])
    assert len(proposals(unit, DAYS[0])) >= 3
    return unit


def overrides(unit, day=DAYS[1]):
    folder = unit.make(day)
    return told(folder)["overrides"], rows(folder), told(folder)


def test_a_first_run_has_no_proposal_to_override(deciding):
    held = told(deciding.base / "runs" / str(DAYS[0]))
    assert held["overrides"]["proposals"] == 0
    assert {measure["state"] for measure in held["measures"]} == {"not judged"}


def test_proposals_of_which_nobody_decided_call_for_a_review(deciding):
    held, measures, all_told = overrides(deciding)
    size = len(proposals(deciding, DAYS[0]))
    assert (held["proposals"], held["undecided"]) == (size, size)
    assert measures["most_overridden"]["state"] == "review needed"
    assert f"no decision so far is on record, of {size} proposals" in all_told["alarms"][0]


def test_of_several_decisions_the_latest_counts(deciding):
    one, two, three = proposals(deciding, DAYS[0])[:3]
    listed, later = DAYS[0], dt.date(2025, 3, 14)
    decide(
        deciding,
        (one, listed, "rejected", "2025-03-03"), (one, listed, "adopted", later),
        (two, listed, "adopted", later), (two, listed, "rejected", "2025-03-04"),
        (three, listed, "adopted", later), (three, listed, "rejected", later),
        (three, DAYS[2], "rejected", later), ("SECRETNAME", listed, "rejected", later),
        (one, listed, "rejected", "2025-02-27"), (one, listed, "rejected", "2025-03-16"),
    )  # fmt: skip
    held, measures, all_told = overrides(deciding)
    assert held == {
        "proposals": len(proposals(deciding, listed)), "adopted": 2, "rejected": 0,
        "undecided": len(proposals(deciding, listed)) - 3, "contradicting": 1,
        "of_no_proposal": 3, "later": 1,
    }  # fmt: skip
    assert measures["least_overridden"]["state"] == "review needed"
    assert measures["most_overridden"]["state"] == "as declared"
    assert [text.split(":")[0] for text in all_told["warnings"]] == [
        "Nobody overrode any of the 2 proposals decided",
        "Proposals adopted and rejected on one day",
        "Decisions that match no proposal of a run of this series, or were made before it",
    ]


@pytest.mark.parametrize(
    ("rejected", "states"),
    [(0, ("as declared", "review needed")), (1, ("as declared", "as declared")),
     (2, ("review needed", "as declared"))],
)  # fmt: skip
def test_too_many_overrides_and_too_few_call_for_a_review(deciding, rejected, states):
    people = proposals(deciding, DAYS[0])[:3]
    decide(deciding, *((each, DAYS[0], "rejected" if i < rejected else "adopted", "2025-03-09")
                       for i, each in enumerate(people)))  # fmt: skip
    held, measures, _ = overrides(deciding)
    assert (held["adopted"], held["rejected"]) == (3 - rejected, rejected)
    keys = ("most_overridden", "least_overridden")
    assert tuple(measures[key]["state"] for key in keys) == states
    assert float(measures["most_overridden"]["found"]) == pytest.approx(rejected / 3)


def test_only_decisions_of_the_days_that_are_looked_at_count(deciding):
    deciding.change("least_overridden = 0.1", "overridden_within = 5")
    people = proposals(deciding, DAYS[0])[:3]
    # the run is of 2025-03-15: 03-10 is 5 days before, and just out
    days = ("2025-03-10", "2025-03-11", "2025-03-15")
    decide(deciding, *((each, DAYS[0], "rejected", day)
                       for each, day in zip(people, days, strict=True)))  # fmt: skip
    held, _, _ = overrides(deciding)
    assert held["rejected"] == 2
    assert held["undecided"] == len(proposals(deciding, DAYS[0])) - 3


def test_a_list_that_was_changed_proposes_nobody(deciding):
    person = proposals(deciding, DAYS[0])[0]
    decide(deciding, (person, DAYS[0], "rejected", "2025-03-09"))
    deciding.make(DAYS[1])
    path = deciding.base / "runs" / str(DAYS[0]) / "to-assess.csv"
    path.write_text(path.read_text("utf-8") + "SECRETPERSON0\n", "utf-8")
    held, _, _ = overrides(deciding, DAYS[2])
    assert (held["rejected"], held["of_no_proposal"]) == (0, 1)
    assert held["proposals"] == len(proposals(deciding, DAYS[1]))


def test_decisions_change_no_score_and_stand_in_no_file(deciding):
    person = proposals(deciding, DAYS[0])[0]
    declared = read_run(deciding.base / "run.toml")
    without = run(declared, as_of=DAYS[1], registry=deciding.registry).files()
    decide(deciding, (person, DAYS[0], "rejected", "2025-03-09"))
    folder = deciding.make(DAYS[1])
    for name in ("ranking.csv", "bracket.csv", "to-assess.csv", "verify.csv", "why.csv"):
        assert (folder / name).read_bytes() == without[name]
    assert (folder / "monitoring.csv").read_bytes() != without["monitoring.csv"]
    for path in folder.rglob("*"):
        if path.is_file():
            assert b"SECRETROLE" not in path.read_bytes(), path.name
            assert b"SECRETREASON" not in path.read_bytes(), path.name
    for name in ("monitoring.csv", "manifest.json"):
        assert not any(s.encode() in (folder / name).read_bytes() for s in SECRETS)


def test_a_column_of_decisions_may_come_and_the_table_may_go(deciding):
    decide(deciding, head=DECIDED)
    deciding.make(DAYS[1])
    text = "offender_id,as_of,decision,decided_on,decided_by\n"
    (deciding.base / "decisions.csv").write_text(text, encoding="utf-8")
    deciding.make(DAYS[2])
    deciding.change('decisions = "decisions.csv"', "")
    deciding.change("most_overridden = 0.5\nleast_overridden = 0.1", "")
    assert told(deciding.make(DAYS[3]))["overrides"] is None


def test_without_a_threshold_decisions_are_told_all_the_same(unit):
    add(unit, "", 'decisions = "decisions.csv"')
    decide(unit)
    unit.make(DAYS[0])
    decide(unit, (proposals(unit, DAYS[0])[0], DAYS[0], "adopted", "2025-03-09"))
    folder = unit.make(DAYS[1])
    assert "Nobody overrode any of the 1 proposals decided" in page(folder)
    assert told(folder)["alarms"] == []


# The page


def test_what_calls_for_a_review_heads_the_page(unit, used):
    put_test(unit, used)
    add(unit, 'validation = "test.json"\ntest_every = 1\nleast_captured = 0.9')
    # what stands first where codes are damaged comes after it
    extract(unit.base, DAYS[0], [row.replace(",A,", ",?,") for row in lines(0)])
    text = page(unit.make(DAYS[0]))
    body = text[text.index("</h1>") :]
    overdue, review = body.index("is overdue by"), body.index("Review needed, because")
    assert overdue < review < body.index('<p class="lead">')
    assert body.index("</h1>") + 6 == body.index('<p class="alarm">')
    assert 'href="#tested"' in body
    assert text.count('id="tested"') == 1


# Made again


def test_the_same_run_again_has_the_same_bytes_whatever_the_day_of_the_call(unit, used):
    put_test(unit, used)
    add(unit, 'validation = "test.json"\ntest_every = 20\nmost_drift = 0.5')
    unit.make(DAYS[0])
    unit.make(DAYS[1])
    before = unit.state()
    unit.make(DAYS[2])
    unit.make(DAYS[1])
    assert {name: unit.state()[name] for name in before if "ledger" not in name} == {
        name: raw for name, raw in before.items() if "ledger" not in name
    }
    assert told(unit.base / "runs" / str(DAYS[2]))["overdue"]
    assert told(unit.base / "runs" / str(DAYS[1]))["overdue"]
    assert not told(unit.base / "runs" / str(DAYS[0]))["overdue"]


def test_a_run_that_was_made_is_not_replaced_by_one_with_another_test(unit, used):
    put_test(unit, used)
    add(unit, 'validation = "test.json"\ntest_every = 1')
    unit.make(DAYS[0])
    put_test(unit, used, name="new.json", delay=2)
    unit.change('validation = "test.json"', 'validation = "new.json"')
    unit.refused(DAYS[0], "test.json (sha256:", "a new test counts from the next run",
                 kind=InputRefused)  # fmt: skip
    assert told(unit.make(DAYS[1]))["test"]["data_end"] == "2025-02-22"
    unit.change('validation = "new.json"', 'validation = "test.json"')
    unit.make(DAYS[0])


@pytest.mark.parametrize("other", ["test_every = 3650", ""])
def test_an_alarm_is_not_silenced_by_another_threshold(unit, other):
    add(unit, "test_every = 1")
    unit.make(DAYS[0])
    unit.change("test_every = 1", other)
    unit.refused(DAYS[0], "made under another declaration")


# Bad input


@pytest.mark.parametrize(
    ("monitoring", "words"),
    [
        ('validation = "{as_of}.json"', ("validation holds no {as_of}",)),
        ("validation = 7", ("[monitoring] validation is text",)),
        ("test_every = 0", ("test_every is a whole number, at least 1",)),
        ("test_every = 365.0", ("test_every is a whole number",)),
        ("least_captured = 20", ("least_captured is a share", "goes with validation")),
        ("least_captured = 0.2", ("least_captured goes with validation",)),
        ("most_overridden = 0.2", ("most_overridden goes with decisions",)),
        ("overridden_within = 90", ("overridden_within goes with decisions",)),
        ("most_drift = nan", ("most_drift is a share",)),
        ("tested_on = 2026-01-01", ("there is no key 'tested_on'",)),
        ("least_overriden = 0.1", ("did you mean 'least_overridden'?",)),
    ],
)
def test_a_fault_in_the_declaration_is_named(unit, monitoring, words):
    add(unit, monitoring)
    unit.refused(DAYS[0], words[0], kind=DefinitionError)


def test_no_share_lies_between_a_least_above_a_most(unit):
    add(unit, "most_overridden = 0.1\nleast_overridden = 0.2", 'decisions = "d.csv"')
    unit.refused(DAYS[0], "no share could be right", kind=DefinitionError)


def test_a_test_that_is_not_there_is_refused(unit):
    add(unit, 'validation = "tests/none.json"')
    unit.refused(DAYS[0], "[monitoring] validation", "none.json cannot be read",
                 "name where it is", kind=ArgumentError)  # fmt: skip


@pytest.mark.parametrize("text", ["", "{}", "not json", '{"format": "hhpu run manifest"}'])
def test_a_file_that_is_no_test_is_refused(unit, text):
    (unit.base / "test.json").write_text(text, encoding="utf-8")
    add(unit, 'validation = "test.json"')
    unit.refused(DAYS[0], "[monitoring] validation", "hhpu validate --out", kind=InputRefused)


def test_a_test_that_was_changed_is_refused(unit, used):
    path = put_test(unit, used)
    path.write_text(path.read_text("utf-8").replace('"value": 0.25', '"value": 0.95'), "utf-8")
    add(unit, 'validation = "test.json"')
    unit.refused(DAYS[0], "was changed after it was written", "test again", kind=InputRefused)


def test_decisions_without_a_column_are_refused(unit):
    add(unit, "", 'decisions = "decisions.csv"')
    (unit.base / "decisions.csv").write_text("offender_id,decision\nSECRETNAME,adopted\n", "utf-8")
    unit.refused(DAYS[0], "decisions", "as_of", "decided_on", "decided_by", kind=InputRefused)


def test_a_row_that_is_no_decision_is_a_problem_and_counts_for_nothing(deciding):
    one, two = proposals(deciding, DAYS[0])[:2]
    decide(deciding, (one, DAYS[0], "rejected", "2025-03-09"), (two, DAYS[0], "perhaps", ""))
    held, _, _ = overrides(deciding)
    assert (held["rejected"], held["of_no_proposal"]) == (1, 0)
    text = (deciding.base / "runs" / str(DAYS[1]) / "problems.csv").read_text("utf-8")
    found = {(row["table"], row["column"]) for row in csv.DictReader(io.StringIO(text))}
    assert ("decisions", "decided_on") in found
