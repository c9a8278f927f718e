"""Figures: what is drawn is what was found, and nothing that was hidden."""

import datetime as dt
import itertools
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import attrs
import numpy as np
import pandas as pd
import pytest

import hhpu
from hhpu.errors import ArgumentError
from hhpu.ranking import OffenceCount, RecencyWeightedHarm
from hhpu.validation import (
    FIGURE_NAMES,
    calibration_figure,
    capture_figure,
    differences_figure,
    fairness_figure,
    figures_of,
    ladder_figure,
    lorenz_figure,
    rank_intervals,
    stability_figure,
    svg_bytes,
    trajectories_figure,
    validate,
)
from hhpu.validation._sheet import apart

SVG = "{http://www.w3.org/2000/svg}"
PEOPLE = 120
ORIGINS = ("2021-01-31", "2021-07-31")
CODES = ("19C", "8N", "5D", "28A")


@pytest.fixture(scope="module")
def index():
    return hhpu.load_registry(plugins="none").index("ons-css")


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(4)
    person = rng.choice(PEOPLE, 3_000, p=rng.dirichlet(np.ones(PEOPLE)))
    days = pd.Timestamp("2019-01-01") + pd.to_timedelta(rng.integers(0, 1_400, 3_000), unit="D")
    frame = pd.DataFrame(
        {
            "offender_id": [f"secret-{each}" for each in person],
            "code": rng.choice(CODES, 3_000, p=[0.02, 0.5, 0.2, 0.28]),
        }
    )
    return frame.assign(committed_on=days, recorded_on=days)


@pytest.fixture(scope="module")
def ledger(table):
    return hhpu.encode(table)


@pytest.fixture(scope="module")
def groups():
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "offender_id": [f"secret-{each}" for each in range(PEOPLE)],
            "sex": rng.choice(["F", "M"], PEOPLE),
            "area": ["tiny"] * 3 + ["large"] * (PEOPLE - 3),
        }
    )


def made(ledger, index, **more):
    given = {
        "origins": ORIGINS,
        "follow_up": 365,
        "window": 365,
        "seed": 3,
        "resamples": 100,
        "top": (0.1, 0.25),
    }
    return validate(ledger, index=index, **(given | more))


@pytest.fixture(scope="module")
def found(ledger, index, groups):
    reruns = [dt.date(2020, 6, 1) + dt.timedelta(days=28 * n) for n in range(8)]
    return made(ledger, index, groups=groups, reruns=reruns)


@pytest.fixture(scope="module")
def expected(ledger, index):
    return made(ledger, index, method="expected-harm")


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_every_figure_that_there_is_matter_for(found, expected):
    drawn = figures_of(found)
    assert list(drawn) == [name for name in FIGURE_NAMES if name != "calibration"]
    assert list(figures_of(expected)) == ["capture", "lorenz", "differences", "calibration"]
    for name, svg in drawn.items():
        root = ET.fromstring(svg)  # noqa: S314
        title, words = (root.find(f"{SVG}{part}").text for part in ("title", "desc"))
        assert root.get("aria-labelledby") == "title desc", name
        assert len(title) > 20, name
        assert re.search(r"\d", words), name
        assert "secret" not in svg.decode(), name
        assert "<text" in svg.decode(), name  # words stay words
        assert re.search(r"20\d\d-\d\d-\d\d", svg.decode()), name


def test_same_bytes_again_whatever_the_users_settings(found):
    first = figures_of(found)
    import matplotlib as mpl

    with mpl.rc_context({"svg.hashsalt": None, "font.size": 30, "axes.facecolor": "red"}):
        assert figures_of(found) == first
        assert mpl.rcParams["font.size"] == 30
    for svg in first.values():  # ids from addresses in memory would differ from run to run
        assert not re.search(rb'(id="|#)[a-zA-Z]+[0-9a-f]{10}[")]', svg)
    assert not any(b"<dc:date" in svg or b"Matplotlib v" in svg for svg in first.values())


def test_capture_draws_the_captured_share_with_its_interval(found):
    figure = capture_figure(found)
    assert [axes.get_title("left") for axes in figure.axes] == [
        f"As of {trial.date}: {len(trial):,} people" for trial in found.backtest.trials
    ]
    for axes, trial in zip(figure.axes, found.backtest.trials, strict=True):
        harm = trial.outcome("harm")
        lines = [line.get_xydata() for line in axes.lines if line.get_linestyle() != "None"]
        whole = next(line for line in lines if len(line) > 20 and line[:, 1].max() <= 1.0)
        best = np.append(0, np.cumsum(np.sort(harm)[::-1])) / harm.sum()
        at = np.rint(whole[:, 0] * len(trial)).astype(int)
        assert np.allclose(whole[:, 1], best[at])
        found_line = found.figures.find(
            origin=str(trial.date), contender="total-harm", outcome="harm", figure="captured"
        )
        bars = axes.containers
        assert len(bars) == 2
        for bar, line in zip(bars, found_line.itertuples(), strict=True):
            ends = bar.lines[2][0].get_segments()[0][:, 1]
            assert np.allclose(ends, [line.low, line.high])
        assert {"total-harm", "best possible", "random", "10%", "25%"} <= {
            text.get_text() for text in axes.texts
        }


def test_many_origins_are_thinned_and_said(ledger, index):
    origins = [dt.date(2021, 1, 1) + dt.timedelta(days=30 * n) for n in range(7)]
    figure = capture_figure(made(ledger, index, origins=origins))
    assert len(figure.axes) == 4
    assert figure.axes[0].get_title("left").startswith(f"As of {origins[0]}")
    assert figure.axes[3].get_title("left").startswith(f"As of {origins[-1]}")
    assert "4 of 7 origins are shown" in figure.texts[1].get_text().replace("\n", " ")


def test_lorenz(found):
    figure = lorenz_figure(found)
    held = found.concentration
    line = held[(held["origin"] == ORIGINS[0]) & (held["of"] == "history")].iloc[0]
    assert any(f"history: Gini {line['gini']:.2f}" in text for text in texts(figure))


def test_differences_show_where_nothing_is_shown(found):
    figure = differences_figure(found)
    titles = [axes.get_title("left") for axes in figure.axes]
    assert titles == ["captured at 10%", "captured at 25%", "Spearman"]
    rows = [text for text in texts(figure) if text.startswith("against ")]
    assert rows == ["against offence-count", "against most-recent", "against last-list"]
    for axes, at, figure_name in zip(
        figure.axes, ("10%", "25%", ""), ("captured", "captured", "spearman"), strict=True
    ):
        table = found.figures.difference(
            contender="total-harm", outcome="harm", figure=figure_name, at=at
        )
        table = table[table["against"] != "random"]
        scale = 100 if at else 1
        marks = [
            line for line in axes.lines
            if line.get_marker() in ("o", "D") and line.get_color() != "white"
        ]  # fmt: skip
        drawn = sorted((round(float(m.get_xdata()[0]), 9), m.get_fillstyle()) for m in marks)
        wanted = sorted(
            (
                round(line.difference * scale, 9),
                "none" if line.low <= 0 <= line.high else "full" if line.p_holm < 0.05 else "left",
            )
            for line in table.itertuples()
        )
        assert drawn == wanted


def test_calibration_is_of_shape(expected):
    figure = calibration_figure(expected, draws=100)
    trial = expected.backtest.trials[0]
    harm, scores = trial.outcome("harm"), trial.scores["expected-harm"]
    line = next(line for line in figure.axes[0].lines if line.get_label() == "expected")
    people = len(trial)
    cuts = np.floor(people * np.arange(11) / 10 + 0.5).astype(int)
    ordered = np.sort(scores)[::-1] * harm.sum() / scores.sum()
    means = [ordered[a:b].mean() for a, b in itertools.pairwise(cuts)]
    assert np.allclose(line.get_ydata(), means)
    with pytest.raises(ArgumentError, match="expects harm"):
        calibration_figure(expected, contender="nobody")


def test_calibration_needs_who_expects_harm(found):
    with pytest.raises(ArgumentError, match="expected-harm"):
        calibration_figure(found)


def test_ladder_numbers_ranks_and_names_nobody(ledger, index):
    ranking = hhpu.rank(ledger, as_of=ORIGINS[0], index=index, window=365)
    found = rank_intervals(ranking, k=16, seed=1, draws=100)
    figure = ladder_figure(found)
    axes = figure.axes[0]
    labels = [text.get_text() for text in axes.get_yticklabels()]
    wanted = found.table.head(21)
    assert [int(label.lstrip("=")) for label in labels] == wanted["rank"].tolist()
    segments = np.concatenate([np.array(lines.get_segments()) for lines in axes.collections])
    spans = sorted(zip(segments[:, 0, 0], segments[:, 1, 0], strict=True))
    assert spans == sorted(zip(wanted["low"], wanted["high"], strict=True))
    assert len(ladder_figure(found, rungs=5).axes[0].get_yticklabels()) == 5
    inside = found.table[found.table["rank"] <= 16]["p_top_k"]
    assert f"{int((inside >= 0.9).sum())} of them are there in at least 90%" in figure.get_label()


def test_no_ladder_where_there_are_no_intervals(ledger, index):
    recent = made(ledger, index, method=RecencyWeightedHarm(half_life=90), against=[])
    assert list(figures_of(recent)) == ["capture", "lorenz"]
    with pytest.raises(ArgumentError, match="against="):
        differences_figure(recent)


def test_suppressed_cells_say_so_and_show_nothing(found):
    name = f"{ORIGINS[1]} at 25%"
    table = found.fairness[name]
    table = table[(table["how"] == "value") & table["outcome"].isin(["", "any"])]
    hidden = table[(table["group"] == "area=tiny") & (table["why"] == "suppressed")]
    assert len(hidden)
    figure = fairness_figure(found)
    for axes in figure.axes:
        measure = axes.get_title("left").split(":")[0]
        mine = table[table["figure"] == measure].set_index("group")
        rows = [tick.get_text().split("  (")[0] for tick in figure.axes[0].get_yticklabels()]
        places = dict(zip(rows, figure.axes[0].get_yticks(), strict=True))
        marks = {
            float(line.get_ydata()[0]): float(line.get_xdata()[0])
            for line in axes.lines if line.get_marker() == "o"
        }  # fmt: skip
        words = {float(text.xy[1]): text.get_text() for text in axes.texts}
        for row, y in places.items():
            line = mine.loc[row]
            if np.isnan(line["value"]):
                assert y not in marks
                assert words[y] == ("suppressed" if line["why"] == "suppressed" else "undefined")
            else:
                assert marks[y] == line["value"]
    assert any("area=tiny  (suppressed)" in t.get_text() for t in figure.axes[0].get_yticklabels())
    assert "area=tiny: suppressed" in figure.get_label()


def test_fairness_by_origin_and_capacity(found):
    figure = fairness_figure(found, origin=ORIGINS[0], at="10%")
    assert "first 10%" in figure.get_suptitle()
    assert f"As of {ORIGINS[0]}" in figure.texts[1].get_text()
    for wrong in ({"at": "7%"}, {"outcome": "weather"}):
        with pytest.raises(ArgumentError):
            fairness_figure(found, **wrong)


def test_stability_stands_beside_the_adjusted(found):
    figure = stability_figure(found.stability)
    left, right = figure.axes
    labels = left.get_legend_handles_labels()[1]
    assert labels[0].startswith("run to run: windows share 92%")
    assert labels[1] == "windows that share no day"
    summary = found.stability.summary().set_index("comparison")
    marks = [line.get_xdata() for line in right.lines]
    for comparison, drawn in zip(
        ("previous run", "disjoint windows", "disjoint windows, active in both"), marks, strict=True
    ):
        line = summary.loc[comparison]
        assert np.isclose(drawn[0], (line["retention_low"] + line["retention_high"]) / 2)
        assert np.allclose(drawn[2:], [line["rbo"], line["tau_b"]])


def test_trajectories_are_quartiles_of_enough_people(found):
    steady = found.stability
    assert steady.runs["followed"].iloc[0] >= 10
    lines = [line.get_ydata() for line in trajectories_figure(steady).axes[0].lines]
    assert any(np.allclose(line, steady.runs["rank_median"]) for line in lines)
    few = attrs.evolve(steady, runs=steady.runs.assign(followed=9))
    left = trajectories_figure(few).axes[0]
    assert not left.lines
    assert not left.collections
    assert "fewer than ten" in left.texts[0].get_text().replace("\n", " ")
    assert "median rank" not in trajectories_figure(few).get_label()


def test_nothing_that_followed(index):
    days = pd.date_range("2020-01-01", periods=40, freq="5D")
    table = pd.DataFrame({"offender_id": [str(n % 15) for n in range(40)], "code": "8N",
                          "committed_on": days, "recorded_on": days})  # fmt: skip
    quiet = made(
        hhpu.encode(table), index, origins=["2020-08-01"], follow_up=30, until="2021-01-01"
    )
    assert "nobody has an outcome" in texts(capture_figure(quiet))[0].replace("\n", " ")
    assert {"capture", "lorenz", "differences"} <= set(figures_of(quiet))


def test_names_are_kept_apart():
    places = apart([0.5, 0.5, 0.52, 0.9], 0.1)
    assert np.all(np.diff(sorted(places)) >= 0.1 - 1e-12)
    assert places[3] == 0.9
    assert places.index(min(places)) == 0
    assert apart([], 0.1) == []


def test_a_name_is_no_formula(ledger, index):
    from hhpu.validation import Contender

    odd = made(ledger, index, method=Contender(OffenceCount(), name="a$b$<c>"), against=[])
    svg = svg_bytes(capture_figure(odd))
    written = [each.text for each in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314
    assert "a$b$<c>" in written


def test_without_matplotlib(found, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ArgumentError, match=r"hhpu\[plots\].*pip --python \.venv install"):
        figures_of(found)


def test_import_needs_no_matplotlib():
    code = "import sys, hhpu.validation, hhpu.cli; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("there", [True, False])
def test_command_writes_them_or_says_how(table, tmp_path, monkeypatch, capsys, there):
    from hhpu.cli import main

    table.to_csv(tmp_path / "offences.csv", index=False)
    if not there:
        monkeypatch.setitem(sys.modules, "matplotlib", None)
    asked = ["validate", tmp_path / "offences.csv", "--as-of", ORIGINS[0], "--follow-up", 365,
             "--index", "ons-css", "--window", 365, "--seed", 1, "--resamples", 100,
             "--outcome", "harm", "--out", tmp_path / "test.json"]  # fmt: skip
    assert main([str(each) for each in asked]) == 0
    drawn = {path.stem for path in (tmp_path / "test").glob("*.svg")}
    told = capsys.readouterr().err
    if there:
        assert drawn == {"capture", "lorenz", "differences", "rank-intervals"}
        assert "left out" not in told
    else:
        assert not drawn
        assert "Figures are left out" in told
        assert "hhpu[plots]" in told
