"""A validation read back from its file: what it keeps, and what is refused."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd
import pytest

import hhpu
from hhpu.errors import ArgumentError, InputRefused
from hhpu.validation import read_validation, validate

ORIGINS = ("2024-03-01", "2024-06-01")


def offences(size=240):
    """Rows of 30 people, four a week; person 0 is in one of five."""
    start = dt.date(2023, 1, 2)
    days = [start + dt.timedelta(days=4 * i) for i in range(size)]
    return pd.DataFrame({
        "offender_id": [f"SECRET{0 if i % 5 == 0 else i % 30}" for i in range(size)],
        "code": [("8N", "5D", "1")[i % 3] for i in range(size)],
        "committed_on": [str(day) for day in days],
        "recorded_on": [str(day) for day in days],
    })  # fmt: skip


@pytest.fixture(scope="module")
def made():
    index = hhpu.load_registry(plugins="none").index("ons-css")
    return validate(
        hhpu.encode(offences(), notation="home-office-recorded"), origins=ORIGINS, follow_up=180,
        delay=14, seed=1, index=index, window=365, resamples=100, top=(3, "10%"),
    )  # fmt: skip


@pytest.fixture
def written(made, tmp_path):
    path = tmp_path / "test.json"
    path.write_text(json.dumps(made.to_dict(), indent=2), encoding="utf-8")
    return path


def test_the_file_says_first_what_it_is(made):
    held = made.to_dict()
    assert list(held)[:2] == ["format", "version"]
    assert (held["format"], held["version"]) == ("hhpu validation", 1)
    assert list(held)[-1] == "digest"
    assert held["digest"] == made.to_dict()["digest"]


def test_what_was_tested_is_read_back(made, written):
    found = read_validation(written)
    facts = made.provenance.to_dict()
    assert found.digest == made.to_dict()["digest"]
    assert found.origins == tuple(map(dt.date.fromisoformat, ORIGINS))
    # 2024-06-01 + 180 + 14 days, counted on a calendar
    assert found.ends == dt.date(2024, 12, 12)
    assert found.index == facts["index"]["digest"]
    assert found.definition == facts["definition"]["digest"]
    assert (dict(found.method), found.back) == ({"name": "total-harm"}, 0)
    assert (found.placing_date, found.label, found.level) == ("committed_on", "total-harm", 0.95)


def test_its_shares_of_later_harm_are_those_of_the_figures(made, written):
    found = read_validation(written)
    lines = made.figures.find(contender="total-harm", outcome="harm", figure="captured")
    lines = lines[lines["origin"].isin(ORIGINS)]
    assert [(str(c.origin), c.at, c.value, c.low, c.high) for c in found.captured] == [
        (line.origin, line.at, line.value, line.low, line.high) for line in lines.itertuples()
    ]
    assert {(c.at, c.seats, c.people) for c in found.captured} == {("3", 3, 25), ("10%", 3, 25)}


def test_a_later_indentation_is_no_change(made, written):
    written.write_text(json.dumps(made.to_dict()), encoding="utf-8")
    assert read_validation(str(written)).digest == made.to_dict()["digest"]


@pytest.mark.parametrize(
    "change",
    [
        lambda held: held["table"][0].update(value=0.99),
        lambda held: held["provenance"].update(follow_up=9_000),
        lambda held: held.pop("statements"),
        lambda held: held.pop("digest"),
    ],
)
def test_a_changed_file_is_refused(made, written, change):
    held = json.loads(written.read_text(encoding="utf-8"))
    change(held)
    written.write_text(json.dumps(held), encoding="utf-8")
    with pytest.raises(InputRefused, match="changed after it was written") as caught:
        read_validation(written)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "7", "{}", '{"format": "hhpu run manifest", "version": 2}', "[" * 200_000,
     '{"format": "hhpu validation", "version": "1"}',
     '{"format": "hhpu validation", "version": true}'],
    ids=range(8),
)  # fmt: skip
def test_another_file_is_refused(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused, match="hhpu validate --out"):
        read_validation(path)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "other.json"
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(InputRefused, match="is not a validation"):
        read_validation(path)


def test_a_newer_version_is_refused(written):
    held = json.loads(written.read_text(encoding="utf-8")) | {"version": 2}
    written.write_text(json.dumps(held), encoding="utf-8")
    with pytest.raises(InputRefused, match="is of version 2; this hhpu reads up to 1"):
        read_validation(written)


def test_a_file_that_is_not_there_is_an_argument(tmp_path):
    with pytest.raises(ArgumentError, match="cannot be read"):
        read_validation(tmp_path / "none.json")
