"""``python -m jupyter_aml.service``: read the settings, become the home's only service, run.

Prints nothing on stdout. What keeps it from starting is one line of JSON on stderr,
``{"error": {...}}``, and exit code 1: its parent is a program that shows it to a person.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Coroutine
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
from traitlets import Unicode
from traitlets.config import Application

from jupyter_aml.model.errors import AmlError, ErrorEnvelope, Internal, Invalid
from jupyter_aml.service.claim import HomeLock, claim
from jupyter_aml.service.clock import SystemClock
from jupyter_aml.service.daemon import Daemon
from jupyter_aml.service.logfile import open_log
from jupyter_aml.service.settings import LocalSettings, ServiceSettings
from jupyter_aml.service.store.trouble import from_os

log = logging.getLogger(__name__)

CONFIG = "service_config"
OPEN_FILES = 8192
SWITCH_SECONDS = 0.0005
"""How long the event loop waits for the writer thread to hand back the interpreter."""


class ServiceApp(Application):
    """Settings from the command line and from ``HOME/service_config.py``, the former first."""

    name = "jupyter-aml-service"
    description = "The compute service of jupyter_aml: one per user, started on demand."
    classes = [ServiceSettings, LocalSettings]
    aliases = {"home": "ServiceApp.home"}
    raise_config_file_errors = True

    home = Unicode(help="Folder of everything the service keeps; made if absent.").tag(config=True)

    def read(self, argv: list[str]) -> tuple[Path, ServiceSettings, LocalSettings]:
        """The home and its settings. Raises `Invalid` for those that cannot be read."""
        try:
            self.parse_command_line(argv)
            if not self.home:
                raise Invalid("No home was named.", hint="python -m jupyter_aml.service --home DIR")
            home = Path(self.home).absolute()
            if (home / f"{CONFIG}.py").exists():
                given = deepcopy(self.config)
                self.load_config_file(CONFIG, path=str(home))
                self.update_config(given)
            return home, ServiceSettings(parent=self), LocalSettings(parent=self)
        except AmlError:
            raise
        except Exception as error:  # a config file is a program: it may raise anything
            raise Invalid(
                f"The service's settings cannot be read: {error}",
                target=f"{CONFIG}.py",
                hint="Correct the file, or move it away; the docs list every setting.",
            ) from error


def main(argv: list[str] | None = None) -> int:
    """Run the service of a home until it ends; the exit code."""
    os.umask(0o077)
    try:
        home, settings, local_settings = ServiceApp().read(sys.argv[1:] if argv is None else argv)
        try:
            _serve(home, settings, local_settings)
        except OSError as error:
            raise from_os(error, home) or _unexpected(error) from error
    except AmlError as error:
        return _refuse(error)
    except Exception as error:  # a defect of ours: said in the same form as everything else
        return _refuse(_unexpected(error))
    return 0


def _serve(home: Path, settings: ServiceSettings, local_settings: LocalSettings) -> None:
    lock = claim(home)
    handler = open_log(home)
    try:
        _allow_many_files()
        sys.setswitchinterval(SWITCH_SECONDS)
        _run(_live(home, lock, settings, local_settings))
    except Exception:  # whatever ends it: the log says so before the handler is gone
        log.exception("the service ended because of an error")
        raise
    finally:
        lock.release()
        logging.getLogger().removeHandler(handler)
        handler.close()


async def _live(
    home: Path, lock: HomeLock, settings: ServiceSettings, local_settings: LocalSettings
) -> None:
    daemon = Daemon(
        home, lock, clock=SystemClock(), settings=settings, local_settings=local_settings
    )
    await daemon.run()


def _run(main: Coroutine[Any, Any, None]) -> None:
    """On uvloop where it is installed: the same loop, at half the cost per event."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


def _allow_many_files() -> None:
    """Followers, connections and jobs each hold some; the usual limit of 1024 is soon met."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _unexpected(error: Exception) -> Internal:
    return Internal(
        f"The service cannot start: {type(error).__name__}: {error}",
        hint="`jupyter aml service logs` shows the details.",
    )


def _refuse(error: AmlError) -> int:
    line = msgspec.json.encode(ErrorEnvelope(error.body())).decode()
    print(line, file=sys.stderr, flush=True)
    return 1
