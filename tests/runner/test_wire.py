"""The two ends of a channel; the one without a socket object does what the other does."""

from __future__ import annotations

import os
import threading

import pytest

from jupyter_aml.runner import linux
from jupyter_aml.runner.wire import Bare, Channel

pytestmark = pytest.mark.skipif(not linux.FORKS, reason="nothing is forked here")


def test_a_bare_end_hears_and_answers() -> None:
    ours, theirs = Channel.pair()
    bare = Bare(os.dup(theirs.fileno()))
    theirs.close()
    assert not bare.has_news(0)
    ours.send({"op": "run"}, task=b'{"source":"1"}')
    ours.send({"op": "end"})
    assert bare.has_news(30)
    assert bare.receive() == {"op": "run", "task": {"source": "1"}}
    assert bare.receive() == {"op": "end"}
    large = {"op": "ended", "text": "x" * (4 << 20)}  # more than a socket takes at once
    sending = threading.Thread(target=lambda: bare.send(large))
    sending.start()
    assert ours.receive() == large
    sending.join()
    ours.close()
    assert bare.has_news(30)
    assert bare.receive() is None
    with pytest.raises(OSError, match="Broken pipe"):
        bare.send({"op": "over"})
    bare.close()
