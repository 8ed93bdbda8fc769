"""Pipeline jobs, both ways."""

from __future__ import annotations

import msgspec

from jupyter_aml.model.component import ComponentSpec, ConditionStep, JobStep, Step
from jupyter_aml.model.pipeline import PipelineJob, PipelineSettings
from jupyter_aml.model.spec import Input, InputValue, Output
from jupyter_aml.service.arm.jobs import reading, references, steps, wire, words
from jupyter_aml.service.arm.jobs.wire import Json
from jupyter_aml.service.arm.jobs.writing import input_said, job_said
from jupyter_aml.service.arm.message import convert
from jupyter_aml.service.arm.scope import Scope
from jupyter_aml.service.backends.protocol import CodesFacet


async def read_pipeline(
    sent: Json, scope: Scope, _codes: CodesFacet, path: str = reading.PATH
) -> PipelineJob:
    """`sent` (`reading.tidy`) as a spec. Raises `Invalid`, saying where."""
    asked, pipeline = convert(sent, wire.Job, path), convert(sent, wire.PipelineJob, path)
    fields = reading.job_fields(asked, sent, path)
    settings = pipeline.settings
    if not asked.compute_id and settings.default_compute:
        place = f"{path}.settings.default_compute"
        fields["compute"] = references.compute(settings.default_compute, place)
    fields["outputs"] = {
        # its steps write them: a place is taken only where one was asked for
        name: one if asked.outputs[name].uri else msgspec.structs.replace(one, path="")
        for name, one in fields["outputs"].items()
    }
    spec = PipelineJob(
        **fields,
        jobs=steps.read_steps(pipeline.jobs, f"{path}.jobs"),
        component=steps.component(pipeline.component_id),
        inputs=reading.inputs(asked.inputs, path),
        settings=PipelineSettings(
            force_rerun=settings.force_rerun,
            continue_on_step_failure=settings.continue_on_step_failure,
        ),
    )
    # an accepted pipeline has its components written out: the steps are told as they were sent
    return reading.with_remainder(spec, sent, pipeline_said(spec, scope) | {"jobs": {}})


def pipeline_said(spec: PipelineJob, scope: Scope, name: str = "") -> Json:
    """`name` is the job's, once it is accepted."""
    found = job_said(spec, scope, name)
    found["jobType"] = "Pipeline"
    found["inputs"] = {key: input_said(one, scope) for key, one in spec.inputs.items()}
    found["settings"] = {
        "continue_on_step_failure": spec.settings.continue_on_step_failure,
        "force_rerun": spec.settings.force_rerun,
    }
    if "jobs" not in spec.azure:
        found["jobs"] = {key: step_said(key, one, scope) for key, one in spec.jobs.items()}
    return found


def step_said(name: str, step: Step, scope: Scope) -> Json:
    """A step of a pipeline that was not made through this API."""
    if isinstance(step, ConditionStep):
        return {
            "name": name,
            "type": "if_else",
            "condition": step.condition,
            "true_block": [f"${{{{parent.jobs.{one}}}}}" for one in step.true_block],
            "false_block": [f"${{{{parent.jobs.{one}}}}}" for one in step.false_block],
        }
    found: Json = {
        "name": name,
        "inputs": {key: _bound(one, scope) for key, one in step.inputs.items()},
        "outputs": {key: _out(one) for key, one in step.outputs.items()},
    }
    if step.compute:
        bound = step.compute.startswith("${{")
        found["computeId"] = step.compute if bound else scope.id("computes", step.compute)
    what = step.component if isinstance(step, JobStep) else step.trial
    named = _component_id(step.reference, what, scope)
    if isinstance(step, JobStep):
        kind = "command" if isinstance(what, str) else str(what.__struct_config__.tag)
        return found | {"type": kind, "componentId": named}
    return found | {"type": "sweep", "trial": {"componentId": named}}


def _component_id(reference: str, what: str | ComponentSpec, scope: Scope) -> str:
    text = reference or (what if isinstance(what, str) else "")
    name, _, version = text.removeprefix("azureml:").partition(":")
    if not name and not isinstance(what, str):
        name, version = what.name, what.version
    return scope.id("components", name or "azureml_anonymous", "versions", version or "1")


def _bound(value: InputValue, scope: Scope) -> Json:
    if isinstance(value, Input) and value.path.startswith("${{"):
        return {"job_input_type": "literal", "value": value.path}
    said = input_said(value, scope)
    return {reading.snake(key): one for key, one in said.items()}


def _out(output: Output) -> Json:
    if output.path.startswith("${{"):
        return {"type": "literal", "value": output.path, "mode": words.OUTPUT_MODES[output.mode]}
    return {"job_output_type": output.type, "mode": words.OUTPUT_MODES[output.mode]}
