"""Which rule let each offence in, against a slow count over rows."""

import datetime as dt
from fractions import Fraction

import attrs
import forces
import numpy as np
import pandas as pd
import pytest

import hhpu
from hhpu.runs import read_run, run

AS_OF = dt.date(2025, 12, 31)
WORTH = {"A": 1000, "B": 250, "C": 10, "Z": 0}
INDEX = forces.index_of(forces.points(WORTH))
COLUMNS = ["rule", "group", "status", "offences", "people", "harm", "share", "shared"]


def rule(name, **parts):
    return hhpu.Rule(name=name, group=f"{name}-group", status="force", citation=("us",), **parts)


RULES = (
    rule("codes", codes=("A", "Z")),
    rule("domestic", flags=("domestic_abuse",)),
    rule("hate-a", flags=("hate",), codes=("A",)),
    rule("never", codes=("Q",)),
)


def definition(rules=RULES, **parts):
    return hhpu.HarmDefinition(
        name="ours", title="Ours", index=INDEX, rules=rules,
        citations=[hhpu.Citation(key="us", title="Us", note="Made up")], **parts,
    )  # fmt: skip


def table(seed, size=400):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "offender_id": rng.choice([f"P{i}" for i in range(40)], size),
            "offence_id": [f"C{i}" for i in range(size)],
            "code": rng.choice(["A", "B", "C", "Z", "unknown"], size),
            "committed_on": rng.choice(["2025-03-01", "2020-03-01"], size, p=[0.8, 0.2]),
            "status": rng.choice(["charged", "no-further-action", "acquitted"], size),
            "domestic_abuse": rng.choice([True, False], size),
            "hate": rng.choice([True, False], size),
        }
    )


def slowly(frame, rules, policy):
    """One row after another, in fractions; the whole of the harm counted once."""
    whole, lines = Fraction(0), {}
    for name in rules or {"": None}:
        lines[name] = {"offences": 0, "people": set(), "harm": Fraction(0), "shared": 0}
    for row in frame.to_dict("records"):
        if row["committed_on"] < "2024" or row["code"] not in WORTH or not policy[row["status"]]:
            continue
        fired = [name for name, lets_in in rules.items() if lets_in(row)] if rules else [""]
        harm = Fraction(WORTH[row["code"]], INDEX.scale) * Fraction(policy[row["status"]], 100)
        whole += harm if fired else 0
        for name in fired:
            line = lines[name]
            line["offences"] += 1
            line["people"].add(row["offender_id"])
            line["harm"] += harm
            line["shared"] += len(fired) > 1
    return whole, lines


LETS_IN = {
    "codes": lambda row: row["code"] in ("A", "Z"),
    "domestic": lambda row: row["domestic_abuse"],
    "hate-a": lambda row: row["hate"] and row["code"] == "A",
    "never": lambda _: False,
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("with_rules", [True, False])
def test_equals_a_slow_count(seed, with_rules):
    frame = table(seed)
    policy = {"charged": 100, "no-further-action": 25, "acquitted": 0}
    ours = definition(
        rules=RULES if with_rules else (), window=400, status_policy={"no-further-action": 25}
    )
    found = hhpu.rank(hhpu.encode(frame), as_of=AS_OF, definition=ours).scores.by_rule()
    whole, expected = slowly(frame, LETS_IN if with_rules else {}, policy)
    assert list(found.columns) == COLUMNS
    assert found["rule"].tolist() == list(expected)
    for line in found.to_dict("records"):
        wanted = expected[line["rule"]]
        assert line["offences"] == wanted["offences"]
        assert line["people"] == len(wanted["people"])
        assert line["shared"] == wanted["shared"]
        assert Fraction(line["harm"]) == wanted["harm"]
        assert line["share"] == pytest.approx(float(wanted["harm"] / whole))
    if with_rules:
        assert found["shared"].sum() > 0
        assert found["group"].tolist() == [f"{name}-group" for name in expected]
        assert set(found["status"]) == {"force"}
        assert found["offences"].tolist()[-1] == 0


def test_nobody_ranked_gives_zeros():
    frame = table(1).assign(code="C", domestic_abuse=False, hate=False)
    found = hhpu.rank(hhpu.encode(frame), as_of=AS_OF, definition=definition()).scores.by_rule()
    assert found[["offences", "people", "shared"]].to_numpy().sum() == 0
    assert found["harm"].tolist() == ["0"] * 4
    assert found["share"].tolist() == [0.0] * 4


def test_counts_offences_under_the_count_method():
    frame = table(2)
    ranking = hhpu.rank(
        hhpu.encode(frame), as_of=AS_OF, definition=definition(), method=hhpu.OffenceCount()
    )
    found = ranking.scores.by_rule()
    assert found["harm"].tolist() == [str(n) for n in found["offences"]]


RUN = """\
format = "hhpu run 1"
force = "Exampleshire"
[sources]
records = "versioned"
offences = "offences.csv"
[harm]
definition = "ours.toml"
index = "index"
[run]
bracket = 5
[outputs]
folder = "runs"
"""


def test_a_run_writes_it_and_says_which_flags_are_not_there(tmp_path):
    frame = table(3).drop(columns="hate")
    frame.to_csv(tmp_path / "offences.csv", index=False)
    hhpu.write_index(INDEX, tmp_path / "index")
    unbound = attrs.evolve(definition(), index=hhpu.IndexRef(name=INDEX.name))
    hhpu.write_definition(unbound, tmp_path / "ours.toml")
    (tmp_path / "run.toml").write_text(RUN, encoding="utf-8")
    done = run(read_run(tmp_path / "run.toml"), as_of=AS_OF)
    folder = done.write()
    written = pd.read_csv(folder / "rules.csv", dtype={"harm": "str"})
    expected = done.ranking.scores.by_rule()
    assert written["rule"].tolist() == expected["rule"].tolist()
    assert written["harm"].tolist() == expected["harm"].tolist()
    assert written["offences"].tolist()[2] == 0
    manifest = (folder / "manifest.json").read_text(encoding="utf-8")
    assert (
        "the input has no column 'hate', or nothing in it: rules that look at it, such as 'hate-a'"
        in manifest
    )
    assert "no column 'domestic_abuse'" not in manifest
