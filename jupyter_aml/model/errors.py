"""Every error a person may see.

::

    AmlError                     500  the base: a sentence for the user
    ├── Invalid                  400  the request is wrong; nothing was started
    │   └── CannotTravel         400  a variable or file cannot go to the compute
    ├── Unauthorized             401  no token, or the wrong one
    ├── Forbidden                403  the token is right, the action is not allowed
    ├── NotFound                 404  no such thing (or no such operation)
    ├── Conflict                 409  it exists already, or its state forbids the action
    │   ├── BudgetReached        409  the budget's guard takes no more paid work
    │   ├── ComputeNotRunning    409  the compute is stopped
    │   └── QuotaExceeded        409  the workspace has no cores left for this
    ├── TooLarge                 413  a snapshot, variable or body over its limit
    ├── Busy                     429  try again soon; the hint says when
    ├── Internal                 500  a defect of ours; details name the log entry
    ├── Unavailable              503  the service or a backend does not answer
    │   └── ServiceNotRunning    503  no service runs, and none was to be started
    ├── StorageFull              507  the disk of JUPYTER_AML_HOME is full or read-only
    ├── EnvironmentFailed        422  an environment could not be built; target is the requirement
    ├── JobFailed                422  the job ended as Failed
    │   └── RemoteError          422  ... because the cell raised; ename and traceback are its own
    └── JobCanceled              422  the job was canceled

An error carries ``message`` (what), ``target`` (where), ``hint`` (how to fix it, with the
command to type) and ``details`` (the raw text). On the wire it is ARM's body
``{"error": {...}}``; `from_body` makes the same class again in the client.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

import msgspec

E = TypeVar("E", bound="AmlError")


class ErrorBody(msgspec.Struct, rename="camel", frozen=True, omit_defaults=True, kw_only=True):
    """The inside of ARM's ``{"error": ...}``; also the error stored with a failed job."""

    code: str
    message: str
    target: str = ""
    hint: str = ""
    details: list[str] = []


class ErrorEnvelope(msgspec.Struct, frozen=True):
    """ARM's error body as a whole."""

    error: ErrorBody


_BY_CODE: dict[str, type[AmlError]] = {}


class AmlError(Exception):
    """The base: a sentence for the user. Anything that is not one is a defect."""

    http_status: ClassVar[int] = 500
    code: ClassVar[str] = "AmlError"

    def __init_subclass__(cls, *, status: int, registered: bool = True, **kwargs: Any) -> None:
        """A class that is not `registered` keeps its base's code: it is never on the wire."""
        super().__init_subclass__(**kwargs)
        cls.http_status = status
        if registered:
            cls.code = cls.__name__
            _BY_CODE[cls.code] = cls

    def __init__(
        self, message: str, *, target: str = "", hint: str = "", details: list[str] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.target = target
        self.hint = hint
        self.details: list[str] = list(details or ())

    def __str__(self) -> str:
        lines = [self.message]
        if self.target:
            lines.append(f"Where: {self.target}")
        if self.hint:
            lines.append(f"Fix: {self.hint}")
        return "\n".join(lines)

    def at(self: E, target: str) -> E:
        """The same error with another place: that in what the caller sent, say."""
        return type(self)(self.message, target=target, hint=self.hint, details=self.details)

    def body(self) -> ErrorBody:
        """The wire form; `from_body` is its inverse."""
        return ErrorBody(
            code=self.code,
            message=self.message,
            target=self.target,
            hint=self.hint,
            details=self.details,
        )


class Invalid(AmlError, status=400):
    """The request is wrong. Nothing was started."""


class CannotTravel(Invalid, status=400):
    """A variable, module or file that the cell needs cannot go to the compute."""


class Unauthorized(AmlError, status=401):
    """No token, or the wrong one."""


class Forbidden(AmlError, status=403):
    """The caller is known, the action is not allowed."""


class NotFound(AmlError, status=404):
    """No such thing, or no such operation."""


class Conflict(AmlError, status=409):
    """It exists already with another meaning, or its state forbids the action."""


class BudgetReached(Conflict, status=409):
    """The budget's guard takes no more work that costs; message holds both amounts."""


class ComputeNotRunning(Conflict, status=409):
    """The compute is stopped, stopping or unusable."""


class QuotaExceeded(Conflict, status=409):
    """The workspace has no cores left for this; message holds both numbers."""


class TooLarge(AmlError, status=413):
    """A snapshot, a variable or a body is over its limit."""


class Busy(AmlError, status=429):
    """Too much at once; the hint says when to try again."""


class Internal(AmlError, status=500):
    """A defect of ours. ``details`` hold the id of the log entry."""


class Unavailable(AmlError, status=503):
    """The service or a backend does not answer."""


class ServiceNotRunning(Unavailable, status=503):
    """No service runs, and the caller asked not to start one."""


class StorageFull(AmlError, status=507):
    """The disk that holds JUPYTER_AML_HOME is full or read-only."""


class EnvironmentFailed(AmlError, status=422):
    """An environment could not be built. ``target`` is the requirement that was the cause."""


class JobFailed(AmlError, status=422):
    """The job ended as Failed for a reason other than an exception of the cell."""


class RemoteError(JobFailed, status=422):
    """The cell raised an exception whose class cannot be imported here."""

    ename: str = ""
    evalue: str = ""
    traceback: list[str] = []


class JobCanceled(AmlError, status=422):
    """The job was canceled before it ended."""


def codes() -> list[str]:
    """Every code, sorted: TypeScript's union and the docs page are made from it."""
    return sorted(_BY_CODE)


def error_class(code: str) -> type[AmlError]:
    """The class of a code; a code of a newer service is an `AmlError`."""
    return _BY_CODE.get(code, AmlError)


def from_body(body: ErrorBody) -> AmlError:
    """The exception that a wire body stands for."""
    return error_class(body.code)(
        body.message, target=body.target, hint=body.hint, details=body.details
    )
