"""What a cell reads before it sets it, and what it sets: the specification, as a table."""

from __future__ import annotations

import builtins
import sys

import pytest

from jupyter_aml.kernel.names import analyse

BUILTINS = set(dir(builtins)) | {"get_ipython"}

READS = [
    # cell, names read for certain, names read maybe
    ("x", "x", ""),
    ("print(x)", "x", ""),
    ("x = 1\nx", "", ""),
    ("x = x + 1", "x", ""),
    ("x += 1", "x", ""),
    ("df = df.dropna()", "df", ""),
    ("df['a'] = df.b * k", "df k", ""),
    ("a, (b, *c) = t\na, b, c", "t", ""),
    ("a = b = c", "c", ""),
    ("x: int = y\nx", "y", ""),
    ("x: T", "T", ""),
    ("del x\n", "x", ""),
    ("x = 1\ndel x\nx = y", "y", ""),
    ("import numpy as np\nnp.zeros(n)", "n", ""),
    ("from m import f, g as h\nf(h)", "", ""),
    ("import a.b\na.b.c", "", ""),
    # branches
    ("if c:\n    x = 1\nelse:\n    x = 2\nx", "c", ""),
    ("if c:\n    x = 1\nx", "c", "x"),
    ("if c:\n    raise E\nelse:\n    x = 1\nx", "c E", ""),
    ("for i in xs:\n    s = i\ns, i", "xs", "s i"),
    ("for i in xs:\n    t = t + i", "xs t", ""),
    ("for i in xs:\n    pass\nelse:\n    y = 1", "xs", ""),
    ("while c:\n    c = f(c)", "c f", ""),
    ("with open(p) as f:\n    d = f.read()\nd", "p", ""),
    ("try:\n    x = f()\nexcept E as e:\n    x = e\nx", "f E", ""),
    ("try:\n    x = f()\nexcept E:\n    pass\nx", "f E", "x"),
    ("try:\n    x = f()\nfinally:\n    g()\nx", "f g", ""),
    ("try:\n    x = f()\nexcept E:\n    raise\nx", "f E", ""),
    (
        "match v:\n  case [a, *b]: r = a, b\n  case {'k': c, **d}: r = c, d\n  case M.N: r = M",
        "v M",
        "",
    ),
    # scopes
    ("[i * k for i in xs if i > t]", "xs t k", ""),
    ("{a: b for a, bs in d.items() for b in bs}", "d", ""),
    ("[x for x in x]", "x", ""),
    ("any((y := f(v)) for v in vs)\ny", "vs f", ""),
    ("list(map(lambda v, *a, k=d: v + z + k, xs))", "d z xs", ""),
    ("def f(a, b=d):\n    c = a\n    return c + g\nf(1)", "d g", ""),
    ("def f():\n    return g\n", "", ""),
    ("def f():\n    return g\ng = 1\nf()", "", ""),
    ("def f():\n    return g\nf()\ng = 1", "g", ""),
    ("def f():\n    return h()\ndef h():\n    return g\nf()", "g", ""),
    ("def f():\n    def inner():\n        return g + a\n    a = 1\n    return inner\nf()", "g", ""),
    ("def f():\n    return f\nf()", "", ""),
    ("def f(x: T) -> U:\n    return [y for y in z]\nf(1)", "T U z", ""),
    ("def f():\n    global n\n    n = m\nf()\nn", "m", "n"),
    ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\nf()", "", ""),
    ("@deco\ndef f():\n    return g\n", "deco g", ""),
    ("async def f():\n    await g()\nawait f()", "g", ""),
    ("async with s as t:\n    async for i in t:\n        i", "s", ""),
    ("class C(B):\n    k = K\n    j = k\n    def m(self):\n        return G\nC()", "B K G", ""),
    ("class C:\n    x = x\n", "x", ""),
    ("class C:\n    def m(self):\n        return G\n", "", ""),
    ("class C:\n    @property\n    def m(self):\n        return G\nC().m", "G", ""),
    ("f'{a!r:>{w}} {b}'", "a w b", ""),
    # magics and what hides in strings
    ("get_ipython().run_line_magic('time', 'r = f(x)')\nr", "f x", ""),
    ("get_ipython().run_line_magic('timeit', '-n 10 -r 3 f(x)')", "f x", ""),
    ("get_ipython().run_cell_magic('time', '', 'y = f(x)\\ny\\n')", "f x", ""),
    ("get_ipython().run_cell_magic('capture', 'out', 'f()')\nout", "f", ""),
    ("get_ipython().system('ls {folder} $HOME {a + b} \\\\$no')", "", "HOME folder a b"),
    ("lines = get_ipython().getoutput('cat $path')\nlines", "", "path"),
    ("df.query('a > @limit and b < @other')", "df", "limit other"),
    ("df.eval('c = a * @k')", "df", "k"),
]


@pytest.mark.parametrize(("cell", "certain", "maybe"), READS, ids=[row[0] for row in READS])
def test_names_that_a_cell_reads(cell: str, certain: str, maybe: str) -> None:
    reads = {name: sure for name, sure in analyse(cell).reads.items() if name not in BUILTINS}
    assert {name for name, sure in reads.items() if sure} == set(certain.split())
    assert {name for name, sure in reads.items() if not sure} == set(maybe.split())


SETS = [
    ("x = 1", "x", ""),
    ("x, (y, *z) = t", "x y z", ""),
    ("x += 1", "x", ""),
    ("x: int = 1", "x", ""),
    ("x: int", "", ""),
    ("for i, j in xs: k = 1", "i j k", ""),
    ("with a as b, c as (d, e): pass", "b d e", ""),
    ("import a.b, c as d", "a d", ""),
    ("from m import f, g as h", "f h", ""),
    ("from m import *", "", ""),
    ("def f(): x = 1", "f", ""),
    ("class C:\n    x = 1", "C", ""),
    ("def f():\n    global g\n    g = 1", "f g", ""),
    ("(y := 1)", "y", ""),
    ("[(y := i) for i in xs]", "y", ""),
    ("try: pass\nexcept E as e: x = 1", "e x", ""),
    ("match v:\n    case {'a': b, **c}: pass\n    case [d, *e] as f: pass", "b c d e f", ""),
    ("get_ipython().run_line_magic('time', 'x = 1')", "x", ""),
    ("df['a'] = 1", "", "df"),
    ("df.loc[0, 'a'] += 1", "", "df"),
    ("config.model.depth = 3", "", "config"),
    ("del d['k']", "", "d"),
    ("f(x).y = 1", "", "f"),
    ("a[0], b.c = t", "", "a b"),
    ("[0][0] = 1", "", ""),
    ("class C:\n    x = []\n    x[0] = 1", "C", ""),
]


@pytest.mark.parametrize(("cell", "assigned", "changed"), SETS, ids=[row[0] for row in SETS])
def test_names_that_a_cell_sets(cell: str, assigned: str, changed: str) -> None:
    found = analyse(cell)
    assert set(found.assigned) == set(assigned.split())
    assert set(found.changed) == set(changed.split())


IMPORTS = [
    ("import a.b.c, d as e", "a d", {"a": "a", "e": "d"}),
    ("from a.b import c as d", "a", {"d": "a.b.c"}),
    ("from . import x\nfrom .y import z", "", {}),
    ("try:\n    import a\nexcept ImportError:\n    a = None", "", {"a": "a"}),
    ("if c:\n    import a", "", {"a": "a"}),
    ("def f():\n    import a\nf()", "", {}),
    ("with w:\n    import a", "a", {"a": "a"}),
    ("for i in x:\n    import a", "", {"a": "a"}),
]


@pytest.mark.parametrize(("cell", "certain", "modules"), IMPORTS, ids=[row[0] for row in IMPORTS])
def test_modules_that_a_cell_imports(cell: str, certain: str, modules: dict[str, str]) -> None:
    found = analyse(cell)
    assert set(found.imported) == set(certain.split())
    assert found.modules == modules


def test_strings_and_dotted_accesses_are_told_of_functions_too() -> None:
    found = analyse(
        "def f():\n    return pd.io.read('a.csv')\nx = 'b.csv'\nscipy.stats.norm.pdf(0)"
    )
    assert set(found.strings) == {"a.csv", "b.csv"}
    assert {"pd.io.read", "scipy.stats.norm.pdf"} <= set(found.chains)


def test_shell_commands_and_magics_are_told() -> None:
    cell = "get_ipython().run_line_magic('pip', 'install x')\nget_ipython().system('make')"
    assert list(analyse(cell).commands) == ["pip install x", "make"]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 has it")
def test_type_aliases_and_parameters() -> None:
    found = analyse("type A = list[B]\ndef f[T](x: T) -> T:\n    return g(x)\nf(1)")
    assert {name for name in found.reads if name not in BUILTINS} == {"B", "g"}
    assert set(found.assigned) == {"A", "f"}


def test_a_syntax_error_points_into_the_cell() -> None:
    with pytest.raises(SyntaxError) as raised:
        analyse("# line 1\nx = (", "Cell In[7]")
    assert (raised.value.filename, raised.value.lineno) == ("Cell In[7]", 2)
