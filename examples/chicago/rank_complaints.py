"""Rank real, dated events: complaints against Chicago police officers, 2000-2016.

The data are not part of this project. They are those that the Invisible Institute publishes
(https://github.com/invinst/chicago-police-data), cut to three files: ``offences.csv.gz``,
``people.csv.gz`` (not read here) and ``weights.csv``. The script turns ``weights.csv`` into an
index folder, ranks at two dates and by two placing dates, and writes counts only: no row, no id,
no score of anybody.

    python rank_complaints.py DATA_FOLDER [--out FOLDER]
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path
from typing import Any

import hhpu

AS_OF = ("2008-12-31", "2012-12-31")
PLACING = ("recorded_on", "committed_on")
WINDOW = 1826
EXPECTED = {
    ("2008-12-31", "recorded_on"): (5296, 19943),
    ("2012-12-31", "recorded_on"): (4822, 18512),
    ("2008-12-31", "committed_on"): (5226, 19581),
    ("2012-12-31", "committed_on"): (4705, 17715),
}

INDEX_TOML = """\
name = "chicago-suspension"
edition = "before-2005"
title = "Mean days of suspension for a sustained complaint recorded before 2005, by category"
unit = "days"
scale = 100
codes = "chicago-category"
licence = "See the publisher's repository"
note = "For checking methods only. Not a harm index of offences; officers are not offenders."

[[citations]]
key = "invisible-institute"
title = "Chicago police complaints p046957, November 2016, published by the Invisible Institute"
url = "https://github.com/invinst/chicago-police-data"
"""


def write_index_folder(weights: Path, folder: Path) -> Path:
    """Write ``index.toml`` and ``weights.csv``, as an analyst would by hand."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.toml").write_text(INDEX_TOML, encoding="utf-8")
    with weights.open(encoding="utf-8", newline="") as source:
        rows = [
            [row["code"], row["weight_days"], row["basis"], "invisible-institute", row["category"]]
            for row in csv.DictReader(source)
        ]
    with (folder / "weights.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerows([["code", "weight", "basis", "citation", "description"], *rows])
    return folder


def account(data: Path, index: hhpu.HarmIndex) -> list[dict[str, Any]]:
    """Rank at each date by each placing date, and give counts."""
    runs = []
    for date in PLACING:
        ledger = hhpu.encode(
            data / "offences.csv.gz", columns={"offender_id": "person_id"}, date=date
        )
        for as_of in AS_OF:
            ranking = hhpu.rank(ledger, as_of=as_of, index=index, window=WINDOW)
            found = ranking.to_dict()
            runs.append(
                {
                    "as_of": as_of,
                    "placed_by": date,
                    "people_ranked": len(ranking),
                    "people_tied": found["people_tied"],
                    "history_rows": found["fates"]["counted"],
                    "rows_in": found["rows_in"],
                    "rows_rejected": found["rows_rejected"],
                    "ledger_rows": found["ledger_rows"],
                    "fates": found["fates"],
                    "unmapped": found["unmapped"],
                    "rows_without_code": ledger.problems.count("no-code"),
                    "dates_out_of_order": ledger.problems.count("dates-out-of-order"),
                    "problems": ledger.problems.to_dict()["problems"],
                    "harm_by_basis": ranking.scores.by_basis().to_dict("records"),
                    "provenance": found["provenance"],
                }
            )
    return runs


def check(runs: list[dict[str, Any]]) -> None:
    """Compare with the figures that an independent script made, and with the books."""
    for run in runs:
        expected = EXPECTED[run["as_of"], run["placed_by"]]
        found = (run["people_ranked"], run["history_rows"])
        name = f"{run['as_of']} by {run['placed_by']}"
        if found != expected:
            sys.exit(f"{name}: {found} people and history rows, not {expected}")
        if run["rows_in"] != run["rows_rejected"] + run["ledger_rows"]:
            sys.exit(f"{name}: rows were lost")
        if sum(run["fates"].values()) != run["ledger_rows"]:
            sys.exit(f"{name}: the fates do not add up to the ledger")


def markdown(runs: list[dict[str, Any]]) -> str:
    """Lay the accounting out as one table, a column for each run."""
    heads = [f"{run['as_of']}, by `{run['placed_by']}`" for run in runs]
    fates = [fate for fate in runs[0]["fates"] if any(run["fates"][fate] for run in runs)]
    lines: list[tuple[str, list[str]]] = [
        ("rows in", [f"{run['rows_in']:,}" for run in runs]),
        ("rows rejected", [f"{run['rows_rejected']:,}" for run in runs]),
        ("rows in the ledger", [f"{run['ledger_rows']:,}" for run in runs]),
        *((f"fate: {fate}", [f"{run['fates'][fate]:,}" for run in runs]) for fate in fates),
        ("people ranked", [f"{run['people_ranked']:,}" for run in runs]),
        ("people who share a rank", [f"{run['people_tied']:,}" for run in runs]),
        (
            "unmapped, share of history rows",
            [f"{run['unmapped']['share_of_offences']:.2%}" for run in runs],
        ),
        (
            "people with nothing but unmapped rows",
            [f"{run['unmapped']['people_with_nothing_scored']:,}" for run in runs],
        ),
        ("flagged: no code (whole file)", [f"{run['rows_without_code']:,}" for run in runs]),
        (
            "flagged: dates out of order (whole file)",
            [f"{run['dates_out_of_order']:,}" for run in runs],
        ),
    ]
    table = [
        ["", *heads],
        ["---", *["---:"] * len(runs)],
        *([name, *cells] for name, cells in lines),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in table)


def main(arguments: list[str] | None = None) -> int:
    """Run the example."""
    parser = argparse.ArgumentParser(description="Rank the Chicago complaints; counts only.")
    parser.add_argument("data", type=Path, metavar="DATA_FOLDER")
    parser.add_argument("--out", type=Path, default=Path("chicago-results"), metavar="FOLDER")
    options = parser.parse_args(arguments)
    folder = write_index_folder(options.data / "weights.csv", options.out / "chicago-suspension")
    runs = account(options.data, hhpu.read_index(folder))
    check(runs)
    table = markdown(runs)
    (options.out / "accounting.json").write_text(
        json.dumps(runs, indent=2, default=str) + "\n", encoding="utf-8"
    )
    (options.out / "accounting.md").write_text(table, encoding="utf-8")
    sys.stdout.write(table)
    sys.stdout.write(f"\nwritten to {options.out}: accounting.json, accounting.md\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
