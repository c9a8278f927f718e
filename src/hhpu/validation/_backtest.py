"""Many origins: at each everybody scored from what was known then, and what followed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.errors import ArgumentError, expect
from hhpu.indices import Compiled, HarmDefinition, HarmIndex, compile_definition
from hhpu.ledger import Ledger
from hhpu.provenance import FrozenMapping, Provenance
from hhpu.ranking import (
    Method,
    TotalHarm,
    days_of,
    definition_of,
    history_from,
    history_of,
    passage,
    sweep_scores,
    values_of,
)
from hhpu.tables import day_to_date, read_day
from hhpu.validation._contenders import Contender, baselines
from hhpu.validation._coverage import (
    Gap,
    known_since,
    known_until,
    refuse_leaks,
    refuse_uncovered,
    truncated,
)
from hhpu.validation._outcomes import Outcomes, Serious, outcomes_at, serious_types
from hhpu.validation._resample import places_by_id

__all__ = ["Backtest", "Trial", "backtest"]

Ints = npt.NDArray[np.int64]
CAP_QUANTILE: Final = 0.99


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Trial:
    """One origin: who was ranked, how each contender scored them, and what followed.

    Parameters
    ----------
    as_of : int
        Day number of the origin.
    people : numpy.ndarray of int64
        Everybody with at least one counted offence in the history, as places in the ledger's
        people, in the order of their ids.
    offences : numpy.ndarray of int64
        Their counted offences.
    history_harm : numpy.ndarray of float64
        Their harm in the history, in the index's unit: not decayed.
    scores : mapping of str to numpy.ndarray
        One number a person, by contender; only their order means anything across contenders.
    outcomes : Outcomes
        What followed.
    cap : float or None
        At what a person's later harm is capped; None where no earlier origin gives it.
    """

    as_of: int
    people: Ints
    offences: Ints
    history_harm: npt.NDArray[np.float64]
    scores: Mapping[str, npt.NDArray[Any]]
    outcomes: Outcomes
    cap: float | None

    def __len__(self) -> int:
        return len(self.people)

    def __repr__(self) -> str:
        return f"Trial({self.date}: {len(self)} people, {', '.join(self.scores)})"

    @property
    def date(self) -> dt.date:
        """The origin."""
        return dt.date(1970, 1, 1) + dt.timedelta(days=self.as_of)

    def outcome(self, name: str) -> npt.NDArray[np.float64]:
        """Give an outcome by name, as one number a person; see `OUTCOMES`."""
        return self.outcomes.of(name, self.cap)


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Backtest:
    """The trials of a backtest, and what they were made from.

    Parameters
    ----------
    ledger : Ledger
        The offences.
    definition : HarmDefinition
        What counts, in the history and after.
    contenders : tuple of Contender
        What is compared.
    trials : tuple of Trial
        One for each origin.
    follow_up, delay : int
        Days of outcome, and days of recording beyond them that are waited for.
    serious : Serious or None
        What a serious offence is.
    caveats : tuple of str
        What could not be guaranteed.
    identities : dataframe, path, iterable of Identity, or Checked, optional
        Which records are one person.
    """

    ledger: Ledger
    definition: HarmDefinition
    contenders: tuple[Contender, ...]
    trials: tuple[Trial, ...]
    follow_up: int
    delay: int
    serious: Serious | None
    caveats: tuple[str, ...]
    identities: Any = None

    def __len__(self) -> int:
        return len(self.trials)

    def __repr__(self) -> str:
        names = ", ".join(contender.label for contender in self.contenders)
        return f"Backtest({len(self)} origins, {self.follow_up} days of follow-up: {names})"

    def ledger_at(self, trial: Trial) -> Ledger:
        """The ledger under the persons known at an origin."""
        if self.identities is None:
            return self.ledger
        return self.ledger.as_persons(self.identities, as_of=str(trial.date))

    def events(self, trial: Trial, *, later: bool) -> tuple[Ints, npt.NDArray[np.float64]]:
        """Give the offences of the ranked people, one by one.

        Parameters
        ----------
        trial : Trial
            One of the trials.
        later : bool
            Those that followed, or those of the history.

        Returns
        -------
        person : numpy.ndarray of int64, shape (events,)
            Places in ``trial.people``.
        harm : numpy.ndarray of float64, shape (events,)
            In the index's unit.
        """
        ledger = self.ledger_at(trial)
        compiled = _compile(ledger, self.definition)
        days = np.array([trial.as_of], dtype=np.int64)
        if later:
            reach = self.follow_up + self.delay
            held = passage(ledger, compiled, days, after=0, upto=self.follow_up, lag=reach)
        else:
            held = history_of(ledger, compiled, days)
        place = np.full(len(ledger.people), -1, dtype=np.int64)
        place[trial.people] = np.arange(len(trial))
        person = place[ledger.offender[held.rows]]
        unit = self.definition.bound_index.scale * 100
        harm = values_of(ledger, compiled, held.rows) / unit
        return person[person >= 0], harm[person >= 0]

    @property
    def provenance(self) -> Provenance:
        """What the backtest was made from, and what could not be guaranteed."""
        return Provenance(
            facts={
                "hhpu": version("hhpu"),
                "origins": [trial.date for trial in self.trials],
                "follow_up": self.follow_up,
                "delay": self.delay,
                "placing_date": self.ledger.date,
                "window": self.definition.window,
                "contenders": [contender.to_dict() for contender in self.contenders],
                "serious": None if self.serious is None else self.serious.to_dict(),
                "index": self.definition.bound_index.to_dict(),
                "definition": self.definition.to_dict(),
                "notation": self.ledger.notation,
                "criminal_age": self.ledger.criminal_age,
                "ledger": self.ledger.digest,
            },
            caveats=self.caveats,
        )


def backtest(
    ledger: Ledger,
    *,
    origins: Sequence[dt.date | str],
    follow_up: int,
    delay: int = 0,
    index: HarmIndex | None = None,
    definition: HarmDefinition | None = None,
    window: int | None = None,
    contenders: Sequence[Contender | Method | Any] | None = None,
    serious: Serious | None = None,
    cap: float | None = None,
    until: dt.date | str | None = None,
    gaps: Sequence[Gap] = (),
    as_known: str = "required",
    identities: Any = None,
    progress: Callable[[int, int], None] | None = None,
) -> Backtest:
    """Score everybody at many origins from what was known then, and count what followed.

    A link is history at origin :math:`t` when its placing day is in :math:`(t - window, t]` and it
    was known at :math:`t`; an outcome when it is in :math:`(t, t + F]` and known at
    :math:`t + F + D`. The population is everybody with at least one counted offence in the history;
    nobody is removed for what became of them.

    Parameters
    ----------
    ledger : Ledger
        The offences.
    origins : sequence of datetime.date or str
        Ascending.
    follow_up : int
        Days of outcome, :math:`F`, at least 1.
    delay : int
        Days after the follow-up by which an outcome must be known, :math:`D`.
    index, definition, window
        As in `hhpu.score`.
    contenders : sequence of Contender or method, optional
        What is compared; if not given `TotalHarm` and the `baselines`, the last list being one
        follow-up old.
    serious : Serious, optional
        What a serious offence is; without it there is no such outcome.
    cap : float, optional
        At what a person's later harm is capped; if not given, the 99th percentile of the harm above
        0 after origins whose follow-up had ended by the first one.
    until : datetime.date or str, optional
        The last day that the data cover; if not given, the last on which anything became known.
    gaps : sequence of pairs of dates
        Stretches in which recording failed: first and last day.
    as_known : {"required", "assumed"}
        What to do where rows say not when they were known.
    identities : dataframe, path, iterable of Identity, or Checked, optional
        Which records are one person, as known at each origin.
    progress : callable, optional
        Told how many origins are done, of how many.

    Returns
    -------
    Backtest
        A trial for each origin.

    Raises
    ------
    ArgumentError
        If an origin is not covered by the data, two contenders have one name, a contender's scores
        are no numbers, or an argument cannot be used.
    InputRefused
        If the data cannot say what was known at a past origin.

    Examples
    --------
    >>> import pandas as pd
    >>> from hhpu import encode, load_registry
    >>> table = pd.DataFrame({"offender_id": ["1", "2", "1"], "code": ["8N", "5D", "8N"],
    ...                       "committed_on": ["2024-01-04", "2024-02-01", "2024-09-01"],
    ...                       "recorded_on": ["2024-01-04", "2024-02-01", "2024-09-01"]})
    >>> tested = backtest(encode(table), origins=["2024-03-01"], follow_up=270, until="2024-12-31",
    ...                   index=load_registry().index("ons-css"), window=90)
    >>> tested.trials[0].outcomes.count.tolist()
    [1, 0]
    """
    expect(ledger, Ledger, "backtest()", "encode() makes one from a table")
    _whole(follow_up, "follow_up", 1)
    _whole(delay, "delay", 0)
    chosen = definition_of(index, definition, window)
    days = days_of(origins)
    named = _contenders(contenders, follow_up)
    compiled = _compile(ledger, chosen)
    for each in (chosen, *(one.definition for one in named if one.definition is not None)):
        refuse_leaks(ledger, _compile(ledger, each), as_known=as_known)
    end = known_until(ledger) if until is None else read_day(until, "until")
    first = known_since(ledger) if len(ledger) else end
    refuse_uncovered(days, reach=follow_up + delay, until=end, gaps=gaps, first=first)
    found = _Field(
        ledger=ledger, definition=chosen, contenders=named, follow_up=follow_up, delay=delay,
        serious=serious, identities=identities,
    )  # fmt: skip
    held = cap
    if cap is None:
        earlier = earlier_origins(
            int(days[0]), reach=follow_up + delay, first=first, window=None, step=1, most=1
        )
        held = _cap(found, earlier)
    trials = []
    for trial in found.trials(days):
        trials.append(attrs.evolve(trial, cap=held))
        if progress is not None:
            progress(len(trials), len(days))
    caveats = [*truncated(ledger, days, chosen.window), *compiled.caveats]
    if as_known == "assumed":
        caveats.insert(0, "Not as known at the origins: rows that say not when count from always.")
    return Backtest(
        ledger=ledger, definition=chosen, contenders=named, trials=tuple(trials),
        follow_up=follow_up, delay=delay, serious=serious, caveats=tuple(caveats),
        identities=identities,
    )  # fmt: skip


def _whole(value: object, name: str, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        message = f"{name}={value!r}: a whole number of days, at least {least}"
        raise ArgumentError(message)


def _contenders(given: Sequence[Any] | None, follow_up: int) -> tuple[Contender, ...]:
    if given is None:
        return (Contender(TotalHarm()), *baselines(follow_up))
    found = tuple(each if isinstance(each, Contender) else Contender(each) for each in given)
    labels = [each.label for each in found]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice or not found:
        message = (
            f"contenders= has {', '.join(twice)} twice: give each Contender a name of its own"
            if twice
            else "contenders= is empty: at least one method"
        )
        raise ArgumentError(message)
    return found


def _compile(ledger: Ledger, definition: HarmDefinition) -> Compiled:
    return compile_definition(
        definition, ledger.types.columns, notation=ledger.notation, absent=ledger.types.absent
    )


@attrs.frozen(eq=False, kw_only=True)
class _Field:
    """What is the same at every origin."""

    ledger: Ledger
    definition: HarmDefinition
    contenders: tuple[Contender, ...]
    follow_up: int
    delay: int
    serious: Serious | None
    identities: Any

    def trials(self, days: Ints) -> Iterator[Trial]:
        """A trial for each origin, without its cap."""
        for ledger, part in self._ledgers(days):
            yield from self._trials(ledger, part)

    def _ledgers(self, days: Ints) -> Iterator[tuple[Ledger, Ints]]:
        """The ledger under the persons known at each origin, with the origins that share one."""
        if self.identities is None:
            yield self.ledger, days
            return
        held: Ledger | None = None
        part: list[int] = []
        for day in days.tolist():
            date = day_to_date(day)
            joined = self.ledger.as_persons(self.identities, as_of=str(date))
            same = (
                held is not None
                and held.persons is not None
                and joined.persons is not None
                and np.array_equal(held.persons, joined.persons)
            )
            if held is not None and not same:
                yield held, np.array(part, dtype=np.int64)
                part = []
            held = held if same else joined
            part.append(day)
        if held is not None:
            yield held, np.array(part, dtype=np.int64)

    def _trials(self, ledger: Ledger, days: Ints) -> Iterator[Trial]:
        compiled = _compile(ledger, self.definition)
        reach = self.follow_up + self.delay
        window = self.definition.window
        after = None if window is None else -window
        past = history_of(ledger, compiled, days)
        following = passage(ledger, compiled, days, after=0, upto=self.follow_up, lag=reach)
        known_later = passage(ledger, compiled, days, after=after, upto=0, lag=reach)
        serious = serious_types(ledger, compiled, self.serious)
        links = _links(ledger)
        streams = {
            each.label: _scores(ledger, self._of(each), each, days) for each in self.contenders
        }
        size = len(ledger.people)
        by_id = places_by_id(ledger)
        for place, day in enumerate(days.tolist()):
            rows = past.rows[past.at(place)]
            counts = np.bincount(ledger.offender[rows], minlength=size)
            people = np.flatnonzero(counts)
            people = people[np.argsort(by_id[people])]
            scores = {}
            for label, stream in streams.items():
                who, amounts = next(stream)
                scores[label] = _placed(people, who, amounts, size)
            yield Trial(
                as_of=day,
                people=people,
                offences=counts[people],
                history_harm=_harm(ledger, compiled, rows, size)[people],
                scores=FrozenMapping(scores),
                outcomes=outcomes_at(
                    ledger, self.definition, compiled, following, known_later, place,
                    history=rows, people=people, serious=serious, links=links,
                ),
                cap=None,
            )  # fmt: skip

    def _of(self, contender: Contender) -> HarmDefinition:
        return self.definition if contender.definition is None else contender.definition


def _scores(
    ledger: Ledger, definition: HarmDefinition, contender: Contender, days: Ints
) -> Iterator[tuple[Ints, npt.NDArray[Any]]]:
    """At each origin who has a score under a contender, and the scores."""
    compiled = _compile(ledger, definition)
    past = history_of(ledger, compiled, days - contender.back)
    method = contender.method
    if isinstance(method, Method):
        for swept in sweep_scores(ledger, compiled, method, past):
            yield swept.people, swept.amounts
        return
    for place, day in enumerate((days - contender.back).tolist()):
        history = history_from(ledger, compiled, day, past.rows[past.at(place)])
        yield history.people, _numbers(method.scores(history), len(history), contender.label)


def _placed(people: Ints, who: Ints, amounts: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    """Scores in the order of the people; who has none stands below everybody."""
    if len(who) == len(people) and np.array_equal(who, people):
        return amounts
    place = np.full(size, -1, dtype=np.int64)
    place[who] = np.arange(len(who))
    at = place[people]
    if not len(amounts):
        return np.zeros(len(people), dtype=np.int64)
    with np.errstate(over="ignore"):
        below = amounts.min() - 1
    if below < amounts.min():
        return np.where(at >= 0, amounts[at], below)
    _, order = np.unique(amounts, return_inverse=True)
    return np.where(at >= 0, order[at], -1)


def _numbers(given: Any, people: int, label: str) -> npt.NDArray[Any]:
    """The scores of a method that is not this package's own, as 64-bit numbers."""
    try:
        scores = np.asarray(given)
    except ValueError:
        scores = np.empty(0, dtype=object)
    if scores.shape != (people,) or (scores.dtype.kind not in "biuf" and people):
        message = (
            f"contender {label!r} gave {scores.shape} scores of type {scores.dtype} for {people} "
            "people: one number for each of history.people, in their order"
        )
        raise ArgumentError(message)
    if scores.dtype.kind == "f" and np.isnan(scores).any():
        message = (
            f"contender {label!r} gave NaN for {int(np.isnan(scores).sum())} people: a score is a "
            "number for everybody"
        )
        raise ArgumentError(message)
    if scores.dtype.kind == "u":
        _, order = np.unique(scores, return_inverse=True)
        return order
    return scores.astype(np.float64 if scores.dtype.kind == "f" else np.int64)


def _harm(ledger: Ledger, compiled: Compiled, rows: Ints, size: int) -> npt.NDArray[np.float64]:
    harm = np.zeros(size, dtype=np.int64)
    np.add.at(harm, ledger.offender[rows], values_of(ledger, compiled, rows))
    return harm / (compiled.definition.bound_index.scale * 100)


def _links(ledger: Ledger) -> Ints:
    """Number the links: versions of one person's part in one offence have the same.

    Without an offence id, versions are known by the source row that they were made from.
    """
    source = np.zeros(len(ledger), dtype=np.uint64)
    start, before = 0, 0
    for part in ledger.parts:
        source[start : start + part.size] = part.rows.astype(np.int64) + before
        start += part.size
        before += int(part.rows.max(initial=-1)) + 1
    named = ledger.key != 0
    key = np.where(named, ledger.key, source)
    order = np.lexsort((ledger.offender, key, named))
    first = np.ones(len(order), dtype=bool)
    columns = (key[order], ledger.offender[order], named[order])
    first[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    links = np.empty(len(order), dtype=np.int64)
    links[order] = np.cumsum(first) - 1
    return links


def earlier_origins(
    origin: int, *, reach: int, first: int, window: int | None, step: int, most: int
) -> Ints:
    """Origins whose follow-up and delay end by a given one, and whose history the data cover.

    Parameters
    ----------
    origin : int
        Day number.
    reach : int
        Days from an origin to the end of its follow-up and delay.
    first : int
        The first day that the data cover.
    window : int or None
        Days of history.
    step : int
        Days between them.
    most : int
        How many at most.

    Returns
    -------
    numpy.ndarray of int64
        Ascending; empty where the data do not go back so far.
    """
    least = first + (1 if window is None else window - 1)
    found = [origin - reach - step * place for place in range(most)]
    return np.array([day for day in reversed(found) if day >= least], dtype=np.int64)


def _cap(field: _Field, days: Ints) -> float | None:
    """The 99th percentile of the harm above 0 after the latest earlier origin."""
    if not len(days):
        return None
    harm = next(field.trials(days)).outcomes.harm
    harm = harm[harm > 0]
    return float(np.quantile(harm, CAP_QUANTILE)) if len(harm) else None
