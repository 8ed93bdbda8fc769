"""What every backend that keeps folders of code must do: snapshots, and code assets of them.

Part of `BackendSuite`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.model.api import TakeSnapshot
from jupyter_aml.model.code import CreateCode
from jupyter_aml.model.errors import AmlError, Conflict, NotFound
from jupyter_aml.service.backends.protocol import Backend, CodesFacet, JobsFacet, SnapshotsFacet
from jupyter_aml.testing.suite import Suite


class CodeSuite(Suite):
    @pytest.fixture
    def snapshots(self, backend: Backend) -> SnapshotsFacet:
        if backend.snapshots is None:
            pytest.skip("this backend takes no snapshots")
        return backend.snapshots

    @pytest.fixture
    def codes(self, backend: Backend) -> CodesFacet:
        if backend.codes is None:
            pytest.skip("this backend has no code assets")
        return backend.codes

    @pytest.fixture
    def source(self, tmp_path: Path) -> Path:
        folder = tmp_path / "src"
        folder.mkdir()
        (folder / "word.txt").write_text("hello\n")
        return folder

    async def test_the_same_folder_is_the_same_snapshot(
        self, snapshots: SnapshotsFacet, source: Path
    ) -> None:
        asked = TakeSnapshot(path=str(source))
        first = await snapshots.create(body=asked)
        assert (first.files, first.bytes) == (1, 6)
        assert (await snapshots.create(body=asked)).id == first.id
        (source / "word.txt").write_text("other\n")
        assert (await snapshots.create(body=asked)).id != first.id

    async def test_what_an_ignore_file_names_stays_here(
        self, snapshots: SnapshotsFacet, source: Path
    ) -> None:
        (source / ".amlignore").write_text("*.log\n")
        (source / "big.log").write_text("x" * 100)
        taken = await snapshots.create(body=TakeSnapshot(path=str(source)))
        assert taken.bytes < 100
        assert taken.left_out

    async def test_a_folder_that_is_not_there_has_no_snapshot(
        self, snapshots: SnapshotsFacet, source: Path
    ) -> None:
        with pytest.raises(AmlError):
            await snapshots.create(body=TakeSnapshot(path=str(source / "none")))

    async def test_a_job_runs_the_code_as_it_was(
        self, snapshots: SnapshotsFacet, jobs: JobsFacet, source: Path
    ) -> None:
        taken = await snapshots.create(body=TakeSnapshot(path=str(source)))
        made = await jobs.create(body=self.command("cat word.txt", code=str(source)))
        (source / "word.txt").write_text("later\n")
        assert made.spec.code == f"snapshot:{taken.id}"
        found = await self.events_of(jobs, made.name)
        assert "".join(one.text for one in found if one.kind == "stdout") == "hello\n"

    async def test_code_is_kept_in_versions_that_do_not_change(
        self, codes: CodesFacet, source: Path
    ) -> None:
        body = CreateCode(name="train", version="1", path=str(source), digest="d1")
        made = await codes.create(body=body)
        assert await codes.create(body=body) == made
        assert await codes.get("train", "1") == made
        assert (await codes.list("train")).value == [made]
        assert await codes.find("d1") == made
        assert await codes.find("d2") is None
        assert (codes.folder(made) / "word.txt").read_text() == "hello\n"
        (source / "word.txt").write_text("other\n")
        with pytest.raises(Conflict):
            await codes.create(body=body)
        with pytest.raises(NotFound):
            await codes.get("train", "2")
