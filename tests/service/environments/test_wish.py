"""From a wish to a content: the same wish is the same content, and nothing is left unsaid."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_aml.model.environment import EnvironmentContent
from jupyter_aml.model.errors import AmlError
from jupyter_aml.service.environments import pythons, wish
from jupyter_aml.service.environments.pythons import Interpreter

OTHER = Interpreter("/usr/bin/python3.14", (3, 14, 2))


def plan(**fields: Any) -> wish.Plan:
    return wish.plan(EnvironmentContent(**fields), lambda: [pythons.own(), OTHER])


def key(**fields: Any) -> str:
    planned = plan(**fields)
    assert planned.build is not None
    return planned.build.content


def test_the_order_of_requirements_is_no_difference() -> None:
    assert key(requirements=["a", "b"]) == key(requirements=["b", "# c", "a"])
    assert key(requirements=["a"]) != key(requirements=["a==1"])
    assert key(requirements=["a"]) != key(requirements=["a"], python="3.14")


def test_a_conda_file_and_requirements_mean_the_same_content() -> None:
    conda = "dependencies: [pip, {pip: [a, 'b>=1']}]"
    assert key(conda_file=conda) == key(requirements=["a", "b>=1"])


def test_other_interpreters_are_looked_for_only_when_our_own_does_not_fit() -> None:
    def never() -> list[Interpreter]:
        raise AssertionError("asked")

    version = ".".join(map(str, pythons.own().version[:2]))
    content = EnvironmentContent(requirements=["a"], python=version)
    assert wish.plan(content, never).build is not None
    assert plan(python="3.14").build.base == OTHER.path  # type: ignore[union-attr]


def test_what_the_runner_needs_is_part_of_it() -> None:
    planned = plan(requirements=["a"])
    assert planned.build is not None
    assert planned.build.requirements == ["a", "ipython>=8.18", "cloudpickle>=3"]


def test_an_image_alone_means_the_kernel() -> None:
    planned = plan(image="registry.invalid/x")
    assert planned.build is None
    assert "the notebook's interpreter" in planned.warnings[0]
    beside = plan(image="registry.invalid/x", requirements=["a"])
    assert beside.build is not None
    assert "is not run here" in beside.warnings[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"python": "3.9"},
        {"image": "registry.invalid/x"},
        {"conda_file": "dependencies: [cudatoolkit]"},
    ],
)
def test_strict_allows_nothing_else_than_what_was_asked_for(fields: dict[str, Any]) -> None:
    assert plan(**fields).warnings
    with pytest.raises(AmlError):
        plan(**fields, strict=True)
