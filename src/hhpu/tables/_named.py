"""How the settings of a check are called where the reader stands."""

from __future__ import annotations

import codecs
from typing import Final

import attrs

from hhpu.tables._problems import REASONS

__all__ = ["ARGUMENTS", "SettingNames", "other_encoding"]


@attrs.frozen(kw_only=True)
class SettingNames:
    """The settings of `check` as a reader writes them; its arguments unless told otherwise.

    Each is a form, to be filled with ``{column}``, our name of a column, ``{theirs}``, their name
    of it, or ``{value}``. An empty one says that the reader cannot set it.

    Parameters
    ----------
    columns, values, classify, date, date_order, timezone, encoding, notation : str
        As the arguments of their names.
    placeholders : str
        What keeps people who look like placeholders.
    encoding_set : str
        As ``encoding``, for the one that is set, where advice would be written otherwise.
    theirs : str
        What stands for their name of a column in advice.
    """

    columns: str = "columns={{'{column}': '{theirs}'}}"
    values: str = "values={{'{column}': {{'theirs': 'ours'}}}}"
    classify: str = "classify=('{value}',)"
    date: str = "date='{value}'"
    date_order: str = "date_order='{value}'"
    timezone: str = "timezone='{value}'"
    encoding: str = "encoding='{value}'"
    notation: str = "notation='{value}'"
    placeholders: str = "policy={{'placeholder-person': 'kept'}}"
    encoding_set: str = ""
    theirs: str = "theirs"

    def written(
        self, setting: str, *, column: str = "", value: str = "", theirs: str | None = None
    ) -> str:
        """Give a setting as the reader writes it; empty where it cannot be set."""
        form: str = getattr(self, setting)
        return form.format(column=column, value=value, theirs=theirs or self.theirs)


ARGUMENTS: Final = SettingNames()


def other_encoding(encoding: str) -> str:
    """Give the usual encoding that is not this one."""
    return "cp1252" if codecs.lookup(encoding).name.startswith("utf-8") else "utf-8"


@attrs.frozen(kw_only=True)
class Settings:
    """What is in force in a check, and how it is called: what is advised is neither.

    Parameters
    ----------
    named : SettingNames
        Where the reader stands.
    date, date_order : str
        In force.
    """

    named: SettingNames = ARGUMENTS
    date: str = "committed_on"
    date_order: str = "iso"

    def advice(self, reason: str, column: str) -> str:
        """Give the setting that answers a problem, as the reader writes it; empty for none."""
        setting = REASONS[reason].setting
        if not setting:
            return ""
        others = {
            "date": "recorded_on" if self.date == "committed_on" else "committed_on",
            "date_order": "dmy" if self.date_order == "iso" else "iso",
        }
        return self.named.written(setting, column=column, value=others.get(setting, ""))
