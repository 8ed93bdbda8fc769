"""Which names a cell reads before it sets them, and which it sets: read from its syntax tree.

Flow counts: ``df = df.dropna()`` reads ``df``, ``df = load()`` followed by ``df.dropna()`` does
not. What functions and classes of the cell read is taken from `symtable`, and counts where they
are first used. The walk is over Python as IPython made it of the cell: magics are calls there,
and the code and the ``{names}`` inside their arguments are read too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from jupyter_aml.kernel.reading import CellNames, Reading


def analyse(source: str, filename: str = "<cell>") -> CellNames:
    """The names of `source`, which is Python. Raise SyntaxError (in `filename`) if it is not."""
    tree = compile(source, filename, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert isinstance(tree, ast.Module)
    walk = _Walk(source)
    walk.block(tree.body)
    return walk.found


class _Walk(Reading):
    """One pass over the statements, in the order in which they run."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._conditional = 0

    def block(self, body: Sequence[ast.stmt]) -> bool:
        """Walk the statements; whether control goes on behind them."""
        for statement in body:
            self._statement(statement)
            if isinstance(statement, (ast.Raise, ast.Return, ast.Break, ast.Continue)):
                return False
        return True

    def _statement(self, node: ast.stmt) -> None:
        handler = getattr(self, f"_on_{type(node).__name__.lower()}", None)
        if handler is not None:
            handler(node)
        else:
            self._visit_all(ast.iter_child_nodes(node))

    def _on_assign(self, node: ast.Assign) -> None:
        self._visit(node.value)
        for target in node.targets:
            self._target(target)

    def _on_augassign(self, node: ast.AugAssign) -> None:
        self._visit(node.value)
        if isinstance(node.target, ast.Name):
            self._read(node.target.id)
        self._target(node.target)

    def _on_annassign(self, node: ast.AnnAssign) -> None:
        self._visit(node.annotation)
        if node.value is not None:
            self._visit(node.value)
            self._target(node.target)

    def _on_delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._read(target.id)
                self._bound.discard(target.id)
            else:
                self._target(target)

    def _on_import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self._bind(name)
            self.found.modules[name] = alias.name if alias.asname else name
            self._import(alias.name)

    def _on_importfrom(self, node: ast.ImportFrom) -> None:
        is_absolute = bool(node.module) and not node.level
        for alias in node.names:
            name = alias.asname or alias.name
            if name == "*":
                continue
            self._bind(name)
            if is_absolute:
                self.found.modules[name] = f"{node.module}.{alias.name}"
        if is_absolute:
            self._import(str(node.module))

    def _import(self, module: str) -> None:
        if not self._conditional:
            self.found.imported[module.partition(".")[0]] = None

    def _on_if(self, node: ast.If) -> None:
        self._visit(node.test)
        self._branches([node.body, node.orelse])

    def _on_for(self, node: ast.For | ast.AsyncFor) -> None:
        self._visit(node.iter)
        before = set(self._bound)
        self._target(node.target)
        self._maybe_block(node.body)
        self._bound = before
        self._maybe_block(node.orelse)

    _on_asyncfor = _on_for

    def _on_while(self, node: ast.While) -> None:
        self._visit(node.test)
        self._maybe_block(node.body)
        self._maybe_block(node.orelse)

    def _on_with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self._visit(item.context_expr)
            if item.optional_vars is not None:
                self._target(item.optional_vars)
        self.block(node.body)

    _on_asyncwith = _on_with

    def _on_try(self, node: ast.Try) -> None:
        before = set(self._bound)
        self._conditional += 1
        goes_on = self.block(node.body) and self.block(node.orelse)
        ends = [set(self._bound)] if goes_on else []
        for handler in node.handlers:
            self._bound = set(before)
            if self._handler(handler):
                ends.append(set(self._bound))
        self._conditional -= 1
        self._bound = set.intersection(*ends) if ends else before
        self.block(node.finalbody)

    _on_trystar = _on_try

    def _handler(self, node: ast.ExceptHandler) -> bool:
        if node.type is not None:
            self._visit(node.type)
        if node.name:
            self._bind(node.name)
        goes_on = self.block(node.body)
        if node.name:
            self._bound.discard(node.name)
        return goes_on

    def _on_match(self, node: ast.Match) -> None:
        self._visit(node.subject)
        before = set(self._bound)
        for case in node.cases:
            self._bound = set(before)
            for part in ast.walk(case.pattern):
                if isinstance(part, (ast.MatchAs, ast.MatchStar)) and part.name:
                    self._bind(part.name)
                elif isinstance(part, ast.MatchMapping) and part.rest:
                    self._bind(part.rest)
                elif isinstance(part, ast.expr):
                    self._visit(part)
            if case.guard is not None:
                self._visit(case.guard)
            self._maybe_block(case.body)
        self._bound = before

    def _on_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._visit_all(node.decorator_list)
        arguments = node.args
        self._visit_all([*arguments.defaults, *filter(None, arguments.kw_defaults)])
        annotated = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        annotated += filter(None, (arguments.vararg, arguments.kwarg))
        self._local.append(_type_parameters(node))
        self._visit_all(filter(None, [a.annotation for a in annotated] + [node.returns]))
        self._local.pop()
        self._literals(node.body)
        reads, writes = self._scopes.of(node.name, node.lineno)
        self._defined(node.name, reads, writes, is_used=bool(node.decorator_list))

    _on_asyncfunctiondef = _on_functiondef

    def _on_classdef(self, node: ast.ClassDef) -> None:
        self._visit_all(node.decorator_list)
        self._local.append(_type_parameters(node))
        self._visit_all([*node.bases, *(keyword.value for keyword in node.keywords)])
        # The body runs at once, in a scope of its own; its methods run when they are used.
        self._local.append(set())
        self._class_depth += 1
        self.block(node.body)
        self._class_depth -= 1
        self._local.pop()
        self._local.pop()
        reads: list[str] = []
        writes: list[str] = []
        for method in ast.walk(node):
            if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
                more_reads, more_writes = self._scopes.of(method.name, method.lineno)
                reads += more_reads
                writes += more_writes
        self._defined(node.name, reads, writes, is_used=bool(node.decorator_list))

    def _defined(self, name: str, reads: list[str], writes: list[str], *, is_used: bool) -> None:
        """A function or class is there from now on; what it reads is read when it is used."""
        self._bind(name)
        self.found.assigned.update(dict.fromkeys(writes))
        self._maybe.update(writes)
        if self._class_depth:
            return  # a method: its class takes care of it
        self._later[name] = [read for read in reads if read != name]
        if is_used:
            self._read_later(name)

    def _branches(self, bodies: Iterable[Sequence[ast.stmt]]) -> None:
        """Alternatives: set afterwards is what each of those that go on has set."""
        before = set(self._bound)
        ends: list[set[str]] = []
        self._conditional += 1
        for body in bodies:
            self._bound = set(before)
            if self.block(body):
                ends.append(self._bound)
        self._conditional -= 1
        self._bound = set.intersection(*ends) if ends else before

    def _maybe_block(self, body: Sequence[ast.stmt]) -> None:
        """A block that may not run at all."""
        before = set(self._bound)
        self._conditional += 1
        self.block(body)
        self._conditional -= 1
        self._bound = before


def _type_parameters(node: ast.stmt) -> set[str]:
    """``T`` of ``def f[T](x: T)``, from Python 3.12 on."""
    return {parameter.name for parameter in getattr(node, "type_params", ())}
