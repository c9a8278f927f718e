"""Fairness as a table that may leave the unit: small counts hidden, and what is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.errors import ArgumentError
from hhpu.validation._fairness import Fairness, GroupFigures
from hhpu.validation._groups import Group
from hhpu.validation._resample import Interval
from hhpu.validation._suppression import SUPPRESSED, derived, suppress_linked

__all__ = ["exported"]

_ALL: Final = -1
_PARTS: Final = {
    "people": ((_ALL, _ALL),),
    "inside": ((1, _ALL),),
    "happened": ((_ALL, 1),),
    "inside and happened": ((1, 1),),
    "selection rate": ((1, _ALL), (_ALL, _ALL)),
    "exposure": ((_ALL, _ALL),),
    "base rate": ((_ALL, 1), (_ALL, _ALL)),
    "false positive rate": ((1, 0), (_ALL, 0)),
    "false negative rate": ((0, 1), (_ALL, 1)),
    "precision": ((1, 1), (1, _ALL)),
    "harm captured": ((1, 1), (_ALL, 1)),
}  # the counts that each figure is made of: outside or inside, no or yes


def exported(found: Fairness, figures: GroupFigures, *, suppress_below: int) -> pd.DataFrame:
    """Lay fairness out as a table that may leave the unit.

    The counts of people by group, by being inside the cut and by each outcome are one set of
    linked tables, suppressed together with all their totals. A figure made of a hidden count is
    hidden with its intervals, and so is a comparison with one.

    Parameters
    ----------
    found : Fairness
        Of ``figures``.
    figures : GroupFigures
        The prepared statistic.
    suppress_below : int
        Counts of people below it are hidden, as in a run's file; 0 hides none.

    Returns
    -------
    pandas.DataFrame
        Columns ``figure, outcome, group, against, how, value, low, high, undefined_draws,
        analytic_low, analytic_high, why``: first the counts of people, then every line. What is
        hidden is NaN, and ``why`` says suppressed.

    Raises
    ------
    ArgumentError
        If the result is of other figures.
    """
    if len(found.lines) != len(figures.names) or found.people != figures.people:
        message = "exported() takes a result of fairness() with the figures it was made from"
        raise ArgumentError(message)
    hidden = _Hidden.of(figures, suppress_below)
    counts = figures.counts()
    rows: list[dict[str, Any]] = []
    for at, group in enumerate(figures.groups):
        for number, outcome in enumerate(figures.outcomes):
            tn, fp, fn, tp = counts[number, at].tolist()
            numbers = {"happened": fn + tp, "inside and happened": tp}
            if not number:
                numbers = {"people": tn + fp + fn + tp, "inside": fp + tp, **numbers}
            for figure, value in numbers.items():
                of = outcome if "happened" in figure else ""
                line = _row(figure, of, group.label, "", "value", value)
                rows.append(_less(line, hide=hidden.hides(figure, of, group)))
    for each in found.lines:
        to = each.against
        line = _row(
            each.figure,
            each.outcome,
            each.group.label,
            to.label if to else "",
            each.how,
            each.value,
            each.resampled,
            each.analytic,
            each.why,
        )
        hide = hidden.hides(each.figure, each.outcome, each.group)
        hide |= to is not None and hidden.hides(each.figure, each.outcome, to)
        rows.append(_less(line, hide=hide))
    return pd.DataFrame(rows)


def _row(
    figure: str,
    outcome: str,
    group: str,
    against: str,
    how: str,
    value: float,
    resampled: Interval | None = None,
    analytic: tuple[float, float] | None = None,
    why: str = "",
) -> dict[str, Any]:
    nan = float("nan")
    low, high, undefined = (
        (nan, nan, nan)
        if resampled is None
        else (resampled.low, resampled.high, float(resampled.undefined))
    )
    analytic_low, analytic_high = analytic or (nan, nan)
    return {
        "figure": figure, "outcome": outcome, "group": group, "against": against, "how": how,
        "value": value, "low": low, "high": high, "undefined_draws": undefined,
        "analytic_low": analytic_low, "analytic_high": analytic_high, "why": why,
    }  # fmt: skip


_NUMBERS: Final = ("value", "low", "high", "undefined_draws", "analytic_low", "analytic_high")


def _less(row: dict[str, Any], *, hide: bool) -> dict[str, Any]:
    numbers = derived([row[name] for name in _NUMBERS], hide).tolist()
    return {
        **row,
        **dict(zip(_NUMBERS, numbers, strict=True)),
        "why": SUPPRESSED if hide else row["why"],
    }


@attrs.frozen(eq=False, repr=False)
class _Hidden:
    """Which counts of people are hidden: by characteristic, cut and outcome, totals last."""

    names: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    tables: Mapping[str, npt.NDArray[np.bool_]]

    @classmethod
    def of(cls, figures: GroupFigures, suppress_below: int) -> _Hidden:
        read, patterns = figures.read, figures.partition.patterns
        shape = tuple(len(values) + 1 for values in read.values)
        at = tuple(
            np.where(codes < 0, n - 1, codes) for codes, n in zip(patterns.T, shape, strict=True)
        )
        tables = []
        for confusion in figures.confusion():
            table = np.zeros((*shape, 2, 2))
            table[at] = np.moveaxis(confusion, -1, 0)
            tables.append(table)
        hidden = suppress_linked(tables, suppress_below=suppress_below)
        return cls(
            names=read.characteristics,
            values=read.values,
            tables={name: each.hidden for name, each in zip(figures.outcomes, hidden, strict=True)},
        )

    def hides(self, figure: str, outcome: str, group: Group) -> bool:
        """Whether a figure of a group is made of a hidden count, or the group itself is hidden.

        Of a hidden group even the reason why a figure is undefined would tell what became of it.
        """
        table = self.tables[outcome] if outcome else next(iter(self.tables.values()))
        return any(
            bool(table[(*place, *part)].any())
            for place in self._places(group)
            for part in (*_PARTS[figure], (_ALL, _ALL))
        )

    def _places(self, group: Group) -> list[tuple[int, ...]]:
        """Where a group stands; the group of those not given in a crossing, in several places."""
        if group.values is not None:
            given = dict(zip(group.by, group.values, strict=True))
            return [
                tuple(
                    values.index(given[name]) if name in given else _ALL
                    for name, values in zip(self.names, self.values, strict=True)
                )
            ]
        spans = [
            range(len(values) + 1) if name in group.by else (_ALL,)
            for name, values in zip(self.names, self.values, strict=True)
        ]
        return [
            place
            for place in product(*spans)
            if any(
                name in group.by and at == len(values)
                for name, values, at in zip(self.names, self.values, place, strict=True)
            )
        ]
