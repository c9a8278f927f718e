"""What is released stays as it was released, and keeps the rules of hhpu."""

import hhpu_exampleshire
import pandas as pd
from hypothesis import given

import hhpu
from hhpu.testing import assert_conforms, check_plugin
from hhpu.testing.strategies import offence_tables

REGISTRY = hhpu.load_registry(plugins="none", modules={"exampleshire": hhpu_exampleshire})
INDEX = REGISTRY.index("exampleshire-harm", "2026")
DEFINITION = REGISTRY.definition("exampleshire-violence")
ALL = hhpu.all_offences(INDEX)


def test_the_plugin_conforms() -> None:
    assert_conforms(check_plugin("exampleshire", hhpu_exampleshire))


def test_a_released_edition_is_frozen() -> None:
    assert INDEX.digest == (
        "sha256:07f8f492ee74aa4e617eaf8cef58a7a29e45d30beaab46054c6ed9d9f7b2e3e9"
    )
    assert DEFINITION.digest == (
        "sha256:28f6f9c8c2cbe46129ccd5af0662726271d4304112a1058eb621d70175438dd0"
    )


def test_a_child_victim_weighs_more() -> None:
    adult, child = INDEX.weigh("8/06"), INDEX.weigh("8/06", ["true"])
    assert (adult.weight, child.weight) == (255, 400)


@given(offence_tables(INDEX))
def test_the_definition_counts_no_more_than_the_index_weighs(table: pd.DataFrame) -> None:
    ledger = hhpu.encode(table)
    day = table["committed_on"].max().date()
    chosen = hhpu.score(ledger, as_of=day, definition=DEFINITION)
    every = hhpu.score(ledger, as_of=day, definition=ALL)
    assert set(chosen.people.tolist()) <= set(every.people.tolist())
