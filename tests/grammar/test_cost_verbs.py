"""``cost``, ``service storage`` and ``service prune`` as a person types them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_aml.grammar import Result, parse_line, run
from jupyter_aml.grammar.sizes import read_size
from jupyter_aml.model import money, storage
from jupyter_aml.model.errors import Invalid
from tests.grammar.fake_client import FakeClient
from tests.grammar.fake_surface import FakeSurface

Typed = Callable[[str], Result]

OLD = storage.Pruned(kind="jobs", name="old_job", bytes=2 << 20, reason="last used 41 days ago")
PINNED = storage.Kept(kind="jobs", name="best_job", bytes=1 << 20, reason="it is pinned")


def summary(**fields: object) -> money.CostSummary:
    cost = money.ComputeCost(
        compute="gpu", size="Standard_NC6", nodes=2, rate_per_hour=1.8, spent_today=4.5
    )
    values = {"rate_per_hour": 1.8, "spent_today": 9.31, "per_compute": [cost], **fields}
    return money.CostSummary(**values)  # type: ignore[arg-type]


def test_the_noun_alone_shows_the_costs(typed: Typed, client: FakeClient) -> None:
    client.costs.found = summary(
        budget_per_day=20.0, guard=money.Guard(state="watching", message="Warns at $16.00.")
    )
    for line in ("cost", "cost show"):
        shown = str(typed(line))
        assert "would be $1.80 per hour" in shown
        assert "would be $9.31 of $20.00" in shown
        assert "watching: Warns at $16.00." in shown
        assert "gpu" in shown


def test_real_money_is_never_called_would_be(typed: Typed, client: FakeClient) -> None:
    client.costs.found = summary(rehearsal=False)
    assert "would" not in str(typed("cost")).lower()


def test_without_a_budget_it_says_how_to_set_one(typed: Typed, client: FakeClient) -> None:
    client.costs.found = summary()
    assert "%aml preferences set budget_per_day=20" in str(typed("cost"))


def test_a_silent_guard_says_so(typed: Typed, client: FakeClient) -> None:
    guard = money.Guard(state="silent", message="The guard was not seen since 12:10.")
    client.costs.found = summary(budget_per_day=20.0, guard=guard)
    assert "silent: The guard was not seen since 12:10." in str(typed("cost"))


def test_help_of_the_noun_lists_its_verbs(typed: Typed) -> None:
    assert "cost ledger" in str(typed("cost --help"))
    assert "--by" in str(typed("cost ledger --help"))


def test_the_ledger_is_asked_for_a_day_and_a_grouping(typed: Typed, client: FakeClient) -> None:
    group = money.LedgerGroup(name="", seconds=90, amount=0.5, job_amount=0.0)
    client.costs.kept = money.Ledger(groups=[group], amount=0.5)
    result = typed("cost ledger --since 2026-11-01 --by job")
    assert client.costs.asked == [("2026-11-01", "job", 100)]
    assert "(idle)" in str(result)
    assert "Would be $0.50: $0.00 for jobs (the sum of their receipts), $0.50 while idle." in str(
        result
    )


def test_entries_that_were_left_out_are_said(typed: Typed, client: FakeClient) -> None:
    entry = money.LedgerEntry(
        kind="instance",
        day="2026-11-21",
        compute="box",
        node="box-1",
        started_at="2026-11-21T12:00:00Z",
        seconds=60,
        amount=0.25,
    )
    client.costs.kept = money.Ledger(entries=[entry], amount=1.0)
    shown = str(typed("cost ledger"))
    assert "an instance without a job" in shown
    assert "Older entries are left out" in shown
    client.costs.kept = money.Ledger(entries=[entry], amount=0.25)
    assert "Older entries" not in str(typed("cost ledger"))


def test_a_budget_is_switched_off_by_a_word(typed: Typed, client: FakeClient) -> None:
    typed("preferences set budget_per_day=20 stop_idle_minutes=off")
    assert client.preferences.kept.budget_per_day == 20.0
    assert client.preferences.kept.stop_idle_minutes is None
    assert "stop_idle_minutes:      off" in str(typed("preferences show"))
    typed("preferences set budget_per_day=off")
    assert client.preferences.kept.budget_per_day is None
    with pytest.raises(Invalid, match="fetch_limit_mb"):
        typed("preferences set fetch_limit_mb=off")


# -- disk -----------------------------------------------------------------------------------


def test_the_disk_is_shown_by_kind(typed: Typed) -> None:
    for line in ("service storage", "service du"):
        shown = str(typed(line))
        assert "jobs" in shown
        assert "3.0 GB" in shown


def test_a_dry_run_removes_nothing_and_asks_nothing(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    client.storage.removed, client.storage.held = [OLD], [PINNED]
    shown = str(typed("service prune --older-than 30d --max-size 10gb --dry-run"))
    assert client.storage.pruned == [
        storage.PruneStorage(older_than_days=30, max_bytes=10 << 30, dry_run=True)
    ]
    assert surface.questions == []
    assert "Would be removed" in shown
    assert "last used 41 days ago" in shown
    assert "it is pinned" in shown


def test_pruning_says_what_is_lost_before_it_is(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    client.storage.removed = [OLD]
    typed("service prune --older-than 30d")
    assert [body.dry_run for body in client.storage.pruned] == [True, False]
    ((question, loses),) = surface.questions
    assert question == "Remove 1 job?"
    assert "2.0 MB are lost" in loses


def test_after_a_no_nothing_is_removed(client: FakeClient) -> None:
    client.storage.removed = [OLD]
    result = run(client, parse_line("service prune"), FakeSurface(answer=False))
    assert [body.dry_run for body in client.storage.pruned] == [True]
    assert (result.exit_code, "Nothing was removed." in str(result)) == (1, True)


def test_yes_removes_without_a_question(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    client.storage.removed = [OLD]
    typed("service prune --yes")
    assert surface.questions == []
    assert client.storage.pruned[-1].dry_run is False


@pytest.mark.parametrize(
    ("text", "count"),
    [("10gb", 10 << 30), ("1.5 G", 3 << 29), ("500MB", 500 << 20), ("0", 0), ("12", 12)],
)
def test_sizes_as_people_write_them(text: str, count: int) -> None:
    assert read_size(text) == count


@pytest.mark.parametrize("text", ["", "ten", "-1", "1 parsec", "1e9"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        read_size(text)
