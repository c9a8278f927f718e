"""The part of a report that says how far it can be trusted, and what it was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.output import Column, items_of, long_date, rounded, shown, table_of
from hhpu.provenance import Citation
from hhpu.ranking import Scores
from hhpu.runs._findings import (
    ON_PROVEN,
    PROVEN_ONLY,
    Findings,
    counted_words,
    lines_of,
    link_to,
)
from hhpu.runs._lists import problems_of
from hhpu.runs._manifest import versions
from hhpu.tables import REASONS

__all__ = ["complete", "harm_share", "index_of", "made_of", "sure", "tested"]

_CODES: Final = 20
_FACT: Final = (Column(""), Column("In this run", kind="words"))


def harm_share(scores: Scores, places: npt.NDArray[np.int64] | None = None) -> str:
    """The share of the harm of some people, or all, that rests on unproven allegations."""
    which = slice(None) if places is None else places
    total = sum(map(int, scores.amounts[which].tolist()))
    proven = sum(map(int, scores.proven_amounts[which].tolist()))
    return f"{1 - proven / total:.0%}" if total else "0%"


def tested(found: Findings) -> str:
    """Whether the algorithm is tested, and still does what was declared of it."""
    monitoring = found.run.monitoring
    parts = []
    if not monitoring.declared:
        parts.append(
            "<p><strong>No test of the algorithm is declared</strong>: nothing on this page says "
            "that it finds the harm that follows ([monitoring] in the run file).</p>"
        )
    elif monitoring.test is None:
        parts.append("<p><strong>No test of the algorithm is named.</strong></p>")
    else:
        test = monitoring.test
        counts = (
            f"It counts as no test: {shown(monitoring.discounted)}."
            if monitoring.discounted
            else "It was of this index, definition and method."
        )
        parts.append(
            f"<p>The last test is {shown(monitoring.file)}: "
            f"{counted_words(len(test.origins), 'list', 'lists')}, the last of "
            f"{long_date(test.origins[-1])}, each followed for {test.follow_up:,} days; its data "
            f"end on {long_date(test.ends)}. {counts}</p>"
        )
    rows = [
        [m.key, str(m.declared), "" if m.found is None else f"{m.found:.3g}", m.state,
         found.without_few(m.told)]
        for m in monitoring.measures
    ]  # fmt: skip
    columns = [
        Column("Declared in the run file", kind="terms"), Column("Value", number=True),
        Column("In this run", number=True), Column("So", kind="line"),
        Column("What that is", kind="words"),
    ]  # fmt: skip
    if rows:
        parts.append(table_of("What was declared of the algorithm, and what is", columns, rows))
    held = monitoring.overrides
    if held is not None:
        facts: list[list[Any]] = [
            ["People proposed by earlier runs, counted once a list", held.proposals],
            ["Of the decisions looked at: adopted", held.adopted],
            ["Rejected: the list overridden", held.rejected],
            ["Proposals with no decision yet", held.undecided],
        ]
        facts = [[name, found.people(count)] for name, count in facts]
        parts.append(table_of("What named people made of the proposals", _FACT, facts))
    parts += [f"<p>{shown(found.without_few(text))}.</p>" for text in monitoring.warnings]
    if rows or held is not None:
        parts.append(f"<p>The same for machines: {link_to('monitoring.csv')}.</p>")
    return "\n".join(parts)


def sure(found: Findings) -> str:
    """Unproven allegations, ties, ranges."""
    ranking, scores, top = found.run.ranking, found.scores, found.top
    inside = found.places
    beyond = int((ranking.proven_ranks[inside] > top.k).sum())
    shared = int((ranking.tie_sizes[inside] > 1).sum())
    facts = [
        ["Harm of everybody that rests on unproven allegations", harm_share(scores)],
        ["Harm of the bracket that rests on unproven allegations", harm_share(scores, inside)],
        [
            "People in the bracket who would not be if no unproven allegation counted, for anybody",
            found.people(beyond),
        ],
        ["People in the bracket who share their rank", found.people(shared)],
        ["The edge of the bracket", _edge(found)],
    ]
    if scores.index.approximate:
        best, worst = ranking.rank_ranges
        out = np.ones(len(scores), dtype=bool)
        out[inside] = False
        facts += [
            [
                "People in the bracket who might be beyond it, by the ranges of the index",
                found.people(int((worst[inside] > top.k).sum())),
            ],
            [
                "People beyond the bracket who might be in it, by the ranges of the index",
                found.people(int((best[out] <= top.k).sum())),
            ],
        ]
    return (
        table_of("How sure the bracket is", _FACT, facts)
        + _beside(found)
        + f"<p>{ON_PROVEN} An unproven allegation is one without a conviction or caution. The "
        "ranking says what was recorded and how an index weighs it; it does not say who will "
        "offend. People who are watched have more recorded about them.</p>"
    )


def _edge(found: Findings) -> str:
    top = found.top
    if not top.cuts_a_tie:
        return "no tie straddles it"
    return (
        f"{found.people(len(top.tied))} people are tied for the last "
        f"{counted_words(top.open, 'seat', 'seats')}; all of them are listed"
    )


def _beside(found: Findings) -> str:
    approximate = found.scores.index.approximate
    columns = [
        Column("Person", kind="id"), Column("Rank", number=True), Column("People at that rank",
        number=True), Column("Share unproven", number=True),
        Column(PROVEN_ONLY),
    ]  # fmt: skip
    if approximate:
        columns += [
            Column("Rank can be", number=True), Column("Score can be", number=True),
            Column("Offences with a range only", number=True),
        ]  # fmt: skip
    columns.append(Column("List", kind="line"))
    lists = found.tables["bracket.csv"].set_index("offender_id")["list"]
    rows = []
    for person, line in list(found.details.items())[: found.run.declaration.listed]:
        row = [
            person, line["rank"], line["tie_size"], f"{line['share_unproven']:.0%}",
            found.rank_proven(person),
        ]  # fmt: skip
        if approximate:
            row += [
                f"{line['rank_best']:,} to {line['rank_worst']:,}",
                f"{rounded(line['score_low'])} to {rounded(line['score_high'])}",
                line["interval_only"],
            ]
        rows.append([*row, lists[person]])
    if not rows:
        return "<p>Nobody is in the bracket.</p>"
    return table_of("The bracket, person by person", columns, rows) + found.more(
        len(found.details), "bracket.csv"
    )


def complete(found: Findings) -> str:
    """Rows, codes without a weight, problems, caveats."""
    caveats = found.run.provenance.caveats
    return "\n".join(
        [
            _sources_read(found),
            _fates(found),
            _unmapped(found),
            _problems(found),
            _shares(found),
            "<h3>What could not be guaranteed, or must be read with it</h3>",
            items_of(shown(found.without_few(text)) for text in caveats),
        ]
    )


def _sources_read(found: Findings) -> str:
    columns = [
        Column("Source"), Column("File"), Column("Rows read", number=True),
        Column("Rejected", number=True),
    ]  # fmt: skip
    rows = [
        [name, told["file"], told["rows"], told["rows_rejected"]]
        for name, told in found.run.sources.files.items()
    ]
    return table_of("What was read", columns, rows)


def _fates(found: Findings) -> str:
    fates = found.scores.fate_counts()
    rows: list[list[Any]] = [[fate, count] for fate, count in fates.items() if count]
    rows.append(["all rows of the ledger", len(found.scores.ledger)])
    return (
        "<p>Nothing is lost: each row of the ledger has exactly one fate at the date.</p>"
        + table_of("The fate of every row", [Column("Fate"), Column("Rows", number=True)], rows)
    )


def _unmapped(found: Findings) -> str:
    coverage = found.scores.coverage()
    if not coverage["unscored_offences"]:
        return "<p>Every offence in the window has a weight.</p>"
    table = found.tables["unmapped.csv"]
    rows = [
        found.counted(
            [
                found.code(line["code"]) or "(no code)", line["reason"], line["offences"],
                line["people"],
            ],
            3, (2,),
        )
        for line in found.head(table, _CODES)
    ]  # fmt: skip
    columns = [
        Column("Code as written"), Column("Reason", kind="line"),
        Column("Offences", number=True), Column("People", number=True),
    ]  # fmt: skip
    return (
        f"<p>{coverage['unscored_offences']:,} offences in the window "
        f"({coverage['share_of_offences']:.1%}) have no weight and are not scored. They concern "
        f"{found.people(coverage['people'])} people, of whom "
        f"{found.people(coverage['people_with_nothing_scored'])} have nothing scored and so no "
        f"rank: {link_to('unscored-people.csv')}. An offence without a weight is never worth 0 in "
        "silence.</p>"
        + table_of("Offences that are not scored, by code", columns, rows)
        + found.more(len(table), "unmapped.csv", _CODES)
    )


def _problems(found: Findings) -> str:
    rows = [
        [
            name, line["reason"], line["column"], line["rows"], line["outcome"],
            f"{line['meaning']}. {line['remedy']}.",
        ]
        for name, problems in problems_of(found.run).items()
        for line in lines_of(problems.summary())
    ]  # fmt: skip
    if not rows:
        return "<p>No problem was found in what was read.</p>"
    columns = [
        Column("Source"), Column("Reason"), Column("Column"), Column("Rows", number=True),
        Column("What was done"), Column("Meaning and remedy", kind="words"),
    ]  # fmt: skip
    return (
        table_of(f"Problems, of {len(REASONS)} kinds that are looked for", columns, rows)
        + f"<p>Row by row: {link_to('problems.csv')}.</p>"
    )


def _shares(found: Findings) -> str:
    unit = found.scores.unit
    harm = Column(f"Harm, {unit}", number=True)
    basis = [
        [line["basis"], line["offences"], rounded(line["harm"]), f"{line['share']:.1%}"]
        for line in lines_of(found.tables["basis.csv"])
    ]
    series = [
        [
            line["series"], *(_or_blank(line[name]) for name in ("offences", "unweighed")),
            rounded(line["harm"]) if line["harm"] else "", line["in_score"],
        ]
        for line in lines_of(found.tables["series.csv"])
    ]  # fmt: skip
    heads = [
        Column("Series"), Column("Offences", number=True), Column("Without a weight", number=True),
        harm, Column("In the score"),
    ]  # fmt: skip
    first = [
        Column("What the weight is"), Column("Offences", number=True), harm,
        Column("Share", number=True),
    ]  # fmt: skip
    return (
        table_of("Harm by what its weights are", first, basis)
        + table_of("Series reported beside the score", heads, series)
    )  # fmt: skip


def _or_blank(value: Any) -> Any:
    return "" if pd.isna(value) else int(value)


def index_of(found: Findings) -> str:
    """The index, the definition, the method, their sources."""
    scores = found.scores
    index, definition = scores.index, scores.definition
    method = scores.method.to_dict()
    half_life = f", half-life {method['half_life']} days" if "half_life" in method else ""
    facts: list[list[Any]] = [
        ["Harm index", f"{index.name}, edition {index.edition}"],
        ["Title", index.title],
        ["Approximate", "yes: a stand-in" if index.approximate else "no"],
        ["Unit of a score", scores.unit],
        ["Digest of the index", index.digest],
        ["Supplied by", index.supplier or "this call"],
        ["Licence", index.licence],
        ["What counts", f"{definition.title} ({definition.name}, edition {definition.edition})"],
        ["Derived", definition.derived_from or "no"],
        ["Digest of the definition", definition.digest],
        ["Method", f"{scores.method.name}{half_life}"],
        ["Window", "all history" if definition.window is None else f"{definition.window:,} days"],
        ["Placing date", scores.ledger.date],
        ["Weight of each evidential status", _policy(definition.percentages())],
        ["Kept apart from the score", ", ".join(sorted(definition.apart)) or "nothing"],
    ]
    if definition.approx is not None:
        facts.append(["Codes with an interval only count at their", definition.approx])
    notes = "".join(f"<p>{shown(note)}</p>" for note in (index.note, definition.note) if note)
    return (
        table_of("Index, definition and method", _FACT, facts)
        + notes
        + "<h3>Sources</h3>"
        + items_of(_cited((*index.citations, *definition.citations)))
        + f"<p>Both stand whole beside this page: {link_to('definition.toml')} and the folder "
        "index.</p>"
    )


def _policy(percentages: dict[str, int]) -> str:
    shares = sorted(set(percentages.values()), reverse=True)
    return "; ".join(
        f"{share}%: {', '.join(name for name, percent in percentages.items() if percent == share)}"
        for share in shares
    )


def _cited(citations: Iterable[Citation]) -> Iterable[str]:
    for citation in citations:
        url = f"https://doi.org/{citation.doi}" if citation.doi else citation.url or ""
        linked = url.startswith(("https://", "http://"))
        where = (
            f'<a href="{shown(url)}" rel="noreferrer">{shown(url)}</a>' if linked else shown(url)
        )
        read = f"; read {citation.read}" if citation.read else ""
        yield f"{shown(citation.title)}{f'; {where}' if url else ''}{read}"


def made_of(found: Findings) -> str:
    """Inputs, ledger, versions and files, with their digests."""
    run, ledger = found.run, found.run.ledger
    inputs = [[told["file"], name, told["sha256"]] for name, told in run.sources.files.items()]
    facts: list[list[Any]] = [
        ["Declaration", run.declaration.path.name],
        ["Digest of the declaration", run.declaration.digest],
        ["Rows of the ledger", len(ledger)],
        ["Digest of the ledger", ledger.digest],
        ["Versions", ", ".join(f"{name} {each}" for name, each in versions().items())],
    ]
    if ledger.extracts:
        first, last = ledger.extracts[0].day, ledger.extracts[-1].day
        told = counted_words(len(ledger.extracts), "extract", "extracts")
        facts.append(["The ledger holds", f"{told}, {long_date(first)} to {long_date(last)}"])
    files = "".join(
        f'<tr><th scope="row">{link_to(name)}</th>'
        f'<td class="digest">sha256:{hashlib.sha256(content).hexdigest()}</td></tr>'
        for name, content in sorted(found.files.items())
    )
    return (
        table_of("What this page was made from", _FACT, facts)
        + table_of(
            "Inputs, with their digests",
            [Column("File"), Column("Source"), Column("SHA-256", kind="digest")], inputs,
        )
        + '<div class="scroll" role="region" aria-label="The other files of the run" tabindex="0">'
        "<table><caption>The other files of the run</caption><thead><tr>"
        '<th scope="col">File</th><th scope="col">SHA-256</th></tr></thead>\n'
        f"<tbody>{files}</tbody></table></div>"
        "<p>The same in a form for machines, with the digest of this page: "
        f"{link_to('manifest.json')}.</p>"
    )  # fmt: skip
