"""The files of a fake's jobs: outputs, and what they write where they run.

They lie in a temporary folder that is made with the first of them and goes with the backend.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.job import CommandJob, FileEntry, FileList, Input, Job
from jupyter_aml.testing.script import Show, Write

_FILE = "uri_file"


class FakeFiles:
    """Of one backend."""

    def __init__(self) -> None:
        self._home: tempfile.TemporaryDirectory[str] | None = None

    def close(self) -> None:
        if self._home is not None:
            self._home.cleanup()

    def folder(self, job: str) -> Path:
        """Where a job runs; its outputs lie in it."""
        if self._home is None:
            self._home = tempfile.TemporaryDirectory(prefix="fake-jobs-")
        folder = Path(self._home.name) / job
        folder.mkdir(exist_ok=True)
        return folder

    def outputs(self, job: Job) -> dict[str, str]:
        """Where it leaves each; they are there from its start on."""
        found: dict[str, str] = {}
        for name, output in job.spec.outputs.items():
            path = self.folder(job.name) / "outputs" / name
            (path.parent if output.type == _FILE else path).mkdir(parents=True, exist_ok=True)
            found[name] = str(path)
        return found

    def values(self, job: Job) -> dict[str, str]:
        """What stands for the expressions of its command."""
        spec = job.spec
        if not isinstance(spec, CommandJob):
            return {}
        given = {
            name: value.path if isinstance(value, Input) else str(value)
            for name, value in spec.inputs.items()
        }
        groups = {"inputs": given, "outputs": self.outputs(job), "search_space": spec.parameters}
        found = {
            f"{group}.{key}": str(one) for group, of in groups.items() for key, one in of.items()
        }
        return {**found, "name": job.name}

    def write(self, job: str, step: Write) -> None:
        path = self.folder(job) / step.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step.text)

    def show(self, job: str, step: Show) -> str | None:
        """None for a file that is not there."""
        path = self.folder(job) / step.path
        return path.read_text() if path.is_file() else None

    def of(self, job: str) -> FileList:
        folder = self.folder(job)
        found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        entries = [(path.relative_to(folder).as_posix(), path.stat().st_size) for path in found]
        return FileList([FileEntry(path=path, bytes=size) for path, size in entries])

    def read(self, job: str, path: str) -> bytes:
        """One of `of`. Raises `NotFound`."""
        if path not in [one.path for one in self.of(job).value]:
            raise NotFound(f"There is no file {path!r}.", target="path")
        return (self.folder(job) / path).read_bytes()
