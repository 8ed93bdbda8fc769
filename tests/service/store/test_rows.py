"""Rows of jobs, computes and nodes: what comes back, what is refused, what a list costs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_aml.model.api import ListJobs
from jupyter_aml.model.compute import AmlCompute, Compute, ComputeInstance, LocalCompute
from jupyter_aml.model.errors import Conflict, Invalid
from jupyter_aml.model.job import (
    CellInputs,
    CellJob,
    CellRun,
    CommandJob,
    Job,
    JobPage,
    JobSummary,
    Receipt,
)
from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.migrations import migrate

NOW = "2026-11-21T18:00:00.000000Z"


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    migrate(connection)
    yield connection
    connection.close()


def command(name: str, status: str = "NotStarted", **observed: Any) -> Job:
    spec = CommandJob(command="echo hello", **observed.pop("spec", {}))
    return Job(name=name, spec=spec, status=status, created_at=NOW, **observed)


def cell(name: str, status: str = "NotStarted", **spec: Any) -> Job:
    return Job(
        name=name, spec=CellJob(source="x = 1", **spec), status=status, created_at=NOW, last_seq=3
    )


def page(conn: sqlite3.Connection, **query: Any) -> JobPage:
    return msgspec.json.decode(rows.list_jobs(conn, ListJobs(**query)), type=JobPage)


def names(conn: sqlite3.Connection, **query: Any) -> list[str]:
    return [job.name for job in page(conn, **query).value]


def test_a_job_comes_back_as_it_was_saved(conn: sqlite3.Connection) -> None:
    job = command("one", spec={"tags": {"a": "b"}}, warnings=["mind"])
    rows.save_job(conn, job)
    assert rows.get_job(conn, "one") == job
    assert rows.get_job(conn, "two") is None
    later = msgspec.structs.replace(
        job,
        status="Queued",
        receipt=Receipt(size="local.1cpu-2gb", nodes=1, seconds=2.5),
    )
    rows.save_job(conn, later)
    assert rows.get_job(conn, "one") == later


def test_variables_lie_apart_and_come_only_when_asked_for(conn: sqlite3.Connection) -> None:
    payload = bytes(range(256)) * 4000
    job = cell("one", variables=CellInputs(names=["x"], pickle=payload))
    rows.save_job(conn, job)
    lean = rows.get_job(conn, "one")
    assert lean is not None
    assert isinstance(lean.spec, CellJob)
    assert lean.spec.variables == CellInputs(names=["x"])
    assert rows.get_job(conn, "one", payload=True) == job
    (size,) = conn.execute("SELECT sum(length(body)) FROM live_jobs").fetchone()
    assert size < 2000

    rows.save_job(conn, msgspec.structs.replace(lean, status="Queued"))
    again = rows.get_job(conn, "one", payload=True)
    assert again == msgspec.structs.replace(job, status="Queued"), "an update keeps the payload"
    ended = msgspec.structs.replace(lean, status="Canceled")
    rows.save_job(conn, ended)
    assert rows.get_job(conn, "one", payload=True) == ended, "it will not start again"
    assert conn.execute("SELECT count(*) FROM payloads").fetchone() == (0,)


@pytest.mark.parametrize("start", JOB.states)
@pytest.mark.parametrize("finish", JOB.states)
def test_a_status_moves_only_along_the_ways_of_the_table(
    conn: sqlite3.Connection, start: str, finish: str
) -> None:
    rows.save_job(conn, command("one"))
    for status in JOB.path(JOB.initial, start):
        rows.save_job(conn, command("one", status))
    if start == finish or JOB.path(start, finish):
        rows.save_job(conn, command("one", finish))
        job = rows.get_job(conn, "one")
        assert job is not None
        assert job.status == finish
    else:
        with pytest.raises(Conflict):
            rows.save_job(conn, command("one", finish))


def test_a_job_begins_at_the_beginning(conn: sqlite3.Connection) -> None:
    rows.save_job(conn, command("queued at once", "Queued"))
    with pytest.raises(Conflict):
        rows.save_job(conn, command("never was", "Completed"))
    with pytest.raises(Conflict, match="Dreaming"):
        rows.save_job(conn, command("no such word", "Dreaming"))


def test_a_summary_has_everything_but_code_and_variables() -> None:
    job = cell("one", notebook="a.ipynb", cell_id="c1", session="s", compute="cpu")
    job = msgspec.structs.replace(
        job, receipt=Receipt(size="x", nodes=1, seconds=1, list_price=0.25)
    )
    assert rows.summary_of(job) == JobSummary(
        name="one",
        type="cell",
        display_name="one",
        status="NotStarted",
        compute="cpu",
        created_at=NOW,
        experiment_name="Default",
        session="s",
        notebook="a.ipynb",
        cell_id="c1",
        list_price=0.25,
    )
    assert rows.summary_of(command("two")).type == "command"


def test_pages_are_newest_first_and_lead_to_the_end(conn: sqlite3.Connection) -> None:
    for number in range(25):
        rows.save_job(conn, command(f"job{number}"))
    seen: list[str] = []
    after = ""
    while True:
        found = page(conn, max_results=10, after=after)
        seen += [job.name for job in found.value]
        after = found.next
        if not after:
            break
        rows.save_job(conn, command(f"newer{len(seen)}"))  # disturbs no later page
    assert seen == [f"job{number}" for number in reversed(range(25))]


def test_a_page_that_is_full_to_the_end_has_no_next(conn: sqlite3.Connection) -> None:
    assert page(conn) == JobPage(value=[])
    rows.save_job(conn, command("one"))
    assert page(conn, max_results=1).next == ""


def test_lists_filter(conn: sqlite3.Connection) -> None:
    rows.save_job(conn, command("old", archived=True))
    rows.save_job(conn, command("there", spec={"compute": "cpu", "experiment_name": "e"}))
    rows.save_job(conn, command("here", "Failed"))
    rows.save_job(conn, command("waits", "Queued", spec={"compute": "cpu"}))
    assert names(conn) == ["waits", "here", "there"]
    assert names(conn, include_archived=True) == ["waits", "here", "there", "old"]
    assert names(conn, compute="cpu") == ["waits", "there"]
    assert names(conn, compute="cpu", experiment_name="e") == ["there"]
    assert names(conn, status="Failed") == ["here"]
    assert names(conn, status="active") == ["waits", "there"]
    assert [job.name for job in rows.active_jobs(conn)] == ["old", "there", "waits"]


def test_the_parts_of_a_job_are_listed_under_it_alone(conn: sqlite3.Connection) -> None:
    rows.save_job(conn, command("sweep"))
    for number in range(3):
        rows.save_job(conn, command(f"sweep_{number}", spec={"parent": "sweep"}))
    rows.save_job(conn, command("sweep_0", "Failed", spec={"parent": "sweep"}))
    assert names(conn) == ["sweep"]
    assert names(conn, parent="sweep") == ["sweep_2", "sweep_1", "sweep_0"]
    assert names(conn, parent="sweep", status="Failed") == ["sweep_0"]
    assert names(conn, parent="other") == []
    assert page(conn, parent="sweep").value[0].parent == "sweep"


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ({"max_results": 0}, "maxResults"),
        ({"max_results": 100_000}, "maxResults"),
        ({"after": "1; DROP TABLE jobs"}, "after"),
        ({"after": "9" * 30}, "after"),
        ({"status": "Sleeping"}, "status"),
    ],
)
def test_a_query_that_means_nothing_is_refused(
    conn: sqlite3.Connection, query: dict[str, Any], target: str
) -> None:
    with pytest.raises(Invalid) as refused:
        page(conn, **query)
    assert refused.value.target == target
    assert refused.value.hint


def test_names_with_every_kind_of_character_are_only_values(conn: sqlite3.Connection) -> None:
    odd = "ä' OR 1=1 -- \x00\u2028\U0001f600\""
    rows.save_job(conn, command(odd, spec={"compute": odd}))
    assert names(conn, compute=odd) == [odd]
    assert names(conn, compute="%") == []


def test_the_newest_run_of_a_cell_is_found(conn: sqlite3.Connection) -> None:
    rows.save_job(conn, cell("first", notebook="a.ipynb", cell_id="c1"))
    rows.save_job(conn, cell("second", "Queued", notebook="a.ipynb", cell_id="c1"))
    rows.save_job(conn, cell("other", notebook="b.ipynb", cell_id="c1"))
    rows.save_job(conn, cell("nameless", notebook="a.ipynb"))
    assert rows.find_cell(conn, "a.ipynb", "c1") == CellRun(
        job="second", status="Queued", last_seq=3
    )
    assert rows.find_cell(conn, "a.ipynb", "") is None
    assert rows.find_cell(conn, "c.ipynb", "c1") is None


def test_no_list_sorts_or_searches_a_whole_table_for_its_order(conn: sqlite3.Connection) -> None:
    def plan(sql: str) -> str:
        return " ".join(row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {sql}"))

    for table in ("live_jobs", "ended_jobs"):
        newest = f"SELECT seq FROM {table} WHERE seq < 9 AND {{}} ORDER BY seq DESC LIMIT 50"
        for term in ("archived = 0", "compute = 'a'", "status = 'Failed'"):
            assert "USE TEMP B-TREE" not in plan(newest.format(term))
            assert "SEARCH" in plan(newest.format(term))
    cell = "notebook = 'a' AND cell_id = 'b' AND cell_id <> ''"
    assert "ended_cells" in plan(f"SELECT name FROM ended_jobs WHERE {cell} ORDER BY seq DESC")


def end(conn: sqlite3.Connection, name: str, status: str = "Failed") -> None:
    rows.save_job(conn, command(name, status))


def test_jobs_keep_their_place_when_they_end(conn: sqlite3.Connection) -> None:
    for number in range(9):
        rows.save_job(conn, command(f"job{number}"))
        if number % 2:
            end(conn, f"job{number}")
    newest = [f"job{number}" for number in reversed(range(9))]
    assert names(conn) == newest
    seen: list[str] = []
    after = ""
    while len(seen) < 9:
        found = page(conn, max_results=2, after=after)
        seen += [job.name for job in found.value]
        after = found.next
    assert (seen, after) == (newest, "")
    assert names(conn, status="active") == ["job8", "job6", "job4", "job2", "job0"]
    assert names(conn, status="Failed") == ["job7", "job5", "job3", "job1"]
    assert names(conn, status="Queued") == []


def test_no_number_is_given_twice_though_every_job_ended(conn: sqlite3.Connection) -> None:
    for number in range(3):
        rows.save_job(conn, command(f"job{number}"))
        end(conn, f"job{number}")
    rows.save_job(conn, command("last"))
    assert names(conn) == ["last", "job2", "job1", "job0"]


def test_an_ended_job_is_found_archived_and_never_begins_again(conn: sqlite3.Connection) -> None:
    rows.save_job(conn, cell("one", notebook="a.ipynb", cell_id="c1"))
    ended = cell("one", "Canceled", notebook="a.ipynb", cell_id="c1")
    rows.save_job(conn, ended)
    assert rows.get_job(conn, "one") == ended
    assert rows.active_jobs(conn) == []
    assert rows.find_cell(conn, "a.ipynb", "c1") == CellRun(
        job="one", status="Canceled", last_seq=3
    )
    archived = msgspec.structs.replace(ended, archived=True)
    rows.save_job(conn, archived)
    assert rows.get_job(conn, "one") == archived
    assert names(conn) == []
    assert names(conn, include_archived=True) == ["one"]
    for status in ("NotStarted", "Queued", "Running"):
        with pytest.raises(Conflict):
            rows.save_job(conn, command("one", status))


def test_a_list_shows_a_live_job_as_it_is_now(conn: sqlite3.Connection) -> None:
    rows.save_job(conn, command("one"))
    assert [job.status for job in page(conn).value] == ["NotStarted"]
    rows.save_job(conn, command("one", "Queued"))
    assert [job.status for job in page(conn).value] == ["Queued"]
    rows.save_job(conn, command("one", "Queued", progress=0.5))
    assert [job.progress for job in page(conn).value] == [0.5]


# -- computes, nodes, values ----------------------------------------------------------------


def test_computes_come_back_in_the_order_they_were_made(conn: sqlite3.Connection) -> None:
    cluster = Compute(spec=AmlCompute(name="cluster", size="s"), state="Creating")
    instance = Compute(spec=ComputeInstance(name="box"), state="Creating", created_at=NOW)
    here = Compute(spec=LocalCompute(), state="Running")
    for compute in (cluster, instance, here):
        rows.save_compute(conn, compute)
    cluster = msgspec.structs.replace(cluster, state="Steady")
    rows.save_compute(conn, cluster)
    assert rows.list_computes(conn) == [cluster, instance, here]
    rows.delete_compute(conn, "box")
    rows.delete_compute(conn, "box")
    assert rows.list_computes(conn) == [cluster, here]


def test_a_compute_moves_as_its_own_table_allows(conn: sqlite3.Connection) -> None:
    box = Compute(spec=ComputeInstance(name="box"), state="Creating")
    rows.save_compute(conn, box)
    with pytest.raises(Conflict):
        rows.save_compute(conn, msgspec.structs.replace(box, state="Stopped"))
    with pytest.raises(Conflict):
        rows.save_compute(conn, Compute(spec=AmlCompute(name="c"), state="Running"))


def test_nodes_are_opaque_records(conn: sqlite3.Connection) -> None:
    node = {"name": "n1", "compute": "c", "state": "preparing", "pid": 7, "cpus": [0, 1]}
    bare = {"name": "n2", "compute": "d", "handle": {"deep": ["anything"]}}
    rows.save_node(conn, node)
    rows.save_node(conn, bare)
    assert rows.list_nodes(conn) == [node, bare]
    assert rows.list_nodes(conn, "d") == [bare]
    rows.save_node(conn, {**node, "state": "idle"})
    with pytest.raises(Conflict):
        rows.save_node(conn, {**node, "state": "preparing"})
    rows.delete_node(conn, "n1")
    assert rows.list_nodes(conn) == [bare]


def test_values_are_kept_by_name(conn: sqlite3.Connection) -> None:
    assert rows.get_value(conn, "preferences") is None
    rows.set_value(conn, "preferences", b"{}")
    rows.set_value(conn, "preferences", b'{"a":1}')
    assert rows.get_value(conn, "preferences") == b'{"a":1}'
