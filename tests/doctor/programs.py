# ruff: noqa: E501 - each program is one text, easier to read in one line
"""The programs that `tests.doctor.provoke` runs, and the rule that should speak of each."""

from __future__ import annotations

from tests.doctor.program import Program, cell, script

_EAT = "data = []\nwhile True:\n    data.append(bytearray(b'x') * 50_000_000)\n"

COMMANDS = (
    # memory
    script("limit-script", "out-of-memory", _EAT, compute="small"),
    script(
        "numpy-too-large",
        "out-of-memory",
        "import numpy as np\nx = np.ones((900_000, 900_000))\n",
        line=2,
    ),
    script(
        "pandas-too-large",
        "out-of-memory",
        "import numpy as np, pandas as pd\ndef wide(n):\n    return pd.DataFrame(np.zeros((n, n)))\nwide(2_000_000)\n",
        line=3,
    ),
    script("memory-error", "out-of-memory", "x = bytearray(10**15)\n", line=1),
    script(
        "memory-caused",
        "out-of-memory",
        "try:\n    b'x' * 10**16\nexcept MemoryError as error:\n    raise RuntimeError('no table') from error\n",
        line=2,
    ),
    script(
        "rlimit-memory",
        "out-of-memory",
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (600_000_000,) * 2)\nimport numpy as np\n"
        "parts = [np.ones(40_000_000) for _ in range(9)]\n",
        line=4,
    ),
    # modules
    script("missing-top", "missing-module", "import lightfm_nowhere\n", line=1),
    script(
        "missing-in-own-module",
        "missing-module",
        "import steps\nsteps.go()\n",
        line=2,
        files={"steps.py": "def go():\n    import nowhere_at_all.inner\n"},
        file="steps.py",
    ),
    Program(
        "missing-dash-m", "missing-module", command="python -m nowhere_at_all", files={"a.txt": ""}
    ),
    script(
        "missing-in-thread-pool",
        "missing-module",
        "from concurrent.futures import ThreadPoolExecutor\ndef work(n):\n    import nowhere_x\n"
        "with ThreadPoolExecutor() as pool:\n    list(pool.map(work, [1]))\n",
        line=3,
    ),
    script(
        "missing-in-process-pool",
        "missing-module",
        "from concurrent.futures import ProcessPoolExecutor\ndef work(n):\n    import nowhere_x\n"
        "if __name__ == '__main__':\n    with ProcessPoolExecutor(1) as pool:\n        list(pool.map(work, [1]))\n",
    ),
    script(
        "hidden-by-own-file",
        "missing-module",
        "import json.decoder\nimport queue2.inner\n",
        line=2,
        files={"queue2.py": ""},
    ),
    # imports and versions
    script(
        "circular",
        "import-at-start",
        "import one\n",
        line=1,
        file="two.py",
        files={"one.py": "from two import b\na = 1\n", "two.py": "from one import a\nb = 2\n"},
    ),
    script(
        "no-such-name",
        "import-at-start",
        "from steps import stop\n",
        line=1,
        files={"steps.py": "def start(): ...\n"},
    ),
    script(
        "relative-import",
        "import-at-start",
        "from .steps import go\n",
        line=1,
        files={"steps.py": ""},
    ),
    script(
        "shared-library",
        "import-at-start",
        "import ctypes\nctypes.CDLL('libnowhere.so.7')\n",
        line=2,
    ),
    script(
        "numpy-removed-alias",
        "version-mismatch",
        "import numpy as np\nx = np.array([1], dtype=np.float_)\n",
        line=2,
    ),
    script(
        "numpy-no-such",
        "version-mismatch",
        "import numpy\nnumpy.bool8(1)\nnumpy.asscalar(1)\n",
        line=2,
    ),
    script("site-package-lacks-name", "version-mismatch", "from pandas import Panel\n", line=1),
    script(
        "pickle-protocol",
        "version-mismatch",
        "import pickle\npickle.loads(bytes([0x80, 9]) + b'N.')\n",
        line=2,
    ),
    Program(
        "uv-unsatisfiable",
        "version-mismatch",
        command="uv pip compile --offline --no-index requirements.txt",
        files={"requirements.txt": "leftpad-nowhere==99\n"},
    ),
    # pickling
    script(
        "pool-lambda",
        "unpicklable",
        "import multiprocessing\nif __name__ == '__main__':\n    with multiprocessing.Pool(1) as pool:\n"
        "        pool.map(lambda x: x, [1])\n",
        line=4,
    ),
    script(
        "pool-local",
        "unpicklable",
        "import pickle\ndef make():\n    def inner(): ...\n    return inner\npickle.dumps(make())\n",
        line=5,
    ),
    script(
        "pickle-lock",
        "unpicklable",
        "import pickle, threading\npickle.dumps({'lock': threading.Lock()})\n",
        line=2,
    ),
    script(
        "pickle-generator",
        "unpicklable",
        "import pickle\npickle.dumps(n for n in range(3))\n",
        line=2,
    ),
    script(
        "pickle-socket",
        "unpicklable",
        "import pickle, socket\npickle.dumps(socket.socket())\n",
        line=2,
    ),
    script(
        "spawn-with-lock",
        "unpicklable",
        "import multiprocessing, threading\ndef go(x): ...\nif __name__ == '__main__':\n"
        "    context = multiprocessing.get_context('spawn')\n    context.Process(target=go, args=(threading.Lock(),)).start()\n",
        line=5,
    ),
    script(
        "unpickle-needs-main",
        "unpicklable",
        "import pickle\nclass Model: ...\ndata = pickle.dumps(Model())\ndel Model\npickle.loads(data)\n",
        line=5,
    ),
    # disk
    script(
        "dev-full",
        "disk-full",
        "with open('/dev/full', 'w') as out:\n    out.write('x' * 100_000)\n",
    ),
    script(
        "dev-full-then-other",
        "disk-full",
        "try:\n    with open('/dev/full', 'wb', 0) as out:\n        out.write(b'x')\n"
        "except OSError:\n    raise ValueError('checkpoint is broken')\n",
    ),
    Program("dev-full-shell", "", command="echo data > /dev/full"),
    Program("dev-full-cp", "disk-full", command="cp /etc/passwd /dev/full"),
    script(
        "sqlite-full",
        "disk-full",
        "import sqlite3\nc = sqlite3.connect('a.db')\nc.execute('PRAGMA max_page_count = 2')\n"
        "c.execute('CREATE TABLE t (x)')\nc.execute('INSERT INTO t VALUES (zeroblob(100000))')\n",
        line=5,
    ),
    # paths and permissions
    script("open-missing", "wrong-path", "open('data/train.csv')\n", line=1),
    script(
        "pandas-missing",
        "wrong-path",
        "import pandas as pd\ndf = pd.read_csv('../data/train.csv')\n",
        line=2,
    ),
    script("numpy-missing", "wrong-path", "import numpy as np\nnp.load('weights.npy')\n", line=2),
    script("absolute-missing", "wrong-path", "open('/nowhere/at/all.txt')\n", line=1),
    script("folder-for-file", "wrong-path", "open('.')\n", line=1),
    script("file-for-folder", "wrong-path", "import os\nos.listdir('main.py')\n", line=2),
    Program("script-missing", "wrong-path", command="python trian.py", files={"train.py": ""}),
    Program("shell-script-missing", "wrong-path", command="sh run.sh", files={"a": ""}),
    Program("cat-missing", "wrong-path", command="cat data/labels.txt"),
    Program("cp-missing", "wrong-path", command="cp data/labels.txt elsewhere"),
    Program("exec-missing", "wrong-path", command="./bin/train --epochs 3"),
    Program("command-missing", "command-not-found", command="trainmodel --epochs 3"),
    script(
        "subprocess-missing",
        "command-not-found",
        "import subprocess\nsubprocess.run(['dot-nowhere', '-V'])\n",
        line=2,
    ),
    Program(
        "not-executable", "permission-denied", command="./run.sh", files={"run.sh": "echo hi\n"}
    ),
    script(
        "proc-denied",
        "permission-denied",
        "open('/proc/self/mem', 'rb').close()\nopen('/proc/sys/kernel/ostype', 'w')\n",
        line=2,
    ),
    # network
    script(
        "bind-taken",
        "port-taken",
        "import os, socket\nwith socket.socket() as s:\n    s.bind(('127.0.0.1', int(os.environ['PORT'])))\n",
        line=3,
    ),
    script(
        "http-server-taken",
        "port-taken",
        "import os\nfrom http.server import HTTPServer, BaseHTTPRequestHandler\n"
        "HTTPServer(('127.0.0.1', int(os.environ['PORT'])), BaseHTTPRequestHandler)\n",
        line=3,
    ),
    script(
        "asyncio-taken",
        "port-taken",
        "import asyncio, os\nasync def main():\n    await asyncio.start_server(print, '127.0.0.1', int(os.environ['PORT']))\n"
        "asyncio.run(main())\n",
        line=3,
    ),
    Program(
        "uvicorn-taken",
        "port-taken",
        command="python -m uvicorn app:app --port $PORT",
        files={"app.py": "async def app(scope, receive, send): ...\n"},
    ),
    # GPU
    Program("nvidia-smi-missing", "gpu-absent", command="nvidia-smi -L"),
    # crashes and kills
    script("segfault", "crash", "import ctypes\nctypes.string_at(0)\n"),
    script(
        "segfault-told",
        "crash",
        "import ctypes\ndef read():\n    ctypes.string_at(0)\nread()\n",
        env={"PYTHONFAULTHANDLER": "1"},
        line=3,
    ),
    script("abort", "crash", "import os\nos.abort()\n"),
    script("killed-9", "killed", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"),
    script("killed-15", "killed", "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n"),
    script(
        "timeout-script",
        "timeout",
        "import time\nprint('epoch 1', flush=True)\ntime.sleep(600)\n",
        timeout=1.0,
    ),
    # nobody can know
    script("assertion", "", "x = 3\nassert x == 4\n"),
    script("key-error", "", "{}['label']\n"),
    script("exit-code", "", "raise SystemExit(3)\n"),
    script(
        "handled-then-exit",
        "",
        "import sys, traceback\ntry:\n    open('cache.bin')\nexcept OSError:\n    traceback.print_exc()\n"
        "print('no cache, training anew', file=sys.stderr)\nsys.exit(1)\n",
    ),
)

CELLS = (
    cell("cell-missing-module", "missing-module", "import nowhere_at_all\n", line=2),
    cell(
        "cell-wrong-path",
        "wrong-path",
        "def load(p):\n    return open(p)\n\nx = load('a/b.csv')\n",
        line=3,
    ),
    cell(
        "cell-pandas-path",
        "wrong-path",
        "import pandas as pd\ntry:\n    1/0\nexcept ZeroDivisionError:\n    pd.read_csv('a/b.csv')\n",
        line=6,
    ),
    cell(
        "cell-own-module",
        "wrong-path",
        "import steps\nsteps.go()\n",
        line=3,
        files={"steps.py": "def go():\n    open('x/y')\n"},
    ),
    cell("cell-memory-limit", "out-of-memory", _EAT, compute="small"),
    cell(
        "cell-numpy-memory",
        "out-of-memory",
        "import numpy as np\n\nx = np.ones((10**6, 10**6))\n",
        line=4,
    ),
    cell(
        "cell-unpicklable",
        "unpicklable",
        "import pickle, threading\npickle.dumps(threading.Lock())\n",
        line=3,
    ),
    cell("cell-timeout", "timeout", "import time\ntime.sleep(600)\n", timeout=1.0),
    cell("cell-segfault", "crash", "import ctypes\nctypes.string_at(0)\n"),
    cell("cell-killed", "killed", "import os\nos.kill(os.getpid(), 9)\n"),
    cell(
        "cell-disk",
        "disk-full",
        "with open('/dev/full', 'wb', 0) as out:\n    out.write(b'x')\n",
        line=3,
    ),
    cell(
        "cell-port",
        "port-taken",
        "import os, socket\ns = socket.socket()\ns.bind(('127.0.0.1', int(os.environ['PORT'])))\n",
        line=4,
    ),
    cell(
        "cell-import-name",
        "import-at-start",
        "from steps import nothing\n",
        line=2,
        files={"steps.py": "x = 1\n"},
    ),
    cell("cell-numpy-version", "version-mismatch", "import numpy as np\nnp.float_(1)\n", line=3),
    cell("cell-value-error", "", "int('seven')\n"),
    cell(
        "cell-caused",
        "out-of-memory",
        "try:\n    bytearray(10**16)\nexcept MemoryError as error:\n    raise ValueError('no room') from error\n",
        line=3,
    ),
    cell("cell-handled-path", "", "try:\n    open('nowhere')\nexcept OSError:\n    int('x')\n"),
)

EVICTED = (
    Program("evicted", "evicted", command="echo running; sleep 600", compute="spot", evict=True),
    Program(
        "cell-evicted",
        "evicted",
        cell="import time\nprint('running')\ntime.sleep(600)\n",
        compute="spot",
        evict=True,
    ),
)
