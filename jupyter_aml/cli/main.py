"""The console script ``jupyter-aml``, which ``jupyter aml`` finds: words in, exit code out.

Nothing heavy is imported before it is needed: `service status` must answer at once.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from jupyter_aml._version import __version__
from jupyter_aml.cli.connection import connection
from jupyter_aml.cli.errors import INTERRUPTED, PIPE_CLOSED, exit_code, print_error
from jupyter_aml.cli.output import print_result
from jupyter_aml.cli.terminal import Terminal
from jupyter_aml.client.workspaces import NEED_NO_SERVICE, refuse_unknown
from jupyter_aml.grammar import help_text, parse_words, run
from jupyter_aml.model.errors import AmlError, Internal, Invalid

PROGRAM = "jupyter aml"
USAGE = 2


def main(words: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit code (`cli.errors`); raises nothing."""
    words = list(sys.argv[1:] if words is None else words)
    try:
        try:
            code = _run(words)
            sys.stdout.flush()
        except KeyboardInterrupt:
            return INTERRUPTED
        return code
    except BrokenPipeError:
        # Whoever read this has seen enough. Python would complain once more at exit.
        _forget_stdout()
        return PIPE_CLOSED


def _run(words: list[str]) -> int:
    if words in (["--version"], ["-V"]):
        print(__version__)
        return 0
    output = _output_asked_for(words)
    try:
        invocation = parse_words(_text(words), PROGRAM)
    except AmlError as error:
        print_error(error, output)
        return USAGE
    output = invocation.output or output
    if invocation.verb is None and not invocation.help:
        print(help_text(invocation.noun.name, prefix=PROGRAM), file=sys.stderr)
        return USAGE
    surface = Terminal(PROGRAM, quiet=output != "table")
    try:
        if invocation.workspace is not None and invocation.noun.name in NEED_NO_SERVICE:
            refuse_unknown(invocation.workspace)
        with _heard(surface if output == "table" else None):
            result = run(connection(invocation.workspace), invocation, surface)
    except AmlError as error:
        surface.flush()
        print_error(error, output)
        return exit_code(error)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:  # a defect of ours: scripts get one error in its form all the same
        print_error(_defect(error), output)
        return exit_code(_defect(error))
    surface.flush()
    print_result(result, output)
    return result.exit_code


@contextmanager
def _heard(surface: Terminal | None) -> Generator[None]:
    """Python's warnings as notes: a service that just started may have lost its database. Without
    `surface` they are dropped: a script reads one document, also from stderr."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", UserWarning)
        try:
            yield
        finally:
            for one in said:
                if surface is not None and one.category is UserWarning:
                    surface.note(f"Note: {one.message}")


def _text(words: list[str]) -> list[str]:
    """`words`, refused if one of them holds bytes that are no text."""
    for word in words:
        shown = word.encode("utf-8", "backslashreplace").decode("utf-8")
        if shown != word:
            raise Invalid("A word of the command is not UTF-8 text.", target=shown)
    return words


def _output_asked_for(words: list[str]) -> str:
    """The form of output, also of a command that cannot be parsed."""
    for flag, value in zip(words, [*words[1:], ""], strict=False):
        if flag in ("-o", "--output") and value in ("json", "yaml"):
            return value
        for form in ("json", "yaml"):
            if flag in (f"--output={form}", f"-o{form}", f"-o={form}"):
                return form
    return "table"


def _defect(error: Exception) -> Internal:
    import traceback

    return Internal(
        f"A defect of jupyter_aml: {type(error).__name__}: {error}",
        hint="Report it with the lines below.",
        details=traceback.format_exception(error),
    )


def _forget_stdout() -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)


if __name__ == "__main__":
    sys.exit(main())
