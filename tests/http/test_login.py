"""Who gets in, who is kept out, and for how long."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest
import sqlalchemy as sa

from inspect_api.actions.log_in import token_hash
from inspect_api.demo.county import PASSWORD
from inspect_api.store.accounts import ACCOUNT, ACCOUNT_GRID
from inspect_api.store.login_attempts import LOGIN_ATTEMPT
from inspect_api.store.sessions import DEVICE, SESSION
from tests.http.serving import Served, serve


def me(served: Served, token: str) -> int:
    return served.client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code


def test_login_says_who_it_is_and_me_says_the_same(served):
    device = uuid4()
    answer = served.log_in("inspector1", device)
    assert answer.status_code == 200
    body = answer.json()
    assert body["expires_in"] == 3600
    assert body["device_id"] == str(device)
    assert body["user"]["name"] == "张秀兰"
    assert body["user"]["role"] == "inspector"
    assert body["user"]["grids"]
    assert all(grid.startswith("652327100") for grid in body["user"]["grids"])
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    assert served.client.get("/api/v1/me", headers=headers).json() == body["user"]


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("county", {"role": "regulator", "regions": ["652327"], "excluded_regions": ["652327500"]}),
        ("city", {"role": "regulator", "regions": ["6523"], "excluded_regions": []}),
    ],
)
def test_a_regulator_is_told_the_regions(sqlite_served, username, expected):
    user = sqlite_served.log_in(username).json()["user"]
    assert expected.items() <= user.items()


def test_tokens_are_kept_only_as_hashes(served):
    tokens = served.log_in("officer1").json()
    with served.app.db.read() as tx:
        row = tx.execute(sa.select(SESSION)).one()
    assert row.access_hash == token_hash(tokens["access_token"])
    for value in row:
        assert tokens["access_token"] not in str(value)
        assert tokens["refresh_token"] not in str(value)
    assert len(base64.urlsafe_b64decode(tokens["access_token"] + "=")) == 32


def test_wrong_unknown_and_disabled_answer_alike(served):
    with served.app.db.write() as tx:
        tx.execute(
            sa.update(ACCOUNT).where(ACCOUNT.c.username == "officer2").values(disabled_at=served.clock.now())
        )
    answers = [
        served.log_in("officer1", password="错误的密码"),
        served.log_in("nobody-of-that-name"),
        served.log_in("officer2"),
    ]
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0]["code"] == "bad_credentials"
    assert {answer.status_code for answer in answers} == {401}


@pytest.mark.parametrize("username", ["inspector1", "nobody-of-that-name"])
def test_five_wrong_passwords_lock_the_name_for_a_quarter_of_an_hour(served, username):
    for _ in range(5):
        assert served.log_in(username, password="wrong").status_code == 401
    locked = served.log_in(username)
    assert locked.status_code == 429
    assert locked.json()["code"] == "too_many_attempts"
    assert locked.headers["retry-after"] == "900"
    served.clock.advance(timedelta(minutes=14, seconds=59))
    assert served.log_in(username, password="wrong").status_code == 429
    served.clock.advance(timedelta(seconds=1))
    assert served.log_in(username).status_code == (200 if username == "inspector1" else 401)


def test_names_that_failed_are_kept_as_hashes_and_forgotten_after_a_day(served):
    def kept() -> list[bytes]:
        with served.app.db.read() as tx:
            return list(tx.execute(sa.select(LOGIN_ATTEMPT.c.name_hash)).scalars())

    for name in ("inspector1", "密码打在这里了", "inspector1"):
        served.log_in(name, password="wrong")
    assert sorted(kept()) == sorted(token_hash(name) for name in ("inspector1", "密码打在这里了"))
    served.clock.advance(timedelta(days=1, seconds=1))
    served.log_in("city", password="wrong")
    assert kept() == [token_hash("city")]


def test_guesses_side_by_side_do_not_get_past_the_lock(served):
    with ThreadPoolExecutor(8) as pool:
        tries = [pool.submit(served.log_in, "officer1", None, f"guess-{n}") for n in range(12)]
        statuses = [one.result().status_code for one in tries]
    assert statuses.count(401) <= 7  # two are computed at a time
    assert statuses.count(401) + statuses.count(429) == 12
    assert served.log_in("officer1").status_code == 429


def test_a_right_password_forgives_the_wrong_ones_before(sqlite_served):
    for _ in range(3):
        for _ in range(4):
            assert sqlite_served.log_in("inspector1", password="wrong").status_code == 401
        assert sqlite_served.log_in("inspector1").status_code == 200


def test_an_access_token_holds_an_hour(served):
    token = served.log_in("county").json()["access_token"]
    served.clock.advance(timedelta(minutes=59, seconds=59))
    assert me(served, token) == 200
    served.clock.advance(timedelta(seconds=2))
    assert me(served, token) == 401


def test_refresh_gives_new_tokens_and_ends_the_old_ones(served):
    old = served.log_in("inspector1", uuid4()).json()
    answer = served.client.post("/api/v1/auth/refresh", json={"refresh_token": old["refresh_token"]})
    assert answer.status_code == 200
    new = answer.json()
    assert new["user"] == old["user"]
    assert new["device_id"] == old["device_id"]
    assert me(served, new["access_token"]) == 200
    assert me(served, old["access_token"]) == 401


def test_a_spent_refresh_token_closes_the_session(served):
    old = served.log_in("inspector1").json()
    other = served.log_in("inspector1").json()
    new = served.client.post("/api/v1/auth/refresh", json={"refresh_token": old["refresh_token"]}).json()
    again = served.client.post("/api/v1/auth/refresh", json={"refresh_token": old["refresh_token"]})
    assert again.status_code == 401
    assert again.json()["code"] == "unauthorized"
    assert me(served, new["access_token"]) == 401
    renewed = served.client.post("/api/v1/auth/refresh", json={"refresh_token": new["refresh_token"]})
    assert renewed.status_code == 401
    assert me(served, other["access_token"]) == 200


def test_logging_out_ends_the_session_at_once(served):
    person = served.person("officer1")
    assert person.get("/me").status_code == 200
    assert person.post("/auth/logout").status_code == 204
    assert person.get("/me").status_code == 401
    refresh = {"refresh_token": person.tokens["refresh_token"]}
    assert served.client.post("/api/v1/auth/refresh", json=refresh).status_code == 401


def test_a_refresh_token_is_no_access_token_and_the_other_way_round(sqlite_served):
    tokens = sqlite_served.log_in("county").json()
    assert me(sqlite_served, tokens["refresh_token"]) == 401
    swapped = {"refresh_token": tokens["access_token"]}
    assert sqlite_served.client.post("/api/v1/auth/refresh", json=swapped).status_code == 401


@pytest.mark.parametrize("what", ["account", "device", "session"])
def test_what_is_revoked_is_refused_within_five_seconds(served, what):
    person = served.person("inspector1")
    assert person.get("/me").status_code == 200
    now = served.clock.now()
    changes = {
        "account": sa.update(ACCOUNT).where(ACCOUNT.c.username == "inspector1").values(disabled_at=now),
        "device": sa.update(DEVICE).where(DEVICE.c.id == person.device_id).values(revoked_at=now),
        "session": sa.update(SESSION).values(closed_at=now),
    }
    with served.app.db.write() as tx:
        tx.execute(changes[what])
    served.clock.advance(timedelta(seconds=5))
    assert person.get("/me").status_code == 401
    refresh = {"refresh_token": person.tokens["refresh_token"]}
    assert served.client.post("/api/v1/auth/refresh", json=refresh).status_code == 401
    if what == "device":
        assert served.log_in("inspector1", person.device_id).json()["code"] == "unauthorized"


def test_a_write_asks_again_whatever_was_believed_a_moment_ago(served):
    person = served.person("inspector1")
    assert person.get("/me").status_code == 200
    with served.app.db.write() as tx:
        tx.execute(sa.update(SESSION).values(closed_at=served.clock.now()))
    assert person.get("/me").status_code == 200  # believed for two seconds
    assert person.push().status_code == 401  # but nothing is written on the strength of it


def test_a_grid_that_is_taken_away_is_gone_within_five_seconds(served):
    person = served.person("inspector1")
    before = person.get("/me").json()["grids"]
    with served.app.db.write() as tx:
        tx.execute(sa.delete(ACCOUNT_GRID).where(ACCOUNT_GRID.c.grid_code == before[0]))
    served.clock.advance(timedelta(seconds=5))
    assert person.get("/me").json()["grids"] == before[1:]


def test_outside_of_the_demo_a_device_has_to_be_enrolled(settings):
    with serve(msgspec.structs.replace(settings, demo=False)) as served:
        assert served.log_in("inspector1").status_code == 200
        refused = served.log_in("inspector1", uuid4())
        assert refused.status_code == 403
        assert refused.json()["code"] == "forbidden"
        with served.app.db.read() as tx:
            assert tx.execute(sa.select(sa.func.count()).select_from(DEVICE)).scalar_one() == 0


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Basic aW5zcGVjdG9yMTp4",
        "Bearer " + "x" * 43,
        "Bearer " + "x" * 100_000,
    ],
)
def test_a_token_that_we_did_not_give_is_401(sqlite_served, header):
    answer = sqlite_served.client.get("/api/v1/me", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] == "unauthorized"


def test_the_password_is_in_no_answer_and_no_log(sqlite_served, caplog, capsys):
    sqlite_served.log_in("inspector1")
    sqlite_served.client.post(
        "/api/v1/auth/login", json={"username": "inspector1", "password": ["x", PASSWORD]}
    )
    out = capsys.readouterr()
    assert PASSWORD not in caplog.text + out.out + out.err
