"""Every figure of a backtest, with intervals from one draw of people carried through them all."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.errors import ArgumentError
from hhpu.validation._association import association, association_interval, association_p
from hhpu.validation._backtest import Backtest, Trial
from hhpu.validation._capacity import FIGURES as AT_CAPACITY
from hhpu.validation._capacity import (
    at_capacity,
    capacity,
    capacity_label,
    captured_by_chance,
    chance_p,
)
from hhpu.validation._contenders import Unranked
from hhpu.validation._outcomes import OUTCOMES
from hhpu.validation._resample import Asked, by_id, holm, interval, numbered_by_id, resample
from hhpu.validation._roc import areas, delong
from hhpu.validation._weighted import Weights, once

__all__ = ["POOLED", "Figures", "figures", "lines_of"]

Floats = npt.NDArray[np.float64]
POOLED: Final = "mean over origins"
_BINARY: Final = ("any", "serious")
_ASSOCIATIONS: Final = ("spearman", "tau_b", "tau_b_max", "somers_d")
_IN_CLUSTERS: Final = "people are drawn in clusters: see the interval of the lift"
_SHARED: Final = ("captured", "of_best", "ndcg", "lift")
_COUNTED: Final = ("precision", "recall")


@attrs.frozen(eq=False)
class Figures:
    """The figures of a backtest, and the differences between what was compared.

    Parameters
    ----------
    table : pandas.DataFrame
        ``origin, contender, outcome, figure, at, value, low, high, undefined, people``: one line
        for each figure. ``origin`` is a date, or `POOLED` for the mean over all origins; ``at`` a
        capacity, empty where the figure has none; ``low`` and ``high`` the percentile interval
        over resamples of people; ``undefined`` the draws without a value.
    differences : pandas.DataFrame
        ``origin, contender, against, outcome, figure, at, difference, low, high, p, p_holm``:
        paired on the same draws; ``p`` two-sided from the draws, ``p_holm`` adjusted over the lines
        of the same figure, outcome and capacity: all origins and all that it is compared with.
    tests : pandas.DataFrame
        ``origin, contender, outcome, figure, at, value, p, test, low, high, interval, people,
        why``: the p-value of no association, of captured harm against random order, and the
        analytic interval, at one origin; none for `POOLED`.
    ties : pandas.DataFrame
        ``origin, contender, outcome, at, seats, above, tied, open, figure, expected, least, most,
        best, note``: what the orders of ties leave open at each capacity.
    origins : pandas.DataFrame
        ``origin, people, offences, later_offences, later_harm, with_outcome, base_rate,
        unranked_offences, unranked_harm, unranked_people, late_offences, late_harm, late_people,
        shared, cap``: what each origin rests on.
    resamples, seed : int
        How the intervals were drawn.
    resampled : str
        What was drawn.
    level : float
        Of the intervals.
    """

    table: pd.DataFrame
    differences: pd.DataFrame
    tests: pd.DataFrame
    ties: pd.DataFrame
    origins: pd.DataFrame
    resamples: int
    seed: int
    resampled: str
    level: float

    def find(self, **wanted: object) -> pd.DataFrame:
        """The lines of ``table`` with some values, e.g. ``figure="captured", at="5%"``."""
        return lines_of(self.table, wanted)

    def difference(self, **wanted: object) -> pd.DataFrame:
        """The lines of ``differences`` with some values."""
        return lines_of(self.differences, wanted)

    def to_dict(self) -> dict[str, Any]:
        """Give everything at full precision; NaN as None."""
        return {
            "intervals": {
                "resamples": self.resamples,
                "seed": self.seed,
                "resampled": self.resampled,
                "level": self.level,
                "kind": "percentile",
            },
            **{
                name: _plain(getattr(self, name))
                for name in ("origins", "table", "differences", "tests", "ties")
            },
        }


def lines_of(table: pd.DataFrame, wanted: Mapping[str, object]) -> pd.DataFrame:
    """The lines of a table with some values."""
    which = np.ones(len(table), dtype=bool)
    for name, value in wanted.items():
        which &= (table[name] == value).to_numpy()
    return table[which].reset_index(drop=True)


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    lines = table.to_dict(orient="records")
    return [
        {
            str(name): None if isinstance(value, float) and math.isnan(value) else value
            for name, value in line.items()
        }
        for line in lines
    ]


@attrs.frozen
class _Column:
    """What one column of the draws is."""

    origin: str
    contender: str
    outcome: str
    figure: str
    at: str


@attrs.frozen(eq=False)
class _Picked:
    """Some figures of a statistic."""

    names: tuple[str, ...]
    statistic: Any
    places: tuple[int, ...]

    def __call__(self, weights: Weights, /) -> Floats:
        found: Floats = self.statistic(weights)[:, self.places]
        return found


def figures(
    backtest: Backtest,
    *,
    seed: int,
    outcomes: Sequence[str] | None = None,
    top: Sequence[int | float | str] = (0.01, 0.05, 0.1),
    against: Sequence[str] | None = None,
    resamples: int = 2_000,
    level: float = 0.95,
    clusters: npt.NDArray[np.int64] | None = None,
    resampled: str = "people",
    progress: Callable[[int, int], None] | None = None,
) -> Figures:
    """Measure every contender at every origin by every outcome, with paired intervals.

    Parameters
    ----------
    backtest : Backtest
        What was tested.
    seed : int
        Of the resamples and permutations.
    outcomes : sequence of str, optional
        Some of `OUTCOMES`; if not given, all that the backtest has.
    top : sequence of int, float or str
        Capacities: people as integers, shares with a point or %.
    against : sequence of str, optional
        With which contenders all others are compared; if not given, the first contender is
        compared with every other.
    resamples : int
        Draws of people, at least 100.
    level : float
        Of the intervals.
    clusters : numpy.ndarray of int64, optional
        The cluster of each of the ledger's people (with identities, of those of
        `Backtest.ledger_at`): whole clusters are drawn.
    resampled : str
        What a cluster is.
    progress : callable, optional
        Told how many draws are done, of how many.

    Returns
    -------
    Figures
        For each origin, and the mean over origins where there are several.

    Raises
    ------
    ArgumentError
        If nobody is ranked, an outcome is unknown or was not declared, or an argument cannot be
        used.
    """
    asked_for = _outcomes(backtest, outcomes)
    ledger = backtest.ledger_at(backtest.trials[0])
    size = len(ledger.people)
    if clusters is not None and clusters.shape != (size,):
        message = f"clusters= has the shape {clusters.shape}: one number for each of {size} people"
        raise ArgumentError(message)
    labels = [capacity_label(k) for k in top]
    trials = [trial for trial in backtest.trials if len(trial)]
    if not trials:
        message = "nobody has a counted offence in the history of any origin: nothing to measure"
        raise ArgumentError(message)
    everybody = np.unique(np.concatenate([trial.people for trial in trials]))
    places = by_id(ledger, everybody)
    columns: list[_Column] = []
    asked: list[Asked] = []
    for trial in trials:
        people = places[np.searchsorted(everybody, trial.people)]
        for column, statistic in _statistics(backtest, trial, asked_for, top):
            columns += column
            asked.append(Asked(statistic, people))
    groups = None if clusters is None else numbered_by_id(clusters[everybody], places)
    values = np.concatenate(
        [each.statistic(once(len(each.people))) for each in asked], axis=1
    )[0]  # fmt: skip
    draws = resample(
        asked, people=len(everybody), resamples=resamples, seed=seed, clusters=groups,
        resampled=resampled, progress=progress,
    ).values  # fmt: skip
    sizes = {str(trial.date): len(trial) for trial in trials}
    columns, values, draws = _pooled(columns, values, draws, len(trials))
    return Figures(
        table=_table(columns, values, draws, level, sizes),
        differences=_differences(backtest, columns, values, draws, level, against),
        tests=_tests(backtest, trials, asked_for, top, level, seed, clustered=clusters is not None),
        ties=_ties(trials, asked_for, top, labels),
        origins=_origins(backtest),
        resamples=resamples,
        seed=seed,
        resampled=resampled,
        level=level,
    )


def _outcomes(backtest: Backtest, wanted: Sequence[str] | None) -> tuple[str, ...]:
    held = tuple(
        name
        for name in OUTCOMES
        if not (name == "serious" and backtest.serious is None)
        and not (name == "capped-harm" and any(trial.cap is None for trial in backtest.trials))
    )
    if wanted is None:
        return held
    if not wanted:
        message = f"outcomes= is empty: some of {', '.join(held)}"
        raise ArgumentError(message)
    for name in wanted:
        backtest.trials[0].outcome(name)
    return tuple(dict.fromkeys(wanted))


def _statistics(
    backtest: Backtest, trial: Trial, outcomes: Sequence[str], top: Sequence[int | float | str]
) -> Iterator[tuple[list[_Column], Any]]:
    """The statistics of one origin, with what their columns are."""
    origin = str(trial.date)
    random = {each.label for each in backtest.contenders if isinstance(each.method, Unranked)}
    for outcome in outcomes:
        followed = trial.outcome(outcome)
        binary = outcome in _BINARY
        for label, scores in trial.scores.items():
            if label not in random:
                made = association(scores, followed, figures=_ASSOCIATIONS)
                yield [_Column(origin, label, outcome, each, "") for each in made.names], made
            at = capacity(scores, followed, at=top)
            kept = (*_COUNTED, "captured", "of_best", "lift") if binary else _SHARED
            names = [tuple(name.split(" at ")) for name in at.names]
            places = tuple(i for i, (figure, _) in enumerate(names) if figure in kept)
            yield (
                [_Column(origin, label, outcome, *names[i]) for i in places],
                _Picked(tuple(at.names[i] for i in places), at, places),
            )
        if binary:
            area = areas(dict(trial.scores), followed)
            yield [_Column(origin, name, outcome, "auc", "") for name in area.names], area


def _pooled(
    columns: list[_Column], values: Floats, draws: Floats, origins: int
) -> tuple[list[_Column], Floats, Floats]:
    """Add the mean over origins, draw by draw; undefined where it is undefined at one."""
    if origins < 2:
        return columns, values, draws
    places: dict[_Column, list[int]] = {}
    for place, column in enumerate(columns):
        places.setdefault(attrs.evolve(column, origin=POOLED), []).append(place)
    means = [np.mean(values[held]) for held in places.values()]
    drawn = [np.mean(draws[:, held], axis=1) for held in places.values()]
    return (
        [*columns, *places],
        np.concatenate([values, means]),
        np.concatenate([draws, np.stack(drawn, axis=1)], axis=1),
    )


def _table(
    columns: list[_Column], values: Floats, draws: Floats, level: float, sizes: Mapping[str, int]
) -> pd.DataFrame:
    lines = []
    for place, column in enumerate(columns):
        found = interval(draws[:, place], level=level)
        people = sizes.get(column.origin, sum(sizes.values()))
        lines.append(
            (*attrs.astuple(column), float(values[place]), found.low, found.high, found.undefined,
             people)
        )  # fmt: skip
    names = ["origin", "contender", "outcome", "figure", "at", "value", "low", "high",
             "undefined", "people"]  # fmt: skip
    return pd.DataFrame(lines, columns=names)


def _differences(
    backtest: Backtest,
    columns: list[_Column],
    values: Floats,
    draws: Floats,
    level: float,
    against: Sequence[str] | None,
) -> pd.DataFrame:
    labels = [contender.label for contender in backtest.contenders]
    unknown = sorted(set(against or ()) - set(labels))
    if unknown:
        message = f"against={unknown}: some of {', '.join(labels)}"
        raise ArgumentError(message)
    if against is None:
        pairs = [(labels[0], other) for other in labels[1:]]
    else:
        pairs = [(one, other) for one in labels for other in against if one != other]
    places = {column: place for place, column in enumerate(columns)}
    lines = []
    for one, other in pairs:
        for column, place in places.items():
            if column.contender != one or column.figure == "tau_b_max":
                continue
            beside = places.get(attrs.evolve(column, contender=other))
            if beside is None:
                continue
            difference = draws[:, place] - draws[:, beside]
            found = interval(difference, level=level)
            lines.append(
                (column.origin, one, other, column.outcome, column.figure, column.at,
                 float(values[place] - values[beside]), found.low, found.high,
                 _two_sided(difference))
            )  # fmt: skip
    names = ["origin", "contender", "against", "outcome", "figure", "at", "difference", "low",
             "high", "p"]  # fmt: skip
    table = pd.DataFrame(lines, columns=names)
    p = table["p"].to_numpy(dtype=np.float64)
    adjusted = np.full(len(table), np.nan)
    families = table.groupby(["outcome", "figure", "at"], sort=False).indices.values()
    for family in families:
        adjusted[family] = holm(p[family].tolist())
    return table.assign(p_holm=adjusted)


def _two_sided(draws: Floats) -> float:
    """Twice the share of draws on the rarer side of 0, the data themselves counted as one draw."""
    defined = draws[~np.isnan(draws)]
    if not len(defined):
        return math.nan
    rarer = min(int((defined <= 0).sum()), int((defined >= 0).sum()))
    return min(1.0, 2 * (rarer + 1) / (len(defined) + 1))


def _tests(
    backtest: Backtest,
    trials: Sequence[Trial],
    outcomes: Sequence[str],
    top: Sequence[int | float | str],
    level: float,
    seed: int,
    *,
    clustered: bool,
) -> pd.DataFrame:
    random = {each.label for each in backtest.contenders if isinstance(each.method, Unranked)}
    lines: list[tuple[Any, ...]] = []
    for trial in trials:
        origin = str(trial.date)
        for outcome in outcomes:
            followed = trial.outcome(outcome)
            for label, scores in trial.scores.items():
                if label in random:
                    continue
                for each in at_capacity(scores, followed, at=top):
                    share, rare, why = each.captured.expected, math.nan, _IN_CLUSTERS
                    if not clustered:
                        drawn = captured_by_chance(followed, each, seed=seed)
                        rare, why = chance_p(share, drawn), each.why
                    lines.append(
                        (origin, label, outcome, "captured", each.asked, share, rare,
                         "" if clustered else "permutation", math.nan, math.nan, "",
                         each.people, why)
                    )  # fmt: skip
                for figure in ("spearman", "tau_b", "somers_d"):
                    p = association_p(scores, followed, figure=figure)
                    around = association_interval(scores, followed, figure=figure, level=level)
                    lines.append(
                        (origin, label, outcome, figure, "", p.estimate, p.p, p.test, around.low,
                         around.high, around.method, p.people, p.why or around.why)
                    )  # fmt: skip
            if outcome in _BINARY:
                held = delong(dict(trial.scores), followed)
                for label in held.names:
                    found = held.interval(label, level=level)
                    lines.append(
                        (origin, label, outcome, "auc", "", found.estimate, math.nan, "", found.low,
                         found.high, found.method, found.people, found.why)
                    )  # fmt: skip
    names = ["origin", "contender", "outcome", "figure", "at", "value", "p", "test", "low", "high",
             "interval", "people", "why"]  # fmt: skip
    return pd.DataFrame(lines, columns=names)


def _ties(
    trials: Sequence[Trial],
    outcomes: Sequence[str],
    top: Sequence[int | float | str],
    labels: Sequence[str],
) -> pd.DataFrame:
    lines: list[tuple[Any, ...]] = []
    for trial in trials:
        for outcome in outcomes:
            followed = trial.outcome(outcome)
            for contender, scores in trial.scores.items():
                for label, found in zip(labels, at_capacity(scores, followed, at=top), strict=True):
                    for figure in AT_CAPACITY:
                        held = getattr(found, figure)
                        lines.append(
                            (str(trial.date), contender, outcome, label, found.k, found.above,
                             found.tied, found.open, figure, held.expected, held.low, held.high,
                             found.best, found.why or found.note)
                        )  # fmt: skip
    names = ["origin", "contender", "outcome", "at", "seats", "above", "tied", "open", "figure",
             "expected", "least", "most", "best", "note"]  # fmt: skip
    return pd.DataFrame(lines, columns=names)


def _origins(backtest: Backtest) -> pd.DataFrame:
    lines = []
    for trial in backtest.trials:
        held = trial.outcomes
        lines.append(
            {
                "origin": str(trial.date),
                "people": len(trial),
                "offences": int(trial.offences.sum()),
                "later_offences": int(held.count.sum()),
                "later_harm": float(held.harm.sum()),
                "with_outcome": int((held.count > 0).sum()),
                "base_rate": float((held.count > 0).mean()) if len(trial) else math.nan,
                **{
                    f"unranked_{name}": held.others[name] for name in ("offences", "harm", "people")
                },
                **{f"late_{name}": held.late[name] for name in ("offences", "harm", "people")},
                "shared": held.shared,
                "cap": math.nan if trial.cap is None else trial.cap,
            }
        )
    return pd.DataFrame(lines)
