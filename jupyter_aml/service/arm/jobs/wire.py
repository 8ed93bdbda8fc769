"""The parts of ARM's job JSON that are read, as types: what does not fit is a 400 with its path.

Fields that are not here are kept and given back (`arm.remainder`). Words of enumerations are
texts: they are matched without case (`arm.jobs.words`).
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

Json = dict[str, Any]


class Input(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    job_input_type: str
    value: str | int | float | bool | None = None
    """Of a literal."""
    uri: str = ""
    mode: str = ""


class Output(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    job_output_type: str
    uri: str = ""
    mode: str = ""
    asset_name: str = ""
    asset_version: str | int = ""


class Distribution(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    distribution_type: str
    process_count_per_instance: Annotated[int, Meta(ge=1, le=64)] = 1
    worker_count: Annotated[int, Meta(ge=0)] = 0
    parameter_server_count: Annotated[int, Meta(ge=0)] = 0


class Resources(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    instance_count: Annotated[int, Meta(ge=1, le=100)] = 1


class Limits(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    timeout: str = ""


class Trial(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What a command job has of itself, and a sweep has under ``trial``."""

    command: Annotated[str, Meta(min_length=1)]
    environment_id: str = ""
    code_id: str = ""
    environment_variables: dict[str, str] = {}
    distribution: Distribution | None = None
    resources: Resources = Resources()


class Job(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What every kind of job has."""

    compute_id: str = ""
    display_name: str = ""
    description: str = ""
    experiment_name: str = ""
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    is_archived: bool = False
    inputs: dict[str, Input] = {}
    outputs: dict[str, Output] = {}


class Limited(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    limits: Limits = Limits()


class Body(msgspec.Struct, frozen=True):
    """Of ``PUT …/jobs/{name}``."""

    properties: Json


class SweepLimits(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    timeout: str = ""
    max_total_trials: int | None = None
    max_concurrent_trials: int | None = None
    trial_timeout: str = ""


class Objective(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    goal: str
    primary_metric: Annotated[str, Meta(min_length=1)]


class Sampling(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    sampling_algorithm_type: str
    seed: int | None = None
    rule: str = ""
    logbase: str | float | None = None
    """The SDK sends ``"e"``, or a number as text."""


class Policy(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    policy_type: str
    evaluation_interval: int = 1
    delay_evaluation: int = 0
    slack_factor: float = 0
    slack_amount: float = 0
    truncation_percentage: int = 0


class Search(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What makes a sweep of a command: of a job, and of a step of a pipeline."""

    search_space: Annotated[dict[str, Any], Meta(min_length=1)]
    sampling_algorithm: Sampling
    objective: Objective
    limits: SweepLimits = SweepLimits()
    early_termination: Policy | None = None


class SweepJob(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    trial: Json


class PipelineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """In small letters: the SDK sends what its files hold."""

    default_compute: str = ""
    continue_on_step_failure: bool = False
    force_rerun: bool = False


class PipelineJob(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    jobs: dict[str, Json] = {}
    settings: PipelineSettings = PipelineSettings()
    component_id: str = ""
