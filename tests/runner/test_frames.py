"""Frames on disk: strict JSON, whole lines, order marks."""

from __future__ import annotations

import base64
import json
import math
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.runner import frames
from jupyter_aml.runner.streams import _BAR
from jupyter_aml.runner.wire import Lines


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (math.nan, None),
        (math.inf, None),
        (1.5, 1.5),
        (b"\x89PNG", base64.b64encode(b"\x89PNG").decode()),
        ({1: (2, {3})}, {"1": [2, [3]]}),
        (Path("x"), "x"),
        ("\ud83d", "?"),
        ("é\n", "é\n"),
    ],
)
def test_what_json_cannot_hold_is_put_into_words(value: Any, kept: Any) -> None:
    line = frames.to_json({"data": value})
    assert json.loads(line)["data"] == kept
    assert b"\n" not in line


def test_a_torn_frame_spoils_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoStreams:
        def flush(self) -> None: ...
        def sizes(self) -> tuple[int, int]:
            return 0, 0

    writer = frames.Frames(str(tmp_path / "frames"), NoStreams())  # type: ignore[arg-type]
    whole = os.write
    writer.write("metric", name="one")
    monkeypatch.setattr(os, "write", lambda fd, data: whole(fd, data[: len(data) // 2]))
    writer.write("metric", name="torn")  # the disk is full
    assert writer.is_torn
    monkeypatch.setattr(os, "write", whole)
    writer.write("metric", name="two")
    writer.close()
    names = []
    for line in (tmp_path / "frames").read_text().splitlines():
        try:
            names.append(json.loads(line)["name"])
        except ValueError:
            continue
    assert names == ["one", "two"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("\r 45%|████      | 45/100 [00:01<00:02, 30it/s]", ("", "45", "100")),
        ("\rload:  45%|####5     | 45/100 [00:01<00:02, 30it/s]", ("load", "45", "100")),
        ("\rstep 2: 100%|██████████| 3/3 [00:00<00:00]", ("step 2", "3", "3")),
        ("\rwaiting", None),
    ],
)
def test_bars_are_told_from_other_lines(text: str, found: tuple[str, ...] | None) -> None:
    match = _BAR.match(text)
    assert (match.groups() if match else None) == found


def test_lines_come_whole_however_they_are_cut() -> None:
    data = b'{"a":1}\n{"b":2}\n\n{"c":3}'
    for size in (1, 2, 5, len(data)):
        lines = Lines()
        found = [
            line
            for start in range(0, len(data), size)
            for line in lines.feed(data[start : start + size])
        ]
        assert found == [b'{"a":1}', b'{"b":2}', b""]
        assert lines.feed(b"\n") == [b'{"c":3}']


def test_a_mark_is_written_only_when_the_streams_take_turns(tmp_path: Path) -> None:
    source = textwrap.dedent(
        """
        import os, sys
        folder = sys.argv[1]
        for fd, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(f"{folder}/{name}", os.O_WRONLY | os.O_APPEND | os.O_CREAT), fd)
        from jupyter_aml.runner.streams import Streams
        from jupyter_aml.runner.frames import Frames
        streams = Streams()
        frames = Frames(f"{folder}/frames", streams)
        streams.install()
        streams.begin(frames.mark, lambda **fields: None)
        for turn in range(2):
            for _ in range(3): print("out")
            for _ in range(3): print("err", file=sys.stderr)
        """
    )
    subprocess.run([sys.executable, "-c", source, str(tmp_path)], check=True)
    found = [json.loads(line) for line in (tmp_path / "frames").read_text().splitlines()]
    assert [(frame["k"], frame["so"], frame["se"]) for frame in found] == [
        ("mark", 12, 0),
        ("mark", 12, 12),
        ("mark", 24, 12),
    ]
