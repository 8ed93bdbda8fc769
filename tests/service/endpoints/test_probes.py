"""What the answers to a probe mean."""

from __future__ import annotations

from jupyter_aml.model.endpoint import Probe
from jupyter_aml.service.endpoints import probes


def test_nothing_is_asked_in_the_initial_delay_and_then_every_period() -> None:
    found = probes.readiness(Probe(initial_delay=10, period=3), began=100)
    assert found.due == 110
    found.take(110.5, answered=False)
    assert found.due == 113.5


def test_one_is_ready_after_so_many_answers_in_a_row() -> None:
    found = probes.readiness(Probe(success_threshold=3), began=0)
    turned = [found.take(0, answered=said) for said in (True, True, False, True, True, True)]
    assert turned == [False, False, False, False, False, True]
    assert found.is_good


def test_so_many_failures_in_a_row_speak_against_one() -> None:
    found = probes.liveness(Probe(failure_threshold=2), began=0)
    turned = [found.take(0, answered=said) for said in (False, True, False, False)]
    assert turned == [False, False, False, True]
    assert not found.is_good


def test_after_a_failure_less_than_the_threshold_of_answers_forgives_nothing() -> None:
    found = probes.liveness(Probe(success_threshold=2, failure_threshold=3), began=0)
    for said in (False, True, False, True):
        assert not found.take(0, answered=said)
    assert found.take(0, answered=False), "the third failure, and no two answers between"
    calm = probes.liveness(Probe(success_threshold=2, failure_threshold=3), began=0)
    for said in (False, False, True, True, False, False):
        assert not calm.take(0, answered=said)


def test_the_first_answer_is_enough_unless_more_or_later_ones_are_asked_for() -> None:
    assert probes.is_first_answer_enough(Probe())
    assert not probes.is_first_answer_enough(Probe(success_threshold=2))
    assert not probes.is_first_answer_enough(Probe(initial_delay=1))
