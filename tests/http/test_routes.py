"""The table of routes: nothing is served that is not in it, and nothing without a rule of who may ask."""

import re
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from litestar.routes import HTTPRoute

from inspect_api.http.route import EVERYBODY, PUBLIC, Route
from inspect_api.http.routes import ROUTES
from inspect_api.store.accounts import ACCOUNT, ROLES

OPEN_TO_ALL = {
    ("GET", "/api/v1/hello"),
    ("OPTIONS", "/api/v1/uploads"),
    ("POST", "/api/v1/auth/login"),
    ("POST", "/api/v1/auth/refresh"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/metrics"),
}
GUARDED = [row for row in ROUTES if row.roles is not PUBLIC]


def address(row: Route) -> str:
    """An address of the route that names nothing which exists."""
    return re.sub(r"\{(\w+)\}", lambda m: "0" * 64 if m[1] == "sha256" else str(UUID(int=7)), row.full_path)


def named(row: Route) -> str:
    return f"{row.method} {row.path}"


def test_what_is_served_is_the_table(shared):
    served = {
        (method, re.sub(r":str", "", route.path_format))
        for route in shared.client.app.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method != "OPTIONS" or route.path_format == "/api/v1/uploads"  # the others are the framework's
    }
    assert served == {(row.method, row.full_path) for row in ROUTES}
    assert len(ROUTES) == len(served)


def test_only_these_need_no_login():
    assert {(row.method, row.full_path) for row in ROUTES if row.roles is PUBLIC} == OPEN_TO_ALL
    for row in GUARDED:
        assert row.roles <= EVERYBODY == set(ROLES)
        assert row.roles


@pytest.mark.parametrize("row", GUARDED, ids=named)
def test_without_a_token_it_is_401(shared, row):
    for headers in ({}, {"Authorization": "Bearer forged"}, {"Content-Type": "text/plain"}):
        answer = shared.client.request(row.method, address(row), headers=headers, content=b"{" * 10)
        assert answer.status_code == 401
        assert row.method == "HEAD" or answer.json()["code"] == "unauthorized"
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.fixture
def as_role(sqlite_served):
    """Logs an account in whose role is then another one."""

    def log_in(role: str) -> dict[str, str]:
        person = sqlite_served.person("admin")
        with sqlite_served.app.db.write() as tx:
            tx.execute(sa.update(ACCOUNT).where(ACCOUNT.c.username == "admin").values(role=role))
        return person.headers()

    return log_in


def test_a_security_administrator_sees_no_records(sqlite_served, as_role):
    headers = as_role("security_admin")
    for row in GUARDED:
        if row.path == "/auth/logout":
            continue
        answer = sqlite_served.client.request(row.method, address(row), headers=headers)
        if "security_admin" not in row.roles:
            assert answer.status_code == 403, named(row)
            assert row.method == "HEAD" or answer.json()["code"] == "forbidden", named(row)
        else:
            assert answer.status_code != 403, named(row)


@pytest.mark.parametrize("row", [row for row in ROUTES if row.method == "GET"], ids=named)
def test_another_method_is_405_and_says_which_one(shared, row):
    answer = shared.client.request("DELETE", address(row))
    assert answer.status_code == 405
    assert answer.json()["code"] == "method_not_allowed"
    assert row.method in answer.headers["allow"]


@pytest.mark.parametrize("row", [row for row in GUARDED if "id" in row.path and row.body is None], ids=named)
def test_what_does_not_exist_is_404_and_is_not_repeated(shared, row):
    person = shared.person("county")
    if "{id}" not in row.path:
        return
    bodies = []
    for name in (str(uuid4()), "not-an-id", "%00", "..%2f..%2fetc", "中文"):
        path = row.full_path.replace("{id}", name)
        answer = shared.client.request(row.method, path, headers=person.headers({"Tus-Resumable": "1.0.0"}))
        assert answer.status_code == 404, name
        assert name not in answer.text
        bodies.append({} if row.method == "HEAD" else {**answer.json(), "request_id": ""})
    assert all(body == bodies[0] for body in bodies)


@pytest.mark.parametrize(
    "path", ["/", "/api/v1", "/api/v1/nothing", "/api/v2/hello", "/schema", "/api/v1/hello/x"]
)
def test_what_is_not_in_the_table_is_404(shared, path):
    answer = shared.client.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert answer.headers["content-type"] == "application/problem+json"
