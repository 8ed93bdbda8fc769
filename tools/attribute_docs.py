"""The texts under the fields of a class, which Python itself throws away."""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap


def attribute_docs(of: type) -> dict[str, str]:
    """Field name to the string literal that follows it, in `of` and what it inherits from."""
    found: dict[str, str] = {}
    for cls in reversed(of.__mro__):
        if cls.__module__.startswith("jupyter_aml."):
            found |= _own(cls)
    return found


def _own(cls: type) -> dict[str, str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found: dict[str, str] = {}
    for field, text in itertools.pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        ):
            found[field.target.id] = inspect.cleandoc(text.value.value).strip()
    return found


def plain(docstring: str | None) -> str:
    """A docstring as one paragraph per paragraph, its double backquotes made single."""
    paragraphs = inspect.cleandoc(docstring or "").split("\n\n")
    return "\n\n".join(" ".join(p.split()) for p in paragraphs).replace("``", "`")
