"""The `score.py` contract, asked of the application without a process around it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from jupyter_aml.serving.scoring.failure import NotReady
from tests.serving.loading import Make, ask

ECHO = """
    import json
    def init():
        pass
    def run(data):
        return {"type": type(data).__name__, "data": json.loads(data)}
"""


def test_run_gets_the_body_as_text_and_its_value_is_answered_as_json(make: Make) -> None:
    given = ask(make(ECHO), b"[1, 2]")
    assert given.status == 200
    assert json.loads(given.body) == {"type": "str", "data": [1, 2]}
    assert b"content-type: application/json" in given.head
    assert b"x-ms-run-fn-exec-ms: " in given.head


def test_a_query_reaches_run_as_json(make: Make) -> None:
    given = ask(make(ECHO), first="GET /score?a=1&b=[1,2]&c=x&d=null&e=1&e=y")
    read = json.loads(given.body)["data"]
    assert read == {"a": 1, "b": [1, 2], "c": "x", "d": None, "e": [1, "y"]}


@pytest.mark.parametrize(
    ("first", "status"),
    [
        ("GET /", 200),
        ("OPTIONS /score", 200),
        ("PUT /score", 405),
        ("POST /", 405),
        ("GET /elsewhere", 404),
        ("GET /swagger.json?version=4", 404),
    ],
)
def test_routes(make: Make, first: str, status: int) -> None:
    assert ask(make(ECHO), first=first).status == status


def test_what_run_raises_is_told_to_nobody_but_the_log(
    make: Make, capfd: pytest.CaptureFixture[str]
) -> None:
    app = make(
        """
        def init():
            pass
        def run(data):
            secret = 1
            return secret / 0  # here
        """
    )
    given = ask(app, b"x", x_request_id="id-1")
    assert given.status == 500
    assert b"Check the logs" in given.body
    assert b"x-ms-run-function-failed: True" in given.head
    said = capfd.readouterr().err
    assert "score.py:6: return secret / 0  # here" in said
    assert "ZeroDivisionError" in said
    assert "id-1" in said
    assert "serving/scoring" not in said, "only the user's frames"


@pytest.mark.parametrize("value", ["{1, 2}", "object()", "exit(3)", "open('/nowhere')"])
def test_whatever_run_does_the_process_answers_the_next_request(make: Make, value: str) -> None:
    app = make(
        f"""
        def init():
            pass
        def run(data):
            return {value} if data == "bad" else "fine"
        """
    )
    assert ask(app, b"bad").status == 500
    assert ask(app, b"good").body == b'"fine"'


def test_bytes_that_are_no_text_are_the_clients_fault(make: Make) -> None:
    given = ask(make(ECHO), b"\xff")
    assert given.status == 400
    assert "UTF-8" in json.loads(given.body)["message"]


def test_a_run_that_takes_too_long_is_ended(make: Make) -> None:
    app = make(
        """
        def init():
            pass
        def run(data):
            try:
                while True:
                    pass
            except Exception:
                return "swallowed"
        """,
        timeout_ms=30,
    )
    given = ask(app, b"")
    assert given.status == 500
    assert json.loads(given.body)["message"] == "Scoring timeout after 30 ms"


def test_an_answer_that_is_too_large_is_refused(make: Make) -> None:
    app = make("def init(): pass\ndef run(data): return 'x' * 100", max_response_bytes=50)
    assert ask(app).status == 500


def test_run_may_ask_for_the_headers(make: Make) -> None:
    app = make(
        """
        def init():
            pass
        def run(data, request_headers):
            return request_headers["X-Mine"]
        """
    )
    assert ask(app, b"", x_mine="yes").body == b'"yes"'


RAW = """
    from azureml.contrib.services.aml_request import AMLRequest, rawhttp
    from azureml.contrib.services.aml_response import AMLResponse

    def init():
        pass

    @rawhttp
    def run(request):
        if request.method == "GET":
            return AMLResponse(str(request.args.get("q")), 201, {"X-Mine": "a\\r\\nb"})
        if request.files:
            file = request.files["image"]
            return [file.filename, file.read().decode(), request.form["n"]]
        return AMLResponse({"got": request.get_json()}, 503, json_str=True)
"""


def test_raw_http(make: Make) -> None:
    app = make(RAW)
    assert app.interface["rawhttp"]
    given = ask(app, first="GET /score?q=%C3%A9")
    assert (given.status, given.body.decode()) == (201, "é")
    assert b"X-Mine: a  b\r\n" in given.head, "no line end gets into a header"
    failed = ask(app, b'{"a": 1}', content_type="application/json")
    assert (failed.status, json.loads(failed.body)) == (503, {"got": {"a": 1}})
    assert failed.head.lower().count(b"x-ms-run-function-failed") == 1


def test_raw_forms(make: Make) -> None:
    body = (
        b'--B\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n'
        b"Content-Type: image/png\r\n\r\npixels\r\n"
        b'--B\r\nContent-Disposition: form-data; name="n"\r\n\r\n3\r\n--B--\r\n'
    )
    given = ask(make(RAW), body, content_type="multipart/form-data; boundary=B")
    assert json.loads(given.body) == ["a.png", "pixels", "3"]


PICTURES = """
    from azureml.contrib.services.aml_request import AMLRequest, rawhttp
    from azureml.contrib.services.aml_response import AMLResponse

    def init():
        pass

    @rawhttp
    def run(request: AMLRequest):
        whole = b"+".join(file.stream.read() for file in request.files.getlist("file[]"))
        response = AMLResponse(message=whole, status_code=200)
        response.mimetype = "image/jpg"
        return response
"""


def test_several_files_of_one_name_come_and_an_image_goes(make: Make) -> None:
    part = b'--B\r\nContent-Disposition: form-data; name="file[]"; filename="%b"\r\n\r\n%b\r\n'
    body = part % (b"a.jpg", b"one") + part % (b"b.jpg", b"two") + b"--B--\r\n"
    given = ask(make(PICTURES), body, content_type="multipart/form-data; boundary=B")
    assert (given.status, given.body) == (200, b"one+two")
    assert b"Content-Type: image/jpg\r\n" in given.head


def test_other_origins(make: Make) -> None:
    app = make(ECHO, cors_origins="https://a.example, https://b.example")
    allowed = ask(app, first="OPTIONS /score", origin="https://b.example",
                  access_control_request_method="POST")  # fmt: skip
    assert b"access-control-allow-origin: https://b.example\r\n" in allowed.head
    assert b"access-control-allow-methods: GET, POST\r\n" in allowed.head
    assert b"access-control" not in ask(app, b"1", origin="https://c.example").head
    assert b"access-control-allow-origin" in ask(app, b"1", origin="https://a.example").head


def test_swagger_is_made_or_the_users_own(make: Make, tmp_path: Path) -> None:
    app = make(ECHO)
    made = json.loads(ask(app, first="GET /swagger.json").body)
    assert made["swagger"] == "2.0"
    assert set(made["paths"]) == {"/", "/score"}
    third = json.loads(ask(app, first="GET /swagger.json?version=3").body)
    assert third["openapi"].startswith("3.")
    (tmp_path / "code" / "swagger.json").write_text('{"mine": 1}')
    assert json.loads(ask(app, first="GET /swagger.json").body) == {"mine": 1}


BATCH = """
    import json
    calls = []
    def init():
        pass
    def run(data):
        calls.append(1)
        if data == "bad":
            raise ValueError(data)
        return len(calls)
    def run_batch(requests):
        calls.append(len(requests))
        if "bad" in requests:
            raise ValueError
        return [ValueError() if each == "worse" else each for each in requests]
"""


def test_what_came_together_is_asked_at_once(make: Make) -> None:
    app = make(BATCH, micro_batch=8)
    head = b"POST /score\r\n"
    answers = app.answer_all([(head, b"a"), (head, b"worse"), (b"GET /\r\n", b""), (head, b"b")])
    assert [each.status for each in answers] == [200, 500, 200, 200]
    assert [answers[0].body, answers[3].body] == [b'"a"', b'"b"']
    assert sys.modules["entry_module"].calls == [3]


def test_one_bad_request_does_not_fail_its_batch(make: Make) -> None:
    app = make(BATCH, micro_batch=8)
    head = b"POST /score\r\n"
    answers = app.answer_all([(head, b"a"), (head, b"bad"), (head, b"b")])
    assert [each.status for each in answers] == [200, 500, 200]


@pytest.mark.parametrize(
    ("source", "code", "line"),
    [
        ("import json\nimport not_there_at_all\n", "PackageMissing", 2),
        ("def init(:\n", "UserScriptImportError", 1),
        ("1/0\n", "UserScriptImportError", 1),
        ("import sys\nsys.exit(2)\n", "UserScriptImportError", 2),
        ("def run(data): pass\n", "UserScriptFunctionNotFound", 0),
        ("def init(): pass\ndef run(*a): pass\n", "UserScriptFunctionNotFound", 0),
        ("def init(): pass\ndef run(): pass\n", "UserScriptFunctionNotFound", 0),
        (
            "def init():\n    load()\ndef load():\n    open('/no/model.pkl')\ndef run(d): pass\n",
            "UserScriptInitFailed",
            4,
        ),
    ],
)
def test_a_script_that_does_not_load_is_told_with_its_line(
    make: Make, source: str, code: str, line: int
) -> None:
    with pytest.raises(NotReady) as raised:
        make(source)
    failure = raised.value.failure
    assert (failure.code, failure.line) == (code, line)
    assert failure.message
    if line:
        assert failure.file.endswith("score.py")
        assert failure.text == source.splitlines()[line - 1].strip()


def test_a_missing_script_says_what_there_is(make: Make, tmp_path: Path) -> None:
    (tmp_path / "code" / "main.py").write_text("")
    with pytest.raises(NotReady, match=r"main\.py"):
        make(ECHO, script="nope.py")


def test_the_script_sees_its_neighbours_and_its_variables(make: Make, tmp_path: Path) -> None:
    (tmp_path / "code" / "beside.py").write_text("X = 5")
    app = make(
        """
        import os
        import beside
        def init():
            pass
        def run(data):
            names = ("AZUREML_MODEL_DIR", "AML_APP_ROOT", "MINE")
            return [beside.X, [os.environ[name] for name in names], os.getcwd()]
        """,
        environment={"MINE": "1"},
    )
    number, variables, folder = json.loads(ask(app).body)
    assert number == 5
    assert variables == [str(tmp_path / "model"), str(tmp_path / "code"), "1"]
    assert Path(folder) == tmp_path / "code"
