"""`JobLog`: one job's events, numbered, on disk before anybody sees them.

The backend appends what the service has to say, attaches the files that the job's processes
write, and drains them once those processes are gone; any number of followers read. All of it
happens on the event loop's thread.

``events.log`` holds references to the raw files, not copies, and is their only index: what it
does not refer to was not consumed yet. So a service that is killed at any instant leaves a log
that its successor continues without losing or repeating a byte, and a full disk loses nothing:
the job's bytes wait in the raw files until the log can be written again.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_aml.model.lifecycle import JOB
from jupyter_aml.service.clock import Clock, Timer, iso
from jupyter_aml.service.joblog import lines
from jupyter_aml.service.joblog.events_file import EventsFile
from jupyter_aml.service.joblog.news import News
from jupyter_aml.service.joblog.pace import Pace
from jupyter_aml.service.joblog.rank import CHUNK, STREAMS, RankReader, Record, Sizes, Take, whole
from jupyter_aml.service.joblog.replay import Replay
from jupyter_aml.service.joblog.tail import Tail
from jupyter_aml.service.joblog.watcher import Watcher

log = logging.getLogger(__name__)

HEARTBEAT = b"{}\n"
HEARTBEAT_SECONDS = 15.0
RETRY_SECONDS = 0.5

OnFrame = Callable[[dict[str, Any]], object]


class JobLog:
    """Opened by `JobLogs.open`. ``last_seq`` numbers the newest event, 0 before the first."""

    def __init__(
        self,
        name: str,
        folder: Path | str,
        *,
        clock: Clock,
        watcher: Callable[[], Watcher],
        limit_bytes: int,
        is_new: bool = False,
    ) -> None:
        self.name = name
        self._clock = clock
        self._watcher = watcher
        self._limit_bytes = limit_bytes
        # Texts, because a `Path` for each file would be a tenth of what a quick job costs.
        self._folder = str(folder)
        self._file = EventsFile(f"{self._folder}{os.sep}events.log", is_new=is_new)
        self.last_seq = self._file.last_seq
        self.final_status = self._file.final_status
        self._saved_seq = self.last_seq
        self._tail = Tail(self.last_seq)
        self._unsaved: list[bytes] = []
        self._readers: dict[tuple[int, int], RankReader] = {}
        self._on_frame: dict[tuple[int, int], OnFrame | None] = {}
        self._paces: dict[int, Pace] = {}
        self._cuts: dict[tuple[int, int, str], int] | None = None
        self._followers = 0
        self._is_expected = False
        """Somebody is about to follow: what comes until then is kept for them, and not re-read."""
        self._news = News(clock)
        self._retry: Timer | None = None
        self._closed = False
        self._is_held = False

    # -- the service's own events -----------------------------------------------------------

    def append(self, kind: str, /, **fields: Any) -> int:
        """Add an event of the service's own and return its number.

        `fields` are those of `model.event.Event`. On disk before a follower sees it; when the
        disk refuses, the event keeps its number and is written as soon as that is possible.
        """
        self._number(kind, fields)
        if not self._is_held:
            self._save_unsaved()
        return self.last_seq

    def append_later(self, kind: str, /, **fields: Any) -> None:
        """`append`, but written with what comes next, or when somebody follows.

        For what the next service could say again from elsewhere: until then it is on no disk.
        """
        self._number(kind, fields)
        if self._followers:
            self._save_unsaved()

    def _number(self, kind: str, fields: dict[str, Any]) -> None:
        self._unsaved.append(lines.own_event(self.last_seq + 1, self._time(), kind, fields))
        self.last_seq += 1
        if kind == "status" and fields["status"] in JOB.final:
            self.final_status = fields["status"]

    @contextmanager
    def together(self) -> Generator[None]:
        """What is appended inside is written together at the end or by `flush`. No await in it."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False
            self._save_unsaved()

    def flush(self) -> None:
        """Write now what `together` holds back: something is about to happen that relies on it."""
        self._save_unsaved()

    def _save_unsaved(self) -> bool:
        if self._unsaved:
            if not self._write(b"".join(self._unsaved)):
                return False
            unsaved, self._unsaved = self._unsaved, []
            self._saved(unsaved)
        return True

    def _write(self, data: bytes) -> bool:
        try:
            self._file.write(data)
        except OSError as error:
            if self._retry is None:
                log.error("StorageFull: the log of job %s cannot be written: %s", self.name, error)
            else:
                self._retry.cancel()
            self._retry = self._clock.call_later(RETRY_SECONDS, self._try_again)
            return False
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
            log.warning("the log of job %s is written again", self.name)
        return True

    def _try_again(self) -> None:
        if self._save_unsaved():
            self._look_everywhere()

    def _saved(self, events: list[bytes]) -> None:
        for event in events:
            self._tail.add(event)
        self._passed(len(events))

    def _passed(self, count: int) -> None:
        """So many more events are on disk."""
        self._saved_seq += count
        if not self._readers and (self.final_status or not self._followers):
            self._file.close()  # a queue of thousands must not use up the files one may open
        self._news.tell()

    # -- the job's own files ----------------------------------------------------------------

    def attach(
        self,
        attempt: int,
        rank: int,
        *,
        on_frame: OnFrame | None = None,
        is_new: bool = False,
        hurries: bool = True,
    ) -> None:
        """Follow stdout, stderr and frames of a rank, from where the log left them.

        The files need not exist yet; `is_new` says that the attempt's folder was made this moment
        and holds none. Where nobody follows, what they hold may wait a moment unless it `hurries`.
        `on_frame` gets metric, progress and done frames as they come; attaching again replaces it.
        """
        self._on_frame[attempt, rank] = on_frame
        self._reader(attempt, rank, is_new=is_new)
        if attempt not in self._paces:
            self._paces[attempt] = self._pace(attempt, is_new=is_new)
        if not is_new and (hurries or self._is_followed()):
            self._paces[attempt].hurry()

    async def drain(self, attempt: int, rank: int) -> dict[str, Any] | None:
        """Read to the very end and let go; return the ``done`` frame, if the job wrote one.

        Called when the rank's whole process tree is gone. While the disk is full it waits:
        nothing that was written is left out.
        """
        reader = self._reader(attempt, rank)
        while True:
            taken = self._take(reader, final=True)
            if taken is None:
                await self._clock.sleep(RETRY_SECONDS)
            elif taken.more:
                await asyncio.sleep(0)
            else:
                break
        self._detach(attempt, rank)
        return reader.done

    def end_unread(self, attempt: int, rank: int, sizes: Sizes, /, **final: Any) -> bool:
        """`drain` a rank that wrote plain text at most, and append the final status, in one write.

        `sizes` are what its files held when it said that it had done all. False, and nothing is
        changed, where they have to be read after all: they hold more by now, or somebody follows
        and is to be sent their text. Or the disk refuses, for which `drain` waits.
        """
        reader = self._readers.get((attempt, rank))
        is_read = self._file.size > 0 if reader is None else reader.has_begun
        if is_read or self._is_followed():
            return False
        limit = min(CHUNK, self._limit_bytes)
        if (records := whole(f"{self._folder}{os.sep}{attempt}", rank, sizes, limit)) is None:
            return False
        time, seq, count = self._time(), self.last_seq + 1, len(self._unsaved) + len(records) + 1
        parts = [r.on_disk(n, time, attempt, rank).encode() for n, r in enumerate(records, seq)]
        last = seq + len(records)
        parts.append(lines.own_event(last, time, "status", final))
        if not self._write(b"".join([*self._unsaved, *parts])):
            return False
        self._unsaved.clear()
        self.last_seq, self.final_status = last, final["status"]
        self._detach(attempt, rank)
        self._tail.skip(count)  # who comes later reads the disk
        self._passed(count)
        return True

    def _reader(self, attempt: int, rank: int, *, is_new: bool = False) -> RankReader:
        reader = self._readers.get((attempt, rank))
        if reader is None or is_new:
            consumed: dict[str, int] = dict.fromkeys(STREAMS, 0)
            if not is_new:
                consumed = self._file.consumed(attempt, rank, STREAMS)
            reader = RankReader(f"{self._folder}{os.sep}{attempt}", attempt, rank, consumed)
            self._readers[attempt, rank] = reader
        return reader

    def _pace(self, attempt: int, *, is_new: bool) -> Pace:
        folder = f"{self._folder}{os.sep}{attempt}"
        if not is_new and not os.path.isdir(folder):
            os.makedirs(folder, 0o700, exist_ok=True)
        return Pace(
            folder,
            lambda: self._look(attempt),
            watcher=self._watcher(),
            clock=self._clock,
            followed=self._is_followed,
        )

    def _detach(self, attempt: int, rank: int) -> None:
        reader = self._readers.pop((attempt, rank), None)
        self._on_frame.pop((attempt, rank), None)
        if reader:
            reader.close()
        if attempt in self._paces and all(key[0] != attempt for key in self._readers):
            self._paces.pop(attempt).close()

    def _look(self, attempt: int) -> tuple[bool, bool]:
        """Take what the ranks of an attempt wrote; (found something, there is more)."""
        found = more = False
        for reader in [reader for key, reader in self._readers.items() if key[0] == attempt]:
            taken = self._take(reader)
            if taken is not None:
                more = more or taken.more
                found = found or taken.more or bool(taken.records)
        return found, more

    def _look_everywhere(self) -> None:
        for pace in list(self._paces.values()):
            pace.hurry()

    def _take(self, reader: RankReader, *, final: bool = False) -> Take | None:
        """Move what is new into the log; None while the disk refuses."""
        if not self._save_unsaved():
            return None
        before = reader.done
        take = reader.take(final=final)
        if take.records and not self._save(reader, take.records):
            return None
        reader.advance(take)
        self._report(reader, take, newly_done=before is None)
        for text in reader.trim(self._limit_bytes):
            self.append("notice", text=text, node=reader.rank)
        return take

    def _save(self, reader: RankReader, records: list[Record]) -> bool:
        time, attempt, rank = self._time(), reader.attempt, reader.rank
        numbered = list(enumerate(records, self.last_seq + 1))
        references = [record.on_disk(seq, time, attempt, rank) for seq, record in numbered]
        if not self._write("".join(references).encode()):
            return False
        self.last_seq += len(records)
        cuts = {(attempt, rank, r.stream): seq for seq, r in numbered if r.cut}
        if self._cuts is not None:
            self._cuts.update(cuts)  # in place: followers that read from disk hold it
        if self._is_followed():
            self._saved([record.event(seq, time, rank) for seq, record in numbered])
        else:
            self._tail.skip(len(records))  # who comes later reads the disk
            self._passed(len(records))
        return True

    def _report(self, reader: RankReader, take: Take, *, newly_done: bool) -> None:
        on_frame = self._on_frame.get((reader.attempt, reader.rank))
        if on_frame is None:
            return
        for frame in take.reported(newly_done=newly_done):
            try:
                on_frame(frame)
            except Exception:  # the backend's mistake must not stop the log
                log.exception("a %s frame of job %s was not handled", frame.get("k"), self.name)

    # -- followers --------------------------------------------------------------------------

    def expect_follower(self) -> None:
        """Called before the job starts, by who follows it from its first event on."""
        self._is_expected = True

    async def follow(self, after: int, *, wait: bool = True) -> AsyncGenerator[bytes]:
        """Events with a larger number, as JSON lines, some joined; ``{}`` after 15 s of silence.

        Ends after the final status event, when the log is closed, or (with `wait` false) at the
        end of what is there. Each follower reads at its own pace and slows nobody.
        """
        after = max(after, 0)
        replay: Replay | None = None
        self._followers += 1
        self._is_expected = False
        try:
            self._save_unsaved()
            for pace in list(self._paces.values()):
                # Who waits is woken by changes; only a rest after the last look is cut short.
                pace.hurry_rest() if wait else pace.hurry()
            while True:
                if after < self._saved_seq:
                    batch = self._tail.since(after)
                    if batch is None:
                        replay = replay or self._replay(after)
                        batch = replay.read(self._file.size)
                        ended = replay.at_end(self._file.size)
                        after = self._saved_seq if ended else replay.seq
                    else:
                        replay = _closed(replay)
                        after = self._saved_seq
                    if batch:
                        yield batch
                    else:
                        await asyncio.sleep(0)
                elif self._at_end() or not wait or self._closed:
                    return
                elif not await self.next_event(HEARTBEAT_SECONDS):
                    yield HEARTBEAT
        finally:
            self._followers -= 1
            _closed(replay)

    async def next_event(self, seconds: float) -> bool:
        """Wait until something new can be followed; False if nothing came in that time."""
        return await self._news.wait(seconds)

    def close(self) -> None:
        """Let go of every file; followers end. What was not consumed stays for the next service."""
        self._closed = True
        for pace in self._paces.values():
            pace.close()
        for reader in self._readers.values():
            reader.close()
        self._paces.clear()
        self._readers.clear()
        if self._retry:
            self._retry.cancel()
        self._file.close()
        self._news.tell()

    def _replay(self, after: int) -> Replay:
        if self._cuts is None:
            self._cuts = self._file.cuts()
        return Replay(Path(self._folder), self._cuts, after=after, limit=self._file.size)

    def _at_end(self) -> bool:
        return self.final_status is not None and not self._unsaved

    def _is_followed(self) -> bool:
        return self._followers > 0 or self._is_expected

    def _time(self) -> str:
        return iso(self._clock.time())


def _closed(replay: Replay | None) -> None:
    if replay is not None:
        replay.close()
