"""One worker of a batch run, as its thread sees it: a process that is replaced when it fails."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from typing import Any

from .start import BOOT

_ENDING = 5.0
"""Seconds that a worker has to end by itself once there is nothing left."""


class Failed(Exception):
    """A mini-batch was not scored; or, from `begin`, ``init`` did not go well."""


class Worker:
    def __init__(self, settings: dict[str, Any], model: str, output: str, number: int) -> None:
        self._settings = settings
        self._number = number
        self._environment = {
            **os.environ,
            "AZUREML_MODEL_DIR": os.path.dirname(model),
            "AZUREML_BI_OUTPUT_PATH": output,
            "JUPYTER_AML_BATCH_MODEL": model,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[dict[str, Any]] = queue.Queue()

    def begin(self) -> None:
        """A process that has gone through ``init``; the one that is there, if it is there."""
        if self._process is not None:
            return
        # Its descriptor 1 is where it answers; what the script prints goes where we print.
        passed = [os.dup(1)] if os.name == "posix" else []
        try:
            self._process = subprocess.Popen(
                [sys.executable, BOOT, "batch-worker", *map(str, passed)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self._environment,
                pass_fds=passed,
            )
        finally:
            for fd in passed:
                os.close(fd)
        self._answers = queue.Queue()
        reading = threading.Thread(target=_read, args=(self._process, self._answers), daemon=True)
        reading.start()
        answer = self._answers.get()
        if "ready" not in answer:
            self.close()
            raise Failed(answer.get("error") or "init() failed.")

    def score(self, index: int, files: list[str], rows: str) -> int:
        """How many elements ``run`` returned. Raises `Failed`."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        line = json.dumps({"index": index, "files": files, "rows": rows}) + "\n"
        try:
            process.stdin.write(line.encode())
            process.stdin.flush()
            answer = self._answers.get(timeout=self._settings["timeout"])
        except queue.Empty:
            self._kill()
            raise Failed(f"run() took longer than {self._settings['timeout']:g} s.") from None
        except OSError:
            answer = self._answers.get()
        if "count" in answer:
            return int(answer["count"])
        if "error" not in answer:
            code = process.wait()
            self._kill()
            raise Failed(f"the worker's process ended with {_words(code)}.")
        raise Failed(answer["error"])

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def close(self) -> None:
        """Let it end by itself: exit handlers of the script run."""
        process = self._process
        if process is not None and process.stdin is not None:
            try:
                process.stdin.close()
                process.wait(_ENDING)
            except (OSError, subprocess.TimeoutExpired):
                pass  # it is killed
        self._kill()


def _read(process: subprocess.Popen[bytes], answers: queue.Queue[dict[str, Any]]) -> None:
    """Its answers, then an empty one: it has ended."""
    assert process.stdout is not None
    with process.stdout as stream:
        for line in stream:
            answers.put(json.loads(line))
    answers.put({})


def _words(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
