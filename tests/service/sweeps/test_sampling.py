"""Which points trials get."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.sweep import (
    BayesianSampling,
    Choice,
    GridSampling,
    Objective,
    RandomSampling,
    Sampling,
    SweepJob,
    SweepLimits,
    Uniform,
)
from jupyter_aml.service.sweeps import sampling
from jupyter_aml.service.sweeps.sampling import Past, point

SPACE = {"x": Uniform(min_value=0, max_value=1), "kind": Choice(["a", "b"])}


def sweep(how: Sampling, space: dict[str, Any] | None = None, most: int = 100) -> SweepJob:
    return SweepJob(
        command="x",
        search_space=space or SPACE,
        sampling=how,
        objective=Objective(goal="maximize", primary_metric="score"),
        limits=SweepLimits(max_total_trials=most),
    )


def test_a_grid_is_every_combination_once_in_order() -> None:
    spec = sweep(GridSampling(), {"a": Choice([1, 2]), "b": Choice(["x", "y", "z"])})
    points = [point(spec, "s", number, ()) for number in range(sampling.size(spec))]
    assert points[0] == {"a": 1, "b": "x"}
    assert points[1] == {"a": 1, "b": "y"}
    assert len({tuple(p.values()) for p in points}) == len(points) == 6


def test_a_grid_is_made_of_choices() -> None:
    with pytest.raises(Invalid, match="x is none"):
        sampling.check(sweep(GridSampling()))


def test_the_same_seed_gives_the_same_points_and_no_seed_those_of_the_name() -> None:
    seeded = sweep(RandomSampling(seed=7))
    assert point(seeded, "one", 3, ()) == point(seeded, "other", 3, ())
    free = sweep(RandomSampling())
    assert point(free, "one", 3, ()) == point(free, "one", 3, ())
    assert point(free, "one", 3, ()) != point(free, "other", 3, ())
    assert len({point(free, "one", n, ())["x"] for n in range(50)}) == 50


def test_sobol_spreads_evenly_and_does_not_depend_on_the_order_of_asking() -> None:
    pytest.importorskip("scipy")
    spec = sweep(RandomSampling(rule="sobol", seed=1))
    found = [float(point(spec, "s", number, ())["x"]) for number in (5, 0, 3, 1, 7, 2, 6, 4)]
    assert sorted(int(x * 8) for x in found) == list(range(8)), "one in each eighth"


def test_bayesian_sampling_goes_where_it_was_good() -> None:
    pytest.importorskip("optuna")
    spec = sweep(BayesianSampling(seed=3), {"x": Uniform(min_value=0, max_value=100)})
    past: list[Past] = []
    for number in range(40):
        x = float(point(spec, "s", number, past)["x"])
        past.append(Past({"x": x}, metric=-abs(x - 70), ended="completed"))
    late = [abs(float(one.parameters["x"]) - 70) for one in past[25:]]
    assert sum(late) / len(late) < 20
    assert point(spec, "s", 40, past) == point(spec, "s", 40, past), "taken up, it goes on alike"


def test_bayesian_sampling_takes_trials_that_run_and_that_failed() -> None:
    pytest.importorskip("optuna")
    spec = sweep(BayesianSampling())
    past = [
        Past({"x": 0.5, "kind": "a"}),
        Past({"x": 0.1, "kind": "b"}, ended="failed"),
        Past({"x": 0.2, "kind": "b"}, metric=0.4, ended="completed"),
        Past({"x": 0.3, "kind": "a"}, ended="completed"),
    ]
    assert set(point(spec, "s", 4, past)) == {"x", "kind"}


def test_a_missing_library_is_told_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "find_spec", lambda _: None)
    for how in (BayesianSampling(), RandomSampling(rule="sobol")):
        with pytest.raises(Invalid) as caught:
            sampling.check(sweep(how))
        assert 'pip install "jupyter_aml[sweep]"' in caught.value.hint
    sampling.check(sweep(RandomSampling()))


def test_what_azure_would_refuse_is_said() -> None:
    from jupyter_aml.model.sweep import Normal

    spec = sweep(BayesianSampling(), {"x": Normal(mu=0, sigma=1)})
    assert "not x" in sampling.warnings(spec)[0]
    assert sampling.warnings(sweep(BayesianSampling())) == []
