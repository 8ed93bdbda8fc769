"""When a zygote is made, what it loads, and when it is no use any more."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import psutil
import pytest

from jupyter_aml.runner import choice, environment, preload, sites
from jupyter_aml.runner.crew import Settings
from tests.runner.driver import Message, Node, Service, wait_for
from tests.runner.test_fork_traps import _preloaded

SETTINGS = Settings("n", "socket", threads=2)


def _task(**fields: object) -> Message:
    return {"kind": "cell", "source": "", "python": "", **fields}


@pytest.mark.parametrize(
    ("task", "program", "preloaded"),
    [
        (_task(), False, True),
        (_task(kind="command"), True, False),
        (_task(python="/other/bin/python"), True, True),
        (_task(python=sys.executable), False, True),
        (_task(gpus=["0"]), True, False),
        (_task(env={"TOKEN": "x"}), False, True),
        (_task(env={"OMP_NUM_THREADS": "2"}), False, True),  # what it would get anyway
        (_task(env={"OMP_NUM_THREADS": "7"}), False, False),
        (_task(env={"HF_HOME": "/x"}), False, False),
        (_task(env={"CUDA_LAUNCH_BLOCKING": "1"}), False, False),
        (_task(env={"LD_PRELOAD": "/x.so"}), True, False),
        (_task(env={"PYTHONHASHSEED": "1"}), True, False),
        (_task(env={"PYTHONUNBUFFERED": "1"}), False, True),
        (_task(processes=[{"rank": 0}]), False, False),
    ],
)
def test_how_a_process_is_made(task: Message, program: bool, preloaded: bool) -> None:
    need = choice.need(task, SETTINGS)
    assert (need.program, need.preloaded) == (program, preloaded)


def test_what_a_cell_will_import_is_read_from_it() -> None:
    task = _task(
        source="import numpy as np\nfrom sklearn.linear_model import Ridge\nx = 'import no'",
        imports=["import pandas"],
        preload=["torch"],
    )
    assert choice.modules(task) == {"numpy", "sklearn.linear_model", "pandas", "torch"}


def test_a_venv_beside_is_another_interpreter(tmp_path: Path) -> None:
    (tmp_path / "python").symlink_to(os.path.realpath(sys.executable))
    assert not choice.is_ours(str(tmp_path / "python"))
    assert choice.is_ours(sys.executable)


def test_only_installed_packages_are_loaded_ahead(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "users_own.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert sites.installed("numpy")
    assert sites.installed("numpy.linalg")
    assert not sites.installed("users_own")
    assert not sites.installed("nowhere_to_be_found")
    assert not sites.installed("json")


def test_an_install_changes_the_stamp(tmp_path: Path) -> None:
    before = preload.stamp([str(tmp_path), "/nowhere"])
    os.utime(tmp_path, (1, 1))
    assert preload.stamp([str(tmp_path), "/nowhere"]) != before


def test_proxies_with_passwords_are_left_out() -> None:
    environ = {"HTTPS_PROXY": "http://me:secret@proxy", "http_proxy": "http://proxy", "TOKEN": "x"}
    environment.clean(environ)
    assert environ == {"http_proxy": "http://proxy"}


def test_the_second_job_finds_its_imports_loaded(own: Node) -> None:
    first = own.cell("import numpy")
    first.wait()
    assert first.started()["how"] == "fork"
    job = _preloaded(own, "import sys\nwas = 'numpy' in sys.modules\nimport numpy", collect=["was"])
    assert job.variables() == {"was": True}
    assert job.frame("done")["imports"] == ["numpy"]
    plain = own.cell("import sys\nprint('numpy' in sys.modules)")
    plain.wait()
    assert (plain.started()["how"], plain.stdout()) == ("fork", "False\n")


def test_what_packages_load_late_is_loaded_ahead_too(own: Node) -> None:
    """`numpy.random` is loaded when it is first used; nothing but its use names it."""
    source = "import sys\nwas = 'numpy.random' in sys.modules\nimport numpy\nnumpy.random.rand()"

    def attempt() -> bool:
        job = own.cell(source, collect=["was"])
        job.wait()
        return job.variables()["was"]

    wait_for(attempt, "a job that finds numpy.random loaded")


def test_only_installed_modules_are_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "users_own_too.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    names = ("numpy.random", "users_own_too", "json")
    modules = [importlib.import_module(name) for name in names]
    assert [sites.holds(module) for module in modules] == [True, False, False]
    assert not sites.holds(None)


def test_what_the_notebook_imported_before_counts(own: Node) -> None:
    own.cell("1", preload=["numpy.fft"]).wait()
    job = _preloaded(own, "import sys\nprint('numpy.fft' in sys.modules)", preload=["numpy"])
    assert job.stdout() == "True\n"


def test_an_install_ends_the_zygote(own: Node) -> None:
    job = _preloaded(own, "import numpy, os\nprint(os.getppid())")
    site = Path(sysconfig.get_path("purelib"))
    probe = site / "jupyter_aml_test_of_the_stamp.tmp"
    probe.touch()
    probe.unlink()
    fresh = own.cell("import numpy")
    fresh.wait()
    assert fresh.started()["how"] == "fork"
    wait_for(lambda: not psutil.pid_exists(int(job.stdout())), "end of the old zygote")
    _preloaded(own, "import numpy")


def test_what_was_not_installed_is_tried_again_after_an_install(
    service: Service, tmp_path: Path
) -> None:
    python, site = _venv(tmp_path)
    node = service.node()
    _preloaded(node, "print(1)", python=python, preload=["later"])
    Path(site, "later.py").write_text("x = 1")
    seen = "import sys\nprint('later' in sys.modules)"
    wait_for(
        lambda: "True" in _preloaded(node, seen, python=python, preload=["later"]).stdout(),
        "the package to be loaded ahead",
    )


def test_a_package_that_starts_a_thread_is_given_up_and_remembered(
    service: Service, tmp_path: Path
) -> None:
    """In an interpreter of its own, because the package is installed."""
    python, site = _venv(tmp_path)
    Path(site, "threaded.py").write_text(
        "import threading, time\n"
        "open(__file__ + '.tries', 'a').write('x')\n"
        "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    )
    for name in ("quiet", "another"):
        Path(site, f"{name}.py").write_text("x = 1")
    node = service.node()
    source = "try: import quiet, threaded\nfinally: import os; os._exit(0)"
    _preloaded(node, source, python=python, preload=["quiet"])
    tries = Path(site, "threaded.py.tries")
    before = tries.read_text()
    seen = "import sys\nprint('another' in sys.modules)"
    wait_for(
        lambda: "True" in _preloaded(node, seen, python=python, preload=["another"]).stdout(),
        "the next zygote",
    )
    assert tries.read_text() == before


def test_a_killed_zygote_takes_its_jobs_and_is_made_again(own: Node) -> None:
    _preloaded(own, "import numpy")
    job = wait_for(lambda: _long_job(own), "a preloaded job")
    psutil.Process(job.started()["pid"]).parent().kill()
    assert job.wait()["signal"] == 9
    assert own.cell("import numpy").wait()["code"] == 0
    _preloaded(own, "import numpy")


def _venv(tmp_path: Path) -> tuple[str, str]:
    """An empty environment: its interpreter and its site-packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    asked = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return python, site


def _long_job(node: Node) -> object:
    job = node.cell("import numpy, time\ntime.sleep(600)")
    if job.started()["how"] == "preloaded":
        return job
    job.cancel(grace=0)
    job.wait()
    return None
