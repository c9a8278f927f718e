"""How stable a ranking is over its reruns, and how much of that is the window they share."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.errors import ArgumentError, expect
from hhpu.indices import HarmDefinition, HarmIndex
from hhpu.ledger import Ledger
from hhpu.provenance import Provenance
from hhpu.ranking import Method, movement, rank, score, seats_of, sweep
from hhpu.tables import day_to_date, read_day
from hhpu.validation._coverage import known_since, known_until
from hhpu.validation._overlap import (
    TIE_VARIANTS,
    Listed,
    kendall_tau_b,
    listed,
    rank_biased_overlap,
    top_overlap,
)

__all__ = ["COMPARISONS", "Stability", "stability"]

Ints = npt.NDArray[np.int64]
COMPARISONS: Final = (
    "previous run", "first run", "disjoint windows", "disjoint windows, active in both",
)  # fmt: skip
_MEASURES: Final = (
    "retention_low", "retention_high", "retention_whole", "jaccard_low", "jaccard_high",
    "jaccard_whole", "rbo", "rbo_low", "rbo_high", "rbo_residual", "p", "weight_within_k", "tau_b",
)  # fmt: skip
_OVERLAPS: Final = {
    "comparison": "str", "old_as_of": "object", "new_as_of": "object", "days_apart": "int64",
    "window_shared": "float64", "people_old": "Int64", "people_new": "Int64",
    "people_in_both": "Int64", "seats": "Int64", **dict.fromkeys(_MEASURES, "float64"),
    "why": "str",
}  # fmt: skip
_RUNS: Final = {
    "as_of": "object", "people": "int64", "in_bracket": "int64", "entries": "Int64",
    "exits": "Int64", "followed": "int64", "followed_ranked": "int64",
    "followed_in_bracket": "int64", "rank_quartile_1": "float64", "rank_median": "float64",
    "rank_quartile_3": "float64",
}  # fmt: skip
_MOVES: Final = {
    "before": "object", "as_of": "object", "move": "str", "cause": "str", "people": "int64",
}  # fmt: skip
_TRAJECTORIES: Final = {
    "offender_id": "str", "as_of": "object", "rank": "Int64", "in_bracket": "bool",
}  # fmt: skip


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Stability:
    """Reruns of one ranking compared, beside what windows that share nothing give.

    Parameters
    ----------
    k : int, float or str
        The bracket: a number of people, or a share.
    window : int or None
        Days of history.
    overlaps : pandas.DataFrame
        A line for each comparison: ``comparison, old_as_of, new_as_of, days_apart,
        window_shared, people_old, people_new, people_in_both, seats``; the measures
        ``retention_low, retention_high, retention_whole, jaccard_low, jaccard_high,
        jaccard_whole, rbo, rbo_low, rbo_high, rbo_residual, p, weight_within_k, tau_b``; and
        ``why``, empty where all are defined. ``comparison`` is one of `COMPARISONS`; retention is
        the share of the old bracket that is in the new one; ``window_shared`` is the share of days
        that both windows hold.
    runs : pandas.DataFrame
        A line for each run: ``as_of, people, in_bracket, entries, exits``; and of the people in
        the bracket of the first run ``followed, followed_ranked, followed_in_bracket,
        rank_quartile_1, rank_median, rank_quartile_3``, where who is no longer ranked stands just
        below everybody who is. A bracket holds the whole tie block at its edge.
    moves : pandas.DataFrame
        Entries and exits by their main cause: ``before, as_of, move, cause, people``; empty unless
        asked for. The main cause is the one that moved the rank furthest in the direction of the
        move; see `hhpu.ranking.Cause`.
    adjusted : str
        What the overlap-adjusted comparisons are; or why there is none.
    ever : numpy.ndarray of int64
        Everybody who was in the bracket of any run, as places in the ledger's people.
    ranks : numpy.ndarray of int32, shape (ever, runs)
        Their ranks; 0 where not ranked.
    ledger : Ledger
        What was ranked.
    provenance : Provenance
        Of the last run, with what was asked here.
    """

    k: int | float | str
    window: int | None
    overlaps: pd.DataFrame
    runs: pd.DataFrame
    moves: pd.DataFrame
    adjusted: str
    ever: Ints
    ranks: npt.NDArray[np.int32]
    ledger: Ledger
    provenance: Provenance

    def __repr__(self) -> str:
        return f"Stability({len(self.runs)} runs, k={self.k})"

    def trajectories(self) -> pd.DataFrame:
        """List the ranks of everybody who was ever in the bracket: for the unit's own use.

        Returns
        -------
        pandas.DataFrame
            ``offender_id, as_of, rank, in_bracket``: a line for each person and run, people in the
            order of their ids; the rank is missing where the person was not ranked.
        """
        dates = self.runs["as_of"].tolist()
        ids = np.array(self.ledger.people.take(self.ever).tolist(), dtype=object)
        order = np.argsort(ids, kind="stable") if len(ids) else np.zeros(0, dtype=np.int64)
        ranks = self.ranks[order].ravel()
        seats = [seats_of(self.k, people) for people in self.runs["people"].tolist()]
        inside = (self.ranks[order] > 0) & (self.ranks[order] <= np.array(seats))
        held = pd.array(ranks, dtype="Int64")
        held[ranks == 0] = pd.NA
        return pd.DataFrame(
            {
                "offender_id": np.repeat(ids[order], len(dates)),
                "as_of": dates * len(order),
                "rank": held,
                "in_bracket": inside.ravel(),
            }
        ).astype(_TRAJECTORIES)

    def summary(self) -> pd.DataFrame:
        """Average each measure over the runs, by comparison.

        Returns
        -------
        pandas.DataFrame
            ``comparison, pairs, undefined, window_shared`` and the means of the measures over the
            pairs in which they are defined; a line for each of `COMPARISONS`, also where there is
            none. A pair is undefined where any of its measures is.
        """
        lines = []
        for comparison in COMPARISONS:
            mine = self.overlaps[self.overlaps["comparison"] == comparison]
            undefined = int((mine["why"] != "").sum())
            means = [_mean(mine[name]) for name in ("window_shared", *_MEASURES)]
            lines.append((comparison, len(mine), undefined, *means))
        columns = ["comparison", "pairs", "undefined", "window_shared", *_MEASURES]
        return pd.DataFrame(lines, columns=columns)

    @property
    def statement(self) -> str:
        """What was found, in a sentence that keeps a figure and its overlap together."""
        near, far = (_told(self.overlaps, COMPARISONS[i]) for i in (0, 2))
        if near is None:
            told = "No run is compared with the one before"
        else:
            mine = self.overlaps[self.overlaps["comparison"] == COMPARISONS[0]]
            shared = _mean(mine["window_shared"])
            by_design = (
                "" if math.isnan(shared) else f", which share {shared:.1%} of the window by design,"
            )
            told = f"From run to run{by_design} the bracket kept {near} of its people"
        if far is None:
            return f"{told}. {self.adjusted}"
        return f"{told}; from one window to the next, which share none of it, {far}."

    def to_dict(self) -> dict[str, Any]:
        """Give everything but single people."""
        return {
            "provenance": self.provenance.to_dict(),
            "statement": self.statement,
            "adjusted": self.adjusted,
            "k": self.k,
            "window": self.window,
            "people_ever_in_bracket": len(self.ever),
            "summary": _records(self.summary()),
            "overlaps": _records(self.overlaps),
            "runs": _records(self.runs),
            "moves": _records(self.moves),
        }

    def _repr_html_(self) -> str:
        html: str = self.summary().to_html(index=False)
        return html


def stability(
    ledger: Ledger,
    *,
    origins: Sequence[dt.date | str],
    k: int | float | str,
    index: HarmIndex | None = None,
    definition: HarmDefinition | None = None,
    window: int | None = None,
    method: Method | None = None,
    share: float = 0.8,
    ties: str = "a",
    until: dt.date | str | None = None,
    causes: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Stability:
    """Compare the reruns of a ranking with each other, and with what shares no window.

    Two runs 14 days apart over a window of 365 days share 351 of the 365 days: they must look
    alike, whatever the ranking is worth. So each run at ``t`` is also compared between
    ``(t - window, t]`` and ``(t, t + window]``: the second is scored as of ``t + window``, from
    what was known then.

    Parameters
    ----------
    ledger : Ledger
        The offences; with identities as `Ledger.as_persons` gave it.
    origins : sequence of datetime.date or str
        The dates of the runs, ascending.
    k : int, float or str
        The bracket: a number of people, or a share of those ranked such as ``0.01`` or ``"1%"``.
    index, definition, window, method
        As in `hhpu.ranking.score`.
    share : float
        The share of the weight of rank-biased overlap that lies within ``k``.
    ties : {"a", "w", "b"}
        The variant of ties of rank-biased overlap; see `TIE_VARIANTS`.
    until : datetime.date or str, optional
        The last day that the data cover; without it the last day on which anything became known.
    causes : bool
        Whether to say what moved people into the bracket and out of it; takes longer.
    progress : callable, optional
        Told how many dates are done, of how many.

    Returns
    -------
    Stability
        A definition without a window has no overlap-adjusted figures: ``adjusted`` says why.

    Raises
    ------
    ArgumentError
        If the dates do not ascend, or an argument cannot be used.

    References
    ----------
    Webber W, Moffat A, Zobel J (2010). A similarity measure for indefinite rankings. ACM
    Transactions on Information Systems 28(4), 20. doi:10.1145/1852102.1852106

    Examples
    --------
    >>> from hhpu import encode, load_registry
    >>> ledger = encode(pd.DataFrame({"offender_id": ["1", "2", "1"], "code": ["8N", "5D", "8N"],
    ...                               "committed_on": ["2025-01-04", "2025-02-01", "2025-02-20"]}))
    >>> found = stability(ledger, origins=["2025-01-31", "2025-02-14"], k=1, window=28,
    ...                   index=load_registry(plugins="none").index("ons-css"))
    >>> found.overlaps[["comparison", "window_shared", "retention_low"]].dropna()
         comparison  window_shared  retention_low
    2  previous run            0.5            0.0
    3     first run            0.5            0.0
    """
    expect(ledger, Ledger, "stability()", "encode() makes one from a table")
    if ties not in TIE_VARIANTS:
        message = f"ties={ties!r}: {', '.join(TIE_VARIANTS)}"
        raise ArgumentError(message)
    dates = list(origins)
    days = tuple(read_day(day, "origins") for day in dates)
    if not days or any(later <= day for day, later in itertools.pairwise(days)):
        message = "origins= takes dates in ascending order, at least one, each once"
        raise ArgumentError(message)
    seats_of(k, 1)
    last = score(
        ledger, as_of=dates[-1], index=index, definition=definition, window=window, method=method
    )
    asked = _Asked(
        ledger=ledger,
        definition=last.definition,
        method=last.method,
        days=days,
        k=k,
        share=share,
        ties=ties,
        until=known_until(ledger) if until is None else read_day(until, "until"),
    )
    overlaps, runs, inside = asked.compared(progress)
    ever = np.unique(np.concatenate(inside))
    return Stability(
        k=k,
        window=last.definition.window,
        overlaps=overlaps,
        runs=runs,
        moves=_typed(asked.moves() if causes else [], _MOVES),
        adjusted=asked.adjusted,
        ever=ever,
        ranks=asked.ranks(ever),
        ledger=ledger,
        provenance=asked.provenance(last.provenance),
    )


@attrs.frozen(eq=False, kw_only=True)
class _Asked:
    ledger: Ledger
    definition: HarmDefinition
    method: Method
    days: tuple[int, ...]
    k: int | float | str
    share: float
    ties: str
    until: int

    @property
    def window(self) -> int | None:
        return self.definition.window

    def pairs(self) -> list[tuple[int, int, tuple[str, ...]]]:
        """The old and the new date of each comparison, and what it is, in the order of the runs."""
        found: list[tuple[int, int, tuple[str, ...]]] = []
        for number, day in enumerate(self.days):
            if number:
                found.append((self.days[number - 1], day, COMPARISONS[:1]))
                found.append((self.days[0], day, COMPARISONS[1:2]))
            if self.window is not None:
                found.append((day, day + self.window, COMPARISONS[2:]))
        return found

    def beyond(self, new: int, what: tuple[str, ...]) -> bool:
        """Whether a second window ends after the data do."""
        return new > self.until and what == COMPARISONS[2:]

    def swept(self, days: Sequence[int]) -> Iterator[tuple[int, Listed]]:
        dates = [_date(day) for day in days]
        for at in sweep(self.ledger, origins=dates, definition=self.definition, method=self.method):
            yield at.as_of, listed(at.people, at.amounts)

    def compared(
        self, progress: Callable[[int, int], None] | None
    ) -> tuple[pd.DataFrame, pd.DataFrame, list[Ints]]:
        """Compare as the sweep goes on, holding no list for longer than it is needed."""
        pairs = self.pairs()
        needed = {old: max(n for o, n, _ in pairs if o == old) for old in {o for o, _, _ in pairs}}
        held: dict[int, Listed] = {}
        lines: dict[int, list[tuple[Any, ...]]] = {}
        runs: list[tuple[Any, ...]] = []
        inside: list[Ints] = []
        dates = sorted({*self.days, *(new for _, new, _ in pairs if new <= self.until)})
        for done, (day, found) in enumerate(self.swept(dates), start=1):
            held[day] = found
            for number, (old, new, what) in enumerate(pairs):
                if new == day and not self.beyond(new, what):
                    lines[number] = self.lines(old, new, what, (held[old], found))
            if day in self.days:
                inside.append(_bracket(found, self.k))
                runs.append(self.run(day, found, inside))
            held = {each: kept for each, kept in held.items() if needed.get(each, 0) > day}
            if progress is not None:
                progress(done, len(dates))
        told = [
            line
            for number, (old, new, what) in enumerate(pairs)
            for line in lines.get(number) or self.lines(old, new, what, None)
        ]
        return _typed(told, _OVERLAPS), _typed(runs, _RUNS), inside

    def lines(
        self, old: int, new: int, what: tuple[str, ...], lists: tuple[Listed, Listed] | None
    ) -> list[tuple[Any, ...]]:
        days = new - old
        shared = math.nan if self.window is None else max(0.0, 1 - days / self.window)
        found = []
        for comparison in what:
            head = (comparison, _date(old), _date(new), days, shared)
            if lists is None:
                why = f"the data end on {_date(self.until)}, before the second window does"
                nothing = (pd.NA,) * 4, (math.nan,) * len(_MEASURES)
                found.append((*head, *nothing[0], *nothing[1], why))
                continue
            one, other = lists
            if comparison == COMPARISONS[3]:
                one, other = one.among(other.people), other.among(one.people)
            found.append((*head, *self.measures(one, other)))
        return found

    def measures(self, old: Listed, new: Listed) -> tuple[Any, ...]:
        top = top_overlap(old, new, k=self.k)
        overlap = rank_biased_overlap(old, new, k=self.k, share=self.share, ties=self.ties)
        tau = kendall_tau_b(old, new)
        why = "; ".join(dict.fromkeys(each for each in (top.why, tau.why) if each))
        return (
            len(old), len(new), tau.people, top.seats_old,
            top.retention_low, top.retention_high, top.retention_whole,
            top.jaccard_low, top.jaccard_high, top.jaccard_whole,
            overlap.extrapolated, overlap.low, overlap.high, overlap.residual,
            overlap.p, overlap.weight, tau.value, why,
        )  # fmt: skip

    def run(self, day: int, found: Listed, inside: list[Ints]) -> tuple[Any, ...]:
        now, first = inside[-1], inside[0]
        entries: Any = pd.NA
        exits: Any = pd.NA
        if len(inside) > 1:
            entries = len(np.setdiff1d(now, inside[-2], assume_unique=True))
            exits = len(np.setdiff1d(inside[-2], now, assume_unique=True))
        ranks = _ranks_of(found, first)
        below = np.where(ranks == 0, len(found) + 1, ranks)
        quartiles = np.quantile(below, [0.25, 0.5, 0.75]) if len(first) else [math.nan] * 3
        still = len(np.intersect1d(now, first, assume_unique=True))
        return (
            _date(day), len(found), len(now), entries, exits,
            len(first), int((ranks > 0).sum()), still, *quartiles,
        )  # fmt: skip

    def ranks(self, people: Ints) -> npt.NDArray[np.int32]:
        """The ranks of some people at each run."""
        columns = [_ranks_of(found, people) for _, found in self.swept(self.days)]
        return np.stack(columns, axis=1).astype(np.int32)

    def moves(self) -> list[tuple[Any, ...]]:
        rankings = (
            rank(self.ledger, as_of=_date(day), definition=self.definition, method=self.method)
            for day in self.days
        )
        found: list[tuple[Any, ...]] = []
        for before, now in itertools.pairwise(rankings):
            moved = movement(before, now, k=self.k)
            dates = before.scores.date, now.scores.date
            brackets = moved.people.set_index("offender_id")["bracket"]
            causes = moved.causes.assign(move=moved.causes["offender_id"].map(brackets))
            for move, sign in (("enters", 1), ("leaves", -1)):
                mine = causes[causes["move"] == move]
                mine = mine.assign(towards=sign * mine["rank_change"])
                first = mine.sort_values("towards", kind="stable").drop_duplicates("offender_id")
                counts = first["cause"].value_counts()
                found += [(*dates, move, cause, n) for cause, n in sorted(counts.items())]
        return found

    @property
    def adjusted(self) -> str:
        if self.window is None:
            return (
                "No overlap-adjusted figure: the definition has no window, so each run holds all "
                "of the history of the one before, and no two runs are without shared offences."
            )
        ended = sum(day + self.window > self.until for day in self.days)
        told = (
            f"Overlap-adjusted: between the windows (t - {self.window}, t] and "
            f"(t, t + {self.window}] days, the second scored as of t + {self.window} from what was "
            "known then"
        )
        if ended == len(self.days):
            return f"{told}; there is none, as the data end before any second window does."
        return told + (
            f"; {ended} of {len(self.days)} runs are too late for one." if ended else "."
        )

    def provenance(self, base: Provenance) -> Provenance:
        caveats = [self.adjusted]
        since = known_since(self.ledger)
        if self.window is not None and self.days[0] - self.window < since:
            caveats.append(
                f"Nothing was known before {_date(since)}: windows that begin before it hold less "
                "than they should, and so share less."
            )
        late = sum(day > self.until for day in self.days)
        if late:
            caveats.append(
                f"{late} of {len(self.days)} runs are after {_date(self.until)}, where the data "
                "end: what changes there is what leaves the window."
            )
        facts = {
            **base.facts,
            "origins": {
                "first": _date(self.days[0]), "last": _date(self.days[-1]), "runs": len(self.days),
            },
            "k": self.k,
            "rank_biased_overlap": {
                "share_of_weight_within_k": self.share, "ties": self.ties,
                "variant": TIE_VARIANTS[self.ties],
            },
            "until": _date(self.until),
        }  # fmt: skip
        return Provenance(facts=facts, caveats=(*base.caveats, *caveats))


def _bracket(found: Listed, k: int | float | str) -> Ints:
    """Who is in the bracket, the whole tie block at its edge included."""
    if not len(found):
        return found.people
    return np.sort(found.people[found.ranks <= seats_of(k, len(found))])


def _ranks_of(found: Listed, people: Ints) -> Ints:
    """The ranks of people; 0 where they are not ranked."""
    ranks = np.zeros(len(people), dtype=np.int64)
    _, at, there = np.intersect1d(people, found.people, assume_unique=True, return_indices=True)
    ranks[at] = found.ranks[there]
    return ranks


def _date(day: int) -> dt.date:
    found = day_to_date(day)
    return dt.date.max if found is None else found


def _typed(lines: list[tuple[Any, ...]], kinds: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=list(kinds)).astype(kinds)


def _mean(column: pd.Series[Any]) -> float:
    held = column.dropna()
    return float(held.mean()) if len(held) else math.nan


def _told(overlaps: pd.DataFrame, comparison: str) -> str | None:
    """The mean retention of a comparison, over the orders of ties; None where there is none."""
    mine = overlaps[overlaps["comparison"] == comparison]
    ends = _mean(mine["retention_low"]), _mean(mine["retention_high"])
    if math.isnan(ends[0]):
        return None
    low, high = (f"{end:.1%}" for end in ends)
    return low if low == high else f"{low} to {high}"


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Lines that JSON can hold: None where a figure is missing."""
    return [
        {str(name): _plain(cell) for name, cell in line.items()}
        for line in table.to_dict("records")
    ]


def _plain(cell: Any) -> Any:
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, str):
        return cell
    if pd.isna(cell):
        return None
    return cell.item() if isinstance(cell, np.generic) else cell
