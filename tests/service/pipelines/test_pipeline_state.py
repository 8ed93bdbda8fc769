"""What becomes of the steps of a pipeline: any graph, any failures."""

from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_aml.model.component import (
    CommandComponent,
    ComponentInput,
    ComponentOutput,
    ConditionStep,
    JobStep,
    Step,
)
from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.job import Job, JobSpec, PipelineJob
from jupyter_aml.model.pipeline import PipelineSettings
from jupyter_aml.service.backends.local.parents.pipelines import Pipelines
from jupyter_aml.service.backends.local.parents.planning import (
    Cancel,
    Create,
    End,
    Show,
    View,
)
from jupyter_aml.service.pipelines import graph, state

NAME = "p"


class _NoReuse:
    def of(self, spec: JobSpec) -> JobSpec:
        return spec

    def keep(self, job: Job) -> None:
        raise AssertionError(f"nothing was to be kept of {job.name}")


def kind() -> Pipelines:
    return Pipelines(lambda text: (_ for _ in ()).throw(KeyError(text)), "boot.py", _NoReuse())  # type: ignore[arg-type]


def step(*needs: str, optional: bool = False, **fields: object) -> JobStep:
    """Reads one output of each step that it needs."""
    component = CommandComponent(
        command="x",
        inputs={f"from_{n}": ComponentInput(type="uri_folder", optional=optional) for n in needs},
        outputs={"out": ComponentOutput(), "ok": ComponentOutput(type="boolean")},
    )
    inputs = {f"from_{name}": f"${{{{parent.jobs.{name}.outputs.out}}}}" for name in needs}
    return JobStep(component=component, inputs=inputs, **fields)  # type: ignore[arg-type]


def view_of(jobs: dict[str, Step], *, go_on: bool = False) -> View:
    spec = PipelineJob(jobs=jobs, settings=PipelineSettings(continue_on_step_failure=go_on))
    return View(job=Job(name=NAME, spec=spec, status="Running", created_at="now"))


def with_child(view: View, name: str, status: str, **outputs: str) -> View:
    job = kind().spec_of(view, Create(name))
    child = Job(name=name, spec=job, status=status, created_at="now", outputs=outputs)
    return dataclasses.replace(view, children={**view.children, name: child})


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Step]:
    """Steps that need any of those before them, told in any order."""
    names = [f"s{number}" for number in range(draw(st.integers(1, 7)))]
    jobs: dict[str, Step] = {}
    for place, name in enumerate(names):
        needs = draw(
            st.lists(st.sampled_from(names[:place]), unique=True) if place else st.just([])
        )
        jobs[name] = step(*needs, optional=draw(st.booleans()))
    if len(names) > 2 and draw(st.booleans()):
        free = [n for n in names[1:] if not _is_needed_by_first(jobs, n)]
        chosen = draw(st.lists(st.sampled_from(free), unique=True, min_size=1)) if free else []
        if chosen:
            jobs["c"] = ConditionStep(condition=draw(st.booleans()), true_block=chosen)
    order = draw(st.permutations(list(jobs)))
    return {name: jobs[name] for name in order}


def _is_needed_by_first(jobs: dict[str, Step], name: str) -> bool:
    first = jobs["s0"]
    return isinstance(first, JobStep) and f"from_{name}" in first.inputs


@settings(max_examples=150, deadline=None)
@given(graphs(), st.booleans(), st.data())
def test_any_graph_with_any_failures_ends_and_runs_no_step_twice(
    jobs: dict[str, Step], go_on: bool, data: st.DataObject
) -> None:
    view, planner = view_of(jobs, go_on=go_on), kind()
    needs = graph.graph(jobs).needs
    made: list[str] = []
    failed: list[str] = []
    completed: list[str] = []
    for _ in range(4 * len(jobs) + 4):
        actions = planner.plan(view)
        ends = [one for one in actions if isinstance(one, End)]
        if ends:
            assert not view.living
            assert (ends[0].status == "Completed") == (not failed)
            over = state.states(state.Seen(view.job, view.children, {}), str)
            assert go_on is False or all(one.is_over for one in over.values())
            return
        for action in actions:
            if isinstance(action, Create):
                name = action.name.removeprefix(f"{NAME}-")
                assert name not in made, "a step was made twice"
                assert not (failed and not go_on), "a step was made after a failure"
                for need in needs[name]:
                    never = need not in made and _is_optional(jobs[name])
                    is_met = need == "c" or need in completed or never
                    assert is_met, "a step was made before what it needs"
                made.append(name)
                view = with_child(view, action.name, "Running")
            elif isinstance(action, Cancel):
                view = _ended(view, action.name, "Canceled")
        if view.living and not any(isinstance(one, Cancel) for one in actions):
            child = data.draw(st.sampled_from([job.name for job in view.living]))
            status = data.draw(st.sampled_from(["Completed", "Completed", "Failed"]))
            (failed if status == "Failed" else completed).append(child.removeprefix(f"{NAME}-"))
            view = _ended(view, child, status)
    raise AssertionError("the pipeline did not end")


def _is_optional(step: Step) -> bool:
    assert isinstance(step, JobStep)
    assert isinstance(step.component, CommandComponent)
    return all(port.optional for port in step.component.inputs.values())


def _ended(view: View, name: str, status: str) -> View:
    return with_child(view, name, status, out=f"/out/{name}", ok=f"/ok/{name}")


def test_steps_that_need_nothing_start_together() -> None:
    actions = kind().plan(view_of({"a": step(), "b": step(), "c": step("a", "b")}))
    assert [one.name for one in actions if isinstance(one, Create)] == ["p-a", "p-b"]


def test_a_step_gets_the_folder_that_the_one_before_left() -> None:
    view = _ended(view_of({"a": step(), "b": step("a")}), "p-a", "Completed")
    spec = kind().spec_of(view, Create("p-b"))
    assert spec.inputs["from_a"].path == "/out/p-a"  # type: ignore[union-attr]


def test_the_first_failure_ends_what_runs() -> None:
    view = view_of({"a": step(), "b": step(), "c": step("b")})
    view = _ended(with_child(view, "p-b", "Running"), "p-a", "Failed")
    show, cancel = kind().plan(view)
    assert isinstance(show, Show)
    assert cancel == Cancel("p-b")


def test_a_step_that_needs_a_failed_one_is_skipped_and_says_why() -> None:
    view = _ended(view_of({"a": step(), "b": step("a"), "c": step()}, go_on=True), "p-a", "Failed")
    found = state.states(state.Seen(view.job, view.children, {}), str)
    assert found["b"].phase == "skipped"
    assert found["b"].reason == "its input from_a comes from a, which failed"
    assert found["c"].phase == "ready"


def test_an_optional_input_of_a_step_that_was_not_run_is_left_out() -> None:
    jobs: dict[str, Step] = {
        "c": ConditionStep(condition=False, true_block=["a"]),
        "a": step(),
        "b": step("a", optional=True),
    }
    view = view_of(jobs)
    assert [one.name for one in kind().plan(view) if isinstance(one, Create)] == ["p-b"]
    assert kind().spec_of(view, Create("p-b")).inputs == {}  # type: ignore[union-attr]


def test_a_condition_reads_what_the_step_wrote() -> None:
    jobs: dict[str, Step] = {
        "a": step(),
        "c": ConditionStep(
            condition="${{parent.jobs.a.outputs.ok}}", true_block=["t"], false_block=["f"]
        ),
        "t": step(),
        "f": step(),
    }
    view = _ended(view_of(jobs), "p-a", "Completed")
    seen = state.Seen(view.job, view.children, {})
    found = state.states(seen, {"/ok/p-a": "True\n"}.__getitem__)
    assert (found["c"].value, found["t"].phase, found["f"].phase) == (True, "ready", "skipped")
    assert found["f"].reason == "c was true"
    odd = state.states(seen, {"/ok/p-a": "maybe"}.__getitem__)
    assert odd["c"].phase == "failed"
    assert odd["c"].reason == "a.ok is 'maybe', no boolean"
    assert odd["t"].phase == "skipped"


def test_a_step_that_was_refused_fails_the_pipeline_in_its_words() -> None:
    view = view_of({"a": step()})
    refused = ErrorBody(code="NotFound", message="There is no compute.", target="compute")
    view = dataclasses.replace(view, refused={"p-a": refused})
    _, end = kind().plan(view)
    assert isinstance(end, End)
    assert end.error is not None
    assert (end.status, end.error.code, end.error.target) == ("Failed", "NotFound", "jobs.a")
    assert "There is no compute." in end.error.message
