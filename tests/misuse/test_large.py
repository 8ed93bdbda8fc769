"""Variables of hundreds of megabytes: there and back whole, or refused with what to do."""

from __future__ import annotations

import pickle
import sys

import pytest

from jupyter_aml.client import Client
from jupyter_aml.client.pool import Pool
from jupyter_aml.model.errors import TooLarge
from jupyter_aml.model.job import CellInputs, CellJob
from tests.misuse.following import ended, text

MEGABYTE = 1 << 20
BYTES = 200 * MEGABYTE


def test_two_hundred_megabytes_arrive_and_come_back(client: Client) -> None:
    buffers: list[pickle.PickleBuffer] = []
    value = bytearray(BYTES)
    value[-5:] = b"tail!"
    data = pickle.dumps(
        {"big": pickle.PickleBuffer(value)}, protocol=5, buffer_callback=buffers.append
    )
    pool = Pool(client.home)
    segment = pool.write([buffer.raw() for buffer in buffers], "large")
    spec = CellJob(
        source="back = bytes(big[-5:]).decode(); print(len(big), back)",
        variables=CellInputs(names=["big"], pickle=data, segment=segment),
        collect=["back"],
        python=sys.executable,
    )
    done = ended(client, client.jobs.create(spec, name="large").name)
    assert done.status == "Completed", done.error
    assert text(client, "large") == f"{BYTES} tail!\n"
    assert done.result is not None
    assert "back" in done.result.names
    pool.release("large")
    pool.close()


def test_a_request_that_carries_too_much_is_refused_with_what_to_do(client: Client) -> None:
    sent = CellInputs(names=["big"], pickle=pickle.dumps({"big": bytes(40 * MEGABYTE)}))
    with pytest.raises(TooLarge) as refused:
        client.jobs.create(CellJob(source="big", variables=sent))
    assert refused.value.target == "variables"
    assert "-i NAMES" in refused.value.hint
    assert not client.jobs.list().value
