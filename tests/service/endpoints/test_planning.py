"""How many instances: what every plan keeps to, and the answers to single situations."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from jupyter_aml.service.endpoints.planning import (
    PATIENCE,
    SLOWEST_SECONDS,
    TRIES,
    Drain,
    InstanceView,
    Start,
    View,
    after_end,
    pause,
    plan,
    wanted,
)


@st.composite
def views(draw: st.DrawFn) -> View:
    count = draw(st.integers(0, 8))
    instances = [
        InstanceView(
            f"i{n}",
            draw(st.sampled_from(["Starting", "Ready", "Draining"])),
            draw(st.booleans()),
            draw(st.integers(0, 5)),
        )
        for n in range(count)
    ]
    least = draw(st.integers(0, 4))
    return View(
        instances=instances,
        min_instances=least,
        max_instances=draw(st.integers(max(1, least), 6)),
        capacity=draw(st.floats(0.1, 10)),
        demand=draw(st.floats(0, 50)),
        peak=draw(st.floats(0, 50)),
        proven=draw(st.booleans()),
        asleep=draw(st.booleans()),
        may_start=draw(st.booleans()),
    )


def performed(view: View) -> View:
    """The view after its plan was carried out: what starts is starting, what drains drains."""
    actions = plan(view)
    drained = {action.name for action in actions if isinstance(action, Drain)}
    instances = [
        dataclasses.replace(one, state="Draining") if one.name in drained else one
        for one in view.instances
    ]
    started = sum(action.count for action in actions if isinstance(action, Start))
    instances += [InstanceView(f"new{n}", "Starting") for n in range(started)]
    return dataclasses.replace(view, instances=instances)


@given(views())
def test_planning_again_after_doing_it_gives_nothing_new(view: View) -> None:
    assert plan(performed(view)) == []


@given(views())
def test_there_are_never_more_than_asked_for_nor_fewer_than_kept(view: View) -> None:
    want = wanted(view)
    assert want <= view.max_instances
    assert want >= (0 if view.asleep else view.min_instances)
    after = performed(view)
    staying = [i for i in after.instances if i.current and i.state != "Draining"]
    assert len(staying) == want or (len(staying) < want and not view.may_start)


@given(views())
def test_what_answers_is_let_go_only_when_enough_others_answer(view: View) -> None:
    before = sum(i.state == "Ready" for i in view.instances)
    after = sum(i.state == "Ready" for i in performed(view).instances)
    assert after >= min(before, wanted(view))


@given(views())
def test_a_start_happens_only_where_it_may(view: View) -> None:
    assert view.may_start or not any(isinstance(action, Start) for action in plan(view))


def ready(count: int, **fields: object) -> list[InstanceView]:
    return [InstanceView(f"i{n}", "Ready", **fields) for n in range(count)]  # type: ignore[arg-type]


def test_requests_in_flight_bring_instances_up_to_the_most() -> None:
    view = View(ready(1), min_instances=1, max_instances=3, capacity=0.7, demand=1.3)
    assert plan(view) == [Start(1)]
    assert plan(dataclasses.replace(view, demand=30)) == [Start(2)]


def test_the_quiet_ones_go_when_the_load_was_low_for_long_enough() -> None:
    instances = [InstanceView("busy", in_flight=2), InstanceView("idle")]
    view = View(instances, min_instances=1, max_instances=3, demand=0, peak=1.4)
    assert plan(view) == []
    assert plan(dataclasses.replace(view, peak=0.5)) == [Drain("idle")]


def test_without_a_least_number_it_sleeps_and_wakes() -> None:
    asleep = View((), min_instances=0, max_instances=2)
    assert plan(asleep) == []
    assert plan(dataclasses.replace(asleep, demand=1)) == [Start(2)]
    assert plan(View(ready(1), min_instances=0)) == [Drain("i0")]


def test_a_new_generation_is_tried_even_where_nobody_calls() -> None:
    assert plan(View((), min_instances=0, proven=False)) == [Start(1)]


def test_old_instances_stay_until_new_ones_answer() -> None:
    old = ready(2, current=False)
    view = View(old, min_instances=2, max_instances=2)
    assert plan(view) == [Start(2)]
    coming = [InstanceView("n0", "Starting"), InstanceView("n1", "Starting")]
    assert plan(dataclasses.replace(view, instances=[*old, *coming])) == []
    half = [InstanceView("n0", "Ready"), InstanceView("n1", "Starting")]
    assert plan(dataclasses.replace(view, instances=[*old, *half])) == [Drain("i0")]
    done = [InstanceView("n0"), InstanceView("n1")]
    assert plan(dataclasses.replace(view, instances=[*old, *done])) == [Drain("i0"), Drain("i1")]


def test_an_old_one_that_never_answered_is_no_loss() -> None:
    view = View([InstanceView("old", "Starting", current=False)])
    assert plan(view) == [Start(1), Drain("old")]


def test_pauses_grow_and_end_at_the_longest() -> None:
    pauses = [pause(n) for n in range(12)]
    assert pauses[0] == 0
    assert pauses == sorted(pauses)
    assert pauses[-1] == SLOWEST_SECONDS
    assert pause(60) == SLOWEST_SECONDS


def test_a_script_that_says_why_is_not_tried_again() -> None:
    verdict = after_end(proven=False, said_why=True, failures=1, answering=0)
    assert verdict.failed
    assert not verdict.again


def test_a_process_that_dies_silently_is_tried_a_few_times() -> None:
    for failures in range(1, TRIES):
        assert after_end(proven=False, said_why=False, failures=failures, answering=0).again
    last = after_end(proven=False, said_why=False, failures=TRIES, answering=0)
    assert last.failed
    assert not last.again


def test_what_once_answered_is_tried_for_ever_and_failed_only_while_nothing_does() -> None:
    assert not after_end(proven=True, said_why=True, failures=1, answering=0).failed
    late = after_end(proven=True, said_why=True, failures=PATIENCE, answering=0)
    assert late.failed
    assert late.again
    assert not after_end(proven=True, said_why=True, failures=PATIENCE, answering=1).failed
