"""One call, one result: does the ranking work, against what, and how sure is that."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.errors import ArgumentError
from hhpu.indices import HarmDefinition, HarmIndex
from hhpu.ledger import Ledger
from hhpu.provenance import Provenance
from hhpu.ranking import (
    HistoryMethod,
    Method,
    OffenceCount,
    TotalHarm,
    days_of,
    rank,
    seats_of,
)
from hhpu.validation._association import association
from hhpu.validation._at_large import TimeAtLarge, competing_times, rates_at_large, time_at_large
from hhpu.validation._backtest import Backtest, Trial, backtest
from hhpu.validation._capacity import capacity_label
from hhpu.validation._concentration import Concentrated, Null, against_chance, concentrated
from hhpu.validation._contenders import Contender, Unranked, baselines
from hhpu.validation._coverage import Gap
from hhpu.validation._fairness import LaterOutcome, fairness, group_figures
from hhpu.validation._fairness_table import exported
from hhpu.validation._figures import POOLED, Figures, figures, lines_of
from hhpu.validation._groups import read_groups
from hhpu.validation._incidence import BANDS, cumulative_incidence, rank_bands
from hhpu.validation._outcomes import OUTCOMES, Serious
from hhpu.validation._rank_intervals import rank_intervals
from hhpu.validation._resample import Asked, by_id, holm, numbered_by_id, resample
from hhpu.validation._stability import Stability, stability
from hhpu.validation._suppression import SUPPRESSED, suppress
from hhpu.validation._tuning import Tuned, tuned
from hhpu.validation._weighted import once
from hhpu.validation._words import (
    Compared,
    Measured,
    against_baseline,
    against_best,
    against_random,
)
from hhpu.validation._written import sealed

__all__ = ["Validation", "validate"]

Ints = npt.NDArray[np.int64]
_TUNED: Final = "expected-harm"
_NULLS, _DRAWS = 500, 500
_SURE, _LIKELY = 0.9, 0.5
_NOTHING: Final = (math.nan, math.nan, math.nan)
SUPPRESS_BELOW: Final = 5


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Validation:
    """Whether a ranking works: every figure, and the sentences that go with them.

    Parameters
    ----------
    backtest : Backtest
        The trials.
    figures : Figures
        Every figure with its interval, and the paired differences.
    tuned : Tuned or None
        How the parameters of `ExpectedHarm` were found, where they were.
    concentration : pandas.DataFrame
        ``origin, of, people, zeros, total, gini, gini_of_some, figure, at, value``: of harm in the
        history and after, a line for each share.
    chance : pandas.DataFrame
        ``origin, of, null, figure, observed, expected, low, high, difference, difference_low,
        difference_high, people, events, draws, why``: concentration at the last origin beside what
        chance gives; see `against_chance`.
    certainty : pandas.DataFrame
        ``origin, at, seats, sure, likely, doubtful, mean_probability``: of the people inside each
        capacity at the last origin, how many would be there with a probability of at least 0.9, of
        0.5 to 0.9, and less, by what chance in the record leaves open; see `rank_intervals`. Empty
        for methods that have no such intervals, and lists of an earlier day.
    stability : Stability or None
        Of the reruns that were asked for.
    at_large : pandas.DataFrame
        ``origin, contender, people, person_days, throughout, left_out, figure, value, why``; one
        line a contender that says so where no table of states was given.
    incidence : pandas.DataFrame
        ``origin, contender, band, people, event, day, incidence, low, high, why``; of a first
        offence by the end of the follow-up, death and long custody competing, by band of the
        ranking; small cells are suppressed.
    fairness : mapping of str to pandas.DataFrame
        By origin and capacity, such as ``2012-12-31 at 5%``: figures of groups and comparisons,
        small cells suppressed; see `exported`. Empty where no groups were given.
    cautions : tuple of str
        What must stand beside the figures of groups.
    statements : tuple of str
        What was found, in sentences of one declared table of words.
    """

    backtest: Backtest
    figures: Figures
    tuned: Tuned | None
    concentration: pd.DataFrame
    chance: pd.DataFrame
    certainty: pd.DataFrame
    stability: Stability | None
    at_large: pd.DataFrame
    incidence: pd.DataFrame
    fairness: Mapping[str, pd.DataFrame]
    cautions: tuple[str, ...]
    statements: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Validation({self.backtest!r})"

    @property
    def provenance(self) -> Provenance:
        """What it was made from, and what could not be guaranteed."""
        held = self.backtest.provenance
        facts = dict(held.facts)
        if self.tuned is not None:
            facts["tuning"] = self.tuned.to_dict()
        return Provenance(facts=facts, caveats=held.caveats)

    def to_dict(self) -> dict[str, Any]:
        """Give everything at full precision, sealed; nobody's id or score."""
        content = {
            "provenance": self.provenance.to_dict(),
            "statements": list(self.statements),
            **self.figures.to_dict(),
            "concentration": _records(self.concentration),
            "chance": _records(self.chance),
            "certainty": _records(self.certainty),
            "stability": None if self.stability is None else self.stability.to_dict(),
            "at_large": _records(self.at_large),
            "incidence": _records(self.incidence),
            "fairness": {
                "cautions": list(self.cautions),
                **{name: _records(table) for name, table in self.fairness.items()},
            },
        }
        return sealed(content)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give every table by name; those that were not asked for are left out."""
        found = {
            "origins": self.figures.origins,
            "figures": self.figures.table,
            "differences": self.figures.differences,
            "tests": self.figures.tests,
            "ties": self.figures.ties,
            "concentration": self.concentration,
            "chance": self.chance,
            "certainty": self.certainty,
            "at-large": self.at_large,
            "incidence": self.incidence,
        }
        if self.fairness:
            parts = [table.assign(cut=name) for name, table in self.fairness.items()]
            found["fairness"] = pd.concat(parts, ignore_index=True)
        if self.stability is not None:
            found["stability"] = self.stability.overlaps
            found["runs"] = self.stability.runs
        if self.tuned is not None:
            found["tuning"] = self.tuned.tried
        return found

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{escape(line)}</li>" for line in self.statements)
        return f"<ul>{lines}</ul>"


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            str(name): None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in line.items()
        }
        for line in table.to_dict(orient="records")
    ]


def validate(
    ledger: Ledger,
    *,
    origins: Sequence[dt.date | str],
    follow_up: int,
    seed: int,
    delay: int = 0,
    index: HarmIndex | None = None,
    definition: HarmDefinition | None = None,
    window: int | None = None,
    method: Method | HistoryMethod | Contender | str | None = None,
    against: Sequence[Contender | Method | HistoryMethod] | None = None,
    outcomes: Sequence[str] | None = None,
    top: Sequence[int | float | str] = (0.01, 0.05, 0.1),
    serious: Serious | None = None,
    cap: float | None = None,
    spells: Any = None,
    long_custody: int | None = None,
    groups: Any = None,
    group_columns: Sequence[str] | None = None,
    suppress_below: int = SUPPRESS_BELOW,
    reruns: Sequence[dt.date | str] | None = None,
    resamples: int = 2_000,
    level: float = 0.95,
    clusters: Ints | None = None,
    resampled: str = "people",
    until: dt.date | str | None = None,
    gaps: Sequence[Gap] = (),
    as_known: str = "required",
    identities: Any = None,
    progress: Callable[[str], None] | None = None,
) -> Validation:
    """Test whether a ranking finds the harm that follows, against what it should beat.

    Parameters
    ----------
    ledger, origins, follow_up, delay, index, definition, window, serious, cap, until, gaps
        As in `backtest`.
    seed : int
        Of everything random.
    method : method, Contender or "expected-harm", optional
        What is tested; `TotalHarm` if not given. The word ``expected-harm`` tunes `ExpectedHarm` on
        origins whose follow-up ended before the first origin.
    against : sequence of Contender or method, optional
        What it is compared with; if not given the plain sum of harm and the `baselines`.
    outcomes, top, resamples, level, clusters, resampled
        As in `figures`.
    spells : dataframe, path, iterable of Spell, or Checked, optional
        The states of people, for time at large; no figure is taken from those who were away.
    long_custody : int, optional
        Days from which a stretch of custody competes with a first offence; needed with ``spells``.
    groups : dataframe or path, optional
        Protected characteristics in a table of their own, read for this call alone.
    group_columns : sequence of str, optional
        Which of its columns; all, without it.
    suppress_below : int
        Counts of people below it are not shown in figures of groups, nor what they would give
        away.
    reruns : sequence of datetime.date or str, optional
        Dates at which the list is made anew, for its stability; see `stability`. With identities
        under the persons known at the last of them.
    as_known, identities
        As in `backtest`.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    Validation
        One result; see its parts.

    Raises
    ------
    ArgumentError, InputRefused
        As in `backtest` and `figures`; and if ``spells`` come without ``long_custody``.
    """
    tell = progress or (lambda _: None)
    if spells is not None and long_custody is None:
        message = "spells= needs long_custody=: from how many days custody competes with an offence"
        raise ArgumentError(message)
    common: dict[str, Any] = {
        "index": index, "definition": definition, "window": window, "as_known": as_known,
        "identities": identities,
    }  # fmt: skip
    days_of(origins)
    found = None
    if isinstance(method, str) and method == _TUNED:
        tell("tuning on the past")
        found = tuned(ledger, until=origins[0], follow_up=follow_up, delay=delay, **common)
        method = found.method
    tested = _tested(method)
    tell("scoring and following up")
    trials = backtest(
        ledger, origins=origins, follow_up=follow_up, delay=delay, serious=serious, cap=cap,
        until=until, gaps=gaps, contenders=_with(tested, against, follow_up), **common,
    )  # fmt: skip
    tell("resampling people")
    measured = figures(
        trials, seed=seed, outcomes=outcomes, top=top, resamples=resamples, level=level,
        clusters=clusters, resampled=resampled,
    )  # fmt: skip
    tell("concentration, time at large, groups")
    large, incidence = _at_large(trials, spells, long_custody, suppress_below)
    fair: dict[str, pd.DataFrame] = {}
    cautions: tuple[str, ...] = ()
    if groups is not None:
        fair, cautions = _fairness(
            trials, groups, group_columns, top, seed, resamples, level, suppress_below, clusters
        )
    steady = None
    if reruns is not None:
        tell("reruns")
        steady = _stability(trials, tested, reruns, top[0])
    last = next((trial for trial in reversed(trials.trials) if len(trial)), None)
    return Validation(
        backtest=trials,
        figures=measured,
        tuned=found,
        concentration=_concentration(trials),
        chance=_chance(trials, last, seed, level),
        certainty=_certainty(trials, last, tested, top, seed),
        stability=steady,
        at_large=large,
        incidence=incidence,
        fairness=fair,
        cautions=cautions,
        statements=_statements(trials, measured, found, top),
    )


def _tested(method: Any) -> Contender:
    if method is None:
        return Contender(TotalHarm())
    if isinstance(method, str):
        message = f"method={method!r}: a method, or the word {_TUNED!r}"
        raise ArgumentError(message)
    found = method if isinstance(method, Contender) else Contender(method)
    if isinstance(found.method, Unranked):
        message = f"method={found.label!r}: random order is what a method is compared with"
        raise ArgumentError(message)
    return found


def _with(tested: Contender, against: Sequence[Any] | None, follow_up: int) -> list[Contender]:
    others = [Contender(TotalHarm()), *baselines(follow_up)] if against is None else list(against)
    made = [each if isinstance(each, Contender) else Contender(each) for each in others]
    mine = attrs.evolve(tested, name=tested.label)
    return [tested, *(each for each in made if attrs.evolve(each, name=each.label) != mine)]


def _concentration(trials: Backtest) -> pd.DataFrame:
    lines: list[tuple[Any, ...]] = []
    for trial in trials.trials:
        if not len(trial):
            continue
        for of, harm in (("history", trial.history_harm), ("follow-up", trial.outcome("harm"))):
            found: Concentrated = concentrated(harm)
            start = (str(trial.date), of, found.people, found.zeros, found.total, found.gini,
                     found.gini_of_some)  # fmt: skip
            lines += [(*start, "held by the top", each.asked, each.share) for each in found.top]
            lines += [
                (*start, "share of people holding", each.asked, each.share)
                for each in found.holders
            ]
    names = ["origin", "of", "people", "zeros", "total", "gini", "gini_of_some", "figure", "at",
             "value"]  # fmt: skip
    return pd.DataFrame(lines, columns=names)


def _at_large(
    trials: Backtest, spells: Any, long_custody: int | None, suppress_below: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    lines: list[tuple[Any, ...]] = []
    bands: list[tuple[Any, ...]] = []
    tested = trials.contenders[0].label
    for trial in trials.trials:
        if not len(trial):
            continue
        held = time_at_large(
            trials.ledger_at(trial), trial.people, origin=trial.as_of, follow_up=trials.follow_up,
            delay=trials.delay, long_custody=long_custody or trials.follow_up, spells=spells,
        )  # fmt: skip
        for label, scores in trial.scores.items():
            start = (str(trial.date), label, len(trial), held.total, int(held.throughout.sum()))
            if not held.checked:
                lines.append((*start, 0, "", math.nan, held.why))
                continue
            for name in ("harm", "count"):
                rates = rates_at_large(held, trial.outcome(name))
                kept = rates.kept
                value = math.nan
                if kept.any():
                    made = association(scores[kept], rates.rates[kept], figures=["spearman"])
                    value = float(made(once(int(kept.sum())))[0, 0])
                lines.append(
                    (*start, rates.left_out, f"spearman with {name} per 365 days at large", value,
                     rates.why)
                )  # fmt: skip
                stayed = held.throughout
                value = math.nan
                if stayed.any():
                    made = association(
                        scores[stayed], trial.outcome(name)[stayed], figures=["spearman"]
                    )
                    value = float(made(once(int(stayed.sum())))[0, 0])
                lines.append(
                    (*start, int((~stayed).sum()), f"spearman with {name}, at large throughout",
                     value, "" if stayed.any() else "nobody was at large throughout")
                )  # fmt: skip
        bands += _banded(trial, held, tested, trials.follow_up, suppress_below)
    large = ["origin", "contender", "people", "person_days", "throughout", "left_out", "figure",
             "value", "why"]  # fmt: skip
    names = ["origin", "contender", "band", "people", "event", "day", "incidence", "low", "high",
             "why"]  # fmt: skip
    return pd.DataFrame(lines, columns=large), pd.DataFrame(bands, columns=names)


def _banded(
    trial: Trial, held: TimeAtLarge, tested: str, follow_up: int, suppress_below: int
) -> list[tuple[Any, ...]]:
    """Cumulative incidence of a first offence, and a first serious one, by band."""
    lines: list[tuple[Any, ...]] = []
    bands = rank_bands(trial.scores[tested], BANDS)
    firsts = {"any": trial.outcomes.first_day, "serious": trial.outcomes.first_serious_day}
    for event, days in firsts.items():
        if days is None:
            continue
        first = np.where(days > 0, days.astype(np.float64), np.inf)
        times = competing_times(held, first)
        band = bands.band[times.place]
        happened = np.bincount(band[times.events == 1], minlength=len(bands.names))
        people = np.bincount(band, minlength=len(bands.names))
        hidden = suppress(
            np.stack([happened, people - happened], axis=1), suppress_below=suppress_below
        ).hidden
        for number, name in enumerate(bands.names):
            mine = band == number
            start = (str(trial.date), tested, name, int(mine.sum()), event, follow_up)
            if not mine.any():
                lines.append((*start, *_NOTHING, "nobody of the band is at risk"))
            elif hidden[number, :2].any():
                lines.append((*start, *_NOTHING, SUPPRESSED))
            else:
                found = cumulative_incidence(times.times[mine], times.events[mine])
                ends = found.interval(follow_up)
                lines.append((*start, found.at(follow_up), *ends, found.why))
    return lines


def _chance(trials: Backtest, trial: Trial | None, seed: int, level: float) -> pd.DataFrame:
    lines: list[tuple[Any, ...]] = []
    nulls: dict[str, tuple[Null, ...]] = {
        "history": ("thrown-truncated", "permuted"), "follow-up": ("thrown", "permuted"),
    }  # fmt: skip
    for of, each in nulls.items():
        if trial is None:
            continue
        person, harm = trials.events(trial, later=of == "follow-up")
        if not len(person):
            continue
        for null in each:
            found = against_chance(
                person, harm, people=len(trial), null=null, seed=seed, draws=_NULLS, level=level
            )
            lines += [
                (str(trial.date), of, null, one.figure, one.observed, one.null,
                 one.null_interval.low, one.null_interval.high, one.difference,
                 one.difference_interval.low, one.difference_interval.high, found.people,
                 found.events, found.draws, found.why or found.note)
                for one in found.figures
            ]  # fmt: skip
    names = ["origin", "of", "null", "figure", "observed", "expected", "low", "high",
             "difference", "difference_low", "difference_high", "people", "events", "draws",
             "why"]  # fmt: skip
    return pd.DataFrame(lines, columns=names)


def _certainty(
    trials: Backtest,
    trial: Trial | None,
    tested: Contender,
    top: Sequence[int | float | str],
    seed: int,
) -> pd.DataFrame:
    lines: list[tuple[Any, ...]] = []
    method = tested.method
    if trial is not None and not tested.back and isinstance(method, TotalHarm | OffenceCount):
        ranking = rank(
            trials.ledger_at(trial), as_of=trial.date, method=method,
            definition=tested.definition or trials.definition,
        )  # fmt: skip
        for k in top if len(ranking) else ():
            found = rank_intervals(ranking, k=k, seed=seed, draws=_DRAWS)
            seats = seats_of(k, len(ranking))
            inside = found.table[found.table["rank"] <= seats]["p_top_k"].to_numpy()
            inside = np.sort(inside)
            sure, likely = inside >= _SURE, (inside >= _LIKELY) & (inside < _SURE)
            lines.append(
                (str(trial.date), capacity_label(k), seats, int(sure.sum()), int(likely.sum()),
                 int((inside < _LIKELY).sum()), float(inside.mean()))
            )  # fmt: skip
    names = ["origin", "at", "seats", "sure", "likely", "doubtful", "mean_probability"]
    return pd.DataFrame(lines, columns=names)


def _stability(
    trials: Backtest,
    tested: Contender,
    reruns: Sequence[dt.date | str],
    k: int | float | str,
) -> Stability:
    if not isinstance(tested.method, Method):
        message = (
            f"reruns= compares lists of total-harm, offence-count or recency-weighted, not of "
            f"{tested.label}"
        )
        raise ArgumentError(message)
    ledger = trials.ledger
    if trials.identities is not None:
        ledger = ledger.as_persons(trials.identities, as_of=reruns[-1])
    return stability(
        ledger, origins=reruns, k=k, method=tested.method,
        definition=tested.definition or trials.definition,
    )  # fmt: skip


def _fairness(
    trials: Backtest,
    table: Any,
    columns: Sequence[str] | None,
    top: Sequence[int | float | str],
    seed: int,
    resamples: int,
    level: float,
    suppress_below: int,
    clusters: Ints | None,
) -> tuple[dict[str, pd.DataFrame], tuple[str, ...]]:
    found: dict[str, pd.DataFrame] = {}
    cautions: dict[str, None] = {}
    tested = trials.contenders[0].label
    for trial in trials.trials:
        if not len(trial):
            continue
        ledger = trials.ledger_at(trial)
        groups = read_groups(table, ledger, people=trial.people, characteristics=columns)
        places = by_id(ledger, trial.people)
        drawn = None if clusters is None else numbered_by_id(clusters[trial.people], places)
        harm = trial.outcome("harm")
        later = {"any": LaterOutcome(trial.outcome("any") > 0, harm)}
        if trial.outcomes.serious is not None:
            later["serious"] = LaterOutcome(trial.outcome("serious") > 0, harm)
        later |= {
            f"{name} offence": LaterOutcome(amounts > 0, amounts)
            for name, amounts in trial.outcomes.by_detection.items()
        }
        for k in top:
            made = group_figures(trial.scores[tested], later, groups, k=k)
            draws = resample(
                [Asked(made, places)], people=len(trial), resamples=resamples,
                seed=seed, clusters=drawn,
            )  # fmt: skip
            each = fairness(made, draws=draws.values, level=level)
            label = f"{trial.date} at {capacity_label(k)}"
            found[label] = exported(each, made, suppress_below=suppress_below)
            cautions |= dict.fromkeys(each.cautions)
    return found, tuple(cautions)


def _statements(
    trials: Backtest, measured: Figures, found: Tuned | None, top: Sequence[int | float | str]
) -> tuple[str, ...]:
    """What was found, a sentence for each origin and capacity."""
    tested = trials.contenders[0].label
    others = [each.label for each in trials.contenders[1:] if each.label != "random"]
    told = []
    if found is not None:
        told.append(f"The parameters of {tested} are {found.told}.")
    outcome = "harm" if "harm" in set(measured.table["outcome"]) else measured.table["outcome"][0]
    origins = [str(trial.date) for trial in trials.trials if len(trial)]
    if POOLED in set(measured.table["origin"]):
        origins.append(POOLED)
    told += [
        _statement(trials, measured, tested, others, outcome, origin, k)
        for origin in origins
        for k in top
    ]
    return tuple(dict.fromkeys(told))


def _statement(
    trials: Backtest,
    measured: Figures,
    tested: str,
    others: Sequence[str],
    outcome: str,
    origin: str,
    k: int | float | str,
) -> str:
    at = capacity_label(k)
    mine = {"origin": origin, "contender": tested, "outcome": outcome}

    def figure(name: str, at: str = "") -> Measured:
        line = measured.find(**mine, figure=name, at=at).iloc[0]
        return Measured(float(line["value"]), float(line["low"]), float(line["high"]))

    captured, lift, best = (figure(name, at) for name in ("captured", "lift", "of_best"))
    pairs = []
    for other in others:
        line = measured.difference(**mine, against=other, figure="captured", at=at)
        if len(line):
            held = line.iloc[0]
            pairs.append(
                Compared(
                    other,
                    Measured(float(held["difference"]), float(held["low"]), float(held["high"])),
                    float(held["p_holm"]),
                )
            )
    people = int(measured.find(**mine, figure="captured", at=at).iloc[0]["people"])
    after = OUTCOMES[outcome]
    spearman = figure("spearman")
    when = f"As of {origin}" if origin != POOLED else "Over all origins"
    many = f"{people:,} people{' (summed over origins)' if origin == POOLED else ''}"
    if math.isnan(captured.value):
        nothing = f"nobody has {after} in the {trials.follow_up} days that followed"
        at_one = "" if origin != POOLED else "at an origin "
        return (
            f"{when}, {tested} ranked {many}; {at_one}{nothing}: captured harm is undefined "
            f"[no interval], n = {people:,}."
        )
    p, by_test = None, ""
    asked = {"contender": tested, "outcome": outcome, "figure": "captured"}
    every = lines_of(measured.tests, asked)
    here = np.flatnonzero((every["origin"] == origin) & (every["at"] == at))
    if len(here):
        p = holm(every["p"].tolist())[int(here[0])]
        by_test = "" if math.isnan(p) else f"; p {p:.4f} by permutation, adjusted by Holm"
    sentence = (
        f"{when}, {tested} ranked {many}; its first {at} "
        f"hold {captured.told('.1%')} of {after} of those ranked, in the {trials.follow_up} days "
        f"that followed: "
        f"{against_random(lift, p=p, level=measured.level)} ({lift.told('.2f')} times its "
        f"share{by_test}), {against_best(best.value)}"
    )
    if pairs:
        best_other = min(pairs, key=lambda pair: (pair.difference.value, pair.name))
        sentence += (
            f"; of what it is compared with, {best_other.name} holds the most: "
            f"{against_baseline(best_other)} (difference {best_other.difference.told('.1%')})"
        )
    return f"{sentence}. Spearman with {after} {spearman.told()}, n = {people:,}."
