"""The laws by which a synthetic world runs, and the three published figures they are set to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import attrs

from hhpu.errors import ArgumentError

__all__ = ["LAWS", "Law", "World"]

World = Literal["persistent", "no-history", "attention"]

_HIGHEST_RATE = 50.0


def _between(least: float, most: float, **options: Any) -> Any:
    def check(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not least <= value <= most:
            message = f"{attribute.name} must be a number from {least:g} to {most:g}; got {value!r}"
            raise ArgumentError(message)

    return attrs.field(validator=check, **options)


def _career(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if value is None or (isinstance(value, int | float) and 0.05 <= value <= 100):
        return
    message = f"{attribute.name} must be a number of years from 0.05 to 100, or None; got {value!r}"
    raise ArgumentError(message)


def _leaning(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, bool):
        message = f"{attribute.name} must be True or False; got {value!r}"
        raise ArgumentError(message)


@attrs.frozen(kw_only=True)
class Law:
    r"""What a world does: how often people offend, how gravely, and what is recorded of it.

    While person :math:`i` is active, alive, out of custody, in the area and not managed, their
    offences are a Poisson process of rate

    .. math::
        \lambda_i = \min\bigl(r\, e^{\sigma z_i - \sigma^2/2},\; 50\bigr) \text{ a year},
        \qquad z_i \sim \mathrm{N}(0, 1),

    with :math:`r` = ``rate`` and :math:`\sigma` = ``spread``; from the day of management on, until
    it ends, it is multiplied by the management effect. Careers are exponential of mean ``career``
    years and stationary; one that begins in the span begins with an offence, beside the process.
    ``None`` is a career that lasts all the span, for everybody.

    An offence committed on day :math:`t` is recorded with probability

    .. math::
        p = \min\bigl(1,\; \text{noticed} + \text{attention} \cdot k_i(t)
            + \text{watched} \cdot m_i(t)\bigr),

    where :math:`k_i(t)` counts the person's offences recorded by then and :math:`m_i(t)` is 1 while
    the person is managed.

    Parameters
    ----------
    rate : float
        Mean offences a year of an active person, 0.001 to 50.
    spread : float, optional
        Sigma of the lognormal law of rates, 0 to 3; 0 gives everybody the same.
    career : float or None, optional
        Mean length of a career in years, 0.05 to 100; None for no desistance.
    leaning : bool, optional
        Whether each person leans towards one of the mixes of offences. If not, every offence is
        drawn from them all, whoever commits it.
    serious, petty : float, optional
        By what the shares of homicide and rape, and those of theft, criminal damage, public order
        offences, possession of drugs and violence without injury, are multiplied in the mixes of
        `synthetic_force`; each 0.01 to 20.
    noticed, attention, watched : float, optional
        The probability of recording above, each 0 to 1.
    deaths, custody, moves, managed : float, optional
        Shares of the people, each 0 to 1, to whom it happens once in the span. Where ``spread`` is
        not 0, custody and management are likelier in proportion to a person's rate, up to fivefold.
    """

    rate: float = _between(0.001, _HIGHEST_RATE)
    spread: float = _between(0, 3, default=0.0)
    career: float | None = attrs.field(default=None, validator=_career)
    leaning: bool = attrs.field(default=False, validator=_leaning)
    serious: float = _between(0.01, 20, default=1.0)
    petty: float = _between(0.01, 20, default=1.0)
    noticed: float = _between(0, 1, default=1.0)
    attention: float = _between(0, 1, default=0.0)
    watched: float = _between(0, 1, default=0.0)
    deaths: float = _between(0, 1, default=0.015)
    custody: float = _between(0, 1, default=0.03)
    moves: float = _between(0, 1, default=0.03)
    managed: float = _between(0, 1, default=0.02)


LAWS: Mapping[World, Law] = MappingProxyType(
    {
        # Set by tools/calibrate_worlds.py to the three published figures: the share of harm held
        # by the top 7% (80%), no further crime in two years (77.6%), new on a yearly list (95%).
        "persistent": Law(rate=0.34, spread=1.0, career=1.25, leaning=True, serious=7.0, petty=6.0),
        "no-history": Law(rate=0.127, serious=14.0, petty=10.0),
        # Set to no figure: true offending of one rate, a quarter of it recorded at first.
        "attention": Law(
            rate=0.4, serious=14.0, petty=10.0, noticed=0.25, attention=0.25, watched=0.25
        ),
    }
)
"""The law of each kind of world."""
