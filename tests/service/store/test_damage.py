"""A damaged database, a read-only folder, a killed process: nothing is lost unsaid."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_aml.model.errors import Conflict
from jupyter_aml.service.store import db, migrations, rows
from jupyter_aml.service.store.db import Store
from tests.service.store.changes import fill

# -- damage -------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["header", "middle", "truncated", "not a database"])
def test_a_damaged_database_is_kept_aside_and_said(
    path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "CHECK_SECONDS", 60.0)  # however busy the machine is
    fill(path)
    content = bytearray(path.read_bytes())
    if where == "header":
        content[:100] = os.urandom(100)
    elif where == "middle":
        for page in range(1, len(content) // 4096):
            content[page * 4096 : page * 4096 + 64] = os.urandom(64)
    elif where == "truncated":
        del content[len(content) // 2 // 4096 * 4096 :]
    else:
        content[:] = b"this is a text file, not a database\n" * 1000
    path.write_bytes(content)

    store = Store.open(path)
    (kept,) = path.parent.glob("state.db.damaged-*Z")
    assert kept.read_bytes() == content
    assert kept.name in store.warnings[0]
    assert rows.get_value(store.reader, "key 1") is None
    store.close()


def test_two_damaged_databases_of_one_second_are_both_kept(path: Path) -> None:
    for _ in range(2):
        path.write_bytes(b"no database" * 100)
        Store.open(path).close()
    assert len(list(path.parent.glob("state.db.damaged-*"))) == 2


def test_an_intact_database_is_never_set_aside(path: Path) -> None:
    fill(path)
    store = Store.open(path)
    assert store.warnings == []
    assert rows.get_value(store.reader, "key 499")
    store.close()


def test_a_database_of_a_newer_version_is_left_alone(path: Path) -> None:
    Store.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(Conflict, match="newer version"):
        Store.open(path)
    assert path.read_bytes() == before


def test_migrations_run_once_each_and_a_failing_one_leaves_nothing_half_done(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    migrations.migrate(connection, ("CREATE TABLE a (x)",))
    migrations.migrate(connection, ("CREATE TABLE a (x)", "CREATE TABLE b (x)"))
    with pytest.raises(sqlite3.OperationalError):
        migrations.migrate(connection, ("", "", "CREATE TABLE c (x); CREATE TABLE a (x)"))
    connection.close()
    connection = sqlite3.connect(path)
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert tables == {"a", "b"}
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    connection.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="drops privileges in a forked child")
def test_a_read_only_folder_is_storage_full_with_a_hint(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    fill(folder / "state.db")
    folder.chmod(0o555)
    (folder / "state.db").chmod(0o444)
    answer = _as_somebody_else(lambda: _open_says(folder / "state.db"), tmp_path)
    assert answer.startswith("StorageFull")
    assert "read-only" in answer or "cannot be written" in answer
    assert "JUPYTER_AML_HOME" in answer


def _open_says(path: Path) -> str:
    try:
        Store.open(path).close()
    except Exception as error:  # what is raised is what the tests look at
        return f"{type(error).__name__} {error}"
    return "opened"


def _as_somebody_else(call: Callable[[], str], folder: Path) -> str:
    """`call`'s answer from a child that is not root (root may write everywhere)."""
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == os.getuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if os.getuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            os.write(writing, call().encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read().decode()
    os.waitpid(pid, 0)
    return answer


# -- kill -9 ------------------------------------------------------------------------------

CHILD = """
import asyncio, sys
from pathlib import Path
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.db import Store

async def main():
    store = Store.open(Path(sys.argv[1]))
    start = int(sys.argv[2])
    async def accept(number):
        await store.write(lambda conn: rows.set_value(conn, f"{number:08}", b"x" * 300))
        print(number, flush=True)
    for first in range(start, start + 1_000_000, 8):
        await asyncio.gather(*(accept(first + n) for n in range(8)))

asyncio.run(main())
"""


@pytest.mark.chaos
def test_no_accepted_row_is_lost_to_kill_9(path: Path) -> None:
    accepted: list[int] = []
    for round_ in range(12):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path), str(round_ * 1_000_000)],
            stdout=subprocess.PIPE,
        )
        assert child.stdout is not None
        wanted = 20 + 37 * round_  # killed at another moment each time
        accepted.extend(int(child.stdout.readline()) for _ in range(wanted))
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().decode().split("\n")
        accepted += [int(line) for line in rest[:-1]]
        child.stdout.close()
        child.wait()
    store = Store.open(path)
    there = {int(key) for (key,) in store.reader.execute("SELECT key FROM kept") if key.isdigit()}
    assert store.warnings == []
    store.close()
    assert set(accepted) <= there
