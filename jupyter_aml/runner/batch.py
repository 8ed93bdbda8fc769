"""A batch run: the files of a folder go to ``run(mini_batch)``, some at a time, in workers.

The process of a job, one on each of its nodes; mini-batches are dealt out among the nodes by their
number. Workers are processes (`batch_worker`), so that one that hangs or crashes costs its
mini-batch another attempt and nothing else. Progress is counted in mini-batches.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any

from . import report
from .batch_parts import Parts
from .batch_pool import Failed, Worker

_LOOK = 0.2
"""Seconds between two looks at what the other nodes have done."""


def main(source: str, model: str, output: str, *arguments: str) -> int:
    """Score `source`, a file or a folder, into `output`. Returns the exit code.

    That is a folder; or, where the settings name no file in it, the file itself. `arguments` are
    what the script finds in ``sys.argv``; workers get them with the settings.
    """
    settings = json.loads(os.environ["JUPYTER_AML_BATCH"])
    settings["arguments"] = arguments
    if not settings["output_file_name"]:
        output, settings["output_file_name"] = os.path.split(output)
    os.environ["JUPYTER_AML_BATCH"] = json.dumps(settings)
    files = list(_files(source))
    if not files:
        print(f"{source} holds no files: there is nothing to score.", file=sys.stderr)
        return 1
    os.makedirs(output, exist_ok=True)
    return Run(settings, files, model, output).run()


def _files(source: str) -> list[str]:
    """Files at or below `source` in a stable order, hidden ones left out."""
    if not os.path.isdir(source):
        return [source]
    found: list[str] = []
    for base, folders, names in os.walk(source, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [os.path.join(base, name) for name in names if not name.startswith(".")]
    return sorted(found)


class Run:
    """What one node does of it."""

    def __init__(self, settings: dict[str, Any], files: list[str], model: str, output: str) -> None:
        size = settings["mini_batch_size"]
        self._settings = settings
        self._files = files
        self._batches = [files[i : i + size] for i in range(0, len(files), size)]
        self._model = model
        self._output = output
        self._node = int(os.environ.get("NODE_RANK") or 0)
        self._nodes = int(os.environ.get("WORLD_SIZE") or 1)
        self._parts = Parts(_state_folder(output))
        mine = range(self._node, len(self._batches), self._nodes)
        self._left = [index for index in reversed(mine) if not self._parts.is_done(index)]
        self._told = -1
        self._lock = threading.Lock()
        self._why = ""
        """Why the run cannot go on."""

    def run(self) -> int:
        self._say()
        self._progress()
        count = max(1, min(self._settings["max_concurrency_per_instance"], len(self._left)))
        threads = [threading.Thread(target=self._work, args=(n,)) for n in range(count)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            for thread in threads:
                thread.join(_LOOK / len(threads))
            self._progress()
        return self._finish() if not self._why else self._stop()

    def _say(self) -> None:
        done = len(range(self._node, len(self._batches), self._nodes)) - len(self._left)
        again = f" {done} of them are done already." if done else ""
        if self._node == 0:
            print(
                f"{len(self._files)} files in {len(self._batches)} mini-batches "
                f"of up to {self._settings['mini_batch_size']}.{again}",
                flush=True,
            )

    # -- one thread for each worker

    def _work(self, number: int) -> None:
        worker = Worker(self._settings, self._model, self._output, number)
        try:
            while (index := self._next()) is not None:
                self._score(worker, index)
        except Failed as error:  # init: it would fail again
            self._give_up(str(error))
        except Exception as error:  # a full disk: without its thread the run would never end
            self._give_up(f"{type(error).__name__}: {error}")
        finally:
            worker.close()

    def _next(self) -> int | None:
        with self._lock:
            return self._left.pop() if self._left and not self._why else None

    def _score(self, worker: Worker, index: int) -> None:
        files = self._batches[index]
        for attempt in range(self._settings["max_retries"] + 1):
            if self._why:
                return
            worker.begin()
            try:
                scored = worker.score(index, files, self._parts.rows(index))
            except Failed as error:
                last = attempt == self._settings["max_retries"]
                then = "it counts as failed" if last else "trying again"
                print(f"Mini-batch {index}: {error} ({then})", file=sys.stderr, flush=True)
                continue
            return self._keep(index, min(scored, len(files)))
        return self._keep(index, 0)

    def _keep(self, index: int, scored: int) -> None:
        failed = len(self._batches[index]) - scored
        if failed and scored:
            words = f"Mini-batch {index}: {failed} of {failed + scored} files gave no result"
            print(words, file=sys.stderr, flush=True)
        self._parts.finish(index, scored=scored, failed=failed)
        if failed:
            self._check_threshold()

    def _check_threshold(self) -> None:
        most = self._settings["error_threshold"]
        _, failed = self._parts.totals(len(self._batches))
        if 0 <= most < failed:
            self._give_up(f"{failed} files failed, and error_threshold allows {most}.")
        most = self._settings.get("mini_batch_error_threshold", -1)
        if most >= 0 and (lost := self._parts.lost(len(self._batches))) > most:
            what = f"{lost} mini-batches failed"
            self._give_up(f"{what}, and mini_batch_error_threshold allows {most}.")

    def _give_up(self, why: str) -> None:
        with self._lock:
            self._why = self._why or why

    # -- the end

    def _progress(self) -> None:
        if self._node:
            return
        done, total = self._parts.done(len(self._batches)), len(self._batches)
        if done != self._told:
            self._told = done
            report.tell_progress(done, total, "mini-batch")

    def _stop(self) -> int:
        print(self._why, file=sys.stderr, flush=True)
        return 1

    def _finish(self) -> int:
        total = len(self._batches)
        if self._node:
            return 0
        while self._parts.done(total) < total:  # a node that died ends all of them
            time.sleep(_LOOK)
            self._progress()
        self._progress()
        scored, failed = self._parts.totals(total)
        if failed:
            self._check_threshold()
        if self._why:
            return self._stop()
        if self._settings["output_action"] == "append_row":
            name = os.path.join(self._output, self._settings["output_file_name"])
            self._parts.merge(total, name)
        self._parts.drop()
        print(f"Scored {scored} of {scored + failed} files; {failed} failed.", flush=True)
        report.log("files_scored", scored)
        report.log("files_failed", failed)
        return 0


def _state_folder(output: str) -> str:
    """Beside the job's attempts, so that the next attempt goes on; outside of a job, the output."""
    frames = os.environ.get("JUPYTER_AML_FRAMES")
    if not frames:
        return os.path.join(output, ".batch")
    return os.path.join(os.path.dirname(os.path.dirname(frames)), "batch")
