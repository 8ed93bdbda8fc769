"""Events come once and in order, whatever happens to the service meanwhile."""

from __future__ import annotations

import threading

import pytest

from jupyter_aml.client.client import Client
from jupyter_aml.client.follow import Following, follow
from jupyter_aml.model.errors import Invalid, NotFound, Unavailable
from jupyter_aml.model.job import CellJob
from tests.client.fake_service import SECONDS, FakeJob, FakeService

LINES = 40


def prints(job: FakeJob) -> None:
    job.move("Running")
    for number in range(LINES):
        job.add("stdout", text=f"{number}\n")
    job.end()


def expected() -> list[int]:
    return list(range(1, LINES + 4))


@pytest.mark.parametrize("cut", [0, 1, 2, 20, LINES + 2])
def test_a_broken_stream_goes_on_where_it_broke(
    client: Client, service: FakeService, cut: int
) -> None:
    service.behave = prints
    service.cut_after = cut
    following = client.jobs.run(CellJob(source="1"))
    assert [event.seq for event in following] == expected()
    assert following.outcome().status == "Completed"


@pytest.mark.parametrize("seen", [1, 5, LINES // 2])
def test_a_service_that_was_restarted_is_found_again(
    client: Client, service: FakeService, seen: int
) -> None:
    is_down = threading.Event()

    def behave(job: FakeJob) -> None:
        job.move("Running")
        for number in range(LINES):
            if number == LINES // 2:
                is_down.wait(SECONDS)
            job.add("stdout", text=f"{number}\n")
        job.end()

    service.behave = behave
    following = client.jobs.run(CellJob(source="1"))
    found = [following.next_event(SECONDS) for _ in range(seen)]
    service.stop()
    is_down.set()
    timer = threading.Timer(0.2, service.start)
    timer.start()
    found += list(following)
    timer.join()
    assert [event.seq for event in found if event] == expected()


def test_following_a_finished_job_from_its_last_event_ends_at_once(
    client: Client, service: FakeService
) -> None:
    job = client.jobs.create(CellJob(source="1"))
    *_, last = follow(client, job.name)
    assert last.status == "Completed"
    assert list(follow(client, job.name, after=last.seq)) == []


def test_from_a_number_on(client: Client, service: FakeService) -> None:
    service.behave = prints
    job = client.jobs.create(CellJob(source="1"))
    assert [event.seq for event in follow(client, job.name, after=10)] == expected()[10:]


def test_without_waiting_only_what_is_there(client: Client, service: FakeService) -> None:
    service.behave = lambda job: None
    job = client.jobs.create(CellJob(source="1"))
    assert [event.status for event in follow(client, job.name, wait=False)] == ["Queued"]


def test_a_service_that_stays_away_is_said_and_the_job_is_named(
    client: Client, service: FakeService
) -> None:
    service.behave = lambda job: None
    job = client.jobs.create(CellJob(source="1"))
    following = Following(client.jobs, job.name, patience=0.3)
    following.next_event(SECONDS)
    service.stop()
    with pytest.raises(Unavailable, match=r"goes on without it") as raised:
        following.next_event()
    assert job.name in raised.value.hint


def test_a_refused_job_is_refused_at_once(client: Client, service: FakeService) -> None:
    service.refuse = {"status": 400, "code": "Invalid", "message": "No."}
    following = client.jobs.run(CellJob(source="1"))
    with pytest.raises(Invalid, match=r"No\."):
        following.start()


def test_no_such_job(client: Client) -> None:
    with pytest.raises(NotFound):
        list(follow(client, "nobody"))


def test_the_job_as_it_ended_costs_no_further_request(client: Client, service: FakeService) -> None:
    following = client.jobs.run(CellJob(source="1"))
    list(following)
    assert following.outcome().status == "Completed"
    assert service.requests == ["POST /v1/jobs/run"]


def test_an_interrupt_while_waiting_loses_nothing(client: Client, service: FakeService) -> None:
    go_on = threading.Event()

    def behave(job: FakeJob) -> None:
        go_on.wait(SECONDS)
        prints(job)

    service.behave = behave
    following = client.jobs.run(CellJob(source="1"))
    found = [following.next_event(SECONDS)]
    stream = following._stream
    assert stream is not None
    read_line = stream.read_line

    def interrupted(timeout: float | None = None) -> bytes | None:
        read_line(0.01) if go_on.is_set() else None
        raise KeyboardInterrupt

    stream.read_line = interrupted  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        following.next_event()
    go_on.set()
    found += list(following)
    assert [event.seq for event in found if event] == expected()


def test_closing_while_a_stream_is_opened_ends_the_waiting(
    client: Client, service: FakeService
) -> None:
    service.behave = lambda job: None
    job = client.jobs.create(CellJob(source="1"))
    following = Following(client.jobs, job.name)
    ask = client.jobs.events

    def closed_meanwhile(*arguments: object, **named: object) -> object:
        stream = ask(*arguments, **named)  # type: ignore[arg-type]
        following.close()
        return stream

    client.jobs.events = closed_meanwhile  # type: ignore[method-assign, assignment]
    with pytest.raises(Unavailable, match="no longer followed"):
        following.next_event(SECONDS)
