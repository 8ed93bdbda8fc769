"""Search spaces: what lies at a place, and where a value lies."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.sweep import (
    Choice,
    Dimension,
    LogNormal,
    LogUniform,
    Normal,
    QLogNormal,
    QLogUniform,
    QNormal,
    QUniform,
    Randint,
    Uniform,
)
from jupyter_aml.service.sweeps import space

DIMENSIONS: list[Dimension] = [
    Choice(["a", "b", 3, 0.5, True]),
    Uniform(min_value=-1, max_value=2),
    QUniform(min_value=0, max_value=100, q=5),
    LogUniform(min_value=-6, max_value=-1),
    QLogUniform(min_value=0, max_value=3, q=0.5),
    Normal(mu=10, sigma=3),
    QNormal(mu=10, sigma=3, q=0.25),
    LogNormal(mu=0, sigma=1),
    QLogNormal(mu=1, sigma=0.5, q=1),
    Randint(7),
]


@given(some.sampled_from(DIMENSIONS), some.floats(0, 1))
def test_the_place_of_a_value_gives_the_value(dimension: Dimension, place: float) -> None:
    value = space.value(dimension, place)
    again = space.place(dimension, value)
    assert 0 <= again <= 1
    found = space.value(dimension, again)
    # a step at the very edge may lie outside of what the distribution reaches
    if isinstance(value, float) and hasattr(dimension, "q"):
        assert found == pytest.approx(value, abs=dimension.q)
    elif isinstance(value, int | float) and not isinstance(dimension, Choice):
        assert found == pytest.approx(value, rel=1e-6, abs=1)
    else:
        assert found == value


@given(some.sampled_from(DIMENSIONS[1:]), some.floats(0, 1), some.floats(0, 1))
def test_values_grow_with_places(dimension: Dimension, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert float(space.value(dimension, low)) <= float(space.value(dimension, high))


def test_values_are_azures() -> None:
    assert space.value(Uniform(min_value=1, max_value=3), 0.5) == 2
    assert space.value(LogUniform(min_value=0, max_value=2), 0.5) == pytest.approx(math.e)
    assert space.value(LogUniform(min_value=0, max_value=2), 0.5, 10) == pytest.approx(10)
    assert space.value(Normal(mu=3, sigma=1), 0.5) == 3
    assert space.value(QUniform(min_value=0, max_value=128, q=16), 0.52) == 64
    assert space.value(Randint(4), 1.0) == 3


def test_whole_steps_give_whole_numbers_so_that_a_program_may_read_them_as_such() -> None:
    assert isinstance(space.value(QUniform(min_value=1, max_value=9, q=1), 0.3), int)
    assert space.value(QUniform(min_value=0, max_value=1, q=0.1), 0.34) == 0.3


@pytest.mark.parametrize(
    ("dimension", "words"),
    [
        (Uniform(min_value=2, max_value=2), "nothing between"),
        (LogUniform(min_value=1, max_value=1000), "no number"),
        (LogNormal(mu=500, sigma=100), "no number"),
    ],
)
def test_spaces_without_values_are_refused(dimension: Dimension, words: str) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        space.check({"x": dimension}, None)
    assert caught.value.target == "search_space.x"


def test_names_must_be_able_to_stand_in_an_expression() -> None:
    with pytest.raises(Invalid, match="cannot name a dimension"):
        space.check({"a-b": Randint(2)}, None)
