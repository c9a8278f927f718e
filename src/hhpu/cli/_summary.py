"""What a ranking says on its face, as text for standard error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

from hhpu.indices import HarmDefinition, HarmIndex
from hhpu.ranking import Ranking, TopBracket
from hhpu.tables import Problems

__all__ = ["columns_of_text", "describe_choice", "lines_of", "summary_of"]

_MOST_CODES = 10


def lines_of(table: pd.DataFrame) -> Iterator[Any]:
    """Go through a table; each line has its cells as attributes."""
    return iter(table.itertuples())


def columns_of_text(rows: Iterable[Sequence[Any]], *, indent: str = "  ") -> list[str]:
    """Lay rows out in columns: numbers to the right, everything else to the left."""
    cells = [list(row) for row in rows]
    if not cells:
        return []
    table = [[_cell(cell) for cell in row] for row in cells]
    right = [all(isinstance(row[i], int) for row in cells) for i in range(len(cells[0]))]
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    return [
        indent
        + "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in table
    ]


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def describe_choice(definition: HarmDefinition) -> list[str]:
    """Name the index and the definition, each with edition, digest and supplier."""
    index: HarmIndex = definition.bound_index
    approximate = "; APPROXIMATE" if index.approximate else ""
    lines = [
        f"  index       {index.label}, from {index.supplier or 'this call'}{approximate}",
        f"  definition  {definition.label}: {definition.title}",
    ]
    if definition.derived_from:
        lines.append(f"              derived from {definition.derived_from}")
    if definition.apart:
        lines.append(f"              kept apart from it: {', '.join(sorted(definition.apart))}")
    return lines


def summary_of(ranking: Ranking, problems: Problems, bracket: TopBracket | None) -> str:
    """Write the summary of a ranking; nobody's id is in it."""
    scores = ranking.scores
    definition = scores.definition
    tied = int((ranking.tie_sizes > 1).sum())
    window = definition.window
    history = "all history" if window is None else f"{window:,} days up to and including"
    method = " ".join(f"{key} {value}" for key, value in scores.method.to_dict().items())
    method = method.removeprefix("name ").replace("half_life", "half-life in days")
    lines = [
        f"As of {scores.date}: {len(ranking):,} people ranked, {tied:,} of them tied with others",
        *describe_choice(definition),
        f"  status      {_policy(definition)}",
        f"  method      {method}, in {scores.unit}",
        f"  window      {history}{'' if window is None else f' {scores.date}'}",
        f"  placed by   {scores.ledger.date}",
        *_rows(ranking, problems),
        *_unscored(ranking),
    ]
    if bracket is not None:
        edge = (
            f"{len(bracket.tied):,} more are tied for the last {bracket.open:,}"
            if bracket.cuts_a_tie
            else "no tie at the edge"
        )
        lines.append(f"Top bracket of {bracket.k:,}: {len(bracket.above):,} inside; {edge}")
    lines.append("Could not be guaranteed, or must be read with it:")
    lines += [f"  - {caveat}" for caveat in ranking.provenance.caveats]
    return "\n".join(lines)


def _policy(definition: HarmDefinition) -> str:
    percentages = definition.percentages()
    shares = sorted(set(percentages.values()), reverse=True)
    return "; ".join(
        f"{share}%: {', '.join(name for name, percent in percentages.items() if percent == share)}"
        for share in shares
    )


def _rows(ranking: Ranking, problems: Problems) -> list[str]:
    ledger = ranking.scores.ledger
    why = ", ".join(
        f"{p.reason} {len(p.rows):,}"
        for p in problems.found
        if p.outcome == "excluded" and not p.column.startswith("people.")
    )
    table: list[list[Any]] = [
        ["read", ledger.rows_in, ""],
        ["rejected", ledger.rows_rejected, why],
    ]
    if ledger.rows_split:
        table.append(["made two by the date of a status", ledger.rows_split, ""])
    table.append(["in the ledger, of which", len(ledger), ""])
    table += [
        [f"  {fate}", count, ""] for fate, count in ranking.scores.fate_counts().items() if count
    ]
    return ["Rows", *columns_of_text(table)]


def _unscored(ranking: Ranking) -> list[str]:
    coverage = ranking.scores.coverage()
    offences = coverage["unscored_offences"]
    if not offences:
        return ["Not scored for want of a weight: nothing"]
    table = ranking.scores.unmapped()
    shown: list[list[Any]] = [
        [line.code or "(no code)", line.reason, line.offences, "offences"]
        for line in lines_of(table.head(_MOST_CODES))
    ]
    told = (
        f"Not scored: {offences:,} offences ({coverage['share_of_offences']:.1%}) of "
        f"{coverage['people']:,} people ({coverage['share_of_people']:.1%}); "
        f"{coverage['people_with_nothing_scored']:,} people have nothing scored"
    )
    lines = [told, *columns_of_text(shown)]
    if len(table) > len(shown):
        lines.append(f"  and {len(table) - len(shown):,} more codes")
    return lines
