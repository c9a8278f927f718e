"""Test rankings of real, dated events: complaints against Chicago police officers, 2000-2016.

The data are not part of this project: see `rank_complaints.py`. People are ranked at two year ends
and followed for 730 days; methods are compared with each other and with baselines, by record date
and by the library's default convention. What is printed and written is aggregates: no row, no id,
no score of anybody, and small counts of groups are suppressed.

    python validate_complaints.py DATA_FOLDER [--out FOLDER] [--resamples 2000] [--seed 1]

It writes `validation.json`, and a file of Markdown for each table of the page about it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.util
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import pandas as pd

import hhpu
from hhpu.ranking import ExpectedHarm, OffenceCount, RecencyWeightedHarm, TotalHarm
from hhpu.validation import (
    FALLBACK,
    POOLED,
    Compared,
    Contender,
    Figures,
    Measured,
    Stability,
    Trial,
    Tuned,
    Validation,
    against_baseline,
    areas,
    association,
    at_capacity,
    backtest,
    baselines,
    clusters_of,
    figures,
    once,
    stability,
    tuned,
    validate,
)

ORIGINS = ("2008-12-31", "2012-12-31")
YEAR_ENDS = tuple(f"{year}-12-31" for year in range(2006, 2014))
WINDOW, FOLLOW_UP, LEVEL = 1826, 730, 0.95
TOP = ("1%", "5%", "10%")
LENGTHS = ("1%", "2%", "5%", "10%", "20%", "30%", "50%")
FORTNIGHTS = {
    year: [day.date() for day in pd.date_range(first, f"{year}-12-31", freq="14D")]
    for year, first in ((2008, "2008-01-07"), (2012, "2012-01-02"))
}
NAMES = {"offender_id": "person_id"}
RIVALS = (TotalHarm(), OffenceCount(), RecencyWeightedHarm(half_life=365))
Rows = list[list[str]]


def index_of(weights: Path, folder: Path) -> hhpu.HarmIndex:
    """Make the index as the other script does."""
    path = Path(__file__).with_name("rank_complaints.py")
    spec = importlib.util.spec_from_file_location("rank_complaints", path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return hhpu.read_index(script.write_index_folder(weights, folder))


# The table that an independent script made


def measured(trial: Trial, history_rows: int) -> dict[str, Any]:
    """Give the figures of the reference table at one origin, by method."""
    harm, count = trial.outcome("harm"), trial.outcome("count")
    area = areas(dict(trial.scores), trial.outcome("any"))
    auc = dict(zip(area.names, area(once(len(trial)))[0].tolist(), strict=True))
    found: dict[str, Any] = {
        "people": len(trial),
        "history_rows": history_rows,
        "outcome_rows": int(count.sum()),
        "base_rate": float(trial.outcome("any").mean()),
        "best": {
            at: each.best for at, each in zip(TOP, at_capacity(harm, harm, at=TOP), strict=True)
        },
        "methods": {},
    }
    for label, scores in trial.scores.items():
        by_harm = association(scores, harm, figures=["spearman", "tau_b"])(once(len(trial)))[0]
        by_count = association(scores, count, figures=["spearman"])(once(len(trial)))[0]
        found["methods"][label] = {
            "spearman_harm": float(by_harm[0]),
            "spearman_count": float(by_count[0]),
            "tau_b_harm": float(by_harm[1]),
            "auc_any": auc[label],
            "captured": {
                at: each.captured.expected
                for at, each in zip(TOP, at_capacity(scores, harm, at=TOP), strict=True)
            },
        }
    return found


def reference(ledgers: dict[str, hhpu.Ledger], index: hhpu.HarmIndex) -> dict[str, Any]:
    """Give the figures of the reference table, by convention and origin."""
    made: dict[str, Any] = {}
    for date, ledger in ledgers.items():
        tested = backtest(
            ledger, origins=ORIGINS, follow_up=FOLLOW_UP, window=WINDOW, index=index,
            contenders=[*RIVALS, FALLBACK],
        )  # fmt: skip
        made[date] = {
            str(trial.date): measured(trial, int(trial.offences.sum())) for trial in tested.trials
        }
    return made


def reference_table(found: dict[str, Any]) -> Rows:
    """Lay the reference table out."""
    rows = [
        ["placed by", "as of", "method", "n", "base rate", "Spearman harm", "Spearman count",
         "tau-b harm", "AUC any", *(f"captured {at}" for at in TOP)],
    ]  # fmt: skip
    for date, origins in found.items():
        for origin, held in origins.items():
            for label, each in held["methods"].items():
                rows.append(
                    [f"`{date}`", origin, label, f"{held['people']:,}", f"{held['base_rate']:.4f}",
                     *(f"{each[k]:.4f}" for k in ("spearman_harm", "spearman_count", "tau_b_harm",
                                                  "auc_any")),
                     *(f"{each['captured'][at]:.4f}" for at in TOP)]
                )  # fmt: skip
            best = [f"{held['best'][at]:.4f}" for at in TOP]
            rows.append([f"`{date}`", origin, "best possible", *[""] * 6, *best])
    return rows


# What a validation says, as tables


def told(value: float, low: float, high: float, form: str) -> str:
    """Give a figure with its interval."""
    return f"{value:{form}} [{low:{form}}, {high:{form}}]"


def figure_table(found: Figures, origins: Sequence[str], labels: Sequence[str]) -> Rows:
    """Give each contender's figures with intervals."""
    kinds = [("spearman", "harm", "", ".3f"), ("auc", "any", "", ".3f"),
             *(("captured", "harm", at, ".1%") for at in TOP),
             ("of_best", "harm", "10%", ".0%")]  # fmt: skip
    rows = [["as of", "contender", "Spearman harm", "AUC any",
             *(f"captured {at}" for at in TOP), "of the best, 10%"]]  # fmt: skip
    for origin in origins:
        for label in labels:
            cells = []
            for figure, outcome, at, form in kinds:
                line = found.find(
                    origin=origin, contender=label, outcome=outcome, figure=figure, at=at
                )
                if line.empty:
                    cells.append("")
                    continue
                held = line.iloc[0]
                cells.append(told(held["value"], held["low"], held["high"], form))
            rows.append([origin, label, *cells])
    return rows


def difference_table(found: Figures, origins: Sequence[str], kinds: Iterable[Any]) -> Rows:
    """Give the paired differences of the first contender from the others."""
    rows = [["as of", "less", "figure", "difference", "p (Holm)", "in words"]]
    for origin in origins:
        for (figure, outcome, at, form, name), other in (
            (kind, each.name) for kind in kinds for each in RIVALS
        ):
            held = found.difference(
                origin=origin, against=other, outcome=outcome, figure=figure, at=at
            ).iloc[0]
            words = told_against(other, held)
            rows.append(
                [origin, other, name, told(held["difference"], held["low"], held["high"], form),
                 f"{held['p_holm']:.3f}", words]
            )  # fmt: skip
    return rows


def told_against(name: str, line: pd.Series) -> str:
    """Say it in the library's words, no more than the adjusted p-value bears."""
    held = Measured(float(line["difference"]), float(line["low"]), float(line["high"]))
    if line["p_holm"] >= 1 - LEVEL and held.low > 0:
        held = attrs.evolve(held, low=0.0)
    return against_baseline(Compared(name, held))


KINDS = (
    ("spearman", "harm", "", "+.3f", "Spearman harm"),
    ("auc", "any", "", "+.3f", "AUC any"),
    ("captured", "harm", "5%", "+.3f", "captured 5%"),
    ("captured", "harm", "10%", "+.3f", "captured 10%"),
)


def origin_table(found: dict[str, Figures]) -> Rows:
    """Say what each test rests on."""
    keys = (
        ("people", "people ranked", ",.0f"),
        ("offences", "complaints in the history", ",.0f"),
        ("with_outcome", "people with a later complaint", ",.0f"),
        ("base_rate", "base rate", ".4f"),
        ("later_offences", "later complaints of people ranked", ",.0f"),
        ("later_harm", "their harm, days", ",.2f"),
        ("unranked_people", "other people with a later complaint", ",.0f"),
        ("unranked_offences", "their complaints", ",.0f"),
        ("unranked_harm", "their harm, days", ",.2f"),
        ("late_people", "people with a late-recorded complaint", ",.0f"),
        ("late_offences", "late-recorded complaints: history, and no outcome", ",.0f"),
    )
    lines = [
        (f"{line['origin']}, by `{date}`", line)
        for date, held in found.items()
        for line in held.origins.to_dict("records")
    ]
    return [
        ["", *(head for head, _ in lines)],
        *([name, *(f"{line[key]:{form}}" for _, line in lines)] for key, name, form in keys),
    ]


def tuning_table(found: Tuned) -> Rows:
    """Give every variant that was tried."""
    table = found.tried.pivot_table(index="half_life", columns="prior", values="capture")
    rows = [["half-life, days", *(f"prior {prior}" for prior in table.columns)]]
    for half_life, line in table.iterrows():
        cells = [f"{value:.4f}" for value in line]
        if half_life == found.method.half_life:
            at = [int(prior) for prior in table.columns].index(found.method.prior)
            cells[at] = f"**{cells[at]}**"
        rows.append([f"{half_life:,}", *cells])
    return rows


def curves(found: Validation) -> dict[str, Any]:
    """Give the captured share at several lengths of the list, by origin and contender."""
    made: dict[str, Any] = {}
    for trial in found.backtest.trials:
        harm = trial.outcome("harm")
        lines = {
            label: [each.captured.expected for each in at_capacity(scores, harm, at=LENGTHS)]
            for label, scores in trial.scores.items()
        }
        lines["best possible"] = [each.best for each in at_capacity(harm, harm, at=LENGTHS)]
        made[str(trial.date)] = lines
    return made


def curve_table(found: dict[str, Any]) -> Rows:
    """Lay the capture curves out."""
    rows = [["as of", "contender", *(f"first {at}" for at in LENGTHS)]]
    for origin, lines in found.items():
        rows += [[origin, label, *(f"{v:.1%}" for v in line)] for label, line in lines.items()]
    return rows


def chance_table(found: pd.DataFrame) -> Rows:
    """Set concentration beside chance."""
    kept = found[found["figure"].isin(["gini", "held by the top 10%"])]
    return [
        ["of", "null", "figure", "observed", "under chance", "difference"],
        *(
            [line["of"], line["null"], line["figure"], f"{line['observed']:.3f}",
             told(line["expected"], line["low"], line["high"], ".3f"),
             told(line["difference"], line["difference_low"], line["difference_high"], "+.3f")]
            for line in kept.to_dict("records")
        ),
    ]  # fmt: skip


def certainty_table(found: pd.DataFrame) -> Rows:
    """Say how sure the places of the plain sum are."""
    counts = ("seats", "sure", "likely", "doubtful")
    return [
        ["as of", "capacity", "people", "0.9 or more", "0.5 to 0.9", "under 0.5",
         "mean probability"],
        *(
            [line["origin"], line["at"], *(f"{line[k]:,}" for k in counts),
             f"{line['mean_probability']:.2f}"]
            for line in found.to_dict("records")
        ),
    ]  # fmt: skip


def stability_table(found: dict[str, Stability]) -> Rows:
    """Set stability beside the overlap-adjusted figure."""
    rows = [["fortnights of", "window, days", "bracket", "comparison", "pairs", "window shared",
             "retention", "Jaccard", "rank-biased overlap", "tau-b"]]  # fmt: skip
    for name, each in found.items():
        for line in each.summary().to_dict("records"):
            cells = [
                span(line["retention_low"], line["retention_high"]),
                span(line["jaccard_low"], line["jaccard_high"]),
                span(line["rbo_low"], line["rbo_high"]),
                "none" if pd.isna(line["tau_b"]) else f"{line['tau_b']:.3f}",
            ]
            shared = "" if pd.isna(line["window_shared"]) else f"{line['window_shared']:.1%}"
            rows.append(
                [name.split()[0], f"{each.window:,}", str(each.k), line["comparison"],
                 str(line["pairs"] - line["undefined"]), shared, *cells]
            )  # fmt: skip
    return rows


def span(low: float, high: float) -> str:
    """Give the least and the most over the orders of ties."""
    if math.isnan(low):
        return "none"
    ends = dict.fromkeys((f"{low:.3f}", f"{high:.3f}"))
    return " to ".join(ends)


def fairness_table(found: Validation, at: str) -> Rows:
    """Give the figures of recorded race and of sex at one capacity."""
    counts = ("people", "inside", "happened", "inside and happened")
    shares = ("selection rate", "exposure", "base rate", "false positive rate",
              "false negative rate", "precision", "harm captured")  # fmt: skip
    rows = [["as of", "group", "people", "inside", "with a later complaint", "both", *shares]]
    for origin in ORIGINS:
        table = found.fairness[f"{origin} at {at}"]
        table = table[(table["how"] == "value") & ~table["group"].str.contains(", ")]
        for group, lines in table.groupby("group", sort=False):
            held = {line["figure"]: line for line in lines.to_dict("records")}
            cells = [shown(held[name], ",.0f") for name in counts]
            if set(cells) == {"0"}:
                continue
            hidden = cells[0] == "suppressed"
            cells += [shown(held[name], ".3f") for name in shares]
            if hidden:
                cells = ["suppressed"] * len(cells)
            rows.append([origin, str(group), *cells])
    return rows


def gap_table(found: Validation, at: str) -> Rows:
    """Give the differences between groups at one capacity."""
    rows = [["as of", "group", "less", "figure", "difference", "ratio"]]
    for origin in ORIGINS:
        table = found.fairness[f"{origin} at {at}"]
        table = table[~table["group"].str.contains(", ")]
        people = table[table["figure"] == "people"].set_index("group")["value"]
        apart = table[table["how"] == "difference"].to_dict("records")
        ratio = {
            (line["figure"], line["group"]): line
            for line in table[table["how"] == "ratio"].to_dict("records")
        }
        for line in apart:
            if pd.isna(people[line["group"]]) or pd.isna(line["value"]):
                continue
            beside = ratio[line["figure"], line["group"]]
            rows.append(
                [origin, line["group"], line["against"], line["figure"], shown(line, "+.3f"),
                 shown(beside, ".2f")]
            )  # fmt: skip
    return rows


def shown(line: Mapping[Any, Any], form: str) -> str:
    """Give a cell, or why there is none."""
    if pd.isna(line["value"]):
        return str(line["why"])
    if pd.isna(line["low"]):
        return f"{line['value']:{form}}"
    return told(line["value"], line["low"], line["high"], form)


# Incidents


def incidents(
    found: Validation, data: Path, ledger: hhpu.Ledger, options: dict[str, Any]
) -> dict[str, Any]:
    """Draw whole incidents instead of people, for the outcomes that they share."""
    rows = pd.read_csv(data / "offences.csv.gz", dtype="str")
    whole = clusters_of(ledger, rows, by="incident_id", columns=NAMES)
    made: dict[str, Any] = {"whole_file": sizes(whole)}
    method = found.backtest.contenders[0]
    for origin in ORIGINS:
        end = dt.date.fromisoformat(origin) + dt.timedelta(days=FOLLOW_UP)
        inside = (rows["recorded_on"] > origin) & (rows["recorded_on"] <= end.isoformat())
        later = rows[inside]
        several = later.groupby("incident_id")["person_id"].transform("nunique") > 1
        clusters = clusters_of(ledger, later, by="incident_id", columns=NAMES)
        tested = backtest(
            ledger, origins=[origin], follow_up=FOLLOW_UP, window=WINDOW,
            definition=found.backtest.definition, contenders=[method, *RIVALS],
        )  # fmt: skip
        drawn = {
            word: figures(
                tested, outcomes=["harm"], top=TOP, against=[each.name for each in RIVALS],
                clusters=held, resampled=word, **options,
            )
            for word, held in (("people", None), ("incidents", clusters))
        }  # fmt: skip
        made[origin] = {
            "rows_with_several_people": float(several.mean()),
            "people": sizes(clusters[tested.trials[0].people]),
            "figures": drawn,
        }
    return made


def sizes(clusters: Any) -> dict[str, int]:
    """Say how many clusters there are, and how large the largest is."""
    counts = pd.Series(clusters).value_counts()
    return {"people": len(clusters), "clusters": len(counts), "largest": int(counts.iloc[0])}


def incident_table(found: dict[str, Any], method: str) -> Rows:
    """Set the intervals over incidents beside those over people."""
    rows = [["as of", "drawn", "clusters", "largest", "Spearman harm", "captured 10%",
             *(f"captured 10% less {each.name}" for each in RIVALS)]]  # fmt: skip
    for origin in ORIGINS:
        held = found[origin]
        for word, each in held["figures"].items():
            place = {"origin": origin, "contender": method, "outcome": "harm"}
            cells = []
            for figure, at, form in (("spearman", "", ".3f"), ("captured", "10%", ".1%")):
                line = each.find(**place, figure=figure, at=at).iloc[0]
                cells.append(told(line["value"], line["low"], line["high"], form))
            for other in RIVALS:
                line = each.difference(
                    **place, against=other.name, figure="captured", at="10%"
                ).iloc[0]
                cells.append(told(line["difference"], line["low"], line["high"], "+.3f"))
            clusters = held["people"]
            shape = ("", "") if word == "people" else (
                f"{clusters['clusters']:,}", f"{clusters['largest']:,}")  # fmt: skip
            rows.append([origin, word, *shape, *cells])
    return rows


# The mean over year ends


def year_ends(
    ledger: hhpu.Ledger, index: hhpu.HarmIndex, options: dict[str, Any]
) -> tuple[Tuned, Figures]:
    """Compare over eight year ends, with parameters tuned before the first and with fixed ones."""
    common: dict[str, Any] = {"follow_up": FOLLOW_UP, "window": WINDOW, "index": index}
    found = tuned(ledger, until=YEAR_ENDS[0], **common)
    tested = backtest(
        ledger, origins=YEAR_ENDS, **common,
        contenders=[
            Contender(found.method, name="tuned"), Contender(FALLBACK, name="fixed"), *RIVALS,
        ],
    )  # fmt: skip
    return found, figures(
        tested, outcomes=["harm"], top=["5%", "10%"], against=[each.name for each in RIVALS],
        **options,
    )  # fmt: skip


def year_table(found: Figures, methods: dict[str, ExpectedHarm]) -> Rows:
    """Give the paired differences of the mean over the year ends."""
    return [
        ["parameters", "less", "captured 5%", "captured 10%"],
        *(
            [parameters(method), other.name,
             *(less(found, POOLED, label, other.name, at) for at in ("5%", "10%"))]
            for label, method in methods.items()
            for other in RIVALS
        ),
    ]  # fmt: skip


def each_year_table(found: Figures) -> Rows:
    """Give the differences at 10% of each year end, with tuned parameters."""
    people = dict(zip(found.origins["origin"], found.origins["people"], strict=True))
    return [
        ["as of", "people", *(f"less {other.name}" for other in RIVALS)],
        *(
            [year, f"{people[year]:,}",
             *(less(found, year, "tuned", other.name, "10%") for other in RIVALS)]
            for year in YEAR_ENDS
        ),
    ]  # fmt: skip


def less(found: Figures, origin: str, label: str, other: str, at: str) -> str:
    """Give one paired difference of captured harm."""
    line = found.difference(
        origin=origin, contender=label, against=other, figure="captured", at=at
    ).iloc[0]
    return told(line["difference"], line["low"], line["high"], "+.3f")


def parameters(method: ExpectedHarm) -> str:
    """Name the parameters."""
    return f"{method.half_life} days, prior {method.prior}"


# All of it


def markdown(rows: Rows) -> str:
    """Lay rows out as a Markdown table."""
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def run(data: Path, out: Path, resamples: int, seed: int) -> tuple[dict[str, Any], dict[str, str]]:
    """Make every figure: what is written as JSON, and the tables of the page."""
    index = index_of(data / "weights.csv", out / "chicago-suspension")
    ledgers = {
        date: hhpu.encode(data / "offences.csv.gz", columns=NAMES, date=date)
        for date in ("recorded_on", "committed_on")
    }
    ledger = ledgers["recorded_on"]
    options: dict[str, Any] = {"resamples": resamples, "seed": seed}
    people = pd.read_csv(data / "people.csv.gz", dtype="str")
    groups = people.rename(columns={"person_id": "offender_id"})[["offender_id", "race", "sex"]]
    others = [each for each in baselines(FOLLOW_UP) if each.label != "offence-count"]
    against: list[Any] = [*RIVALS, *others]
    common: dict[str, Any] = {
        "origins": ORIGINS, "follow_up": FOLLOW_UP, "window": WINDOW, "index": index, "top": TOP,
    }  # fmt: skip

    known = reference(ledgers, index)
    found = validate(
        ledger, method="expected-harm", against=against, groups=groups, **common, **options
    )
    default = validate(
        ledgers["committed_on"], method="expected-harm", against=against,
        outcomes=["harm", "any"], **common, **options,
    )  # fmt: skip
    plain = validate(
        ledger, method=TotalHarm(), against=[OffenceCount()], outcomes=["harm"], resamples=100,
        seed=seed, **common,
    )  # fmt: skip
    steady = {
        f"{year} {window} {k}": stability(
            ledger, origins=FORTNIGHTS[year], k=k, window=window, index=index
        )
        for year, window in ((2012, WINDOW), (2012, FOLLOW_UP), (2008, WINDOW))
        for k in ("1%", "10%")
    }
    shared = incidents(found, data, ledger, options)
    year_tuned, years = year_ends(ledger, index, options)
    curved = curves(found)
    assert found.tuned is not None
    assert default.tuned is not None
    method = found.backtest.contenders[0].label
    labels = [each.label for each in found.backtest.contenders]
    both = {"recorded_on": found, "committed_on": default}
    blocks = {
        "reference": markdown(reference_table(known)),
        "origins": markdown(origin_table({date: v.figures for date, v in both.items()})),
        "tuning": markdown(tuning_table(found.tuned)),
        "figures": markdown(figure_table(found.figures, ORIGINS, labels)),
        "differences": markdown(difference_table(found.figures, ORIGINS, KINDS)),
        "default": markdown(difference_table(default.figures, ORIGINS, KINDS)),
        "statements": "".join(f"> {line}\n>\n" for line in found.statements[:-3]).removesuffix(
            ">\n"
        ),
        "years": markdown(year_table(years, {"tuned": year_tuned.method, "fixed": FALLBACK})),
        "each-year": markdown(each_year_table(years)),
        "curves": markdown(curve_table(curved)),
        "chance": markdown(chance_table(found.chance)),
        "certainty": markdown(certainty_table(plain.certainty)),
        "stability": markdown(stability_table(steady)),
        "fairness": markdown(fairness_table(found, "10%")),
        "gaps": markdown(gap_table(found, "10%")),
        "incidents": markdown(incident_table(shared, method)),
    }
    facts = {
        "resamples": resamples,
        "seed": seed,
        "reference": known,
        "by_record_date": found.to_dict(),
        "by_default_convention": default.to_dict(),
        "certainty": plain.certainty.to_dict("records"),
        "stability": {name: each.to_dict() for name, each in steady.items()},
        "curves": {"lengths": LENGTHS, "captured": curved},
        "incidents": {
            "whole_file": shared["whole_file"],
            **{
                origin: {
                    **{k: v for k, v in shared[origin].items() if k != "figures"},
                    **{word: each.to_dict() for word, each in shared[origin]["figures"].items()},
                }
                for origin in ORIGINS
            },
        },
        "year_ends": {"tuning": year_tuned.to_dict(), **years.to_dict()},
    }
    return facts, blocks


def main(arguments: list[str] | None = None) -> int:
    """Run the example."""
    parser = argparse.ArgumentParser(description="Test rankings of the Chicago complaints.")
    parser.add_argument("data", type=Path, metavar="DATA_FOLDER")
    parser.add_argument("--out", type=Path, default=Path("chicago-validation"), metavar="FOLDER")
    parser.add_argument("--resamples", type=int, default=2_000, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    asked = parser.parse_args(arguments)
    facts, blocks = run(asked.data, asked.out, asked.resamples, asked.seed)
    (asked.out / "validation.json").write_text(
        json.dumps(facts, indent=1, default=str) + "\n", encoding="utf-8"
    )
    for name, text in blocks.items():
        (asked.out / f"{name}.md").write_text(text, encoding="utf-8")
        sys.stdout.write(f"\n{name}\n\n{text}")
    sys.stdout.write(f"\nwritten to {asked.out}: validation.json and {len(blocks)} tables\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
