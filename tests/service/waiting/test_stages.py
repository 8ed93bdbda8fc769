"""A start is cut where its stages begin."""

from __future__ import annotations

import pytest

from jupyter_aml.service.waiting.stages import Moments, Span, situation, spans

AT_ONCE = Moments(queued=10.0, taken=10.0, sent=10.001, running=10.01)
COLD = Moments(
    queued=10.0,
    node_asked=10.0,
    node_up=14.0,
    taken=14.0,
    entered=(("snapshot", 14.0), ("environment", 14.5)),
    sent=20.0,
    running=20.3,
)


def test_a_job_that_starts_at_once_has_a_process_to_start_and_nothing_else() -> None:
    assert spans(AT_ONCE) == [Span("process", 10.001, 10.01)]
    assert situation(spans(AT_ONCE), 0) == "ready"


def test_a_cold_start_goes_through_everything() -> None:
    assert spans(COLD) == [
        Span("node", 10.0, 14.0),
        Span("snapshot", 14.0, 14.5),
        Span("environment", 14.5, 20.0),
        Span("process", 20.0, 20.3),
    ]
    assert situation(spans(COLD), 0) == "cold"


def test_a_node_that_is_asked_for_later_is_waited_for_from_then_on() -> None:
    seen = Moments(queued=1.0, node_asked=5.0, node_up=9.0, taken=9.0, sent=9.0, running=9.1)
    assert [(span.name, span.start) for span in spans(seen)][:2] == [("queued", 1.0), ("node", 5.0)]


def test_the_moment_until_a_node_is_asked_for_is_no_wait_in_line() -> None:
    seen = Moments(queued=1.0, node_asked=1.003, node_up=4.0, taken=4.0, sent=4.0, running=4.1)
    assert spans(seen)[0] == Span("node", 1.0, 4.0)


def test_a_node_that_was_on_its_way_already_is_waited_for_from_the_beginning() -> None:
    seen = Moments(queued=5.0, node_asked=3.0, node_up=9.0, taken=9.0, sent=9.0, running=9.1)
    assert spans(seen)[0] == Span("node", 5.0, 9.0)


def test_another_job_that_takes_the_node_first_sends_this_one_back_into_line() -> None:
    seen = Moments(queued=1.0, node_asked=1.0, node_up=4.0, taken=30.0, sent=30.0, running=30.1)
    assert spans(seen)[:2] == [Span("node", 1.0, 4.0), Span("queued", 4.0, 30.0)]


@pytest.mark.parametrize(
    ("seen", "current"),
    [
        (Moments(queued=1.0), "queued"),
        (Moments(queued=1.0, node_asked=1.0), "node"),
        (Moments(queued=1.0, taken=2.0, entered=(("snapshot", 2.0),)), "snapshot"),
        (Moments(queued=1.0, taken=2.0, sent=2.0), "process"),
    ],
)
def test_the_last_stage_is_open_while_the_job_waits(seen: Moments, current: str) -> None:
    assert spans(seen)[-1].name == current
    assert spans(seen)[-1].end is None
    assert spans(seen)[-1].seconds(now=7.0) > 0


def test_a_job_whose_nodes_are_its_own_has_no_next_stage_until_it_is_entered() -> None:
    """Between the two it may be asked: its build is looked for a turn of the loop later."""
    assert spans(Moments(queued=1.0, taken=2.0)) == [Span("queued", 1.0, 2.0)]


def test_a_wait_behind_others_is_a_busy_one() -> None:
    assert situation(spans(Moments(queued=1.0, taken=9.0, sent=9.0, running=9.1)), 0) == "busy"
