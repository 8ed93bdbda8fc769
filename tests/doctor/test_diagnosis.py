"""What a diagnosis holds besides its rule: place, fixes that can be taken, honest figures."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jupyter_aml.model.diagnosis import Diagnosis
from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.job import CellJob, CommandJob, Job, Receipt
from jupyter_aml.service.doctor.diagnose import LONGEST, diagnose
from jupyter_aml.service.doctor.raised import read
from jupyter_aml.service.doctor.symptoms import Offer, Symptoms

SOURCE = "# %%aml -c small\nimport pandas as pd\ndf = pd.read_csv('a.csv')\nwide = df.T\n"
MEMORY = "Out of memory: the job used 4.10 of 4.00 GB."
GB = 10**9


def job(spec: Any, *, reason: str = "NonZeroExit", message: str = "", **fields: Any) -> Job:
    error = ErrorBody(code=fields.pop("code", "JobFailed"), message=message)
    status = fields.pop("status", "Failed")
    made = Job(name="j", spec=spec, status=status, status_reason=reason, created_at="t", **fields)
    return msgspec.structs.replace(made, error=error)


def told(one: Job, **more: Any) -> Diagnosis:
    found = diagnose(Symptoms(job=one, memory_limit_bytes=4 * GB, **more))
    assert found is not None
    return found


def raised(name: str, text: str, *lines: str, source: str = SOURCE) -> Job:
    error = ErrorBody(code="RemoteError", message=f"{name}: {text}", details=list(lines))
    cell = CellJob(source=source, compute="small", execution_count=7, notebook="a.ipynb")
    return msgspec.structs.replace(job(cell, reason="Exception", exit_code=1), error=error)


OFFERS = (
    Offer("small", 4),
    Offer("dear", 64, price_per_hour=4.0),
    Offer("fit", 16, price_per_hour=0.4),
    Offer("tiny", 2),
    Offer("gpu", 28, gpus=1, price_per_hour=0.5),
)


def test_the_cheapest_compute_that_is_large_enough_is_the_first_fix() -> None:
    cell = CellJob(source=SOURCE, compute="small")
    found = told(job(cell, reason="OutOfMemory", message=MEMORY), offers=OFFERS)
    assert found.cause == "Out of memory: the cell used 4.10 of 4.00 GB and was stopped"
    first = found.fixes[0]
    assert (first.label, first.value) == ("Run again on fit, 16 GB", "--compute fit")
    assert (first.price_per_hour, first.restarts_at) == (0.4, "queued")


def test_without_a_larger_one_a_size_is_to_be_chosen() -> None:
    cell = CellJob(source=SOURCE, compute="small")
    found = told(job(cell, reason="OutOfMemory", message=MEMORY), offers=OFFERS[:1])
    assert [(fix.kind, fix.value) for fix in found.fixes] == [("open", "sizes:memory=8")]


def test_a_cell_that_was_ended_for_its_memory_has_its_line() -> None:
    """As faulthandler writes it: innermost first, with frames of packages and of ours."""
    stack = """Stack (most recent call first):
  File "/opt/venv/lib/python3.11/site-packages/pandas/core/frame.py", line 902 in transpose
  File "<ipython-input-7-9f3a>", line 4 in <module>
  File "/opt/venv/lib/python3.11/site-packages/IPython/core/interactiveshell.py", line 3553 in run
  File "/opt/jupyter_aml/runner/cell.py", line 99 in run
"""
    cell = CellJob(source=SOURCE, compute="small", notebook="a.ipynb", cell_id="c")
    found = told(job(cell, reason="OutOfMemory", message=MEMORY), stack=stack, offers=OFFERS)
    assert found.where is not None
    assert (found.where.line, found.where.text) == (4, "wide = df.T")
    assert found.summary == "out of memory, line 4"
    assert [fix.value for fix in found.fixes] == ["--compute fit", "sizes:memory=8", "cell:4"]


@pytest.mark.parametrize(
    ("files", "first", "cause"),
    [
        (
            ("data/a.csv", "b.csv"),
            ("replace", "a.csv\ndata/a.csv"),
            "a.csv is not there, data/a.csv is: a relative path starts from the notebook's folder",
        ),
        (("A.csv",), ("replace", "a.csv\nA.csv"), None),
        (("x/a.csv", "y/a.csv"), ("open", "cell:3"), None),
        ((), ("open", "cell:3"), None),
    ],
)
def test_a_path_that_was_meant_is_put_in_its_place(
    files: tuple[str, ...], first: tuple[str, str], cause: str | None
) -> None:
    missing = raised(
        "FileNotFoundError",
        "[Errno 2] No such file or directory: 'a.csv'",
        "Cell In[7], line 3",
    )
    found = told(missing, files=files)
    assert (found.fixes[0].kind, found.fixes[0].value) == first
    assert cause in (None, found.cause)


def test_a_job_file_is_changed_in_its_own_words() -> None:
    command = CommandJob(command="python train.py", timeout=90)
    ended = job(command, status="Canceled", reason="Timeout", message="It ran into its timeout.")
    found = told(ended)
    assert found.cause == "It ran into its timeout of 90 s and was ended"
    assert found.fixes[0].label == "Run again with 3 min"
    assert found.fixes[0].value == "--set limits.timeout=180"
    cell = CellJob(source=SOURCE, timeout=5400)
    found = told(job(cell, status="Canceled", reason="Timeout"))
    assert found.fixes[0].value == "--timeout 10800s"
    assert "1 h 30 min" in found.cause


def test_the_innermost_line_of_the_cell_is_marked_with_those_around_it() -> None:
    found = told(
        raised(
            "FileNotFoundError",
            "[Errno 2] No such file or directory: 'a.csv'",
            "Cell In[7], line 4",
            "Cell In[7], line 3, in load(p)",
            "File /opt/venv/lib/python3.11/site-packages/pandas/io/common.py:954, in get_handle",
        )
    )
    where = found.where
    assert where is not None
    assert (where.line, where.text) == (3, "df = pd.read_csv('a.csv')")
    assert [(line.number, line.marked) for line in where.lines] == [
        (1, False),
        (2, False),
        (3, True),
        (4, False),
    ]
    assert where.lines[0].text == "%%aml -c small"
    assert (where.notebook, where.execution_count) == ("a.ipynb", 7)
    assert found.summary == "wrong path a.csv, line 3"
    assert found.fixes[0].value == "cell:3"


def test_memory_that_was_asked_for_by_itself_tells_how_much_was_in_use() -> None:
    receipt = Receipt(size="s", nodes=1, seconds=1, peak_memory_bytes=3_600_000_000)
    one = msgspec.structs.replace(raised("MemoryError", ""), receipt=receipt)
    assert told(one).cause == "Out of memory: the cell used 3.6 of 4.0 GB and asked for more"
    low = msgspec.structs.replace(receipt, peak_memory_bytes=GB)
    one = msgspec.structs.replace(one, receipt=low)
    assert told(one).cause == "Out of memory: the cell asked for more than it could have"


def test_a_cell_elsewhere_can_be_run_where_its_files_are() -> None:
    found = told(
        raised("FileNotFoundError", "[Errno 2] No such file: 'a.csv'", "Cell In[7], line 3")
    )
    assert "--compute local" in [fix.value for fix in found.fixes]


def test_an_environment_that_is_built_gets_the_package_added() -> None:
    one = raised("ModuleNotFoundError", "No module named 'sklearn'", "Cell In[7], line 2")
    spec = msgspec.structs.replace(one.spec, environment="train:3")
    found = told(msgspec.structs.replace(one, spec=spec))
    assert (
        found.cause
        == "The environment train:3 has no module sklearn: it is in the package scikit-learn"
    )
    assert found.fixes[0].value == "environment:train:3:add=scikit-learn"
    assert found.fixes[0].restarts_at == "environment"


@pytest.mark.parametrize(
    "one",
    [
        job(CommandJob(command="x"), status="Completed", reason="", exit_code=0),
        job(CommandJob(command="x"), status="Canceled", reason="Canceled"),
        job(CommandJob(command="x"), status="Running", reason=""),
        job(CommandJob(command="x"), exit_code=3, message="The command ended with exit code 3."),
        raised("ValueError", "labels do not match", "Cell In[7], line 3"),
    ],
    ids=["completed", "canceled", "running", "exit code", "the person's own"],
)
def test_silence(one: Job) -> None:
    assert diagnose(Symptoms(job=one)) is None


def test_what_a_job_printed_is_no_cause_when_the_service_ended_it() -> None:
    log = "ModuleNotFoundError: No module named 'x'\n"
    trace = f'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n{log}'
    one = job(CommandJob(command="x"), reason="OutOfMemory", message=MEMORY)
    assert told(one, stderr=trace).rule == "out-of-memory"


def test_what_a_job_got_over_is_no_cause_when_it_was_killed_later() -> None:
    trace = (
        'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n'
        "ModuleNotFoundError: No module named 'x'\n 45%|####5     | 9/20 [00:01<00:01]\n"
    )
    killed = job(CommandJob(command="x"), exit_code=137, message="It ended with exit code 137.")
    assert told(killed, stderr=trace).rule == "killed"


@pytest.mark.parametrize(
    ("device", "rule"), [("GPU:0", "out-of-gpu-memory"), ("CPU:0", "out-of-memory")]
)
def test_tensorflow_says_the_same_of_both_memories(device: str, rule: str) -> None:
    text = f"OOM when allocating tensor with shape[9] and type float on /job:x/device:{device}"
    assert told(raised("ResourceExhaustedError", text)).rule == rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("ENOENT: no such file or directory, open 'a.json'", "wrong-path"),
        ("ENOSPC: no space left on device, write", "disk-full"),
    ],
)
def test_what_node_was_ended_by(text: str, rule: str) -> None:
    log = f"Error: {text}\n    at read (node:fs:1:1)\n\nNode.js v22.11.0\n"
    one = job(CommandJob(command="node x"), exit_code=1)
    assert told(one, stderr=log).rule == rule
    assert diagnose(Symptoms(job=one, stderr=log + "it goes on\n")) is None


def test_a_program_that_prints_its_errors_to_stdout_is_understood() -> None:
    trace = (
        'Traceback (most recent call last):\n  File "/w/a.py", line 4, in <module>\n'
        "ModuleNotFoundError: No module named 'x'\n"
    )
    found = told(job(CommandJob(command="x"), exit_code=1), stdout=trace, roots=("/w",))
    assert found.rule == "missing-module"
    assert found.where is not None
    assert (found.where.file, found.where.line) == ("a.py", 4)


def test_endless_lines_are_cut() -> None:
    found = told(raised("MemoryError", "Unable to allocate 9. GiB " + "x" * 10_000))
    assert len(found.cause) <= LONGEST
    assert len(found.evidence) <= LONGEST


def test_a_text_of_any_kind_is_read() -> None:
    for text in ("", "\n\n", "Traceback (most recent call last):", "\x1b[31m\r\r\n", "  File"):
        assert read(text).raised is None
