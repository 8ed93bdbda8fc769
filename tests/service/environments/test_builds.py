"""Builds by the real uv and the real pip, from a folder of packages."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from jupyter_aml.model.environment import EnvironmentContent
from jupyter_aml.model.errors import Conflict
from jupyter_aml.service.backends.local.nodes import processes
from jupyter_aml.service.clock import SystemClock
from jupyter_aml.service.environments import pythons, tools, wish
from jupyter_aml.service.environments.builds import Builds
from jupyter_aml.service.environments.manifest import Manifest, write_manifest
from jupyter_aml.service.environments.records import Build
from jupyter_aml.service.store import environment_rows
from jupyter_aml.service.store.db import Store
from jupyter_aml.testing.leaks import is_gone
from jupyter_aml.testing.waiting import eventually, eventually_sync
from tests.service.environments import packages

pytestmark = pytest.mark.timeout(300)

Make = Callable[..., Builds]
soon = partial(eventually, seconds=100)
"""Builds take long on a machine that is busy with other tests."""


def content(*requirements: str, options: list[str] | None = None) -> Build:
    planned = wish.plan(
        EnvironmentContent(requirements=list(requirements)), lambda: [pythons.own()]
    )
    assert planned.build is not None
    return msgspec.structs.replace(planned.build, options=options or [])


@pytest.fixture
async def make(tmp_path: Path, index: Path) -> AsyncIterator[Make]:
    """Makes the builds of one cache, as one service after the other does."""
    store = Store.open(tmp_path / "state.db")
    made: list[Builds] = []

    def one(tool: str = "uv") -> Builds:
        lines = ["--no-index", f"--find-links {index}"]
        told: list[str] = []
        builds = Builds(
            tmp_path / "environments",
            store,
            SystemClock(),
            make_builder=lambda: tools.builder(tool, lines),
            environment={n: os.environ[n] for n in ("PATH", "HOME") if n in os.environ},
            marker=lambda key, count: f"{key}{count:016d}"[:32],
            end_marked=processes.kill_marked,
            changed=told.append,
        )
        made.append(builds)
        return builds

    yield one
    for builds in made:
        await builds.close()
    await store.flush()
    store.close()


async def built(builds: Builds, build: Build) -> Build:
    builds.know(build)
    builds.start(build.content)
    await builds.ended(build.content)
    return builds.get(build.content)


async def log_of(builds: Builds, build: Build) -> str:
    blocks = [b async for b in builds.follow(build.content, 0, wait=True)]
    return b"".join(blocks).decode()


def has_uv() -> bool:
    return bool(tools.find_uv())


TOOLS = [
    "pip",
    pytest.param("uv", marks=pytest.mark.skipif(not has_uv(), reason="uv is not installed")),
]
needs_uv = pytest.mark.skipif(not has_uv(), reason="uv is not installed: pip takes too long here")


@needs_uv
async def test_what_cells_need_gives_way_to_what_was_asked_for(make: Make, index: Path) -> None:
    packages.wheel(index, "cloudpickle", "2.2.0")
    packages.wheel(index, "older", requires=["cloudpickle<3"])
    builds = make("uv")
    await builds.open()
    build = await built(builds, content("older"))
    assert build.state == "Succeeded", await log_of(builds, build)
    assert build.packages["cloudpickle"] == "2.2.0"
    assert "any version of what cells need: cloudpickle>=3" in await log_of(builds, build)


MANY = 400
"""Modules, whose names are longer together than a line of a log may be."""


@pytest.mark.parametrize("tool", TOOLS)
async def test_an_environment_has_what_was_asked_for_and_a_pip_of_its_own(
    make: Make, index: Path, tool: str
) -> None:
    modules = {f"one_of_many_{number}.py": "" for number in range(MANY)}
    packages.wheel(index, "many", files=modules)
    builds = make(tool)
    await builds.open()
    build = await built(builds, content("tiny<2", "many"))
    assert build.state == "Succeeded", await log_of(builds, build)
    assert build.packages["tiny"] == "1.0"
    assert {"tiny", "cloudpickle", "pip"} <= set(build.modules)
    assert f"one_of_many_{MANY - 1}" in build.modules, "a long list is told whole"
    assert build.bytes > 100_000
    assert len(build.seconds) == 1
    python = builds.python(build.content)
    line = "import tiny, cloudpickle, pip, sys; print(tiny.VERSION, sys.prefix)"
    said = await asyncio.to_thread(
        subprocess.run, [python, "-I", "-c", line], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["1.0", str(builds.folder / build.content)]
    assert f"with {tool}" in await log_of(builds, build)


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_typo_is_explained_and_nothing_is_left(make: Make, tool: str) -> None:
    builds = make(tool)
    await builds.open()
    build = await built(builds, content("tiny", "scikit-lern"))
    assert build.state == "Failed"
    assert build.error is not None
    assert build.error.target == "scikit-lern"
    assert "scikit-learn" in build.error.hint
    assert [path.name for path in builds.folder.iterdir()] == ["logs"]
    assert "scikit-lern" in await log_of(builds, build)


@needs_uv
async def test_a_version_that_is_not_there_and_a_build_that_fails(make: Make, index: Path) -> None:
    packages.broken(index, "wontbuild")
    builds = make()
    await builds.open()
    missing = await built(builds, content("tiny==9"))
    broken = await built(builds, content("wontbuild"))
    assert missing.error is not None
    assert missing.error.target == "tiny==9"
    assert broken.error is not None
    assert broken.error.target == "wontbuild"
    assert "no-such-compiler" in broken.error.message


@needs_uv
async def test_the_same_content_is_built_once(make: Make) -> None:
    builds = make()
    await builds.open()
    first, second = content("tiny", "cloudpickle"), content("cloudpickle", "tiny")
    assert first.content == second.content
    found = await asyncio.gather(built(builds, first), built(builds, second))
    assert [(b.state, b.count) for b in found] == [("Succeeded", 1)] * 2
    manifest = builds.folder / first.content / "jupyter_aml.json"
    before = manifest.stat().st_mtime_ns
    again = await built(builds, first)
    assert (again.count, manifest.stat().st_mtime_ns) == (1, before)


@needs_uv
async def test_cancelling_ends_the_whole_build(make: Make, index: Path, tmp_path: Path) -> None:
    told = tmp_path / "pid"
    packages.never_ending(index, "slow", told)
    builds = make()
    await builds.open()
    build = content("slow")
    builds.know(build)
    builds.start(build.content)
    backend = psutil.Process(await soon(lambda: pid_in(told)))
    await builds.cancel(build.content)
    assert builds.get(build.content).state == "Canceled"
    assert not (builds.folder / build.content).exists()
    await asyncio.to_thread(eventually_sync, lambda: is_gone(backend))
    assert "canceled" in await log_of(builds, build)
    await builds.cancel(build.content)  # of what is not being built


@needs_uv
async def test_a_service_that_ends_leaves_it_for_the_next_one(
    make: Make, index: Path, tmp_path: Path
) -> None:
    told = tmp_path / "pid"
    packages.never_ending(index, "slow", told)
    builds = make()
    await builds.open()
    build = content("slow")
    builds.know(build)
    builds.start(build.content)
    backend = psutil.Process(await soon(lambda: pid_in(told)))
    await builds.close()
    assert builds.get(build.content).state == "NotBuilt"
    await asyncio.to_thread(eventually_sync, lambda: is_gone(backend))


@needs_uv
async def test_a_removed_environment_is_built_again(make: Make) -> None:
    builds = make()
    await builds.open()
    build = await built(builds, content("tiny"))
    await builds.remove(build.content)
    assert builds.get(build.content).state == "NotBuilt"
    assert not (builds.folder / build.content).exists()
    again = await built(builds, build)
    assert (again.state, again.count) == ("Succeeded", 2)
    assert len(again.seconds) == 2
    Path(builds.python(build.content)).unlink()  # by hand
    assert not builds.is_ready(build.content)
    assert builds.get(build.content).state == "NotBuilt"


async def test_what_a_killed_service_left_is_removed_or_taken_up(
    make: Make, tmp_path: Path
) -> None:
    half, whole, stranger = (content(name) for name in ("half", "whole", "stranger"))
    earlier = make()
    earlier.folder.mkdir(mode=0o700)
    for build in (half, whole):
        stored = msgspec.structs.replace(build, state="Building", count=1)
        await earlier._store.write(lambda conn, one=stored: environment_rows.save_build(conn, one))
    for build in (half, whole, stranger):
        lay_out(earlier, build)
    write_manifest(earlier.folder / whole.content, manifest(whole))
    builds = make()
    await builds.open()
    assert builds.get(half.content).state == "NotBuilt"
    assert builds.get(whole.content).state == "Succeeded"
    assert builds.is_ready(whole.content)
    assert {path.name for path in builds.folder.iterdir()} == {whole.content}


async def test_a_process_that_still_builds_for_a_killed_service_is_ended(make: Make) -> None:
    build = content("half")
    earlier = make()
    stored = msgspec.structs.replace(build, state="Building", count=3)
    await earlier._store.write(lambda conn: environment_rows.save_build(conn, stored))
    marker = f"{build.content}{3:016d}"[:32]
    env = {**os.environ, "JUPYTER_AML_MARKER": marker}
    left = await asyncio.create_subprocess_exec("sleep", "600", env=env)
    try:
        await make().open()
        assert await asyncio.wait_for(left.wait(), 60) != 0
    finally:
        if left.returncode is None:
            left.kill()
        await left.wait()


async def test_options_of_uv_are_refused_by_pip(make: Make) -> None:
    builds = make("pip")
    await builds.open()
    build = content("tiny", options=["--torch-backend", "cpu"])
    found = await built(builds, build)
    assert found.error is not None
    assert "uv" in found.error.hint


async def test_an_interpreter_that_is_gone_is_said(make: Make) -> None:
    builds = make("pip")
    await builds.open()
    found = await built(builds, msgspec.structs.replace(content("tiny"), base="/nowhere/python"))
    assert found.error is not None
    assert found.error.target == "/nowhere/python"


@needs_uv
async def test_what_is_being_built_cannot_be_removed(
    make: Make, index: Path, tmp_path: Path
) -> None:
    packages.never_ending(index, "slow", tmp_path / "pid")
    builds = make()
    await builds.open()
    build = content("slow")
    builds.know(build)
    builds.start(build.content)
    with pytest.raises(Conflict):
        await builds.remove(build.content)
    await builds.cancel(build.content)


def lay_out(builds: Builds, build: Build) -> None:
    """A folder as a build has it before its end."""
    python = Path(builds.python(build.content))
    python.parent.mkdir(parents=True)
    python.symlink_to(build.base)


def manifest(build: Build) -> Manifest:
    return Manifest(
        python=build.python,
        requirements=build.requirements,
        packages={"whole": "1.0"},
        modules=["whole"],
        bytes=1,
        seconds=2.0,
        built_at="2026-11-21T12:00:00Z",
    )


async def pid_in(told: Path) -> Any:
    return int(told.read_text() or 0) if told.exists() else 0
