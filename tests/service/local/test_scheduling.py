"""The planner, as a table: what a compute looks like, and what is done about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_aml.service.backends.local.scheduling import (
    AddNodes,
    JobView,
    NodeView,
    RemoveNode,
    StartJob,
    View,
    Wait,
    plan,
)


def idle(name: str, seconds: float = 5.0, **more: object) -> NodeView:
    return NodeView(name=name, idle_seconds=seconds, **more)  # type: ignore[arg-type]


def busy(name: str) -> NodeView:
    return NodeView(name=name, free=0, busy=True)


def coming(name: str) -> NodeView:
    return NodeView(name=name, up=False, free=0)


def jobs(*nodes: int) -> list[JobView]:
    return [JobView(f"j{number}", count) for number, count in enumerate(nodes)]


def short(view: View) -> str:
    """Actions as one word each: ``j0@n1``, ``+2``, ``-n1``; waits are left out."""
    words: list[str] = []
    for action in plan(view):
        match action:
            case StartJob(job, nodes):
                words.append(f"{job}@{'+'.join(nodes)}")
            case AddNodes(count):
                words.append(f"+{count}")
            case RemoveNode(name):
                words.append(f"-{name}")
            case Wait():
                pass
    return " ".join(words)


@pytest.mark.parametrize(
    ("view", "does"),
    [
        (View(), ""),
        (View(queued=jobs(1), max_nodes=2), "+1"),
        (View(queued=jobs(1, 1, 1), max_nodes=2), "+2"),
        (View(nodes=[idle("n1")], queued=jobs(1)), "j0@n1"),
        (View(nodes=[idle("n1")], queued=jobs(1, 1), max_nodes=2), "j0@n1 +1"),
        (View(nodes=[busy("n1")], queued=jobs(1), max_nodes=1), ""),
        (View(nodes=[coming("n1")], queued=jobs(1), max_nodes=4), ""),
        # all or none
        (View(nodes=[idle("n1")], queued=jobs(2), max_nodes=2), "+1"),
        (View(nodes=[idle("n1"), idle("n2")], queued=jobs(2), max_nodes=2), "j0@n1+n2"),
        # a job that waits for many nodes is not overtaken for ever
        (View(nodes=[idle("n1"), busy("n2")], queued=jobs(2, 1), max_nodes=2), ""),
        # down after the idle time, only the stale one, never below min
        (View(nodes=[idle("n1", 130), idle("n2", 5)], max_nodes=2), "-n1"),
        (View(nodes=[idle("n1", 130)], min_nodes=1), ""),
        (View(nodes=[idle("n1", 130), idle("n2", 140)], min_nodes=1, max_nodes=2), "-n2"),
        (View(nodes=[busy("n1")], max_nodes=1), ""),
        # min nodes come without work
        (View(min_nodes=2, max_nodes=3), "+2"),
        # fewer allowed than are there: at once, but not the busy one
        (View(nodes=[idle("n1"), idle("n2"), busy("n3")], max_nodes=1), "-n1 -n2"),
        # the machine has no room
        (View(queued=jobs(1, 1), max_nodes=4, room=1), "+1"),
        (View(queued=jobs(1), max_nodes=4, room=0), ""),
        # an instance does not scale
        (View(queued=jobs(1), elastic=False), ""),
        (View(nodes=[idle("n1", 9e9)], elastic=False), ""),
        # sessions
        (
            View(
                nodes=[NodeView("n1", sessions=frozenset({"s"})), NodeView("n2")],
                queued=[JobView("j0", session="s")],
                max_nodes=2,
            ),
            "j0@n1",
        ),
        # ... an idle one keeps its node and no place on it; others take empty nodes first
        (
            View(
                nodes=[NodeView("n1", sessions=frozenset({"s"})), NodeView("n2")],
                queued=[JobView("j0"), JobView("j1")],
                max_nodes=2,
            ),
            "j0@n2 j1@n1",
        ),
        (View(nodes=[idle("n1", 9e9, sessions=frozenset({"s"}))], max_nodes=1), ""),
        # ... its cell waits for a place there, and for no other; others need not wait for it
        (
            View(
                nodes=[NodeView("n1", free=0, sessions=frozenset({"s"})), NodeView("n2")],
                queued=[JobView("j0", session="s"), JobView("j1")],
                max_nodes=3,
            ),
            "j1@n2",
        ),
        (
            View(
                nodes=[NodeView("n1", busy_sessions=frozenset({"s"}))],
                queued=[JobView("j0", session="s"), JobView("j1")],
            ),
            "j1@n1",
        ),
        (
            View(
                nodes=[NodeView("n1", free=3)],
                queued=[JobView("j0", session="s"), JobView("j1", session="s")],
            ),
            "j0@n1",
        ),
        # a leaving node takes nothing and is replaced
        (View(nodes=[idle("n1", leaving=True)], queued=jobs(1), max_nodes=1), "+1"),
        # several jobs on one node of ``local``
        (View(nodes=[NodeView("n1", free=2)], queued=jobs(1, 1, 1), elastic=False), "j0@n1 j1@n1"),
    ],
)
def test_plan(view: View, does: str) -> None:
    assert short(view) == does


def test_waits_say_why() -> None:
    view = View(nodes=[busy("n1")], queued=jobs(2, 1, 1), max_nodes=1)
    reasons = [action.reason for action in plan(view) if isinstance(action, Wait)]
    assert reasons == [
        "1st in line; needs 2 nodes at once, 0 free",
        "2nd in line, behind j0",
        "3rd in line",
    ]


def first_reason(view: View) -> str:
    return next(action.reason for action in plan(view) if isinstance(action, Wait))


def test_the_first_job_on_an_empty_cluster_hears_of_its_node() -> None:
    queued = jobs(1)
    assert first_reason(View(queued=queued)) == "1st in line; 1 node starting"
    on_its_way = View(nodes=[coming("n1")], queued=queued, max_nodes=1)
    assert first_reason(on_its_way) == "1st in line; 1 node starting"
    full = View(queued=queued, room=0)
    assert first_reason(full) == "1st in line; other computes hold the cores of this machine"
    assert (
        first_reason(View(nodes=[busy("n1")], queued=queued)) == "1st in line; all nodes are busy"
    )


def test_a_session_whose_node_is_busy_says_so() -> None:
    node = NodeView("n1", free=0, busy=True, sessions=frozenset({"s"}))
    [wait] = plan(View(nodes=[node], queued=[JobView("j0", session="s")]))
    assert wait == Wait("j0", "session s is on n1, which runs another job")


NODES = st.lists(
    st.builds(
        NodeView,
        name=st.uuids().map(str),
        up=st.booleans(),
        free=st.integers(0, 3),
        busy=st.booleans(),
        idle_seconds=st.floats(0, 300),
        leaving=st.booleans(),
    ),
    max_size=6,
)
QUEUES = st.lists(st.integers(1, 3), max_size=6).map(lambda nodes: jobs(*nodes))


@given(nodes=NODES, queued=QUEUES, least=st.integers(0, 3), most=st.integers(1, 6))
def test_a_plan_never_breaks_the_rules(
    nodes: list[NodeView], queued: list[JobView], least: int, most: int
) -> None:
    view = View(nodes=nodes, queued=queued, min_nodes=min(least, most), max_nodes=most)
    free = {node.name: node.free for node in nodes if node.up and not node.leaving}
    staying = sum(not node.leaving for node in nodes)
    for action in plan(view):
        match action:
            case StartJob(job, names):
                wanted = next(j.nodes for j in queued if j.name == job)
                assert len(set(names)) == wanted
                for name in names:
                    free[name] -= 1
                    assert free[name] >= 0
            case AddNodes(count):
                assert 0 < count <= view.max_nodes - staying
            case RemoveNode(name):
                node = next(n for n in nodes if n.name == name)
                assert node.up
                assert not node.busy
                staying -= 1
                assert staying >= view.min_nodes
            case Wait(job):
                assert job
