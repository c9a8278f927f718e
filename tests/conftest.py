"""Hypothesis profiles, and the reference implementation on the path."""

import os
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent / "properties"))

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
_EXAMPLES = int(os.environ.get("HHPU_EXAMPLES", "60"))

settings.register_profile(
    "local", max_examples=_EXAMPLES, deadline=None, suppress_health_check=_SLOW
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")
