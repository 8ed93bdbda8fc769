"""What all our widgets are: a body of HTML that Python makes, drawn anew when it changes."""

from __future__ import annotations

import threading
import uuid
from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import anywidget
from traitlets import MetaHasTraits, Unicode

from jupyter_aml.client.client import Client
from jupyter_aml.kernel.widgets import live, style
from jupyter_aml.model.errors import AmlError

_VIEW = "application/vnd.jupyter.widget-view+json"


class _Meta(ABCMeta, MetaHasTraits):
    """Traits and abstract methods in one class."""


class AmlWidget(anywidget.AnyWidget, metaclass=_Meta):
    """The base of our widgets. `close` ends what keeps it up to date, and leaves its picture."""

    _esm = style.FRONT / "widget.js"
    _css = style.whole()

    _body = Unicode().tag(sync=True)
    """HTML of everything that is drawn."""
    _label = Unicode("Azure ML").tag(sync=True)
    """What a screen reader calls it."""
    _said = Unicode().tag(sync=True)
    """Read out when it changes."""

    def __init__(self, client: Client | None = None, **traits: Any) -> None:
        self._client = client
        self._leave: Callable[[], None] | None = None
        self._display_id = f"aml-{uuid.uuid4().hex}"
        self._is_displayed = False
        self._drawing = threading.RLock()
        super().__init__(**traits)
        self.on_msg(self._heard)

    # -- what each widget says ------------------------------------------------------------------

    @abstractmethod
    def _html(self) -> str:
        """What it looks like now, in its view."""

    def _picture(self) -> str:
        """What it looks like where nothing can be pressed."""
        return self._html()

    @abstractmethod
    def _text(self) -> str:
        """The same in plain text."""

    def _do(self, action: str, name: str) -> None:
        """A person pressed a button. May raise `AmlError`, which is shown."""

    # -- staying up to date ---------------------------------------------------------------------

    @property
    def client(self) -> Client:
        """The way to the service; the notebook's own unless another was given."""
        if self._client is None:
            from jupyter_aml.kernel.notebook import notebook_of
            from jupyter_aml.kernel.shell import current_shell

            self._client = notebook_of(current_shell()).client
        return self._client

    def _follow(self) -> None:
        """Hear of changes from now on, in a thread that ends with the widget."""
        if self._leave is None:
            self._leave = live.subscribe(self.client, self)

    def _unfollow(self) -> None:
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()

    def connected(self) -> None: ...

    def changed(self, change: live.Change) -> None: ...

    def lost(self) -> None: ...

    def tick(self) -> None: ...

    # -- drawing --------------------------------------------------------------------------------

    def _draw(self) -> None:
        """Show what is true now. Called in the kernel's thread and in that of the feed."""
        with self._drawing:
            self._body = self._html()

    def _bundle(self, *, is_live: bool = True) -> dict[str, Any]:
        data: dict[str, Any] = {
            "text/plain": self._text(),
            "text/html": style.picture(self._picture()),
        }
        if is_live and self.comm is not None:
            data[_VIEW] = {
                "version_major": 2,
                "version_minor": 1,
                "model_id": self.model_id,
            }
        return data

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self._bundle(), {}

    def _repr_html_(self) -> str:
        return style.picture(self._picture())

    def _ipython_display_(self) -> None:
        from IPython.display import display

        self._is_displayed = True
        display(self._bundle(), raw=True, display_id=self._display_id)

    def _show_again(self) -> None:
        """Bring what is saved with the notebook up to date; the view is made anew by it."""
        if self._is_displayed:
            from IPython.display import update_display

            update_display(self._bundle(), raw=True, display_id=self._display_id)

    def _freeze(self) -> None:
        """Leave the picture in the place of the view: it needs no kernel, here or elsewhere."""
        if self._is_displayed:
            from IPython.display import update_display

            update_display(self._bundle(is_live=False), raw=True, display_id=self._display_id)

    def close(self) -> None:
        """End it. What was shown stays, as a picture."""
        self._unfollow()
        if self.comm is not None:
            self._freeze()
        super().close()

    def __str__(self) -> str:
        return self._text()

    # -- what a person does ---------------------------------------------------------------------

    def _heard(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        """A message of the front end: ``{"do": action, "name": what}``."""
        action, name = content.get("do"), content.get("name", "")
        if isinstance(action, str) and isinstance(name, str):
            try:
                self._do(action, name)
            except AmlError as error:
                self._said = error.message
            self._draw()
