"""Steps of a rollout, its rule, and the traffic of a step."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_aml.model.endpoint import Rollout, RolloutRule, shares
from jupyter_aml.service.endpoints.counters import Counted, Window, quantile, window
from jupyter_aml.service.endpoints.rollouts import MIRROR_STEP, decide, first_step

NOTHING = Window()
NAMES = st.sampled_from(["blue", "green", "red", "gold"])


def rollout(step: int = 0, **rule: float) -> Rollout:
    return Rollout(
        deployment="green",
        state="Running",
        step=step,
        steps=[10, 50, 100],
        seconds_per_step=30.0,
        rule=RolloutRule(**rule),  # pyright: ignore[reportArgumentType] - numbers
        started_at="",
        step_started_at="",
    )


def test_a_step_lasts_its_time_and_the_last_one_is_the_end() -> None:
    fine = Window(requests=100)
    assert decide(rollout(), 29.9, fine, NOTHING).what == "stay"
    assert decide(rollout(), 30, fine, NOTHING).what == "next"
    assert decide(rollout(2), 30, fine, NOTHING).what == "done"


def test_a_step_of_copies_comes_first_and_is_held_against_the_same_rule() -> None:
    assert (first_step(0), first_step(10)) == (0, MIRROR_STEP)
    copied = rollout(first_step(10))
    assert decide(copied, 30, Window(requests=100), NOTHING).what == "next"
    assert decide(copied, 1, Window(requests=40, errors=6), NOTHING).what == "back"


def test_failures_take_it_back_and_both_numbers_are_said() -> None:
    found = decide(rollout(), 1, Window(requests=40, errors=6), NOTHING)
    assert found.what == "back"
    assert "6 of 40" in found.reason
    assert "5%" in found.reason


def test_few_requests_decide_nothing() -> None:
    assert decide(rollout(), 1, Window(requests=19, errors=19), NOTHING).what == "stay"


def test_a_slow_95th_percentile_takes_it_back() -> None:
    slow = Window(requests=100, p95=0.6)
    assert decide(rollout(max_p95_seconds=0.5), 1, slow, NOTHING).what == "back"
    assert decide(rollout(), 1, slow, NOTHING).what == "stay"


def test_one_that_is_slower_than_what_serves_goes_back_with_both_numbers() -> None:
    seen, twice = Window(requests=100, p95=0.21), rollout(max_p95_times=2)
    found = decide(twice, 1, seen, Window(requests=900, p95=0.1))
    assert found.what == "back"
    assert "210 ms, more than 2 times the 100 ms" in found.reason
    assert decide(twice, 1, seen, Window(requests=900, p95=0.106)).what == "stay"
    assert decide(twice, 1, seen, Window(requests=19, p95=0.1)).what == "stay", "too few to tell"
    assert decide(rollout(), 1, seen, Window(requests=900, p95=0.1)).what == "stay"


def test_a_deployment_that_cannot_answer_goes_back_at_once() -> None:
    found = decide(rollout(), 1, Window(), NOTHING, "no instance stays up")
    assert (found.what, found.reason) == ("back", "no instance stays up")


@given(st.dictionaries(NAMES, st.integers(0, 100), max_size=4), NAMES, st.integers(0, 100))
def test_traffic_sums_to_a_hundred_and_keeps_the_others_proportions(
    before: dict[str, int], name: str, percent: int
) -> None:
    found = shares(before, name, percent)
    assert sum(found.values()) == 100
    assert all(0 <= share <= 100 for share in found.values())
    others = {n: s for n, s in before.items() if n != name and s}
    assert found[name] == (percent if others else 100)
    total = sum(others.values())
    for other, share in others.items():
        assert abs(found[other] - share * (100 - percent) / total) < 1


def told(requests: int, latency: list[int], **fields: object) -> dict[str, object]:
    return {"requests": requests, "latency": latency, "statuses": {"200": requests}, **fields}


def test_counters_become_what_happened_in_between() -> None:
    counted = Counted()
    counted.take(100.0, told(10, [10, 0], busy_seconds=1.0))
    made = counted.take(
        101.0,
        told(
            30,
            [20, 10],
            busy_seconds=3.0,
            queued=2,
            in_flight=1,
            statuses={"200": 25, "424": 3, "429": 2},
        ),
    )
    assert (made.requests, made.errors, made.refused) == (20, 3, 2)
    assert made.buckets == (10, 10)
    assert made.load == 2.0 + 2
    assert made.seconds == 1.0


def test_a_router_that_was_started_again_begins_at_zero() -> None:
    counted = Counted()
    counted.take(100.0, told(1000, [1000]))
    assert counted.take(101.0, told(3, [3])).requests == 3


def test_a_window_counts_what_found_no_instance_as_failed() -> None:
    counted = Counted()
    counted.take(100.0, told(0, [0, 0]))
    counted.take(101.0, told(10, [4, 4], statuses={"200": 7, "424": 1, "503": 2}))
    seen = window(counted.since(100.5), [1.0, 2.0])
    assert (seen.requests, seen.errors) == (10, 3)


def test_quantiles_lie_in_the_bucket_that_holds_them() -> None:
    bounds = [1.0, 2.0, 4.0]
    assert quantile([0, 0, 0, 0], bounds, 0.5) is None
    assert quantile([10, 0, 0, 0], bounds, 0.5) == 0.0005
    found = quantile([1, 1, 98, 0], bounds, 0.95)
    assert found is not None
    assert 0.002 < found <= 0.004
    assert quantile([0, 0, 0, 5], bounds, 0.5) == 0.004
