"""Ranking methods: frozen values with one formula each, all in integers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, localcontext
from types import MappingProxyType
from typing import Any, Final, SupportsIndex

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.errors import ArgumentError, as_whole

__all__ = [
    "DECAY_PARTS",
    "METHODS",
    "Method",
    "OffenceCount",
    "RecencyWeightedHarm",
    "TotalHarm",
    "method_named",
    "parameters_of",
]

DECAY_PARTS: Final = 2**20
_PRECISION: Final = 40


@attrs.frozen
class TotalHarm:
    r"""The sum of harm in the window: what the unit ran.

    .. math:: s_p = \sum_{i \in H_p} w_i \, q_i

    over the counted links :math:`H_p` of person :math:`p`, with the index's weight :math:`w_i` and
    the status policy's share :math:`q_i`. In the index's unit.

    Examples
    --------
    >>> TotalHarm().name
    'total-harm'
    """

    name: Final = "total-harm"

    def to_dict(self) -> dict[str, object]:
        """Give the name and parameters."""
        return {"name": self.name}


@attrs.frozen
class OffenceCount:
    r"""The number of counted links: a baseline, not an index.

    .. math:: s_p = |H_p|

    A link counts once whatever its weight and however far its status is discounted.

    Examples
    --------
    >>> OffenceCount().name
    'offence-count'
    """

    name: Final = "offence-count"

    def to_dict(self) -> dict[str, object]:
        """Give the name and parameters."""
        return {"name": self.name}


def _days(value: SupportsIndex) -> int:
    days: int = as_whole(value)
    return days


@attrs.frozen
class RecencyWeightedHarm:
    r"""Harm that halves with age.

    .. math:: s_p = \sum_{i \in H_p} w_i \, q_i \, 2^{-a_i / h}

    with :math:`a_i` the whole days from the placing date to ``as_of`` and :math:`h` the half-life.
    The decay is a table by age in whole days, in parts per :math:`2^{20}`, each entry the nearest
    integer: so the sum is exact, and an offence older than 21 half-lives weighs nothing.

    Parameters
    ----------
    half_life : int
        In days. There is no default: no half-life is known to be anybody's practice.

    Raises
    ------
    ArgumentError
        If it is not a whole number of days, at least 1.

    Examples
    --------
    >>> RecencyWeightedHarm(half_life=365).decay(366)[[0, 365]].tolist()
    [1048576, 524288]
    """

    half_life: int = attrs.field(converter=_days)
    name: Final = "recency-weighted"

    @half_life.validator
    def _check(self, _: object, value: object) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            message = f"half_life={value!r}: a whole number of days, at least 1"
            raise ArgumentError(message)

    def decay(self, ages: int) -> npt.NDArray[np.int64]:
        """Give the decay for ages 0 to ``ages - 1`` days, in parts per 2**20."""
        with localcontext() as context:
            context.prec = _PRECISION
            daily = Decimal(2) ** (Decimal(-1) / Decimal(self.half_life))
            parts = Decimal(DECAY_PARTS)
            table = []
            for age in range(ages):
                if age % self.half_life == 0:
                    parts = Decimal(DECAY_PARTS) / (Decimal(2) ** (age // self.half_life))
                table.append(int(parts.to_integral_value()))
                if not table[-1]:
                    break
                parts *= daily
        decay = np.zeros(ages, dtype=np.int64)
        decay[: len(table)] = table
        return decay

    def to_dict(self) -> dict[str, object]:
        """Give the name and parameters."""
        return {"name": self.name, "half_life": self.half_life}


Method = TotalHarm | OffenceCount | RecencyWeightedHarm
METHODS: Final[Mapping[str, type[Method]]] = MappingProxyType({
    "total-harm": TotalHarm,
    "offence-count": OffenceCount,
    "recency-weighted": RecencyWeightedHarm,
})  # fmt: skip


def parameters_of(name: str) -> tuple[str, ...]:
    """Give the parameters that a method needs.

    Raises
    ------
    ArgumentError
        If there is no method of the name.
    """
    if name not in METHODS:
        message = f"method {name!r}: one of {', '.join(METHODS)}"
        raise ArgumentError(message)
    return tuple(field.name for field in attrs.fields(METHODS[name]) if field.name != "name")


def method_named(name: str, settings: Mapping[str, Any]) -> Method:
    """Make the method of a name; of the settings it takes its own parameters.

    Raises
    ------
    ArgumentError
        If there is no method of the name, or a parameter is missing or cannot be used.

    Examples
    --------
    >>> method_named("recency-weighted", {"half_life": 180}).to_dict()
    {'name': 'recency-weighted', 'half_life': 180}
    """
    given: dict[str, Any] = {each: settings.get(each) for each in parameters_of(name)}
    return METHODS[name](**given)
