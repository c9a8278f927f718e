"""Declared runs: one file says what is read, how it is ranked and where it is written."""

from hhpu.runs._declaration import RunDeclaration, read_run
from hhpu.runs._example import example_run_file
from hhpu.runs._manifest import (
    earlier_runs,
    read_manifest,
    read_rectification,
    read_withdrawal,
)
from hhpu.runs._monitoring import Measure, Monitoring, Overrides
from hhpu.runs._rectify import Rectification, rectify
from hhpu.runs._run import Run, run
from hhpu.runs._withdraw import withdraw

__all__ = [
    "Measure",
    "Monitoring",
    "Overrides",
    "Rectification",
    "Run",
    "RunDeclaration",
    "earlier_runs",
    "example_run_file",
    "read_manifest",
    "read_rectification",
    "read_run",
    "read_withdrawal",
    "rectify",
    "run",
    "withdraw",
]
