"""The sheet that figures are drawn on: matplotlib, and only where something is drawn.

Lines differ in stroke and marker as well as in colour, so that they can be told apart in print and
by everybody.
"""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.errors import ArgumentError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "FIGURES_NEED",
    "GREY",
    "INK",
    "PALE",
    "STYLES",
    "Sheet",
    "apart",
    "can_draw",
    "dated",
    "drawing",
    "empty",
    "level_words",
    "name_ends",
    "percent",
    "ranks_scale",
    "svg_bytes",
    "whole",
]

FIGURES_NEED: Final = (
    "figures need matplotlib: install hhpu[plots]; into an environment without a pip of its own, "
    'from the folder of the project: python3 -m pip --python .venv install ".[plots]"'
)
INK, GREY, PALE = "#000000", "#5a5a5a", "#c8c8c8"
# The palette of Okabe and Ito without its yellow; each colour with a stroke and a marker of its own
STYLES: Final[tuple[tuple[str, Any, str], ...]] = (
    ("#0072B2", "-", "o"),
    ("#D55E00", (0, (5, 1.5)), "s"),
    ("#009E73", (0, (4, 1.5, 1, 1.5)), "^"),
    ("#CC79A7", (0, (1.5, 1)), "D"),
    ("#E69F00", (0, (8, 2, 2, 2)), "v"),
    ("#56B4E9", (0, (2.5, 2.5)), "P"),
)
_FONT: Final = "DejaVu Sans"  # comes with matplotlib, so the layout is the same everywhere
_RC: Final[Mapping[str, Any]] = {
    "font.family": [_FONT],
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.8,
    "lines.markersize": 5.0,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "figure.dpi": 100.0,
    "savefig.dpi": 150.0,
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "hhpu",
}
_TITLE, _UNDER, _NOTE = 12.0, 9.0, 8.0
_LINE: Final = 1.35  # of the size of a letter
_INCH: Final = 72.0
_PLACES: Final = re.compile(r'( (?:d|x|y|transform)=")([^"]*)"')
_LONG: Final = re.compile(r"-?\d+\.\d{3,}")
_MADE_ID: Final = re.compile(r"(id=\"|#)([a-zA-Z]+[0-9a-f]{10})(?=[\")])")


def can_draw() -> bool:
    """Whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


@contextmanager
def drawing() -> Iterator[None]:
    """The settings of these figures, whatever those of the user are."""
    if not can_draw():
        raise ArgumentError(FIGURES_NEED)
    from matplotlib import style

    with style.context(["default", dict(_RC)]):
        yield


def svg_bytes(figure: Figure) -> bytes:
    """Write a figure as SVG, with its title and its alternative text inside.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        One of this package: its label is its alternative text.

    Returns
    -------
    bytes
        Text stays text. The same figure gives the same bytes under the same matplotlib: there is
        no date in them.

    Raises
    ------
    ArgumentError
        If matplotlib is not installed.
    """
    with drawing():
        held = io.BytesIO()
        told = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(held, format="svg", metadata=told)
    text = held.getvalue().decode("utf-8")
    title, description = (
        html.escape(part.replace("\n", " "), quote=False)
        for part in (figure.get_suptitle(), str(figure.get_label()))
    )
    start = text.index("<svg")
    end = text.index(">", start) + 1
    opening = text[start:end].replace("<svg", '<svg role="img" aria-labelledby="title desc"', 1)
    words = f'\n <title id="title">{title}</title>\n <desc id="desc">{description}</desc>'
    drawn = _short(_numbered(text[end:])).replace(f"'{_FONT}'", f"'{_FONT}', Verdana, sans-serif")
    return (text[:start] + opening + words + drawn).encode("utf-8")


def _numbered(text: str) -> str:
    """Number the ids that matplotlib makes from addresses in memory, in the order of appearance."""
    numbers: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return f"{match[1]}i{numbers.setdefault(match[2], len(numbers) + 1)}"

    return _MADE_ID.sub(number, text)


def _short(text: str) -> str:
    """Round coordinates to a hundredth of a point: what differs beyond is noise."""

    def rounded(match: re.Match[str]) -> str:
        return f"{float(match[0]):.2f}".rstrip("0").rstrip(".")

    return _PLACES.sub(lambda held: held[1] + _LONG.sub(rounded, held[2]) + '"', text)


def level_words(level: float) -> str:
    return f"{level:.0%}" if level * 100 == round(level * 100) else f"{level:.1%}"


# The sheet: title, what it is of, panels, a note


@attrs.frozen(eq=False)
class Sheet:
    figure: Figure
    panels: npt.NDArray[Any]

    @classmethod
    def of(
        cls,
        title: str,
        under: str,
        note: str,
        *,
        size: tuple[float, float],
        grid: tuple[int, int] = (1, 1),
        share: str = "none",
        widths: Sequence[float] | None = None,
    ) -> Sheet:
        """Lay out panels of a size in inches, with room above and below for words."""
        from matplotlib.figure import Figure

        width, panels_high = size
        parts = [
            (_wrapped(text, letters, width), letters)
            for text, letters in ((title, _TITLE), (under, _UNDER), (note, _NOTE))
        ]
        heights = [
            (text.count("\n") + 1) * letters * _LINE / _INCH if text else 0.0
            for text, letters in parts
        ]
        above, below = 0.12 + heights[0] + heights[1] + 0.08, heights[2] + 0.14
        high = above + panels_high + below
        figure = Figure(figsize=(width, high))
        figure.set_layout_engine(
            "constrained",
            rect=(0.006, below / high, 0.985, panels_high / high),
            w_pad=0.06, h_pad=0.05, wspace=0.03, hspace=0.04,
        )  # fmt: skip
        left = 0.1 / width
        held = figure.suptitle(
            parts[0][0], x=left, y=1 - 0.1 / high, ha="left", va="top", fontsize=_TITLE,
            fontweight="bold",
        )  # fmt: skip
        held.set_in_layout(False)
        figure.text(
            left, 1 - (0.1 + heights[0]) / high, parts[1][0], va="top", fontsize=_UNDER,
            color=GREY, linespacing=1.2,
        )  # fmt: skip
        figure.text(
            left, 0.07 / high, parts[2][0], va="bottom", fontsize=_NOTE, color=GREY,
            linespacing=1.2,
        )  # fmt: skip
        panels = figure.subplots(
            *grid, squeeze=False, sharey=share == "y", width_ratios=widths
        )  # fmt: skip
        return cls(figure=figure, panels=np.asarray(panels))

    def done(self, description: str) -> Figure:
        """Give the figure with its alternative text."""
        self.figure.set_label(description)
        return self.figure


def _wrapped(text: str, letters: float, width: float) -> str:
    """Break lines for a width in inches; a letter is a little over half as wide as its size."""
    room = int((width - 0.2) * _INCH / (letters * (0.62 if letters == _TITLE else 0.57)))
    return "\n".join(textwrap.fill(line, room, break_on_hyphens=False) for line in text.split("\n"))


def percent(axis: Any, most: int = 8) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.6g}%"))


def ranks_scale(axis: Any) -> None:
    """Steps of 1, 2 and 5 on a scale of equal ratios."""
    from matplotlib.ticker import LogLocator, NullLocator

    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
    axis.set_minor_locator(NullLocator())
    whole(axis)


def dated(axes: Axes, dates: Sequence[dt.date], most: int) -> None:
    """Name some of the runs below the axis."""
    at = np.unique(np.rint(np.linspace(0, len(dates) - 1, min(most, len(dates)))).astype(int))
    axes.set_xticks([dates[place] for place in at], [str(dates[place]) for place in at])
    axes.margins(x=0.08)


def whole(axis: Any) -> None:
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def apart(wanted: Sequence[float], gap: float) -> list[float]:
    """Places near those wanted, at least a gap apart, in the same order."""
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    blocks: list[list[Any]] = []  # of neighbours pushed apart: their middle, and who they are
    for at in order:
        blocks.append([wanted[at], [at]])
        while len(blocks) > 1:
            (low, below), (high, above) = blocks[-2:]
            if high - low >= gap * (len(below) + len(above)) / 2:
                break
            members = below + above
            middle = (low * len(below) + high * len(above)) / len(members)
            blocks[-2:] = [[middle, members]]
    found = [0.0] * len(wanted)
    for middle, members in blocks:
        for number, at in enumerate(members):
            found[at] = middle + (number - (len(members) - 1) / 2) * gap
    return found


def name_ends(
    axes: Axes, ends: Sequence[tuple[str, float, str]], *, high: float, letters: float = 8.5
) -> None:
    """Name lines at their right ends, pushed apart where they meet, each led to its own."""
    low, top = axes.get_ylim()
    gap = letters * 1.25 / _INCH / high * (top - low)
    places = apart([y for _, y, _ in ends], gap)
    lowest = low + gap / 2
    if places and min(places) < lowest:
        raised = lowest - min(places)
        places = [place + raised if place < lowest + gap * len(ends) else place for place in places]
        places = apart(places, gap)
    for (text, y, colour), place in zip(ends, places, strict=True):
        axes.annotate(
            text, xy=(1, y), xytext=(1.05, place), xycoords=("axes fraction", "data"),
            textcoords=("axes fraction", "data"), va="center", ha="left", fontsize=letters,
            color=colour, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 1,
                        "shrinkB": 0},
        )  # fmt: skip


def empty(axes: Axes, why: str) -> None:
    axes.set(xticks=[], yticks=[])
    axes.text(
        0.5, 0.5, textwrap.fill(why, 40), transform=axes.transAxes, ha="center", va="center",
        color=GREY,
    )  # fmt: skip
