"""Search spaces, sampling, objectives and early ends, both ways: of sweep jobs and sweep steps.

ARM writes a dimension as a list of its name and its numbers: ``["uniform", [0.01, 0.9]]``.
"""

from __future__ import annotations

from typing import Any, cast, get_args

import msgspec

from jupyter_aml.model import sweep
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.sweep import (
    BanditPolicy,
    BayesianSampling,
    Choice,
    Dimension,
    EarlyTermination,
    GridSampling,
    MedianStoppingPolicy,
    Objective,
    Randint,
    RandomSampling,
    Sampling,
    SweepLimits,
    TruncationSelectionPolicy,
)
from jupyter_aml.service.arm.durations import of_seconds, seconds
from jupyter_aml.service.arm.jobs import wire, words
from jupyter_aml.service.arm.jobs.wire import Json
from jupyter_aml.service.arm.message import convert, refused

_KINDS: dict[str, type[msgspec.Struct]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(Dimension)
}
_SAMPLING = {"random": "Random", "grid": "Grid", "bayesian": "Bayesian"}
_POLICIES = {
    "bandit": "Bandit",
    "median_stopping": "MedianStopping",
    "truncation_selection": "TruncationSelection",
}
_GOALS = {"minimize": "Minimize", "maximize": "Maximize"}
_E = "e"

# -- from ARM -------------------------------------------------------------------------------


def read(asked: wire.Search, path: str) -> Json:
    """The fields of `SweepJob` and `SweepStep` that say how to search, as keywords."""
    return {
        "search_space": {
            name: _dimension(one, f"{path}.searchSpace.{name}")
            for name, one in asked.search_space.items()
        },
        "sampling": _sampling(asked.sampling_algorithm, f"{path}.samplingAlgorithm"),
        "objective": Objective(
            goal=words.ours(_GOALS, asked.objective.goal, f"{path}.objective.goal"),
            primary_metric=asked.objective.primary_metric,
        ),
        "limits": _limits(asked.limits, f"{path}.limits"),
        "early_termination": _policy(asked.early_termination, f"{path}.earlyTermination"),
    }


def _dimension(sent: object, path: str) -> Any:
    name, numbers = convert(sent, tuple[str, list[Any]], path)
    kind = _KINDS.get(name.lower())
    if kind is None:
        raise Invalid(
            f"There is no distribution {name!r}.", target=path, hint=f"One of {', '.join(_KINDS)}."
        )
    fields = msgspec.structs.fields(kind)
    if len(numbers) != len(fields):
        raise Invalid(f"{name} has {len(fields)} parameters, not {len(numbers)}.", target=path)
    given = {field.encode_name: one for field, one in zip(fields, numbers, strict=True)}
    return convert({"type": name.lower(), **given}, cast("type[msgspec.Struct]", Dimension), path)


def _sampling(asked: wire.Sampling, path: str) -> Sampling:
    kind = words.ours(_SAMPLING, asked.sampling_algorithm_type, f"{path}.samplingAlgorithmType")
    if kind == "grid":
        return GridSampling()
    if kind == "bayesian":
        return BayesianSampling(seed=asked.seed)
    told: Json = {"seed": asked.seed, "logbase": _logbase(asked.logbase, f"{path}.logbase")}
    told["rule"] = asked.rule.lower() or "random"
    return convert({"type": "random", **told}, RandomSampling, path)


def _logbase(sent: str | float | None, path: str) -> float | None:
    if sent is None or sent == _E:
        return None
    try:
        return float(sent)
    except ValueError:
        raise refused(f"{sent!r} is no number, nor e", path) from None


def _limits(asked: wire.SweepLimits, path: str) -> SweepLimits:
    told: Json = {
        "maxTotalTrials": asked.max_total_trials,
        "maxConcurrentTrials": asked.max_concurrent_trials,
    }
    if asked.trial_timeout:
        told["trialTimeout"] = seconds(asked.trial_timeout, f"{path}.trialTimeout")
    given = {name: value for name, value in told.items() if value is not None}
    return convert(given, SweepLimits, path)


def _policy(asked: wire.Policy | None, path: str) -> EarlyTermination | None:
    if asked is None:
        return None
    kind = words.ours(_POLICIES, asked.policy_type, f"{path}.policyType")
    common: Json = {
        "type": kind,
        "evaluationInterval": asked.evaluation_interval,
        "delayEvaluation": asked.delay_evaluation,
    }
    if kind == "bandit":
        own = {"slackFactor": asked.slack_factor, "slackAmount": asked.slack_amount}
        return convert(common | own, BanditPolicy, path)
    if kind == "median_stopping":
        return convert(common, MedianStoppingPolicy, path)
    own = {"truncationPercentage": asked.truncation_percentage}
    return convert(common | own, TruncationSelectionPolicy, path)


# -- to ARM ---------------------------------------------------------------------------------


def said(spec: sweep.SweepJob | Any) -> Json:
    """What `read` has read."""
    found: Json = {
        "searchSpace": {name: _dimension_said(one) for name, one in spec.search_space.items()},
        "samplingAlgorithm": _sampling_said(spec.sampling),
        "objective": {
            "goal": _GOALS[spec.objective.goal],
            "primaryMetric": spec.objective.primary_metric,
        },
        "limits": _limits_said(spec.limits, spec.timeout),
    }
    if spec.early_termination is not None:
        found["earlyTermination"] = _policy_said(spec.early_termination)
    return found


def _dimension_said(one: Dimension) -> list[Any]:
    values = list(msgspec.structs.astuple(one))
    if isinstance(one, Choice | Randint):
        return [str(one.__struct_config__.tag), values]
    return [str(one.__struct_config__.tag), [_whole(value) for value in values]]


def _whole(value: float) -> float | int:
    """1 for 1.0: what the SDK sent."""
    return int(value) if value == int(value) else value


def _sampling_said(sampling: Sampling) -> Json:
    found: Json = {"samplingAlgorithmType": _SAMPLING[str(sampling.__struct_config__.tag)]}
    if isinstance(sampling, RandomSampling):
        found["rule"] = sampling.rule.capitalize()
        if sampling.logbase is not None:
            found["logbase"] = str(sampling.logbase)
    if not isinstance(sampling, GridSampling) and sampling.seed is not None:
        found["seed"] = sampling.seed
    return found


def _limits_said(limits: SweepLimits, timeout: float | None) -> Json:
    found: Json = {"jobLimitsType": "Sweep", "maxTotalTrials": limits.max_total_trials}
    if limits.max_concurrent_trials is not None:
        found["maxConcurrentTrials"] = limits.max_concurrent_trials
    if limits.trial_timeout is not None:
        found["trialTimeout"] = of_seconds(limits.trial_timeout)
    if timeout is not None:
        found["timeout"] = of_seconds(timeout)
    return found


def _policy_said(policy: EarlyTermination) -> Json:
    found: Json = {
        "policyType": _POLICIES[str(policy.__struct_config__.tag)],
        "evaluationInterval": policy.evaluation_interval,
        "delayEvaluation": policy.delay_evaluation,
    }
    if isinstance(policy, BanditPolicy):
        found |= {"slackFactor": policy.slack_factor, "slackAmount": policy.slack_amount}
    if isinstance(policy, TruncationSelectionPolicy):
        found["truncationPercentage"] = policy.truncation_percentage
    return found
