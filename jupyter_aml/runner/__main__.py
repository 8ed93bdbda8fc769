"""``python -m jupyter_aml.runner PART ARGUMENT...``; with another interpreter through `boot`."""

from __future__ import annotations

import os
import sys


def main(arguments: list[str]) -> int:
    part, *rest = arguments or ["help"]
    _forget_folder()
    if part == "nursery":
        from . import large_pages

        large_pages.make_room()
    if part in ("nursery", "zygote"):  # they fork jobs
        from . import fork_hooks

        fork_hooks.begin()
    if part == "nursery":
        from . import nursery

        nursery.main(*rest)
    elif part == "node":
        from . import nursery

        nursery.node_main(rest[0], int(rest[1]))
    elif part == "cell":
        from . import spare

        spare.resume(int(rest[0]), int(rest[1]))
    elif part in ("spare", "zygote"):
        _wait(part, int(rest[0]))
    elif part == "notebook":
        from . import notebook

        return notebook.main(*rest)
    elif part == "notebook-cells":
        from . import notebook_cells

        return notebook_cells.main(*rest)
    elif part == "batch":
        from . import batch

        return batch.main(*rest)
    elif part == "batch-worker":
        from . import batch_worker

        return batch_worker.main(*rest)
    elif part == "kernel":
        from . import kernel

        return kernel.main(*rest)
    elif part == "probe":
        from . import probe

        probe.main()
    else:
        print("usage: python -m jupyter_aml.runner nursery SOCKET | probe", file=sys.stderr)
        return 2
    return 0


def _wait(part: str, fd: int) -> None:
    """A spare or a zygote that was started instead of forked."""
    from . import fork_hooks, linux, spare, zygote
    from .cell import Cell
    from .wire import Channel

    marker = linux.MarkerPlace()
    body = spare.main if part == "spare" else zygote.main
    cell = Cell()
    fork_hooks.end()
    body(Channel.of(fd), cell, marker, None)


def _forget_folder() -> None:
    """``-m`` puts the current folder first on ``sys.path``; a job has its own there, or none."""
    if sys.path and sys.path[0] in ("", os.getcwd()):
        del sys.path[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
