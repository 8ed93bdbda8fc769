"""What a person is told while they wait."""

from __future__ import annotations

from dataclasses import replace

from jupyter_aml.model.fix import Fix
from jupyter_aml.service.waiting.alternative import Offer, Wanted, alternative
from jupyter_aml.service.waiting.answer import Now, answer
from jupyter_aml.service.waiting.stages import Span
from jupyter_aml.service.waiting.usual import Usual

USUAL = {
    "node": Usual(3.0, 5.0, 30, 6.0),
    "process": Usual(0.1, 0.3, 30, 0.5),
    "start:cold": Usual(3.2, 5.4, 30, 6.5),
}
ELSEWHERE = Fix(label="Run on other", kind="edit", value="--compute other")
NOW = Now(
    job="a",
    monotonic=104.0,
    waiting=True,
    reason="starting a node",
    ahead=("process",),
    situation="cold",
)


def wall(moment: float) -> str:
    return f"at {moment:g}"


def test_each_stage_has_its_time_so_far_and_its_usual_one() -> None:
    told = answer(NOW, [Span("node", 100.0)], USUAL.get, wall, lambda: ELSEWHERE)
    node, process = told.stages
    assert (node.name, node.state, node.started_at, node.seconds) == (
        "node",
        "current",
        "at 100",
        4,
    )
    assert (node.usual_low, node.usual_high, node.count) == (3, 5, 30)
    assert node.reason == "starting a node"
    assert (process.state, process.seconds, process.usual_high) == ("ahead", 0, 0.3)
    assert (told.usual_low, told.usual_high, told.slow_after) == (3.2, 5.4, 6.5)


def test_as_long_as_it_is_not_slow_nothing_is_proposed() -> None:
    told = answer(NOW, [Span("node", 100.0)], USUAL.get, wall, lambda: ELSEWHERE)
    assert (told.slower, told.likely, told.alternative) == (False, "", None)


def test_slower_than_nineteen_of_twenty_says_so_with_a_reason_and_a_way_out() -> None:
    later = replace(NOW, monotonic=107.0)
    told = answer(later, [Span("node", 100.0)], USUAL.get, wall, lambda: ELSEWHERE)
    assert told.slower
    assert told.stages[0].slower
    assert "busy" in told.likely
    assert told.alternative == ELSEWHERE


def test_a_known_reason_beats_a_likely_one() -> None:
    queue = replace(NOW, monotonic=200.0, reason="2nd in line; all nodes are busy")
    told = answer(queue, [Span("queued", 100.0)], USUAL.get, wall, lambda: None)
    assert told.slower  # as a whole: nothing is known of this stage alone
    assert told.likely == "2nd in line; all nodes are busy"


def test_without_past_starts_nothing_is_usual_and_nothing_is_slow() -> None:
    later = replace(NOW, monotonic=10_000.0)
    told = answer(later, [Span("node", 100.0)], lambda _: None, wall, lambda: ELSEWHERE)
    assert told.stages[0].usual_low is None
    assert not told.slower


def test_a_job_that_ran_long_is_no_slow_start() -> None:
    ran = replace(NOW, waiting=False, monotonic=9999.0, ahead=())
    parts = [Span("process", 100.0, 100.2), Span("running", 100.2)]
    told = answer(ran, parts, USUAL.get, wall, lambda: ELSEWHERE)
    assert told.seconds == 0.2
    assert not told.slower
    assert [stage.state for stage in told.stages] == ["done", "current"]


def test_a_stage_that_comes_twice_is_told_once_with_both_times() -> None:
    parts = [Span("queued", 90.0, 92.0), Span("node", 92.0, 95.0), Span("queued", 95.0)]
    told = answer(NOW, parts, USUAL.get, wall, lambda: None)
    assert [stage.name for stage in told.stages] == ["queued", "node", "process"]
    assert told.stages[0].seconds == 2 + 9


WANTED = Wanted(compute="mine", nodes=1, cores=4, memory_gb=16)


def offer(name: str, cores: float = 4, memory_gb: float = 16, **more: object) -> Offer:
    return Offer(name, cores, memory_gb, **{"free_nodes": 1, **more})  # type: ignore[arg-type]


def chosen(*offers: Offer, wanted: Wanted = WANTED) -> str:
    found = alternative(wanted, offers)
    return found.value.removeprefix("--compute ") if found else ""


def test_the_cheapest_of_those_that_are_large_enough_is_proposed() -> None:
    dear, cheap = offer("dear", price_per_hour=2.0), offer("cheap", price_per_hour=0.3)
    assert chosen(dear, cheap, offer("free-but-small", cores=1, memory_gb=2)) == "cheap"


def test_a_smaller_one_is_better_than_none_and_is_said_to_be_smaller() -> None:
    small = offer("small", cores=2, memory_gb=8)
    assert chosen(small) == "small"
    found = alternative(WANTED, [small])
    assert found is not None
    assert found.label == "Run on small, a node is free: 2 cores, 8 GB (smaller)"


def test_what_cannot_take_it_now_is_not_proposed() -> None:
    assert chosen(offer("mine")) == ""
    assert chosen(offer("busy", free_nodes=0)) == ""
    assert chosen(offer("stopped", takes_work=False)) == ""
    assert chosen(offer("one"), wanted=replace(WANTED, nodes=2)) == ""
    assert chosen(offer("no-gpu"), wanted=replace(WANTED, gpus=1)) == ""


def test_a_dedicated_one_comes_before_one_that_may_be_taken_back() -> None:
    spot = offer("spot", price_per_hour=0.1, low_priority=True)
    assert chosen(spot, offer("dedicated", price_per_hour=0.4)) == "dedicated"
    found = alternative(WANTED, [spot])
    assert found is not None
    assert "low priority" in found.label
    assert found.price_per_hour == 0.1


def test_a_session_stays_where_its_state_is() -> None:
    assert chosen(offer("other"), wanted=replace(WANTED, session="work")) == ""
