"""Checks of the arguments of the generators."""

from __future__ import annotations

import datetime as dt

import numpy as np

from hhpu.errors import ArgumentError

__all__ = ["check_choice", "check_effect", "check_whole", "last_day"]

_HIGHEST_EFFECT = 10
_EARLIEST = dt.date(1980, 1, 1)


def check_whole(name: str, value: object, *, least: int, most: int | None = None) -> None:
    """Refuse what is not a whole number in the closed range."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        number = int(value)
        if number >= least and (most is None or number <= most):
            return
    upto = "on" if most is None else f"to {most:,}"
    message = f"{name} must be a whole number from {least} {upto}; got {value!r}"
    raise ArgumentError(message)


def check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Refuse what is not one of the choices."""
    if value not in choices:
        message = f"{name} must be one of {', '.join(map(repr, choices))}; got {value!r}"
        raise ArgumentError(message)


def check_effect(value: object) -> None:
    """Refuse what cannot multiply a rate."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= _HIGHEST_EFFECT:  # type: ignore[operator]
        message = (
            f"management_effect must be from 0 to {_HIGHEST_EFFECT}, 1 being none; got {value!r}"
        )
        raise ArgumentError(message)


def last_day(
    as_of: dt.date | str, *, name: str = "as_of", earliest: dt.date = _EARLIEST
) -> dt.date:
    """Give the date that a date or an ISO text names, not before the earliest."""
    day: object = as_of
    if isinstance(as_of, str):
        try:
            day = dt.date.fromisoformat(as_of)
        except ValueError:
            day = None
    if not isinstance(day, dt.date) or isinstance(day, dt.datetime) or day < earliest:
        message = (
            f"{name} must be a date from {earliest.year} on, such as '2026-03-31'; got {as_of!r}"
        )
        raise ArgumentError(message)
    return day
