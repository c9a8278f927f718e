"""Tables: column contracts from the records, and the check of what comes in.

What a user needs of it is in `hhpu`; the rest is for the layers above.
"""

from hhpu.tables._check import CLASSIFYING, STATUS_CODES, Checked, check, policy_of
from hhpu.tables._columns import Coded, Identifiers, densified, gathered
from hhpu.tables._contract import (
    CORRECTIONS,
    DECISIONS,
    IDENTITIES,
    OFFENCES,
    PEOPLE,
    SPELLS,
    Column,
    ColumnKind,
    TableContract,
    records_to_table,
    table_to_records,
)
from hhpu.tables._dates import FOREVER, NO_DAY, DateOrder, Days, day_number, day_to_date, read_day
from hhpu.tables._judge import placeholder_rows, whole_column
from hhpu.tables._named import SettingNames, other_encoding
from hhpu.tables._problems import DAMAGED_ID, REASONS, Outcome, Problem, Problems, Reason, in_order
from hhpu.tables._sources import Tabular, refuse
from hhpu.tables._texts import Texts, keys_of_texts

__all__ = [
    "CLASSIFYING",
    "CORRECTIONS",
    "DAMAGED_ID",
    "DECISIONS",
    "FOREVER",
    "IDENTITIES",
    "NO_DAY",
    "OFFENCES",
    "PEOPLE",
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
    "Tabular",
    "Texts",
    "check",
    "day_number",
    "day_to_date",
    "densified",
    "gathered",
    "in_order",
    "keys_of_texts",
    "other_encoding",
    "placeholder_rows",
    "policy_of",
    "read_day",
    "records_to_table",
    "refuse",
    "table_to_records",
    "whole_column",
]
