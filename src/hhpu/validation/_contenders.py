"""What is compared: ranking methods, and baselines that any method should beat."""

from __future__ import annotations

from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.errors import ArgumentError
from hhpu.indices import HarmDefinition
from hhpu.ranking import History, HistoryMethod, Method, OffenceCount, TotalHarm

__all__ = ["Contender", "MostRecent", "Unranked", "baselines", "last_list"]

Ints = npt.NDArray[np.int64]


@attrs.frozen
class MostRecent:
    """Who offended last stands first: a baseline without harm or number.

    Examples
    --------
    >>> MostRecent().name
    'most-recent'
    """

    name: Final = "most-recent"

    def scores(self, history: History) -> Ints:
        """Give minus the days since the last offence."""
        least = np.full(len(history), np.iinfo(np.int64).max, dtype=np.int64)
        np.minimum.at(least, history.person, history.age)
        return -least

    def to_dict(self) -> dict[str, object]:
        """Give the name."""
        return {"name": self.name}


@attrs.frozen
class Unranked:
    """Nobody stands before anybody: the exact expectation of a list in random order.

    Every figure here is taken in expectation over the orders of ties, so one tie of everybody is
    random order itself, without a draw.

    Examples
    --------
    >>> Unranked().name
    'random'
    """

    name: Final = "random"

    def scores(self, history: History) -> Ints:
        """Give 0 to everybody."""
        return np.zeros(len(history), dtype=np.int64)

    def to_dict(self) -> dict[str, object]:
        """Give the name."""
        return {"name": self.name}


@attrs.frozen
class Contender:
    """One way to rank the people of an origin.

    Parameters
    ----------
    method : Method or HistoryMethod
        How.
    name : str
        What it is called in results; the method's name if not given.
    definition : HarmDefinition, optional
        Under another definition than the backtest's; people without a counted offence under it
        score below everybody.
    back : int
        Days before the origin of which the list is: 0 for the origin itself.

    Raises
    ------
    ArgumentError
        If the method has no name or no scores, or ``back`` is negative.
    """

    method: Method | HistoryMethod = attrs.field()
    name: str = ""
    definition: HarmDefinition | None = None
    back: int = attrs.field(default=0)

    @method.validator
    def _check_method(self, _: object, value: Any) -> None:
        own = isinstance(value, Method)
        if not own and not (hasattr(value, "scores") and hasattr(value, "to_dict")):
            message = (
                "a contender's method is TotalHarm(), OffenceCount(), RecencyWeightedHarm(), "
                "ExpectedHarm() or an object with name, to_dict() and scores(history)"
            )
            raise ArgumentError(message)

    @back.validator
    def _check_back(self, _: object, value: int) -> None:
        if value < 0:
            message = f"back={value}: days before the origin, not after it"
            raise ArgumentError(message)

    @property
    def label(self) -> str:
        """What it is called in results."""
        return self.name or self.method.name

    def to_dict(self) -> dict[str, object]:
        """Give the parameters."""
        return {
            "name": self.label,
            "method": self.method.to_dict(),
            "definition": None if self.definition is None else self.definition.to_dict(),
            "back": self.back,
        }


def last_list(back: int) -> Contender:
    """Give the plain harm list as it stood some days before: what one has without a new run.

    Parameters
    ----------
    back : int
        Days before the origin, at least 1.

    Returns
    -------
    Contender
        Named ``last-list``.
    """
    if back < 1:
        message = f"back={back}: at least 1 day before the origin"
        raise ArgumentError(message)
    return Contender(TotalHarm(), name="last-list", back=back)


def baselines(back: int) -> tuple[Contender, ...]:
    """The baselines beside every method: count, recency, the last list, random order.

    Parameters
    ----------
    back : int
        How old the last list is, in days.

    Returns
    -------
    tuple of Contender
        ``offence-count, most-recent, last-list, random``.
    """
    return (
        Contender(OffenceCount()),
        Contender(MostRecent()),
        last_list(back),
        Contender(Unranked()),
    )
