"""Harm index and harm definition of the fictional force Exampleshire."""

from pathlib import Path

from hhpu import HarmDefinition, HarmIndex, hookimpl, read_definition, read_index

HERE = Path(__file__).parent


@hookimpl
def hhpu_harm_indices() -> list[HarmIndex]:
    return [read_index(HERE / "harm-2026")]


@hookimpl
def hhpu_harm_definitions() -> list[HarmDefinition]:
    return [read_definition(HERE / "definition.toml")]
