"""Problems, request ids, encodings, query parameters: what every route has in common."""

import gzip
import logging
from uuid import UUID

import msgspec
import pytest
import structlog
import zstandard
from litestar.testing import TestClient

from inspect_api.errors import Code
from inspect_api.http.door import make_door
from inspect_api.http.edge import Edge
from inspect_api.http.route import PUBLIC, Route
from inspect_api.main import Service
from tests.http.serving import MSGPACK

PROBLEM_FIELDS = {"type", "title", "status", "detail", "code", "request_id", "errors"}


def test_a_problem_has_every_field_and_the_id_of_its_request(shared):
    answer = shared.client.get("/api/v1/me")
    body = answer.json()
    assert set(body) == PROBLEM_FIELDS
    assert body["type"] == "urn:inspect-api:problem:unauthorized"
    assert body["status"] == answer.status_code
    assert body["title"] == Code.UNAUTHORIZED.title
    assert body["request_id"] == answer.headers["x-request-id"]
    assert UUID(body["request_id"]).version == 7


@pytest.mark.parametrize(
    ("sent", "kept"), [("phone-7.42_a", True), ("x" * 65, False), ("a b", False), ('"', False)]
)
def test_the_callers_request_id_is_kept_when_it_is_sane(shared, sent, kept):
    answer = shared.client.get("/api/v1/hello", headers={"X-Request-Id": sent})
    assert (answer.headers["x-request-id"] == sent) is kept


def test_until_it_is_ready_it_says_so(sqlite_served):
    service = Service(sqlite_served.settings, run_worker=False)
    with TestClient(service.litestar) as client:
        for path in ("/api/v1/hello", "/api/v1/hazards"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert answer.json()["code"] == "busy"
            assert int(answer.headers["retry-after"]) > 0
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 503
        assert client.get("/health/ready").json() == {"status": "starting", "degraded": []}


def test_ready_and_degraded(sqlite_served):
    assert sqlite_served.client.get("/health/ready").json() == {"status": "ready", "degraded": []}
    (sqlite_served.settings.data_dir / "blobs" / "incoming").rmdir()
    answer = sqlite_served.client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "degraded": ["blobs"]})


def test_a_fault_of_ours_is_a_problem_without_its_reason(shared):
    def fail(_work: object, _asked: object) -> object:
        raise LookupError("第三号数据库的口令")

    broken = Route(method="GET", path="/broken", roles=PUBLIC, handler=fail, summary="fails")
    edge = Edge(shared.settings)
    edge.let_in(shared.app)
    with TestClient(make_door(edge, [broken]), raise_server_exceptions=False) as client:
        answer = client.get("/api/v1/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "internal"
    assert "口令" not in answer.text


def test_one_request_is_one_log_line_without_what_was_sent(shared):
    with structlog.testing.capture_logs() as lines:
        shared.client.post(
            "/api/v1/auth/login?x=%0d%0aforged", json={"username": "admin\n{}", "password": "secret-4711"}
        )
    assert len(lines) == 1
    assert lines[0]["event"] == "request"
    assert lines[0]["route"] == "/api/v1/auth/login"
    assert lines[0]["status"] == 400
    assert "secret-4711" not in str(lines)
    assert "forged" not in str(lines)


def test_logs_are_json_lines_that_text_cannot_forge(capsys):
    from inspect_api.logs import set_up_logs

    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        set_up_logs()
        structlog.get_logger().info("request", name='a\n{"event": "forged"}\u2028\x1b[31m')
        lines = capsys.readouterr().err.splitlines()
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
        structlog.reset_defaults()
    assert len(lines) == 1
    assert msgspec.json.decode(lines[0])["event"] == "request"
    assert "\x1b" not in lines[0]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("application/json", "application/json"),
        (MSGPACK, MSGPACK),
        (f"{MSGPACK};q=0.5, application/json", "application/json"),
        (f"application/json;q=0.2, {MSGPACK};q=0.9", MSGPACK),
        (f"{MSGPACK}, */*;q=0.1", MSGPACK),
        (f"{MSGPACK};q=0", "application/json"),
        ("application/json;q=kaputt," + ",".join(["a/b"] * 1000), "application/json"),
    ],
)
def test_accept_chooses_the_encoding(shared, accept, expected):
    answer = shared.client.get("/api/v1/hello", headers={"Accept": accept})
    assert answer.headers["content-type"] == expected
    assert "Accept" in answer.headers["vary"]


def test_messagepack_says_the_same_as_json(shared):
    json = shared.client.get("/api/v1/hello").json()
    packed = shared.client.get("/api/v1/hello", headers={"Accept": MSGPACK})
    assert msgspec.msgpack.decode(packed.content) == json
    assert json["server_time"].endswith("Z")


def test_problems_are_json_whatever_is_accepted(shared):
    answer = shared.client.get("/api/v1/me", headers={"Accept": MSGPACK})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unauthorized"


def test_login_by_messagepack(shared):
    body = {"username": "county", "password": "demo-only-652327"}
    answer = shared.client.post(
        "/api/v1/auth/login",
        content=msgspec.msgpack.encode(body),
        headers={"Content-Type": MSGPACK, "Accept": MSGPACK},
    )
    assert answer.status_code == 200
    assert msgspec.msgpack.decode(answer.content)["user"]["role"] == "regulator"


@pytest.mark.parametrize("how", ["gzip", "zstd", "gzip;q=0.5, zstd;q=0.1", "identity", "gzip;q=0"])
def test_long_answers_are_compressed_as_wished(shared, how):
    person = shared.person("county")
    plain = person.get("/sites?limit=200", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    request = shared.client.build_request(
        "GET", "/api/v1/sites?limit=200", headers=person.headers({"Accept-Encoding": how})
    )
    with shared.client.stream("GET", request.url, headers=request.headers) as answer:
        raw, used = b"".join(answer.iter_raw()), answer.headers.get("content-encoding", "")
    assert used == {"gzip": "gzip", "zstd": "zstd", "gzip;q=0.5, zstd;q=0.1": "gzip"}.get(how, "")
    unpacked = {"gzip": gzip.decompress, "zstd": lambda b: zstandard.ZstdDecompressor().decompress(b)}
    assert unpacked.get(used, bytes)(raw) == plain.content
    assert not used or len(raw) < len(plain.content) / 2


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("nothing=1", "/query/nothing"),
        ("limit=0", "/query/limit"),
        ("limit=201", "/query/limit"),
        ("limit=-1", "/query/limit"),
        ("limit=" + "9" * 40, "/query/limit"),
        ("limit=1&limit=2", "/query/limit"),
        ("limit=zehn", "/query/limit"),
        ("limit=", "/query/limit"),
        ("q=%00", "/query/q"),
        ("q=%1b[31m", "/query/q"),
        ("q=%ff", "/query"),
        ("q=%ed%a0%80", "/query"),
        ("status=%E4%B8%8D", "/query/status"),
        ("due_before=2026-02-30T00:00:00Z", "/query/due_before"),
        ("due_before=2026-02-03", "/query/due_before"),
        ("due_before=9999-12-31T23:59:59-14:00", "/query"),
        ("due_before=" + "1" * 30, "/query/due_before"),
        ("enterprise_id=7", "/query/enterprise_id"),
        ("overdue=vielleicht", "/query/overdue"),
        ("step_min=NaN", "/query/step_min"),
        ("&".join(f"status=closed{n}" for n in range(101)), "/query"),
        ("__proto__=1", "/query/__proto__"),
        ("<script>=1", "/query"),
    ],
)
def test_a_query_parameter_that_is_not_what_it_should_be(shared, query, pointer):
    answer = shared.person("county").get(f"/hazards?{query}")
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert body["code"] == "malformed_query"
    assert body["errors"][0]["pointer"] == pointer
    assert "<script>" not in answer.text


def test_good_query_parameters(shared):
    person = shared.person("county")
    query = "status=rectifying&status=verifying&overdue=true&limit=200&q=%E7%81%AD%E7%81%AB&region=652327"
    assert person.get(f"/hazards?{query}").json()["items"] == []


def test_an_endless_address_is_refused(shared):
    parameters = "&".join(["a=1"] * 10_000)
    for path in ("x" * 9000, "hazards?q=" + "x" * 9000, f"hazards?{parameters}"):
        answer = shared.client.get(f"/api/v1/{path}")
        assert answer.status_code == 400
        assert answer.json()["code"] == "malformed_query"


def test_metrics_count_by_template_and_status(shared):
    shared.client.get("/api/v1/hazards/geheim-4711")
    text = shared.client.get("/metrics").text
    assert 'inspect_api_requests_total{method="GET",route="/api/v1/hazards/{id}",status="401"}' in text
    assert "geheim-4711" not in text
