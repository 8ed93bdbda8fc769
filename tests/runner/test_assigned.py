"""Which names a cell sets, by its syntax alone."""

from __future__ import annotations

import ast

import pytest

from jupyter_aml.runner import assigned


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a = b = 1", "a b"),
        ("a, (b, *c) = x", "a b c"),
        ("a += 1", "a"),
        ("a: int = 1", "a"),
        ("x[0] = 1; x.y = 2", ""),
        ("for i in y: z = i", "i z"),
        ("with f() as g, h() as (i, j): pass", "g i j"),
        ("def f(p): q = 1", "f"),
        ("@d\nasync def f(): pass", "f"),
        ("class K:\n  inner = 1", "K"),
        ("import a.b, c as d\nfrom e import f as g, h", "a d g h"),
        ("try: a = 1\nexcept E as e: b = 2", "a b"),
        ("[w := 1 for k in y]", "w"),
        ("if (n := len(x)) > 1: pass", "n"),
        ("f = lambda p: (q := p)", "f"),
        (
            "match x:\n  case [a, *b]: pass\n  case {'k': c, **d}: pass\n  case E() as e: pass",
            "a b c d e",
        ),
        ("await f()", ""),
    ],
)
def test_names(source: str, names: str) -> None:
    assert sorted(assigned.names(ast.parse(source))) == sorted(names.split())


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a = b = 1\nf(a)\nb = c = 2\nc", ["a", "b", "c"]),
        ("f(a)\n1", []),
        ("", []),
        ("a = [k for k in y]\ndel z", ["a"]),
        ("a = 1\nb, c = 2, 3", ["a", "b", "c"]),
        ("a = 1\nfor i in y: pass", ["a", "i"]),
    ],
)
def test_names_where_no_walrus_stands(source: str, names: list[str]) -> None:
    assert assigned.names(ast.parse(source), walrus=False) == names
    assert assigned.names(ast.parse(source)) == names


def test_imported_modules_may_be_nested() -> None:
    tree = ast.parse("import a.b\ndef f():\n  from c import d, e as g\nfrom . import local")
    assert set(assigned.imported(tree)) == {"a.b", "c", "c.d", "c.e"}
