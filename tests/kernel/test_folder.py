"""Which files and modules a cell finds where it runs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_aml.kernel import folder, modules
from jupyter_aml.kernel.modules import LocalModule, local_modules
from jupyter_aml.model.errors import CannotTravel


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "nb"
    found.mkdir()
    monkeypatch.chdir(found)
    return found


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("data.csv", ""),
        ("sub/deep/data.csv", ""),
        ("big.bin", ".gitignore leaves out big.bin"),
        ("sub/kept.bin", ""),
        ("out/a.csv", ".gitignore leaves out out/"),
        ("sub/local.txt", ".gitignore leaves out sub/local.txt"),
        ("local.txt", ""),
        (".git/config", "leaves out .git/"),
        ("env/lib/x.py", "env/ is a virtual environment"),
        ("../beside.csv", "outside the notebook's folder"),
    ],
)
def test_the_rules_are_those_of_a_snapshot(here: Path, path: str, why: str) -> None:
    put(here, "data.csv", "sub/deep/data.csv", "big.bin", "sub/kept.bin", "out/a.csv", "local.txt")
    put(here, "sub/local.txt", ".git/config", "env/lib/x.py", "env/pyvenv.cfg", "../beside.csv")
    (here / ".gitignore").write_text("*.bin\nout/\n")
    (here / "sub" / ".gitignore").write_text("local.txt\n!kept.bin\n")
    found = folder.Folder(str(here)).why_left_out(path)
    assert found == why if not why else why in found


def test_an_amlignore_replaces_every_gitignore(here: Path) -> None:
    put(here, "a.bin", "b.csv")
    (here / ".gitignore").write_text("*.bin\n")
    (here / ".amlignore").write_text("*.csv\n")
    found = folder.Folder(str(here))
    assert found.why_left_out("a.bin") == ""
    assert found.why_left_out("b.csv") == ".amlignore leaves out b.csv"


def test_it_agrees_with_what_the_service_takes(here: Path, tmp_path: Path) -> None:
    from jupyter_aml.service.backends.local.jobs.snapshots import Snapshots

    put(here, "a.py", "data/b.csv", "data/c.bin", "out/d.txt", "env/pyvenv.cfg", "env/e.py")
    (here / ".gitignore").write_text("*.bin\nout/\n")
    taken = Snapshots(tmp_path / "snapshots").take(here, 10)
    files = [str(p.relative_to(here)) for p in here.rglob("*") if p.is_file()]
    kept = [path for path in files if not folder.Folder(str(here)).why_left_out(path)]
    copied = tmp_path / "snapshots" / taken.id
    assert sorted(kept) == sorted(
        str(p.relative_to(copied)) for p in copied.rglob("*") if p.is_file()
    )


@pytest.mark.parametrize(
    ("text", "is_warned"),
    [
        ("big.bin", True),
        ("./big.bin", True),
        ("data.csv", False),
        ("not there.bin", False),
        ("word", False),
        ("", False),
        ("a\nb.bin", False),
        ("x" * 5000 + ".bin", False),
        ("/etc/hostname", False),
        ("\0.bin", False),
        ("https://example.com/big.bin", False),
    ],
)
def test_only_files_that_exist_and_stay_are_warned_of(
    here: Path, text: str, is_warned: bool
) -> None:
    put(here, "big.bin", "data.csv", "word")
    (here / ".gitignore").write_text("*.bin\nword\n")
    assert bool(folder.warnings([text], str(here))) == is_warned


def test_a_warning_says_what_and_why(here: Path) -> None:
    put(here, "../outside.csv")
    outside = str(here.parent / "outside.csv")
    assert folder.warnings([outside], str(here)) == [
        f'"{outside}" does not travel with this cell: it lies outside the notebook\'s folder.'
    ]


def test_many_are_counted(here: Path) -> None:
    names = [f"{number}.bin" for number in range(9)]
    put(here, *names)
    (here / ".gitignore").write_text("*.bin\n")
    assert folder.warnings(names, str(here))[-1].startswith("4 more files")


# -- modules ------------------------------------------------------------------------------------


@pytest.fixture
def own(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Modules beside the notebook and in a folder that the person put on the path."""
    put(here, "beside_me.py", "pack_here/__init__.py")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "far_away.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    return tmp_path / "lib"


@pytest.mark.parametrize(
    ("name", "root"),
    [
        ("beside_me", "nb"),
        ("pack_here", "nb"),
        ("pack_here.deeper", "nb"),
        ("far_away", "lib"),
        ("json", None),
        ("numpy.linalg", None),
        ("jupyter_aml.model", None),
        ("sys", None),
        ("no_such_module_here", None),
    ],
)
def test_the_persons_own_modules_are_told_from_the_environment(
    own: Path, here: Path, name: str, root: str | None
) -> None:
    found = local_modules([name], str(here))
    assert [Path(module.root).name for module in found] == ([root] if root else [])


def test_modules_beside_the_notebook_need_nothing_more(own: Path, here: Path) -> None:
    found = local_modules(["beside_me"], str(here))
    folder.check_modules(found, str(here))
    assert folder.path_statements(found, str(here), is_local=True) == []
    assert folder.path_statements(found, str(here), is_local=False) == []


def test_on_local_a_module_elsewhere_is_put_on_the_path(own: Path, here: Path) -> None:
    found = local_modules(["far_away"], str(here))
    [statement] = folder.path_statements(found, str(here), is_local=True)
    before = list(sys.path)
    exec(statement, {})
    added = sys.path[len(before) :]
    sys.path[:] = before
    assert added == [str(own.resolve())]


def test_elsewhere_it_is_refused_with_three_ways_out(own: Path, here: Path) -> None:
    with pytest.raises(CannotTravel) as raised:
        folder.check_modules(local_modules(["far_away"], str(here)), str(here))
    message = raised.value.message
    assert "far_away is a module of yours" in message
    assert "outside the notebook's folder" in message
    assert "register_pickle_by_value(far_away)" in message


def test_an_ignored_module_is_refused(own: Path, here: Path) -> None:
    (here / ".amlignore").write_text("beside_me.py\n")
    with pytest.raises(CannotTravel, match="leaves out beside_me"):
        folder.check_modules(local_modules(["beside_me"], str(here)), str(here))


def test_a_folder_inside_the_snapshot_is_put_on_the_path_there(here: Path) -> None:
    inside = LocalModule("m", str(here / "lib" / "m.py"), str(here / "lib"))
    [statement] = folder.path_statements([inside], str(here), is_local=False)
    assert "'lib'" in statement
    assert str(here) not in statement


def test_a_module_that_can_be_imported_is_not_missing(own: Path, here: Path) -> None:
    assert not modules.is_missing("far_away", str(here))
    assert not modules.is_missing("beside_me", str(here))
    assert not modules.is_missing("json", str(here))
    assert modules.is_missing("no_such_module_here", str(here))
