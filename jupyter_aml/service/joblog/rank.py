"""One rank of one attempt: three raw files, taken in the order in which the job wrote them.

Pure reading: `take` looks and changes nothing, `advance` says that what was taken is on disk in
``events.log``. A crash between the two takes the same bytes again, under the same numbers.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_aml.service.joblog import lines
from jupyter_aml.service.joblog.lines import Frame
from jupyter_aml.service.joblog.raw import RawFile, drop

CHUNK = 64 * 1024
BUDGET = 1024 * 1024
"""Most bytes of one take, so that no job holds up the event loop."""

STREAMS = ("stdout", "stderr", "frames")

_REPORTED = frozenset({"metric", "progress"})

Sizes = tuple[int, int, int]
"""Bytes of each of `STREAMS`."""


@dataclass(slots=True)
class Record:
    """One event to be: bytes ``at`` = (offset, length) of ``stream``.

    ``frame`` is None in the frames file for a line that cannot be read. ``cut`` records that the
    job emptied the file.
    """

    stream: str
    at: tuple[int, int]
    text: str = ""
    frame: Frame | None = None
    line: bytes = b""
    cut: bool = False

    @property
    def kind(self) -> str:
        if self.stream == "frames" and not self.cut:
            return self.frame.k if self.frame else "notice"
        return "notice" if self.cut else self.stream

    def on_disk(self, seq: int, time: str, attempt: int, rank: int) -> str:
        """Its line in ``events.log``."""
        if self.cut:
            return lines.cut_line(seq, time, self.stream, attempt, rank)
        return lines.reference(seq, time, self.kind, attempt, rank, self.at)

    def event(self, seq: int, time: str, rank: int) -> bytes:
        """The event as followers get it."""
        if self.cut:
            return lines.notice_event(seq, time, rank, lines.emptied_text(self.stream))
        if self.stream != "frames":
            return lines.stream_event(seq, time, self.kind, rank, self.text)
        if self.frame is None:
            return lines.notice_event(seq, time, rank, lines.UNREADABLE)
        return lines.frame_event(seq, time, rank, self.frame)


@dataclass(slots=True)
class Take:
    """What was found, in order, and where each file would be read from next."""

    positions: dict[str, int]
    records: list[Record] = field(default_factory=list[Record])
    done: dict[str, Any] | None = None
    more: bool = False
    """The budget ended before the files did."""
    budget: int = BUDGET

    def reported(self, *, newly_done: bool) -> list[dict[str, Any]]:
        """The frames in it that the service itself hears of."""
        frames = [lines.frame_fields(r.line) for r in self.records if r.kind in _REPORTED]
        return [*frames, self.done] if self.done and newly_done else frames


def whole(folder: str, rank: int, sizes: Sizes, limit: int) -> list[Record] | None:
    """What one take would find in the files of a rank that has ended, its frames being silent.

    None where they do not hold just `sizes`, or that alone does not tell: more than `limit` bytes
    are cut into pieces by what they are, and frames may say in which order two streams go.
    """
    stdout, stderr, frames = sizes
    if (stdout and stderr) or max(stdout, stderr) > limit:
        return None
    for name, size in (("stdout", stdout), ("stderr", stderr), ("frames", frames)):
        try:
            if os.stat(f"{folder}{os.sep}{name}.{rank}").st_size != size:
                return None
        except OSError:
            return None  # who reads them finds out what that means
    if not stdout and not stderr:
        return []
    return [Record("stdout", (0, stdout)) if stdout else Record("stderr", (0, stderr))]


class RankReader:
    """Reads ``stdout.<rank>``, ``stderr.<rank>`` and ``frames.<rank>`` of an attempt's folder."""

    def __init__(
        self, folder: Path | str, attempt: int, rank: int, positions: dict[str, int]
    ) -> None:
        """`positions` says how much of each file the log refers to already."""
        self.attempt = attempt
        self.rank = rank
        # Plain strings: a `Path` each would be a tenth of what a quick job costs.
        self.files = {name: RawFile(f"{folder}{os.sep}{name}.{rank}") for name in STREAMS}
        self.positions = positions
        self.done: dict[str, Any] | None = None
        self._begins = dict.fromkeys(positions, 0)
        for name, position in positions.items():
            if position:
                self._begins[name] = self.files[name].dropped()

    @property
    def has_begun(self) -> bool:
        """Whether anything of its files was read, or is known to be in them."""
        return self.done is not None or any(self.positions.values())

    def take(self, *, final: bool = False) -> Take:
        """The next records. With `final` the job is gone: the last bytes are text as they are."""
        take = Take(positions=dict(self.positions))
        # Sizes first: what was in the streams then was written before any frame that is not
        # in the frames file by the time it is read.
        sizes = {name: self.files[name].size() for name in ("stdout", "stderr")}
        for name in STREAMS:
            self._notice_cut(take, name)
        if self._take_frames(take, sizes, final):
            for name, size in sizes.items():
                self._take_stream(take, name, size, final)
        return take

    def advance(self, take: Take) -> None:
        """What `take` holds is safe: the next take begins after it."""
        self.positions = take.positions
        self.done = take.done or self.done

    def trim(self, limit: int) -> list[str]:
        """Drop the oldest part of what is over `limit` bytes; notices of what is new to say."""
        notices: list[str] = []
        for name, position in self.positions.items():
            begins = self._begins[name]
            if position - begins > limit:
                # a quarter at a time, so that this is rare
                upto = position - limit * 3 // 4
                if drop(self.files[name].path, upto):
                    self._begins[name] = upto
                    notices += [] if begins else [lines.dropped_text(name, upto)]
                else:
                    self._begins[name] = sys.maxsize  # never asked again
                    notices.append(lines.kept_text(name, limit))
        return notices

    def close(self) -> None:
        for file in self.files.values():
            file.close()

    def _notice_cut(self, take: Take, name: str) -> None:
        """``echo x > /dev/stderr`` in a script empties the file: begin again at its start."""
        # Asked only of what was read before: most jobs never write to stderr, and a file that
        # is not there is looked for each time.
        if take.positions[name] and take.positions[name] > self.files[name].size():
            take.positions[name] = 0
            take.records.append(Record(name, (0, 0), cut=True))

    def _take_frames(self, take: Take, sizes: Mapping[str, int], final: bool) -> bool:
        """Take each whole line after the stream bytes it follows; False if some are left."""
        for line in self._whole_lines(take.positions["frames"]):
            frame = lines.read_frame(line)
            if frame is not None:
                for name, told in (("stdout", frame.so), ("stderr", frame.se)):
                    if told <= take.positions[name]:
                        continue
                    # a frame may speak of bytes that came after the sizes were asked
                    known = told if told <= sizes[name] else min(told, self.files[name].size())
                    if not self._take_stream(take, name, known, final=False):
                        return False
            self._take_frame(take, line, frame)
            if take.budget <= 0:
                take.more = True
                return False
        if final:
            self._take_torn_line(take)
        return True

    def _whole_lines(self, start: int) -> Iterator[bytes]:
        """The lines of the frames file from `start` on, without their newlines."""
        file, length = self.files["frames"], CHUNK
        while True:
            data = file.read(start, length)
            end = data.rfind(b"\n") + 1
            if end:
                yield from data[: end - 1].split(b"\n")
            if len(data) < length:
                return  # what comes from now on is news of the next look
            start, length = (start + end, CHUNK) if end else (start, length * 4)

    def _take_frame(self, take: Take, line: bytes, frame: Frame | None) -> None:
        at = (take.positions["frames"], len(line) + 1)
        take.positions["frames"] += at[1]
        take.budget -= at[1]
        if frame is not None and frame.k == "done":
            take.done = lines.frame_fields(line)
        elif frame is None or frame.k != "mark":
            # of a row of progress reports the newest says it all
            if take.records and frame and frame.k == take.records[-1].kind == "progress":
                take.records.pop()
            take.records.append(Record("frames", at, frame=frame, line=line))

    def _take_torn_line(self, take: Take) -> None:
        """The job was killed while it wrote a frame: what there is of it cannot be shown."""
        start = take.positions["frames"]
        length = self.files["frames"].size() - start
        if length > 0:
            take.positions["frames"] += length
            take.records.append(Record("frames", (start, length)))

    def _take_stream(self, take: Take, name: str, upto: int, final: bool) -> bool:
        """Take chunks up to `upto`, ending on UTF-8 borders; False if the budget ends first."""
        while (start := take.positions[name]) < upto:
            if take.budget <= 0:
                take.more = True
                return False
            data = self.files[name].read(start, min(CHUNK, upto - start))
            last = final and start + len(data) == upto
            text, used = codecs.utf_8_decode(data, "replace", last)
            if not used:
                break  # the beginning of a character; its rest is still to come
            take.records.append(Record(name, (start, used), text=text))
            take.positions[name] += used
            take.budget -= used
        return True
