"""Points of a search space, as places between 0 and 1 along each of its dimensions.

Every way of sampling chooses places; `value` makes what a trial is given of them, and `place` is
its inverse, so that a sampler can be told of trials that it did not choose itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from statistics import NormalDist

from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.names import VARIABLE
from jupyter_aml.model.spec import Literals
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

_EDGE = 1e-9
"""How near a normal distribution's places come to 0 and 1, where its values are infinite."""

_LARGEST_EXPONENT = 700.0
_DIGITS = 12

Parameters = dict[str, Literals]


def check(space: Mapping[str, Dimension], logbase: float | None) -> None:
    """Raise `Invalid` for a search space that has no values, or names that stand for nothing."""
    for name, dimension in space.items():
        where = f"search_space.{name}"
        if not re.fullmatch(VARIABLE, name):
            raise Invalid(
                f"{name!r} cannot name a dimension of the search space.",
                target="search_space",
                hint="Letters, digits and _, first no digit.",
            )
        if isinstance(dimension, (Uniform, QUniform, LogUniform, QLogUniform)):
            low, high = dimension.min_value, dimension.max_value
            if not low < high:
                raise Invalid(
                    f"{name} goes from {low:g} to {high:g}: there is nothing between.",
                    target=where,
                    hint="min_value is less than max_value.",
                )
        ends = [_exponent(dimension, 0.0), _exponent(dimension, 1.0)]
        if max(ends) * math.log(logbase or math.e) > _LARGEST_EXPONENT:
            raise Invalid(
                f"{name} is the exponential of up to {max(ends):g}, which is no number.",
                target=where,
                hint="The limits of a logarithmic distribution are logarithms: for values from "
                "0.001 to 0.1 write min_value: -6.9 and max_value: -2.3.",
            )


def _exponent(dimension: Dimension, place: float) -> float:
    if isinstance(dimension, (LogUniform, QLogUniform)):
        return _between(dimension.min_value, dimension.max_value, place)
    if isinstance(dimension, (LogNormal, QLogNormal)):
        return _bell(dimension.mu, dimension.sigma, place)
    return 0.0


def value(dimension: Dimension, place: float, logbase: float | None = None) -> Literals:
    """What lies at `place`, 0 to 1, of a dimension."""
    if isinstance(dimension, Choice):
        return dimension.values[_nth(place, len(dimension.values))]
    if isinstance(dimension, Randint):
        return _nth(place, dimension.upper)
    if isinstance(dimension, (Uniform, QUniform)):
        number = _between(dimension.min_value, dimension.max_value, place)
    elif isinstance(dimension, (Normal, QNormal)):
        number = _bell(dimension.mu, dimension.sigma, place)
    else:
        number = (logbase or math.e) ** _exponent(dimension, place)
    if isinstance(dimension, (QUniform, QLogUniform, QNormal, QLogNormal)):
        return _stepped(number, dimension.q)
    return number


def place(dimension: Dimension, found: Literals, logbase: float | None = None) -> float:
    """Where `found` lies. Of a step or a choice it is the middle of what gives the same value."""
    if isinstance(dimension, Choice):
        return (dimension.values.index(found) + 0.5) / len(dimension.values)
    number = float(found)
    if isinstance(dimension, Randint):
        return (number + 0.5) / dimension.upper
    if isinstance(dimension, (LogUniform, QLogUniform, LogNormal, QLogNormal)):
        number = math.log(max(number, 5e-324)) / math.log(logbase or math.e)
    if isinstance(dimension, (Uniform, QUniform, LogUniform, QLogUniform)):
        low, high = dimension.min_value, dimension.max_value
        return min(1.0, max(0.0, (number - low) / (high - low)))
    return NormalDist(dimension.mu, dimension.sigma).cdf(number)


def at(space: Mapping[str, Dimension], places: Mapping[str, float], logbase: float | None = None):
    """The point with these places."""
    return {name: value(one, places[name], logbase) for name, one in space.items()}


def _nth(place: float, count: int) -> int:
    return min(int(place * count), count - 1)


def _between(low: float, high: float, place: float) -> float:
    return min(high, low + place * (high - low))


def _bell(mu: float, sigma: float, place: float) -> float:
    return NormalDist(mu, sigma).inv_cdf(min(1 - _EDGE, max(_EDGE, place)))


def _stepped(number: float, step: float) -> int | float:
    """The nearest multiple of `step`; a whole number where the step is one."""
    multiple = round(number / step) * step
    return int(multiple) if float(step).is_integer() else round(multiple, _DIGITS)
