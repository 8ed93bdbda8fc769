"""The lines of ``events.log`` and the lines that followers get.

A line on disk is either an event of the service's own, stored as it is sent, or a reference:
``{"seq","time","kind","a","r","o","n"}`` says that bytes ``o`` to ``o + n`` of a raw file of
attempt ``a``, rank ``r`` became event ``seq``. A third form says that the job emptied a raw file:
``{"seq","time","kind":"notice","cut":stream,"a","r"}``. References are written with the fields in
exactly this order, so `last_consumed` may search for them as bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from mmap import mmap
from typing import Any, cast

import msgspec

from jupyter_aml.model.event import STREAM_KINDS, Event, Kind

FRAME_KINDS = frozenset(
    {
        "display_data",
        "update_display_data",
        "execute_result",
        "clear_output",
        "error",
        "metric",
        "progress",
    }
)
"""Frames that become events. A job cannot write a status or a notice of the service."""

SILENT_FRAMES = frozenset({"mark", "done"})

UNREADABLE = "An output of the job could not be read and is left out."

_encode = msgspec.json.Encoder().encode


class Line(msgspec.Struct):
    """What the forms have in common; ``n`` is negative for an event of the service's own."""

    seq: int
    kind: str
    time: str = ""
    a: int = 0
    r: int = 0
    o: int = 0
    n: int = -1
    status: str = ""
    cut: str = ""

    @property
    def stream(self) -> str:
        """The raw file that a reference points into: "stdout", "stderr" or "frames"."""
        return self.kind if self.kind in STREAM_KINDS else "frames"


class Frame(msgspec.Struct):
    """A line of ``frames.<rank>``; what is only passed on stays undecoded."""

    k: str
    so: int = 0
    se: int = 0
    data: msgspec.Raw = msgspec.Raw()
    metadata: msgspec.Raw = msgspec.Raw()
    transient: msgspec.Raw = msgspec.Raw()
    wait: msgspec.Raw = msgspec.Raw()
    ename: msgspec.Raw = msgspec.Raw()
    evalue: msgspec.Raw = msgspec.Raw()
    traceback: msgspec.Raw = msgspec.Raw()
    name: msgspec.Raw = msgspec.Raw()
    value: msgspec.Raw = msgspec.Raw()
    total: msgspec.Raw = msgspec.Raw()
    step: msgspec.Raw = msgspec.Raw()
    text: msgspec.Raw = msgspec.Raw()


_PASSED_ON = tuple(
    (name, name.encode()) for name in Frame.__struct_fields__ if name not in ("k", "so", "se")
)

parse_line = msgspec.json.Decoder(Line).decode
_parse_frame = msgspec.json.Decoder(Frame).decode
_parse_fields = msgspec.json.Decoder(dict[str, Any]).decode
_parse_event = msgspec.json.Decoder(Event).decode

# -- on disk ------------------------------------------------------------------------------


def reference(seq: int, time: str, kind: str, attempt: int, rank: int, at: tuple[int, int]) -> str:
    """A reference line; `at` is (offset, length)."""
    return (
        f'{{"seq":{seq},"time":"{time}","kind":"{kind}",'
        f'"a":{attempt},"r":{rank},"o":{at[0]},"n":{at[1]}}}\n'
    )


def cut_line(seq: int, time: str, stream: str, attempt: int, rank: int) -> str:
    """From here on, references to `stream` count from its new beginning."""
    return (
        f'{{"seq":{seq},"time":"{time}","kind":"notice","cut":"{stream}",'
        f'"a":{attempt},"r":{rank}}}\n'
    )


def last_consumed(log: bytes | mmap, attempt: int, rank: int, stream: str) -> int:
    """Up to which byte the references in `log` (whole lines) have used a raw file."""
    kinds = (stream,) if stream in STREAM_KINDS else (*FRAME_KINDS, "notice")
    found = -1
    for kind in kinds:
        mark = f'"kind":"{kind}","a":{attempt},"r":{rank},"o":'.encode()
        # quotes inside a text are escaped, so this can only be a reference
        found = max(found, log.rfind(mark))
    if found < 0:
        return 0
    start = log.rfind(b"\n", 0, found) + 1
    line = parse_line(log[start : log.find(b"\n", found)])
    return line.o + line.n


def find_cuts(log: bytes | mmap) -> Iterator[Line]:
    """The lines that `cut_line` wrote, in order."""
    found = log.find(b',"cut":"')
    while found >= 0:
        end = log.find(b"\n", found) + 1
        yield parse_line(log[log.rfind(b"\n", 0, found) + 1 : end])
        found = log.find(b',"cut":"', end)


# -- on the wire --------------------------------------------------------------------------


def own_event(seq: int, time: str, kind: str, fields: dict[str, Any]) -> bytes:
    """An event of the service's own, the same on disk and on the wire.

    Raises TypeError for a field that `Event` does not have.
    """
    return _encode(Event(seq=seq, time=time, kind=cast("Kind", kind), **fields)) + b"\n"


def notice_event(seq: int, time: str, rank: int, text: str) -> bytes:
    return own_event(seq, time, "notice", {"node": rank, "text": text})


def stream_event(seq: int, time: str, kind: str, rank: int, text: str) -> bytes:
    return b"%b%b}\n" % (_head(seq, time, kind, rank), b',"text":' + _encode(text))


def frame_event(seq: int, time: str, rank: int, frame: Frame) -> bytes:
    """The event that a frame is, its contents passed on as they were written."""
    parts = [_head(seq, time, frame.k, rank)]
    for name, name_bytes in _PASSED_ON:
        value: msgspec.Raw = getattr(frame, name)
        if value:
            parts.append(b',"%b":%b' % (name_bytes, value))
    parts.append(b"}\n")
    return b"".join(parts)


def _head(seq: int, time: str, kind: str, rank: int) -> bytes:
    node = f',"node":{rank}' if rank else ""
    return f'{{"seq":{seq},"time":"{time}","kind":"{kind}"{node}'.encode()


def emptied_text(stream: str) -> str:
    return f"The job emptied its {stream}; what was in it before is gone."


def dropped_text(stream: str, dropped_bytes: int) -> str:
    return (
        f"The first {dropped_bytes / 1e6:,.1f} MB of {stream} were dropped: "
        "the log keeps the newest part of each stream."
    )


def kept_text(stream: str, limit_bytes: int) -> str:
    return (
        f"{stream} is over {limit_bytes / 1e6:,.1f} MB, and this filesystem cannot drop its "
        "oldest part: all of it is kept."
    )


# -- of the job ---------------------------------------------------------------------------


def read_frame(line: bytes) -> Frame | None:
    """The frame, or None when it is not one that a client could read.

    The file is the job's: anything may stand in it, and contents are passed on as they are. So
    it is tried here whether the event can be read: text that is not UTF-8, half a surrogate
    pair or a value of the wrong type would break every client.
    """
    try:
        frame = _parse_frame(line)
        if frame.k in FRAME_KINDS:
            _parse_event(frame_event(0, "", 0, frame))
            return frame
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return frame if frame.k in SILENT_FRAMES else None


def frame_fields(line: bytes) -> dict[str, Any]:
    """The whole frame as plain values, for the service itself (metric, progress, done)."""
    return _parse_fields(line)
