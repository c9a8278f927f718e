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
from hhpu.runs._manifest import earlier_runs, read_manifest, read_rectification
from hhpu.runs._page import (
    Column,
    Section,
    described_code,
    long_date,
    page_of,
    rounded,
    shared_rank,
    table_of,
)
from hhpu.runs._rectify import Rectification, rectify
from hhpu.runs._run import Run, run

__all__ = [
    "Column",
    "Rectification",
    "Run",
    "RunDeclaration",
    "Section",
    "csv_bytes",
    "described_code",
    "earlier_runs",
    "example_run_file",
    "json_bytes",
    "long_date",
    "page_of",
    "publishing",
    "publishing_folder",
    "read_manifest",
    "read_rectification",
    "read_run",
    "rectify",
    "rounded",
    "run",
    "shared_rank",
    "table_of",
    "write_bytes",
]
