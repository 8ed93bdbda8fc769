"""The reference pages of errors, states, preferences and settings."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from typing import Any

import msgspec

from jupyter_aml.cli.errors import exit_code
from jupyter_aml.model import errors as model
from jupyter_aml.model.lifecycle import MACHINES, Machine
from jupyter_aml.model.preferences import Preferences
from tools.attribute_docs import attribute_docs, plain
from tools.markdown import block, code, joined, table
from tools.reference_api import type_of

# -- errors ---------------------------------------------------------------------------------

ERRORS = """\
# Errors

Every error says what happened (`message`), where (`target`), how to mend it (`hint`, with the
command to type) and what was said underneath (`details`). Notebooks raise it as a class of this
name, from `jupyter_aml.model.errors`; a terminal prints it and ends with the exit code.
"""


def errors() -> str:
    """``errors.md``"""
    rows: list[tuple[str, ...]] = []
    for name in model.codes():
        cls = model.error_class(name)
        parent = cls.__mro__[1].__name__
        kind = "" if parent == "AmlError" else code(parent)
        exit = str(exit_code(cls("")))
        rows.append((code(name), plain(cls.__doc__), kind, str(cls.http_status), exit))
    head = ("code", "meaning", "is a", "HTTP status", "exit code")
    return joined(ERRORS, table(head, rows))


# -- states ---------------------------------------------------------------------------------

STATES = """\
# States

A status is Azure ML's own word; the reason stands in a field of its own. These tables are what the
service enforces and what enables a button in JupyterLab.
"""


def states() -> str:
    """``states.md``"""
    return joined(STATES, *(_machine(machine) for machine in MACHINES))


def _machine(machine: Machine) -> str:
    arrows = [f"    [*] --> {machine.initial}"]
    arrows += [
        f"    {start} --> {finish}" for start, moves in machine.moves.items() for finish in moves
    ]
    arrows += [f"    {state} --> [*]" for state in machine.states if state in machine.final]
    rows = [
        (code(state), ", ".join(map(code, moves)) or "nothing: it is final")
        for state, moves in machine.moves.items()
    ]
    return joined(
        f"## {machine.noun}",
        block("stateDiagram-v2\n" + "\n".join(arrows), "mermaid"),
        table(("state", "may be followed by"), rows),
    )


# -- preferences ----------------------------------------------------------------------------

PREFERENCES = """\
# Preferences

What a user prefers on every surface: notebooks, terminal, JupyterLab. The service keeps them.
Change one by `jupyter aml preferences set default_compute=cpu-cluster`.
"""


def preferences() -> str:
    """``preferences.md``"""
    (_, components) = msgspec.json.schema_components([Preferences])
    described = components["Preferences"]["properties"]
    docs = attribute_docs(Preferences)
    rows = [
        (
            code(field.name),
            type_of(described[field.encode_name]),
            code(_shown(field.default)),
            plain(docs.get(field.name)),
        )
        for field in msgspec.structs.fields(Preferences)
    ]
    return joined(PREFERENCES, table(("name", "type", "default", "meaning"), rows))


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# -- settings -------------------------------------------------------------------------------

SETTINGS = """\
# Settings of an administrator

Traits of the server extension and of the service. What a user prefers is in
[Preferences](preferences.md); how JupyterLab looks, in its Settings.
"""

MODULES = ("jupyter_aml.server.settings", "jupyter_aml.service.settings")


def settings() -> str:
    """``settings.md``"""
    return joined(SETTINGS, *(_configurable(cls) for cls in _configurables()))


def _configurables() -> Iterator[type]:
    from traitlets.config import Configurable

    for name in MODULES:
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            continue
        for cls in vars(module).values():
            is_ours = isinstance(cls, type) and cls.__module__ == name
            if is_ours and issubclass(cls, Configurable) and cls.class_own_traits(config=True):
                yield cls


def _configurable(cls: Any) -> str:
    rows = [
        (
            code(f"c.{cls.__name__}.{name}"),
            _kind(trait),
            code(str(trait.default())),
            plain(trait.help),
        )
        for name, trait in sorted(cls.class_own_traits(config=True).items())
    ]
    head = ("setting", "type", "default", "meaning")
    where = plain(sys.modules[cls.__module__].__doc__).partition("\n")[0]
    return joined(f"## {cls.__name__}", where, table(head, rows))


def _kind(trait: Any) -> str:
    """What one writes for it: the words that it may be, else the name of its type."""
    words = [code(word) for word in getattr(trait, "values", None) or () if word]
    return " or ".join(words) or type(trait).__name__.lower()
