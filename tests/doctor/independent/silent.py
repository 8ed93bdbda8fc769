"""Near misses: like what the doctor knows, of another cause or of one it cannot know."""

from __future__ import annotations

from tests.doctor.program import Program, cell, script

PROGRAMS = (
    script(
        "i-quiet-inotify-limit",
        "",
        """\
        import errno

        raise OSError(errno.ENOSPC, "inotify watch limit reached")
        """,
    ),
    script(
        "i-quiet-pickle-truncated",
        "",
        """\
        import pickle

        open("state.pkl", "wb").write(pickle.dumps(list(range(100)))[:50])
        print(pickle.load(open("state.pkl", "rb")))
        """,
    ),
    script(
        "i-quiet-pickle-is-an-lfs-pointer",
        "",
        """\
        import pickle

        model = pickle.load(open("model.pkl", "rb"))
        """,
        files={"model.pkl": "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n"},
    ),
    script(
        "i-quiet-empty-pickle",
        "",
        "import pickle\n\nopen('a.pkl', 'wb').close()\npickle.load(open('a.pkl', 'rb'))\n",
    ),
    script(
        "i-quiet-cannot-assign-address",
        "",
        """\
        import socket

        socket.create_server(("203.0.113.9", 0))
        """,
    ),
    script(
        "i-quiet-none-has-no-append",
        "",
        """\
        rows = [3, 1].sort()
        rows.append(2)
        """,
    ),
    script(
        "i-quiet-own-keyword",
        "",
        """\
        def fit(x, *, epochs):
            return x, epochs

        fit(1, epoch=3)
        """,
    ),
    script(
        "i-quiet-nothing-to-concatenate",
        "",
        """\
        import glob
        import pandas as pd

        frame = pd.concat(pd.read_csv(name) for name in glob.glob("data/*.csv"))
        """,
    ),
    script(
        "i-quiet-subprocess-timeout",
        "",
        "import subprocess\n\nsubprocess.run(['sleep', '60'], timeout=0.2, check=True)\n",
    ),
    script(
        "i-quiet-future-timeout",
        "",
        """\
        import asyncio

        asyncio.run(asyncio.wait_for(asyncio.sleep(60), 0.1))
        """,
    ),
    script(
        "i-quiet-too-many-open-files",
        "",
        """\
        held = [open("main.py") for _ in range(100)]
        """,
        command="ulimit -n 40 && python main.py",
    ),
    script(
        "i-quiet-out-of-memory-in-a-question",
        "",
        """\
        answers = {"what is OOM": "CUDA out of memory means that the GPU is full"}
        for question, answer in answers.items():
            print(question, "->", answer)
        print(answers["Killed: no space left on device"])
        """,
    ),
    script(
        "i-quiet-database-locked",
        "",
        """\
        import sqlite3

        first, second = (sqlite3.connect("a.db", timeout=0.1) for _ in range(2))
        first.execute("create table t (n)")
        first.execute("begin exclusive")
        second.execute("insert into t values (1)")
        """,
    ),
    script(
        "i-quiet-pytest-with-tricky-names",
        "",
        "",
        files={
            "test_doctor.py": """\
            import errno
            import pytest

            def test_out_of_memory():
                with pytest.raises(MemoryError):
                    raise MemoryError("CUDA out of memory")

            def test_disk_full():
                error = OSError(errno.ENOSPC, "No space left on device")
                assert error.errno == errno.EADDRINUSE
            """
        },
        command="python -m pytest -q -p no:cacheprovider test_doctor.py",
        needs="pytest",
    ),
    Program(
        "i-quiet-shell-timeout-command",
        "",
        command="timeout 0.2 sleep 30",
    ),
    cell(
        "i-cell-quiet-file-exists",
        "",
        "import os\n\nos.mkdir('/tmp')\n",
    ),
    cell(
        "i-cell-quiet-index",
        "",
        """\
        shapes = {"No module named": 3}
        print("MemoryError: Unable to allocate 8 GiB is what you get with batch=999")
        shapes["Address already in use"]
        """,
    ),
    script(
        # it was taken, but gRPC does not say so: it could as well be an address of another machine
        "i-quiet-grpc-does-not-say-why",
        "",
        """\
        import os
        from concurrent.futures import ThreadPoolExecutor
        import grpc

        server = grpc.server(ThreadPoolExecutor(1), options=[("grpc.so_reuseport", 0)])
        server.add_insecure_port(f"127.0.0.1:{os.environ['PORT']}")
        """,
        needs="grpcio",
    ),
)
