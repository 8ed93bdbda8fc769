"""Components: pieces of work with declared inputs and outputs, that pipelines are made of.

Words are Azure ML's own (``az ml`` component and pipeline YAML). A step of a pipeline is a
component, written out or named by reference, with its inputs bound: to a value, to data, to
``${{parent.inputs.x}}`` or to ``${{parent.jobs.STEP.outputs.y}}``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from jupyter_aml.model.environment import EnvironmentContent
from jupyter_aml.model.spec import Distribution, InputValue, Literals, Output
from jupyter_aml.model.sweep import (
    Dimension,
    EarlyTermination,
    Objective,
    RandomSampling,
    Sampling,
    SweepLimits,
)

ANONYMOUS = "azureml_anonymous"
"""Azure's own name of components that have none: their version says what they hold."""

ValueType = Literal["string", "number", "integer", "boolean"]
DataPort = Literal[
    "uri_file", "uri_folder", "mltable", "mlflow_model", "custom_model", "triton_model", "path"
]
PortType = ValueType | DataPort
"""What may go through an input or output: a value, or data ("path" takes any)."""

# -- what a component declares ------------------------------------------------------------


class ComponentInput(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One input. ``min``, ``max`` and ``enum`` are of values alone."""

    type: PortType
    optional: bool = False
    """It may be left out: then ``$[[…]]`` around it in the command disappears."""
    default: Literals | None = None
    min: Literals | None = None
    max: Literals | None = None
    enum: list[str] = []
    mode: str = ""
    """How the job gets data, where the step does not say."""
    description: str = ""


class ComponentOutput(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One output. A value is written as the text of the file that ``${{outputs.x}}`` names."""

    type: PortType = "uri_folder"
    mode: str = ""
    description: str = ""


class ComponentFields(
    msgspec.Struct, rename="camel", frozen=True, kw_only=True, tag_field="type", tag="component"
):
    """What every kind of component has."""

    name: str = ""
    """Empty for one that is written out in a pipeline; so is the version."""
    version: str = ""
    display_name: str = ""
    description: str = ""
    tags: dict[str, str] = {}
    inputs: dict[str, ComponentInput] = {}
    outputs: dict[str, ComponentOutput] = {}
    is_deterministic: bool = True
    """The same inputs give the same outputs, so that an earlier run of it can be reused."""
    azure: dict[str, Any] = {}
    """What a request in ARM's words said beyond the fields here; the compatible API says it again.
    Nothing is done with it."""


class _Program(ComponentFields, frozen=True, kw_only=True, tag="program"):
    """Something that runs: a folder of code in an environment."""

    code: str | None = None
    """A folder (absolute), or ``snapshot:<id>`` once it was accepted."""
    environment: str = "kernel"
    environment_content: EnvironmentContent | None = None
    python: str = ""
    """The interpreter of the ``kernel`` environment; empty is the service's own."""
    environment_variables: dict[str, str] = {}
    instance_count: Annotated[int, Meta(ge=1, le=100)] = 1
    warnings: list[str] = []


class CommandComponent(_Program, frozen=True, kw_only=True, tag="command"):
    """A command line; ``${{inputs.x}}`` and ``${{outputs.y}}`` stand for its own."""

    command: Annotated[str, Meta(min_length=1)]
    distribution: Distribution | None = None


class ParallelSettings(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """How a parallel component goes through its files. None takes the component's, or a default."""

    mini_batch_size: Annotated[int, Meta(ge=1)] | None = None
    """Files given to one call of ``run``; 1 by default."""
    max_concurrency_per_instance: Annotated[int, Meta(ge=1, le=64)] | None = None
    error_threshold: Annotated[int, Meta(ge=-1)] | None = None
    """So many files may fail; -1, the default, lets any number."""
    mini_batch_error_threshold: Annotated[int, Meta(ge=-1)] | None = None
    max_retries: Annotated[int, Meta(ge=0, le=100)] | None = None
    """Of one mini-batch; 2 by default."""
    timeout: Annotated[float, Meta(gt=0)] | None = None
    """Seconds of one call of ``run``; 60 by default."""
    logging_level: Literal["debug", "info", "warning"] | None = None


class ParallelComponent(_Program, frozen=True, kw_only=True, tag="parallel"):
    """A script with ``init()`` and ``run(mini_batch)``, called with the files of one input."""

    entry_script: Annotated[str, Meta(min_length=1)]
    program_arguments: str = ""
    input_data: Annotated[str, Meta(min_length=1)]
    """``${{inputs.x}}``: whose files are gone through."""
    append_row_to: str = ""
    """``${{outputs.y}}``: what ``run`` returns is appended there, a line for each."""
    model: str = ""
    settings: ParallelSettings = ParallelSettings()


class PipelineComponent(ComponentFields, frozen=True, kw_only=True, tag="pipeline"):
    """A whole pipeline, to be a step of another."""

    jobs: Annotated[dict[str, Step], Meta(min_length=1)]


ComponentSpec = CommandComponent | ParallelComponent | PipelineComponent

# -- steps of a pipeline ------------------------------------------------------------------


class _Node(
    msgspec.Struct, rename="camel", frozen=True, kw_only=True, tag_field="type", tag="node"
):
    """A step that becomes a job. What is empty or None here is the component's."""

    inputs: dict[str, InputValue] = {}
    """By name: a value, data, or a binding (also as the path of an `Input`, with its mode)."""
    outputs: dict[str, Output] = {}
    """By name; the path ``${{parent.outputs.y}}`` makes it the pipeline's own output."""
    compute: str = ""
    """Empty is the pipeline's."""
    environment: str = ""
    environment_content: EnvironmentContent | None = None
    environment_variables: dict[str, str] = {}
    """Over those of the component."""
    instance_count: Annotated[int, Meta(ge=1, le=100)] | None = None
    timeout: Annotated[float, Meta(gt=0)] | None = None
    retries: Annotated[int, Meta(ge=0, le=100)] = 0
    display_name: str = ""
    description: str = ""
    tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    warnings: list[str] = []
    azure: dict[str, Any] = {}
    """As of a component."""


class JobStep(_Node, frozen=True, kw_only=True, tag="job"):
    """A component that runs once: a command, files in parallel, or a pipeline of its own."""

    component: str | ComponentSpec
    """``azureml:name:version`` or ``azureml:name@label``, or the component itself."""
    reference: str = ""
    """What the component was named by. Set on acceptance."""
    distribution: Distribution | None = None
    parallel: ParallelSettings = ParallelSettings()


class SweepStep(_Node, frozen=True, kw_only=True, tag="sweep"):
    """A command component tried at many points. Its outputs are those of the best trial."""

    trial: str | CommandComponent
    reference: str = ""
    """What the trial was named by. Set on acceptance."""
    search_space: Annotated[dict[str, Dimension], Meta(min_length=1, max_length=100)]
    """Names inputs of the trial; a value may be a binding of the pipeline's."""
    sampling: Sampling = RandomSampling()
    objective: Objective
    limits: SweepLimits = SweepLimits()
    early_termination: EarlyTermination | None = None


class ConditionStep(
    msgspec.Struct, rename="camel", frozen=True, kw_only=True, tag_field="type", tag="if_else"
):
    """Lets steps run, or not. It takes no time and no compute."""

    condition: str | bool
    """``${{parent.jobs.STEP.outputs.y}}`` of type boolean, ``${{parent.inputs.x}}``, or a value."""
    true_block: list[str] = []
    """Names of the steps that run only where it is true."""
    false_block: list[str] = []


Step = JobStep | SweepStep | ConditionStep

# -- registered ones ----------------------------------------------------------------------


class CreateComponent(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `components.create`: the same content under a name is the same version.

    Without a name it is anonymous: kept, found by its version, and in no list. Without a version
    it gets the next number.
    """

    spec: ComponentSpec
    anonymous: bool = False


class UpdateComponent(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `components.update`; None leaves a field as it is. What it does never changes."""

    display_name: str | None = None
    description: str | None = None
    tags: dict[str, str] | None = None


class Component(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One version of a component."""

    name: str
    version: str
    spec: ComponentSpec
    """With its name and version; code and environment are as they were when it was kept."""
    content: str = ""
    """Key of what it does: name, version and descriptions are no part of it."""
    anonymous: bool = False
    archived: bool = False
    created_at: str = ""

    @property
    def reference(self) -> str:
        """How pipelines name it: ``azureml:name:version``."""
        return f"azureml:{self.name}:{self.version}"

    @property
    def description(self) -> str:
        """As its YAML says; other assets have a field of that name."""
        return self.spec.description

    @property
    def tags(self) -> dict[str, str]:
        return self.spec.tags


class ComponentList(msgspec.Struct, rename="camel", frozen=True):
    """The newest version of each, newest first; every version where one name was asked for."""

    value: list[Component]
