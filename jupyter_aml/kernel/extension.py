"""``%load_ext jupyter_aml``: names are registered, nothing of theirs is loaded.

The first magic, repr or Tab loads what it needs; what a kernel does not use costs it nothing.
"""

from __future__ import annotations

from typing import Any

from jupyter_aml.kernel.shell import NOTEBOOK

# What has a repr of its own (see `display`), by the module that defines it.
SHOWN = {
    "jupyter_aml.model.environment": ("Environment", "EnvironmentDiff", "EnvironmentList"),
    "jupyter_aml.model.compute": ("Compute", "ComputeList", "NodeList", "SizeList", "UsageList"),
    "jupyter_aml.model.job": ("FileList", "Job", "JobPage", "SessionList", "Snapshot"),
    "jupyter_aml.model.preferences": ("Preferences",),
    "jupyter_aml.model.workspace": ("ServiceStatus", "WorkspaceList"),
    "jupyter_aml.grammar.result": ("Result",),
}

_MATCHER = "jupyter_aml_matcher"


def load(shell: Any) -> None:
    """Called by IPython. Loading twice is loading once."""
    from IPython.core.magic import no_var_expand

    unload(shell)

    @no_var_expand
    def aml(line: str, cell: str | None = None) -> Any:
        """Managed compute: `%aml --help`, and `%%aml --help` on top of a cell."""
        from jupyter_aml.kernel import magics

        if cell is None:
            return magics.aml_line(shell, line)
        return magics.aml_cell(shell, line, cell)

    shell.register_magic_function(aml, magic_kind="line_cell", magic_name="aml")
    text, html = (shell.display_formatter.formatters[m] for m in ("text/plain", "text/html"))
    for module, names in SHOWN.items():
        for name in names:
            text.for_type_by_name(module, name, _print)
            html.for_type_by_name(module, name, _html)
    shell.Completer.custom_matchers.append(_matcher(shell))


def unload(shell: Any) -> None:
    """Called by IPython: the magics, reprs and completion go, and what was held is given back."""
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("aml", None)
    for mime in ("text/plain", "text/html"):
        printers = shell.display_formatter.formatters[mime].deferred_printers
        for module, names in SHOWN.items():
            for name in names:
                printers.pop((module, name), None)
    matchers = shell.Completer.custom_matchers
    matchers[:] = [matcher for matcher in matchers if not hasattr(matcher, _MATCHER)]
    held = getattr(shell, NOTEBOOK, None)
    if held is not None:
        held.close()
        setattr(shell, NOTEBOOK, None)


def _print(value: Any, printer: Any, cycle: bool) -> None:  # noqa: ARG001 - IPython's own
    from jupyter_aml.kernel.display import text

    printer.text(text(value))


def _html(value: Any) -> str:
    from jupyter_aml.kernel.display import html

    return html(value)


def _matcher(shell: Any) -> Any:
    """Completion on our lines, and nothing anywhere else."""
    from IPython.core.completer import context_matcher

    @context_matcher()
    def matcher(context: Any) -> Any:
        line = context.line_with_cursor[: context.cursor_position]
        if not line.lstrip().startswith(("%aml ", "%%aml ")):
            return {"completions": []}
        from jupyter_aml.kernel.completion import completions

        return completions(shell, line)

    setattr(matcher, _MATCHER, True)
    return matcher
