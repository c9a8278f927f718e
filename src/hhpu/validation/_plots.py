"""Figures of a validation, for people who would rather look: matplotlib, from the extra ``plots``.

Every figure says in its title what it is of: method, origin, people, follow-up.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from hhpu.errors import ArgumentError, expect
from hhpu.ranking import ExpectedHarm, OffenceCount, TotalHarm, rank, seats_of
from hhpu.validation._backtest import Backtest, Trial
from hhpu.validation._capacity import capture_curve
from hhpu.validation._concentration import concentrated, lorenz
from hhpu.validation._contenders import Unranked
from hhpu.validation._fairness import POLICING, calibration_by_group
from hhpu.validation._figures import POOLED
from hhpu.validation._outcomes import OUTCOMES
from hhpu.validation._rank_intervals import rank_intervals
from hhpu.validation._rank_plots import (
    ladder_figure,
    stability_figure,
    to_beyond,
    trajectories_figure,
)
from hhpu.validation._resample import Asked, interval, resample
from hhpu.validation._sheet import (
    GREY,
    INK,
    PALE,
    STYLES,
    Sheet,
    drawing,
    empty,
    level_words,
    name_ends,
    percent,
    svg_bytes,
    whole,
)
from hhpu.validation._suppression import SUPPRESSED
from hhpu.validation._validate import Validation
from hhpu.validation._weighted import once

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "FIGURE_NAMES",
    "calibration_figure",
    "capture_figure",
    "differences_figure",
    "fairness_figure",
    "figures_of",
    "lorenz_figure",
]

FIGURE_NAMES: Final = (
    "capture", "lorenz", "differences", "calibration", "rank-intervals", "fairness", "stability",
    "trajectories",
)  # fmt: skip
_MOST_ORIGINS: Final = 4
_DRAWS: Final = 500
_POINTS: Final = 240
_TENTHS: Final = 10


def figures_of(
    validation: Validation, *, progress: Callable[[str], None] | None = None
) -> dict[str, bytes]:
    """Draw every figure that a validation has the matter for.

    Parameters
    ----------
    validation : Validation
        What was found.
    progress : callable, optional
        Told what is being drawn.

    Returns
    -------
    dict of str to bytes
        SVG by name, some of `FIGURE_NAMES`: ``fairness`` where groups were given, ``stability`` and
        ``trajectories`` where reruns were, ``calibration`` where a method expects harm,
        ``rank-intervals`` where the method tested has such intervals.

    Raises
    ------
    ArgumentError
        If matplotlib is not installed.
    """
    expect(validation, Validation, "figures_of()", "validate() makes one")
    steady = validation.stability
    drawn: dict[str, Callable[[], Figure | None]] = {
        "capture": lambda: capture_figure(validation),
        "lorenz": lambda: lorenz_figure(validation),
        "differences": lambda: (
            differences_figure(validation) if _compared(validation) else None
        ),
        "calibration": lambda: (
            calibration_figure(validation) if _expecting(validation.backtest) else None
        ),
        "rank-intervals": lambda: _ladder_of(validation),
        "fairness": lambda: fairness_figure(validation) if validation.fairness else None,
        "stability": lambda: None if steady is None else stability_figure(steady),
        "trajectories": lambda: None if steady is None else trajectories_figure(steady),
    }  # fmt: skip
    found = {}
    for name in FIGURE_NAMES:
        if progress is not None:
            progress(name)
        figure = drawn[name]()
        if figure is not None:
            found[name] = svg_bytes(figure)
    return found


# What a figure is of


def _some(origins: Sequence[Any]) -> list[Any]:
    """The first, the last and evenly spaced ones between, where there are many."""
    if len(origins) <= _MOST_ORIGINS:
        return list(origins)
    at = np.rint(np.linspace(0, len(origins) - 1, _MOST_ORIGINS)).astype(int)
    return [origins[place] for place in at]


def _trials(backtest: Backtest) -> list[Trial]:
    return [trial for trial in backtest.trials if len(trial)]


def _of_many(shown: int, held: int) -> str:
    return "" if shown == held else f"; {shown} of {held} origins are shown"


def _tested(validation: Validation) -> str:
    return validation.backtest.contenders[0].label


def _outcome(validation: Validation) -> str:
    held = validation.figures.table["outcome"]
    return "harm" if (held == "harm").any() else str(held.iloc[0])


def _rules(backtest: Backtest) -> str:
    definition = backtest.definition
    window = (
        "all history" if definition.window is None else f"history of {definition.window:,} days"
    )
    delay = f" (known {backtest.delay} days later)" if backtest.delay else ""
    index = definition.bound_index
    return (
        f"{window}, {backtest.follow_up:,} days of follow-up{delay}, placed by "
        f"{backtest.ledger.date}, weights of {index.name} {index.edition}"
    )


def _people(trials: Sequence[Trial]) -> str:
    return ", ".join(f"{trial.date}: {len(trial):,} people" for trial in trials)


def _style(backtest: Backtest, label: str) -> tuple[str, Any, str]:
    if label in _random(backtest):
        return GREY, (0, (1, 2)), ""
    named = [each.label for each in backtest.contenders if each.label not in _random(backtest)]
    return STYLES[named.index(label) % len(STYLES)]


def _random(backtest: Backtest) -> set[str]:
    return {each.label for each in backtest.contenders if isinstance(each.method, Unranked)}


def _drawn(validation: Validation) -> str:
    held = validation.figures
    return (
        f"{level_words(held.level)} intervals over {held.resamples:,} resamples of {held.resampled}"
    )


# Captured harm


def capture_figure(validation: Validation) -> Figure:
    """Draw the share of later harm that the first people of each ranking hold.

    Parameters
    ----------
    validation : Validation
        What was found.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each origin, at most four: every contender, random order and the best possible
        list; bars are the intervals of the method tested at the capacities asked.

    Raises
    ------
    ArgumentError
        If matplotlib is not installed.
    """
    backtest, outcome, tested = validation.backtest, _outcome(validation), _tested(validation)
    held = _trials(backtest)
    trials = _some(held)
    captured = validation.figures.find(outcome=outcome, figure="captured", contender=tested)
    told: list[str] = []
    with drawing():
        columns = min(2, len(trials))
        rows = math.ceil(len(trials) / columns)
        each = 3.3
        sheet = Sheet.of(
            f"{OUTCOMES[outcome].capitalize()} captured by the first people of each ranking",
            f"Each panel: as of the origin, {_rules(backtest)}"
            f"{_of_many(len(trials), len(held))}",
            f"Bars: {_drawn(validation)}, of {tested} at the capacities asked. Ties are taken in "
            "expectation; 'best possible' is the list of as many people that holds most. The "
            "curves go on to all people and all harm.",
            size=(5.2 * columns if columns > 1 else 7.2, each * rows), grid=(rows, columns),
        )  # fmt: skip
        for axes in sheet.panels.flat[len(trials) :]:
            axes.set_visible(False)
        for axes, trial in zip(sheet.panels.flat, trials, strict=False):
            mine = captured[captured["origin"] == str(trial.date)]
            told.append(_capture_panel(axes, backtest, trial, outcome, mine, each - 0.7))
        return sheet.done(" ".join(told))


def _capture_panel(
    axes: Axes, backtest: Backtest, trial: Trial, outcome: str, mine: pd.DataFrame, high: float
) -> str:
    after = OUTCOMES[outcome]
    axes.set_title(f"As of {trial.date}: {len(trial):,} people")
    axes.set_xlabel("share of the people ranked, from the top")
    axes.set_ylabel(f"share of {after}")
    percent(axes.xaxis)
    percent(axes.yaxis)
    shares = [_share(at, len(trial)) for at in mine["at"]]
    far = min(1.0, max(0.2, 2 * max(shares, default=0.1)))
    axes.set_xlim(0, far)
    ends: list[tuple[str, float, str]] = []
    tops = []
    for number, (label, scores) in enumerate(trial.scores.items()):
        curve = capture_curve(scores, trial.outcome(outcome), points=_POINTS)
        if curve.why:
            empty(axes, curve.why)
            return f"As of {trial.date}: {curve.why}."
        colour, stroke, marker = _style(backtest, label)
        if not number:
            axes.plot(curve.share, curve.best, color=INK, linewidth=1.1, linestyle=(0, (6, 2)))
            ends.append(("best possible", float(np.interp(far, curve.share, curve.best)), INK))
            tops.append(ends[-1][1])
        axes.plot(
            curve.share, curve.captured, color=colour, linestyle=stroke,
            linewidth=1.2 if not marker else 2.4 if not number else 1.5,
            zorder=4 - 0.1 * number,
        )  # fmt: skip
        if marker:
            marked = np.linspace(0.25, 0.85, 3) * far + 0.02 * far * number
            axes.plot(
                marked, np.interp(marked, curve.share, curve.captured), color=colour,
                linestyle="none", marker=marker, zorder=4 - 0.1 * number,
            )  # fmt: skip
        end = float(np.interp(far, curve.share, curve.captured))
        ends.append((label, end, colour))
        tops.append(end)
    tops += [float(high_end) for high_end in mine["high"] if not math.isnan(high_end)]
    axes.set_ylim(0, min(1.0, 1.06 * max(tops)))
    told = []
    for share, line in zip(shares, mine.itertuples(), strict=True):
        value, low, high_end = float(line.value), float(line.low), float(line.high)  # type: ignore[arg-type]
        axes.axvline(share, color=PALE, linewidth=0.8, zorder=0)
        axes.annotate(
            str(line.at), xy=(share, 1), xycoords=("data", "axes fraction"), xytext=(2, -2),
            textcoords="offset points", va="top", fontsize=7.5, color=GREY, zorder=5,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4},
        )  # fmt: skip
        if not math.isnan(low):
            axes.errorbar(
                share, value, yerr=[[value - low], [high_end - value]], color=INK,
                linewidth=1.2, capsize=2.5, zorder=6,
            )  # fmt: skip
            told.append(f"{value:.1%} [{low:.1%}, {high_end:.1%}] at {line.at}")
    name_ends(axes, ends, high=high)
    tested = next(iter(trial.scores))
    reached = ", ".join(f"{label} {y:.1%}" for label, y, _ in ends)
    return (
        f"As of {trial.date}, {tested} over {len(trial):,} people captured of {after} "
        f"{', '.join(told) or 'no share with an interval'}. Among the first {far:.0%}: {reached}."
    )


def _share(at: str, people: int) -> float:
    return float(at.removesuffix("%")) / 100 if at.endswith("%") else min(1.0, int(at) / people)


# Concentration


def lorenz_figure(validation: Validation) -> Figure:
    """Draw how concentrated harm is in people, in the history and after.

    Parameters
    ----------
    validation : Validation
        What was found.

    Returns
    -------
    matplotlib.figure.Figure
        Lorenz curves of the people ranked: a panel for each origin, at most four.

    Raises
    ------
    ArgumentError
        If matplotlib is not installed.
    """
    backtest = validation.backtest
    held = _trials(backtest)
    trials = _some(held)
    told: list[str] = []
    with drawing():
        columns = min(2, len(trials))
        rows = math.ceil(len(trials) / columns)
        sheet = Sheet.of(
            "How concentrated harm is in the people ranked",
            f"Lorenz curves of harm in the history and after it; {_rules(backtest)}"
            f"{_of_many(len(trials), len(held))}",
            "People stand from least to most harm. The lower the curve, the fewer people hold the "
            "harm; people without any are in it, and some concentration arises by chance alone "
            "(see the table chance).",
            size=(4.6 * columns if columns > 1 else 6.0, 3.9 * rows), grid=(rows, columns),
        )  # fmt: skip
        for axes in sheet.panels.flat[len(trials) :]:
            axes.set_visible(False)
        for axes, trial in zip(sheet.panels.flat, trials, strict=False):
            told.append(_lorenz_panel(axes, trial))
        return sheet.done(" ".join(told))


def _lorenz_panel(axes: Axes, trial: Trial) -> str:
    axes.set_title(f"As of {trial.date}: {len(trial):,} people")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="share of people, least harm first",
             ylabel="share of harm")  # fmt: skip
    axes.set_aspect("equal")
    percent(axes.xaxis)
    percent(axes.yaxis)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=(0, (1, 2)))
    axes.text(0.40, 0.43, "equal shares", rotation=45, rotation_mode="anchor", fontsize=8,
              color=GREY)  # fmt: skip
    told = []
    lines = (("history", trial.history_harm, 0), ("follow-up", trial.outcome("harm"), 1))
    for of, harm, number in lines:
        colour, stroke, _ = STYLES[number]
        curve, found = lorenz(harm, points=_POINTS), concentrated(harm, top=("10%",), held=())
        if curve.why:
            words = f"{of}: {curve.why}"
        else:
            axes.plot(curve.share, curve.held, color=colour, linestyle=stroke)
            words = (
                f"{of}: Gini {found.gini:.2f}; the 10% with most hold {found.top[0].share:.0%}; "
                f"{curve.zeros / len(trial):.0%} have none"
            )
        axes.plot(
            [0.03, 0.12], [0.93 - 0.15 * number] * 2, color=colour, linestyle=stroke,
        )  # fmt: skip
        axes.text(
            0.15, 0.96 - 0.15 * number, words.replace("; ", "\n"), va="top", fontsize=8,
            linespacing=1.15, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
        )  # fmt: skip
        told.append(words)
    return f"As of {trial.date}, {len(trial):,} people: {'. '.join(told)}."


# Differences


def _compared(validation: Validation) -> bool:
    return bool(_pairs(validation))


def _pairs(validation: Validation) -> list[str]:
    random = _random(validation.backtest)
    return [
        each.label for each in validation.backtest.contenders[1:] if each.label not in random
    ]  # fmt: skip


def differences_figure(validation: Validation) -> Figure:
    """Draw by how much the method tested differs from each baseline.

    Parameters
    ----------
    validation : Validation
        What was found.

    Returns
    -------
    matplotlib.figure.Figure
        Paired differences in captured harm at each capacity, and in Spearman's correlation.

    Raises
    ------
    ArgumentError
        If there is nothing to compare with, or matplotlib is not installed.
    """
    others, outcome, tested = _pairs(validation), _outcome(validation), _tested(validation)
    if not others:
        message = "the method was compared with no other: give validate() some with against="
        raise ArgumentError(message)
    table = validation.figures.difference(outcome=outcome, contender=tested)
    table = table[table["against"].isin(others) & table["figure"].isin(["captured", "spearman"])]
    pooled = [POOLED] if (table["origin"] == POOLED).any() else []
    dates = [str(trial.date) for trial in _trials(validation.backtest)]
    shown = _some(dates)
    origins = [*shown, *pooled]
    captured = table[table["figure"] == "captured"]
    columns = [("captured", at) for at in dict.fromkeys(captured["at"])] + [("spearman", "")]
    level, family = validation.figures.level, validation.figures
    rows = [(other, origin) for other in others for origin in origins]
    told = []
    with drawing():
        sheet = Sheet.of(
            f"{tested}: how much better, or worse, than what it is compared with",
            f"Paired differences in the share of {OUTCOMES[outcome]} captured, in percentage "
            f"points, and in Spearman's correlation with it; {_rules(validation.backtest)}. "
            f"{_people(_some(_trials(validation.backtest)))}{_of_many(len(shown), len(dates))}",
            f"Right of 0 the method is better. Bars: {level_words(level)} intervals over "
            f"{family.resamples:,} resamples of {family.resampled}, the same draws for both. "
            "Hollow: the interval holds 0, no difference is shown. Half filled: it excludes 0. "
            f"Filled: p is also below {1 - level:.2g} after Holm's adjustment over all that is "
            "compared by the same figure.",
            size=(max(7.5, 1.9 + 1.95 * len(columns)), 0.9 + 0.235 * (len(rows) + len(others))),
            grid=(1, len(columns)), share="y",
        )  # fmt: skip
        places = {
            row: -(number + others.index(row[0]) * 0.9) for number, row in enumerate(rows)
        }  # fmt: skip
        for axes, (figure, at) in zip(sheet.panels.flat, columns, strict=True):
            mine = table[(table["figure"] == figure) & (table["at"] == at)]
            axes.set_title(f"captured at {at}" if at else "Spearman")
            axes.axvline(0, color=INK, linewidth=1)
            scale = 100.0 if at else 1.0
            for line in mine.to_dict("records"):
                row = (str(line["against"]), str(line["origin"]))
                if row in places:
                    _difference(axes, line, places[row], scale, level)
            axes.set_xlabel("points" if at else "correlation")
            axes.margins(x=0.12)
            axes.grid(visible=False, axis="y")
            axes.tick_params(axis="y", length=0)
            axes.locator_params(axis="x", nbins=5)
        first = sheet.panels.flat[0]
        first.set_yticks(list(places.values()), [_origin_words(origin) for _, origin in rows])
        first.set_ylim(min(places.values()) - 0.7, 1.3)
        for other in others:
            first.annotate(
                f"against {other}", xy=(0, places[other, origins[0]] + 0.85),
                xycoords=("axes fraction", "data"), xytext=(-6, 0), textcoords="offset points",
                ha="right", va="center", fontweight="bold", fontsize=8.5, annotation_clip=False,
            )  # fmt: skip
        last = origins[-1]
        for line in table[table["origin"] == last].to_dict("records"):
            what = f"captured at {line['at']}" if line["at"] else "Spearman"
            told.append(
                f"{what} against {line['against']} {line['difference']:+.3f} "
                f"[{line['low']:+.3f}, {line['high']:+.3f}]"
            )
        return sheet.done(f"{tested}, {_origin_words(last)}: {'; '.join(told)}.")


def _origin_words(origin: str) -> str:
    return origin if origin == POOLED else f"as of {origin}"


def _difference(axes: Axes, line: Mapping[Any, Any], y: float, scale: float, level: float) -> None:
    pooled = line["origin"] == POOLED
    value = float(line["difference"]) * scale
    if math.isnan(value):
        axes.annotate("undefined", xy=(0, y), fontsize=8, color=GREY, va="center")
        return
    low, high = float(line["low"]) * scale, float(line["high"]) * scale
    colour = STYLES[0][0]
    if not math.isnan(low):
        axes.plot([low, high], [y, y], color=colour, linewidth=1.8 if pooled else 1.2)
    filled: Any = "none"
    if low > 0 or high < 0:
        filled = "full" if line["p_holm"] < 1 - level else "left"
    shape = "D" if pooled else "o"
    axes.plot(value, y, marker=shape, color="white", markersize=6)
    axes.plot(
        value, y, marker=shape, color=colour, markersize=6, fillstyle=filled,
        markerfacecoloralt="white",
    )  # fmt: skip


# Calibration


def _expecting(backtest: Backtest) -> str | None:
    """The first contender that expects harm."""
    for each in backtest.contenders:
        if isinstance(each.method, ExpectedHarm):
            return each.label
    return None


def calibration_figure(
    validation: Validation, *, contender: str | None = None, draws: int = _DRAWS
) -> Figure:
    """Draw expected against observed later harm, by tenth of the ranking.

    Parameters
    ----------
    validation : Validation
        What was found.
    contender : str, optional
        Whose scores are amounts of harm to be expected, up to one factor; if not given, the first
        `ExpectedHarm`.
    draws : int
        Resamples of people for the intervals, at least 100.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each origin, at most four. A score expects harm up to one factor, so its sum is
        set to what was observed: the figure tests how harm is spread over the ranking, not how
        much there was.

    Raises
    ------
    ArgumentError
        If no contender expects harm, or matplotlib is not installed.
    """
    backtest = validation.backtest
    label = contender or _expecting(backtest)
    if label is None or label not in {each.label for each in backtest.contenders}:
        message = (
            "no contender of that name expects harm: calibration is for method='expected-harm', or "
            "name with contender= one whose scores are amounts"
        )
        raise ArgumentError(message)
    held = _trials(backtest)
    trials = _some(held)
    unit = backtest.definition.bound_index.unit
    told = []
    with drawing():
        columns = min(2, len(trials))
        rows = math.ceil(len(trials) / columns)
        sheet = Sheet.of(
            f"{label}: harm expected and harm observed, by tenth of the ranking",
            f"{_rules(backtest)}{_of_many(len(trials), len(held))}",
            f"Bars: {level_words(validation.figures.level)} intervals over {draws:,} resamples of "
            "people. What is expected is known up to one factor, which is set so that its sum is "
            "what was observed: look at the shape, not the level.",
            size=(4.8 * columns if columns > 1 else 7.0, 3.3 * rows), grid=(rows, columns),
        )  # fmt: skip
        for axes in sheet.panels.flat[len(trials) :]:
            axes.set_visible(False)
        for axes, trial in zip(sheet.panels.flat, trials, strict=False):
            told.append(
                _calibration_panel(
                    axes, trial, label, unit, draws, validation.figures.seed,
                    validation.figures.level,
                )
            )  # fmt: skip
        return sheet.done(" ".join(told))


def _calibration_panel(
    axes: Axes, trial: Trial, label: str, unit: str, draws: int, seed: int, level: float
) -> str:
    axes.set_title(f"As of {trial.date}: {len(trial):,} people")
    observed, raw = trial.outcome("harm"), trial.scores[label].astype(np.float64)
    raw = raw - min(0.0, float(raw.min(initial=0.0)))
    if not observed.sum() or not raw.sum():
        why = "no later harm: there is nothing to compare"
        empty(axes, why)
        return f"As of {trial.date}: {why}."
    made = calibration_by_group(
        trial.scores[label], raw * (observed.sum() / raw.sum()), observed
    )  # fmt: skip
    values = made(once(len(trial)))[0].reshape(-1, 3)[:_TENTHS]
    drawn = resample(
        [Asked(made, np.arange(len(trial)))], people=len(trial), resamples=draws, seed=seed
    ).values.reshape(draws, -1, 3)[:, :_TENTHS]  # fmt: skip
    ends = [interval(drawn[:, at, 1], level=level) for at in range(_TENTHS)]
    at = np.arange(1, _TENTHS + 1)
    blue, orange = STYLES[0][0], STYLES[1][0]
    axes.plot(
        at, values[:, 0], color=orange, linestyle=STYLES[1][1], marker="s", label="expected",
        markerfacecolor="white",
    )  # fmt: skip
    low = values[:, 1] - np.array([end.low for end in ends])
    high = np.array([end.high for end in ends]) - values[:, 1]
    axes.errorbar(
        at, values[:, 1], yerr=np.maximum([low, high], 0), color=blue, marker="o",
        linestyle="none", capsize=3, linewidth=1.3, label="observed",
    )  # fmt: skip
    axes.set_xticks(at)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("tenth of the ranking, 1 is the top")
    axes.set_ylabel(f"later harm for each person ({unit})")
    whole(axes.yaxis)
    axes.legend()
    first, last = values[0], values[-1]
    return (
        f"As of {trial.date}, {len(trial):,} people: in the first tenth {first[0]:,.0f} expected "
        f"and {first[1]:,.0f} {unit} observed for each person, in the last {last[0]:,.0f} and "
        f"{last[1]:,.0f}."
    )


def _ladder_of(validation: Validation) -> Figure | None:
    """The ladder of the last origin, at the first capacity, drawn as the table certainty was."""
    backtest, tested = validation.backtest, validation.backtest.contenders[0]
    if validation.certainty.empty or not isinstance(tested.method, TotalHarm | OffenceCount):
        return None
    trial = _trials(backtest)[-1]
    ranking = rank(
        backtest.ledger_at(trial), as_of=trial.date, method=tested.method,
        definition=tested.definition or backtest.definition,
    )  # fmt: skip
    at = str(validation.certainty["at"].iloc[0])
    k = at if at.endswith("%") else int(at)
    found = rank_intervals(
        ranking, k=k, seed=validation.figures.seed, draws=_DRAWS,
        people=ranking.order[: to_beyond(seats_of(k, len(ranking)))],
    )  # fmt: skip
    return ladder_figure(found)


# Fairness

_MEASURES: Final = (
    ("selection rate", "selection rate:\nof the group, inside"),
    ("false positive rate", "false positive rate:\nof whom it did not\nhappen to, inside"),
    ("false negative rate", "false negative rate:\nof whom it happened\nto, outside"),
    ("harm captured", "harm captured:\nof the group's later\nharm, inside"),
)


def fairness_figure(
    validation: Validation,
    *,
    origin: dt.date | str | None = None,
    at: str | None = None,
    outcome: str = "any",
) -> Figure:
    """Draw how the cut-off falls on groups, and what followed in each.

    Parameters
    ----------
    validation : Validation
        What was found, with groups.
    origin : datetime.date or str, optional
        The last one if not given.
    at : str, optional
        The capacity, such as ``5%``; the last one asked if not given.
    outcome : str
        Of the error rates: ``any``, or another of the table of fairness.

    Returns
    -------
    matplotlib.figure.Figure
        A row for each group, in which what is suppressed says so; it holds nothing that the
        suppressed table does not.

    Raises
    ------
    ArgumentError
        If there are no such figures of groups, or matplotlib is not installed.
    """
    names = list(validation.fairness)
    wanted = [
        name for name in names
        if (origin is None or name.startswith(f"{origin} at "))
        and (at is None or name.endswith(f" at {at}"))
    ]  # fmt: skip
    if not wanted:
        message = "no figures of groups: validate() takes groups=, and origin and at as it had them"
        raise ArgumentError(message)
    name = wanted[-1]
    table = validation.fairness[name]
    table = table[(table["how"] == "value")]
    if outcome not in set(table["outcome"]):
        message = f"outcome={outcome!r}: {', '.join(sorted(set(table['outcome']) - {''}))}"
        raise ArgumentError(message)
    people = table[table["figure"] == "people"].set_index("group")["value"]
    groups = [group for group in people.index if people[group] != 0]
    day, cut = name.split(" at ")
    told = []
    with drawing():
        sheet = Sheet.of(
            f"How the first {cut} of {_tested(validation)} fall on groups",
            f"As of {day}, all groups cut at the same place of one ranking; what happened: "
            f"{OUTCOMES.get(outcome, outcome)}; {_rules(validation.backtest)}",
            f"Bars: {_drawn(validation)}. {POLICING}",
            size=(10.8, 1.35 + 0.25 * len(groups)), grid=(1, len(_MEASURES)), share="y",
        )  # fmt: skip
        places = _group_places(groups)
        for axes, (measure, words) in zip(sheet.panels.flat, _MEASURES, strict=True):
            mine = table[(table["figure"] == measure) & table["outcome"].isin(["", outcome])]
            lines = {str(line["group"]): line for line in mine.to_dict("records")}
            axes.set_title(words, fontsize=8.5)
            far = 0.0
            for group, y in places.items():
                far = max(far, _group_row(axes, lines.get(group), y))
            axes.set_xlim(0, min(1.0, max(far * 1.08, 0.01)))
            if far:
                percent(axes.xaxis, 4)
            else:
                axes.set_xticks([])
            axes.grid(visible=False, axis="y")
            axes.tick_params(axis="y", length=0)
            told += [
                f"{measure}, {group}: {_told_line(line)}"
                for group, line in lines.items()
                if group in places
            ]  # fmt: skip
        first = sheet.panels.flat[0]
        first.set_yticks(
            list(places.values()),
            [f"{group}  ({_counted(float(people[group]))})" for group in places],
        )
        first.set_ylim(max(places.values()) + 0.7, -0.7)
        return sheet.done(f"As of {day} at {cut}. {'; '.join(told)}.")


def _group_places(groups: Sequence[str]) -> dict[str, float]:
    """Rows for groups, with a gap before the next characteristic."""
    places: dict[str, float] = {}
    y, before = 0.0, None
    for group in groups:
        by = tuple(part.split("=")[0] for part in group.split(": ")[0].split(", "))
        by = tuple(part for each in by for part in each.split(" and "))
        if before is not None and by != before:
            y += 0.6
        places[group], before = y, by
        y += 1
    return places


def _group_row(axes: Axes, line: Mapping[Any, Any] | None, y: float) -> float:
    """Draw a figure with its interval, or the reason why there is none; give how far it goes."""
    if line is None or math.isnan(float(line["value"])):
        why = "suppressed" if line is not None and line["why"] == SUPPRESSED else "undefined"
        axes.annotate(
            why, xy=(0.03, y), xycoords=("axes fraction", "data"), va="center", fontsize=8,
            fontstyle="italic", color=GREY,
        )  # fmt: skip
        return 0.0
    value, low, high = (float(line[name]) for name in ("value", "low", "high"))
    if math.isnan(low):
        low, high = float(line["analytic_low"]), float(line["analytic_high"])
    colour = STYLES[0][0]
    if not math.isnan(low):
        axes.plot([low, high], [y, y], color=colour, linewidth=1.4)
    axes.plot(value, y, color=colour, marker="o", clip_on=False)
    return value if math.isnan(high) else max(value, high)


def _told_line(line: Mapping[Any, Any]) -> str:
    if math.isnan(float(line["value"])):
        return "suppressed" if line["why"] == SUPPRESSED else "undefined"
    return f"{line['value']:.1%}"


def _counted(people: float) -> str:
    return "suppressed" if math.isnan(people) else f"{people:,.0f}"
