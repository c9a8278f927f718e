"""``hhpu rectify``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from hhpu.cli._inputs import progress
from hhpu.cli._summary import columns_of_text
from hhpu.runs import Rectification, read_run, rectify

__all__ = ["run_rectify"]

_COUNTED: Final = (
    "counted", "counted_corrected", "scores_changed", "enter", "leave", "put_to_assessment",
)  # fmt: skip
_HEADS: Final = ("wrong", "right", "scores", "enter", "leave", "assessed")


def run_rectify(arguments: argparse.Namespace) -> int:
    """Rectify past runs by a file of corrections."""
    declaration = read_run(arguments.run_file)
    found = rectify(
        declaration, arguments.corrections, progress=lambda told: progress(arguments, told)
    )
    folder = found.write()
    if not arguments.quiet:
        print("\n".join(_told(found, folder)), file=sys.stderr)
    return 0


def _told(found: Rectification, folder: Path) -> Iterable[str]:
    """Counts and dates only: nobody's id."""
    yield f"Corrections: {len(found.corrections):,}, of which"
    fates = found.fate_counts()
    yield from columns_of_text([[fate, count] for fate, count in fates.items()])
    if fates["not found"]:
        yield (
            "Not found: are ids written as in the extracts, with their leading zeros? Why each: "
            "fate in corrections.csv"
        )
    concerned = found.runs[found.runs["made_again"] != ""]
    if concerned.empty:
        yield f"None of {len(found.runs)} past runs would have been another"
    else:
        yield f"Past runs: {len(found.runs)}, of which {len(concerned)} would have been others"
        lines: list[list[Any]] = [["run", *_HEADS]]
        lines += [
            [line["as_of"].isoformat(), *(line[name] for name in _COUNTED)]
            for line in concerned.to_dict("records")
        ]
        yield from columns_of_text(lines)
        yield "wrong, right: corrections whose record counted as it was, and as it should have been"
        yield "scores: people with another score; enter, leave: people, by the correction"
        yield "assessed: people put to assessment who would not have been in the bracket"
    if found.not_looked_at:
        yield f"Withdrawn, and so not looked at: {', '.join(found.not_looked_at)}"
        yield "whom one of them put to assessment is on its to-assess.csv"
    yield "No past run was changed."
    yield f"Written: {folder}"
