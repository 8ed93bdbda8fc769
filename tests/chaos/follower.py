"""A client that follows jobs and writes down what it sees; made to be killed and started again.

``python -m tests.chaos.follower HOME FOLDER JOB…`` appends each event of each job to
``FOLDER/<job>.jsonl``, goes on after the last one written there, and ends with the jobs.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec

from jupyter_aml.client import Client, connect
from jupyter_aml.model.errors import NotFound


def written_up_to(path: Path) -> int:
    """The last event in the file; a line that a kill cut in half is taken away."""
    content = path.read_bytes() if path.exists() else b""
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(path, len(whole))
    lines = whole.splitlines()
    return int(msgspec.json.decode(lines[-1])["seq"]) if lines else 0


def follow(client: Client, job: str, path: Path) -> None:
    """Write down the events of one job until it ends."""
    encode = msgspec.json.Encoder().encode
    after = written_up_to(path)
    with open(path, "ab", buffering=0) as file:
        for event in client.jobs.follow(job, after=after):
            file.write(encode(event) + b"\n")


def main(arguments: Sequence[str]) -> None:
    home, folder, *jobs = arguments
    client = connect(home=Path(home))
    failures: list[BaseException] = []

    def one(job: str) -> None:
        try:
            follow(client, job, Path(folder) / f"{job}.jsonl")
        except NotFound as error:  # lost: the check will say so
            failures.append(error)

    threads = [threading.Thread(target=one, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
    if failures:
        sys.exit(f"{failures}")


if __name__ == "__main__":
    main(sys.argv[1:])
