"""Things that cannot be sent: to a pool, to a file, to a copy."""

from __future__ import annotations

from tests.doctor.independent.interpreters import WITH_TORCH
from tests.doctor.program import cell, script

STUCK = "unpicklable"

PROGRAMS = (
    script(
        "i-joblib-loky-lock",
        STUCK,
        """\
        import threading
        from joblib import Parallel, delayed

        class Counter:
            def __init__(self):
                self.lock = threading.Lock()

            def add(self, n):
                return n + 1

        counter = Counter()
        print(Parallel(n_jobs=2)(delayed(counter.add)(n) for n in range(4)))
        """,
        line=12,
    ),
    script(
        "i-executor-lambda",
        STUCK,
        """\
        from concurrent.futures import ProcessPoolExecutor

        if __name__ == "__main__":
            with ProcessPoolExecutor(2) as pool:
                print(list(pool.map(lambda n: n * n, range(8))))
        """,
        line=5,
    ),
    script(
        "i-pickle-dump-config-with-module",
        STUCK,
        """\
        import json
        import pickle

        config = {"name": "run", "codec": json}
        with open("config.pkl", "wb") as stream:
            pickle.dump(config, stream)
        """,
        line=6,
    ),
    script(
        "i-sqlite-connection",
        STUCK,
        """\
        import sqlite3
        from multiprocessing import Pool

        def count(args):
            connection, table = args
            return connection.execute(f"select count(*) from {table}").fetchone()

        if __name__ == "__main__":
            connection = sqlite3.connect(":memory:")
            with Pool(2) as pool:
                print(pool.map(count, [(connection, "a"), (connection, "b")]))
        """,
        line=11,
    ),
    script(
        "i-sqlalchemy-engine",
        STUCK,
        """\
        import pickle

        from sqlalchemy import create_engine

        class Store:
            def __init__(self, url):
                self.engine = create_engine(url)

        pickle.dumps(Store("sqlite://"))
        """,
        line=9,
    ),
    script(
        "i-open-file-in-spawned-process",
        STUCK,
        """\
        import multiprocessing as mp

        def work(log):
            log.write("x")

        if __name__ == "__main__":
            mp.set_start_method("spawn")
            log = open("run.log", "w")
            process = mp.Process(target=work, args=(log,))
            process.start()
            process.join()
        """,
        line=10,
    ),
    script(
        "i-deepcopy-rlock",
        STUCK,
        """\
        import copy
        import threading

        class Buffer:
            def __init__(self):
                self.guard = threading.RLock()
                self.items = []

        best = copy.deepcopy(Buffer())
        """,
        line=9,
    ),
    script(
        "i-ssl-context",
        STUCK,
        """\
        import pickle
        import ssl

        settings = {"verify": ssl.create_default_context()}
        blob = pickle.dumps(settings)
        """,
        line=5,
    ),
    script(
        "i-joblib-dump-pipeline-lambda",
        STUCK,
        """\
        import joblib
        import numpy as np
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import FunctionTransformer, StandardScaler

        pipe = make_pipeline(FunctionTransformer(lambda x: np.log1p(x)), StandardScaler())
        pipe.fit(np.ones((4, 2)))
        joblib.dump(pipe, "pipe.joblib")
        """,
        line=8,
    ),
    script(
        "i-gridsearch-generator",
        STUCK,
        """\
        from sklearn.base import BaseEstimator
        from sklearn.model_selection import cross_val_score

        class Model(BaseEstimator):
            def __init__(self, stream=None):
                self.stream = stream

            def fit(self, x, y):
                return self

            def score(self, x, y):
                return 0.0

        def numbers():
            yield 1

        print(cross_val_score(Model(numbers()), [[1]] * 10, [0, 1] * 5, n_jobs=2))
        """,
    ),
    script(
        "i-torch-loader-spawn-lambda",
        STUCK,
        """\
        import torch
        from torch.utils.data import DataLoader

        if __name__ == "__main__":
            loader = DataLoader(
                list(range(8)),
                num_workers=1,
                multiprocessing_context="spawn",
                collate_fn=lambda rows: torch.tensor(rows),
            )
            for batch in loader:
                print(batch)
        """,
        line=11,
        python=WITH_TORCH,
    ),
    script(
        "i-dill-still-cannot-pickle",
        STUCK,
        """\
        import dill

        def rows():
            yield from range(3)

        state = {"rows": rows(), "seed": 3}
        dill.dump(state, open("state.pkl", "wb"))
        """,
        line=7,
        needs="dill",
    ),
    cell(
        "i-cell-cloudpickle-socket",
        STUCK,
        """\
        import socket, cloudpickle

        class Client:
            def __init__(self):
                self.link = socket.socket()

        blob = cloudpickle.dumps(Client())
        """,
        line=8,
    ),
    cell(
        "i-cell-pool-of-own-function",
        STUCK,
        """\
        from concurrent.futures import ProcessPoolExecutor

        def make(factor):
            def scale(n):
                return n * factor
            return scale

        with ProcessPoolExecutor(1) as pool:
            out = list(pool.map(make(3), [1, 2]))
        """,
        line=10,
    ),
)
