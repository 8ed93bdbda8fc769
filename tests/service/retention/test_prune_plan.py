"""What goes and what stays: pure."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_aml.service.retention.plan import DAY, plan
from jupyter_aml.service.retention.shelf import Item

NOW = 1_000 * DAY


def job(name: str, days: float, size: int = 10, **more: object) -> Item:
    return Item("jobs", name, size, used_at=NOW - days * DAY, **more)  # type: ignore[arg-type]


def gone(items: list[Item], days: float | None = None, size: int | None = None) -> list[str]:
    return [one.item.name for one in plan(items, NOW, days, size).remove]


def test_without_a_limit_only_leftovers_go() -> None:
    items = [
        job("old", 900),
        job("lost", 1, leftover=True),
        job("busy", 1, leftover=True, held="x"),
    ]
    assert gone(items) == ["lost"]


def test_what_is_too_old_goes_unless_it_is_held() -> None:
    items = [job("new", 29), job("old", 31), job("pinned", 400, held="it is pinned")]
    chosen = plan(items, NOW, 30, None)
    assert [(one.item.name, one.reason) for one in chosen.remove] == [
        ("old", "last used 31 days ago")
    ]
    assert [(one.item.name, one.reason) for one in chosen.keep] == [("pinned", "it is pinned")]
    assert chosen.left_bytes == 20


def test_the_age_is_said_in_words() -> None:
    items = [job("a", 0.01), job("b", 0.05), job("c", 0.5), job("d", 1.2), job("e", 45)]
    assert [one.reason for one in plan(items, NOW, 0, None).remove] == [
        "last used less than an hour ago",
        "last used 1 hour ago",
        "last used 12 hours ago",
        "last used 1 day ago",
        "last used 45 days ago",
    ]


def test_the_oldest_go_until_the_rest_fits() -> None:
    items = [job("a", 1), job("b", 3), job("c", 2)]
    assert gone(items, size=30) == []
    assert gone(items, size=29) == ["b"]
    assert gone(items, size=10) == ["b", "c"]
    assert set(gone(items, size=0)) == {"a", "b", "c"}


def test_archived_things_go_before_older_ones() -> None:
    assert gone([job("old", 9), job("hidden", 1, archived=True)], size=10) == ["hidden"]


def test_both_limits_together() -> None:
    items = [job("ancient", 99, 5), job("old", 9, 5), job("new", 1, 5)]
    assert set(gone(items, days=30, size=5)) == {"ancient", "old"}


def test_what_has_no_age_stays_and_is_said() -> None:
    database = Item("database", "state.db", 100, held="it holds what the service knows")
    chosen = plan([database, job("a", 1)], NOW, None, 50)
    assert [one.item.name for one in chosen.remove] == ["a"]
    assert [one.item.name for one in chosen.keep] == ["state.db"]
    assert chosen.left_bytes == 100


_items = st.lists(
    st.builds(
        Item,
        kind=st.just("jobs"),
        name=st.text(max_size=3),
        bytes=st.integers(0, 100),
        used_at=st.one_of(st.none(), st.floats(0, NOW)),
        held=st.sampled_from(["", "it runs"]),
        archived=st.booleans(),
        leftover=st.booleans(),
    ),
    max_size=20,
)


@given(
    _items,
    st.one_of(st.none(), st.floats(0, 1000)),
    st.one_of(st.none(), st.integers(0, 1000)),
)
def test_what_is_held_never_goes_and_the_sizes_add_up(
    items: list[Item], days: float | None, size: int | None
) -> None:
    chosen = plan(items, NOW, days, size)
    removed = [one.item for one in chosen.remove]
    assert not any(item.held for item in removed)
    assert len({id(item) for item in removed}) == len(removed)
    assert chosen.left_bytes == sum(i.bytes for i in items) - sum(i.bytes for i in removed)
    if size is not None and chosen.left_bytes > size:
        stayed = [i for i in items if id(i) not in {id(r) for r in removed}]
        assert all(i.held or i.used_at is None for i in stayed)
