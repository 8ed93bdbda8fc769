"""What a sweep does next, without anything that runs."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as some

from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.job import CommandJob, Job
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.model.spec import Output
from jupyter_aml.model.sweep import (
    BanditPolicy,
    Choice,
    GridSampling,
    Objective,
    SweepJob,
    SweepLimits,
)
from jupyter_aml.service.backends.local.jobs.outcome import EARLY, GIVEN_UP
from jupyter_aml.service.backends.local.parents.planning import (
    Cancel,
    Create,
    End,
    Show,
    View,
    plan_end,
)
from jupyter_aml.service.backends.local.parents.sweeps import Sweeps, trial, trials

KIND = Sweeps()


def sweep(total: int = 6, at_once: int | None = 2, **more: object) -> Job:
    spec = SweepJob(
        command="train ${{search_space.x}}",
        search_space={"x": Choice(list(range(total)))},
        sampling=GridSampling(),
        objective=Objective(goal="maximize", primary_metric="score"),
        limits=SweepLimits(max_concurrent_trials=at_once),
        **more,  # type: ignore[arg-type]
    )
    return Job(name="s", spec=spec, status="Running", created_at="")


def child(number: int, status: str = "Running", reason: str = "", **more: object) -> Job:
    return Job(
        name=f"s_{number}",
        spec=CommandJob(command="x", parent="s", parameters={"x": number}),
        status=status,
        status_reason=reason,
        created_at="",
        **more,  # type: ignore[arg-type]
    )


def view(job: Job, *children: Job, **more: object) -> View:
    return View(job, {one.name: one for one in children}, **more)  # type: ignore[arg-type]


def made(actions: list[object]) -> list[str]:
    return [one.name for one in actions if isinstance(one, Create)]


def end(actions: list[object]) -> End | None:
    return next((one for one in actions if isinstance(one, End)), None)


def test_as_many_trials_as_may_run_at_once_and_no_more() -> None:
    assert made(KIND.plan(view(sweep()))) == ["s_0", "s_1"]
    assert made(KIND.plan(view(sweep(), child(0), child(1)))) == []
    assert made(KIND.plan(view(sweep(), child(0, "Completed"), child(1)))) == ["s_2"]
    assert made(KIND.plan(view(sweep(at_once=None)))) == [f"s_{n}" for n in range(6)]


def test_a_number_that_was_lost_is_made_up_for() -> None:
    """Killed between two of the trials that were made together."""
    assert made(KIND.plan(view(sweep(at_once=3), child(0), child(2)))) == ["s_1"]


def test_it_ends_with_the_best_trials_outputs() -> None:
    one = child(0, "Completed", outputs={"model": "/0"})
    other = child(1, "Completed", outputs={"model": "/1"})
    reports = {"s_0": (0.5, 0.9, 0.1), "s_1": (0.8,)}
    actions = KIND.plan(view(sweep(total=2), one, other, reports=reports))
    assert end(actions) == End("Completed", outputs={"model": "/0"}, best="s_0")
    assert Show(1.0, "2 of 2 trials", "s_0") in actions


def test_a_failed_trial_is_not_the_best_and_does_not_end_it() -> None:
    children = [child(0, "Failed"), child(1, "Completed"), child(2, "Failed")]
    reports = {"s_0": (99.0,), "s_1": (0.1,)}
    actions = KIND.plan(view(sweep(), *children, reports=reports))
    assert made(actions) == ["s_3", "s_4"]
    found = trials(view(sweep(), *children, reports=reports))
    assert found.best == "s_1"


def test_it_gives_up_when_the_first_trials_fail() -> None:
    error = ErrorBody(code="JobFailed", message="No module named x.")
    failed = [child(n, "Failed", error=error) for n in range(3)]
    actions = KIND.plan(view(sweep(), *failed, child(3)))
    assert made(actions) == []
    assert Cancel("s_3", GIVEN_UP) in actions
    # the same after the trial was ended, though not every one that ended has failed now
    ended = end(KIND.plan(view(sweep(), *failed, child(3, "Canceled", GIVEN_UP))))
    assert ended is not None
    assert ended.status == "Failed"
    assert ended.error is not None
    assert "3 trials failed and none completed" in ended.error.message
    assert "No module named x." in ended.error.message


def test_a_trial_that_is_refused_ends_it_with_the_reason() -> None:
    refused = {"s_2": ErrorBody(code="NotFound", message="The compute is gone.")}
    actions = KIND.plan(view(sweep(), child(0, "Completed"), child(1), refused=refused))
    assert Cancel("s_1", GIVEN_UP) in actions
    ended = end(KIND.plan(view(sweep(), child(0, "Completed"), refused=refused)))
    assert ended is not None
    assert ended.status == "Failed"
    assert "Trial 2 could not be made: The compute is gone." in str(ended.error)


def test_the_policy_ends_trials_once_and_they_count_as_tried() -> None:
    job = sweep(early_termination=BanditPolicy(slack_amount=0.1))
    reports = {"s_0": (0.9,), "s_1": (0.1,)}
    actions = KIND.plan(view(job, child(0), child(1), reports=reports))
    (cancel,) = [one for one in actions if isinstance(one, Cancel)]
    assert (cancel.name, cancel.reason) == ("s_1", EARLY)
    assert "below the best trial" in cancel.words
    waiting = KIND.plan(view(job, child(0), child(1, "CancelRequested", EARLY), reports=reports))
    assert not [one for one in waiting if isinstance(one, Cancel)]
    after = KIND.plan(view(job, child(0), child(1, "Canceled", EARLY), reports=reports))
    assert made(after) == ["s_2"]


def test_trials_canceled_by_hand_leave_the_others() -> None:
    children = [child(n, "Canceled", "Canceled") for n in range(6)]
    assert end(KIND.plan(view(sweep(), *children))) == End("Canceled", "Canceled")
    mixed = [child(0, "Completed"), *children[1:]]
    assert end(KIND.plan(view(sweep(), *mixed))) == End("Completed")


def test_the_end_of_the_whole_waits_for_the_end_of_its_parts() -> None:
    job = sweep()
    assert plan_end(view(job, child(0), child(1, "CancelRequested")), "Canceled") == [Cancel("s_0")]
    assert plan_end(view(job, child(0, "CancelRequested")), "Canceled") == []
    assert plan_end(view(job, child(0, "Canceled")), "Canceled") == [End("Canceled", "Canceled")]


def test_outputs_of_trials_do_not_meet() -> None:
    output = Output(path="/shared/out", name="model", version="3")
    spec = sweep(outputs={"a": output, "b": Output(path="/x/${{name}}/y"), "c": Output()}).spec
    assert isinstance(spec, SweepJob)
    made_of = trial(spec, 0, {"x": 1}).outputs
    assert made_of["a"] == Output(path="/shared/out/${{name}}")
    assert made_of["b"].path == "/x/${{name}}/y"
    assert made_of["c"].path == ""


@settings(max_examples=60, deadline=None)
@given(some.data(), some.integers(1, 7), some.integers(1, 4))
def test_whatever_happens_every_trial_is_made_once_and_the_sweep_ends(
    data: some.DataObject, total: int, at_once: int
) -> None:
    """Trials end in any order and in any way; the service may be killed between any two steps."""
    job = sweep(total, at_once)
    children: dict[str, Job] = {}
    for turn in range(20 * total):
        actions = KIND.plan(View(job, dict(children)))
        if (ended := end(actions)) is not None:
            assert all(one.status in JOB.final for one in children.values())
            completed = any(one.status == "Completed" for one in children.values())
            assert (ended.status == "Completed") == completed
            return
        names = made(actions)
        least = 0 if turn < 10 * total else len(names)
        kept = names[: data.draw(some.integers(least, len(names)), "made before it was killed")]
        for name in kept:
            assert name not in children
            children[name] = msgspec.structs.replace(child(0), name=name)
        for action in actions:
            if isinstance(action, Cancel) and kept == names:
                gone = children[action.name]
                children[action.name] = msgspec.structs.replace(
                    gone, status="Canceled", status_reason=action.reason
                )
        living = [name for name, one in children.items() if one.status == "Running"]
        assert len(living) <= at_once
        if living:
            name = data.draw(some.sampled_from(living), "ends")
            status = data.draw(some.sampled_from(["Completed", "Failed", "Canceled"]), "as")
            children[name] = msgspec.structs.replace(children[name], status=status)
    raise AssertionError("it went on for ever")
