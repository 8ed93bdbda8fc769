"""What a budget asks for: pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_aml.model.preferences import Preferences
from jupyter_aml.service.money import words
from jupyter_aml.service.money.budget import Kept, Level, Rules, look, rules_of
from jupyter_aml.service.money.hold import FREE, hold_for

RULES = Rules(per_day=20.0)


def level_after(*totals: float, rules: Rules = RULES) -> Level:
    kept = Kept()
    for total in totals:
        kept = look(kept, rules, "2026-11-21", total, 0.0, {})
    return kept.level


@pytest.mark.parametrize(
    ("totals", "level"),
    [
        ((15.99,), Level.FINE),
        ((16.0,), Level.WARNED),
        ((16.0, 19.0), Level.HOLDING),
        ((16.0, 19.0, 20.0), Level.STOPPING),
        ((30.0,), Level.WARNED),
        ((30.0, 30.0), Level.HOLDING),
        ((30.0, 30.0, 30.0), Level.STOPPING),
        ((20.0, 20.0, 20.0, 20.0), Level.STOPPING),
    ],
)
def test_one_level_at_a_time(totals: tuple[float, ...], level: Level) -> None:
    assert level_after(*totals) == level


@pytest.mark.parametrize(("action", "furthest"), [("warn", Level.WARNED), ("hold", Level.HOLDING)])
def test_it_goes_no_further_than_it_may(action: str, furthest: Level) -> None:
    assert level_after(99, 99, 99, 99, rules=Rules(per_day=20.0, action=action)) == furthest


def test_what_is_spent_until_the_next_look_counts() -> None:
    kept = look(Kept(), RULES, "2026-11-21", 15.0, 1.0, {})
    assert kept.level == Level.WARNED


def test_a_new_day_and_a_new_budget_begin_anew() -> None:
    kept = Kept(day="2026-11-21", rules=RULES, level=Level.STOPPING)
    assert look(kept, RULES, "2026-11-22", 0.0, 0.0, {}).level == Level.FINE
    more = Rules(per_day=100.0)
    assert look(kept, more, "2026-11-21", 20.0, 0.0, {}).level == Level.FINE
    assert look(kept, Rules(), "2026-11-21", 20.0, 0.0, {}).level == Level.FINE
    assert look(kept, RULES, "2026-11-21", 0.0, 0.0, {}).level == Level.STOPPING


def test_each_notebook_has_its_own_budget() -> None:
    rules = Rules(per_notebook=5.0)
    kept = Kept()
    for _ in range(3):
        kept = look(kept, rules, "d", 9.0, 0.0, {"a.ipynb": 6.0, "b.ipynb": 1.0})
    assert kept.level == Level.FINE
    assert kept.notebooks == {"a.ipynb": Level.STOPPING}
    hold = hold_for(kept)
    assert hold.reason("a.ipynb") == "the notebook's budget of $5.00 a day is used up"
    assert (hold.reason("b.ipynb"), hold.reason("")) == ("", "")
    assert (hold.stops("a.ipynb"), hold.stops("b.ipynb"), hold.stops("")) == (True, False, False)


def test_below_holding_nothing_is_held() -> None:
    assert hold_for(Kept()) == FREE
    warned = hold_for(Kept(rules=RULES, level=Level.WARNED))
    assert (warned.everything, warned.stops_any) == ("", False)
    assert warned.note == "to be stopped at $20.00, the budget of the day"


def test_everything_is_held_for_every_notebook() -> None:
    hold = hold_for(Kept(rules=RULES, level=Level.HOLDING))
    assert hold.reason("a.ipynb") == hold.reason("") != ""
    assert not hold.stops("a.ipynb")


def test_the_rules_come_from_the_preferences() -> None:
    assert rules_of(Preferences()) == Rules()
    assert not rules_of(Preferences()).any
    odd = rules_of(Preferences(budget_per_day=1.0, budget_warn_at=0.9, budget_hold_at=0.5))
    assert odd.warn_at <= odd.hold_at


@given(st.lists(st.floats(0, 100), max_size=30), st.sampled_from(["warn", "hold", "stop"]))
def test_levels_only_rise_within_a_day_and_by_one(totals: list[float], action: str) -> None:
    kept, rules = Kept(), Rules(per_day=20.0, action=action)
    for total in totals:
        following = look(kept, rules, "d", total, 0.0, {})
        assert 0 <= following.level - kept.level <= 1
        kept = following


@pytest.mark.parametrize(
    ("level", "rate", "says"),
    [
        (
            Level.FINE,
            1.0,
            "Warns at $16.00. No new paid work is taken from $19.00 on. "
            "At $20.00 what costs is stopped.",
        ),
        (
            Level.WARNED,
            6.0,
            "$17.00 of $20.00 would be spent today. No new paid work is taken from $19.00 on. "
            "At $20.00 what costs is stopped, in about 30 min at this rate.",
        ),
        (
            Level.HOLDING,
            0.0,
            "No new paid work is taken, queued work waits: $17.00 of $20.00 would be spent today. "
            "At $20.00 what costs is stopped.",
        ),
        (
            Level.STOPPING,
            0.0,
            "What costs was stopped: $17.00 of $20.00 would be spent today. "
            "The budget begins anew at midnight.",
        ),
    ],
)
def test_each_level_says_what_comes_next(level: Level, rate: float, says: str) -> None:
    assert words.message(level, RULES, 20.0, 17.0, rate, rehearsal=True) == says


def test_real_money_is_spent_not_would_be() -> None:
    assert "is spent" in words.message(Level.WARNED, RULES, 20.0, 17.0, 0, rehearsal=False)


def test_a_guard_that_only_warns_announces_no_more_than_that() -> None:
    text = words.message(
        Level.WARNED, Rules(per_day=20.0, action="warn"), 20, 17, 9, rehearsal=True
    )
    assert text == "$17.00 of $20.00 would be spent today."
