"""Sweep jobs, both ways."""

from __future__ import annotations

from jupyter_aml.model.sweep import SweepJob
from jupyter_aml.service.arm.jobs import reading, searching, wire
from jupyter_aml.service.arm.jobs.wire import Json
from jupyter_aml.service.arm.jobs.writing import input_said, job_said, trial_said
from jupyter_aml.service.arm.message import convert
from jupyter_aml.service.arm.scope import Scope
from jupyter_aml.service.backends.protocol import CodesFacet

BEST = "best_child_run_id"
"""The property under which the SDK looks for the best trial."""


async def read_sweep(
    sent: Json, scope: Scope, codes: CodesFacet, path: str = reading.PATH
) -> SweepJob:
    """`sent` (`reading.tidy`) as a spec. Raises `Invalid` or `NotFound`, saying where."""
    asked, search = convert(sent, wire.Job, path), convert(sent, wire.Search, path)
    inner = convert(sent, wire.SweepJob, path).trial
    here = f"{path}.trial"
    trial = convert(inner, wire.Trial, here)
    fields = reading.job_fields(asked, sent, path)
    fields["warnings"] = list(dict.fromkeys([*fields["warnings"], *reading.warnings(inner)]))
    spec = SweepJob(
        command=trial.command,
        **fields,
        **await reading.trial_fields(trial, codes, here),
        **searching.read(search, path),
        inputs=reading.inputs(asked.inputs, path),
        timeout=reading.timeout(wire.Limits(timeout=search.limits.timeout), path),
    )
    kept = reading.with_remainder(spec, sent, sweep_said(spec, scope))
    # the code and the environment of a trial are told as they were sent
    told = {name: inner[name] for name in ("codeId", "environmentId") if name in inner}
    return reading.keeping(kept, {"trial": kept.azure.get("trial", {}) | told})


def sweep_said(spec: SweepJob, scope: Scope, name: str = "") -> Json:
    """`name` is the job's, once it is accepted."""
    found = job_said(spec, scope, name) | searching.said(spec)
    found["jobType"] = "Sweep"
    found["inputs"] = {key: input_said(one, scope) for key, one in spec.inputs.items()}
    found["trial"] = trial_said(spec, scope) | {"command": spec.command}
    return found
