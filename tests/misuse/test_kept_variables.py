"""Large variables are copied to disk exactly when the job has to wait or may run again."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.client import Client
from jupyter_aml.client.pool import Pool
from jupyter_aml.model.job import CellInputs, CellJob
from jupyter_aml.testing.waiting import eventually_sync
from tests.misuse.following import ended, text

BYTES = 2 << 20


@pytest.fixture
def pool(client: Client) -> Iterator[Pool]:
    found = Pool(client.home, take_seconds=0)
    yield found
    found.close()


def cell(
    pool: Pool, job: str, source: str, fill: bytes, *, session: str = "", retries: int = 0
) -> CellJob:
    """A cell that gets `big`, a buffer of one letter, and prints the first of it."""
    buffers: list[pickle.PickleBuffer] = []
    big = pickle.PickleBuffer(bytearray(fill * BYTES))
    data = pickle.dumps({"big": big}, protocol=5, buffer_callback=buffers.append)
    segment = pool.write([buffer.raw() for buffer in buffers], job)
    variables = CellInputs(names=["big"], pickle=data, segment=segment)
    return CellJob(
        source=source,
        variables=variables,
        collect=[],
        python=sys.executable,
        session=session,
        retries=retries,
    )


def kept(client: Client, job: str) -> Path:
    return client.home / "jobs" / job / "inputs.buf"


def test_a_session_that_is_idle_maps_them_and_keeps_its_own(client: Client, pool: Pool) -> None:
    source = "mine = globals().get('mine', big); print(bytes(mine[:1]), bytes(big[:1]))"
    for job, letter, said in [
        ("one", b"a", "b'a' b'a'\n"),
        ("two", b"b", "b'a' b'b'\n"),
        ("three", b"c", "b'a' b'c'\n"),
    ]:
        client.jobs.create(cell(pool, job, source, letter, session="s"), name=job)
        assert ended(client, job).status == "Completed"
        assert text(client, job) == said
        pool.release(job)
        # The first had to wait for its node.
        assert job == "one" or not kept(client, job).exists()
        assert eventually_sync(lambda: client.sessions.list().value[0].state == "idle")


def test_what_waits_is_on_disk_before_it_is_accepted(
    client: Client, pool: Pool, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    client.jobs.create(
        CellJob(
            source="import os, time\nprint('busy', flush=True)\n"
            f"while not os.path.exists({str(go)!r}): time.sleep(0.01)",
            session="s",
            collect=[],
            python=sys.executable,
        ),
        name="first",
    )
    assert eventually_sync(lambda: text(client, "first") == "busy\n")
    spec = cell(pool, "second", "print(bytes(big[:1]), len(big))", b"w", session="s")
    client.jobs.create(spec, name="second")
    assert kept(client, "second").read_bytes() == b"w" * BYTES
    pool.close()  # the kernel goes
    go.touch()
    assert ended(client, "second").status == "Completed"
    assert text(client, "second") == f"b'w' {BYTES}\n"


def test_what_may_run_again_is_on_disk(client: Client, pool: Pool) -> None:
    spec = cell(pool, "job", "print(len(big))", b"r", retries=1)
    client.jobs.create(spec, name="job")
    assert kept(client, "job").read_bytes() == b"r" * BYTES
    assert ended(client, "job").status == "Completed"
