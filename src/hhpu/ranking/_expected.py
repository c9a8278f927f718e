"""Harm to be expected: a decayed frequency times a severity shrunk towards the population's."""

from __future__ import annotations

from typing import Any, Final, Protocol

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.errors import ArgumentError
from hhpu.ranking._exact import sums_by
from hhpu.ranking._history import History
from hhpu.ranking._methods import DECAY_PARTS, RecencyWeightedHarm

__all__ = ["ExpectedHarm", "HistoryMethod", "Parts"]

Floats = npt.NDArray[np.float64]


class HistoryMethod(Protocol):
    """A ranking method as a force may write one: a score for everybody from their history.

    People with the same offences on the same days must get the same score, and the order of the
    history's rows must not matter.
    """

    @property
    def name(self) -> str:
        """What it is called in results."""
        ...

    def to_dict(self) -> dict[str, object]:
        """Give the name and parameters."""
        ...

    def scores(self, history: History, /) -> npt.NDArray[Any]:
        """Give one number for each of ``history.people``; the higher, the more harm."""
        ...


@attrs.frozen(eq=False)
class Parts:
    """What an expected harm is made of, person by person in the order of the history.

    Parameters
    ----------
    offences : numpy.ndarray of int64
        Counted offences.
    decayed : numpy.ndarray of float64
        The decayed number of offences, of which each is 1 on the day it is placed.
    own_severity : numpy.ndarray of float64
        The mean harm of the person's offences, in the index's unit.
    population_severity : float
        The mean harm of everybody's.
    share_own : numpy.ndarray of float64
        How much of the shrunken severity is the person's own: offences / (offences + prior).
    severity : numpy.ndarray of float64
        The shrunken severity.
    expected : numpy.ndarray of float64
        ``decayed * severity``.
    """

    offences: npt.NDArray[np.int64]
    decayed: Floats
    own_severity: Floats
    population_severity: float
    share_own: Floats
    severity: Floats
    expected: Floats


@attrs.frozen
class ExpectedHarm:
    r"""Harm to be expected in the next period, up to one factor that is the same for everybody.

    .. math:: s_p = \Big(\sum_{i \in H_p} 2^{-a_i / h}\Big) \cdot
              \frac{\sum_{i \in H_p} w_i q_i + \kappa\, m}{n_p + \kappa}

    over the counted links :math:`H_p` of person :math:`p`, :math:`n_p` of them, with whole days of
    age :math:`a_i`, half-life :math:`h`, weight :math:`w_i`, status policy's share :math:`q_i` and
    the mean harm :math:`m` of all counted links of everybody. The first factor is a frequency that
    forgets; the second a severity shrunk towards the population's by :math:`\kappa` offences' worth
    of prior: one grave offence moves it a little, many move it all the way (empirical Bayes, the
    credibility formula of Buehlmann).

    Parameters
    ----------
    half_life : int
        Days in which an offence's part in the frequency halves.
    prior : int
        How many offences' worth the population's mean severity counts, at least 1.

    Raises
    ------
    ArgumentError
        If one is not a whole number of at least 1.

    References
    ----------
    Buehlmann H (1967). Experience rating and credibility. ASTIN Bulletin 4(3), 199-207.
    doi:10.1017/S0515036100008989

    Notes
    -----
    Sums by person are integers; the score is one function of them, in IEEE doubles, and so the same
    on every machine. There are no defaults: `hhpu.validation.tuned` finds parameters on origins
    whose follow-up ended before the one that is judged.

    Examples
    --------
    >>> ExpectedHarm(half_life=365, prior=20).name
    'expected-harm'
    """

    half_life: int = attrs.field()
    prior: int = attrs.field()
    name: Final = "expected-harm"

    @half_life.validator
    def _check_half_life(self, _: object, value: object) -> None:
        RecencyWeightedHarm(half_life=value)  # type: ignore[arg-type]

    @prior.validator
    def _check_prior(self, _: object, value: object) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            message = f"prior={value!r}: a whole number of offences, at least 1"
            raise ArgumentError(message)

    def parts(self, history: History) -> Parts:
        """Take everybody's expected harm apart.

        Parameters
        ----------
        history : History
            Everybody's.

        Returns
        -------
        Parts
            In the order of the history's people.
        """
        size = len(history)
        offences = np.bincount(history.person, minlength=size)
        harm = sums_by(history.person, history.harm, size).astype(np.float64)
        decay = RecencyWeightedHarm(half_life=self.half_life).decay(
            int(history.age.max(initial=0)) + 1
        )[history.age]
        ones = np.ones(len(decay), dtype=np.int64)
        decayed = sums_by(history.person, ones, size, times=decay).astype(np.float64)
        decayed /= DECAY_PARTS
        harm /= history.denominator
        rows = max(len(history.harm), 1)
        everybody = sums_by(np.zeros(len(history.harm), dtype=np.int32), history.harm, 1)
        mean = int(everybody[0]) / rows / history.denominator
        severity = (harm + self.prior * mean) / (offences + self.prior)
        return Parts(
            offences=offences,
            decayed=decayed,
            own_severity=harm / np.maximum(offences, 1),
            population_severity=mean,
            share_own=offences / (offences + self.prior),
            severity=severity,
            expected=decayed * severity,
        )

    def scores(self, history: History) -> Floats:
        """Give everybody's expected harm, in the index's unit."""
        return self.parts(history).expected

    def to_dict(self) -> dict[str, object]:
        """Give the name and parameters."""
        return {"name": self.name, "half_life": self.half_life, "prior": self.prior}
