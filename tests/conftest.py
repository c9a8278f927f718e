"""Hypothesis profiles, helpers on the path, and a store of indices that is nobody's own."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

sys.path[:0] = [str(Path(__file__).parent / name) for name in ("properties", "runs")]

_NO_STORE = Path(tempfile.mkdtemp(prefix="hhpu-no-store-"))
os.environ["HHPU_INDEX_STORE"] = str(_NO_STORE)


def pytest_unconfigure():
    shutil.rmtree(_NO_STORE, ignore_errors=True)


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store of registered indices for one test."""
    folder = tmp_path / "store"
    monkeypatch.setenv("HHPU_INDEX_STORE", str(folder))
    return folder


_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
_EXAMPLES = int(os.environ.get("HHPU_EXAMPLES", "60"))

settings.register_profile(
    "local", max_examples=_EXAMPLES, deadline=None, suppress_health_check=_SLOW
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")
