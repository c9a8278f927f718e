"""Declared runs: one file says what is read, how it is ranked and where it is written."""

from hhpu.runs._declaration import RunDeclaration, read_run
from hhpu.runs._example import example_run_file
from hhpu.runs._files import (
    csv_bytes,
    json_bytes,
    publishing,
    publishing_folder,
    write_bytes,
)
from hhpu.runs._manifest import earlier_runs, read_manifest
from hhpu.runs._run import Run, run

__all__ = [
    "Run",
    "RunDeclaration",
    "csv_bytes",
    "earlier_runs",
    "example_run_file",
    "json_bytes",
    "publishing",
    "publishing_folder",
    "read_manifest",
    "read_run",
    "run",
    "write_bytes",
]
