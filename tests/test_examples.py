"""The job files that people are given: each is read, and each does what its README says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_aml.client import Client, computefile, connect, jobfile

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.glob("*/job.yml")), ids=lambda path: path.parent.name
)
def test_every_job_file_is_read_without_a_warning(path: Path) -> None:
    job, _ = jobfile.load(str(path))
    assert job.warnings == []
    assert job.display_name


def test_the_compute_file_is_read_without_a_warning() -> None:
    compute, warnings = computefile.load(str(EXAMPLES / "low-priority" / "compute.yml"))
    assert (compute.name, warnings) == ("spot", [])


def aml(*words: str) -> subprocess.CompletedProcess[str]:
    """`jupyter aml …`, as it is typed."""
    command = [sys.executable, "-m", "jupyter_aml.cli.main", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def service(home: Path) -> Iterator[None]:
    yield
    aml("service", "stop", "--force")


@pytest.mark.slow
@pytest.mark.usefixtures("service")
class TestRun:
    def test_hello(self) -> None:
        done = aml("job", "create", "-f", str(EXAMPLES / "hello-job" / "job.yml"), "--stream")
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[1:] == [f"{n}: hello, world" for n in (1, 2, 3)]

    def test_inputs_and_outputs(self, tmp_path: Path) -> None:
        file = str(EXAMPLES / "inputs-outputs" / "job.yml")
        done = aml("job", "create", "-f", file, "--name", "table", "--stream")
        assert done.returncode == 0, done.stderr
        aml("job", "download", "table", "-p", str(tmp_path / "got"), "--output-name", "report")
        [summary] = (tmp_path / "got").rglob("summary.json")
        assert json.loads(summary.read_text())["largest"] == 6650

    def test_a_notebook_with_a_parameter(self) -> None:
        file = str(EXAMPLES / "notebook-job" / "job.yml")
        done = aml("job", "create", "-f", file, "--name", "digits", "--stream")
        assert done.returncode == 0, done.stderr
        assert "5 neighbours: 0.9" in done.stdout
        shown = json.loads(aml("job", "show", "digits", "-o", "json").stdout)
        copy = json.loads(Path(shown["outputs"]["notebook"]["path"]).read_text())
        assert copy["cells"][2]["source"] == "# Parameters\nneighbours = 5"
        assert "image/png" in copy["cells"][8]["outputs"][-1]["data"]

    def test_an_evicted_job_goes_on_where_it_was(self) -> None:
        folder = EXAMPLES / "low-priority"
        assert aml("compute", "create", "-f", str(folder / "compute.yml")).returncode == 0
        assert aml("job", "create", "-f", str(folder / "job.yml"), "--name", "count").stdout
        # Not by commands of their own: on a busy machine the job would end before they start.
        with closing(connect(start=False)) as client:
            wait_for_line(client, "count", "3")
            client.compute.evict("spot")
        done = aml("job", "stream", "count")
        assert done.returncode == 0, done.stderr
        numbers = [int(line) for line in done.stdout.splitlines() if line.isdigit()]
        assert sorted(set(numbers)) == list(range(1, 21))
        # What was counted but not yet noted is counted once more, nothing else.
        assert len(numbers) <= 21
        assert "attempt 2:" in done.stdout


def wait_for_line(client: Client, job: str, line: str) -> None:
    """Until `job` has printed `line`."""
    printed = ""
    for event in client.jobs.follow(job):
        if event.kind == "stdout":
            printed += event.text
        if line in printed.splitlines():
            return
    raise AssertionError(f"{job} ended without {line!r}: {printed}")
