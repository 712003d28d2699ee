"""Labels and tags of a row become one object: the resource's win, the provider's are told apart, none is dropped."""

import json

import pytest

from finops_gcp import labels


def of(*cells: object) -> object:
    text, _ = labels.of_row(*(*cells, None, None, None, None)[:4])
    return text if text is None else json.loads(text)


def test_labels_of_the_resource_win_over_those_of_its_project() -> None:
    own, project = (
        [{"key": "team", "value": "a"}],
        [{"key": "team", "value": "b"}, {"key": "cost_centre", "value": "7"}],
    )
    assert of(own, project) == {"team": "a", "cost_centre": "7"}


def test_labels_without_a_value_are_true() -> None:
    assert of([{"key": "spot", "value": ""}, {"key": "k8s"}]) == {"spot": True, "k8s": True}


def test_system_labels_keep_the_name_of_the_provider() -> None:
    machine = {"key": labels.MACHINE_TYPE, "value": "n2-standard-4"}
    assert of(None, None, [machine, {"key": "tier", "value": "x"}]) == {
        machine["key"]: "n2-standard-4",
        "gcp:tier": "x",
    }
    assert labels.of_row(None, None, [machine], None)[1] == "n2-standard-4"


def test_a_direct_tag_wins_over_an_inherited_one_and_a_label_keeps_its_key() -> None:
    inherited = {"key": "env", "value": "org", "inherited": True, "namespace": "610"}
    direct = {"key": "env", "value": "prod", "inherited": False, "namespace": "610"}
    assert of(None, None, None, [direct, inherited]) == {"env": "prod"}
    assert of([{"key": "env", "value": "dev"}], None, None, [direct]) == {"env": "dev", "610/env": "prod"}
    assert of(None, None, None, json.dumps([direct, inherited])) == {"env": "prod"}


@pytest.mark.parametrize("cell", [None, "", "[]", [], {}, "null"])
def test_no_labels_are_null(cell: object) -> None:
    assert of(cell, cell, cell, cell) is None


@pytest.mark.parametrize("cell", ["[1]", "nonsense", [1], 7])
def test_what_is_no_list_of_labels_is_refused(cell: object) -> None:
    with pytest.raises(ValueError, match=r"abels|ags"):
        labels.of_row(cell, None, None, None)
