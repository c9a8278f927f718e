"""The report of a run: one page that an inspector can read in five minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from hhpu.domain import EntryRoute, ManagementType
from hhpu.indices import plain_decimal
from hhpu.output import Column, Section, long_date, page_of, rounded, shown, table_of
from hhpu.ranking import GROUNDS, Cause, Movement
from hhpu.runs._findings import (
    ON_PROVEN,
    PROVEN_ONLY,
    Findings,
    available,
    counted_words,
    lines_of,
    link_to,
    signed,
)
from hhpu.runs._lists import LISTS, MANAGED, ORDER
from hhpu.runs._report_trust import complete, harm_share, index_of, made_of, sure, tested

if TYPE_CHECKING:
    from hhpu.runs._run import Run

__all__ = ["report_page"]

_PERSON: Final = Column("Person", kind="id")
_RANK: Final = Column("Rank", number=True)


def report_page(run: Run, tables: Mapping[str, pd.DataFrame], files: Mapping[str, bytes]) -> str:
    """Write the page.

    Parameters
    ----------
    run : Run
        The run.
    tables : mapping of str to pandas.DataFrame
        Its tables, by the names of their files.
    files : mapping of str to bytes
        The files that are written beside the page.

    Returns
    -------
    str
        HTML that needs nothing from anywhere else; the same for the same run.
    """
    found = Findings(run=run, tables=tables, files=files)
    declaration = run.declaration
    return page_of(
        title=f"High harm run: {declaration.force}, {declaration.name}, {run.as_of}",
        header=_header(found),
        sections=[
            Section("assess", "To assess now", _assess(found)),
            Section("verify", "What to verify first", _verify(found)),
            Section("managed", "Already managed, and not available", _managed(found)),
            Section("left", "Who left the bracket", _left(found)),
            Section("moved", "What moved people", _moved(found)),
            Section("others", "What to verify of the others", _verify_others(found)),
            Section("tested", "Whether it is tested", tested(found)),
            Section("sure", "How sure", sure(found)),
            Section("complete", "How complete", complete(found)),
            Section("index", "Which index and definition", index_of(found)),
            Section("made", "What it was made from", made_of(found)),
        ],
        footer=(
            f"<p>Made by hhpu {shown(str(found.scores.provenance.facts['hhpu']))} as declared in "
            f"{shown(declaration.path.name)}; sealed with the other files of the run in "
            f"{link_to('manifest.json')}.</p>"
        ),
    )


def _header(found: Findings) -> str:
    run, scores, top = found.run, found.scores, found.top
    index, window = scores.index, scores.definition.window
    history = "all history" if window is None else f"{window:,} days up to that day"
    since = (
        "This is the first run of its series: there is nothing to compare with."
        + _not_checked(found)
        if run.previous is None
        else f"The last run was as of {long_date(run.previous.scores.date)}, "
        f"{counted_words((run.as_of - run.previous.scores.date).days, 'day', 'days')} before."
    )
    tied = (
        f", {len(top.tied):,} of them tied for the last {counted_words(top.open, 'seat', 'seats')}"
        if top.cuts_a_tie
        else ""
    )
    return f"""<h1>{shown(run.declaration.force)}, {shown(run.declaration.name)}: people ranked by
harm as of {long_date(run.as_of)}</h1>
{_to_review(found)}{_alarms(found)}<p class="lead"><strong>{_to_assess(found)}</strong> {since}</p>
{_figures(found)}
<p>The bracket has {counted_words(top.k, "seat", "seats")}; {
        counted_words(len(found.places), "person is", "people are")
    } in it{tied}. {len(scores):,} people have at least one offence that
counts, weighed by {shown(f"{index.name} {index.edition}")} over {history}.</p>
<p class="notice"><strong>A score is not a decision.</strong> It is a proposal for a named person to
review. {harm_share(scores, found.places)} of the harm in the bracket rests on allegations without a
conviction or caution.{_approximate(found)}</p>"""


def _to_review(found: Findings) -> str:
    return "".join(
        f'<p class="alarm"><strong>{shown(found.without_few(text))}</strong> '
        '<a href="#tested">What was declared, and what was found</a>.</p>\n'
        for text in found.run.monitoring.alarms
    )


def _alarms(found: Findings) -> str:
    return "".join(
        f'<p class="alarm"><strong>Before anything else:</strong> {shown(text)}</p>\n'
        for text in found.run.alarms
    )


def _to_assess(found: Findings) -> str:
    people = counted_words(len(found.to_assess), "person", "people")
    if not found.to_assess:
        return "Nobody new to assess."
    if found.run.movement is None:
        return f"{people} to assess."
    new = _newly_in(found)
    parts = []
    if new:
        back = sum(1 for person in found.to_assess if _returning(found, person))
        returning = f", {back:,} of them returning to it" if back else ""
        parts.append(f"{new:,} newly in the bracket (not in it at the last run{returning})")
    if len(found.to_assess) > new:
        parts.append(f"{len(found.to_assess) - new:,} in the bracket before and newly available")
    return f"{people} to assess: {' and '.join(parts)}."


def _returning(found: Findings, person: str) -> bool:
    """Whether somebody of the bracket was in it at an earlier run, and not at the last."""
    last = found.last_in[person]
    return (
        bool(last)
        and found.run.previous is not None
        and (last < found.run.previous.scores.date.isoformat())
    )


def _newly_in(found: Findings) -> int:
    if found.run.movement is None:
        return len(found.to_assess)
    people = found.run.movement.people
    return len(found.to_assess & set(people.loc[people["bracket"] == "enters", "offender_id"]))


def _approximate(found: Findings) -> str:
    if not found.scores.index.approximate:
        return ""
    return " The index is an approximate stand-in: read every rank with the range it can take."


def _figures(found: Findings) -> str:
    managed, away, before = (len(found.listed(name)) for name in LISTS[1:])
    figures = [
        ("assess", len(found.to_assess), "to assess now"),
        ("managed", managed, "already managed"),
        ("managed", away, "not available"),
    ]
    if not found.first:
        figures += [
            ("sure", before, "in the bracket before, and available"),
            ("left", len(found.tables["left.csv"]), "left the bracket"),
        ]
    items = "".join(
        f'<li><a href="#{key}"><strong>{count:,}</strong> {words}</a></li>'
        for key, count, words in figures
    )
    return f'<ul class="figures">{items}</ul>'


def _unit(found: Findings) -> str:
    return f"Score, {found.scores.unit}"


def _assess(found: Findings) -> str:
    table = found.listed(LISTS[0])
    told = (
        "<p>To assess are people newly in the bracket, or in it before and newly available, whom "
        "nobody manages. "
        + (
            "In a first run these are all who are available."
            if found.first
            else "<strong>New</strong> means not in the bracket at the last run; "
            "<strong>returning</strong>, in it at an earlier run and not at the last."
            + _looked_at(found)
        )
        + "</p>"
    )
    if table.empty:
        return told + "<p>Nobody is to be assessed in this run.</p>"
    approximate = found.scores.index.approximate
    columns = [
        _PERSON, _RANK,
        Column(_unit(found), number=True), Column("Offences", number=True),
        Column("Last offence", kind="line"), Column("Share unproven", number=True),
        Column(PROVEN_ONLY),
        *([Column("Rank can be", number=True)] if approximate else []),
        Column("Rests on", kind="terms"),
        Column("Heaviest offence" if found.first else "Why", kind="words"),
    ]  # fmt: skip
    rows = []
    why = found.heaviest(list(found.head(table))) if found.first else found.why
    for line in found.head(table):
        person = line["offender_id"]
        beside = found.details[person]
        row = [
            person, line["rank"], rounded(line["score"]), line["offences"],
            str(line["last_offence"]), f"{line['share_unproven']:.0%}", found.rank_proven(person),
        ]  # fmt: skip
        if approximate:
            row.append(f"{beside['rank_best']:,} to {beside['rank_worst']:,}")
        back = (
            f"returning, last in the bracket on {found.last_in[person]}; "
            if _returning(found, person)
            else ""
        )
        told_why = f"{back}{why.get(person, '')}"
        rows.append([*row, line["rests_on"] or "nothing in particular", told_why])
    return (
        told
        + table_of("To assess now, highest rank first", columns, rows)
        + found.more(len(table), "to-assess.csv")
        + f"<p>Rank is 1 + the number of people with a higher score. {ON_PROVEN}</p>"
        "<p><strong>Rests on</strong> names that without which the person would not be in the "
        'bracket, while everybody else keeps theirs: <a href="#verify">what to verify first</a>. '
        "Scores are rounded on this page and exact in the CSV files.</p>"
    )


def _looked_at(found: Findings) -> str:
    earlier = found.run.earlier
    told = f" Read for it: {counted_words(len(earlier.read), 'earlier run', 'earlier runs')}"
    if earlier.unread:
        days = ", ".join(day.isoformat() for day in earlier.unread)
        told += f"; not as written, and so not read: {days}"
    return f"{told}."


_MEANINGS: Final = {
    GROUNDS[0]: "without one offence, the heaviest",
    GROUNDS[1]: "without this person's allegations that no conviction or caution has proved",
    GROUNDS[2]: "without offences committed up to the last run that came to be known after it",
    GROUNDS[3]: "without offences that were long ago when they came to be known",
}
_BY: Final = dict(
    zip(
        GROUNDS,
        ("one offence", "unproven allegations", "late-recorded offences", "non-recent offences"),
        strict=True,
    )
)
_MOST: Final = 0.75


def _verify(found: Findings) -> str:
    table = found.tables["verify.csv"]
    without = dict(_MEANINGS)
    if found.first:
        without[GROUNDS[2]] = "not looked for: there is no last run"
    if found.scores.definition.non_recent_after is None:
        without[GROUNDS[3]] = "not looked for: the definition does not say what it is"
    new = table["offender_id"].isin(found.to_assess)
    summary = []
    for ground in GROUNDS:
        here = table["rests_on"] == ground
        counts = (
            found.people(int((here & new).sum())), found.people(int((here & ~new).sum())),
            _of_bracket(found, int(here.sum())),
        )  # fmt: skip
        if without[ground] != _MEANINGS[ground]:
            counts = ("", "", "")
        summary.append([ground, without[ground], *counts])
    columns = [
        Column("Rests on"), Column("They would not be in the bracket", kind="words"),
        Column("People to assess", number=True), Column("Others in the bracket", number=True),
        Column("Of the whole bracket", kind="terms"),
    ]  # fmt: skip
    return (
        "<p>These people would not be in the bracket without something that is best verified "
        "before anybody acts on it. Each is looked at alone: what the place rests on is left out "
        "for this person, and everybody else keeps theirs.</p>"
        + table_of("On what places in the bracket rest", columns, summary)
        + "<p>A ground that most of the bracket share tells nobody apart. So the list below, and "
        'that of <a href="#others">the others</a>, is in this order, and inside it by rank: a '
        "place that rests on</p>"
        + f"<ol>{''.join(f'<li>{shown(words)}</li>' for words in ORDER)}</ol>"
        + "<p><strong>Late-recorded</strong> compares the date on which an offence was committed "
        "(the placing date) with what was known at the last run: it was committed up to then, and "
        "was not yet known.</p>"
        + _resting(found, table[new], "To assess, what to verify first on top")
    )


def _verify_others(found: Findings) -> str:
    table = found.tables["verify.csv"]
    others = table[~table["offender_id"].isin(found.to_assess)]
    return (
        "<p>These are in the bracket and not to be assessed now. Grounds and order are those of "
        '<a href="#verify">what to verify first</a>.</p>'
        + _resting(found, others, "Others in the bracket, what to verify first on top")
    )


def _of_bracket(found: Findings, count: int) -> str:
    size = len(found.places)
    if found.few(count):
        return found.people(count)
    most = size and count >= _MOST * size
    return f"{count:,} of {size:,}{': most, so no distinction' if most else ''}"


def _resting(found: Findings, table: pd.DataFrame, caption: str) -> str:
    people = table["offender_id"].drop_duplicates()
    if people.empty:
        whom = (
            "Of those to assess, nobody's" if caption.startswith("To assess") else "Nobody else's"
        )
        return f"<p>{whom} place in the bracket rests on any of these.</p>"
    few = table[table["offender_id"].isin(people.head(found.run.declaration.listed))]
    ranks: dict[tuple[str, int, int, str], dict[str, str]] = {}
    for line in lines_of(few):
        key = (line["offender_id"], line["order"], line["rank"], rounded(line["score"]))
        offences = counted_words(line["offences"], "offence", "offences")
        told = f"{_or_none(line['rank_without'])} ({offences} left out)"
        ranks.setdefault(key, {})[line["rests_on"]] = told
    grounds = [ground for ground in GROUNDS if (few["rests_on"] == ground).any()]
    columns = [
        _PERSON, Column("Order", number=True), _RANK, Column(_unit(found), number=True),
        *(Column(f"Rank without {_BY[each]}", kind="terms") for each in grounds),
    ]  # fmt: skip
    rows = [
        [*person, *(without.get(ground, "in the bracket") for ground in grounds)]
        for person, without in ranks.items()
    ]
    return table_of(caption, columns, rows) + found.more(len(people), "verify.csv")


def _managed(found: Findings) -> str:
    managed, away, before = (found.listed(name) for name in LISTS[1:])
    nobody = [
        ("Managed by nobody, found by this ranking alone: to assess now", len(found.to_assess)),
        ("Managed by nobody: in the bracket before", len(before)),
        ("Managed by nobody: not available", len(away)),
    ]
    ways = sorted(Counter(way for text in managed["availability"] for way in _ways(text)).items())
    told = (
        "<p>People whom somebody manages stay in the ranking: where it finds them too, it agrees "
        "with the other routes.</p>"
    )
    parts = [told]
    if not found.run.ranking.availability.spells_checked:
        parts.append(
            "<p><strong>No table of states was given</strong>: nobody can be marked as managed, in "
            "custody, moved or dead.</p>"
        )
    columns = [Column("How they stand"), Column("People in the bracket", number=True)]
    rows = [[words, found.people(count)] for words, count in nobody + ways]
    parts.append(table_of("Found by the ranking alone, and managed by each route", columns, rows))
    if len(ways) > 1:
        parts.append("<p>Somebody managed in two ways is counted in both.</p>")
    for title, table in (("Already managed", managed), ("Not available", away)):
        if table.empty:
            parts.append(f"<p>{title}: nobody in the bracket.</p>")
            continue
        columns = [_PERSON, _RANK, Column(_unit(found), number=True), Column("How it stands")]
        lines = [
            [line["offender_id"], line["rank"], rounded(line["score"]), line["availability"]]
            for line in found.head(table)
        ]
        parts.append(table_of(f"{title}, highest rank first", columns, lines))
        parts.append(found.more(len(table), "bracket.csv"))
    return "\n".join(parts)


def _ways(availability: str) -> set[str]:
    """The ways in which a person is managed, of what stands beside the rank."""
    found = set()
    for reason in availability.split("; "):
        if not reason.startswith(MANAGED):
            continue
        words = reason.removeprefix(MANAGED).strip(" ()").split(", by ")
        kind = next((each for each in words if each in set(ManagementType)), "an unstated type")
        route = next((each for each in words if each in set(EntryRoute)), "an unstated route")
        found.add(f"Already managed: as {kind}, by {route}")
    return found


def _left(found: Findings) -> str:
    table = found.tables["left.csv"]
    if found.first:
        return "<p>This is a first run: nobody can have left.</p>"
    if table.empty:
        return "<p>Nobody left the bracket since the last run.</p>"
    columns = [
        _PERSON, Column("Rank before", number=True), Column("Rank now", number=True),
        Column(f"Score before, {_unit_before(found)}", number=True),
        Column(f"Score now, {found.scores.unit}", number=True),
        Column("Available now"), Column("Why", kind="words"),
    ]  # fmt: skip
    rows = [
        [
            line["offender_id"], _or_none(line["rank_before"]), _or_none(line["rank_now"]),
            *(rounded(line[name]) if line[name] else "none" for name in
              ("score_before", "score_now")),
            available(line["available_now"]), found.why.get(line["offender_id"], ""),
        ]
        for line in found.head(table)
    ]  # fmt: skip
    return (
        "<p>To leave the bracket is no finding about a person: it says what changed in the records "
        "or in other people's scores.</p>"
        + table_of("Who left the bracket since the last run", columns, rows)
        + found.more(len(table), "left.csv")
    )


def _unit_before(found: Findings) -> str:
    return found.scores.unit if found.run.previous is None else found.run.previous.scores.unit


def _or_none(rank: Any) -> Any:
    return "not ranked" if pd.isna(rank) else int(rank)


def _not_checked(found: Findings) -> str:
    names = found.run.not_checked
    if not names:
        return ""
    told = " and ".join(names)
    return f" So whether the extract is whole ({told}) could not be checked: look before you act."


def _moved(found: Findings) -> str:
    movement = found.run.movement
    if movement is None:
        return "<p>This is a first run: there is nothing to compare with.</p>" + _extract(found)
    rows, hidden = [], False
    for line in lines_of(movement.totals):
        hidden |= found.few(line["people"])
        row = [
            line["cause"], Cause(line["cause"]).meaning, line["people"], line["offences"],
            signed(line["score_change"]), movement.unit_of(Cause(line["cause"])),
        ]  # fmt: skip
        rows.append(found.counted(row, 2, (3, 4)))
    columns = [
        Column("Cause"), Column("What it means", kind="words"), Column("People", number=True),
        Column("Offences", number=True), Column("Change of scores", number=True), Column("Unit"),
    ]  # fmt: skip
    table = (
        table_of("What changed scores since the last run, over everybody", columns, rows)
        if rows else "<p>No score changed since the last run.</p>"
    )  # fmt: skip
    return (
        (_FEW if hidden else _sums(movement))
        + table
        + f"<p><strong>{Cause.LATE_RECORDED}</strong>: the date on which it was committed is up "
        "to the last run, and it was not known then. A rank also changes with no change of score: "
        f"{Cause.OVERTAKEN} ({shown(Cause.OVERTAKEN.meaning)}). Who is to be assessed can change "
        f"with the state of a person ({shown(Cause.STATE_CHANGED.meaning)}). Each person's causes "
        f"stand in {link_to('why.csv')}.</p>"
        + _extract(found)
    )  # fmt: skip


_FEW: Final = (
    "<p>The causes add up exactly to the change of all scores; each is taken into account after "
    "those above it. Where few people are concerned, their number is not shown here, nor what "
    "would give it away.</p>"
)


def _sums(movement: Movement) -> str:
    before, now = movement.before.scores, movement.now.scores
    if movement.units_differ:
        return (
            f"<p>The last run scored in {shown(before.unit)} and this one in {shown(now.unit)}: "
            "changes of scores between them mean little. A unit that is one <em>less</em> another "
            "is a difference of unlike things; the ranks can be read.</p>"
        )
    was, today = (
        Decimal(plain_decimal(sum(map(int, s.amounts.tolist())), s.denominator))
        for s in (before, now)
    )
    with localcontext(prec=200):
        change = f"{today - was:f}"
    return (
        f"<p>All scores together were {rounded(str(was))} and are {rounded(str(today))} "
        f"{shown(now.unit)}: a change of {signed(change)}. The causes below add up to it exactly; "
        "each is taken into account after those above it.</p>"
    )


def _extract(found: Findings) -> str:
    run = found.run
    if run.declaration.keeps_versions:
        return "<p>The source keeps its own versions: no extract is compared with the last.</p>"
    taken = run.ledger.extracts[-1]
    if len(run.ledger.extracts) == 1:
        return (
            f"<p>The extract of {long_date(taken.day)} began the ledger: {taken.opened:,} of its "
            f"{taken.rows_in:,} rows.</p>"
        )
    rows: list[list[Any]] = [
        ["Rows of the extract", taken.rows_in],
        ["Rejected", taken.rows_rejected],
        ["As they were at the last extract", taken.same],
        ["New or changed", taken.opened],
        ["Held at the last extract, and no more as they were", taken.closed],
    ]
    caption = f"The extract of {long_date(taken.day)} against that before it"
    return table_of(caption, [Column("Rows"), Column("How many", number=True)], rows)
