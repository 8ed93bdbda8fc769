"""The rows of serving: requests per CPU-second of everything that serves, and the routing hop."""

from __future__ import annotations

from bench.figures import Target
from bench.rounds import Group, Way

_EACH, _MANY = {"connections": 16}, {"connections": 64}
_RAW, _RAW_MANY = "floor: httptools + predict, c16", "floor: httptools + predict, c64"
_OURS, _BATCH = "ours, 90/10, c16", "ours, micro-batching, 90/10, c64"
_AZURE = "azureml-inference-server-http, c16"
_NGINX, _HOP = "nginx, 90/10, c16", "our router, 90/10, c16"
_PRICE = "req/CPU s"

SERVING = Group(
    "serving",
    "A model served: LogisticRegression, one row a request",
    [
        Way(_RAW, "serving", "raw", {"how": "each", **_EACH}),
        Way(_RAW_MANY, "serving", "raw", {"how": "each", **_MANY}),
        Way("floor: micro-batching, c64", "serving", "raw", {"how": "batch", **_MANY}),
        Way(_OURS, "serving", "ours", _EACH),
        Way("ours, 90/10, c64", "serving", "ours", _MANY),
        Way("ours, micro-batching, 90/10, c16", "serving", "ours", {"micro_batch": 64, **_EACH}),
        Way(_BATCH, "serving", "ours", {"micro_batch": 64, **_MANY}),
        Way(_AZURE, "azmlinfsrv", "served", _EACH),
        Way("mlflow models serve, c16", "mlflow", "served", _EACH),
    ],
    [
        Target("ours / floor", _OURS, _PRICE, 0.6, 0.8, ((_RAW, _PRICE),), "higher"),
        Target("ours / azmlinfsrv", _OURS, _PRICE, 4, None, ((_AZURE, _PRICE),), "higher"),
        Target("micro-batching / floor", _BATCH, _PRICE, 3, 6, ((_RAW_MANY, _PRICE),), "higher"),
    ],
    [
        "Ours is the router and two scoring processes, with keys checked and the request log on. "
        "The floor and the peers are one process (or Azure's one worker), with neither."
    ],
)

HOP = Group(
    "hop",
    "The hop alone: a split of 90/10 in front of two servers that do nothing",
    [
        Way(_NGINX, "serving", "hop_nginx", _EACH),
        Way(_HOP, "serving", "hop_ours", _EACH),
        Way("nginx, 90/10, c64", "serving", "hop_nginx", _MANY),
        Way("our router, 90/10, c64", "serving", "hop_ours", _MANY),
    ],
    [
        Target("router / nginx, requests/s", _HOP, "rps", 0.5, 0.8, ((_NGINX, "rps"),), "higher"),
        Target("router / nginx, its CPU", _HOP, "CPU us", 2, 1.3, ((_NGINX, "CPU us"),)),
    ],
    ["nginx writes its access log; our router its request log, and it checks keys."],
)
