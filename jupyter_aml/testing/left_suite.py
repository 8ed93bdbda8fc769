"""What every backend's jobs leave: files, metrics, variables, curves; part of `BackendSuite`."""

from __future__ import annotations

import pytest

from jupyter_aml.model.api import History, ReadFile
from jupyter_aml.model.errors import AmlError, NotFound
from jupyter_aml.model.spec import Output
from jupyter_aml.service.backends.protocol import JobsFacet
from jupyter_aml.testing.suite import Suite

WAYS_OUT = ("../other", "/etc/passwd", "a/../../b", "..", "none")


class LeftSuite(Suite):
    async def test_files_that_a_job_left_can_be_read(self, jobs: JobsFacet) -> None:
        line = "echo out > ${{outputs.made}}/inner.txt; echo new > left.txt"
        made = await jobs.create(body=self.command(line, outputs={"made": Output()}))
        await self.done(jobs, made.name)
        paths = {one.path: one.bytes for one in (await jobs.files(made.name)).value}
        for name, content in (("inner.txt", b"out\n"), ("left.txt", b"new\n")):
            (path,) = [one for one in paths if one.rpartition("/")[2] == name]
            assert paths[path] == len(content)
            blocks = await jobs.read(made.name, query=ReadFile(path=path))
            assert b"".join([block async for block in blocks]) == content
            rest = await jobs.read(made.name, query=ReadFile(path=path, offset=1))
            assert b"".join([block async for block in rest]) == content[1:]

    async def test_nothing_but_its_files_can_be_read(self, jobs: JobsFacet) -> None:
        made = await jobs.create(body=self.command("echo hello"))
        await self.done(jobs, made.name)
        for path in WAYS_OUT:
            with pytest.raises(AmlError):
                await jobs.read(made.name, query=ReadFile(path=path))
        with pytest.raises(NotFound):
            await jobs.read("no_such_job", query=ReadFile(path="left.txt"))

    async def test_metrics_are_kept_in_their_order(self, jobs: JobsFacet) -> None:
        log = "python -c \"import jupyter_aml as aml; aml.log('{}', {})\""
        line = "; ".join([log.format("loss", 3), log.format("loss", 2), log.format("gain", 0.5)])
        made = await jobs.create(body=self.command(line))
        await self.done(jobs, made.name)
        found = {one.name: one.values for one in (await jobs.metrics(made.name)).metrics}
        assert found == {"loss": [3, 2], "gain": [0.5]}

    async def test_a_job_that_logged_nothing_has_no_metrics(self, jobs: JobsFacet) -> None:
        made = await jobs.create(body=self.command("echo hello"))
        await self.done(jobs, made.name)
        assert (await jobs.metrics(made.name)).metrics == []
        with pytest.raises(NotFound):
            await jobs.metrics("no_such_job")

    async def test_a_command_leaves_no_variables(self, jobs: JobsFacet) -> None:
        made = await jobs.create(body=self.command("echo hello"))
        await self.done(jobs, made.name)
        with pytest.raises(NotFound):
            await jobs.result(made.name)

    async def test_its_curves_are_no_longer_than_asked_for(self, jobs: JobsFacet) -> None:
        made = await jobs.create(body=self.command("echo hello"))
        await self.done(jobs, made.name)
        assert len((await jobs.history(made.name, query=History(seconds=5))).value) <= 5
        with pytest.raises(NotFound):
            await jobs.history("no_such_job", query=History())
