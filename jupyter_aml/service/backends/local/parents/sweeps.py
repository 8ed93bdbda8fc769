"""How a sweep is planned: its trials are command jobs, ``NAME_0``, ``NAME_1`` …"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from jupyter_aml.model.errors import ErrorBody, Invalid
from jupyter_aml.model.job import CommandJob, Job, JobSpec, SweepJob
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.spec import JobFields
from jupyter_aml.model.sweep import Trial, TrialList
from jupyter_aml.service.backends.local.data.places import NAME
from jupyter_aml.service.backends.local.jobs.outcome import EARLY, GIVEN_UP
from jupyter_aml.service.backends.local.parents.kind import Check, Settle
from jupyter_aml.service.backends.local.parents.planning import (
    Action,
    Cancel,
    Create,
    End,
    Show,
    View,
)
from jupyter_aml.service.sweeps import early, sampling, space

_FIRST = 3
"""So many trials that fail before any other ends, and the rest is not tried: as Azure does."""

_SHARED = tuple(n for n in JobFields.__struct_fields__ if n not in ("parent", "azure"))
"""What a sweep says of itself and of each of its trials alike."""

_DISPLAY = 60
_BY_POLICY = "The trial is being ended early by the sweep's policy."


class Sweeps:
    """The kind of `SweepJob`; see `kind.Kind`."""

    def check(self, spec: SweepJob, check: Check) -> SweepJob:
        _check(spec)
        return _filled(spec, check(_sample(spec)))

    async def settle(self, spec: SweepJob, settle: Settle) -> SweepJob:
        _check(spec)
        return _filled(spec, await settle(_sample(spec)))

    def metric(self, spec: SweepJob) -> str:
        return spec.objective.primary_metric

    def plan(self, view: View) -> list[Action]:
        show, best = _shown(view)
        if _is_hopeless(view):
            rest = [Cancel(job.name, GIVEN_UP) for job in view.living if not _is_ending(job)]
            return [show, *rest] if view.living else [show, _end(view, best)]
        ended = _ended_early(view)
        made = [Create(name) for name in _missing(view)]
        if view.living or made:
            return [show, *ended, *made]
        return [show, _end(view, best)]

    def spec_of(self, view: View, create: Create) -> JobSpec:
        spec = _spec(view)
        number = number_of(create.name)
        past = [_past(view, job) for job in view.children.values()]
        return trial(spec, number, sampling.point(spec, view.job.name, number, past))

    def told(self, view: View, child: Job) -> str:
        spec = _spec(view)
        what = f"Trial {number_of(child.name)} {child.status}"
        best = best_value(spec, view.reports.get(child.name, ()))
        if best is not None:
            what += f", {spec.objective.primary_metric} {best:.6g}"
        if child.error is not None:
            what += f": {child.error.message}"
        return f"{what}\n"

    def ended(self, _child: Job) -> None:
        pass


# -- specs --------------------------------------------------------------------------------


def _check(spec: SweepJob) -> None:
    space.check(spec.search_space, getattr(spec.sampling, "logbase", None))
    sampling.check(spec)
    early.check(spec.early_termination)
    total, at_once = spec.limits.max_total_trials, spec.limits.max_concurrent_trials
    if at_once is not None and at_once > total:
        raise Invalid(
            f"{at_once} trials at once are more than the {total} that there are in all.",
            target="limits.max_concurrent_trials",
            hint="Raise max_total_trials, or lower max_concurrent_trials.",
        )


def _command(spec: SweepJob) -> CommandJob:
    """The command job that every trial is, without its point."""
    shared = {name: getattr(spec, name) for name in _SHARED}
    return CommandJob(command=spec.command, inputs=spec.inputs, cwd=spec.cwd, **shared)


def _sample(spec: SweepJob) -> CommandJob:
    """Some trial, to be checked before any runs."""
    middle = space.at(spec.search_space, dict.fromkeys(spec.search_space, 0.5))
    return msgspec.structs.replace(_command(spec), parameters=middle)


def _filled(spec: SweepJob, checked: JobSpec) -> SweepJob:
    assert isinstance(checked, CommandJob)
    shared = {name: getattr(checked, name) for name in _SHARED}
    shared["warnings"] = list(dict.fromkeys([*checked.warnings, *sampling.warnings(spec)]))
    return msgspec.structs.replace(
        spec, inputs=checked.inputs, command=checked.command, cwd=checked.cwd, **shared
    )


def trial(spec: SweepJob, number: int, parameters: space.Parameters) -> CommandJob:
    """The job of one point. Its outputs are its own: a path that all share gets its name."""
    outputs = {
        name: msgspec.structs.replace(
            output,
            name="",
            version="",
            path=output.path and _own(output.path),
            reference=output.reference and _own(output.reference),
        )
        for name, output in spec.outputs.items()
    }
    told = ", ".join(f"{name} {_short(value)}" for name, value in parameters.items())
    return msgspec.structs.replace(
        _command(spec),
        parameters=parameters,
        outputs=outputs,
        display_name=f"{number}: {told}"[:_DISPLAY],
        timeout=spec.limits.trial_timeout,
        warnings=[],
    )


def _own(path: str) -> str:
    return path if NAME in path else f"{path.rstrip('/')}/{NAME}"


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


# -- looking ------------------------------------------------------------------------------


def _spec(view: View) -> SweepJob:
    spec = view.job.spec
    assert isinstance(spec, SweepJob)
    return spec


def number_of(name: str) -> int:
    """Of the trial with this job's name."""
    return int(name.rpartition("_")[2])


def best_value(spec: SweepJob, values: Sequence[float]) -> float | None:
    """The best that a trial has ever logged: a later, worse value does not take it back."""
    if not values:
        return None
    return max(values) if spec.objective.goal == "maximize" else min(values)


def best_child(
    spec: SweepJob, children: Mapping[str, Job], reports: Mapping[str, Sequence[float]]
) -> str:
    """The trial with the best value, the earlier of two; none that has failed."""
    sign = 1 if spec.objective.goal == "maximize" else -1
    found = [
        (sign * value, -number_of(name), name)
        for name, job in children.items()
        if job.status != "Failed" and (value := best_value(spec, reports.get(name, ()))) is not None
    ]
    return max(found)[2] if found else ""


def _is_ending(job: Job) -> bool:
    return job.status in JOB.final or job.status == "CancelRequested"


def _is_hopeless(view: View) -> bool:
    """Trials cannot be made, or the first of them have all failed."""
    if view.refused or any(job.status_reason == GIVEN_UP for job in view.children.values()):
        return True
    ended = [job.status for job in view.children.values() if job.status in JOB.final]
    first = min(_FIRST, sampling.size(_spec(view)))
    return len(ended) >= first and set(ended) == {"Failed"}


def _missing(view: View) -> Iterator[str]:
    """Names of the trials that may be made now."""
    spec = _spec(view)
    total = sampling.size(spec)
    free = (spec.limits.max_concurrent_trials or total) - len(view.living)
    names = (f"{view.job.name}_{number}" for number in range(total))
    for name in names:
        if free <= 0:
            return
        if name not in view.children:
            free -= 1
            yield name


def _ended_early(view: View) -> list[Action]:
    spec = _spec(view)
    if spec.early_termination is None:
        return []
    running = [job.name for job in view.living if not _is_ending(job)]
    found = early.ended_early(spec.early_termination, spec.objective, view.reports, running)
    return [Cancel(name, EARLY, words) for name, words in found.items()]


def _past(view: View, job: Job) -> sampling.Past:
    assert isinstance(job.spec, CommandJob)
    ended = None
    if job.status in JOB.final:
        ended = "failed" if job.status == "Failed" else "completed"
    metric = best_value(_spec(view), view.reports.get(job.name, ()))
    return sampling.Past(job.spec.parameters, metric, ended)


def _shown(view: View) -> tuple[Show, str]:
    total = sampling.size(_spec(view))
    ended = sum(job.status in JOB.final for job in view.children.values())
    best = best_child(_spec(view), view.children, view.reports)
    return Show(round(ended / total, 4), f"{ended} of {total} trials", best), best


def trials(view: View) -> TrialList:
    """What people see of a sweep."""
    spec = _spec(view)
    best = best_child(spec, view.children, view.reports)
    rows = [_trial(view, job, best) for job in view.children.values()]
    return TrialList(
        value=sorted(rows, key=lambda trial: trial.number),
        primary_metric=spec.objective.primary_metric,
        goal=spec.objective.goal,
        total=sampling.size(spec),
        best=best,
    )


def _trial(view: View, job: Job, best: str) -> Trial:
    reports = view.reports.get(job.name, ())
    why = job.error.message if job.error is not None else ""
    is_early = job.status_reason == EARLY
    return Trial(
        number=number_of(job.name),
        job=job.name,
        status=job.status,
        status_reason=job.status_reason,
        parameters=job.spec.parameters if isinstance(job.spec, CommandJob) else {},
        metric=best_value(_spec(view), reports),
        reports=len(reports),
        best=job.name == best,
        terminated=(why or _BY_POLICY) if is_early else "",
        cause=why if job.status == "Failed" else "",
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
    )


# -- ending -------------------------------------------------------------------------------


def _end(view: View, best: str) -> End:
    """As Azure: completed when a trial has, whatever became of the others."""
    spec = _spec(view)
    name = view.job.name
    found = view.children.get(best)
    outputs = found.outputs if found is not None else {}
    jobs = view.children.values()
    is_good = any(job.status == "Completed" or job.status_reason == EARLY for job in jobs)
    if is_good and not view.refused:
        return End("Completed", outputs=outputs, best=best)
    if {job.status for job in jobs} == {"Canceled"} and not _is_hopeless(view):
        return End("Canceled", "Canceled")
    return End("Failed", "TrialsFailed", _why(view, spec, name), outputs=outputs)


def _why(view: View, spec: SweepJob, name: str) -> ErrorBody:
    for child, error in view.refused.items():
        return ErrorBody(
            code=error.code,
            message=f"Trial {number_of(child)} could not be made: {error.message}",
            target=error.target or name,
            hint=error.hint,
            details=error.details,
        )
    failed = [job for job in view.children.values() if job.status == "Failed"]
    total = sampling.size(spec)
    rest = (
        "" if len(view.children) == total else f"; the other {total - len(failed)} were not tried"
    )
    first = failed[0] if failed else None
    because = f" The first: {first.error.message}" if first and first.error else ""
    return ErrorBody(
        code="JobFailed",
        message=f"{len(failed)} trials failed and none completed{rest}.{because}",
        target=name,
        hint=f"Read the output of one with `jupyter aml job stream {first.name}`." if first else "",
        details=first.error.details if first and first.error else [],
    )
