"""What runs after a zygote forks, and after a job does. In an interpreter that has nothing yet."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from jupyter_aml.runner import linux

pytestmark = pytest.mark.skipif(not linux.FORKS, reason="nothing is forked here")

PROGRAM = """
import json, os, sys
from jupyter_aml.runner import fork_hooks
assert not {"threading", "random"} & set(sys.modules)
fork_hooks.begin()
import random, threading
heard = []
os.register_at_fork(after_in_child=lambda: heard.append("own"))
fork_hooks.end()
os.register_at_fork(after_in_child=lambda: heard.append("late"))
sys._getframe().f_globals["__name__"] = "threading"
state = random.getstate()

def child(fork, renew):
    del heard[:]
    back, out = os.pipe()
    pid = fork()
    if pid:
        os.close(out)
        with open(back) as file:
            text = file.read()
        os.waitpid(pid, 0)
        return json.loads(text)
    seeded = random.getstate() != state
    if renew:
        fork_hooks.renew()
    thread = threading.Thread(target=lambda: heard.append("thread"))
    thread.start()
    thread.join()
    os.write(out, json.dumps({
        "heard": heard, "seeded": seeded, "random": random.random(),
        "native": threading.main_thread().native_id == threading.get_native_id(),
        "main": threading.current_thread() is threading.main_thread(),
    }).encode())
    os._exit(0)

print(json.dumps([child(os.fork, False), *(child(fork_hooks.fork, True) for _ in range(2))]))
"""


def test_a_zygote_leaves_out_the_hooks_of_the_library_and_no_other() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    plain, one, other = json.loads(done.stdout)
    assert plain["heard"] == one["heard"] == ["own", "late", "thread"]
    assert plain["seeded"]
    assert not one["seeded"]
    assert len({plain["random"], one["random"], other["random"]}) == 3
    assert all(child["main"] and child["native"] for child in (one, other))
