"""What a report shows of a run, and the words that its sections share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.output import described_code, rounded, shown
from hhpu.ranking import Cause, Scores, TopBracket
from hhpu.runs._lists import LISTS

if TYPE_CHECKING:
    from hhpu.runs._run import Run

__all__ = ["Findings", "lines_of"]

PROVEN_ONLY: Final = "Rank if only proven counted, for everybody"
ON_PROVEN: Final = (
    f"<strong>{PROVEN_ONLY}</strong>: the rank in another ranking, in which nobody's unproven "
    "allegations count. <strong>Nothing proven</strong> stands for a person who would have no "
    "score in it: none of their counted offences led to a conviction or caution. It says nothing "
    "about whether the allegations are true."
)
_PEOPLE_IN_TEXT: Final = re.compile(r"\b\d[\d,]*(?= (?:people|records|have nothing scored)\b)")
_TIMES: Final = re.compile(r"(.*?)((?: x\d+)?(?: and \d+ more)?)\Z", re.DOTALL)
_HOME_OFFICE: Final = frozenset({"home-office-class", "home-office-recorded"})


def lines_of(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Go through a table line by line."""
    return iter(table.to_dict("records"))  # type: ignore[arg-type]


@attrs.frozen(eq=False)
class Findings:
    """A run, its tables and its other files.

    Parameters
    ----------
    run : Run
        The run.
    tables : mapping of str to pandas.DataFrame
        By the names of their files.
    files : mapping of str to bytes
        What is written beside the page.
    """

    run: Run
    tables: Mapping[str, pd.DataFrame]
    files: Mapping[str, bytes]

    @property
    def scores(self) -> Scores:
        """Today's scores."""
        return self.run.ranking.scores

    @cached_property
    def top(self) -> TopBracket:
        """The bracket."""
        return self.run.ranking.top(self.run.declaration.bracket)

    @cached_property
    def places(self) -> npt.NDArray[np.int64]:
        """Everybody in the bracket, as places in ``scores.people``, best rank first."""
        return np.concatenate([self.top.above, self.top.tied])

    @cached_property
    def details(self) -> dict[str, dict[str, Any]]:
        """What stands beside the rank of everybody in the bracket."""
        return {line["offender_id"]: line for line in lines_of(self.top.to_frame())}

    @cached_property
    def first(self) -> bool:
        """Whether there is no earlier run."""
        return self.run.movement is None

    def listed(self, name: str) -> pd.DataFrame:
        """The part of the bracket that stands on a list."""
        bracket = self.tables["bracket.csv"]
        return bracket[bracket["list"] == name]

    @cached_property
    def to_assess(self) -> frozenset[str]:
        """Who is to be assessed."""
        return frozenset(self.listed(LISTS[0])["offender_id"])

    @cached_property
    def why(self) -> dict[str, str]:
        """What moved each person, in words."""
        if self.run.movement is None:
            return {}
        states = {line["offender_id"]: line for line in lines_of(self.run.movement.people)}
        told: dict[str, list[str]] = {}
        for line in lines_of(self.run.movement.causes):
            words = self._cause(line, states[line["offender_id"]])
            told.setdefault(line["offender_id"], []).append(words)
        return {person: "; ".join(causes) for person, causes in told.items()}

    def _cause(self, line: dict[str, Any], state: dict[str, Any]) -> str:
        words = str(line["cause"])
        if line["score_change"] != "0":
            words += f" {signed(line['score_change'])}"
            if self.run.movement is not None and self.run.movement.units_differ:
                words += f" {self.run.movement.unit_of(Cause(line['cause']))}"
        if line["codes"]:
            words += f" ({'; '.join(map(self.code, line['codes'].split('; ')))})"
        if words == "state changed":
            before, now = (available(state[f"available_{when}"]) for when in ("before", "now"))
            words = f"availability changed from {before} to {now}"
        return words

    def heaviest(self, lines: Sequence[dict[str, Any]]) -> dict[str, str]:
        """The heaviest counted offence of some people of the bracket, in words."""
        scores = self.scores
        wanted = {line["offender_id"] for line in lines}
        places = {
            place: person
            for place, person in zip(self.places.tolist(), self.details, strict=True)
            if person in wanted
        }
        mine = np.flatnonzero(np.isin(scores.place, list(places)))
        codes = scores.ledger.types.columns["code"]
        best: dict[int, tuple[int, str]] = {}
        for row in mine.tolist():
            place, amount = int(scores.place[row]), int(scores.contributions[row])
            code = codes[scores.ledger.kind[scores.rows[row]]] or "(no code)"
            held = best.get(place)
            if held is None or (-amount, code) < (-held[0], held[1]):
                best[place] = (amount, code)
        return {
            places[place]: f"{rounded(scores.plain(amount))} ({self.code(code)})"
            for place, (amount, code) in best.items()
        }

    def code(self, code: str) -> str:
        """Describe an offence code where the index speaks of Home Office codes."""
        if self.scores.index.codes not in _HOME_OFFICE:
            return code
        bare, times = _TIMES.match(code).groups()  # type: ignore[union-attr]
        return f"{described_code(bare)}{times}"

    @cached_property
    def last_in(self) -> dict[str, str]:
        """The latest earlier run in whose bracket each of the bracket was; empty for none."""
        bracket = self.tables["bracket.csv"]
        return dict(zip(bracket["offender_id"], bracket["last_in"], strict=True))

    def rank_proven(self, person: str) -> str:
        """The rank of one of the bracket if nothing unproven counted for anybody, in words."""
        line = self.details[person]
        if line["score_proven_only"] == "0" and line["score"] != "0":
            return "nothing proven"
        return f"{line['rank_proven_only']:,}"

    @property
    def least(self) -> int | None:
        """Counts of people below it are not printed in summaries."""
        return self.run.declaration.suppress_below

    def few(self, count: int) -> bool:
        """Whether a count of people is too small to be printed in a summary."""
        return self.least is not None and 0 < count < self.least

    def people(self, count: int) -> str:
        """Write a count of people in a summary."""
        return f"fewer than {self.least}" if self.few(count) else f"{count:,}"

    def counted(self, line: Sequence[Any], people: int, beside: Sequence[int]) -> list[Any]:
        """Write a line of a summary; where its people are few, what gives them away is left out."""
        if not self.few(line[people]):
            return list(line)
        written = [("not shown" if i in beside else cell) for i, cell in enumerate(line)]
        written[people] = self.people(line[people])
        return written

    def without_few(self, text: str) -> str:
        """Write a sentence without its small counts of people."""
        return _PEOPLE_IN_TEXT.sub(lambda m: self.people(int(m[0].replace(",", ""))), text)

    def head(self, table: pd.DataFrame, most: int | None = None) -> Iterator[dict[str, Any]]:
        """Go through as many lines as the page shows, and at most so many."""
        return lines_of(table.head(self._most(most)))

    def _most(self, most: int | None) -> int:
        listed = self.run.declaration.listed
        return listed if most is None else min(listed, most)

    def more(self, size: int, file: str, most: int | None = None) -> str:
        """Say how many lines stand only in a file."""
        left = size - self._most(most)
        if left <= 0:
            return ""
        stand = "stands" if left == 1 else "stand"
        return f"<p>{left:,} more {stand} in {link_to(file)}.</p>"


def available(written: str) -> str:
    """Write availability, which is a word and its reasons, as words."""
    word, _, reasons = written.partition(" ")
    words = {"yes": "available", "no": "not available", "unchecked": "not checked"}
    told = words.get(word, word)
    return f"{told} ({reasons})" if reasons else told


def signed(change: str) -> str:
    """Write a change with its sign."""
    sign = "" if change == "0" or change.startswith("-") else "+"
    return f"{sign}{rounded(change)}"


def link_to(file: str) -> str:
    """Link to a file that stands beside the page."""
    return f'<a href="{shown(file)}">{shown(file)}</a>'


def counted_words(count: int, one: str, many: str) -> str:
    """Write a count with its noun."""
    return f"{count:,} {one if count == 1 else many}"
