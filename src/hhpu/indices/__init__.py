"""Harm indices and harm definitions as data, the hooks for them, and the registry."""

from hhpu.indices._choice import ChoiceNames, Chosen, choose_definition
from hhpu.indices._compile import (
    SERIES,
    UNREADABLE_FLAG,
    Compiled,
    TypeFate,
    compile_definition,
)
from hhpu.indices._definition import (
    FLAGS,
    UNKNOWN_STATUS,
    Approx,
    HarmDefinition,
    IndexRef,
    Rule,
    RuleStatus,
    all_offences,
    read_definition,
    write_definition,
)
from hhpu.indices._folders import read_index, write_index
from hhpu.indices._index import INTERVAL_ONLY, Example, HarmIndex, Weight, plain_decimal
from hhpu.indices._registry import DEFAULT_INDEX, Plugin, Registry, load_registry
from hhpu.indices._store import Registered, index_store, register_index, remove_index
from hhpu.indices._workbook import (
    CambridgeWorkbook,
    RowFate,
    SeveralScores,
    SheetRead,
    WorkbookRow,
    read_cambridge_workbook,
)
from hhpu.indices.codes import Notation
from hhpu.indices.hookspecs import hookimpl

__all__ = [
    "DEFAULT_INDEX",
    "FLAGS",
    "INTERVAL_ONLY",
    "SERIES",
    "UNKNOWN_STATUS",
    "UNREADABLE_FLAG",
    "Approx",
    "CambridgeWorkbook",
    "ChoiceNames",
    "Chosen",
    "Compiled",
    "Example",
    "HarmDefinition",
    "HarmIndex",
    "IndexRef",
    "Notation",
    "Plugin",
    "Registered",
    "Registry",
    "RowFate",
    "Rule",
    "RuleStatus",
    "SeveralScores",
    "SheetRead",
    "TypeFate",
    "Weight",
    "WorkbookRow",
    "all_offences",
    "choose_definition",
    "compile_definition",
    "hookimpl",
    "index_store",
    "load_registry",
    "plain_decimal",
    "read_cambridge_workbook",
    "read_definition",
    "read_index",
    "register_index",
    "remove_index",
    "write_definition",
    "write_index",
]
