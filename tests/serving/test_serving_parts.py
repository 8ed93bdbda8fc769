"""Frames, shares, buckets, tables: what the router is made of, without a network."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_aml.serving import begun, frame
from jupyter_aml.serving.frame import BrokenFrame, Frame, Splitter
from jupyter_aml.serving.router import head as heads
from jupyter_aml.serving.router import table as tables
from jupyter_aml.serving.router.counters import BOUNDS_MS, Counters, bucket
from jupyter_aml.serving.router.requestlog import RequestLog
from jupyter_aml.serving.router.traffic import Bucket, Cycle, Sample, spread
from jupyter_aml.serving.settings import ConfigError


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 2**63), st.binary(), st.binary())),
    st.lists(st.integers(1, 40)),
)
def test_frames_survive_any_cut(sent: list[tuple[int, int, bytes, bytes]], cuts: list[int]) -> None:
    data = b"".join(frame.pack(kind, number, head, body) for kind, number, head, body in sent)
    splitter, found = Splitter(), list[Frame]()
    for cut in cuts:
        found += splitter.feed(data[:cut])
        data = data[cut:]
    found += splitter.feed(data)
    assert [(f.kind, f.number, f.head, f.body) for f in found] == sent


def test_what_is_no_frame_is_said() -> None:
    with pytest.raises(BrokenFrame):
        Splitter().feed(b"x" * 40)


@given(st.integers(0, 100))
def test_shares_of_a_hundred(blue: int) -> None:
    order = spread({"blue": blue, "green": 100 - blue})
    assert order.count("blue") == blue
    assert len(order) == 100
    taken = Sample(blue)
    assert sum(taken.take() for _ in range(100)) == blue


@given(st.integers(0, 100), st.randoms(use_true_random=False))
def test_whoever_goes_on_every_hundred_has_its_shares(blue: int, chance: random.Random) -> None:
    names = {"blue": "blue", "green": "green"}
    cycle = Cycle({"blue": blue, "green": 100 - blue}, names, lambda *_: chance.random() < 0.5)
    for _ in range(3):
        assert [cycle.next() for _ in range(100)].count("blue") == blue


def test_who_goes_on_has_at_most_five_in_a_row() -> None:
    names = {"blue": "blue", "green": "green"}
    cycle = Cycle({"blue": 90, "green": 10}, names, lambda last, _: last == "green")
    order = "".join((cycle.next() or "?")[0] for _ in range(100))
    assert [len(row) for row in re.findall("g+", order)] == [5, 5]
    calm = Cycle({"blue": 90, "green": 10}, names, lambda *_: False)
    assert [calm.next() for _ in range(100)] == spread({"blue": 90, "green": 10})


def test_a_bucket_refills_with_time() -> None:
    limited = Bucket(10, now=0)
    assert [limited.take(6, 0), limited.take(6, 0), limited.take(6, 0.2), limited.take(11, 9)] == [
        True, False, True, False,
    ]  # fmt: skip
    assert Bucket(0, now=0).take(1e9, 0)


@given(st.floats(0, 100))
def test_a_latency_is_at_most_the_end_of_its_bucket(seconds: float) -> None:
    number = bucket(seconds)
    if number < len(BOUNDS_MS):
        assert int(seconds * 1e6) / 1000 <= BOUNDS_MS[number]
        assert number == 0 or seconds * 1000 > BOUNDS_MS[number] / 2.5 or number < 2


def test_busy_seconds_are_the_integral_of_what_is_in_flight() -> None:
    counters = Counters()
    counters.begin(10.0)
    counters.begin(11.0)
    counters.end(13.0)
    assert counters.told(15.0)["busy_seconds"] == 1 + 2 * 2 + 2


def test_the_request_log_turns_over(tmp_path: Path) -> None:
    path = tmp_path / "requests.log"
    log = RequestLog(str(path), most_bytes=50)
    for number in range(3):
        log.add(1_000_000.25, f'"n":{number}')
        log.flush()
    log.close()
    assert json.loads(path.read_text()) == {"time": "1970-01-12T13:46:40.250Z", "n": 2}
    assert (tmp_path / "requests.log.1").read_text().count("\n") == 2


def test_begun_survives_and_is_none_where_nobody_knows(tmp_path: Path) -> None:
    path = str(tmp_path / "begun")
    assert begun.read(path) is None
    begun.Begun(path).begin(2**40 + 7)
    assert begun.read(path) == 2**40 + 7
    begun.Begun(path)
    assert begun.read(path) == 2**40 + 7, "a successor has begun nothing yet"


TABLE: dict[str, Any] = {
    "endpoint": "e",
    "port": 5001,
    "traffic": {"blue": 100},
    "deployments": {"blue": {"instances": {"b1": {"socket": "/s"}}}},
}


def _read(tmp_path: Path, **changes: Any) -> tables.Table:
    path = tmp_path / "table.json"
    path.write_text(json.dumps({**TABLE, **changes}))
    return tables.read(str(path))


def test_a_table_has_defaults(tmp_path: Path) -> None:
    table = _read(tmp_path, news="of a newer service")
    assert table.deployments["blue"].instances["b1"].socket == "/s"
    assert table.limits.max_connections == 500


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"port": "5001"}, "table.port"),
        ({"port": -1}, "port"),
        ({"port": 65536}, "port"),
        ({"traffic": {"green": 100}}, "green"),
        ({"traffic": {"blue": 90}}, "adds up to 90"),
        ({"traffic": {"blue": 1.5}}, "whole number"),
        ({"auth": {"mode": "open"}}, "auth.mode"),
        ({"auth": {"mode": "aml_token"}}, "token_key"),
        ({"auth": {"token_key": "xyz"}}, "hex"),
        ({"deployments": {"blue": {"instances": {"b1": {}}}}}, "socket"),
        ({"deployments": {"blue": {"max_concurrent": None}}}, "max_concurrent"),
        ({"deployments": {"bl ue": {}}}, "bl ue"),
        ({"limits": 3}, "limits"),
    ],
)
def test_a_wrong_table_is_refused_whole(tmp_path: Path, changes: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        _read(tmp_path, **changes)


def test_a_head_forwards_everything_but_what_is_the_routers() -> None:
    head = heads.parse(
        b"POST /score?a=1 HTTP/1.1\r\nHost: H\r\nAuthorization: Bearer k\r\n"
        b"X-Request-Id: theirs\r\nContent-Type: text/plain\r\nConnection: keep-alive\r\n\r\n"
    )
    assert head.forwarded == b"POST /score?a=1\r\nHost: H\r\nContent-Type: text/plain\r\n"
    assert (head.path, head.host, head.keeps) == (b"/score", b"h", True)
