"""The Chicago validation, where the data are present.

The script is run with few draws, and the page's figures are compared without their intervals; with
``HHPU_CHICAGO_DRAWS=2000``, as the page was made, every character is compared.
"""

import importlib.util
import json
import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples" / "chicago" / "validate_complaints.py"
PAGE = ROOT / "docs" / "explanation" / "chicago-validation.md"
DATA = Path(os.environ.get("HHPU_CHICAGO", ROOT.parent / "shared" / "data" / "chicago_complaints"))
FULL = 2_000
DRAWS = int(os.environ.get("HHPU_CHICAGO_DRAWS", "200"))

# Made by a script that shares no code with the package, by record date: n and base rate; then
# Spearman with harm and with count, tau-b with harm, AUC of any, captured at 1%, 5% and 10%.
KNOWN = {
    "2008-12-31": (5296, ".5304", {
        "total-harm": ".3390 .3358 .2514 .6533 .0415 .1674 .2740",
        "offence-count": ".3758 .3804 .2978 .6737 .0433 .1712 .2815",
        "recency-weighted": ".4246 .4288 .3147 .7087 .0526 .1815 .2930",
        "expected-harm": ".4474 .4587 .3320 .7250 .0597 .1928 .3067",
    }, ".1113 .3397 .5204"),
    "2012-12-31": (4822, ".4370", {
        "total-harm": ".3722 .3592 .2821 .6843 .0455 .1704 .2822",
        "offence-count": ".3849 .3788 .3099 .6924 .0491 .1756 .2857",
        "recency-weighted": ".4137 .4047 .3117 .7121 .0516 .1811 .2956",
        "expected-harm": ".4261 .4238 .3208 .7241 .0595 .1906 .2974",
    }, ".1121 .3690 .5616"),
}  # fmt: skip
# By commission date: n, history and outcome rows, base rate, Spearman with harm of sum and count.
DEFAULT = {
    "2008-12-31": (5226, 19_581, 6_651, ".5115", ".3270", ".3652"),
    "2012-12-31": (4705, 17_715, 3_855, ".4253", ".3506", ".3651"),
}
# Mean over the year ends 2006 to 2013, 365 days and prior 20, captured: at 5% and 10%.
YEARS = {"total-harm": ("+.024", "+.029"), "offence-count": ("+.019", "+.021")}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    if not (DATA / "offences.csv.gz").is_file():
        pytest.skip("the Chicago complaints are not here: set HHPU_CHICAGO to their folder")
    spec = importlib.util.spec_from_file_location("validate_complaints", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    out = tmp_path_factory.mktemp("chicago")
    assert script.main([str(DATA), "--out", str(out), "--resamples", str(DRAWS)]) == 0
    return out


@pytest.fixture(scope="module")
def facts(results):
    return json.loads((results / "validation.json").read_text(encoding="utf-8"))


def _printed(value):
    return f"{value:.4f}".removeprefix("0")


@pytest.mark.parametrize("origin", KNOWN)
def test_the_known_figures_by_record_date_to_the_printed_digits(facts, origin):
    people, base, methods, best = KNOWN[origin]
    found = facts["reference"]["recorded_on"][origin]
    assert (found["people"], _printed(found["base_rate"])) == (people, base)
    assert " ".join(_printed(found["best"][at]) for at in ("1%", "5%", "10%")) == best
    for name, line in methods.items():
        held = found["methods"][name]
        values = [held[key] for key in ("spearman_harm", "spearman_count", "tau_b_harm", "auc_any")]
        values += [held["captured"][at] for at in ("1%", "5%", "10%")]
        assert " ".join(map(_printed, values)) == line, name


@pytest.mark.parametrize("origin", DEFAULT)
def test_the_known_figures_by_commission_date_to_the_printed_digits(facts, origin):
    found = facts["reference"]["committed_on"][origin]
    spearman = [
        _printed(found["methods"][name]["spearman_harm"])
        for name in ("total-harm", "offence-count")
    ]
    counts = (found["people"], found["history_rows"], found["outcome_rows"])
    assert (*counts, _printed(found["base_rate"]), *spearman) == DEFAULT[origin]


def test_the_known_mean_over_year_ends_with_fixed_parameters(facts):
    found = {
        (line["against"], line["at"]): line["difference"]
        for line in facts["year_ends"]["differences"]
        if line["origin"] == "mean over origins"
        and line["contender"] == "fixed"
        and line["figure"] == "captured"
    }
    for name, (at_5, at_10) in YEARS.items():
        assert found[name, "5%"] == pytest.approx(float(at_5), abs=6e-4)
        assert found[name, "10%"] == pytest.approx(float(at_10), abs=6e-4)


def test_nothing_after_the_first_year_end_had_a_part_in_its_parameters(facts):
    tuning = facts["year_ends"]["tuning"]
    assert tuning["until"] == "2006-12-31"
    assert tuning["origins"] == ["2004-12-31"]
    assert len(tuning["tried"]) == 48


def _plain(name, text):
    if DRAWS == FULL:
        return text
    text = re.sub(r" \[[^\]]*\]", "", text)
    if name in ("differences", "default"):
        text = re.sub(r"( \|[^|\n]*){3}$", "", text, flags=re.MULTILINE)
    if name == "statements":
        text = re.sub(r"that followed: .*", "", text)
    return text


def test_the_page_shows_these_figures(results):
    page = PAGE.read_text(encoding="utf-8")
    names = [path.stem for path in results.glob("*.md")]
    assert sorted(names) == sorted(re.findall(r"^<!-- ([a-z]\S*) -->$", page, re.MULTILINE))
    for name in names:
        shown = page.split(f"<!-- {name} -->\n")[1].split(f"<!-- /{name} -->")[0]
        made = (results / f"{name}.md").read_text(encoding="utf-8")
        assert _plain(name, shown) == _plain(name, made), name


def test_nobody_is_named_in_what_is_written(results):
    for path in results.rglob("*"):
        if path.is_file():
            assert not re.search(r"CPD[O0-9]", path.read_text(encoding="utf-8")), path.name
    assert not re.search(r"CPD[O0-9]", PAGE.read_text(encoding="utf-8"))


def test_a_group_whose_size_is_hidden_shows_nothing(results):
    for line in (results / "fairness.md").read_text(encoding="utf-8").splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")][2:]
        assert cells[0] != "suppressed" or set(cells) == {"suppressed"}, cells
