"""What the author of a harm index, a harm definition or a plugin runs before releasing it.

`check_index`, `check_definition` and `check_plugin` collect every fault as a `ConformanceReport`;
`assert_conforms` fails a test with that report as a table. Hypothesis strategies for indices,
definitions and offences are in `hhpu.testing.strategies`, which needs ``hhpu[testing]``.
"""

from hhpu.testing._definition import check_definition
from hhpu.testing._index import check_index
from hhpu.testing._plugin import assert_conforms, check_plugin
from hhpu.testing._report import ConformanceReport, Finding, Outcome

__all__ = [
    "ConformanceReport",
    "Finding",
    "Outcome",
    "assert_conforms",
    "check_definition",
    "check_index",
    "check_plugin",
]
