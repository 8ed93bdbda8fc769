"""Pipelines: jobs made of steps, each a job of its own, that hand data on to one another.

Words are Azure ML's own. Steps are named ``PIPELINE-STEP`` as jobs; `jobs.steps` tells what became
of them. What a step is: `model.component`.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from jupyter_aml.model.component import Step
from jupyter_aml.model.spec import InputValue, JobFields

MOST_STEPS = 1000
"""Steps of one pipeline, each of which is a job here. Azure's own limit is 30,000."""


class PipelineSettings(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """How a pipeline runs. They hold for the pipelines in it, too."""

    force_rerun: bool = False
    """Run every step, also where an earlier run of the same could be reused."""
    continue_on_step_failure: bool = False
    """Run what does not need a step that failed. Otherwise the first failure ends the rest."""


class PipelineJob(JobFields, frozen=True, kw_only=True, tag_field="type", tag="pipeline"):
    """``compute`` is that of every step which names none; the pipeline itself takes none.

    Once it was accepted, components are written out, and every default is filled in.
    """

    jobs: Annotated[dict[str, Step], Meta(max_length=MOST_STEPS)] = {}
    """Its steps by name, in the order that was given."""
    component: str = ""
    """Instead of steps: a pipeline component, ``azureml:name:version``. Stays as what it was named
    by."""
    inputs: dict[str, InputValue] = {}
    settings: PipelineSettings = PipelineSettings()


class ReusedJob(JobFields, frozen=True, kw_only=True, tag_field="type", tag="reused"):
    """A step of a pipeline that was not run: an earlier job had done the same.

    Nothing runs and nothing costs; the pipeline makes it. Its outputs lie where that job left
    them.
    """

    job: Annotated[str, Meta(min_length=1)]
    """The job that has done it."""
    inputs: dict[str, InputValue] = {}
    registered: dict[str, str] = {}
    """Of that job: name of the output to the asset that it became."""


# -- observed -----------------------------------------------------------------------------


class StepRow(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One step of a pipeline as it is."""

    name: str
    type: str
    """command, parallel, pipeline, sweep or if_else."""
    job: str = ""
    """Its job; empty before it started, and for what never becomes one. `reused_from` has none."""
    status: str
    """A word of `lifecycle.JOB`; NotStarted while it waits for others, and Skipped when it will
    never run. A reused step is Completed."""
    reason: str = ""
    """Why it waits, was skipped or not run, in words."""
    needs: list[str] = []
    """Steps that have to end before it."""
    reads: dict[str, str] = {}
    """Input to ``STEP.OUTPUT`` that it is bound to."""
    block: str = ""
    """The condition that decides about it: ``STEP.true`` or ``STEP.false``."""
    component: str = ""
    """``azureml:name:version``, or the name in the component's own file; empty for none."""
    display_name: str = ""
    compute: str = ""
    reused_from: str = ""
    """The job of an earlier pipeline whose outputs these are: it did not run again."""
    inputs: dict[str, str] = {}
    """What it was given, once that is known: values, and the paths of data."""
    outputs: dict[str, str] = {}
    """Name to path, once it has ended."""
    started_at: str | None = None
    ended_at: str | None = None
    progress: float | None = None
    list_price: float | None = None


class StepList(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The steps of a pipeline, in the order in which they were given."""

    value: list[StepRow]
    inputs: dict[str, str] = {}
    """The pipeline's own, as text."""
    outputs: dict[str, str] = {}
    """The pipeline's own outputs: ``STEP.OUTPUT`` that each comes from."""
