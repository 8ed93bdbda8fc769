"""Requests and streams over a real connection, to a service that comes and goes."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from jupyter_aml.client.client import Client, client_of
from jupyter_aml.client.connection import Answer
from jupyter_aml.client.follow import Following
from jupyter_aml.client.transport import HttpStream
from jupyter_aml.model import api
from jupyter_aml.model.errors import Conflict, NotFound, ServiceNotRunning, Unavailable
from jupyter_aml.model.job import CellJob, CommandJob
from tests.client.fake_service import SECONDS, FakeJob, FakeService


def test_every_row_of_the_api_has_a_method_of_the_same_name(client: Client) -> None:
    missing = [
        route.operation
        for route in api.ROUTES
        if not callable(getattr(getattr(client, route.facet, None), route.verb, None))
    ]
    assert missing == []


def test_an_error_of_the_service_is_raised_as_its_own_class(client: Client) -> None:
    with pytest.raises(NotFound, match=r"There is no jobs/nobody") as raised:
        client.jobs.get("nobody")
    assert type(raised.value) is NotFound


def test_where_how_to_fix_and_the_raw_text_come_across(
    client: Client, service: FakeService
) -> None:
    service.refuse = {
        "status": 409,
        "code": "ComputeNotRunning",
        "message": 'Compute "c1" is stopped.',
        "target": "c1",
        "hint": "%aml compute start c1",
        "details": ["raw"],
    }
    with pytest.raises(Conflict) as raised:
        client.jobs.create(CellJob(source="1"))
    assert raised.value.code == "ComputeNotRunning"
    assert (raised.value.target, raised.value.hint) == ("c1", "%aml compute start c1")
    assert raised.value.details == ["raw"]


def test_a_name_goes_into_the_path_as_one_part(client: Client, service: FakeService) -> None:
    with pytest.raises(NotFound):
        client.jobs.get("a/../b?c=d&e")
    assert service.requests[-1] == "GET /v1/jobs/a%2F..%2Fb%3Fc%3Dd%26e"


def test_only_what_differs_from_the_default_goes_into_the_query(
    client: Client, service: FakeService
) -> None:
    client.jobs.list()
    assert service.requests[-1] == "GET /v1/jobs"
    client.jobs.list(max_results=7, include_archived=True, compute="c 1")
    assert service.requests[-1] == "GET /v1/jobs?maxResults=7&includeArchived=true&compute=c+1"


def test_a_job_has_a_name_before_it_is_sent(client: Client, service: FakeService) -> None:
    job = client.jobs.create(CommandJob(command="true"))
    assert job.name in service.jobs


def test_many_jobs_are_one_request_and_each_has_a_name(
    client: Client, service: FakeService
) -> None:
    specs = [CommandJob(command=f"echo {number}") for number in range(3)]
    jobs = client.jobs.create_many(specs)
    assert service.requests[-1] == "POST /v1/jobs/many"
    assert [job.name for job in jobs] == list(service.jobs)
    named = client.jobs.create_many(specs, ["a", "b", "c"])
    assert [job.name for job in named] == ["a", "b", "c"]


def test_no_jobs_are_no_request(client: Client, service: FakeService) -> None:
    client.service.status()
    before = list(service.requests)
    assert list(client.jobs.create_many([])) == []
    assert service.requests == before


def test_a_connection_that_the_service_closed_is_replaced(
    client: Client, service: FakeService
) -> None:
    client.service.status()
    service.stop()
    service.start()
    assert client.service.status().state == "running"


def test_a_service_at_the_same_port_with_another_token_is_found_again(
    client: Client, service: FakeService
) -> None:
    client.service.status()
    service.succeed()
    assert client.service.status().state == "running"


def test_nobody_there_is_said_with_what_to_type(client: Client, service: FakeService) -> None:
    client.service.status()
    service.stop()
    with pytest.raises(ServiceNotRunning) as raised:
        client.service.status()
    assert "jupyter aml service start" in raised.value.hint


def test_what_could_be_done_twice_is_not_sent_twice(client: Client, service: FakeService) -> None:
    service.computes["c1"] = {}
    with pytest.raises(NotFound):
        client.compute.restart("c1")
    assert [r for r in service.requests if "restart" in r] == ["POST /v1/compute/c1/restart"]


def test_threads_share_a_client(client: Client, service: FakeService) -> None:
    failures: list[Exception] = []

    def ask() -> None:
        try:
            for _ in range(20):
                client.service.status()
        except Exception as error:  # in a thread, where pytest would not see it
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_another_thread_may_find_the_service_gone_meanwhile(
    client: Client, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A seed of chaos: who followed a job was told of an attribute of None."""
    client.service.status()
    transport = client._transport
    kept = transport._kept

    def kept_and_forgotten() -> Any:
        connection = kept()
        assert connection is not None
        transport._runtime = None
        return connection

    monkeypatch.setattr(transport, "_kept", kept_and_forgotten)
    assert client.service.status().state == "running"


def test_a_connection_is_used_again_after_a_stream(client: Client, service: FakeService) -> None:
    following = client.jobs.run(CellJob(source="1"))
    assert [event.kind for event in following] == ["status", "status", "stdout", "status"]
    transport = client._transport
    assert len(transport._idle) == 1  # type: ignore[attr-defined]
    assert client.service.status().state == "running"


def test_a_line_that_does_not_come_in_time_can_be_waited_for_again(
    client: Client, service: FakeService
) -> None:
    go_on = threading.Event()

    def behave(job: FakeJob) -> None:
        go_on.wait(SECONDS)
        job.end()

    service.behave = behave
    following = client.jobs.run(CellJob(source="1"))
    assert following.next_event(SECONDS).status == "Queued"  # type: ignore[union-attr]
    start = time.monotonic()
    with pytest.raises(TimeoutError):
        following.next_event(0.05)
    assert time.monotonic() - start < 30  # not a heartbeat's 45
    go_on.set()
    assert following.next_event(SECONDS).status == "Completed"  # type: ignore[union-attr]
    assert following.next_event(SECONDS) is None


def test_a_forked_process_opens_its_own_connection(service: FakeService) -> None:
    client = client_of(service.home, start=False)
    client.service.status()
    transport = client._transport
    transport._process = -1  # type: ignore[attr-defined]
    client.service.status()
    assert len(transport._idle) == 1  # type: ignore[attr-defined]
    client.close()


def test_closing_a_stream_wakes_the_thread_that_reads_it(
    client: Client, service: FakeService
) -> None:
    service.behave = lambda job: None
    following = client.jobs.run(CellJob(source="1"))
    following.next_event(SECONDS)
    raised: list[BaseException] = []

    def read() -> None:
        try:
            following.next_event()
        except Unavailable as error:
            raised.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    while not following.is_waiting:
        time.sleep(0.001)
    following.close()
    thread.join(SECONDS)
    assert not thread.is_alive()
    assert len(raised) == 1


def test_a_closed_stream_is_never_waited_for_on_somebody_elses_socket(
    client: Client, service: FakeService
) -> None:
    """The number of a closed socket is used again at once: its reader must close it."""
    service.behave = lambda job: None
    for _ in range(40):
        following = client.jobs.run(CellJob(source="1"))
        following.next_event(SECONDS)
        reader = threading.Thread(target=_read_to_the_end, args=(following,))
        reader.start()
        following.close()
        client.close()
        client.service.status()
        reader.join(SECONDS)
        assert not reader.is_alive()


def _read_to_the_end(following: Following) -> None:
    try:
        list(following)
    except Unavailable:
        pass  # closed, as it should be


class _HeadAndBody:
    """A connection whose answer is there whole before anyone asks; nothing more comes."""

    def receive(self, answer: Answer, timeout: float | None) -> None:
        raise AssertionError("there is nothing to wait for")

    def close(self) -> None: ...


def _arrived(body: bytes) -> HttpStream:
    answer = Answer()
    answer.feed(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    connection: Any = _HeadAndBody()
    return HttpStream(connection, answer, lambda *_: None)


def test_what_came_with_the_head_is_neither_lost_nor_cut() -> None:
    body = b"\x80\x05\n\n\x1f no lines \n at all"
    assert b"".join(_arrived(body).pieces()) == body
    stream = _arrived(b"one\ntwo\n")
    assert [stream.read_line(), stream.read_line(), stream.read_line()] == [b"one", b"two", None]
