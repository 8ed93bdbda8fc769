"""Choosing a size: filters, what cannot be had, links, the view's messages, the picture."""

from __future__ import annotations

from typing import Any

import ipywidgets
import pytest
from traitlets import TraitError

from jupyter_aml.kernel.widgets import SizePicker
from jupyter_aml.kernel.widgets.size_filter import matching, ordered, preset
from tests.kernel.widgets.fake_client import SIZES

FILTER: Any = {"search": "", "kind": "all", "memory_gb": 0, "only_available": False}


def names(**filters: Any) -> list[str]:
    found = matching(ordered(SIZES), **{**FILTER, **filters})
    return [size.name.removeprefix("Standard_") for size in found]


def test_this_machines_own_come_first_then_by_price() -> None:
    assert names() == [
        "local.1cpu-2gb",
        "local.2cpu-4gb",
        "DS3_v2",
        "NC4as_T4_v3",
        "NC8as_T4_v3",
        "NC64as_T4_v3",
    ]
    assert preset(ordered(SIZES)) == "local.2cpu-4gb"
    assert preset([]) == ""


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"kind": "gpu"}, ["NC4as_T4_v3", "NC8as_T4_v3", "NC64as_T4_v3"]),
        ({"kind": "cpu", "memory_gb": 4}, ["local.2cpu-4gb", "DS3_v2"]),
        ({"search": "t4 8 cores"}, ["NC8as_T4_v3", "NC64as_T4_v3"]),
        ({"search": "100 GB"}, ["NC64as_T4_v3"]),
        ({"kind": "gpu", "only_available": True}, ["NC4as_T4_v3", "NC8as_T4_v3"]),
        ({"search": "none of it"}, []),
    ],
)
def test_filters(filters: Any, left: list[str]) -> None:
    assert names(**filters) == left


def test_value_and_options_are_traits_like_any_other(client: Any) -> None:
    picker = SizePicker(gpu=True, nodes=4, client=client)
    assert picker.value == "Standard_NC4as_T4_v3"
    label = ipywidgets.Label()
    ipywidgets.link((picker, "value"), (label, "value"))
    seen: list[str] = []
    picker.observe(lambda change: seen.append(change["new"]), "value")
    picker.value = "Standard_NC8as_T4_v3"
    assert (label.value, seen) == ("Standard_NC8as_T4_v3", ["Standard_NC8as_T4_v3"])
    assert picker.size is not None
    assert picker.size.vcpus == 8
    assert "$3.01 per hour" in picker._cost
    picker.kind = "cpu"
    assert picker.options == ["local.1cpu-2gb", "local.2cpu-4gb", "Standard_DS3_v2"]
    picker.tier = "low_priority"
    assert picker.code("x") == (
        "%aml compute create x --size Standard_NC8as_T4_v3 --max-instances 4 --tier low_priority"
    )
    ipywidgets.jslink((picker, "value"), (label, "value")).unlink()


def test_what_cannot_be_had_is_refused_with_the_reason(client: Any) -> None:
    picker = SizePicker(client=client)
    with pytest.raises(
        TraitError, match=r"24 left\. The nearest that can be had is Standard_NC8as"
    ):
        picker.value = "Standard_NC64as_T4_v3"
    with pytest.raises(TraitError, match="There is no size 'x'"):
        picker.value = "x"
    assert picker.value == "local.2cpu-4gb"


def test_the_button_calls_who_asked_for_it(client: Any) -> None:
    picker = SizePicker(client=client)
    used: list[str] = []
    picker.on_use(lambda one: used.append(one.value))
    picker._heard(picker, {"do": "use", "name": ""}, [])
    picker._heard(picker, {"do": 3}, [])
    assert used == ["local.2cpu-4gb"]
    assert picker._said == "local.2cpu-4gb is chosen."


def test_the_view_holds_every_size_and_the_picture_those_that_are_left(client: Any) -> None:
    picker = SizePicker(gpu=True, client=client)
    assert picker._body.count("data-row=") == len(SIZES)
    assert 'aria-disabled="true"' in picker._body
    picture = picker._repr_html_()
    assert "DS3_v2" not in picture
    assert "Needs 64 cores, 24 left. Nearest: NC8as_T4_v3" in picture
    assert "<button" not in picture
    assert "tabindex" not in picture
    text = str(picker)
    assert text.splitlines()[0] == "3 of 6 sizes"
    assert " * NC4as_T4_v3" in text
    assert "would be" in picture


def test_refresh_asks_again(client: Any) -> None:
    picker = SizePicker(client=client)
    client.compute.sizes = lambda tier: type("List", (), {"value": SIZES[-2:]})()
    assert picker.refresh().options == ["local.1cpu-2gb", "local.2cpu-4gb"]
