"""Every edition ever shipped, by digest: a line here is added, never changed or taken away."""

import pytest

import hhpu
from hhpu.testing import assert_conforms, check_definition, check_index

REGISTRY = hhpu.load_registry(plugins="none")

INDICES = {
    ("cambridge-approx", "2026-02-subgroups"): (
        "765d166103cc240be8be6581b4b7ff97cfda6e851860baeca0ac51004f72c5be"
    ),
    ("cambridge-chart", "2021-chart"): (
        "e45998185228943d978ec3ac017def10be4e3e8774f2bf3ae676b34bccc8be05"
    ),
    ("ons-css", "2020-12"): ("0284707f753da35d274a1f11bb283f20998077425329d0d0d83bcd7a35f814e0"),
}
DEFINITIONS = {
    ("high-harm-groups", "1"): ("9c6ab35395c6e79ead743d13e8927d1e48d196fbba146f763c5c9299d58aaeba"),
}


def test_every_shipped_index_is_pinned():
    assert {(index.name, index.edition) for index in REGISTRY.indices} == set(INDICES)


@pytest.mark.parametrize(("name", "edition"), INDICES)
def test_an_index_is_as_it_was_released(name, edition):
    assert REGISTRY.index(name, edition).digest == f"sha256:{INDICES[name, edition]}"


@pytest.mark.parametrize(("name", "edition"), INDICES)
def test_an_index_conforms_and_has_worked_examples(name, edition):
    assert_conforms(check_index(REGISTRY.index(name, edition), require_examples=True))


def test_every_shipped_definition_is_pinned():
    assert {(each.name, each.edition) for each in REGISTRY.definitions} == set(DEFINITIONS)


@pytest.mark.parametrize(("name", "edition"), DEFINITIONS)
def test_a_definition_is_as_it_was_released(name, edition):
    (found,) = [d for d in REGISTRY.definitions if (d.name, d.edition) == (name, edition)]
    assert found.digest == f"sha256:{DEFINITIONS[name, edition]}"


@pytest.mark.parametrize("index", ["ons-css", "cambridge-approx"])
@pytest.mark.parametrize(("name", "edition"), DEFINITIONS)
def test_every_rule_of_a_definition_can_fire(name, edition, index):
    definition = REGISTRY.definition(name, edition=edition, index=REGISTRY.index(index))
    found = check_definition(definition)
    outcomes = {f.check: f.outcome.value for f in found.findings if f.outcome.value != "note"}
    assert outcomes["rules"] == outcomes["statuses"] == outcomes["round trip"] == "passed"
