"""Ranks with their ties, the top bracket with its tie block, and everything shown beside a rank."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cached_property
from html import escape
from types import MappingProxyType
from typing import Any, Final, Literal

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.domain import Identity, Spell
from hhpu.errors import ArgumentError, UnknownName, as_whole
from hhpu.indices import SERIES, HarmDefinition, HarmIndex
from hhpu.ledger import Ledger, match_people
from hhpu.provenance import Provenance
from hhpu.ranking._availability import Availability, availability_on
from hhpu.ranking._exact import Amounts
from hhpu.ranking._explain import Explanation, explain_person
from hhpu.ranking._methods import Method
from hhpu.ranking._order import falling, ranks_among, ranks_in, ranks_of
from hhpu.ranking._score import score
from hhpu.ranking._scores import Scores
from hhpu.tables import Checked, Tabular, Texts, day_to_date

__all__ = ["Ranking", "TopBracket", "rank"]

Ints = npt.NDArray[np.int64]


_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "rank": "int64",
        "offences": "int64",
        "tied": "bool",
        "tie_size": "int64",
        "last_offence": "object",
        "share_unproven": "float64",
        "rank_proven_only": "int64",
        "rank_best": "Int64",
        "rank_worst": "Int64",
        "interval_only": "Int64",
    }
)


@attrs.frozen(eq=False, repr=False)
class Ranking:
    """People ranked by score at a date: a proposal for review, not a decision.

    Parameters
    ----------
    scores : Scores
        What the ranking is made from.
    availability : Availability
        What stands beside a rank.

    Notes
    -----
    The rank of a person is 1 + the number of people with a higher score; people with equal scores
    share a rank. In listings, people inside a tie stand in the order of their ids' UTF-8 bytes.
    """

    scores: Scores
    availability: Availability

    def __len__(self) -> int:
        return len(self.scores)

    def __repr__(self) -> str:
        return f"Ranking({self.scores!r} as of {self.scores.date})"

    @cached_property
    def order(self) -> Ints:
        """Places in ``scores.people``, highest score first, ids ascending inside a tie."""
        scores = self.scores
        people_rank = scores.ledger.people_rank
        at = np.full(len(people_rank), -1, dtype=np.int32)
        at[people_rank[scores.people]] = np.arange(len(scores), dtype=np.int32)
        by_id = at[at >= 0]
        found: Ints = by_id[falling(scores.amounts[by_id])].astype(np.int64)
        found.flags.writeable = False
        return found

    @cached_property
    def ranks(self) -> Ints:
        """The rank of each of ``scores.people``."""
        ranks = ranks_in(self.order, self.scores.amounts)
        ranks.flags.writeable = False
        return ranks

    @cached_property
    def tie_sizes(self) -> Ints:
        """How many people share the rank of each of ``scores.people``."""
        if not len(self):
            return np.zeros(0, dtype=np.int64)
        sizes: Ints = np.bincount(self.ranks)[self.ranks]
        sizes.flags.writeable = False
        return sizes

    @cached_property
    def proven_ranks(self) -> Ints:
        """The rank of each person if every unproven allegation were worth 0."""
        ranks = ranks_of(self.scores.proven_amounts)
        ranks.flags.writeable = False
        return ranks

    @cached_property
    def rank_ranges(self) -> tuple[Ints, Ints]:
        """Best and worst rank of each person under the intervals of an approximate edition.

        Offences that have an interval and no point weight are in the range and not in the rank, so
        a rank can lie outside its range; so can a score outside its low and high total. People who
        have nothing but intervals are among those who may stand above.
        """
        low, high = self.scores.bounds
        mine = np.searchsorted(self.scores.bounded_people, self.scores.people)
        best = ranks_among(high[mine], low)
        worst = ranks_among(low[mine], high) - (high[mine] > low[mine])
        return best, worst

    @property
    def provenance(self) -> Provenance:
        """What the ranking was made from, and what could not be guaranteed."""
        base = self.scores.provenance
        if self.availability.spells_checked and not self.availability.strangers:
            return base
        caveat = (
            "Nobody in the table of states is in the offences: are ids written alike, with their "
            "leading zeros? As it is, nobody is marked as dead, moved, in custody or managed."
            if self.availability.strangers
            else "No table of states: people who died, moved, are in custody or are managed "
            "already are not marked."
        )
        return attrs.evolve(base, caveats=(*base.caveats, caveat))

    def ids(self, places: Ints) -> list[str]:
        """Offender ids of some of ``scores.people``."""
        scores = self.scores
        return scores.ledger.people.take(scores.people[places]).tolist()

    def to_frame(self, *, top: int | None = None, details: bool = True) -> pd.DataFrame:
        """List the ranking.

        Parameters
        ----------
        top : int, optional
            Only so many lines.
        details : bool
            Whether to add what stands beside the rank.

        Returns
        -------
        pandas.DataFrame
            ``offender_id, rank, score, offences, tied, tie_size``, then, with details,
            ``last_offence, share_unproven, score_proven_only, rank_proven_only``, for an
            approximate edition ``score_low, score_high, rank_best, rank_worst, interval_only``
            (else empty), for each series ``harm_<series>``, and ``available, availability``.
            Scores are plain decimals in the unit, as text, unrounded.
        """
        scores = self.scores
        listed = self.order[:top]
        table: dict[str, Any] = {
            "offender_id": self.ids(listed),
            "rank": self.ranks[listed],
            "score": _plain(scores, scores.amounts[listed]),
            "offences": scores.offences[listed],
            "tied": self.tie_sizes[listed] > 1,
            "tie_size": self.tie_sizes[listed],
        }
        if details:
            table |= self._details(listed)
        return pd.DataFrame(
            {name: pd.Series(cells, dtype=_TYPES.get(name, "str")) for name, cells in table.items()}
        )

    def _details(self, listed: Ints) -> dict[str, Any]:
        scores = self.scores
        last = np.full(len(scores), np.iinfo(np.int32).min, dtype=np.int32)
        np.maximum.at(last, scores.place, scores.ledger.day[scores.rows])
        proven = scores.proven_amounts[listed]
        total = scores.amounts[listed]
        shares = [1 - int(p) / int(t) if t else 0.0 for p, t in zip(proven, total, strict=True)]
        table: dict[str, Any] = {
            "last_offence": [day_to_date(day) for day in last[listed].tolist()],
            "share_unproven": [round(share, 4) for share in shares],
            "score_proven_only": _plain(scores, proven),
            "rank_proven_only": self.proven_ranks[listed],
        }
        blank = [""] * len(listed)
        approximate = ("score_low", "score_high", "rank_best", "rank_worst", "interval_only")
        table |= dict.fromkeys(approximate[:2], blank)
        table |= dict.fromkeys(approximate[2:], [pd.NA] * len(listed))
        if scores.index.approximate:
            low, high = scores.bounds
            mine = np.searchsorted(scores.bounded_people, scores.people[listed])
            best, worst = self.rank_ranges
            table |= {
                "score_low": _plain(scores, low[mine]),
                "score_high": _plain(scores, high[mine]),
                "rank_best": best[listed],
                "rank_worst": worst[listed],
                "interval_only": scores.interval_only[listed],
            }
        for name in (*SERIES[1:], "non-recent"):
            sums = scores.sum_of(scores.in_series(name, scores.rows))
            column = f"harm_{name.replace('-', '_')}"
            declared = name != "non-recent" or scores.definition.non_recent_after is not None
            table[column] = _plain(scores, sums[listed]) if declared else blank
        persons = scores.people[listed].tolist()
        table["available"] = [self.availability.word(person) for person in persons]
        table["availability"] = [self.availability.why(person) for person in persons]
        return table

    def top(self, k: int | float | str) -> TopBracket:
        """Take the top bracket, with the whole tie block at its edge.

        Parameters
        ----------
        k : int, float or str
            A number of people, or a share of those ranked: ``0.01`` or ``"1%"``. ``1`` is one
            person; a share takes the nearest number of people, halves up, at least one.

        Returns
        -------
        TopBracket
            Who is above the cut, who is tied at it, and how many seats the tie shares.

        Raises
        ------
        ArgumentError
            If it is neither.
        """
        seats = seats_of(k, len(self))
        if not len(self):
            nobody = np.zeros(0, dtype=np.int64)
            return TopBracket(ranking=self, k=0, above=nobody, tied=nobody)
        cut = self.order[seats - 1]
        at_cut = self.ranks == self.ranks[cut]
        above = self.order[: int(self.ranks[cut]) - 1]
        block = self.order[len(above) : len(above) + int(at_cut.sum())]
        if len(above) + len(block) <= seats:
            above, block = self.order[:seats], block[:0]
        return TopBracket(ranking=self, k=seats, above=above, tied=block)

    def place_of(self, offender_id: str) -> int:
        """Find a person's place in ``scores.people``.

        Raises
        ------
        UnknownName
            If the person is not ranked; the message does not name them.
        """
        scores = self.scores
        at = match_people(Texts.of([str(offender_id)]), scores.ledger.people)
        person = int(at[0])
        if person >= 0 and scores.ledger.persons is not None:
            person = int(scores.ledger.persons[person])
        place = int(np.searchsorted(scores.people, person))
        if person < 0 or place >= len(scores) or scores.people[place] != person:
            message = "the person asked for is not ranked: " + (
                "no row of the ledger is theirs"
                if person < 0
                else "none of their rows counts at this date under this definition"
            )
            raise UnknownName(message, name="", available=())
        return place

    def explain(self, offender_id: str) -> Explanation:
        """Explain one person's score and rank.

        Parameters
        ----------
        offender_id : str
            The person.

        Returns
        -------
        Explanation
            Each contributing offence, each of the person's other rows with its fate, and the rank
            without unproven allegations.

        Raises
        ------
        UnknownName
            If the person is not ranked.
        """
        place = self.place_of(offender_id)
        return explain_person(
            self.scores,
            place=place,
            rank=int(self.ranks[place]),
            tie_size=int(self.tie_sizes[place]),
            proven_rank=int(self.proven_ranks[place]),
            ordered=self._ascending,
            availability=self.availability,
            provenance=self.provenance,
        )

    @cached_property
    def _ascending(self) -> Amounts:
        return np.sort(self.scores.amounts)

    def to_dict(self) -> dict[str, Any]:
        """Give the accounting of the ranking; nobody's score."""
        content = self.scores.to_dict()
        content["provenance"] = self.provenance.to_dict()
        content["people_tied"] = int((self.tie_sizes > 1).sum())
        return content

    def _repr_html_(self) -> str:
        scores, table = self.scores, self.to_frame(top=20, details=False)
        told = (
            f"{len(table):,} of {len(self):,} people, as of {scores.date}, in {scores.unit} "
            f"({scores.index.label})"
        )
        html: str = table.to_html(index=False)
        return f"<p>{escape(told)}</p>{html}"


def _plain(scores: Scores, amounts: Amounts) -> list[str]:
    return [scores.plain(amount) for amount in amounts.tolist()]


def seats_of(k: object, people: int) -> int:
    share: Decimal | None = None
    k = as_whole(k)
    if isinstance(k, str) and k.strip().isdecimal():
        k = int(k)
    elif isinstance(k, str | float):
        text = str(k).strip()
        try:
            share = Decimal(text.removesuffix("%")).scaleb(-2 if text.endswith("%") else 0)
        except InvalidOperation:
            share = None
    if isinstance(k, int) and not isinstance(k, bool) and k >= 1:
        return min(k, people)
    if share is not None and share.is_finite() and 0 < share <= 1:
        return min(max(1, int((people * share).to_integral_value(ROUND_HALF_UP))), people)
    message = f"k={k!r}: a number of people such as 50, or a share such as 0.01 or '1%'"
    raise ArgumentError(message)


@attrs.frozen(eq=False, repr=False)
class TopBracket:
    """The top of a ranking, honest about the tie at its edge.

    Parameters
    ----------
    ranking : Ranking
        The ranking.
    k : int
        The number of seats.
    above : numpy.ndarray of int64
        People inside whatever the order of ties, as places in ``scores.people``.
    tied : numpy.ndarray of int64
        People whose tie straddles the edge; empty where none does.
    """

    ranking: Ranking
    k: int
    above: Ints
    tied: Ints

    def __repr__(self) -> str:
        tied = f"{len(self.tied)} tied for {self.open}"
        return f"TopBracket({self.k} seats, {len(self.above)} above, {tied})"

    @property
    def open(self) -> int:
        """How many seats the tied people share."""
        return self.k - len(self.above)

    @property
    def cuts_a_tie(self) -> bool:
        """Whether the edge falls inside a tie."""
        return bool(len(self.tied))

    def to_frame(self) -> pd.DataFrame:
        """List the bracket with its whole tie block.

        Returns
        -------
        pandas.DataFrame
            As `Ranking.to_frame`, with ``bracket``: ``inside`` or ``tied at the edge``.
        """
        table = self.ranking.to_frame(top=len(self.above) + len(self.tied))
        words = ["inside"] * len(self.above) + ["tied at the edge"] * len(self.tied)
        table.insert(1, "bracket", words)
        return table


def rank(
    data: Ledger | Scores,
    *,
    as_of: dt.date | str | None = None,
    index: HarmIndex | None = None,
    definition: HarmDefinition | None = None,
    window: int | None = None,
    method: Method | None = None,
    unmapped: Literal["error", "report"] = "report",
    identities: Tabular[Identity] | Checked | None = None,
    spells: Tabular[Spell] | Checked | None = None,
) -> Ranking:
    """Rank people by harm as of a date.

    Parameters
    ----------
    data : Ledger or Scores
        Offences, or scores that are there already.
    as_of, index, definition, window, method, unmapped, identities
        As in `score`; not with `Scores`.
    spells : dataframe, path, iterable of Spell, or Checked, optional
        The states of people, for their availability.

    Returns
    -------
    Ranking
        Everybody with at least one counted offence, even at score 0.

    Raises
    ------
    ArgumentError
        For an argument that cannot be used.
    UnmappedOffences
        Under ``unmapped="error"``.

    Examples
    --------
    >>> from hhpu import encode, load_registry
    >>> table = pd.DataFrame({"offender_id": ["a", "b", "c"], "code": ["19C", "8N", "8N"],
    ...                       "committed_on": ["2025-01-04", "2025-02-01", "2025-03-01"]})
    >>> ranking = rank(encode(table), as_of="2025-12-31", index=load_registry().index("ons-css"))
    >>> ranking.to_frame(details=False)[["offender_id", "rank", "score", "tied"]]
      offender_id  rank       score   tied
    0           a     1  2952.940993  False
    1           b     2   189.153887   True
    2           c     2   189.153887   True
    """
    if isinstance(data, Scores):
        given = (as_of, index, definition, window, method, identities)
        if any(argument is not None for argument in given):
            message = "scores are there already: give as_of, index and the rest to score()"
            raise ArgumentError(message)
        scores = data
    else:
        if as_of is None:
            message = "as_of is needed: the date of the ranking, such as 2026-03-31"
            raise ArgumentError(message)
        scores = score(
            data, as_of=as_of, index=index, definition=definition, window=window, method=method,
            unmapped=unmapped, identities=identities,
        )  # fmt: skip
    return Ranking(scores=scores, availability=availability_on(scores.ledger, scores.as_of, spells))
