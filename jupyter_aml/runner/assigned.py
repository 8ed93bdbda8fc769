"""Which names a cell gives a value to, read from its syntax tree."""

from __future__ import annotations

import ast

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def names(tree: ast.Module, *, walrus: bool = True) -> list[str]:
    """Names bound at the top level, in the order in which they first stand there.

    Without a `walrus` (``:=``) in the text, expressions that stand alone bind nothing.

    Loops, ``with``, ``except``, patterns and ``:=`` bind too; bodies of functions and classes are
    scopes of their own. Imported names are among them: what is a module is told by its value.
    """
    if not walrus and (plain := _plain(tree.body)) is not None:
        return plain
    found: dict[str, None] = {}
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if not walrus and isinstance(node, ast.Expr):
            continue
        found.update(dict.fromkeys(_bound(node)))
        pending.extend(reversed(_inside(node)))
    return list(found)


def _plain(body: list[ast.stmt]) -> list[str] | None:
    """`names` of the plainest cells, for which the general way takes longer than to run them.

    Without ``:=``, that is ``x = ...`` and expressions; None for others.
    """
    found: dict[str, None] = {}
    for node in body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if not isinstance(target, ast.Name):
                    return None
                found[target.id] = None
        elif not isinstance(node, ast.Expr):
            return None
    return list(found)


def _inside(node: ast.AST) -> list[ast.AST]:
    """What of `node` is in the same scope."""
    if isinstance(node, _SCOPES):
        return []
    if isinstance(node, ast.comprehension):
        return [node.iter, *node.ifs]  # its target is its own, but ``:=`` in it is not
    return list(ast.iter_child_nodes(node))


def _bound(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id] if isinstance(node.ctx, ast.Store) else []
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
    if isinstance(node, ast.MatchAs | ast.MatchStar):
        return [node.name] if node.name else []
    if isinstance(node, ast.MatchMapping):
        return [node.rest] if node.rest else []
    return []


def imported(tree: ast.Module) -> list[str]:
    """Modules that its import statements name, functions and classes included; absolute ones."""
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(dict.fromkeys(alias.name for alias in node.names))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found[node.module] = None
            # Each of these may be a module too; whoever asks looks what was loaded.
            found.update(dict.fromkeys(f"{node.module}.{alias.name}" for alias in node.names))
    return list(found)


NOTHING = ast.Module(body=[], type_ignores=[])
"""The tree of a cell that could not be read."""
