"""A synthetic force: people, person-offence links and spells that no force ever recorded.

Everything made here is synthetic. The offence codes are real Home Office codes; every rate,
share, delay and law by which rows are drawn is this package's own choice, made so that the data
are shaped like a force's (heavy-tailed, mostly zero, late, re-classified, sometimes dirty). None
of them is an estimate for any force, and no figure computed from them says anything about one.

Nothing here knows how offenders are ranked, so a ranking can be tested on it.
"""

from hhpu.simulate._benchmark import benchmark_offences
from hhpu.simulate._careers import CAREERS, synthetic_careers
from hhpu.simulate._extract import Extract
from hhpu.simulate._force import SyntheticForce, synthetic_force
from hhpu.simulate._law import LAWS, Law
from hhpu.simulate._pitfalls import PITFALLS
from hhpu.simulate._world import SyntheticWorld, synthetic_world

__all__ = [
    "CAREERS",
    "LAWS",
    "PITFALLS",
    "Extract",
    "Law",
    "SyntheticForce",
    "SyntheticWorld",
    "benchmark_offences",
    "synthetic_careers",
    "synthetic_force",
    "synthetic_world",
]
