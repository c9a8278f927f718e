"""Play a year of fortnightly runs on a synthetic force, and check that every movement adds up.

Nobody in the force exists. Each fortnight the script writes a full extract, as a records system
that overwrites would export it, makes the declared run, and adds the files up again with fractions:
for each person of ``why.csv`` the changes of score must be exactly the difference of the two
rankings, the changes of rank the difference of the ranks; and over everybody ``movement.csv`` must
be exactly the difference of all scores. It ends with 1 at the first run that does not add up.

    python year_of_runs.py FOLDER [--people N] [--seed N] [--runs N]
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

from hhpu.runs import example_run_file, read_run, run
from hhpu.simulate import synthetic_world

DECLARED = {
    "": {"name": "A year of runs"},
    "sources": {name: f"extracts/{{as_of}}/{name}.csv" for name in ("people", "spells")},
    "harm": {"index": "ons-css", "window": 730},
    "thresholds": {"most_fall_in_rows": 0.1, "least_rows_same": 0.5},
    "run": {"bracket": 50},
}


def read(path: Path) -> list[dict[str, str]]:
    """Read a CSV file of a run."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def faults_of(folder: Path, before: Path) -> list[str]:
    """What does not add up between two runs, from their files alone."""
    last, now = (
        {line["offender_id"]: (Fraction(line["score"]), int(line["rank"])) for line in table}
        for table in (read(before / "ranking.csv"), read(folder / "ranking.csv"))
    )
    scores: defaultdict[str, Fraction] = defaultdict(Fraction)
    ranks: defaultdict[str, int] = defaultdict(int)
    for line in read(folder / "why.csv"):
        scores[line["offender_id"]] += Fraction(line["score_change"])
        ranks[line["offender_id"]] += int(line["rank_change"])
    people = {line["offender_id"] for name in ("bracket.csv", "left.csv")
              for line in read(folder / name)}  # fmt: skip
    unranked = ((Fraction(0), len(last) + 1), (Fraction(0), len(now) + 1))
    faults = []
    for person in people | set(scores):
        (score_before, rank_before), (score_now, rank_now) = (
            last.get(person, unranked[0]), now.get(person, unranked[1]),
        )  # fmt: skip
        if scores[person] != score_now - score_before:
            faults.append("the changes of a person's score are not its difference")
        if ranks[person] != rank_now - rank_before:
            faults.append("the changes of a person's rank are not its difference")
    told = sum((Fraction(line["score_change"]) for line in read(folder / "movement.csv")),
               Fraction(0))  # fmt: skip
    if told != sum((s for s, _ in now.values()), Fraction(0)) - sum(s for s, _ in last.values()):
        faults.append("movement.csv is not the difference of all scores")
    return faults


def main(arguments: list[str] | None = None) -> int:
    """Run the example."""
    parser = argparse.ArgumentParser(description="Play a year of runs on a synthetic force.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder")
    parser.add_argument("--people", type=int, default=2_000, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--runs", type=int, default=26, metavar="N")
    options = parser.parse_args(arguments)
    base: Path = options.folder
    if base.exists():
        parser.error(f"{base} is there already: name a new folder")
    base.mkdir(parents=True)
    (base / "run.toml").write_text(example_run_file(DECLARED), encoding="utf-8")
    declaration = read_run(base / "run.toml")
    world = synthetic_world(options.people, seed=options.seed)
    before = None
    for extract in world.extracts(count=options.runs, every=14):
        extract.write(base / "extracts" / extract.day.isoformat())
        done = run(declaration, as_of=extract.day)
        folder = done.write()
        told = "first run"
        if before is not None and done.movement is not None:
            if faults := faults_of(folder, before):
                print(f"{extract.day}: " + "; ".join(sorted(set(faults))))
                return 1
            counts = done.movement.to_dict()
            causes = ", ".join(f"{name} {c['people']}" for name, c in counts["causes"].items())
            told = (
                f"{counts['enters']} enter, {counts['leaves']} leave; "
                f"{len(read(folder / 'to-assess.csv'))} to assess; people by cause: {causes}"
            )
        print(f"{extract.day}: {len(done.ranking)} ranked; {told}")
        before = folder
    print(f"Every movement adds up exactly. Written: {declaration.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
