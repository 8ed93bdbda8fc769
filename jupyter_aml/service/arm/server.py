"""The compatible API as a whole: two listeners, the certificate, the addresses that it tells.

Made by `service.compatible` when somebody asks for it. ARM and blobs are on one port, over TLS;
the endpoint for tokens is on another in plain text, since azure-identity asks there so.
"""

from __future__ import annotations

import asyncio
import getpass
import logging
import os
import ssl
from collections.abc import Callable
from pathlib import Path

import msgspec

from jupyter_aml.model.azure import BUNDLE, ArmAccess, sdk_variables
from jupyter_aml.model.errors import AmlError, Invalid
from jupyter_aml.service.arm import certificates, identity
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.dispatch import Dispatcher
from jupyter_aml.service.arm.errors import error_response
from jupyter_aml.service.arm.listener import ADDRESS, Listener
from jupyter_aml.service.arm.message import Request, Response
from jupyter_aml.service.arm.scope import GROUP, SUBSCRIPTION, TENANT, WORKSPACE
from jupyter_aml.service.arm.table import make_table
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.http.dispatch import internal

log = logging.getLogger(__name__)

CERTIFICATE_HOURS = 12.0
"""How often a service that runs for months looks whether its certificate still lasts."""


class _Ports(msgspec.Struct):
    arm: int = 0
    identity: int = 0


class ArmServer:
    """`open` comes first. `called` hears of every request that was let in."""

    def __init__(
        self,
        home: Path,
        find: Callable[[str], object | None],
        clock: Clock,
        called: Callable[[], None],
    ) -> None:
        self._folder = home / "arm"
        self._clock = clock
        self._called = called
        secret = home / "secret"
        self.context = Context(
            home=home,
            find=find,
            clock=clock,
            secret=secret.read_bytes(),
            user=_user(),
            created_at=iso(secret.stat().st_mtime),
        )
        self._dispatcher = Dispatcher(make_table(), self.context)
        self._arm = Listener(self._answer)
        self._identity = Listener(self._identify)
        self._renewing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Listen at the ports of last time where they are free, and remember which it were."""
        now = self._clock.now()
        tls = await asyncio.to_thread(certificates.server_context, self._folder, now)
        ports = self._remembered()
        await self._arm.open(ports.arm, tls)
        await self._identity.open(ports.identity, None)
        self.context.base = f"https://{ADDRESS}:{self._arm.port}"
        self.context.hosts = self._arm.hosts
        self._remember(_Ports(self._arm.port, self._identity.port))
        self._renewing = asyncio.create_task(self._renew(tls))
        log.info("the Azure-compatible API is open at %s", self.context.base)

    async def close(self) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
        await self._identity.close()
        await self._arm.close()

    def bundle(self, existing: str) -> Path:
        """A file with the authorities of `existing` and ours. Raises `Invalid`."""
        return certificates.bundle(self._folder, existing)

    def access(self, bundle: Path | str) -> ArmAccess:
        """How to reach it; with the secret only for who opened it with a `bundle`."""
        return ArmAccess(
            state="open",
            url=self.context.base,
            identity_endpoint=self._identity_url + identity.PATH,
            identity_header=self.context.identity_secret if bundle else "",
            ca_bundle=str(bundle),
            certificate_ends=iso(certificates.leaf_ends(self._folder)),
            subscription_id=SUBSCRIPTION,
            resource_group=GROUP,
            workspace_name=WORKSPACE,
            tenant_id=TENANT,
        )

    def job_variables(self) -> dict[str, str]:
        """What the SDK needs inside of a job; reads and writes files."""
        try:
            bundle = self.bundle(os.environ.get(BUNDLE, ""))
        except Invalid:  # a job can do with what the service itself cannot read
            bundle = self.bundle("")
        secret = self.context.on_behalf_secret
        return {
            **sdk_variables(self.access(bundle), os.environ),
            "OBO_ENDPOINT": f"{self._identity_url}{identity.ON_BEHALF}?secret={secret}",
        }

    @property
    def _identity_url(self) -> str:
        return f"http://{ADDRESS}:{self._identity.port}"

    async def _answer(self, request: Request) -> Response:
        response = await self._dispatcher.answer(request)
        if response.status not in (401, 403):
            self._called()
        return response

    async def _identify(self, request: Request) -> Response:
        try:
            return await identity.answer(request, self.context, self._identity.hosts)
        except AmlError as error:
            return error_response(error)
        except Exception as error:  # a defect of ours: logged with an id, which the caller gets
            return error_response(internal(error, f"{request.method} {request.path}"))

    async def _renew(self, tls: ssl.SSLContext) -> None:
        """New connections get the new certificate; the old ones need none."""
        while True:
            await self._clock.sleep(CERTIFICATE_HOURS * 3600)
            try:
                now = self._clock.now()
                await asyncio.to_thread(certificates.renew, self._folder, now, tls)
            except (OSError, ValueError) as error:
                log.warning("the certificate cannot be renewed: %s", error)

    def _remembered(self) -> _Ports:
        try:
            return msgspec.json.decode((self._folder / "ports.json").read_bytes(), type=_Ports)
        except (OSError, msgspec.MsgspecError):
            return _Ports()

    def _remember(self, ports: _Ports) -> None:
        (self._folder / "ports.json").write_bytes(msgspec.json.encode(ports))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user id without a name.
        return str(os.getuid()) if hasattr(os, "getuid") else "local"
