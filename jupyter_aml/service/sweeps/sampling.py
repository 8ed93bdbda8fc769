"""Which point a trial gets. `point` may block: it is called in a thread.

The same sweep, number and past give the same point. ``random`` and ``grid`` need nothing; the
libraries of the others are imported when the first of them is asked for a point.
"""

from __future__ import annotations

import math
import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.sweep import (
    BayesianSampling,
    Choice,
    Dimension,
    GridSampling,
    RandomSampling,
    Sampling,
    SweepJob,
)
from jupyter_aml.service.sweeps.space import Parameters, at, place

_NEEDS = {"sobol": ("scipy",), "bayesian": ("optuna",)}

Ended = Literal["completed", "failed"]


@dataclass(frozen=True)
class Past:
    """A trial that was made already."""

    parameters: Parameters
    metric: float | None = None
    ended: Ended | None = None
    """None while it runs. One that was ended early is completed: what it reported counts."""


def check(spec: SweepJob) -> None:
    """Raise `Invalid` where this way of sampling cannot search this space here."""
    sampling = spec.sampling
    if isinstance(sampling, GridSampling):
        for name, dimension in spec.search_space.items():
            if not isinstance(dimension, Choice):
                raise Invalid(
                    f"A grid is made of choices, and {name} is none.",
                    target=f"search_space.{name}",
                    hint="List its values with type: choice, or take sampling_algorithm: random.",
                )
    kind = _library(sampling)
    missing = [name for name in _NEEDS.get(kind, ()) if find_spec(name) is None]
    if missing:
        raise Invalid(
            f"{kind} sampling needs {' and '.join(missing)}, which the service does not have.",
            target="sampling_algorithm",
            hint='Install it where jupyter_aml is: pip install "jupyter_aml[sweep]". '
            "random and grid need nothing.",
        )


def warnings(spec: SweepJob) -> list[str]:
    """What works here and not in Azure ML."""
    if not isinstance(spec.sampling, BayesianSampling):
        return []
    other = [
        name
        for name, dimension in spec.search_space.items()
        if type(dimension).__name__ not in ("Choice", "Uniform", "QUniform")
    ]
    if not other:
        return []
    names = ", ".join(other)
    return [f"Azure ML's bayesian sampling takes choice, uniform and quniform alone, not {names}"]


def _library(sampling: Sampling) -> str:
    if isinstance(sampling, RandomSampling):
        return sampling.rule
    return "bayesian" if isinstance(sampling, BayesianSampling) else "grid"


def size(spec: SweepJob) -> int:
    """How many trials the sweep will have at most."""
    most = spec.limits.max_total_trials
    if not isinstance(spec.sampling, GridSampling):
        return most
    counts = (len(one.values) for one in spec.search_space.values() if isinstance(one, Choice))
    return min(most, math.prod(counts))


def point(spec: SweepJob, sweep: str, number: int, past: Sequence[Past]) -> Parameters:
    """The point of trial `number`; `past` are the trials before it, for those who learn."""
    sampling, space = spec.sampling, spec.search_space
    if isinstance(sampling, GridSampling):
        return _of_grid(space, number)
    seed = sweep if sampling.seed is None else str(sampling.seed)
    if isinstance(sampling, BayesianSampling):
        return _bayesian(spec, f"{seed}/{number}", past)
    if sampling.rule == "sobol":
        return at(space, _sobol(space, seed, number), sampling.logbase)
    chance = random.Random(f"{seed}/{number}")
    return at(space, {name: chance.random() for name in space}, sampling.logbase)


def _of_grid(space: Mapping[str, Dimension], number: int) -> Parameters:
    """The last dimension changes fastest, as in nested loops."""
    chosen: Parameters = {}
    for name, dimension in reversed(list(space.items())):
        assert isinstance(dimension, Choice)
        number, index = divmod(number, len(dimension.values))
        chosen[name] = dimension.values[index]
    return {name: chosen[name] for name in space}


def _number(seed: str) -> int:
    return zlib.crc32(seed.encode())


def _sobol(space: Mapping[str, Dimension], seed: str, number: int) -> dict[str, float]:
    from scipy.stats import qmc

    sequence = qmc.Sobol(len(space), scramble=True, rng=_number(seed))
    if number:
        sequence.fast_forward(number)
    row = sequence.random(1)[0]
    return {name: float(place) for name, place in zip(space, row, strict=True)}


def _bayesian(spec: SweepJob, seed: str, past: Sequence[Past]) -> Parameters:
    """By optuna's tree-structured Parzen estimator over places, told of every trial so far."""
    import optuna
    from optuna.distributions import CategoricalDistribution, FloatDistribution
    from optuna.trial import TrialState, create_trial

    space = spec.search_space
    distributions: dict[str, optuna.distributions.BaseDistribution] = {
        name: CategoricalDistribution(range(len(one.values)))
        if isinstance(one, Choice)
        else FloatDistribution(0.0, 1.0)
        for name, one in space.items()
    }
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=_number(seed), constant_liar=True)
    study = optuna.create_study(direction=spec.objective.goal, sampler=sampler)
    for trial in past:
        if trial.ended is None:
            state, metric = TrialState.RUNNING, None
        elif trial.ended == "failed" or trial.metric is None:
            state, metric = TrialState.FAIL, None
        else:
            state, metric = TrialState.COMPLETE, trial.metric
        params = {name: _told(one, trial.parameters[name]) for name, one in space.items()}
        study.add_trial(
            create_trial(state=state, value=metric, params=params, distributions=distributions)
        )
    asked = study.ask(fixed_distributions=distributions).params
    places = {
        name: (asked[name] + 0.5) / len(one.values) if isinstance(one, Choice) else asked[name]
        for name, one in space.items()
    }
    return at(space, places)


def _told(dimension: Dimension, found: str | int | float | bool) -> int | float:
    if isinstance(dimension, Choice):
        return dimension.values.index(found)
    return place(dimension, found)
