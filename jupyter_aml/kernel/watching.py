"""Watch a job that runs already: its output from the first line, here, until it ends."""

from __future__ import annotations

from typing import NoReturn

from jupyter_aml.client.client import Client
from jupyter_aml.client.follow import Following
from jupyter_aml.kernel import live
from jupyter_aml.kernel.live import Interrupts
from jupyter_aml.kernel.outputs import Replay
from jupyter_aml.kernel.place import is_notebook
from jupyter_aml.kernel.raising import interrupted
from jupyter_aml.kernel.shell import current_shell
from jupyter_aml.model.job import Job


def watch(client: Client, name: str, compute: str) -> Job:
    """Show its output and return the job as it ended. ■ stops the watching, not the job."""
    shell = current_shell()
    replay = Replay(shell, name, compute, live=is_notebook(shell))

    def stop(_: Interrupts) -> NoReturn:
        raise interrupted(name, after=f"Not watched any more; the job {name} goes on.")

    following = Following(client.jobs, name)
    try:
        live.play(following, replay, stop)
        job = following.outcome()
    finally:
        following.close()
    replay.finish(job)
    return job
