"""Reading expressions: which names a cell needs, and where code hides inside strings.

The lower half of `names`: this knows scopes and expressions, that knows statements.
"""

from __future__ import annotations

import ast
import re
import string
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from jupyter_aml.kernel.scopes import Scopes

# Magics whose arguments are Python that runs in the notebook's namespace.
_PYTHON_MAGICS = frozenset({"capture", "debug", "memit", "mprun", "prun", "time", "timeit"})
_SHELL = frozenset({"getoutput", "system", "run_line_magic", "run_cell_magic"})
# pandas looks up ``@name`` in the caller's variables.
_PANDAS_STRINGS = frozenset({"eval", "query"})
_AT_NAME = re.compile(r"@([A-Za-z_]\w*)")
_DOLLAR_NAME = re.compile(r"(?<![$\\])\$([A-Za-z_]\w*)")


@dataclass
class CellNames:
    """What a cell does with names. All lists are in the order of first appearance."""

    reads: dict[str, bool] = field(default_factory=dict)
    """Names read where they may not be set yet; True where they certainly are not."""
    assigned: dict[str, None] = field(default_factory=dict)
    """Names that the cell binds at its top level (or by ``global``)."""
    changed: dict[str, None] = field(default_factory=dict)
    """Names whose objects it changes in place: ``df["x"] = 1``, ``config.depth = 3``."""
    imported: dict[str, None] = field(default_factory=dict)
    """Top-level packages that it imports wherever it runs: not inside ``try`` or a function."""
    modules: dict[str, str] = field(default_factory=dict)
    """What its import statements bind: ``{"np": "numpy", "linalg": "numpy.linalg"}``; whether a
    ``from`` import binds a module only its value tells."""
    chains: dict[str, None] = field(default_factory=dict)
    """Dotted accesses, ``scipy.stats.norm``: they may need a submodule."""
    commands: dict[str, None] = field(default_factory=dict)
    """Magics and shell commands, as text."""
    strings: dict[str, None] = field(default_factory=dict)
    """String literals: some are files."""


class Reading(ABC):
    """The names that are set by now, and those that were read before.

    `_bound` are names certainly set, `_maybe` those that may be. `_later` holds, for each
    function or class of the cell, what it reads when it is used. `_local` are names of the
    comprehensions, lambdas and class bodies around the present expression.
    """

    def __init__(self, source: str) -> None:
        self.found = CellNames()
        self._scopes = Scopes(source)
        self._bound: set[str] = set()
        self._maybe: set[str] = set()
        self._later: dict[str, list[str]] = {}
        self._local: list[set[str]] = []
        self._class_depth = 0

    @abstractmethod
    def block(self, body: Sequence[ast.stmt]) -> bool:
        """Walk the statements; whether control goes on behind them."""

    # -- names ------------------------------------------------------------------------------

    def _target(self, node: ast.expr) -> None:
        """Something is assigned to `node`."""
        if isinstance(node, ast.Name):
            self._bind(node.id)
        elif isinstance(node, (ast.Tuple, ast.List)):
            for element in node.elts:
                self._target(element)
        elif isinstance(node, ast.Starred):
            self._target(node.value)
        else:
            self._visit(node)
            root = _root(node)
            if root is not None and not self._is_local(root):
                self.found.changed[root] = None

    def _bind(self, name: str) -> None:
        if self._class_depth:
            self._local[-1].add(name)
            return
        self._bound.add(name)
        self._maybe.add(name)
        self._later.pop(name, None)
        self.found.assigned[name] = None

    def _read(self, name: str) -> None:
        if self._is_local(name):
            return
        self._read_later(name)
        if name not in self._bound:
            # Once certainly unset is enough to be needed.
            certainly = name not in self._maybe or self.found.reads.get(name, False)
            self.found.reads[name] = certainly

    def _read_later(self, name: str) -> None:
        """The function or class `name` is used: what it reads is read now."""
        for later in self._later.pop(name, ()):
            self._read(later)

    def _is_local(self, name: str) -> bool:
        return any(name in names for names in self._local)

    # -- expressions ------------------------------------------------------------------------

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self._visit(node)

    def _visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                self._read(node.id)
            else:
                self._bind(node.id)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                self.found.strings[node.value] = None
        elif isinstance(node, ast.NamedExpr):
            self._visit(node.value)
            self._bind(node.target.id)
        elif isinstance(node, ast.Lambda):
            self._lambda(node)
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
            self._comprehension(node)
        else:
            if isinstance(node, ast.Attribute) and (chain := _chain(node)):
                self.found.chains[chain] = None
            if isinstance(node, ast.Call):
                self._call(node)
            self._visit_all(ast.iter_child_nodes(node))

    def _lambda(self, node: ast.Lambda) -> None:
        arguments = node.args
        self._visit_all([*arguments.defaults, *filter(None, arguments.kw_defaults)])
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        named += filter(None, (arguments.vararg, arguments.kwarg))
        self._local.append({argument.arg for argument in named})
        self._visit(node.body)
        self._local.pop()

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> None:
        names: set[str] = set()
        for number, generator in enumerate(node.generators):
            if number == 1:
                self._local.append(names)
            self._visit(generator.iter)
            names.update(n.id for n in ast.walk(generator.target) if isinstance(n, ast.Name))
            if number == 0:
                self._local.append(names)
                self._visit_all(generator.ifs)
                self._local.pop()
            else:
                self._visit_all(generator.ifs)
        if len(node.generators) == 1:
            self._local.append(names)
        element = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._visit_all(element)
        self._local.pop()

    def _call(self, node: ast.Call) -> None:
        """Calls whose strings hold names: shell commands, magics, pandas' query strings."""
        if not isinstance(node.func, ast.Attribute):
            return
        texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
        strings = [text for text in texts if isinstance(text, str)]
        if node.func.attr in _PANDAS_STRINGS:
            for text in strings:
                self._soft(_AT_NAME.findall(text))
        elif node.func.attr in _SHELL and _is_get_ipython(node.func.value):
            self.found.commands[" ".join(strings)] = None
            if node.func.attr.startswith("run_") and strings and strings[0] in _PYTHON_MAGICS:
                self._python_magic(strings[0], strings[1:])
            else:
                for text in strings:
                    self._soft(_interpolated(text))

    def _python_magic(self, name: str, codes: Sequence[str]) -> None:
        """``%time f(x)``, ``%%capture out``: code in their arguments runs in this namespace."""
        if name == "capture" and codes and (words := codes[0].split()):
            self._bind_all(word for word in words if word.isidentifier())
            codes = codes[1:]
        for code in codes:
            try:
                tree = ast.parse(_without_options(code))
            except SyntaxError:
                self._soft(_interpolated(code))
                continue
            scopes, self._scopes = self._scopes, Scopes(_without_options(code))
            self.block(tree.body)
            self._scopes = scopes

    def _bind_all(self, names: Iterable[str]) -> None:
        for name in names:
            self._bind(name)

    def _soft(self, names: Iterable[str]) -> None:
        """Names inside strings: sent along if they exist, missed by nobody if they do not."""
        for name in names:
            if name not in self._bound and not self._is_local(name):
                self.found.reads.setdefault(name, False)

    def _literals(self, body: Sequence[ast.stmt]) -> None:
        """What a function's body tells without being run: its strings and dotted accesses."""
        for statement in body:
            for node in ast.walk(statement):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    self.found.strings[node.value] = None
                elif isinstance(node, ast.Attribute) and (chain := _chain(node)):
                    self.found.chains[chain] = None


def _root(node: ast.expr) -> str | None:
    """The name at the bottom of ``name[...].attribute[...]``."""
    while isinstance(node, (ast.Subscript, ast.Attribute, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def _chain(node: ast.Attribute) -> str:
    """``a.b.c`` of an access that starts at a name; "" of any other."""
    parts = [node.attr]
    value = node.value
    while isinstance(value, ast.Attribute):
        parts.append(value.attr)
        value = value.value
    return ".".join([value.id, *reversed(parts)]) if isinstance(value, ast.Name) else ""


def _is_get_ipython(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and (node.func.id == "get_ipython")
    )


def _interpolated(text: str) -> list[str]:
    """Names that IPython would replace in a shell command: ``{name}`` and ``$name``."""
    names = _DOLLAR_NAME.findall(text)
    try:
        fields = [found for _, found, _, _ in string.Formatter().parse(text) if found]
    except ValueError:
        return names
    for expression in fields:
        try:
            tree = ast.parse(expression, mode="eval")
        except SyntaxError:
            continue
        names += [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return names


def _without_options(code: str) -> str:
    """The statement of ``%timeit -n 10 statement``."""
    words = code.split(" ")
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if len(option) == 2 and option[1] in "nrst" and words and words[0].isdigit():
            words.pop(0)
    return " ".join(words)
