"""The errors of the package: each says what was found, what was available, what to do."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, SupportsIndex

if TYPE_CHECKING:
    from hhpu.tables import Problems

__all__ = [
    "ArgumentError",
    "DefinitionError",
    "HhpuError",
    "InputRefused",
    "OutputError",
    "PluginError",
    "RegistryConflict",
    "UnknownName",
    "UnmappedOffences",
]


class HhpuError(Exception):
    """Base of every error that hhpu raises on purpose.

    Attributes
    ----------
    exit_code : int
        What the command line ends with: 2 for a wrong call, 3 for refused input.
    """

    exit_code: ClassVar[int] = 2

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the error as it is: its message and facts, whatever its constructor takes."""
        return _rebuilt, (type(self), self.args, self.__dict__.copy())


def _rebuilt(
    kind: type[HhpuError], args: tuple[object, ...], facts: dict[str, object]
) -> HhpuError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(facts)
    return error


class ArgumentError(HhpuError, ValueError):
    """An argument that cannot be used; the message names it and what it takes."""


def expect(value: object, kind: type, name: str, advice: str) -> None:
    """Refuse an argument of the wrong type in words, where it comes in.

    Raises
    ------
    ArgumentError
        If ``value`` is not a ``kind``.
    """
    if not isinstance(value, kind):
        message = f"{name} takes a {kind.__name__}, not a {type(value).__name__}: {advice}"
        raise ArgumentError(message)


def not_utf8(raw: bytes, error: UnicodeDecodeError) -> str:
    """Say of a file that should be UTF-8 text where it is not, and how to write it so."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        found = "it is UTF-16, not UTF-8 text"
    else:
        found = f"line {raw[: error.start].count(bytes([10])) + 1} is not UTF-8 text"
    return f"{found}: save the file as UTF-8 (in Notepad: Save as, Encoding, UTF-8)"


def as_whole(value: object) -> Any:
    """Take a whole number of any library as an `int`; a truth, or what is none, stays as it is."""
    truth = type(value).__name__ in ("bool", "bool_")  # NumPy's gives its place, with a warning
    if isinstance(value, SupportsIndex) and not truth:
        with suppress(TypeError):
            return operator.index(value)
    return value


class OutputError(HhpuError, OSError):
    """An output that cannot be written; nothing was left half-written."""


class InputRefused(HhpuError, ValueError):
    """Input with a structural fault: nothing of it was used.

    Attributes
    ----------
    problems : Problems or None
        Everything found, as a table, where the fault was found by a check.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, problems: Problems | None = None) -> None:
        super().__init__(message)
        self.problems = problems


class UnmappedOffences(InputRefused):
    """Offences in the window without a weight, under ``unmapped="error"``.

    Attributes
    ----------
    offences : int
        How many offences have no weight.
    codes : tuple of str
        Their codes as written, most frequent first.
    """

    def __init__(self, message: str, *, offences: int, codes: tuple[str, ...]) -> None:
        super().__init__(message)
        self.offences = offences
        self.codes = codes


class DefinitionError(HhpuError, ValueError):
    """A harm index or harm definition that breaks its rules.

    Attributes
    ----------
    faults : tuple of str
        Every fault found, one sentence each.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, subject: str, faults: Iterable[str]) -> None:
        self.subject = subject
        self.faults = tuple(faults)
        shown = list(self.faults[:20])
        if len(self.faults) > len(shown):
            shown.append(f"and {len(self.faults) - len(shown)} more")
        lines = "\n".join(f"  - {fault}" for fault in shown)
        super().__init__(f"{subject} is refused:\n{lines}")


class UnknownName(HhpuError, LookupError):
    """A name that is not registered, or that needs an edition to be one thing.

    Attributes
    ----------
    name : str
        The name asked for.
    available : tuple of str
        What is registered.
    """

    def __init__(self, message: str, *, name: str, available: tuple[str, ...]) -> None:
        super().__init__(message)
        self.name = name
        self.available = available

    def __str__(self) -> str:
        return str(self.args[0])


class RegistryConflict(HhpuError, ValueError):
    """Two sources supply different content under one name and edition.

    Attributes
    ----------
    sources : tuple of str
        The distributions or folders in conflict.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, sources: tuple[str, ...]) -> None:
        super().__init__(message)
        self.sources = sources


class PluginError(HhpuError):
    """One or more plugins that could not be used.

    Attributes
    ----------
    faults : tuple of str
        One sentence for each plugin, naming it and its distribution.
    """

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        lines = "\n".join(f"  - {fault}" for fault in self.faults)
        super().__init__(
            f"plugins that cannot be used:\n{lines}\n"
            "Repair or uninstall them, or load only the plugins you need "
            '(plugins=["name", ...], --plugins NAME; --plugins none for the built-ins alone).'
        )
