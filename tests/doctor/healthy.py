# ruff: noqa: E501 - lines of logs are as long as they are
"""200 logs of jobs in which nothing that the doctor knows went wrong, though it looks like it.

They hold warnings, the word "error" in harmless places, tracebacks that were handled, retries that
worked, metrics named like trouble. Made from a seed, so that they are the same everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

COUNT = 200

Part = Callable[[random.Random], list[str]]


def logs(seed: int = 7) -> Iterator[tuple[str, str]]:
    """(name, log), each of several parts and an end that says nothing bad."""
    for number in range(COUNT):
        chance = random.Random(seed * 1000 + number)
        parts = chance.sample(PARTS, chance.randint(2, 5))
        lines = [
            line
            for part in [_start, *parts, _training, chance.choice(ENDS)]
            for line in part(chance)
        ]
        yield f"healthy-{number:03d}", "\n".join(lines) + "\n"


def kept(folder: Path) -> Iterator[tuple[str, str]]:
    """Those that lie in a folder: a line of JSON that says how they came to be, and the log."""
    for path in sorted(folder.glob("*.log")):
        yield path.stem, path.read_text(encoding="utf-8").partition("\n")[2]


def _start(chance: random.Random) -> list[str]:
    return [
        f"2026-11-21 10:{chance.randint(0, 59):02d}:00 INFO seed {chance.randint(0, 99)}",
        f"device: cpu, workers: {chance.randint(0, 8)}",
    ]


def _training(chance: random.Random) -> list[str]:
    loss = chance.uniform(1, 3)
    found: list[str] = []
    for epoch in range(chance.randint(2, 12)):
        loss *= chance.uniform(0.8, 1.01)
        style = chance.randint(0, 3)
        if style == 0:
            found.append(f"epoch {epoch} train_error {loss:.4f} val_error {loss * 1.1:.4f}")
        elif style == 1:
            found.append(
                f"Epoch {epoch}: 100%|##########| 156/156 [00:49<00:00, 3.1it/s, loss={loss:.3f}]"
            )
        elif style == 2:
            found.append(
                f"[{epoch:>3}] mean absolute error: {loss:.3f}  errors: 0  skipped: {chance.randint(0, 9)}"
            )
        else:
            found.append(
                f"10:{epoch:02d}:31 | INFO | step {epoch * 100} | mse {loss:.5f} | OOM score 0"
            )
    return found


def _handled_file(chance: random.Random) -> list[str]:
    name = chance.choice(["cache.bin", "vocab.json", "last.ckpt"])
    return [
        "WARNING could not read the cache, building it anew",
        "Traceback (most recent call last):",
        '  File "/tmp/job/work/data.py", line 31, in load',
        f'    with open("{name}", "rb") as stream:',
        f"FileNotFoundError: [Errno 2] No such file or directory: '{name}'",
        f"built {name} in {chance.uniform(1, 9):.1f} s",
    ]


def _handled_gpu_memory(chance: random.Random) -> list[str]:
    batch = 2 ** chance.randint(5, 9)
    return [
        "Traceback (most recent call last):",
        '  File "/tmp/job/work/tune.py", line 12, in try_batch',
        "    loss.backward()",
        "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 15.78 GiB"
        " total capacity; 14.02 GiB already allocated; 1.20 GiB free; 14.11 GiB reserved)",
        f"batch {batch} is too large, trying {batch // 2}",
    ]


def _optional_module(chance: random.Random) -> list[str]:
    name = chance.choice(["apex", "flash_attn", "wandb", "tensorboard"])
    return [
        f"UserWarning: No module named '{name}'; the slower path is taken",
        f"ModuleNotFoundError while importing {name} was ignored",
    ]


def _port_retry(chance: random.Random) -> list[str]:
    port = chance.randint(8000, 8080)
    return [
        f"Port {port} is busy (Address already in use), trying {port + 1}",
        f"listening on 127.0.0.1:{port + 1}",
    ]


def _gunicorn_retry(chance: random.Random) -> list[str]:
    place = f"('127.0.0.1', {chance.randint(8000, 8080)})"
    return [
        f"[2026-11-21 10:41:07 +0000] [18] [ERROR] Connection in use: {place}",
        f"[2026-11-21 10:41:07 +0000] [18] [ERROR] connection to {place} failed: [Errno 98] "
        "Address already in use",
        "[2026-11-21 10:41:07 +0000] [18] [ERROR] Retrying in 1 second.",
        "[2026-11-21 10:41:08 +0000] [18] [INFO] Listening at: http://127.0.0.1:8000 (18)",
        "[2026-11-21 10:41:08 +0000] [18] [INFO] Using worker: sync",
        "[2026-11-21 10:41:08 +0000] [21] [INFO] Booting worker with pid: 21",
        "GET /health 200",
    ]


def _bar_after_handled(chance: random.Random) -> list[str]:
    return [
        "Traceback (most recent call last):",
        '  File "/tmp/job/work/batch.py", line 8, in step',
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
        f"Shards: 100%|##########| {chance.randint(2, 99)}/99 [00:49<00:00,  3.1it/s]",
    ]


def _network_retry(_chance: random.Random) -> list[str]:
    return [
        "ConnectionResetError: [Errno 104] Connection reset by peer",
        "retrying in 2 s (1 of 5)",
        "download finished, 0 errors",
    ]


def _logged_exception(chance: random.Random) -> list[str]:
    return [
        "2026-11-21 10:20:11 ERROR sample could not be decoded",
        "Traceback (most recent call last):",
        '  File "/tmp/job/work/images.py", line 8, in decode',
        "    image = Image.open(path)",
        f"PermissionError: [Errno 13] Permission denied: 'img_{chance.randint(0, 999)}.png'",
        "2026-11-21 10:20:11 INFO 1 of 5000 samples skipped",
    ]


def _chained_and_handled(_chance: random.Random) -> list[str]:
    return [
        "Traceback (most recent call last):",
        '  File "/tmp/job/work/store.py", line 4, in put',
        "    os.write(fd, data)",
        "OSError: [Errno 28] No space left on device",
        "",
        "During handling of the above exception, another exception occurred:",
        "",
        "Traceback (most recent call last):",
        '  File "/tmp/job/work/store.py", line 9, in put',
        "    raise CacheFull()",
        "store.CacheFull",
        "the cache is full: going on without it",
    ]


def _words(chance: random.Random) -> list[str]:
    every = [
        "error rate 0.031, killed 0 workers, failed 0 of 120 trials",
        "Segmentation fault tolerance test: passed",
        "permission denied rules loaded: 12",
        "timeout=30 retries=3 (timed out requests so far: 0)",
        "early stopping: no improvement, evicted 3 stale entries from the cache",
        "memory: 3.1 of 14.0 GB, disk 91% full, no space left warnings off",
        "tests: test_out_of_memory PASSED, test_missing_module PASSED, test_port_taken PASSED",
        "DeprecationWarning: np.float_ was deprecated",
        "NumPy 1.x compatibility layer is on",
        "MemoryError handler installed",
        "OutOfMemoryKiller: watching 4 processes",
        "pickle protocol 5, unpicklable objects: none",
        "CUDA not available, using CPU: no GPU was asked for",
        "nvidia-smi skipped",
        "shm: 64M, shared memory ok",
        "Killed: 0, Alive: 8",
        "exit code 137 is mapped to retry in policy.yaml",
        "ERROR_BUDGET=0.1 STOP_ON_ERROR=false",
    ]
    return chance.sample(every, chance.randint(1, 5))


def _warnings(chance: random.Random) -> list[str]:
    return [
        "/opt/venv/lib/python3.11/site-packages/sklearn/base.py:376: InconsistentVersionWarning: "
        "Trying to unpickle estimator from version 1.3.0 when using version 1.5.1.",
        "  warnings.warn(",
        f"FutureWarning: {chance.choice(['copy', 'inplace'])} will be removed in a future version",
    ]


def _subprocess(_chance: random.Random) -> list[str]:
    return [
        "sh: 1: nvcc: not found",
        "compiler not found, using the wheel's kernels",
    ]


def _assertion(_chance: random.Random) -> list[str]:
    return [
        "Traceback (most recent call last):",
        '  File "/tmp/job/work/check.py", line 3, in <module>',
        "    assert accuracy > 0.9",
        "AssertionError",
    ]


def _quiet(_chance: random.Random) -> list[str]:
    return ["done"]


def _metrics(chance: random.Random) -> list[str]:
    return [f"final error {chance.uniform(0, 1):.4f}", "wandb: Run history: error ▇▆▅▄▃▂▁"]


def _threshold(chance: random.Random) -> list[str]:
    return [f"validation error {chance.uniform(0.2, 0.9):.3f} is above the threshold, giving up"]


def _usage(_chance: random.Random) -> list[str]:
    return [
        "usage: main.py [-h] --data DATA",
        "main.py: error: the following arguments are required: --data",
    ]


PARTS: list[Part] = [
    _handled_file,
    _handled_gpu_memory,
    _optional_module,
    _port_retry,
    _gunicorn_retry,
    _bar_after_handled,
    _network_retry,
    _logged_exception,
    _chained_and_handled,
    _words,
    _warnings,
    _subprocess,
]
ENDS: list[Part] = [_assertion, _quiet, _metrics, _threshold, _usage, _words]
