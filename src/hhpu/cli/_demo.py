"""``hhpu demo``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

import numpy as np

from hhpu.cli._inputs import Inputs, progress
from hhpu.cli._output import write_out
from hhpu.cli._program import as_pasted, program
from hhpu.cli._rank import accounting, problem_rows
from hhpu.cli._report import BRACKET, Shown, report_page
from hhpu.cli._summary import columns_of_text
from hhpu.errors import OutputError
from hhpu.indices import all_offences, load_registry
from hhpu.ledger import encode
from hhpu.output import csv_bytes, json_bytes, publishing_folder, write_bytes
from hhpu.ranking import Ranking, compare, rank
from hhpu.simulate import SyntheticForce, synthetic_force
from hhpu.tables import PEOPLE, SPELLS, check

__all__ = ["run_demo"]

_MARK: Final = "hhpu demo: SYNTHETIC DATA. Nobody in these files exists."
_WINDOW: Final = 730
_ON_TIES: Final = "Equal scores share a rank; a cut-off inside a tie reports everybody in it."
_FILES: Final = {
    "report.html": "start here: a page to read in a browser",
    "explanation.txt": "why two people have their score and rank",
    "ranking-ons.csv": "everybody ranked under the ONS Crime Severity Score",
    "ranking-cambridge-approx.csv": "the same people under the approximate Cambridge stand-in",
    "comparison.csv": "both ranks of everybody, and who enters or leaves the top bracket",
    "comparison-codes.csv": "the offence codes that move people between the two",
    "accounting.json": "what became of every row, and what could not be guaranteed",
    "problems.csv": "every problem found in the input, row by row, without values",
    "offences.csv": "the synthetic extract that was ranked",
    "people.csv": "its people, with dates of birth",
    "spells.csv": "who was in custody, moved, deceased or managed, and when",
    "README.txt": "this list",
}


def run_demo(arguments: argparse.Namespace) -> int:
    """Make a synthetic force, rank it twice, and write a report."""
    own, mark = frozenset(_FILES), ("README.txt", _MARK)
    with publishing_folder(arguments.out, own=own, mark=mark) as folder:
        progress(arguments, f"making a synthetic force of {arguments.people:,} people")
        force = synthetic_force(arguments.people, seed=arguments.seed, dirt=True)
        try:
            force.write(folder)
        except OSError as error:
            message = f"{arguments.out} cannot be written: {error.strerror}"
            raise OutputError(message) from error
        progress(arguments, "checking and encoding its extract")
        inputs = _read(folder, force)
        progress(arguments, "ranking")
        shown = _shown(arguments, force, inputs)
        progress(arguments, "writing")
        for name, content in _contents(shown).items():
            write_bytes(folder / name, content)
    if not arguments.quiet:
        print(_next(arguments.out, shown), file=sys.stderr)
    write_out(f"{arguments.out / 'report.html'}\n".encode())
    return 0


def _read(folder: Path, force: SyntheticForce) -> Inputs:
    checked = check(folder / "offences.csv", as_of=force.as_of)
    people = check(folder / "people.csv", contract=PEOPLE)
    spells = check(folder / "spells.csv", contract=SPELLS)
    return Inputs(checked=checked, ledger=encode(checked, people=people), spells=spells)


def _shown(arguments: argparse.Namespace, force: SyntheticForce, inputs: Inputs) -> Shown:
    registry = load_registry(plugins="none")
    everything, intervals = (
        all_offences(registry.index(name), window=_WINDOW)
        for name in ("ons-css", "cambridge-approx")
    )
    ons, plain, cambridge = (
        rank(inputs.ledger, as_of=force.as_of, definition=definition, spells=inputs.spells)
        for definition in (everything, intervals, intervals.derive(approx="median"))
    )
    return Shown(
        seed=arguments.seed,
        force=force,
        inputs=inputs,
        ons=ons,
        cambridge=cambridge,
        without_choice=plain.scores.coverage(),
        comparison=compare(ons, cambridge, k=BRACKET),
        files={name: told for name, told in _FILES.items() if name != "report.html"},
    )


def _contents(shown: Shown) -> dict[str, bytes]:
    return {
        "ranking-ons.csv": csv_bytes(shown.ons.to_frame()),
        "ranking-cambridge-approx.csv": csv_bytes(shown.cambridge.to_frame()),
        "comparison.csv": csv_bytes(shown.comparison.people),
        "comparison-codes.csv": csv_bytes(shown.comparison.codes),
        "explanation.txt": _explanations(shown).encode("utf-8"),
        "accounting.json": json_bytes(
            {
                "synthetic": True,
                "seed": shown.seed,
                "faults_added": dict(shown.force.dirt),
                "ons-css": accounting(shown.ons, shown.inputs),
                "cambridge-approx": accounting(shown.cambridge, shown.inputs),
                "comparison": shown.comparison.to_dict(),
            }
        ),
        "problems.csv": csv_bytes(problem_rows(shown.inputs)),
        "report.html": report_page(shown).encode("utf-8"),
        "README.txt": _readme().encode("utf-8"),
    }


def _readme() -> str:
    lines = [_MARK, "A score is a proposal for a named person to review, not a decision.", ""]
    return "\n".join([*lines, *columns_of_text(_FILES.items(), indent="")]) + "\n"


def _explanations(shown: Shown) -> str:
    ranking = shown.ons
    parts = [_MARK, ""]
    if len(ranking):
        (top,) = ranking.ids(ranking.order[:1])
        parts += ["The highest score", "=" * 17, ranking.explain(top).to_text()]
        tied = _tied(ranking)
        if tied is not None:
            parts += ["A tied person", "=" * 13, _ON_TIES, "", ranking.explain(tied).to_text()]
    return "\n".join(parts)


def _tied(ranking: Ranking) -> str | None:
    """Somebody tied at the edge of the bracket; else the highest-ranked tied person."""
    at_edge = ranking.top(BRACKET).tied
    tied = ranking.order[ranking.tie_sizes[ranking.order] > 1]
    places = at_edge if len(at_edge) else tied
    return ranking.ids(np.asarray(places[:1], dtype=np.int64))[0] if len(places) else None


def _next(out: Path, shown: Shown) -> str:
    listed = "\n".join(columns_of_text(_FILES.items()))
    offences, people, spells = (
        as_pasted(out / f"{name}.csv") for name in ("offences", "people", "spells")
    )
    return (
        f"{_MARK}\n{len(shown.ons):,} people ranked of {len(shown.force.people):,}; "
        f"written to {out}:\n{listed}\n"
        f"Next: open {out / 'report.html'}; then rank the same extract yourself:\n"
        f"  {program()} rank {offences} --people {people} --states {spells} "
        f"--as-of {shown.force.as_of} --window {_WINDOW} "
        "--index ons-css --out my-ranking.csv"
    )
