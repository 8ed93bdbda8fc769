"""Python of a fenced process: what is not this machine is refused, and written down.

`tests.arm.fenced` puts this folder on PYTHONPATH. It is the guard of `tests.arm.guard` for a
process of its own; a proxy would see only those libraries that ask for one.
"""

import ipaddress
import os
import socket

_LOG = os.environ["FENCE_LOG"]


def _check(host):
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    try:
        if name == "localhost" or ipaddress.ip_address(name).is_loopback:
            return
    except ValueError:
        pass  # a name: it would be looked up in the network
    with open(_LOG, "a", encoding="utf-8") as log:
        log.write(f"{name}\n")
    raise ConnectionRefusedError(f"{name} is not this machine")


def _guarded(function):
    def guarded(one, address):
        if isinstance(address, tuple):
            _check(address[0])
        return function(one, address)

    return guarded


def _look_up(host, *arguments, _function=socket.getaddrinfo, **named):
    _check(host)
    return _function(host, *arguments, **named)


socket.getaddrinfo = _look_up
socket.socket.connect = _guarded(socket.socket.connect)
socket.socket.connect_ex = _guarded(socket.socket.connect_ex)
