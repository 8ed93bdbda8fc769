"""Servers whose port somebody else has: each has its own words for it."""

from __future__ import annotations

from tests.doctor.program import Program, cell, script

TAKEN = "port-taken"


def _serves(name: str, text: str, **more: object) -> Program:
    return script(name, TAKEN, "import os\n\nport = int(os.environ['PORT'])\n" + text, **more)


PROGRAMS = (
    _serves(
        "i-tornado",
        "import tornado.web\n\napp = tornado.web.Application()\napp.listen(port, '127.0.0.1')\n",
        line=7,
    ),
    _serves(
        "i-aiohttp",
        "from aiohttp import web\n\nweb.run_app(web.Application(), host='127.0.0.1', port=port)\n",
        line=6,
    ),
    _serves(
        "i-zmq",
        "import zmq\n\nsocket = zmq.Context().socket(zmq.REP)\n"
        "socket.bind(f'tcp://127.0.0.1:{port}')\n",
        line=7,
    ),
    _serves(
        "i-prometheus",
        "from prometheus_client import start_http_server\n\n"
        "start_http_server(port, addr='127.0.0.1')\n",
        line=6,
    ),
    _serves(
        "i-multiprocessing-manager",
        "from multiprocessing.managers import BaseManager\n\n"
        "server = BaseManager(('127.0.0.1', port), b'key').get_server()\n",
        line=6,
    ),
    _serves(
        "i-fastapi-uvicorn-run",
        "import uvicorn\nfrom fastapi import FastAPI\n\napp = FastAPI()\n"
        "uvicorn.run(app, host='127.0.0.1', port=port)\n",
    ),
    Program(
        "i-jupyter-server",
        TAKEN,
        command="python -m jupyter_server --no-browser --allow-root --ip 127.0.0.1"
        " --ServerApp.port_retries=0 --port $PORT",
    ),
    Program(
        "i-java-server-socket",
        TAKEN,
        command="java Serve.java $PORT",
        files={
            "Serve.java": """\
            import java.net.*;

            class Serve {
                public static void main(String[] args) throws Exception {
                    int port = Integer.parseInt(args[0]);
                    new ServerSocket(port, 5, InetAddress.getByName("127.0.0.1")).accept();
                }
            }
            """
        },
    ),
    Program(
        "i-nginx",
        TAKEN,
        command='mkdir -p logs && sed "s/PORT/$PORT/" proxy.conf > run.conf'
        ' && /usr/sbin/nginx -p "$PWD" -c run.conf',
        files={
            "proxy.conf": "pid nginx.pid;\nerror_log stderr;\nevents {}\n"
            "http { access_log off; server { listen 127.0.0.1:PORT; } }\n"
        },
    ),
    Program(
        "i-tensorboard",
        TAKEN,
        command="python -m tensorboard.main --logdir . --port $PORT",
        needs="tensorboard setuptools<81",
    ),
    cell(
        "i-cell-socketserver",
        TAKEN,
        """\
        import os, socketserver

        def serve(port):
            with socketserver.TCPServer(("127.0.0.1", port), None) as server:
                server.handle_request()

        serve(int(os.environ["PORT"]))
        """,
        line=5,
    ),
)
