"""What a cell that ran elsewhere raises here: its own exception, with the remote traceback only."""

from __future__ import annotations

import types
from typing import Any, TypeVar, cast

from jupyter_aml.grammar.views import diagnosis
from jupyter_aml.kernel.shell import current_shell
from jupyter_aml.model.errors import (
    AmlError,
    Invalid,
    JobCanceled,
    JobFailed,
    RemoteError,
    from_body,
)
from jupyter_aml.model.event import Event
from jupyter_aml.model.job import Job

Raised = TypeVar("Raised", bound=BaseException)
AmlKind = TypeVar("AmlKind", bound=AmlError)

_RED, _PLAIN = "\x1b[31m", "\x1b[0m"


def exception_of(job: Job, error: Event | None, raised: BaseException | None) -> BaseException:
    """What to raise for a job that did not complete.

    `error` is the event that told of the cell's exception, `raised` the exception itself if it
    could be brought here.
    """
    told = from_body(job.error) if job.error else None
    if error is None and raised is not None and isinstance(told, RemoteError):
        return raised  # SystemExit, which leaves no traceback
    error = error or _stored(told)
    if error is not None and (told is None or isinstance(told, RemoteError)):
        return remote(error, raised, job)
    if isinstance(told, (JobFailed, JobCanceled)):
        told.hint = _way_out(job) or told.hint
        return told
    if job.status == "Canceled":
        return JobCanceled(
            f"The job {job.name} was canceled.", target=job.name, hint=_where_to_look(job)
        )
    why = told.message if told else job.status_reason or "it does not say why"
    return JobFailed(
        f"The job {job.name} failed: {why}",
        target=job.name,
        hint=told.hint if told and told.hint else _where_to_look(job),
        details=told.details if told else [],
    )


def _stored(told: AmlError | None) -> Event | None:
    """The error event that a job's stored error was made from."""
    if not isinstance(told, RemoteError):
        return None
    ename, _, evalue = told.message.partition(": ")
    return Event(seq=0, time="", kind="error", ename=ename, evalue=evalue, traceback=told.details)


def remote(error: Event, raised: BaseException | None, job: Job) -> BaseException:
    """The cell's own exception; a `RemoteError` of the same name if its class is not here."""
    if raised is not None and type(raised).__name__ == error.ename and not _is_syntax(raised):
        try:
            return with_traceback(raised, _explained(error, job))
        except (AttributeError, TypeError):
            pass  # a class whose instances take no further attributes
    kind = _named(error.ename, RemoteError)
    found = kind(error.evalue, target=job.name)
    found.ename, found.evalue, found.traceback = error.ename, error.evalue, error.traceback
    return with_traceback(found, _explained(error, job))


def _explained(error: Event, job: Job) -> list[str]:
    """The remote traceback and, where the doctor is sure, cause and way out below it."""
    if job.diagnosis is None:
        return list(error.traceback)
    way_out = _way_out(job)
    told = [f"Cause: {job.diagnosis.cause}.", f"Fix: {way_out}" if way_out else ""]
    return [*error.traceback, "\n".join(filter(None, told))]


def _way_out(job: Job) -> str:
    return diagnosis.hint(job.diagnosis) if job.diagnosis else ""


def misread(shell: Any, error: SyntaxError, source: str, number: int) -> BaseException:
    """What to raise for `source`, cell `number`, which is no Python: it looks as a plain cell's."""
    error.filename = shell.compile.cache(source, number, raw_code=source)
    lines = shell.SyntaxTB.structured_traceback(type(error), error, [])
    return with_traceback(_named(type(error).__name__, Invalid)(str(error)), lines)


def _is_syntax(error: BaseException) -> bool:
    """IPython shows a SyntaxError its own way, past `_render_traceback_`, with all our frames."""
    return isinstance(error, SyntaxError) and current_shell() is not None


def interrupted(job: str, *, after: str, error: Event | None = None) -> KeyboardInterrupt:
    """What ■ raises, once the job has stopped (or would not): `after` says which."""
    found = KeyboardInterrupt(after)
    shown = list(error.traceback) if error is not None else []
    return with_traceback(found, [*shown, f"{after} Its output: %aml job stream {job}"])


def with_traceback(error: Raised, lines: list[str]) -> Raised:
    """`error`, shown by IPython as `lines` rather than as a way through our own code."""
    cast("Any", error)._render_traceback_ = lambda: lines
    return error


def in_short(error: AmlError) -> AmlError:
    """`error`, shown as what, where, how to fix and the raw text, without any traceback."""
    name = type(error).__name__
    lines = [f"{_RED}{name}{_PLAIN}: {error}"]
    if error.details:
        lines.append("Details:\n" + "\n".join(f"  {line}" for line in error.details))
    return with_traceback(error, lines)


def _named(ename: str, base: type[AmlKind]) -> type[AmlKind]:
    """A `base` that front ends show under another class's name."""
    if not ename.isidentifier():
        return base
    keywords = {"status": base.http_status, "registered": False}
    text = {"__str__": lambda self: self.message}
    made = types.new_class(ename, (base,), keywords, lambda namespace: namespace.update(text))
    return cast("type[AmlKind]", made)


def _where_to_look(job: Job) -> str:
    return f"Its output: %aml job stream {job.name}"
