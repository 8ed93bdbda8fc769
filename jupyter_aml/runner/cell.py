"""One cell, run in this process: variables in, output as it comes, variables out."""

from __future__ import annotations

import ast
import atexit
import faulthandler
import importlib.util
import itertools
import os
import sys
import threading
from collections.abc import Callable
from functools import lru_cache
from types import ModuleType
from typing import Any, NamedTuple, Protocol

from . import assigned, interrupts, new_files, sites, variables
from .frames import Frames
from .streams import Streams
from .whereabouts import Whereabouts
from .wire import Message

_INLINE = "matplotlib_inline"

_MOST_MISSED = 500
_NO_RESULT: Message = {"names": {}, "kept": {}, "lengths": []}
_NOTHING: Message = {"source": "pass", "execution_count": 0}

OK, ERROR, INTERRUPTED = 0, 1, 130

Measure = Callable[[int], Message]
"""Gives the "exit" of the done frame: how the cell ends (its exit code comes in), what it took."""


class Ran(NamedTuple):
    """What is left to tell of a cell that has run; all else is in its frames."""

    code: int
    modules: list[str]
    """Those it asked for. Where packages were loaded ahead, also those it had to load yet."""
    exit: Message
    """As it stands in the done frame; empty if nobody measured it."""
    is_noted: bool
    """Whether the done frame is there as a whole."""
    sizes: list[int] | None
    """Bytes of its three files, if it ended well and left nothing but text: then nobody has to
    read what it says of it."""


class Shell(Protocol):
    """What runs the code: IPython where it is installed, else plain Python."""

    leaving: bool
    tree: ast.Module
    value: tuple[Any, ...]

    @property
    def namespace(self) -> dict[str, Any]: ...
    def attach(self, frames: Frames) -> None: ...
    def run(self, source: str, execution_count: int) -> BaseException | None: ...
    def show(self, error: BaseException) -> None: ...
    def forget(self) -> None: ...


def make_shell() -> Shell:
    try:
        from .ipython_shell import make

        return make()
    except ImportError:
        pass
    except Exception as error:  # one too old or too new for us: plain Python runs most cells
        print(f"IPython cannot be used here: {error!r}", file=sys.stderr)
    from .plain_shell import PlainShell

    return PlainShell()


class Cell:
    """Runs the cells of one process: one, or those of a session one after the other.

    Made before a fork where possible: this is what takes time.
    """

    def __init__(self) -> None:
        self.shell = make_shell()
        self._streams = Streams()
        self._whereabouts = Whereabouts()
        sys.argv[:] = [""]  # ours are no business of the cell's
        _inline_is_installed()

    def rehearse(self) -> None:
        """In a process that was just forked and waits: write to the pages that a cell writes to.

        Each is copied at its first write. That takes longer than all the rest of a short job.
        """
        self._streams.install()
        frames = Frames(os.devnull, self._streams)
        self.shell.attach(frames)
        _Run(self.shell, frames, _NOTHING, 0, ahead=False).run()
        frames.close()
        self._whereabouts.be_ready()

    def forget(self) -> None:
        """What was run before a fork is no job's."""
        self._streams.end()
        self._whereabouts.forget()
        self.shell.forget()

    def run(
        self,
        task: Message,
        rank: int,
        files: tuple[int, int] | None = None,
        *,
        ahead: bool = False,
        measure: Measure | None = None,
    ) -> Ran:
        """The job's streams are on 1 and 2 already, and `files` if somebody has opened them here.

        `ahead` says that packages were loaded before. With `measure` the process lives on, and
        the done frame tells the exit: whoever reads it needs no file of the node's.
        """
        frames = Frames(f"{task['dir']}{os.sep}frames.{rank}", self._streams)
        self._streams.install()
        self._streams.begin(frames.mark, frames.progress, files)
        faulthandler.enable(2)
        self._whereabouts.be_ready()
        self.shell.attach(frames)
        try:
            return _Run(self.shell, frames, task, rank, ahead=ahead).run(measure)
        finally:
            self._streams.flush()
            frames.close()


def draw_inline() -> None:
    """Figures go into the output, if matplotlib is imported later and nothing else was said."""
    if "MPLBACKEND" not in os.environ and _inline_is_installed():
        os.environ["MPLBACKEND"] = f"module://{_INLINE}.backend_inline"


@lru_cache(maxsize=1)
def _inline_is_installed() -> bool:
    return importlib.util.find_spec(_INLINE) is not None


def finish() -> None:
    """What the interpreter does at the end of a script, before a process is left by `os._exit`."""
    try:
        interrupts.allow()
        # Wait for threads that are not daemons; `concurrent.futures` ends its own here.
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
    except KeyboardInterrupt:
        pass
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass  # full disk, or the program closed it


class _Run:
    def __init__(
        self, shell: Shell, frames: Frames, task: Message, rank: int, *, ahead: bool
    ) -> None:
        self._shell = shell
        self._frames = frames
        self._task = task
        self._rank = rank
        self._ahead = ahead
        self._pid = os.getpid()
        self._last_loaded = next(reversed(sys.modules))
        self._start = new_files.moment()

    def run(self, measure: Measure | None = None) -> Ran:
        error = self._guarded()
        code = _code(error)
        if os.getpid() != self._pid:
            os._exit(code)  # a child that the cell forked and that ran on to its end
        tree = self._shell.tree
        modules = self._modules(tree)
        result = self._collect(tree, error)
        told = {
            "status": "ok" if code == OK else "error",
            "result": result,
            "imports": self._packages(modules),
            "files": self._new_files(),
        }
        exit_ = measure(code) if measure is not None else {}
        self._frames.write("done", **told, **({"exit": exit_} if exit_ else {}))
        is_noted = not self._frames.is_torn
        is_plain = error is None and result is _NO_RESULT and not told["files"]
        if isinstance(error, SystemExit) and isinstance(error.code, str):
            print(error.code, file=sys.stderr)  # as the interpreter does
        missed = self._missed() if self._ahead else []
        sizes = self._frames.sizes if is_plain else None
        return Ran(code, modules + missed, exit_, is_noted, sizes)

    def _new_files(self) -> list[str]:
        """Only of a folder of the job's own: in the notebook's folder (anything, a home with a
        million files) they lie where the person looks, and a walk would cost each cell dearly."""
        return new_files.since(os.getcwd(), self._start) if self._task.get("own_folder") else []

    def _guarded(self) -> BaseException | None:
        """Run it, inputs included, with ■ turned into `KeyboardInterrupt`."""
        try:
            interrupts.allow()
            self._prepare()
            return self._shell.run(self._task["source"], self._task["execution_count"])
        except BaseException as error:
            # A module of the inputs that is missing here, say, or ■ between two steps of the
            # shell's own: shown as the cell's error.
            self._shell.show(error)
            return error
        finally:
            interrupts.hold()  # from here on it only takes home what there is

    def _prepare(self) -> None:
        """Imports first, because the variables may need them."""
        folder = self._task.get("path0") or ""
        if folder and sys.path[:1] != [folder]:
            sys.path.insert(0, folder)
        draw_inline()
        for statement in self._task.get("imports", ()):
            code = compile(statement, "<imports of the notebook>", "exec")
            exec(code, self._shell.namespace)  # noqa: S102  the notebook's own imports
        if self._task.get("pickle") or self._task.get("inputs"):
            self._shell.namespace.update(variables.load(self._task))
        self._shell.namespace.update(self._task.get("data", {}))

    def _collect(self, tree: Any, error: BaseException | None) -> Message:
        """The "result" of the done frame; afterwards the files it speaks of are there."""
        wanted = self._task.get("collect")
        if wanted is None:
            walrus = ":=" in self._task["source"]
            found = self._present(assigned.names(tree, walrus=walrus))
        else:
            found = self._present(wanted)
        value = () if wanted == [] else self._shell.value
        if self._rank or not (found or wanted or error or value):
            # Of several processes of a job, the first one's travel.
            return _NO_RESULT
        result = variables.Result()
        if wanted is not None:
            result.kept = {name: _why_not(self._shell.namespace, name) for name in wanted}
            result.kept = {name: why for name, why in result.kept.items() if name not in found}
        result.put(found, error, value)
        if not result.empty:
            try:
                result.write(self._task["dir"], self._task.get("key") or "")
            except OSError as reason:
                result.kept.update(dict.fromkeys(result.names, f"it could not be kept: {reason}"))
                result.names, result.buffers = {}, []
        lengths = [buffer.nbytes for buffer in result.buffers]
        return {"names": result.names, "kept": result.kept, "lengths": lengths}

    def _present(self, names: list[str]) -> dict[str, Any]:
        namespace = self._shell.namespace
        return {
            name: namespace[name]
            for name in names
            if not name.startswith("_")
            and name in namespace
            and not isinstance(namespace[name], ModuleType)
        }

    def _packages(self, modules: list[str]) -> list[str]:
        """Top-level packages that it imported, by itself or through others; not the library's."""
        if not modules and next(reversed(sys.modules)) == self._last_loaded:
            return []
        new = {name.partition(".")[0] for name in self._loaded()}
        asked = {name.partition(".")[0] for name in modules}
        library = sys.stdlib_module_names
        return sorted(
            name for name in new | asked if name not in library and not name.startswith("_")
        )

    def _missed(self) -> list[str]:
        """Installed modules that came late: `numpy.random` is loaded when it is first used."""
        missed = [name for name in self._loaded() if sites.holds(sys.modules.get(name))]
        return missed[-_MOST_MISSED:]

    def _loaded(self) -> list[str]:
        """Modules loaded since this began, the newest first: that is how they stand there."""
        return list(
            itertools.takewhile(lambda name: name != self._last_loaded, reversed(sys.modules))
        )

    def _modules(self, tree: Any) -> list[str]:
        """Modules named by its import statements; what the next process may load ahead."""
        if "import" not in self._task["source"] and not self._task.get("imports"):
            return []
        asked = assigned.imported(tree)
        for statement in self._task.get("imports", ()):
            asked += assigned.imported(ast.parse(statement))
        return sorted({name for name in asked if name in sys.modules})


def _why_not(namespace: dict[str, Any], name: str) -> str:
    if name not in namespace:
        return "the cell did not set it"
    if isinstance(namespace[name], ModuleType):
        return "it is a module: import it there"
    return "its name begins with _"


def _code(error: BaseException | None) -> int:
    """The exit code of the job, as the interpreter counts it."""
    if error is None:
        return OK
    if isinstance(error, SystemExit):
        code = error.code
        return OK if code is None else code & 0xFF if isinstance(code, int) else ERROR
    return INTERRUPTED if isinstance(error, KeyboardInterrupt) else ERROR
