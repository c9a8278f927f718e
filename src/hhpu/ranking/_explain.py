"""Why a person has a score: every contributing offence, and every row that does not contribute."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import attrs
import numpy as np
import pandas as pd

from hhpu.domain import EvidentialStatus
from hhpu.indices import UNKNOWN_STATUS as UNKNOWN
from hhpu.indices import HarmIndex
from hhpu.provenance import Provenance
from hhpu.ranking._availability import Availability
from hhpu.ranking._exact import Amounts
from hhpu.ranking._fates import Fate
from hhpu.ranking._scores import Scores
from hhpu.tables import STATUS_CODES, day_to_date

__all__ = ["Contribution", "Explanation", "OtherRow", "explain_person"]

_STATUSES = (UNKNOWN, *STATUS_CODES, "unreadable")


@attrs.frozen
class Contribution:
    """One offence that contributes to a score.

    Parameters
    ----------
    offence_id : str
        As in the source; empty where it has none.
    code, description : str
        The code as written, and the index's words for the code that it was weighed as.
    weighed_as : str
        The code of the index's row; where the code as written could be one of several that weigh
        the same, all of them.
    weight : str
        In the index's unit, as a plain decimal.
    basis, citation : str
        What the weight is, and where it comes from.
    date, known_from : datetime.date or None
        The placing date, and the day from which it was known.
    status : str
        Evidential status; ``unknown`` where none was given.
    status_percent : int
        What the status policy lets it count.
    proven : bool
        Whether guilt was established.
    detection : str
        How it came to light; empty where that is not known.
    rules : tuple of str
        The rules of the definition that let it in.
    contribution : str
        What it adds to the score, as a plain decimal; the contributions sum exactly to the score.
    share : float
        Its share of the score.
    rank_without : int or None
        The rank if this offence were not counted; None if nothing would be left.
    """

    offence_id: str
    code: str
    description: str
    weighed_as: str
    weight: str
    basis: str
    citation: str
    date: dt.date | None
    known_from: dt.date | None
    status: str
    status_percent: int
    proven: bool
    detection: str
    rules: tuple[str, ...]
    contribution: str
    share: float
    rank_without: int | None


@attrs.frozen
class OtherRow:
    """One row of the person that does not contribute, and why."""

    offence_id: str
    code: str
    date: dt.date | None
    status: str
    fate: str
    reason: str


@attrs.frozen(repr=False)
class Explanation:
    """Why a person has a score and a rank.

    Parameters
    ----------
    offender_id : str
        The person.
    rank, tie_size, of : int
        The rank, how many share it, how many are ranked.
    score, unit : str
        The score as a plain decimal, and its unit.
    score_low, score_high : str
        Under an approximate edition; else equal to the score.
    contributions : tuple of Contribution
        Largest first.
    others : tuple of OtherRow
        The person's other rows.
    score_proven_only : str
        The score with unproven allegations at 0.
    rank_proven_only : int
        The rank with everybody's unproven allegations at 0.
    available, availability : str
        What stands beside the rank.
    provenance : Provenance
        What it was made from.
    """

    offender_id: str
    rank: int
    tie_size: int
    of: int
    score: str
    unit: str
    score_low: str
    score_high: str
    contributions: tuple[Contribution, ...]
    others: tuple[OtherRow, ...]
    score_proven_only: str
    rank_proven_only: int
    available: str
    availability: str
    provenance: Provenance

    def __repr__(self) -> str:
        return f"Explanation(rank {self.rank} of {self.of}, {len(self.contributions)} offences)"

    def to_frame(self) -> pd.DataFrame:
        """List the contributing offences, a line each, largest first."""
        columns = [field.name for field in attrs.fields(Contribution)]
        lines = [
            attrs.asdict(c, recurse=False) | {"rules": "; ".join(c.rules)}
            for c in self.contributions
        ]
        return pd.DataFrame(lines, columns=columns)

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold."""
        plain = attrs.asdict(
            self,
            filter=lambda attribute, _: attribute.name != "provenance",
            value_serializer=lambda _i, _a, v: v.isoformat() if isinstance(v, dt.date) else v,
        )
        plain["provenance"] = self.provenance.to_dict()
        return plain

    def to_text(self) -> str:
        """Write the explanation as a sheet that a person can read."""
        tied = f", tied with {self.tie_size - 1} others" if self.tie_size > 1 else ""
        lines = [
            f"Offender {self.offender_id}",
            f"Rank {self.rank} of {self.of}{tied}; score {self.score} {self.unit}",
        ]
        if (self.score_low, self.score_high) != (self.score, self.score):
            bounds = f"Between {self.score_low} and {self.score_high} {self.unit}"
            intervals = sum(other.fate == Fate.INTERVAL_ONLY.label for other in self.others)
            beside = f", with {intervals} offences that have only an interval" if intervals else ""
            lines.append(f"{bounds}{beside}: weights are approximate")
        lines.append(
            f"With every unproven allegation at 0: score {self.score_proven_only}, "
            f"rank {self.rank_proven_only}"
        )
        beside = f": {self.availability}" if self.availability else ""
        lines += [f"Available: {self.available}{beside}", "", "What the score is made of:"]
        for c in self.contributions:
            lines += self._lines_of(c)
        if self.others:
            lines += ["", "Rows that do not count:", *self._lines_of_others()]
        lines += ["", "Read with care:"]
        lines += [f"- {caveat}" for caveat in self.provenance.caveats]
        return "\n".join(lines) + "\n"

    def _lines_of_others(self) -> list[str]:
        plain = {Fate.SUPERSEDED.label, Fate.OUTSIDE_WINDOW.label, Fate.NOT_YET_KNOWN.label}
        counts = Counter(other.fate for other in self.others if other.fate in plain)
        lines = [f"- {count} {fate}" for fate, count in sorted(counts.items())]
        for o in self.others:
            if o.fate not in plain:
                reason = f" ({o.reason})" if o.reason else ""
                lines.append(f"- {o.date} {o.code or '(no code)'}: {o.fate}{reason}")
        return lines

    def _lines_of(self, c: Contribution) -> list[str]:
        without = "not ranked" if c.rank_without is None else f"rank {c.rank_without}"
        offence = f" [{c.offence_id}]" if c.offence_id else ""
        counted = f"weight {c.weight} ({c.basis}) x {c.status_percent}% for status {c.status}"
        lines = [
            f"- {c.date} {c.code} {c.description}".rstrip() + offence,
            f"    {c.contribution} {self.unit} ({c.share:.1%}); {counted}; without it {without}",
            f"    source: {c.citation}",
        ]
        if c.rules:
            lines.append(f"    let in by: {', '.join(c.rules)}")
        return lines

    def _repr_html_(self) -> str:
        html: str = self.to_frame().to_html(index=False)
        return html


def explain_person(
    scores: Scores,
    *,
    place: int,
    rank: int,
    tie_size: int,
    proven_rank: int,
    ordered: Amounts,
    availability: Availability,
    provenance: Provenance,
) -> Explanation:
    """Explain the score of one of ``scores.people``.

    Parameters
    ----------
    scores : Scores
        The scores.
    place, rank, tie_size, proven_rank : int
        The person's place in ``scores.people``, rank, tie and rank without unproven allegations.
    ordered : numpy.ndarray
        Everybody's scores, ascending.
    availability : Availability
        What stands beside the rank.
    provenance : Provenance
        What the ranking was made from.

    Returns
    -------
    Explanation
        Its contributions sum exactly to the score.
    """
    person = int(scores.people[place])
    mine = np.flatnonzero(scores.place == place)
    total = int(scores.amounts[place])
    amounts = [int(amount) for amount in scores.contributions[mine].tolist()]
    rows = scores.rows[mine]
    ids = scores.ledger.offence_ids(rows)
    single = len(mine) == 1
    made = []
    for row, amount, offence_id in zip(rows.tolist(), amounts, ids, strict=True):
        left = total - amount
        higher = len(ordered) - int(np.searchsorted(ordered, left, side="right"))
        without = None if single else higher + 1 - (1 if amount else 0)
        made.append((amount, _contribution(scores, row, amount, offence_id, total, without)))
    made.sort(key=lambda pair: (-pair[0], str(pair[1].date), pair[1].code, pair[1].offence_id))
    low = high = scores.plain(total)
    if scores.index.approximate:
        at = int(np.searchsorted(scores.bounded_people, person))
        low, high = (scores.plain(int(bound[at])) for bound in scores.bounds)
    return Explanation(
        offender_id=scores.ledger.people[person],
        rank=rank,
        tie_size=tie_size,
        of=len(scores),
        score=scores.plain(total),
        unit=scores.unit,
        score_low=low,
        score_high=high,
        contributions=tuple(contribution for _, contribution in made),
        others=_others(scores, person),
        score_proven_only=scores.plain(int(scores.proven_amounts[place])),
        rank_proven_only=proven_rank,
        available=availability.word(person),
        availability=availability.why(person),
        provenance=provenance,
    )


def _contribution(
    scores: Scores, row: int, amount: int, offence_id: str, total: int, without: int | None
) -> Contribution:
    ledger, compiled, index = scores.ledger, scores.compiled, scores.index
    kind, status = int(ledger.kind[row]), int(ledger.status[row])
    weight = index.weights[int(compiled.row[kind])]
    sources = {citation.key: citation.label for citation in index.citations}
    types = ledger.types.columns
    name = _STATUSES[status]
    return Contribution(
        offence_id=offence_id,
        code=types["code"][kind] or "",
        description=_described(index, compiled.weighed_as[kind]),
        weighed_as=" or ".join(compiled.weighed_as[kind]),
        weight=index.amount(int(compiled.weight[kind])),
        basis=weight.basis,
        citation="; ".join(sources[key] for key in weight.citation),
        date=day_to_date(int(ledger.day[row])),
        known_from=day_to_date(int(ledger.known_from[row])),
        status=name,
        status_percent=int(scores.percent[status]),
        proven=name in STATUS_CODES and EvidentialStatus(name).proven,
        detection=types["detection"][kind] or "",
        rules=compiled.rules[kind],
        contribution=scores.plain(amount),
        share=amount / total if total else 0.0,
        rank_without=without,
    )


def _described(index: HarmIndex, codes: tuple[str, ...]) -> str:
    words = [weight.description for weight in index.weights if weight.code in codes]
    distinct = list(dict.fromkeys(word for word in words if word))
    if len(distinct) < 3:
        return " or ".join(distinct)
    return f"{distinct[0]} or one of {len(distinct) - 1} others of the same weight"


def _others(scores: Scores, person: int) -> tuple[OtherRow, ...]:
    ledger = scores.ledger
    rows = np.flatnonzero(ledger.offender == person)
    rows = rows[scores.fates[rows] != Fate.COUNTED]
    codes = ledger.types.columns["code"]
    found = [
        OtherRow(
            offence_id=offence_id,
            code=codes[int(ledger.kind[row])] or "",
            date=day_to_date(int(ledger.day[row])),
            status=_STATUSES[int(ledger.status[row])],
            fate=Fate(int(scores.fates[row])).label,
            reason=scores.compiled.reason[int(ledger.kind[row])]
            if scores.fates[row] in (Fate.UNMAPPED, Fate.INTERVAL_ONLY, Fate.OTHER_ROLE)
            else "",
        )
        for row, offence_id in zip(rows.tolist(), ledger.offence_ids(rows), strict=True)
    ]
    return tuple(sorted(found, key=lambda o: (str(o.date), o.code, o.offence_id, o.fate, o.status)))
