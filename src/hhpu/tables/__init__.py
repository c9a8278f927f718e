"""Tables: column contracts from the records, and the check of what comes in."""

from hhpu.tables._check import (
    CLASSIFYING,
    PLACING_DATES,
    STATUS_CODES,
    Checked,
    check,
    placeholder_rows,
    whole_column,
)
from hhpu.tables._columns import Coded, Identifiers, densified, gathered
from hhpu.tables._contract import (
    CORRECTIONS,
    IDENTITIES,
    OFFENCES,
    PEOPLE,
    SPELLS,
    Column,
    ColumnKind,
    TableContract,
    contract_of,
    records_to_table,
    table_to_records,
)
from hhpu.tables._dates import FOREVER, NO_DAY, DateOrder, Days, day_number, day_to_date, read_day
from hhpu.tables._named import SettingNames, other_encoding
from hhpu.tables._problems import REASONS, Outcome, Problem, Problems, Reason, in_order
from hhpu.tables._sources import refuse
from hhpu.tables._texts import Texts, keys_of_texts

__all__ = [
    "CLASSIFYING",
    "CORRECTIONS",
    "FOREVER",
    "IDENTITIES",
    "NO_DAY",
    "OFFENCES",
    "PEOPLE",
    "PLACING_DATES",
    "REASONS",
    "SPELLS",
    "STATUS_CODES",
    "Checked",
    "Coded",
    "Column",
    "ColumnKind",
    "DateOrder",
    "Days",
    "Identifiers",
    "Outcome",
    "Problem",
    "Problems",
    "Reason",
    "SettingNames",
    "TableContract",
    "Texts",
    "check",
    "contract_of",
    "day_number",
    "day_to_date",
    "densified",
    "gathered",
    "in_order",
    "keys_of_texts",
    "other_encoding",
    "placeholder_rows",
    "read_day",
    "records_to_table",
    "refuse",
    "table_to_records",
    "whole_column",
]
