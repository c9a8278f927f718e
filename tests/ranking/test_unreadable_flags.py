"""Flags and victims' ages in words that are not understood: counted, and alarmed about."""

import attrs
import pandas as pd
import pytest

import hhpu
from hhpu.runs import read_run, run

REGISTRY = hhpu.load_registry(plugins="none")
DEFINITION = attrs.evolve(
    REGISTRY.definition("high-harm-groups", index=REGISTRY.index("ons-css")), apart=frozenset()
)
DAYS = ("2025-03-01", "2025-03-15")
ALARM = "flag or victim's age that cannot be read, and are not scored"


def offences(flags, **columns):
    """Common assaults, which only a flag lets in, and one wounding, which its code lets in."""
    return pd.DataFrame(
        {
            "offender_id": [f"P{i}" for i in range(len(flags))],
            "offence_id": [f"O{i}" for i in range(len(flags))],
            "code": ["105A"] * (len(flags) - 1) + ["19C"],
            "committed_on": "2025-01-05",
            "recorded_on": "2025-01-05",
            "domestic_abuse": flags,
        }
        | columns
    )


def scored(table, day=DAYS[1]):
    return hhpu.rank(hhpu.encode(table), as_of=day, definition=DEFINITION).scores


@pytest.mark.parametrize(
    ("flags", "unread"),
    [(["Y", "N", "", "N"], 0), (["DV", "N", "", "DV"], 1), (["DV", "?", "dv", "N"], 3)],
)
def test_an_offence_that_an_unreadable_flag_might_let_in_is_not_scored_and_counted(flags, unread):
    scores = scored(offences(flags))
    coverage = scores.coverage()
    assert coverage["unreadable_flag_offences"] == coverage["unscored_offences"] == unread
    table = scores.unmapped()
    assert table["offences"][table["reason"] == "unreadable-flag"].sum() == unread
    assert any(ALARM in text for text in scores.alarms) == bool(unread)
    assert sum(scores.fate_counts().values()) == len(flags)
    assert scores.fate_counts()["counted"] == 1 + ("Y" in flags)
    assert not any("DV" in text for text in scores.provenance.caveats)


def test_a_flag_that_no_rule_looks_at_is_no_alarm():
    definition = attrs.evolve(
        DEFINITION, rules=tuple(r for r in DEFINITION.rules if "domestic_abuse" not in r.flags)
    )
    ledger = hhpu.encode(offences(["DV", "DV", "DV", "N"]))
    scores = hhpu.rank(ledger, as_of=DAYS[1], definition=definition).scores
    assert scores.alarms == ()
    assert scores.coverage()["unreadable_flag_offences"] == 0


def test_ages_with_their_unit_are_an_alarm_and_not_a_column_that_is_not_there():
    table = offences(["N"] * 3, victim_age=["34 yrs", "9 yrs", ""])
    rule = hhpu.Rule(
        name="child", group="child", status="force", flags=("child_victim",),
        citation=DEFINITION.rules[0].citation,
    )  # fmt: skip
    definition = attrs.evolve(DEFINITION, rules=(rule,))
    scores = hhpu.rank(hhpu.encode(table), as_of=DAYS[1], definition=definition).scores
    assert any(ALARM in text for text in scores.alarms)
    caveats = scores.provenance.caveats
    assert any(
        text.startswith("nothing in the column 'child_victim' could be read (or in victim_age")
        for text in caveats
    )
    assert not any("has no column 'child_victim'" in text for text in caveats)


def test_words_that_changed_are_the_cause_and_not_another_classification():
    first, second = (offences([word, "N", "N"]) for word in ("Y", "DV"))
    ledger = hhpu.encode(first).begin(day=DAYS[0], source="us")
    ledger = hhpu.Ledger.from_bytes(ledger.to_bytes(), name="kept").update(
        hhpu.encode(second), day=DAYS[1], source="us"
    )
    before, now = (hhpu.rank(ledger, as_of=day, definition=DEFINITION) for day in DAYS)
    causes = hhpu.movement(before, now, k="100%").causes
    own = causes[causes["cause"] != "others moved"]
    assert dict(zip(own["offender_id"], own["cause"], strict=True)) == {
        "P0": "status, role or flag not readable"
    }


RUN = """
format = "hhpu run 1"
force = "Exampleshire"
[sources]
records = "overwritten"
offences = "{as_of}.csv"
[harm]
index = "ons-css"
definition = "high-harm-groups"
[run]
bracket = 2
[thresholds]
most_fall_in_rows = 0.1
least_rows_same = 0
most_unscored = 0.25
[outputs]
folder = "runs"
"""


def test_most_unscored_refuses_words_that_changed(tmp_path):
    (tmp_path / "run.toml").write_text(RUN, encoding="utf-8")
    for day, word in zip(DAYS, ("Y", "DV"), strict=True):
        offences([word, word, "N"]).to_csv(tmp_path / f"{day}.csv", index=False)
    declaration = read_run(tmp_path / "run.toml")
    run(declaration, as_of=DAYS[0]).write()
    with pytest.raises(hhpu.InputRefused, match=r"66\.7% .*105A 2 \(unreadable-flag\).*\[values"):
        run(declaration, as_of=DAYS[1])


def test_a_run_whose_ledger_is_kept_tells_of_rounded_ids(tmp_path):
    (tmp_path / "run.toml").write_text(RUN, encoding="utf-8")
    table = offences(["Y"] * 60)
    table.loc[0, "offender_id"] = "1.00E+05"
    table.to_csv(tmp_path / f"{DAYS[0]}.csv", index=False)
    done = run(read_run(tmp_path / "run.toml"), as_of=DAYS[0])
    assert done.ranking.scores.alarms == ()
    (alarm,) = done.alarms
    assert alarm.startswith("Identifiers that a spreadsheet rounded (1.00E+05)")
    assert b"Identifiers that a spreadsheet rounded" in done.files()["report.html"]
