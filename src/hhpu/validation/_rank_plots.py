"""Figures of ranks: how sure they are, how long they stay, where a bracket goes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from hhpu.errors import ArgumentError, expect
from hhpu.validation._capacity import capacity_label
from hhpu.validation._rank_intervals import RankIntervals
from hhpu.validation._sheet import (
    INK,
    STYLES,
    Sheet,
    apart,
    dated,
    drawing,
    empty,
    level_words,
    percent,
    ranks_scale,
)
from hhpu.validation._stability import COMPARISONS, Stability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ladder_figure", "stability_figure", "trajectories_figure"]

_LADDER: Final = 40
_FEWEST_FOLLOWED: Final = 10
_SURE, _LIKELY = 0.9, 0.5


def to_beyond(seats: int) -> int:
    """As far down as a ladder goes: a quarter beyond the edge."""
    return math.ceil(1.25 * seats) + 1


def ladder_figure(intervals: RankIntervals, *, rungs: int = _LADDER) -> Figure:
    """Draw the intervals of ranks from the top to beyond the edge of the bracket: no ids.

    Parameters
    ----------
    intervals : RankIntervals
        Of a ranking.
    rungs : int
        How many are drawn at most; where there are more ranks, evenly spaced ones.

    Returns
    -------
    matplotlib.figure.Figure
        A line a person. Whoever has the list can tell who stands on which rung, so it is kept as
        the list is.

    Raises
    ------
    ArgumentError
        If matplotlib is not installed.
    """
    expect(intervals, RankIntervals, "ladder_figure()", "rank_intervals() makes one")
    sampled, scores = intervals.sampled, intervals.ranking.scores
    size, seats = len(intervals.ranking), sampled.seats
    held = intervals.table.sort_values("rank", kind="stable").head(to_beyond(seats))
    if not len(held):
        message = "rank_intervals() was asked for nobody: there is no ladder to draw"
        raise ArgumentError(message)
    steps = np.linspace(0, len(held) - 1, max(2, min(rungs, len(held))))
    table = held.iloc[np.unique(np.rint(steps).astype(int))]
    kinds = (
        (f"in the first {seats:,} in at least {_SURE:.0%} of draws", "o", STYLES[0][0]),
        (f"in {_LIKELY:.0%} to {_SURE:.0%}", "D", STYLES[2][0]),
        (f"in under {_LIKELY:.0%}", "s", STYLES[1][0]),
    )
    kind = _kinds(table["p_top_k"])
    bracket = np.bincount(_kinds(held["p_top_k"][held["rank"] <= seats]), minlength=3).tolist()
    window = scores.definition.window
    period = "all history" if window is None else f"the {window:,} days to {scores.date}"
    with drawing():
        sheet = Sheet.of(
            "How far chance leaves the first ranks open",
            f"{size:,} people by {scores.method.name}, as of {scores.date}, over {period}, weights "
            f"of {scores.definition.bound_index.name} {scores.definition.bound_index.edition}. "
            f"{'All' if len(table) == len(held) else f'{len(table)} of the'} ranks from 1 to "
            f"{int(held['rank'].iloc[-1]):,}",
            f"Each line holds a rank in {level_words(sampled.level)} of {sampled.draws:,} draws of "
            "what the record may stand for; the cross is the rank as it is. A rank can lie outside "
            "its own line: who leads by one grave offence is drawn towards everybody else. A line "
            "stands for one person: keep it as the list is kept.",
            size=(7.8, 1.1 + 0.17 * len(table)),
        )  # fmt: skip
        axes = sheet.panels[0, 0]
        at = np.arange(len(table))
        ranks = table["rank"].to_numpy()
        low, high = table["low"].to_numpy(), table["high"].to_numpy()
        for number, (words, marker, colour) in enumerate(kinds):
            mine = kind == number
            axes.hlines(at[mine], low[mine], high[mine], color=colour, linewidth=2)
            axes.plot(low[mine], at[mine], color=colour, marker=marker, linestyle="none")
            axes.plot(
                high[mine], at[mine], color=colour, marker=marker, linestyle="none",
                label=words,
            )  # fmt: skip
        axes.plot(ranks, at, color=INK, marker="x", linestyle="none", markersize=5, zorder=5)
        axes.axvline(seats, color=INK, linewidth=1, linestyle=(0, (4, 2)))
        axes.annotate(
            f"edge of the first {seats:,}", xy=(seats, 0), xycoords=("data", "axes fraction"),
            xytext=(-3, 3), textcoords="offset points", va="bottom", ha="right", fontsize=8,
        )  # fmt: skip
        axes.set_xscale("log")
        axes.set_xlim(0.8, max(int(high.max()), seats, 2) * 1.3)
        ranks_scale(axes.xaxis)
        tied = held["rank"].duplicated(keep=False).loc[table.index].to_numpy()
        axes.set_yticks(
            at, [f"{'=' if same else ''}{each:,}" for each, same in zip(ranks, tied, strict=True)],
            fontsize=7.5,
        )  # fmt: skip
        axes.set_ylim(len(table) + 0.9, -0.7)
        axes.grid(visible=False, axis="y")
        axes.set_xlabel("rank in the draws (equal steps are equal ratios)")
        axes.set_ylabel("rank (=: tied)")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, handletextpad=0.3,
                    columnspacing=1.2, borderaxespad=0.2)  # fmt: skip
        return sheet.done(
            f"{sum(bracket):,} of {size:,} people stand inside the first {seats:,} as of "
            f"{scores.date}: {bracket[0]:,} of them are there in at least {_SURE:.0%} of draws, "
            f"{bracket[1]:,} in {_LIKELY:.0%} to {_SURE:.0%}, {bracket[2]:,} in fewer. The median "
            f"interval of the ranks drawn is {int(np.median(high - low)):,} ranks wide."
        )


def _kinds(inside: Any) -> npt.NDArray[np.int64]:
    """0 where sure to be inside, 1 where likely, 2 where not."""
    held = np.asarray(inside, dtype=np.float64)
    return np.where(held >= _SURE, 0, np.where(held >= _LIKELY, 1, 2)).astype(np.int64)


# Stability


def _bracket_words(steady: Stability) -> str:
    dates = steady.runs["as_of"]
    return (
        f"{len(dates)} {'run' if len(dates) == 1 else 'runs'}, {dates.iloc[0]} to "
        f"{dates.iloc[-1]}, "
        f"{'all history' if steady.window is None else f'history of {steady.window:,} days'}, "
        f"{steady.provenance.facts['method']['name']}"
    )


_COMPARED: Final = (
    (COMPARISONS[0], "run to run", 1, "full"),
    (COMPARISONS[2], "windows that share no day", 0, "full"),
    (COMPARISONS[3], "the same, people active in both", 0, "none"),
)


def stability_figure(steady: Stability) -> Figure:
    """Draw how much of the bracket stays, beside what stays between windows that share nothing.

    Parameters
    ----------
    steady : Stability
        Of the reruns.

    Returns
    -------
    matplotlib.figure.Figure
        Retention at each run, and the means of four measures of agreement.

    Raises
    ------
    ArgumentError
        If matplotlib is not installed.
    """
    expect(steady, Stability, "stability_figure()", "stability() makes one")
    overlaps = steady.overlaps
    means: dict[Any, dict[Any, Any]] = (
        steady.summary().set_index("comparison").to_dict(orient="index")
    )
    told, dates = [], steady.runs["as_of"].tolist()
    with drawing():
        sheet = Sheet.of(
            f"What stays in the first {capacity_label(steady.k)}: from run to run, and between "
            "separate windows",
            _bracket_words(steady),
            f"Two runs a few days apart share most of their window, so they must look alike. "
            f"{steady.adjusted} Where ties leave retention open, the bar holds its range.",
            size=(9.6, 4.1), grid=(1, 2), widths=(1.25, 1),
        )  # fmt: skip
        left, right = sheet.panels[0]
        left.set_title("retention: share of the bracket that stays")
        right.set_title("mean agreement (marks as on the left)")
        for place, (comparison, words, style, fill) in enumerate(_COMPARED):
            colour, stroke, marker = STYLES[style]
            face = colour if fill == "full" else "white"
            shared = float(means[comparison]["window_shared"])
            if not place and not math.isnan(shared):
                words += f": windows share {shared:.0%} of their days"  # noqa: PLW2901
            mine = overlaps[overlaps["comparison"] == comparison].dropna(subset=["retention_low"])
            if len(mine):
                day = "old_as_of" if place else "new_as_of"
                low, high = mine["retention_low"].to_numpy(), mine["retention_high"].to_numpy()
                axes_x = mine[day].tolist()
                left.vlines(axes_x, low, high, color=colour, linewidth=1)
                few = len(mine) <= 40
                left.plot(
                    axes_x, (low + high) / 2, color=colour, label=words,
                    linestyle=stroke if fill == "full" else (0, (1, 1.5)),
                    marker=marker if few else "", markersize=4, markerfacecolor=face,
                )  # fmt: skip
            mean = means[comparison]
            values = [
                (float(mean[f"{name}_low"]) + float(mean[f"{name}_high"])) / 2
                for name in ("retention", "jaccard")
            ] + [float(mean[name]) for name in ("rbo", "tau_b")]
            right.plot(
                values, np.arange(4) + (place - 1) * 0.2, color=colour, marker=marker,
                linestyle="none", markerfacecolor=face, markersize=6.5,
            )  # fmt: skip
            known = [
                f"{name} {value:.2f}"
                for name, value in zip(_AGREEMENTS, values, strict=True)
                if not math.isnan(value)
            ]
            told.append(f"{words}: {', '.join(known) or 'none'}")
        left.set_ylim(0, 1.03)
        percent(left.yaxis)
        dated(left, dates, 5)
        left.set_xlabel("run")
        right.set_yticks(
            range(4), [name.replace("rank-biased ", "rank-biased\n") for name in _AGREEMENTS]
        )
        right.set_ylim(3.6, -0.6)
        right.set_xlim(min(0.0, right.get_xlim()[0]), 1.03)
        right.set_xlabel("1: the same list")
        if left.lines:
            left.legend(loc="upper left", bbox_to_anchor=(-0.02, -0.2), borderaxespad=0)
        return sheet.done(f"{_bracket_words(steady)}. {'. '.join(told)}. {steady.statement}")


_AGREEMENTS: Final = ("retention", "Jaccard", "rank-biased overlap", "Kendall tau-b")


def trajectories_figure(steady: Stability) -> Figure:
    """Draw where the people of the first bracket stand at the later runs: quartiles, nobody alone.

    Parameters
    ----------
    steady : Stability
        Of the reruns.

    Returns
    -------
    matplotlib.figure.Figure
        The quartiles of their ranks and the share still in the bracket. Where fewer than ten people
        are followed there are no quartiles, for they would be single people's ranks.

    Raises
    ------
    ArgumentError
        If matplotlib is not installed.
    """
    expect(steady, Stability, "trajectories_figure()", "stability() makes one")
    runs = steady.runs
    dates, followed = runs["as_of"].tolist(), int(runs["followed"].iloc[0])
    with drawing():
        sheet = Sheet.of(
            f"Where those who were in the first {capacity_label(steady.k)} stand at the later runs",
            f"The {followed:,} people in the bracket as of {dates[0]}; {_bracket_words(steady)}",
            "Who is no longer ranked stands just below everybody who is. Who was chosen for a high "
            "score is expected to fall even where nothing changed: a fall is no proof that "
            "anything worked.",
            size=(9.6, 3.4), grid=(1, 2), widths=(1.35, 1),
        )  # fmt: skip
        left, right = sheet.panels[0]
        colour = STYLES[0][0]
        left.set_title("their ranks: median, and the middle half")
        last = runs.iloc[-1]
        words = "their ranks are not drawn: fewer than ten people are followed"
        if followed < _FEWEST_FOLLOWED:
            empty(left, words)
        else:
            left.fill_between(
                dates, runs["rank_quartile_1"], runs["rank_quartile_3"], color=colour, alpha=0.2,
                linewidth=0,
            )  # fmt: skip
            for name in ("rank_quartile_1", "rank_quartile_3"):
                left.plot(dates, runs[name], color=colour, linewidth=0.8, linestyle=(0, (4, 2)))
            marker = "o" if len(dates) <= 40 else ""
            left.plot(dates, runs["rank_median"], color=colour, marker=marker, markersize=4)
            left.plot(dates, runs["in_bracket"], color=INK, linewidth=1, linestyle=(0, (1, 1.5)))
            left.set_yscale("log")
            low, high = left.get_ylim()
            left.set_ylim(high, max(0.8, low))
            ranks_scale(left.yaxis)
            left.set_ylabel("rank, 1 on top")
            dated(left, dates, 4)
            ends = [
                ("a quarter are above", float(last["rank_quartile_1"])),
                ("median", float(last["rank_median"])),
                ("a quarter are below", float(last["rank_quartile_3"])),
                ("edge of the bracket", float(last["in_bracket"])),
            ]
            _name_log_ends(left, ends, colour)
            words = (
                f"at the last run their median rank is {last['rank_median']:,.0f} (middle half "
                f"{last['rank_quartile_1']:,.0f} to {last['rank_quartile_3']:,.0f})"
            )
        still = runs["followed_in_bracket"].astype(float) / max(followed, 1)
        right.set_title("share of them still in the bracket")
        right.plot(dates, still, color=colour, marker="o" if len(dates) <= 40 else "", markersize=4)
        right.set_ylim(0, 1.05)
        percent(right.yaxis)
        dated(right, dates, 3)
        right.annotate(
            f"{still.iloc[-1]:.0%}", xy=(dates[-1], still.iloc[-1]), xytext=(0, 7),
            textcoords="offset points", ha="center", fontsize=8.5,
        )  # fmt: skip
        return sheet.done(
            f"{followed:,} people in the first {capacity_label(steady.k)} as of {dates[0]}: "
            f"{words}; {still.iloc[-1]:.0%} are still in the bracket as of {dates[-1]}."
        )


def _name_log_ends(axes: Axes, ends: Sequence[tuple[str, float]], colour: str) -> None:
    bottom, top = np.log10(axes.get_ylim())
    heights = [(math.log10(y) - bottom) / (top - bottom) for _, y in ends]
    for (text, y), place in zip(ends, apart(heights, 0.06), strict=True):
        ink = INK if text.startswith("edge") else colour
        axes.annotate(
            text, xy=(1, y), xycoords=("axes fraction", "data"), xytext=(1.05, place),
            textcoords="axes fraction", va="center", fontsize=8, color=ink, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": ink, "linewidth": 0.6, "shrinkB": 0},
        )  # fmt: skip
