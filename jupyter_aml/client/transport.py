"""The way to the service: requests on kept connections, streams read line by line as they come.

`HttpTransport` is the real one; tests of what is above give `Client` another `Transport`. A
service that was restarted, moved to another port or died is looked for again (and started, if
the transport was told how), and the request is sent anew where that is safe.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar

from jupyter_aml.client import wire
from jupyter_aml.client.connection import ANSWER_SECONDS, Answer, Connection
from jupyter_aml.model.errors import Unavailable

if TYPE_CHECKING:
    from jupyter_aml.client.discovery import Runtime

_T = TypeVar("_T")

_TRIES = 3
_DYING_SECONDS = 1.0
"""More than a killed process takes from closing its sockets to leaving the process table."""
_STEP_SECONDS = 0.01
_KEPT = 4


class Stream(Protocol):
    """The body of an answer that has no end known before."""

    def read_line(self, timeout: float | None = None) -> bytes | None:
        """The next line without its end; None when the stream has ended well.

        Raise TimeoutError if none came within `timeout` seconds (the stream can be read on), and
        `Unavailable` if the stream broke.
        """
        ...

    def pieces(self) -> Iterator[bytes]:
        """The body as raw bytes, as they come. Not to be mixed with lines."""
        ...

    def close(self) -> None:
        """Give it up. Another thread that reads it gets `Unavailable`."""
        ...


class Transport(Protocol):
    """Requests to one service. ``path`` is without the API's prefix, its query included."""

    def request(
        self, method: str, path: str, body: bytes | None = None, *, repeatable: bool = True
    ) -> bytes:
        """The body of the answer. Raise the error that the service answered with.

        A `repeatable` request may be carried out twice without harm, so it is sent again when
        the connection breaks.
        """
        ...

    def stream(self, method: str, path: str, body: bytes | None = None) -> Stream:
        """Like `request` (always repeatable), its answer to be read while it comes."""
        ...

    def close(self) -> None: ...


class HttpTransport:
    """`locate` returns the service's runtime; it is asked first and whenever nobody answers."""

    def __init__(self, locate: Callable[[], Runtime]) -> None:
        self._locate = locate
        self._runtime: Runtime | None = None
        self._idle: list[Connection] = []
        self._process = os.getpid()

    def request(
        self, method: str, path: str, body: bytes | None = None, *, repeatable: bool = True
    ) -> bytes:
        status, content = self._exchange(method, path, body, repeatable, self._whole)
        if status >= 400:
            raise wire.error_of(status, content)
        return content

    def stream(self, method: str, path: str, body: bytes | None = None) -> HttpStream:
        status, stream, content = self._exchange(method, path, body, True, self._opened)
        if stream is not None:
            return stream
        raise wire.error_of(status, content)

    def close(self) -> None:
        """Close kept connections. The transport can still be used."""
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        repeatable: bool,
        take_in: Callable[[Connection, Answer], _T],
    ) -> _T:
        """Send the request until someone answers it, within reason; what `take_in` makes of that.

        An interrupt may come between any two steps. So a connection is in the hands of this
        method, which closes it, until `take_in` has given it to somebody else.
        """
        failure: BaseException | None = None
        for _ in range(_TRIES):
            connection, token, is_kept = self._take()
            try:
                answer = connection.send(method, path, token, body)
                connection.receive_head(answer)
                # Another service may have taken the port: that one has another token.
                is_anothers = answer.status == 401 and failure is None
                if not is_anothers:
                    return take_in(connection, answer)
            except BaseException as error:  # an answer cut short must not be read by the next call
                connection.close()
                if not isinstance(error, OSError):
                    raise  # the person interrupted, the answer broke off, or a defect
                if not repeatable or isinstance(error, TimeoutError):
                    raise wire.no_answer(error) from error
                if not is_kept:
                    self._runtime = None
                failure = error
            else:  # nothing was done
                connection.close()
                self._runtime, failure = None, PermissionError("the token was refused")
        raise wire.no_answer(failure) from failure

    def _whole(self, connection: Connection, answer: Answer) -> tuple[int, bytes]:
        """The status and the body; the connection is kept. What was begun is not sent again."""
        try:
            content = connection.receive_all(answer)
        except OSError as error:
            raise wire.no_answer(error) from error
        self._give_back(connection, answer)
        return answer.status, content

    def _opened(
        self, connection: Connection, answer: Answer
    ) -> tuple[int, HttpStream | None, bytes]:
        """The status, and the stream that was asked for or the body of the refusal."""
        if answer.status >= 400:
            status, content = self._whole(connection, answer)
            return status, None, content
        return answer.status, HttpStream(connection, answer, self._give_back), b""

    def _take(self) -> tuple[Connection, str, bool]:
        """A connection, the token to use on it, and whether it was used before."""
        if os.getpid() != self._process:
            # A fork shares its parent's sockets; closing our copies leaves theirs open.
            self._process = os.getpid()
            self.close()
        runtime = self._runtime  # another thread, refused a connection, forgets it
        if runtime is not None and (connection := self._kept()) is not None:
            return connection, runtime.token, True
        return self._fresh()

    def _kept(self) -> Connection | None:
        """A connection that was used before and is still open. Nobody else gets it."""
        while self._idle:
            connection: Connection | None = None
            try:
                connection = self._idle[-1]  # not `pop`: interrupted, it would be nobody's
                self._idle.remove(connection)
                if not connection.is_stale():
                    return connection
            except (IndexError, ValueError):
                continue  # no lock: another thread that shares this client was faster
            except BaseException:  # an interrupt
                if connection is not None:
                    connection.close()
                raise
            connection.close()
        return None

    def _fresh(self) -> tuple[Connection, str, bool]:
        """A new connection, to the service where it is now.

        A killed service refuses connections some time before it leaves the process table, where
        `locate` looks: so a refusal is asked about again, for a moment.
        """
        deadline = 0.0
        while True:
            is_known = self._runtime is not None
            runtime = self._runtime = self._runtime or self._locate()
            try:
                return Connection(runtime.url), runtime.token, False
            except OSError as error:
                self.close()
                self._runtime = None
                if is_known:
                    continue
                # From the first refusal on: starting a service may have taken long before.
                deadline = deadline or time.monotonic() + _DYING_SECONDS
                is_dying = isinstance(error, ConnectionRefusedError)
                if not is_dying or time.monotonic() > deadline:
                    raise wire.no_answer(error) from error
                time.sleep(_STEP_SECONDS)

    def _give_back(self, connection: Connection, answer: Answer) -> None:
        if answer.is_reusable and len(self._idle) < _KEPT:
            self._idle.append(connection)
        else:
            connection.close()


class HttpStream:
    """One streamed answer. `give_back` gets the connection when its end was read."""

    def __init__(
        self,
        connection: Connection,
        answer: Answer,
        give_back: Callable[[Connection, Answer], None],
    ) -> None:
        self._connection = connection
        self._answer = answer
        self._give_back = give_back
        self._ready: list[bytes] = []
        """Complete lines, the next one last."""
        self._partial = b""
        self._lock = threading.Lock()
        self._is_over = False
        """The connection is closed, or somebody else's by now."""
        self._reader: int | None = None
        """The thread that waits for more. After an interrupt it may be left here, and is done."""

    def read_line(self, timeout: float | None = None) -> bytes | None:
        while not self._ready:
            self._split()  # the head may have brought the first lines along
            if self._ready:
                break
            if self._answer.is_over:
                self._end()
                return None
            self._fill(timeout)
        return self._ready.pop()

    def pieces(self) -> Iterator[bytes]:
        try:
            while True:
                if piece := self._answer.take():
                    yield piece
                if self._answer.is_over:
                    break
                self._fill(ANSWER_SECONDS)
        except TimeoutError as error:
            self.close()
            raise wire.no_answer(error) from error
        except BaseException:  # also when who reads stops: half a body is left in it
            self.close()
            raise
        self._end()

    def close(self) -> None:
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
            is_read = self._reader not in (None, threading.get_ident())
        self._connection.break_off()
        if not is_read:
            # Else its reader does it: the number of a closed socket may at once be another's.
            self._connection.close()

    def _fill(self, timeout: float | None) -> None:
        """Take in what has arrived; wait for something to arrive if need be."""
        with self._lock:
            if self._is_over:
                raise wire.no_answer(ConnectionError("the stream was closed"))
            self._reader = threading.get_ident()
        try:
            self._connection.receive(self._answer, timeout)
        except TimeoutError:
            raise
        except OSError as error:
            raise self._broken(error) from error
        finally:
            with self._lock:
                self._reader = None
                is_over = self._is_over
            if is_over:
                self._connection.close()

    def _split(self) -> None:
        if payload := self._answer.take():
            *lines, self._partial = (self._partial + payload).split(b"\n")
            self._ready = lines[::-1]

    def _broken(self, error: Exception) -> Unavailable:
        with self._lock:
            self._is_over = True
        return wire.no_answer(error)

    def _end(self) -> None:
        """Everything was read: the connection is fit for the next request, or closed."""
        try:
            with self._lock:
                if self._is_over:
                    return
                self._is_over = True
            self._give_back(self._connection, self._answer)
        except BaseException:  # an interrupt; one that was given back is found closed, and left
            self._connection.close()
            raise
