"""What every backend that keeps processes between cells must do; part of `BackendSuite`."""

from __future__ import annotations

import pytest

from jupyter_aml.model.errors import NotFound
from jupyter_aml.service.backends.protocol import Backend, JobsFacet, SessionsFacet
from jupyter_aml.testing.suite import Suite
from jupyter_aml.testing.waiting import eventually


class SessionsSuite(Suite):
    @pytest.fixture
    def sessions(self, backend: Backend) -> SessionsFacet:
        if backend.sessions is None:
            pytest.skip("this backend keeps no processes")
        return backend.sessions

    async def test_cells_of_one_session_share_its_variables(
        self, sessions: SessionsFacet, jobs: JobsFacet
    ) -> None:
        first = await jobs.create(body=self.cell("kept = 41", session="work"))
        assert (await self.done(jobs, first.name)).status == "Completed"
        (one,) = (await sessions.list()).value
        assert (one.name, one.compute) == ("work", self.here)
        second = await jobs.create(body=self.cell("print(kept + 1)", session="work"))
        found = await self.events_of(jobs, second.name)
        assert "".join(event.text for event in found if event.kind == "stdout") == "42\n"
        await self.done(jobs, second.name)
        assert len((await sessions.list()).value) == 1

    async def test_a_session_that_was_ended_is_gone(
        self, sessions: SessionsFacet, jobs: JobsFacet
    ) -> None:
        made = await jobs.create(body=self.cell("kept = 1", session="work"))
        await self.done(jobs, made.name)

        async def idle() -> bool:
            return [one.state for one in (await sessions.list()).value] == ["idle"]

        await eventually(idle, seconds=self.patience)
        await sessions.delete("work")

        async def gone() -> bool:
            return (await sessions.list()).value == []

        await eventually(gone, seconds=self.patience)
        with pytest.raises(NotFound):
            await sessions.delete("work")
