"""Output: files that appear whole or not at all, and pages that need nothing else."""

from hhpu.output._files import (
    alone,
    as_it_was,
    csv_bytes,
    json_bytes,
    made_by_system,
    make_folder,
    publishing,
    publishing_folder,
    remove_remains,
    write_bytes,
)
from hhpu.output._page import (
    Column,
    Section,
    described_code,
    items_of,
    long_date,
    page_of,
    rounded,
    shared_rank,
    shown,
    table_of,
)

__all__ = [
    "Column",
    "Section",
    "alone",
    "as_it_was",
    "csv_bytes",
    "described_code",
    "items_of",
    "json_bytes",
    "long_date",
    "made_by_system",
    "make_folder",
    "page_of",
    "publishing",
    "publishing_folder",
    "remove_remains",
    "rounded",
    "shared_rank",
    "shown",
    "table_of",
    "write_bytes",
]
