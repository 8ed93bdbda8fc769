"""What goes wrong when jobs are forks of one process, and does not here."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.runner.driver import Job, Node, Service, wait_for

DRAW = """
import random, tempfile, uuid, os
draws = [random.random(), os.path.basename(tempfile.mktemp()), str(uuid.uuid4())]
try:
    import sys
    if "numpy" in sys.modules or want_numpy:
        import numpy
        draws.append(float(numpy.random.rand()))
except NameError:
    pass
"""


def _preloaded(node: Node, source: str, **fields: object) -> Job:
    """Run it until a zygote that has loaded what it imports carries it out."""

    def attempt() -> Job | None:
        job = node.cell(source, **fields)
        job.wait()
        return job if job.started()["how"] == "preloaded" else None

    return wait_for(attempt, "a preloaded job")


def test_two_jobs_draw_different_random_numbers(node: Node) -> None:
    jobs = [node.cell(DRAW, {"want_numpy": True}) for _ in range(2)]
    for job in jobs:
        assert job.wait()["code"] == 0
    first, second = (job.variables()["draws"] for job in jobs)
    assert len(first) == 4
    assert all(one != other for one, other in zip(first, second, strict=True))


def test_two_preloaded_jobs_draw_different_random_numbers(node: Node) -> None:
    source = "import numpy\n" + DRAW
    first, second = (
        _preloaded(node, source, preload=["numpy"]).variables()["draws"] for _ in range(2)
    )
    assert len(first) == 4
    assert all(one != other for one, other in zip(first, second, strict=True))


POOLS = """
import numpy, threadpoolctl
(numpy.ones((300, 300)) @ numpy.ones((300, 300))).sum()
pools = {pool["user_api"]: pool["num_threads"] for pool in threadpoolctl.threadpool_info()}
import os
alive = len(os.listdir("/proc/self/task"))
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_blas_keeps_to_the_limit(node: Node, threads: int) -> None:
    job = node.cell(POOLS, threads=threads, collect=["pools", "alive"])
    assert job.wait()["code"] == 0
    assert job.variables()["pools"]["blas"] == threads
    assert job.variables()["alive"] <= threads


@pytest.mark.parametrize("threads", [1, 2])
def test_blas_that_was_loaded_before_the_fork_keeps_to_the_limit(node: Node, threads: int) -> None:
    job = _preloaded(node, POOLS, threads=threads, collect=["pools", "alive"])
    assert job.variables()["pools"]["blas"] == threads
    assert job.variables()["alive"] <= threads


COMPUTES_LATE = """
import numpy
import os
threads = lambda: len(os.listdir("/proc/self/task"))
found = [threads()]
ones = numpy.ones((300, 300))
(ones @ ones).sum()
found.append(threads())
"""


def test_blas_that_was_loaded_before_the_fork_has_no_thread_until_it_computes(
    service: Service,
) -> None:
    """A second thread would make each page that the job writes to cost twice as much."""
    job = _preloaded(service.node(threads=2), COMPUTES_LATE, threads=2, collect=["found"])
    assert job.variables()["found"] == [1, 2]


def test_blas_that_was_loaded_for_more_keeps_to_the_limit(service: Service) -> None:
    job = _preloaded(service.node(threads=2), POOLS, threads=1, collect=["pools"])
    assert job.variables()["pools"]["blas"] == 1


def test_variables_read_at_import_are_honoured(node: Node) -> None:
    """The user's own OMP variables: not in a process that has the library loaded already."""
    _preloaded(node, "import numpy")
    job = node.cell(POOLS, env={"OPENBLAS_NUM_THREADS": "2"}, collect=["pools"])
    assert job.wait()["code"] == 0
    assert job.started()["how"] == "fork"
    assert job.variables()["pools"]["blas"] == 2


def test_variables_read_by_the_interpreter_get_a_new_one(node: Node, tmp_path: Path) -> None:
    (tmp_path / "from_path.py").write_text("x = 'seen'")
    job = node.cell(
        "import from_path, os\nprint(from_path.x, os.getpid() > 0)\n1/0",
        env={"PYTHONPATH": str(tmp_path)},
        execution_count=4,
    )
    message = job.wait()
    assert job.started()["how"] == "exec"
    assert message["pid" if "pid" in message else "code"] == 1
    assert job.stdout() == "seen True\n"
    assert "In[4]" in "".join(job.frame("error")["traceback"]).replace("\x1b[39m\x1b[32m", "")


def test_a_gpu_job_gets_an_interpreter_of_its_own(node: Node) -> None:
    job = node.cell("import os\ngpus = os.environ['CUDA_VISIBLE_DEVICES']", gpus=["0", "1"])
    assert job.wait()["code"] == 0
    assert job.started()["how"] == "exec"
    assert job.variables() == {"gpus": "0,1"}


def test_the_marker_stands_in_the_process_table(node: Node) -> None:
    job = node.cell("import time; print('up'); time.sleep(600)")
    pid = job.started()["pid"]
    wait_for(lambda: job.stdout(), "its first line")
    environ = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    assert f"JUPYTER_AML_MARKER={job.marker}".encode() in environ
    job.cancel()
    job.wait()


def test_a_job_starts_with_one_thread_and_no_descriptor_of_the_node(node: Node) -> None:
    source = textwrap.dedent(
        """
        import os
        threads = len(os.listdir("/proc/self/task"))
        links = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")
                 if os.path.exists(f"/proc/self/fd/{fd}")]
        sockets = sum(link.startswith("socket") for link in links)
        pipes = sum(link.startswith(("pipe", "anon")) for link in links)
        """
    )
    job = node.cell(source)
    assert job.wait()["code"] == 0
    found = job.variables()
    assert found["threads"] == 1
    assert found["sockets"] == 1  # its own to the node
    assert found["pipes"] == 0


def test_forks_of_a_job_are_its_own_business(node: Node) -> None:
    source = textwrap.dedent(
        """
        import multiprocessing, concurrent.futures
        def square(x): return x * x
        with multiprocessing.get_context("fork").Pool(2) as pool:
            a = pool.map(square, range(4))
        with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
            b = list(pool.map(square, range(4)))
        """
    )
    job = node.cell(source)
    assert job.wait()["code"] == 0, job.stderr()
    assert job.variables()["a"] == job.variables()["b"] == [0, 1, 4, 9]


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter of another environment, with nothing installed."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return str(folder / "bin" / "python")


def test_another_interpreter_runs_the_cell_without_ours(own: Node, bare_python: str) -> None:
    """Its first job: later ones are forks of one that waits."""
    source = textwrap.dedent(
        """
        import sys
        class Html:
            def _repr_html_(self): return "<i>x</i>"
        display(Html())
        print(sys.executable, n)
        total = n + 1
        try:
            import IPython
        except ImportError as error:
            print(error.name)
        import jupyter_aml as aml
        aml.log("loss", 0.5)
        import asyncio
        await asyncio.sleep(0, "shown")
        """
    )
    job = own.cell(source, {"n": 41}, python=bare_python)
    assert job.wait()["code"] == 0, job.stderr()
    assert job.started()["how"] == "exec"
    assert job.stdout() == f"{bare_python} 41\nIPython\n"
    assert job.frame("display_data")["data"]["text/html"] == "<i>x</i>"
    assert job.frame("execute_result")["data"]["text/plain"] == "'shown'"
    assert job.frame("metric")["value"] == 0.5
    assert job.variables()["total"] == 42
    assert "lacks cloudpickle" in job.frame("done")["result"]["kept"]["Html"]


def test_errors_of_another_interpreter_point_into_the_cell(node: Node, bare_python: str) -> None:
    job = node.cell("x = 1\nraise ValueError(x)", python=bare_python, execution_count=3)
    assert job.wait()["code"] == 1
    error = job.frame("error")
    assert error["ename"] == "ValueError"
    assert 'File "Cell In[3]", line 2' in "".join(error["traceback"])
    assert "runner" not in "".join(error["traceback"])


def test_another_interpreter_is_preloaded_as_well(node: Node, bare_python: str) -> None:
    site = subprocess.run(
        [bare_python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    Path(site, "slow_package.py").write_text("x = 1")
    job = _preloaded(node, "import slow_package", python=bare_python)
    assert job.frame("done")["imports"] == ["slow_package"]


def test_another_interpreter_waits_for_the_second_job_even_with_nothing_to_load(
    own: Node, bare_python: str
) -> None:
    job = _preloaded(own, "import sys\nprint(sys.executable)", python=bare_python)
    assert job.stdout() == f"{bare_python}\n"
