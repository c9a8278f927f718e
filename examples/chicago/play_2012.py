"""Play real events fortnight by fortnight: complaints against Chicago police officers in 2012.

The data are not part of this project: see `rank_complaints.py`. Every second Monday of 2012 is a
run on an extract of what was recorded by then, so nothing of the future can be in it; the finding
of a complaint has no date and is left out. The extracts and the runs lie in a folder that is
deleted at the end: what is printed and written is aggregates, never one person.

    python play_2012.py DATA_FOLDER [--out FOLDER]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from hhpu.runs import Run, example_run_file, read_run, run

DAYS = [day.date() for day in pd.date_range("2012-01-02", "2012-12-31", freq="14D")]
WINDOW = 1826
EXPECTED_AT_THE_END = (4822, 18512)
DECLARED = {
    "": {"force": "Chicago complaints", "name": "2012"},
    "sources": {"offences": "extracts/{as_of}.csv"},
    "reading": {"date": "recorded_on"},
    "harm": {"index": "chicago-suspension", "window": WINDOW},
    "run": {"bracket": "1%"},
    "thresholds": {"most_fall_in_rows": 0.0, "least_rows_same": 0.9},
}


def index_folder(weights: Path, folder: Path) -> Path:
    """Make the index folder as the other script does."""
    path = Path(__file__).with_name("rank_complaints.py")
    spec = importlib.util.spec_from_file_location("rank_complaints", path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    made: Path = script.write_index_folder(weights, folder)
    return made


def play(data: Path, base: Path) -> list[dict[str, Any]]:
    """Make every run, and give counts."""
    index_folder(data / "weights.csv", base / "chicago-suspension")
    text = example_run_file(DECLARED)
    mapping = '\n[columns.offences]\noffender_id = "person_id"\n'
    (base / "run.toml").write_text(text + mapping, encoding="utf-8")
    (base / "extracts").mkdir()
    declaration = read_run(base / "run.toml")
    columns = ["offence_id", "person_id", "committed_on", "recorded_on", "code"]
    rows = pd.read_csv(data / "offences.csv.gz", dtype="str")[columns]
    lines = []
    first = None
    for day in DAYS:
        known = rows[rows["recorded_on"] <= day.isoformat()]
        known.to_csv(base / "extracts" / f"{day}.csv", index=False)
        done = run(declaration, as_of=day)
        done.write()
        inside = bracket(done)
        first = inside if first is None else first
        lines.append(counts(done, len(known)) | {"of_the_first": len(first & inside)})
    found = (len(done.ranking), len(done.ranking.scores.rows))
    if found != EXPECTED_AT_THE_END:
        sys.exit(f"{day}: {found} people and history rows, not {EXPECTED_AT_THE_END}")
    return lines


def bracket(done: Run) -> frozenset[str]:
    """The people in the bracket of a run."""
    top = done.ranking.top(done.declaration.bracket)
    return frozenset(done.ranking.ids(top.above)) | frozenset(done.ranking.ids(top.tied))


def counts(done: Run, rows: int) -> dict[str, Any]:
    """What is said of a run: no person's anything."""
    top = done.ranking.top(done.declaration.bracket)
    line: dict[str, Any] = {
        "as_of": done.as_of.isoformat(),
        "rows": rows,
        "ranked": len(done.ranking),
        "seats": top.k,
        "in_the_bracket": len(top.above) + len(top.tied),
        "enters": None,
        "leaves": None,
        "causes": {},
    }
    if done.movement is not None:
        told = done.movement.to_dict()
        line |= {name: told[name] for name in ("enters", "leaves", "causes")}
    return line


def markdown(lines: list[dict[str, Any]]) -> str:
    """Lay the runs out as one table."""
    causes = sorted({name for line in lines for name in line["causes"]})
    head = ["as of", "rows", "people ranked", "in the top 1%", "enter", "leave"]
    head += ["of the first top 1%", *(f"{cause}: people (complaints)" for cause in causes)]
    table = [head, ["---", *["---:"] * (len(head) - 1)]]
    for line in lines:
        moved = (line["causes"].get(cause) for cause in causes)
        table.append(
            [
                line["as_of"], f"{line['rows']:,}", f"{line['ranked']:,}",
                str(line["in_the_bracket"]),
                *("" if line[name] is None else str(line[name]) for name in ("enters", "leaves")),
                str(line["of_the_first"]),
                *("" if each is None else f"{each['people']} ({each['offences']})"
                  for each in moved),
            ]
        )  # fmt: skip
    return "".join(f"| {' | '.join(row)} |\n" for row in table)


def main(arguments: list[str] | None = None) -> int:
    """Run the example."""
    parser = argparse.ArgumentParser(description="Play the Chicago complaints of 2012; counts.")
    parser.add_argument("data", type=Path, metavar="DATA_FOLDER")
    parser.add_argument("--out", type=Path, default=Path("chicago-results"), metavar="FOLDER")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as made:
        lines = play(options.data, Path(made))
    table = markdown(lines)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "runs-2012.json").write_text(json.dumps(lines, indent=2) + "\n", "utf-8")
    (options.out / "runs-2012.md").write_text(table, "utf-8")
    sys.stdout.write(table)
    sys.stdout.write(f"\nwritten to {options.out}: runs-2012.json, runs-2012.md\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
