"""Sweeps: one command tried at many points of a search space, in Azure ML's own words.

A sweep is a job whose parts are command jobs, its trials: ``NAME_0``, ``NAME_1`` … It takes no
compute itself. `jobs.trials` tells what became of them.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from jupyter_aml.model.spec import InputValue, JobFields, Literals

MOST_TRIALS = 1000
"""Azure ML's limit of the trials of one sweep."""

# -- search space -------------------------------------------------------------------------


class _Range(msgspec.Struct, rename="camel", frozen=True, kw_only=True, tag_field="type"):
    min_value: float
    max_value: float


class _Bell(msgspec.Struct, rename="camel", frozen=True, kw_only=True, tag_field="type"):
    mu: float
    sigma: Annotated[float, Meta(gt=0)]


class Choice(msgspec.Struct, rename="camel", frozen=True, tag_field="type", tag="choice"):
    """One of these."""

    values: Annotated[list[Literals], Meta(min_length=1, max_length=10_000)]


class Uniform(_Range, frozen=True, kw_only=True, tag="uniform"):
    """Anything between the two."""


class QUniform(_Range, frozen=True, kw_only=True, tag="quniform"):
    """round(uniform / q) * q."""

    q: Annotated[float, Meta(gt=0)]


class LogUniform(_Range, frozen=True, kw_only=True, tag="loguniform"):
    """exp(uniform): the two are logarithms of what comes out."""


class QLogUniform(_Range, frozen=True, kw_only=True, tag="qloguniform"):
    """round(exp(uniform) / q) * q."""

    q: Annotated[float, Meta(gt=0)]


class Normal(_Bell, frozen=True, kw_only=True, tag="normal"):
    """Normally distributed."""


class QNormal(_Bell, frozen=True, kw_only=True, tag="qnormal"):
    """round(normal / q) * q."""

    q: Annotated[float, Meta(gt=0)]


class LogNormal(_Bell, frozen=True, kw_only=True, tag="lognormal"):
    """exp(normal)."""


class QLogNormal(_Bell, frozen=True, kw_only=True, tag="qlognormal"):
    """round(exp(normal) / q) * q."""

    q: Annotated[float, Meta(gt=0)]


class Randint(msgspec.Struct, rename="camel", frozen=True, tag_field="type", tag="randint"):
    """A whole number from 0 up to, and without, `upper`."""

    upper: Annotated[int, Meta(ge=1)]


Dimension = (
    Choice
    | Uniform
    | QUniform
    | LogUniform
    | QLogUniform
    | Normal
    | QNormal
    | LogNormal
    | QLogNormal
    | Randint
)

# -- sampling -----------------------------------------------------------------------------


class RandomSampling(
    msgspec.Struct, rename="camel", frozen=True, kw_only=True, tag_field="type", tag="random"
):
    """Points drawn at random; `sobol` spreads them more evenly, and needs the extra [sweep]."""

    seed: int | None = None
    """The same seed gives the same points; None takes new ones for each sweep."""
    rule: Literal["random", "sobol"] = "random"
    logbase: Annotated[float, Meta(gt=1)] | None = None
    """The base of the logarithmic distributions; None is e."""


class GridSampling(
    msgspec.Struct, rename="camel", frozen=True, kw_only=True, tag_field="type", tag="grid"
):
    """Every combination of a search space of choices, in order."""


class BayesianSampling(
    msgspec.Struct, rename="camel", frozen=True, kw_only=True, tag_field="type", tag="bayesian"
):
    """Each point follows from how the earlier ones did. Needs the extra [sweep]."""

    seed: int | None = None
    """Of this service; Azure has no seed here."""


Sampling = RandomSampling | GridSampling | BayesianSampling

# -- early termination --------------------------------------------------------------------


class _Policy(msgspec.Struct, rename="camel", frozen=True, kw_only=True, tag_field="type"):
    """An interval is one report of the primary metric."""

    evaluation_interval: Annotated[int, Meta(ge=0)] = 1
    """Judge a trial at every so many intervals; 0 is 1."""
    delay_evaluation: Annotated[int, Meta(ge=0)] = 0
    """Not before it has reported so many."""


class BanditPolicy(_Policy, frozen=True, kw_only=True, tag="bandit"):
    """End what is worse than the best trial at the same interval by more than the slack."""

    slack_factor: Annotated[float, Meta(ge=0)] = 0
    slack_amount: Annotated[float, Meta(ge=0)] = 0


class MedianStoppingPolicy(_Policy, frozen=True, kw_only=True, tag="median_stopping"):
    """End what is worse than the median of the running averages of all trials."""


class TruncationSelectionPolicy(_Policy, frozen=True, kw_only=True, tag="truncation_selection"):
    """End the worst so many percent at each interval."""

    truncation_percentage: Annotated[int, Meta(ge=1, le=99)]
    exclude_finished_jobs: bool = False


EarlyTermination = BanditPolicy | MedianStoppingPolicy | TruncationSelectionPolicy

# -- the spec -----------------------------------------------------------------------------


class Objective(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Which logged metric says how good a trial is."""

    goal: Literal["minimize", "maximize"]
    primary_metric: Annotated[str, Meta(min_length=1)]
    """The name that trials log it by: ``aml.log`` or ``mlflow.log_metric``."""


class SweepLimits(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """How many trials. The time of the whole sweep is the job's own ``timeout``."""

    max_total_trials: Annotated[int, Meta(ge=1, le=MOST_TRIALS)] = MOST_TRIALS
    max_concurrent_trials: Annotated[int, Meta(ge=1, le=MOST_TRIALS)] | None = None
    """None is as many as there are trials."""
    trial_timeout: Annotated[float, Meta(gt=0)] | None = None
    """Seconds that one trial may run."""


class SweepJob(JobFields, frozen=True, kw_only=True, tag_field="type", tag="sweep"):
    """What every trial is asked for with (`JobFields`), and what differs between them."""

    command: Annotated[str, Meta(min_length=1)]
    """``${{search_space.x}}`` stands for a trial's own value."""
    inputs: dict[str, InputValue] = {}
    cwd: str = ""
    """As of a command job."""
    search_space: Annotated[dict[str, Dimension], Meta(min_length=1, max_length=100)]
    sampling: Sampling = RandomSampling()
    objective: Objective
    limits: SweepLimits = SweepLimits()
    early_termination: EarlyTermination | None = None


# -- observed -----------------------------------------------------------------------------


class Trial(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One trial of a sweep as it is."""

    number: int
    """From 0, in the order in which they were made."""
    job: str
    status: str
    status_reason: str = ""
    parameters: dict[str, Literals] = {}
    metric: float | None = None
    """The best value of the primary metric that it has logged so far."""
    reports: int = 0
    """How often it has logged it."""
    best: bool = False
    """The best of them all by now."""
    terminated: str = ""
    """Why the policy ended it early, in words; empty for one that it did not end."""
    cause: str = ""
    """Why it failed, in a sentence."""
    created_at: str = ""
    started_at: str | None = None
    ended_at: str | None = None


class TrialList(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The trials of a sweep, in order of their numbers."""

    value: list[Trial]
    primary_metric: str
    goal: Literal["minimize", "maximize"]
    total: int
    """How many there will be at most."""
    best: str = ""
    """The job of the best one; empty while none has logged the primary metric."""
