"""Provoke failures for real and keep what they leave: ``python -m tests.doctor.provoke [NAME…]``.

With ``--independent`` those of ``tests/doctor/independent``. Each program runs as a job of a real
service in a home of its own: real interpreters, real limits, real signals. What the service knew
and what the job wrote becomes one file of ``corpus``. Folders of this machine are replaced by
neutral ones; nothing else is touched. Some end otherwise where the machine is otherwise (a root
user has every permission, and may mount a small disk): they say so.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from jupyter_aml.client import Client, connect
from jupyter_aml.client.discovery import find
from jupyter_aml.model.compute import AmlCompute
from jupyter_aml.model.job import CellJob, CommandJob, Job
from tests.doctor import independent
from tests.doctor.program import Program
from tests.doctor.programs import CELLS, COMMANDS, EVICTED

CORPUS = Path(__file__).parent / "corpus"
ROOT = "/tmp/job/work"
LONGEST = 6000
"""Characters kept of each stream's end."""
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def main(wanted: list[str]) -> None:
    chosen = "--independent" in wanted
    names = [name for name in wanted if not name.startswith("--")]
    programs = independent.PROGRAMS if chosen else (*COMMANDS, *CELLS, *EVICTED)
    folder = CORPUS / ("independent" if chosen else "provoked")
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as base, _service(Path(base) / "home") as client:
        client.compute.create(AmlCompute(name="small", size="local.1cpu-1gb", max_instances=1))
        client.compute.create(
            AmlCompute(name="spot", size="Standard_DS3_v2", tier="low_priority", max_instances=1)
        )
        for program in programs:
            if not names or program.name in names:
                _provoke(client, Path(base), program, folder)


@contextmanager
def _service(home: Path) -> Iterator[Client]:
    client = connect(home=home)
    try:
        yield client
    finally:
        if find(home) is not None:
            client.service.stop(force=True)
        client.close()


def _provoke(client: Client, base: Path, program: Program, folder: Path) -> None:
    code = base / "code" / program.name
    code.mkdir(parents=True)
    for name, text in program.files.items():
        path = code / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    if program.before is not None:
        needs, text = program.before
        subprocess.run([_interpreter(base, needs), "-c", text], cwd=code, check=True)
    python = program.python or _interpreter(base, program.needs)
    with _port() as port:
        job = _run(client, code, program, port, python)
    if job.status == "Completed":
        print(f"{program.name} did not fail here", file=sys.stderr)
    else:
        _keep(client, base, code, program, job, python, folder)
    shutil.rmtree(code)


def _interpreter(base: Path, needs: str) -> str:
    """One that has ``needs`` installed and nothing else; for none, this one."""
    if not needs:
        return sys.executable
    place = base / "environments" / re.sub(r"[^a-z0-9.]+", "-", needs)
    python = str(place / "bin" / "python")
    if not place.exists():
        uv = [sys.executable, "-m", "uv", "-q"]
        subprocess.run([*uv, "venv", str(place)], check=True)
        install = [*uv, "pip", "install", "--python", python, *needs.split()]
        subprocess.run(install, check=True)
    return python


@contextmanager
def _port() -> Iterator[int]:
    """One that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def _run(client: Client, code: Path, program: Program, port: int, python: str) -> Job:
    options: dict[str, Any] = {
        "timeout": program.timeout,
        "compute": program.compute,
        "environment_variables": {"PORT": str(port), **program.env},
    }
    if program.cell:
        source = f"# %%aml\n{textwrap.dedent(program.cell)}"
        spec: Any = CellJob(source=source, cwd=str(code), execution_count=1, **options)
        if program.compute != "local":
            spec = msgspec.structs.replace(spec, cwd="", code=str(code))
    else:
        command = program.command.replace("python ", f"{python} ")
        spec = CommandJob(command=command, code=str(code), **options)
    following = client.jobs.run(spec)
    for event in following:
        if program.evict and event.kind == "stdout" and "running" in event.text:
            client.compute.evict(program.compute)
    return following.outcome()


def _keep(
    client: Client,
    base: Path,
    code: Path,
    program: Program,
    job: Job,
    python: str,
    kept: Path,
) -> None:
    folder = client.home / "jobs" / job.name
    neutral = _Neutral(
        {
            str(folder / "work"): ROOT,
            str(folder): "/tmp/job",
            str(code): ROOT,
            str(base): "/tmp/base",
            **({str(Path(python).parents[1]): "/opt/venv"} if program.needs else {}),
            sys.prefix: "/opt/venv",
            os.path.realpath(sys.base_prefix): "/usr",
            sys.base_prefix: "/usr",
            sys.base_prefix.replace(str(Path.home()), "~"): "/usr",
            str(Path.cwd()): "/src",
            job.name: "job_1",
        }
    )
    streams = {
        stream: _end(folder / str(job.attempt) / f"{stream}.0") for stream in ("stderr", "stdout")
    }
    stream = "stderr" if streams["stderr"].strip() else "stdout"
    spec = {"command": program.command} if program.command else {"source": job.spec.source}  # type: ignore[union-attr]
    if program.timeout:
        spec["timeout"] = program.timeout
    head: dict[str, Any] = {
        "rule": program.rule,
        "type": "cell" if program.cell else "command",
        "status": job.status,
        "reason": job.status_reason,
        "exitCode": job.exit_code,
        "error": msgspec.to_builtins(job.error),
        "stream": stream,
        "spec": spec,
    }
    if program.line:
        head["line"] = program.line
    if program.file:
        head["file"] = program.file
    for key in ("offers", "never"):
        if getattr(program, key):
            head[key] = getattr(program, key)
    if kept.name == "independent":
        head["provenance"] = _provenance(program)
    text = json.dumps(head, ensure_ascii=False) + "\n" + streams[stream]
    path = kept / f"{program.name}.log"
    path.write_text(neutral.text(_ANSI.sub("", text.replace("\\u001b", "\x1b"))))
    print(f"{program.name}: {job.status} {job.status_reason}")


def _provenance(program: Program) -> str:
    where = f"Python {platform.python_version()}"
    if program.needs:
        where += f" with {program.needs}"
    if program.python:
        where = "Debian's Python 3.11 with its PyTorch 1.13"
    if program.before is not None:
        where += f"; its file was made with {program.before[0]}"
    return f"Ran as a job of a real service on {where}; chosen without having seen the rules."


class _Neutral:
    """Takes folders of this machine out of a text, all in one pass, the longest first."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names
        longest = sorted(names, key=len, reverse=True)
        self._any = re.compile("|".join(re.escape(name) for name in longest))

    def text(self, text: str) -> str:
        return self._any.sub(lambda found: self._names[found[0]], text)


def _end(path: Path) -> str:
    try:
        return path.read_text(errors="replace")[-LONGEST:]
    except OSError:
        return ""


if __name__ == "__main__":
    main(sys.argv[1:])
