"""``service``: the daemon that owns everything, and ``doctor``, which looks for what is wrong."""

from __future__ import annotations

from jupyter_aml.grammar import phrases
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import Kind
from jupyter_aml.grammar.language import YES, Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.grammar.verbs.service_env import ENV
from jupyter_aml.grammar.verbs.storage import PRUNE, STORAGE
from jupyter_aml.model.workspace import ServiceStatus

STOPPED = 4
"""Exit code of `status` when no service runs."""


def _status(call: Call) -> Result:
    status = call.surface.machine.status()
    stopped = status.state == "stopped"
    notes = [f"Start it: {call.command('service start')}"] if stopped else []
    return _shown(status, *notes, exit_code=STOPPED if stopped else 0)


def _shown(status: ServiceStatus, *notes: str, exit_code: int = 0) -> Result:
    running = ", ".join(phrases.plural(n, noun[:-1]) for noun, n in status.running.items() if n)
    fields = [
        ("State", status.state),
        ("Running", running),
        ("Process", str(status.pid or "")),
        ("Address", status.url),
        ("Version", status.version),
        ("Home", status.home),
        ("Started", phrases.local_time(status.started_at)),
    ]
    return Result(
        value=status,
        document=document(status),
        parts=[Record(fields=fields)],
        notes=[*notes, *(f"Note: {warning}" for warning in status.warnings)],
        exit_code=exit_code,
    )


def _start(call: Call) -> Result:
    return _shown(call.surface.machine.start())


def _stop(call: Call) -> Result:
    machine = call.surface.machine
    # A schedule does not end: it goes on with the next service.
    running = {noun: n for noun, n in machine.status().running.items() if noun != "schedules"}
    ended = ", ".join(phrases.plural(n, noun[:-1]) for noun, n in running.items() if n)
    force = call["force"] or call["yes"]
    note = f"Stopped. This ended {ended}." if ended else "Stopped."
    if (running.get("jobs") or running.get("endpoints")) and not force:
        force = call.surface.confirm("Stop the service?", loses=f"This ends {ended}.")
        if not force:
            return _shown(machine.status(), "The service goes on.", exit_code=1)
        note = "Stopped."  # what it ended was said with the question
    return _shown(machine.stop(force=force), note)


def _logs(call: Call) -> Result:
    text = call.surface.machine.log(call["tail"])
    call.surface.stdout(text if text.endswith("\n") or not text else text + "\n")
    return Result(value=text, document={"log": text.splitlines()})


def _doctor(call: Call) -> Result:
    checks = list(call.surface.machine.diagnose(call["about"]))
    columns = [
        Column(title="", state=True),
        Column(title="Check"),
        Column(title="Found", flexible=True),
        Column(title="Fix", flexible=True),
    ]
    rows = [[check.level, check.name, check.message, check.fix] for check in checks]
    failed = any(check.level == "fail" for check in checks)
    return Result(
        value=checks,
        document=document(checks),
        parts=[Table(columns=columns, rows=rows)],
        exit_code=1 if failed else 0,
    )


SERVICE = Noun(
    name="service",
    summary="The process that owns computes and jobs, one per user.",
    verbs=(
        Verb(
            name="status",
            summary="Whether it runs, and what it runs. Starts nothing.",
            details=f"Ends with {STOPPED} if it does not run.",
            run=_status,
        ),
        Verb(name="start", summary="Start it unless it runs.", run=_start),
        Verb(
            name="stop",
            summary="Stop it, and wait until it is gone.",
            run=_stop,
            options=(
                Option(flags=("--force",), kind=None, help="End what runs, without asking."),
                YES,
            ),
        ),
        Verb(
            name="logs",
            summary="Show the end of its log.",
            run=_logs,
            options=(
                Option(
                    flags=("--tail",),
                    kind=Kind.integer("LINES", 1, 100_000),
                    default=100,
                    help="How many lines; 100 unless told.",
                ),
            ),
        ),
        ENV,
        STORAGE,
        PRUNE,
    ),
)

DOCTOR = Noun(
    name="doctor",
    summary="Look for what keeps this from working here, and say how to mend it.",
    verbs=(
        Verb(
            name="",
            summary="Look for what keeps this from working here, and say how to mend it.",
            run=_doctor,
            options=(
                Option(
                    flags=("--about",),
                    kind=Kind.choice("azure"),
                    default="",
                    positional=True,
                    help="azure: what concerns Azure's SDK on this machine.",
                ),
            ),
        ),
    ),
)
