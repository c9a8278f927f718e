"""The demo's report: one self-contained page, readable on screen, on paper and read aloud."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

import attrs
import numpy as np
import pandas as pd

from hhpu.cli._inputs import Inputs, problem_summary
from hhpu.cli._summary import lines_of
from hhpu.indices import HarmIndex
from hhpu.output import (
    Column,
    Section,
    described_code,
    long_date,
    page_of,
    rounded,
    shared_rank,
    table_of,
)
from hhpu.ranking import Comparison, Ranking
from hhpu.simulate import SyntheticForce
from hhpu.tables import REASONS

__all__ = ["BRACKET", "Shown", "report_page"]

BRACKET: Final = 50
_FATES: Final = {"superseded": "superseded by a later version, or by a later status"}
_TOP: Final = 20
_CODES: Final = 10


@attrs.frozen(eq=False)
class Shown:
    """What the report shows.

    Parameters
    ----------
    seed : int
        Of the synthetic force.
    force : SyntheticForce
        The force.
    inputs : Inputs
        Its extract, read back from the files.
    ons, cambridge : Ranking
        The two rankings.
    without_choice : mapping
        What the stand-in leaves unscored unless intervals are given a value.
    comparison : Comparison
        From the first ranking to the second.
    files : mapping of str to str
        The other files, and what they hold.
    """

    seed: int
    force: SyntheticForce
    inputs: Inputs
    ons: Ranking
    cambridge: Ranking
    without_choice: Mapping[str, Any]
    comparison: Comparison
    files: Mapping[str, str]


def report_page(shown: Shown) -> str:
    """Write the page.

    Parameters
    ----------
    shown : Shown
        What it shows.

    Returns
    -------
    str
        HTML that needs nothing from anywhere else.
    """
    sections = [
        Section("settings", "What was ranked, and how", _settings(shown)),
        Section("rows", "Where every row went", _rows(shown)),
        Section("top", f"The top {_TOP} under the ONS index", _top(shown)),
        Section("stand-in", "The same people under the Cambridge stand-in", _same_people(shown)),
        Section("moves", f"Who enters and who leaves the top {BRACKET}", _moves(shown)),
        Section("unscored", "Offences without a weight", _unscored(shown)),
        Section("problems", "Problems found in the input", _problems(shown)),
        Section("caveats", "What could not be guaranteed", _caveats(shown)),
        Section("sources", "Sources of the weights", _sources(shown)),
        Section("files", "The other files", _files(shown)),
    ]
    as_of = shown.force.as_of
    version = escape(str(shown.ons.scores.provenance.facts["hhpu"]))
    return page_of(
        title=f"Synthetic demonstration: offenders ranked by harm as of {as_of}",
        header=f"""<p class="banner"><strong>Synthetic data.</strong> Nobody on this page exists.
The people, offences and dates were made by a random generator (seed {shown.seed}); no figure here
says anything about any force.</p>
<h1>Offenders ranked by harm as of {long_date(as_of)}</h1>
<p class="lead">{_lead(shown)}</p>
<p class="notice"><strong>A score is not a decision.</strong> It is a proposal for a named person to
review. {_unproven(shown)}</p>""",
        sections=sections,
        footer=f"<p>Made by hhpu {version}.\nSynthetic data: seed {shown.seed}.</p>",
    )


def _lead(shown: Shown) -> str:
    ranking = shown.ons
    amounts = np.sort(ranking.scores.amounts)[::-1]
    total = sum(int(amount) for amount in amounts)
    held = sum(int(amount) for amount in amounts[:BRACKET]) / total if total else 0.0
    first = min(BRACKET, len(ranking))
    return (
        f"{len(ranking):,} of {len(shown.force.people):,} people have at least one offence that "
        f"counts. The first {first:,} hold {held:.0%} of all harm in the window; "
        f"{int((ranking.tie_sizes > 1).sum()):,} people share their rank with somebody."
    )


def _unproven(shown: Shown) -> str:
    scores = shown.ons.scores
    total = sum(int(amount) for amount in scores.amounts)
    proven = sum(int(amount) for amount in scores.proven_amounts)
    share = 1 - proven / total if total else 0.0
    return (
        f"{share:.0%} of the harm under the ONS index rests on allegations without a conviction or "
        "caution; the table of the highest scores shows the share of each person."
    )


def _settings(shown: Shown) -> str:
    pairs = [(r.scores, r.scores.definition, r.scores.index) for r in (shown.ons, shown.cambridge)]
    facts = [
        ("Harm index", [f"{i.name} {i.edition}" for _, _, i in pairs]),
        ("Title", [i.title for _, _, i in pairs]),
        ("Digest", [i.digest[:19] for _, _, i in pairs]),
        ("Supplied by", [i.supplier for _, _, i in pairs]),
        ("How complete", [_completeness(shown.ons), _completeness(shown.cambridge)]),
        ("Approximate", ["yes: a stand-in" if i.approximate else "no" for _, _, i in pairs]),
        ("Unit of a score", [s.unit for s, _, _ in pairs]),
        ("What counts", [f"{d.title} ({d.name} {d.edition})" for _, d, _ in pairs]),
        ("Derived", [d.derived_from or "no" for _, d, _ in pairs]),
        ("Method", [s.method.name for s, _, _ in pairs]),
        ("Window", [f"{d.window:,} days, chosen for this demonstration" for _, d, _ in pairs]),
        ("Placing date", [s.ledger.date for s, _, _ in pairs]),
        ("Unproven allegations", ["count in full (100%)" for _ in pairs]),
        ("People ranked", [f"{len(s):,}" for s, _, _ in pairs]),
    ]
    rows = [[name, *values] for name, values in facts]
    columns = [Column(""), Column("ONS Crime Severity Score"), Column("Cambridge stand-in")]
    skipped = shown.without_choice
    table = table_of("The two rankings on this page", columns, rows)
    return table + (
        "<p>The official Cambridge Crime Harm Index cannot be shipped. Its stand-in knows only "
        "the lowest, median and highest days of most offence subgroups. Without a declared choice "
        f"{skipped['share_of_offences']:.0%} of the offences in the window would have no weight; "
        "here the <strong>median was chosen, for comparison only</strong>. A median can put a "
        "grave offence level with a minor one of its subgroup, so every rank is shown with the "
        "range that it can take.</p>"
    )


def _completeness(ranking: Ranking) -> str:
    coverage = ranking.scores.coverage()
    return (
        f"{1 - coverage['share_of_offences']:.1%} of the offences in the window have a weight; "
        f"{coverage['people']:,} people have one without"
    )


def _rows(shown: Shown) -> str:
    ledger = shown.ons.scores.ledger
    rows: list[list[Any]] = [
        ["Rows read", ledger.rows_in, ledger.rows_in],
        ["Rejected: no person, or no usable date", ledger.rows_rejected, ledger.rows_rejected],
        ["Made two, because a status became known later", ledger.rows_split, ledger.rows_split],
        ["Rows of the ledger", len(ledger), len(ledger)],
    ]
    fates = [r.scores.fate_counts() for r in (shown.ons, shown.cambridge)]
    rows += [
        [f"of which {_FATES.get(fate, fate)}", fates[0][fate], fates[1][fate]]
        for fate in fates[0]
        if fates[0][fate] or fates[1][fate]
    ]
    columns = [
        Column("Rows"), Column("ONS", number=True), Column("Cambridge stand-in", number=True),
    ]  # fmt: skip
    return (
        "<p>Nothing is lost: rows read, less those rejected, plus those made two, are the rows of "
        "the ledger, and each of those has exactly one fate.</p>"
        + table_of("The fate of every row", columns, rows)
    )


def _top(shown: Shown) -> str:
    table = shown.ons.to_frame(top=_TOP)
    rows = [
        [
            line.offender_id, shared_rank(line.rank, line.tie_size), rounded(line.score),
            line.offences, str(line.last_offence), f"{line.share_unproven:.0%}",
            f"{line.rank_proven_only:,}", line.available, line.availability,
        ]
        for line in lines_of(table)
    ]  # fmt: skip
    unit = shown.ons.scores.unit
    columns = [
        Column("Person", kind="id"),
        Column("Rank", number=True), Column(f"Score, {unit}", number=True),
        Column("Offences", number=True), Column("Last offence", kind="line"),
        Column("Share unproven", number=True),
        Column("Rank, proven only", number=True), Column("Available"), Column("Why not"),
    ]  # fmt: skip
    bracket = shown.ons.top(BRACKET)
    edge = (
        f"{len(bracket.tied):,} people are tied for the last {bracket.open:,} seats"
        if bracket.cuts_a_tie
        else "no tie straddles the edge of the bracket"
    )
    return (
        "<p>Rank is 1 + the number of people with a higher score; = marks a shared rank. The "
        "rank, proven only, is the rank if every allegation without a conviction or caution were "
        "worth 0, for everybody. Availability stands beside the rank "
        "and never changes a score. "
        f"Scores are rounded here and exact in ranking-ons.csv. In the top {BRACKET} {edge}."
        f"{_first_tie(shown.ons)}</p>"
        + table_of(f"The {_TOP} highest scores (synthetic people)", columns, rows)
    )


def _first_tie(ranking: Ranking) -> str:
    tied = ranking.order[ranking.tie_sizes[ranking.order] > 1]
    if not len(tied):
        return ""
    first = int(tied[0])
    return (
        f" The first tie is at rank {int(ranking.ranks[first]):,}, shared by "
        f"{int(ranking.tie_sizes[first]):,} people."
    )


def _same_people(shown: Shown) -> str:
    first = shown.ons.to_frame(top=_TOP)[["offender_id", "rank", "tie_size"]]
    second = shown.cambridge.to_frame().set_index("offender_id")
    rows: list[list[Any]] = []
    for line in lines_of(first):
        mine = [line.offender_id, shared_rank(line.rank, line.tie_size)]
        if line.offender_id in second.index:
            other = second.loc[line.offender_id]
            rows.append(
                [
                    *mine,
                    shared_rank(other["rank"], other["tie_size"]),
                    f"{int(other['rank_best']):,} to {int(other['rank_worst']):,}",
                    rounded(other["score"]),
                    f"{rounded(other['score_low'])} to {rounded(other['score_high'])}",
                ]
            )
        else:
            rows.append([*mine, "not ranked", "", "", ""])
    columns = [
        Column("Person", kind="id"),
        Column("ONS rank", number=True), Column("Stand-in rank", number=True),
        Column("Rank can be", number=True), Column("Score, days", number=True),
        Column("Score can be", number=True),
    ]  # fmt: skip
    return (
        "<p>The wider the range, the less the stand-in can tell: it is the best and the worst rank "
        "that the lowest and highest days of everybody's offences allow.</p>"
        + table_of(f"The top {_TOP} of the ONS ranking under the stand-in", columns, rows)
    )


def _moves(shown: Shown) -> str:
    comparison = shown.comparison
    people = comparison.people
    told = (
        f"<p>Going from the ONS index to the stand-in, {_count(people, 'enters')} people enter the "
        f"top {comparison.k}, {_count(people, 'leaves')} leave and {_count(people, 'stays')} stay. "
        f"Over the {comparison.both:,} people ranked under both, Spearman's rank correlation is "
        f"{comparison.spearman:.2f} and Kendall's tau-b {comparison.kendall:.2f}.</p>"
    )
    parts = [told]
    columns = [
        Column("Person", kind="id"),
        Column("ONS rank", number=True), Column("Stand-in rank", number=True),
        Column("Offence code that pulls most that way"),
    ]  # fmt: skip
    for move, title in (("enters", "Who enters"), ("leaves", "Who leaves")):
        mine = people[people["bracket"] == move]
        rows = [
            [line.offender_id, _or_unranked(line.rank_a), _or_unranked(line.rank_b),
             described_code(line.because)]
            for line in lines_of(mine)
        ]  # fmt: skip
        parts.append(
            table_of(f"{title} the top {comparison.k} under the stand-in", columns, rows)
            if rows else f"<p>{title}: nobody.</p>"
        )  # fmt: skip
    parts.append(_pulls(comparison))
    return "\n".join(parts)


def _pulls(comparison: Comparison) -> str:
    rows = [
        [described_code(line.code), line.offences, f"{line.harm_share_a:.1%}",
         f"{line.harm_share_b:.1%}", line.enters, line.leaves]
        for line in lines_of(comparison.codes.head(_CODES))
    ]  # fmt: skip
    columns = [
        Column("Offence code"), Column("Offences", number=True),
        Column("Share of harm, ONS", number=True), Column("Share of harm, stand-in", number=True),
        Column("Enter by it", number=True), Column("Leave by it", number=True),
    ]  # fmt: skip
    return table_of(f"The {_CODES} codes on which the two indices differ most", columns, rows)


def _unscored(shown: Shown) -> str:
    parts = [
        "<p>An offence without a weight is never worth 0 in silence: it is counted and listed.</p>"
    ]
    columns = [
        Column("Code as written"), Column("Why"), Column("Offences", number=True),
        Column("People", number=True),
    ]  # fmt: skip
    for name, ranking in (("ONS index", shown.ons), ("Cambridge stand-in", shown.cambridge)):
        table = ranking.scores.unmapped()
        rows = [
            [described_code(line.code) or "(no code)", line.reason, line.offences, line.people]
            for line in lines_of(table.head(_CODES))
        ]
        more = max(0, len(table) - _CODES)
        caption = f"Not scored under the {name}" + (f" (and {more:,} more codes)" if more else "")
        parts.append(table_of(caption, columns, rows) if rows else f"<p>{name}: none.</p>")
    return "\n".join(parts)


def _problems(shown: Shown) -> str:
    problems = problem_summary(shown.inputs)
    rows = [
        [line.reason, line.column, line.rows, line.outcome, f"{line.meaning}. {line.remedy}."]
        for line in lines_of(problems)
    ]
    columns = [
        Column("Reason"), Column("Column"), Column("Rows", number=True),
        Column("What was done"), Column("Meaning and remedy"),
    ]  # fmt: skip
    return (
        "<p>The generator put faults of real extracts into the data. Only what makes a row "
        "unusable excludes it; a masked row is kept and never scores; everything else is kept and "
        "counted.</p>"
        + table_of(f"Problems, of {len(REASONS)} kinds that are looked for", columns, rows)
    )


def _caveats(shown: Shown) -> str:
    parts = []
    for name, ranking in (("ONS index", shown.ons), ("Cambridge stand-in", shown.cambridge)):
        items = "".join(f"<li>{escape(text)}</li>" for text in ranking.provenance.caveats)
        parts.append(f"<h3>{name}</h3>\n<ul>{items}</ul>")
    return "\n".join(parts)


def _sources(shown: Shown) -> str:
    return "\n".join(_sources_of(r.scores.index) for r in (shown.ons, shown.cambridge))


def _sources_of(index: HarmIndex) -> str:
    items = "".join(
        f"<li>{escape(citation.title)}"
        + (f"; {escape(citation.url)}" if citation.url else "")
        + (f"; read {citation.read}" if citation.read else "")
        + "</li>"
        for citation in index.citations
    )
    note = f"<p>{escape(index.note)}</p>" if index.note else ""
    return (
        f"<h3>{escape(index.name)} {escape(index.edition)}</h3>\n<ul>{items}</ul>\n"
        f"<p>Licence: {escape(index.licence)}</p>{note}"
    )


def _files(shown: Shown) -> str:
    items = "".join(
        f'<li><a href="{escape(name)}">{escape(name)}</a>: {escape(told)}</li>'
        for name, told in shown.files.items()
    )
    return f"<ul>{items}</ul>"


def _or_unranked(rank: Any) -> str:
    return "not ranked" if pd.isna(rank) else f"{int(rank):,}"


def _count(people: pd.DataFrame, move: str) -> int:
    return int((people["bracket"] == move).sum())
