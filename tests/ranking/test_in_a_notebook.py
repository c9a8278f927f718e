"""What a notebook shows of scores and of a ranking."""

import pandas as pd
import pytest

import hhpu


@pytest.fixture
def ranking():
    table = pd.DataFrame(
        {
            "offender_id": ["<b>one</b>", "two", "two", "three"],
            "code": ["8N", "5D", "no-such", "08-Jun"],
            "committed_on": "2025-01-04",
        }
    )
    index = hhpu.load_registry(plugins="none").index("ons-css")
    return hhpu.rank(hhpu.encode(table), as_of="2025-12-31", index=index, window=730)


def test_scores_say_what_they_are_and_name_nobody(ranking):
    scores = ranking.scores
    html = scores._repr_html_()
    for words in ("2025-12-31", "css-days", "total-harm", scores.index.label, "730 days",
                  scores.definition.label):  # fmt: skip
        assert words in html
    for fate, count in scores.fate_counts().items():
        assert (f"<td>rows: {fate}</td>\n      <td>{count}</td>" in html) == bool(count)
    assert "<td>people with a score</td>\n      <td>2</td>" in html
    assert scores.alarms
    assert html.index("a spreadsheet turned into a date") < html.index("<table")
    assert "two" not in html
    assert "three" not in html


def test_a_ranking_says_its_unit_and_date_and_escapes_ids(ranking):
    html = ranking._repr_html_()
    assert "2 of 2 people, as of 2025-12-31, in css-days (ons-css 2020-12" in html
    assert "&lt;b&gt;one&lt;/b&gt;" in html
    assert "<b>" not in html
