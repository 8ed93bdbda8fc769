"""Running jobs keep the server from being culled; looking starts nothing."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from jupyter_aml.server.endpoint import Endpoint
from jupyter_aml.server.extension import KEEPER_SETTING
from jupyter_aml.server.keeper import ACTIVITY, Keeper
from jupyter_aml.server.link import ServiceLink
from tests.server.fake_service import FakeService


def refuse() -> Endpoint:
    pytest.fail("the keeper started the service")


def keeper_of(service: FakeService | None, touched: list[None]) -> Keeper:
    link = ServiceLink(lambda: service.endpoint if service else None, refuse)
    return Keeper(link, lambda: touched.append(None), logging.getLogger("test"))


@pytest.mark.parametrize(
    ("jobs", "preferences", "kept"),
    [
        (0, {}, False),
        (1, {}, True),
        (3, {"jobsKeepServerAlive": True}, True),
        (3, {"jobsKeepServerAlive": False}, False),
    ],
)
async def test_jobs_count_as_the_user_prefers(
    service: FakeService, jobs: int, preferences: dict[str, bool], kept: bool
) -> None:
    service.jobs, service.preferences = jobs, preferences
    touched: list[None] = []
    assert await keeper_of(service, touched).check() is kept
    assert bool(touched) is kept


async def test_without_a_service_nothing_happens() -> None:
    touched: list[None] = []
    assert await keeper_of(None, touched).check() is False
    assert not touched


async def test_a_service_that_does_not_answer_is_no_error(service: FakeService) -> None:
    await service.stop()
    assert await keeper_of(service, []).check() is False


async def test_an_idle_service_is_asked_for_its_status_only(service: FakeService) -> None:
    await keeper_of(service, []).check()
    assert [heard.target for heard in service.heard] == ["/v1/service"]


async def test_jupyter_server_takes_it_as_its_own_activity(jp_serverapp: Any) -> None:
    later = datetime.now(timezone.utc) + timedelta(hours=1)
    jp_serverapp.web_app.settings[ACTIVITY] = later
    assert jp_serverapp.web_app.last_activity() == later


async def test_the_keeper_looks_once_a_minute(jp_serverapp: Any) -> None:
    looking = jp_serverapp.web_app.settings[KEEPER_SETTING]
    assert looking.callback_time == 60_000


class TestSwitchedOff:
    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        return {**jp_server_config, "AmlServer": {"jobs_keep_server_alive": False}}

    async def test_an_administrator_may_switch_it_off(self, jp_serverapp: Any) -> None:
        assert KEEPER_SETTING not in jp_serverapp.web_app.settings
