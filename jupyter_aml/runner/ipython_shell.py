"""IPython runs the cell, as it does in a kernel; what it shows goes into frames.

A shell is made before the process is forked, so that a job finds it ready; `attach` gives it the
frames of its job. It has no history database: that would start a thread, and threads do not fork.
"""

from __future__ import annotations

import ast
import atexit
import builtins
import re
import traceback
import warnings
from types import CodeType, TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, cast

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.events import EventManager, available_events
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from . import assigned
from .blame import persons_part
from .frames import Frames

if TYPE_CHECKING:
    from .widget_pictures import Pictures

# What compiled cells are called, in a traceback that IPython did not write.
_CELL_FILE = re.compile(r'File "<ipython-input-(\d+)-[0-9a-f]+>"')
_WIDGET = "application/vnd.jupyter.widget-view+json"
_GROUP: Any = getattr(builtins, "BaseExceptionGroup", ())  # Python 3.11


class Publisher(DisplayPublisher):
    """``display(...)`` becomes a frame."""

    shell: Any

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        source: object = None,  # noqa: ARG002  IPython's; nobody gives it any more
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        if _WIDGET in data and not update:
            self.shell.display_widget(data, metadata or {}, transient or {})
            return
        self.shell.frames.write(
            "update_display_data" if update else "display_data",
            data=data,
            metadata=metadata or {},
            transient=transient or {},
        )

    def _setup_execution_tracking(self) -> None:
        """Nothing here asks when a figure was drawn."""

    def clear_output(self, wait: bool = False) -> None:
        self.shell.frames.write("clear_output", wait=wait)


class Hook(DisplayHook):
    """The value of the cell's last expression becomes a frame."""

    shell: Any

    @property
    def prompt_count(self) -> int:
        return self.shell.execution_count

    def quiet(self) -> bool:
        # Cheap for what is usual: the real answer cuts the whole cell into tokens.
        cell = self.shell.source
        return ";" in cell and bool(self.semicolon_at_end_of_expression(cell))

    def write_output_prompt(self) -> None:
        """A front end draws its own."""

    def write_format_data(
        self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None
    ) -> None:
        format_dict.pop(_WIDGET, None)  # its text stays: no page could draw it
        self.shell.frames.write("execute_result", data=format_dict, metadata=md_dict or {})

    def update_user_ns(self, result: Any) -> None:
        self.shell.value = (result,)
        super().update_user_ns(result)

    def log_output(self, format_dict: dict[str, Any]) -> None:
        """There is no history to log it to."""

    def finish_displayhook(self) -> None:
        self._is_active = False


class Compiler(CachingCompiler):
    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:  # noqa: ARG002
        """As IPython's, without loading a cryptographic library for it."""
        return f"<ipython-input-{number}-{hash(transformed_code) & 0xFFFFFFFFFFFF:x}>"


class Events(EventManager):
    """■ while a callback runs ends the cell. IPython's own shows it, and then runs the cell."""

    shell: Any

    def trigger(self, event: str, *args: Any, **kwargs: Any) -> None:
        for callback in self.callbacks[event][:]:
            try:
                callback(*args, **kwargs)
            except Exception:  # an extension's, which is not the cell's
                print(f"Error in callback {callback} (for {event}):")
                self.shell.showtraceback()


class CellShell(InteractiveShell):
    compiler_class = Type(Compiler)
    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)

    # Plain, where IPython has a trait: setting one of those is the work of eleven functions.
    execution_count: int = 1  # pyright: ignore[reportIncompatibleVariableOverride]
    frames: Frames
    source = ""
    tree = assigned.NOTHING
    """The syntax tree of the cell that ran last, its magics turned into calls."""
    value: tuple[Any, ...] = ()
    """What its last expression showed, if it showed something."""
    leaving = False
    """``exit`` or ``quit`` was called: a session ends after this cell."""
    pictures: Pictures | None = None
    """Of widgets that were displayed; made with the first."""

    def attach(self, frames: Frames) -> None:
        self.frames = frames

    @property
    def namespace(self) -> dict[str, Any]:
        return self.user_ns

    def run(self, source: str, execution_count: int) -> BaseException | None:
        """Run a cell; return what it raised. Everything it shows is in the frames."""
        self.source = source
        self.value = ()
        self.tree = assigned.NOTHING
        self.execution_count = execution_count
        shown = self.frames.errors
        try:
            error = self._run(source)
        except KeyboardInterrupt as interrupt:  # between two steps of the shell's own
            error = interrupt
        if self.pictures is not None:
            self.pictures.flush()
        if error is not None and self.frames.errors == shown:
            self.show(error)  # IPython printed it: a UsageError, or one that it could not format
        return error

    def display_widget(
        self, data: dict[str, Any], metadata: dict[str, Any], transient: dict[str, Any]
    ) -> None:
        """Display a widget's picture, since no page can reach the widget."""
        if self.pictures is None:
            from .widget_pictures import Pictures

            formatter: Any = self.display_formatter
            self.pictures = Pictures(self._write, formatter.formatters["text/plain"])
        self.pictures.display(data, metadata, transient)

    def _write(self, kind: str, **fields: Any) -> None:
        """Into the frames of the cell that runs now: those of the one before are closed."""
        self.frames.write(kind, **fields)

    def _run(self, source: str) -> BaseException | None:
        tree = self._plain_tree(source)
        if tree is None:
            result = self.run_cell(source)
            return result.error_before_exec or result.error_in_exec
        return self._run_plain(source, tree)

    def _plain_tree(self, source: str) -> ast.Module | None:
        """The tree of a cell that is plain Python, which nobody watches or changes.

        What IPython does for it then is little, but takes three times as long in a process that
        was just forked: each function that is called for the first time means pages to copy. None
        leaves the cell to IPython: magics, top-level ``await``, hooks of extensions.
        """
        callbacks = self.events.callbacks
        watched = callbacks["pre_run_cell"] or callbacks["post_run_cell"]
        changed = self.input_transformers_post or self.ast_transformers
        if watched or changed or self.ast_node_interactivity != "last_expr":
            return None
        if "await" in source or "async" in source:
            return None
        name = self.compile.cache(source, self.execution_count)
        try:
            return cast("ast.Module", self.compile.ast_parse(source, name))
        except (SyntaxError, ValueError):
            return None

    def _run_plain(self, source: str, tree: ast.Module) -> BaseException | None:
        """What `run_cell` does for such a cell."""
        self.tree = tree
        name = self.compile.get_code_name(source, source, self.execution_count)
        self.events.trigger("pre_execute")
        try:
            codes = self._compiled(tree, name)
        except (SyntaxError, ValueError) as error:  # "'return' outside function"
            self.showtraceback()
            return error
        try:
            self.display_trap.set()  # a cell of this session may have put up its own
            for code in codes:
                exec(code, self.user_global_ns, self.user_ns)  # noqa: S102  that is the task
        except BaseException as error:  # whatever the cell raises is its result
            trace = error.__traceback__ = persons_part(error.__traceback__)
            self.showtraceback((type(error), error, trace), None, 0, running_compiled_code=True)
            return error
        finally:
            self.events.trigger("post_execute")
        return None

    def _compiled(self, tree: ast.Module, name: str) -> list[CodeType]:
        """All of it at once, but for a last expression: its value is shown."""
        body = tree.body
        last = body[-1:] if body and isinstance(body[-1], ast.Expr) else []
        module = ast.Module(body=body[: len(body) - len(last)], type_ignores=[])
        compiler: Any = self.compile  # it takes trees, whatever its annotations say
        found = [compiler(module, name, "exec")] if module.body else []
        return found + [compiler(ast.Interactive([node]), name, "single") for node in last]

    def transform_ast(self, node: ast.Module) -> ast.Module:
        self.tree = super().transform_ast(node)
        return self.tree

    def show(self, error: BaseException) -> None:
        """An "error" frame for what was raised outside of the cell."""
        if not isinstance(error, SystemExit):
            self._show_plainly(type(error), error, error.__traceback__)

    def forget(self) -> None:
        self.reset(new_session=True)

    def showtraceback(self, exc_tuple: Any = None, *args: Any, **kwargs: Any) -> None:
        kind, error, trace = self._get_exc_info(exc_tuple)
        if issubclass(kind, SystemExit):
            # Its code is the job's: nothing to show, and no advice on how to leave IPython.
            warnings.filterwarnings("ignore", "To exit: use")
        elif _has_group(error):
            self._show_plainly(kind, error, trace)
        else:
            super().showtraceback(exc_tuple, *args, **kwargs)

    def _show_plainly(self, kind: type, error: Any, trace: TracebackType | None) -> None:
        lines = traceback.format_exception(kind, error, persons_part(trace))
        lines = [_CELL_FILE.sub(r"Cell In[\1]", line).rstrip("\n") for line in lines]
        self._showtraceback(kind, error, lines)

    def show_usage_error(self, exc: BaseException) -> None:
        """A magic was used wrongly: its words say all."""
        self._showtraceback(type(exc), exc, [f"UsageError: {exc}"])

    def _showtraceback(self, etype: type, evalue: Any, stb: list[str]) -> None:
        try:
            text = str(evalue)
        except Exception:  # a foreign __str__
            text = "(its text cannot be shown)"
        self.frames.write("error", ename=etype.__name__, evalue=text, traceback=stb)

    def system(self, cmd: str) -> None:
        """``!cmd``: straight to the job's files, so that its output is live and complete."""
        self.system_raw(cmd)

    def enable_gui(self, gui: str | None = None) -> None:
        """``%matplotlib inline`` asks for no window's event loop, and there is none here."""

    def ask_exit(self) -> None:
        self.leaving = True

    def init_events(self) -> None:
        super().init_events()
        callbacks = self.events.callbacks
        self.events = Events(self, available_events)
        self.events.callbacks = callbacks

    def init_virtualenv(self) -> None:
        """The interpreter is the right one already."""


def make() -> CellShell:
    """The one shell of this process, warm: its first cell costs what its hundredth costs."""
    config = Config()
    config.HistoryManager.enabled = False
    config.CellShell.logstart = False
    shell = CellShell.instance(config=config)
    # Programs ask through these; nobody is there to answer.
    builtins.input = _no_input
    for source in ("pass", "1", "1/0"):
        _rehearse(shell, source)
    shell.reset(new_session=True)
    # For good: this process runs cells and nothing else.
    shell.builtin_trap.__enter__()
    shell.display_trap.__enter__()
    _leave_nothing_to_do(shell)
    return shell


def _leave_nothing_to_do(shell: CellShell) -> None:
    """IPython looks after its history at each fork and at the end; here it keeps none."""
    atexit.unregister(shell.atexit_operations)  # it has made no files either
    history: Any = shell.history_manager
    getattr(type(history), "_instances", set()).discard(history)
    finalizer = getattr(history, "_finalizer", None)
    if finalizer is not None:
        finalizer.detach()


class _Nowhere:
    """Frames of a rehearsal."""

    errors = 0

    def write(self, kind: str, **_: Any) -> None:
        self.errors += kind == "error"


def _rehearse(shell: CellShell, source: str) -> None:
    shell.attach(_Nowhere())  # type: ignore[arg-type]
    shell.run(source, 1)


def _has_group(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, _GROUP):
            return True
        error = error.__context__
    return False


def _no_input(prompt: object = "", /) -> NoReturn:
    __tracebackhide__ = True  # what the person called is `input`
    raise RuntimeError(
        f"input({str(prompt)!r}) cannot be answered: a job runs where nobody sits. "
        "Give the value to the cell as a variable."
    )
