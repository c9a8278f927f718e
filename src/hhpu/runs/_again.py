"""A past run made again from what was known then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pandas as pd

from hhpu.errors import InputRefused
from hhpu.indices import HarmDefinition, read_definition, read_index
from hhpu.ledger import Ledger
from hhpu.ranking import Method, Ranking, method_named, rank
from hhpu.runs._outputs import INDEX_FOLDER
from hhpu.tables import Checked

__all__ = ["definition_of", "made_again", "method_of"]


def definition_of(folder: Path, manifest: dict[str, Any]) -> HarmDefinition:
    """Read the definition and the index that a past run used.

    Raises
    ------
    InputRefused
        If they are not those of its manifest.
    """
    definition = read_definition(folder / "definition.toml")
    bound = attrs.evolve(definition, index=read_index(folder / INDEX_FOLDER))
    if bound.digest != manifest["definition"]["digest"]:
        message = f"the definition kept in {folder} is not that of its manifest"
        raise InputRefused(message)
    return bound


def method_of(manifest: dict[str, Any]) -> Method:
    """The method of a past run."""
    return method_named(manifest["method"]["name"], manifest["method"])


def made_again(
    ledger: Ledger,
    folder: Path,
    manifest: dict[str, Any],
    *,
    identities: Checked | None,
    spells: Checked | None,
) -> Ranking:
    """Make a past run's ranking again from what was known then, and see that it is the same.

    Raises
    ------
    InputRefused
        If it is not, or the definition kept with it is not that of its manifest.
    """
    ranking = rank(
        ledger,
        as_of=manifest["as_of"],
        definition=definition_of(folder, manifest),
        method=method_of(manifest),
        identities=identities,
        spells=spells,
    )
    before = pd.read_csv(folder / "ranking.csv", dtype=str, usecols=["offender_id", "score"],
                         keep_default_na=False, lineterminator="\n")  # fmt: skip
    now = ranking.to_frame(details=False)
    same = np.array_equal(
        before[["offender_id", "score"]].to_numpy(dtype=object),
        now[["offender_id", "score"]].to_numpy(dtype=object),
    )
    if not same:
        message = (
            f"the ranking of {manifest['as_of']} cannot be made again from what is known of that "
            "day: its source, its identities or its people's dates of birth were changed "
            "backwards. Undo the change: what is new is known from a day after that run (an "
            "identity's known_from), and what was wrong is closed, not deleted. Only where the "
            "change must stay, begin a new series: another outputs folder"
        )
        raise InputRefused(message)
    return ranking
