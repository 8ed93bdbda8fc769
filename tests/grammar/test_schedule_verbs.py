"""``schedule``, and ``job trials``."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_aml.grammar import Result, complete
from jupyter_aml.grammar.views.schedule import when
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.schedule import RecurrencePattern, RecurrenceTrigger
from tests.grammar.fake_client import FakeClient
from tests.grammar.fake_surface import FakeSurface

Typed = Callable[[str], Result]


def test_a_schedule_from_its_making_to_its_end(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    assert "schedule create -f schedule.yml" in str(typed("schedule list"))
    made = str(typed("schedule create nightly --cron '0 2 * * *' --job job.yml -z Europe/Berlin"))
    assert "only while the service lives" in made
    assert "cron 0 2 * * *, Europe/Berlin" in made
    assert "Note: Azure ML ignores days" in surface.notes
    listed = str(typed("schedule list"))
    assert "nightly" in listed
    assert "Enabled" in listed
    assert "Disabled" in str(typed("schedule disable nightly"))
    assert "Enabled" in str(typed("schedule enable nightly"))
    assert "nightly-20261122T020000Z" in str(typed("schedule trigger nightly"))
    typed("schedule trigger nightly --time 2026-11-22T02:00:00Z")
    assert client.schedules.asked == [("nightly", ""), ("nightly", "2026-11-22T02:00:00Z")]
    assert complete("nig", "%aml schedule show nig", client=client) == ["nightly"]
    surface.answer = False
    typed("schedule delete nightly")
    assert "nightly" in client.schedules.all
    assert "The jobs that it made stay." in str(typed("schedule delete nightly --yes"))
    assert client.schedules.all == {}


def test_a_schedule_of_a_file(typed: Typed, client: FakeClient, surface: FakeSurface) -> None:
    typed("schedule create -f s.yml --set trigger.interval=2 --name other")
    assert surface.machine.read[-1] == ("s.yml", {"trigger.interval": 2, "name": "other"})
    assert list(client.schedules.all) == ["other"]
    with pytest.raises(Invalid, match="--cron and --file"):
        typed("schedule create -f s.yml --cron '0 6 * * *'")


@pytest.mark.parametrize("line", ["x --cron '0 6 * * *'", "x --job job.yml", "--job job.yml"])
def test_half_a_schedule_says_what_it_lacks(typed: Typed, line: str) -> None:
    with pytest.raises(Invalid) as caught:
        typed(f"schedule create {line}")
    assert "--cron '0 6 * * " in caught.value.hint


def test_when_in_words() -> None:
    pattern = RecurrencePattern(hours=[4, 16], minutes=[0], month_days=[1, -1])
    trigger = RecurrenceTrigger(frequency="month", interval=2, schedule=pattern)
    assert when(trigger) == "every 2 months on 1, the last day at 4:00, 16:00, UTC"
    assert when(RecurrenceTrigger(frequency="hour")) == "every hour, UTC"


def test_trials_mark_the_best_and_say_why_others_ended(typed: Typed, client: FakeClient) -> None:
    client.jobs.add("s", "Running")
    shown = str(typed("job trials s"))
    best = next(line for line in shown.splitlines() if "★" in line)
    assert "0.93" in best
    assert "0.01" in best
    assert "It broke." in shown
    assert "Too slow." in shown
    assert "Best of 3 of 20 trials made: s_1, accuracy 0.93." in shown
