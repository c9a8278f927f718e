"""What moved people from one ranking to the next, adding up exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from math import lcm
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.errors import ArgumentError, expect
from hhpu.indices import plain_decimal
from hhpu.ledger import Ledger
from hhpu.provenance import Provenance
from hhpu.ranking._causes import OWN, TOGETHER, Cause, changed_links
from hhpu.ranking._methods import OffenceCount
from hhpu.ranking._ranking import Ranking
from hhpu.ranking._score import score
from hhpu.ranking._scores import Scores

__all__ = ["Movement", "movement"]

Ints = npt.NDArray[np.int64]


_MOVES: Final = ("enters", "leaves", "stays", "joined")


@attrs.frozen(eq=False, repr=False)
class Movement:
    """Two rankings of one ledger at two dates, and what lies between them for each person.

    Parameters
    ----------
    before, now : Ranking
        The rankings.
    k : int, float or str
        The bracket at both.
    people : pandas.DataFrame
        Everybody in the bracket of either: ``offender_id, rank_before, rank_now, score_before,
        score_now, bracket, available_before, available_now``. ``bracket`` is ``enters``,
        ``leaves``, ``stays``, or ``joined`` for a record that is one person with another now; who
        was in it under any record stays. The tie block at the edge is inside. A rank is missing
        where the person was not ranked.
    causes : pandas.DataFrame
        A line for each of them and each cause: ``offender_id, cause, offences, score_change,
        rank_change, codes``. The score changes of a person add up exactly to ``score_now`` less
        ``score_before``; the rank changes to ``rank_now`` less ``rank_before``, where somebody who
        is not ranked stands just below everybody who is.
    totals : pandas.DataFrame
        Over everybody ranked at either: ``cause, people, offences, score_change``.

    Notes
    -----
    Causes are taken into account one after another, in the order of `Cause`, which decides how a
    change of rank is shared out. First the last ranking is made again under today's index, then
    under today's definition, then with today's identities; the changes of rank so far are those of
    everybody together. Then the person's own offences change, while all others stay; what is left
    is what others did.
    """

    before: Ranking
    now: Ranking
    k: int | float | str
    people: pd.DataFrame
    causes: pd.DataFrame
    totals: pd.DataFrame

    def __repr__(self) -> str:
        moves = self.people["bracket"].value_counts()
        told = ", ".join(f"{int(moves.get(m, 0))} {m}" for m in _MOVES if m in moves)
        return f"Movement({self.before.scores.date} to {self.now.scores.date}: {told})"

    @property
    def units_differ(self) -> bool:
        """Whether the scores are in different units, so that their difference means little."""
        return self.before.scores.unit != self.now.scores.unit

    @property
    def provenance(self) -> Provenance:
        """What the two rankings were made from, and what could not be guaranteed."""
        before, now = self.before.provenance, self.now.provenance
        facts = {"bracket": self.k, "before": before.facts, "now": now.facts}
        caveats = list(now.caveats)
        when = self.before.scores.date
        caveats += [f"As of {when}: {told}" for told in before.caveats if told not in now.caveats]
        if self.units_differ:
            caveats.append("The units of the two rankings differ: changes of score mean little.")
        return Provenance(facts=facts, caveats=tuple(caveats))

    def unit_of(self, cause: Cause) -> str:
        """The unit of the changes of score that a cause makes.

        Where an index or a method of another unit came, that change is a score in the new unit less
        one in the old: ``points less days``.
        """
        before, now = self.before.scores, self.now.scores
        weighed = before.unit if isinstance(before.method, OffenceCount) else now.index.unit
        if cause is Cause.RE_WEIGHTED:
            return _less(weighed, before.unit)
        return _less(now.unit, weighed) if cause is Cause.RE_DEFINED else now.unit

    def to_dict(self) -> dict[str, Any]:
        """Give provenance and counts; nobody's score."""
        return {"provenance": self.provenance.to_dict(), **self.counts()}

    def counts(self) -> dict[str, Any]:
        """Count who moved, and by cause the people and offences."""
        moves = self.people["bracket"].value_counts()
        return {
            "from": self.before.scores.date.isoformat(),
            "to": self.now.scores.date.isoformat(),
            **{move: int(moves.get(move, 0)) for move in _MOVES},
            "units_differ": self.units_differ,
            "causes": {
                line["cause"]: {"people": line["people"], "offences": line["offences"]}
                for line in self.totals.to_dict("records")
            },
        }

    def _repr_html_(self) -> str:
        html: str = self.totals.to_html(index=False)
        return html


def _less(now: str, before: str) -> str:
    return now if before == now else f"{now} less {before}"


def movement(before: Ranking, now: Ranking, *, k: int | float | str) -> Movement:
    """Say what moved people from one ranking to a later one of the same ledger.

    Parameters
    ----------
    before, now : Ranking
        Of one ledger, at two dates; definitions, methods and identities may differ.
    k : int, float or str
        The bracket: a number of people or a share.

    Returns
    -------
    Movement
        What changed each score and rank, adding up exactly.

    Raises
    ------
    ArgumentError
        If they are not of one ledger, not in order of date, or their identities name different
        persons.

    Examples
    --------
    >>> import pandas as pd
    >>> from hhpu import encode, load_registry, rank
    >>> ledger = encode(pd.DataFrame({"offender_id": ["1", "2"], "code": ["8N", "8N"],
    ...                               "committed_on": ["2025-01-04", "2025-02-01"]}))
    >>> index = load_registry(plugins="none").index("ons-css")
    >>> before, now = (rank(ledger, as_of=t, index=index) for t in ("2025-01-31", "2025-02-14"))
    >>> movement(before, now, k=2).causes[["offender_id", "cause", "score_change"]]
      offender_id        cause score_change
    0           2  new offence   189.153887
    """
    expect(before, Ranking, "movement()", "rank() makes one")
    expect(now, Ranking, "movement()", "rank() makes one")
    one, other = before.scores.ledger, now.scores.ledger
    if not (one.day is other.day and one.key is other.key and one.known_to is other.known_to):
        message = (
            "movement() takes two rankings of one and the same ledger object: rank the later "
            "ledger at both dates"
        )
        raise ArgumentError(message)
    if min(len(one.people), len(other.people)) and not _numbered_alike(one, other):
        message = (
            "the identities of the two rankings name different persons: rank both dates with one "
            "table of identities, which is dated and so gives to each what was known then"
        )
        raise ArgumentError(message)
    if before.scores.as_of >= now.scores.as_of:
        message = "movement() takes the earlier ranking first, and two dates"
        raise ArgumentError(message)
    return _Mover(before, now, k).result()


@attrs.frozen(eq=False)
class _Mover:
    before: Ranking
    now: Ranking
    k: int | float | str

    @cached_property
    def steps(self) -> tuple[Scores, Scores, Scores, Scores]:
        """The last ranking, then under today's index, definition and method, identities."""
        first, last = self.before.scores, self.now.scores
        ledger, t = first.ledger, first.date
        weighed = first
        if first.index.digest != last.index.digest:
            definition = first.definition.derive(index=last.index, approx=last.definition.approx)
            weighed = score(ledger, as_of=t, definition=definition, method=first.method)
        defined = weighed
        if weighed.definition.digest != last.definition.digest or first.method != last.method:
            defined = score(ledger, as_of=t, definition=last.definition, method=last.method)
        named = defined
        if not np.array_equal(ledger.offender, last.ledger.offender):
            named = score(last.ledger, as_of=t, definition=last.definition, method=last.method)
        return first, weighed, defined, named

    @property
    def stages(self) -> tuple[Scores, ...]:
        """The steps, and today's scores."""
        return (*self.steps, self.now.scores)

    @cached_property
    def shared(self) -> int:
        """A number by which every amount of every step is a whole number."""
        return lcm(*(scores.denominator for scores in self.stages))

    def held(self, scores: Scores, persons: Ints) -> list[int]:
        """The scores of people in ``1 / shared``; -1 for who is not ranked."""
        factor = self.shared // scores.denominator
        if not len(scores):
            return [-1] * len(persons)
        place = np.minimum(np.searchsorted(scores.people, persons), len(scores) - 1)
        there = scores.people[place] == persons
        amounts = scores.amounts[place].tolist()
        return [
            int(amount) * factor if ranked else -1
            for amount, ranked in zip(amounts, there.tolist(), strict=True)
        ]

    def result(self) -> Movement:
        was_inside, is_inside = self._inside()
        scope = np.flatnonzero(_mask(self.before, self.k, len(is_inside)) | is_inside)
        links = changed_links(self.steps[-1], self.now.scores)
        mine = _by_person(links[links["person"].isin(scope)])
        ordered = {id(scores): np.sort(scores.amounts) for scores in self.stages}
        held = [self.held(scores, scope) for scores in self.stages]
        lines: list[tuple[int, Cause, int, int, int, str]] = []
        people = []
        joined = _persons(self.now, len(is_inside)) != np.arange(len(is_inside))
        for i, person in enumerate(scope.tolist()):
            causes = self._causes([amounts[i] for amounts in held], mine.get(person, {}), ordered)
            states = [ranking.availability for ranking in (self.before, self.now)]
            told = [f"{s.word(person)} {s.why(person)}".strip() for s in states]
            if told[0] != told[1]:
                causes.append((Cause.STATE_CHANGED, 0, 0, 0, ""))
            move = "joined" if joined[person] else "leaves"
            if is_inside[person]:
                move = "stays" if was_inside[person] else "enters"
            people.append((person, move, told[0], told[1]))
            lines += [(person, *cause) for cause in causes]
        return Movement(
            before=self.before,
            now=self.now,
            k=self.k,
            people=self._people(people),
            causes=self._lines(lines),
            totals=self._totals(links),
        )

    def _inside(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Who of today's persons was in the bracket, under any of their records, and who is."""
        size = max(len(ranking.scores.ledger.people) for ranking in (self.before, self.now))
        before, now = (_mask(ranking, self.k, size) for ranking in (self.before, self.now))
        was = np.zeros(size, dtype=bool)
        was[_persons(self.now, size)[before[_persons(self.before, size)]]] = True
        return was, now

    def _ids(self, people: Sequence[int]) -> list[str]:
        told = [ranking.scores.ledger.people for ranking in (self.before, self.now)]
        return max(told, key=len).take(np.array(people, dtype=np.int64)).tolist()

    def _people(self, people: list[tuple[int, str, str, str]]) -> pd.DataFrame:
        persons = [person for person, *_ in people]
        table: dict[str, Any] = {"offender_id": self._ids(persons)}
        for word, ranking in (("before", self.before), ("now", self.now)):
            held = self.held(ranking.scores, np.array(persons, dtype=np.int64))
            places = np.searchsorted(ranking.scores.people, persons)
            ranks = [
                int(ranking.ranks[place]) if amount >= 0 else pd.NA
                for place, amount in zip(places.tolist(), held, strict=True)
            ]
            table[f"rank_{word}"] = pd.array(ranks, dtype="Int64")
            table[f"score_{word}"] = [
                plain_decimal(amount, self.shared) if amount >= 0 else "" for amount in held
            ]
        table["bracket"] = [move for _, move, _, _ in people]
        table["available_before"] = [told for _, _, told, _ in people]
        table["available_now"] = [told for _, _, _, told in people]
        frame = pd.DataFrame(table).astype(
            dict.fromkeys(
                (
                    "offender_id",
                    "score_before",
                    "score_now",
                    "bracket",
                    "available_before",
                    "available_now",
                ),
                "str",
            )
        )
        best = frame[["rank_now", "rank_before"]].min(axis=1)
        order = frame.assign(best=best, gone=frame["rank_now"].isna()).sort_values(
            ["gone", "rank_now", "best", "offender_id"], ignore_index=True
        )
        columns = [
            "offender_id", "rank_before", "rank_now", "score_before", "score_now", "bracket",
            "available_before", "available_now",
        ]  # fmt: skip
        return order[columns]

    def _lines(self, lines: list[tuple[int, Cause, int, int, int, str]]) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "offender_id": pd.Series(self._ids([line[0] for line in lines]), dtype="str"),
                "cause": pd.Series([str(line[1]) for line in lines], dtype="str"),
                "offences": pd.Series([line[2] for line in lines], dtype="int64"),
                "score_change": pd.Series(
                    [_signed(line[3], self.shared) for line in lines], dtype="str"
                ),
                "rank_change": pd.Series([line[4] for line in lines], dtype="int64"),
                "codes": pd.Series([line[5] for line in lines], dtype="str"),
            }
        )

    def _causes(
        self,
        held: list[int],
        links: Mapping[Cause, tuple[list[int], list[str]]],
        ordered: Mapping[int, Any],
    ) -> list[tuple[Cause, int, int, int, str]]:
        """Each cause with its offences, change of score, change of rank and codes."""
        found: list[tuple[Cause, int, int, int, str]] = []
        factors = [self.shared // scores.denominator for scores in self.stages]
        amounts = [a // f if a >= 0 else -1 for a, f in zip(held, factors, strict=True)]
        ranks = [
            _rank_among(ordered[id(scores)], amount)
            for scores, amount in zip(self.stages, amounts, strict=True)
        ]
        for i, cause in enumerate(TOGETHER):
            change, moved = max(held[i + 1], 0) - max(held[i], 0), ranks[i + 1] - ranks[i]
            if change or moved:
                found.append((cause, 0, change, moved, ""))
        others, factor = ordered[id(self.steps[-1])], factors[-2]
        mine = running = amounts[-2]
        rank, ends = ranks[-2], amounts[-1] < 0
        own = [cause for cause in OWN if cause in links]
        for number, cause in enumerate(own, start=1):
            changes, codes = links[cause]
            change = sum(changes)
            running = max(running, 0) + change
            after = _rank_without(others, -1 if ends and number == len(own) else running, mine)
            found.append((cause, len(codes), change * factor, after - rank, _codes(codes)))
            rank = after
        if ranks[-1] != rank:
            found.append((Cause.OVERTAKEN, 0, 0, ranks[-1] - rank, ""))
        return found

    def _totals(self, links: pd.DataFrame) -> pd.DataFrame:
        lines: list[tuple[str, int, int, str]] = []
        everybody = np.union1d(self.before.scores.people, self.now.scores.people)
        links = links[links["person"].isin(everybody)]
        for cause, one, other in zip(TOGETHER, self.steps[:-1], self.steps[1:], strict=True):
            if one is other:
                continue
            was, now = self.held(one, everybody), self.held(other, everybody)
            changes = [max(n, 0) - max(w, 0) for w, n in zip(was, now, strict=True)]
            people = sum(1 for w, n in zip(was, now, strict=True) if w != n)
            lines.append((str(cause), people, 0, _signed(sum(changes), self.shared)))
        factor = self.shared // self.steps[-1].denominator
        for cause in OWN:
            part = links[links["cause"] == cause]
            if len(part):
                total = sum(int(value) for value in part["change"]) * factor
                people = int(part["person"].nunique())
                lines.append((str(cause), people, len(part), _signed(total, self.shared)))
        columns = ["cause", "people", "offences", "score_change"]
        return pd.DataFrame(lines, columns=columns).astype(
            {"cause": "str", "people": "int64", "offences": "int64", "score_change": "str"}
        )


def _numbered_alike(one: Ledger, other: Ledger) -> bool:
    """Whether a place in the people of one is the same person in the other's."""
    both = np.arange(min(len(one.people), len(other.people)))
    return one.people is other.people or one.people.take(both).same_as(other.people.take(both))


def _mask(ranking: Ranking, k: int | float | str, size: int) -> npt.NDArray[np.bool_]:
    """Who is in the bracket, over the people of a ledger."""
    top = ranking.top(k)
    inside = np.zeros(size, dtype=bool)
    inside[ranking.scores.people[np.concatenate([top.above, top.tied])]] = True
    return inside


def _persons(ranking: Ranking, size: int) -> Ints:
    """The person of each record; without identities each is its own."""
    persons = np.arange(size)
    held = ranking.scores.ledger.persons
    if held is not None:
        persons[: len(held)] = held
    return persons


def _by_person(links: pd.DataFrame) -> dict[int, dict[Cause, tuple[list[int], list[str]]]]:
    """For each person and cause the changes and the codes."""
    found: dict[int, dict[Cause, tuple[list[int], list[str]]]] = {}
    columns = [links[name].tolist() for name in ("person", "cause", "change", "code")]
    for person, cause, change, code in zip(*columns, strict=True):
        changes, codes = found.setdefault(int(person), {}).setdefault(cause, ([], []))
        changes.append(int(change))
        codes.append(code)
    return found


def _signed(amount: int, denominator: int) -> str:
    plain = plain_decimal(abs(amount), denominator)
    return f"-{plain}" if amount < 0 else plain


def _codes(codes: Sequence[str]) -> str:
    ordered = sorted(Counter(codes).items(), key=lambda pair: (-pair[1], pair[0]))
    told = [f"{code} x{count}" if count > 1 else code for code, count in ordered[:5]]
    more = f" and {len(ordered) - 5} more" if len(ordered) > 5 else ""
    return "; ".join(told) + more


def _rank_among(ordered: Any, amount: int) -> int:
    """1 + the number of higher amounts; -1, for who is not ranked, is below everybody."""
    return len(ordered) - int(np.searchsorted(ordered, amount, side="right")) + 1


def _rank_without(others: Any, amount: int, own: int) -> int:
    """The rank among the others of a person whose own old amount is among them."""
    higher = len(others) - int(np.searchsorted(others, amount, side="right"))
    return higher + 1 - (1 if own > amount else 0)
