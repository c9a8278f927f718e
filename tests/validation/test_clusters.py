"""Clusters against a slow union of sets."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hhpu
from hhpu.errors import ArgumentError, InputRefused
from hhpu.validation import clusters_of, co_accused


def table(lines, **more):
    made = pd.DataFrame(lines, columns=["offender_id", "offence_id"])
    return made.assign(code="8N", committed_on="2025-01-04", **more)


def united(links, people):
    """Join the sets of people that share a key until none do."""
    found = [{p} for p in people]
    for key in {k for _, k in links if k is not None}:
        mine = {p for p, k in links if k == key}
        touched = [each for each in found if each & mine]
        found = [each for each in found if not each & mine] + [set().union(*touched)]
    return {frozenset(each) for each in found if each}


def as_sets(clusters, people):
    names = people.tolist()
    groups = {}
    for person, cluster in zip(names, clusters.tolist(), strict=True):
        groups.setdefault(cluster, set()).add(person)
    assert sorted(groups) == list(range(len(groups)))
    return {frozenset(each) for each in groups.values()}


links = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.none() | st.sampled_from(["o1", "o2", "o3", "o4"])),
    min_size=1, max_size=14, unique=True,
)  # fmt: skip


@given(links)
def test_who_is_linked_through_others_is_one_cluster(lines):
    ledger = hhpu.encode(table(lines))
    people = {p for p, _ in lines}
    expected = united(lines, people)
    if any(key for _, key in lines):
        assert as_sets(co_accused(ledger), ledger.people) == expected
    incidents = pd.DataFrame(lines, columns=["offender_id", "incident"])
    if incidents["incident"].notna().any():
        found = clusters_of(ledger, incidents, by="incident")
        assert as_sets(found, ledger.people) == expected


def test_a_chain_is_one_cluster_and_strangers_change_nothing():
    ledger = hhpu.encode(table([("a", "x"), ("b", "y"), ("c", "z"), ("d", "w")]))
    homes = pd.DataFrame({"NOM.REF": ["a", "b", "b", "c", "q", "q", "d"],
                          "home": ["1", "1", "2", "2", "9", "1", None]})  # fmt: skip
    found = clusters_of(ledger, homes, by="home", columns={"offender_id": "NOM.REF", "code": "?"})
    assert as_sets(found, ledger.people) == {frozenset("abc"), frozenset("d")}


def test_records_of_one_person_are_one_place():
    ledger = hhpu.encode(table([("a", "x"), ("b", "y"), ("c", "z")]))
    merged = ledger.as_persons(
        pd.DataFrame({"offender_id": ["b"], "person_id": ["a"], "known_from": ["2025-01-01"]}),
        as_of="2025-06-01",
    )
    homes = pd.DataFrame({"offender_id": ["b", "c"], "home": ["1", "1"]})
    found = clusters_of(merged, homes, by="home")
    assert found[0] == found[2]
    assert found[1] != found[0]


def test_what_is_needed_is_told():
    plain = hhpu.encode(table([("a", None)]).drop(columns="offence_id"))
    with pytest.raises(ArgumentError, match="no offence ids"):
        co_accused(plain)
    with pytest.raises((ArgumentError, InputRefused), match="home"):
        clusters_of(plain, pd.DataFrame({"offender_id": ["a"]}), by="home")
