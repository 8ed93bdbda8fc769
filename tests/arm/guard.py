"""No connection that leaves this machine: every other one is refused, and remembered."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest


class Guard:
    """While it is in place, sockets reach loopback and Unix addresses only."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> Guard:
        connect, look_up = socket.socket.connect, socket.getaddrinfo
        connect_ex = socket.socket.connect_ex

        def guarded(one: socket.socket, address: Any) -> None:
            self._check(address)
            connect(one, address)

        def guarded_ex(one: socket.socket, address: Any) -> int:
            self._check(address)
            return connect_ex(one, address)

        def guarded_look_up(host: Any, *arguments: Any, **named: Any) -> Any:
            self._check((host,))
            return look_up(host, *arguments, **named)

        self._patch.setattr(socket.socket, "connect", guarded)
        self._patch.setattr(socket.socket, "connect_ex", guarded_ex)
        self._patch.setattr(socket, "getaddrinfo", guarded_look_up)
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.undo()

    def _check(self, address: Any) -> None:
        if isinstance(address, tuple) and not _is_loopback(address[0]):
            self.refused.append(str(address[0]))
            raise ConnectionRefusedError(f"{address[0]} is not this machine")


def _is_loopback(host: Any) -> bool:
    text = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if text == "localhost":
        return True
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False
