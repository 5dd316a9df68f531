"""The first day of a bureau without the demo: tables, passwords and phones by command, then a login."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from inspect_api.cli import main
from inspect_api.settings import Settings
from inspect_api.store.sessions import DEVICE
from tests.http.serving import Person, serve

FIRM = "91652327DEM000014W"
PASSWORD = "天山脚下的第一天2026"
TABLES = {
    "regions": "code,name\n652327,吉木萨尔县\n652327100,吉木萨尔镇\n652327100011,城东村\n",
    # as Excel saves it: a mark at the start, CR LF, spaces that nobody sees
    "enterprises": "\ufeffcredit_code, name ,industry,region,contact\r\n"
    f"{FIRM},天山油品销售有限公司 ,hazmat,652327100,周启明\r\n\r\n",
    "sites": "qr,name,industry,enterprise,region,grid_code,lat,lon,datum,risk,facts.tank_farm\n"
    f"JMSR-1,城东加油站,hazmat,{FIRM},652327100011,652327100011001,43.99221,89.16891,gcj02,yellow,true\n",
    "accounts": "username,name,role,regions,except_regions,grids,enterprise,industries\n"
    "wanghf,王海峰,regulator,652327,652327100011,,,hazmat、mine\n"
    "zhangxl,张秀兰,inspector,,,652327100011001 652327100011002,,\n"
    f"zhouqm,周启明,enterprise,,,,{FIRM},\n",
}
ALL_NEW = (0, "new: 3 divisions, 1 enterprises, 1 sites, 3 accounts")
NOTHING_NEW = (0, "new: 0 divisions, 0 enterprises, 0 sites, 0 accounts")


def run(settings: Settings, *line: object, typed: str = "") -> tuple[int, str]:
    env = {"DATA_DIR": str(settings.data_dir), "DATABASE_URL": settings.database_url}
    done = CliRunner().invoke(main, list(map(str, line)), env=env, input=typed)
    return done.exit_code, done.output.strip()


def folder(place: Path, tables: Mapping[str, str | bytes]) -> Path:
    place.mkdir()
    for name, text in tables.items():
        (place / f"{name}.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return place


def test_from_an_empty_database_to_a_pull(empty_installation, tmp_path):
    settings = empty_installation
    tables = folder(tmp_path / "县", TABLES)
    assert run(settings, "import", "county", tables) == ALL_NEW
    assert run(settings, "import", "county", tables) == NOTHING_NEW
    phone = uuid4()
    with serve(settings) as served:
        assert served.log_in("zhangxl", phone, password=PASSWORD).status_code == 401
        assert run(settings, "account", "password", "zhangxl", typed="太短\n")[0] == 2
        assert run(settings, "account", "password", "nobody", typed=PASSWORD)[0] == 2
        assert run(settings, "account", "password", "zhangxl", typed=f"{PASSWORD}\n") == (0, "done")
        refused = served.log_in("zhangxl", phone, password=PASSWORD)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (403, "/device/id")
        assert run(settings, "device", "enrol", phone, "zhangxl") == (0, "done")
        assert run(settings, "device", "enrol", phone, "zhangxl") == (0, "it was so already")
        answer = served.log_in("zhangxl", phone, password=PASSWORD)
        assert answer.status_code == 200, answer.text
        person = Person(served, answer.json(), phone)
        assert person.get("/me").json()["grids"] == ["652327100011001", "652327100011002"]
        pulled = person.post("/sync/pull", {"protocol": 1, "device_id": str(phone), "limit": 1000}).json()
        found = {each["entity"]: each["data"] for each in pulled["changes"]}
        assert found["enterprise"]["credit_code"] == FIRM
        site = found["site"]
        assert (site["name"], site["region"]["name"], site["facts"]) == (
            "城东加油站",
            "城东村",
            {"tank_farm": True},
        )
        assert site["enterprise"]["name"] == "天山油品销售有限公司"
        assert site["position"]["datum"] == "gcj02"
        with served.app.db.read() as tx:
            assert tx.execute(sa.select(DEVICE.c.model)).scalar_one() == "测试机"
        # another password ends what was opened with the one before
        assert run(settings, "account", "password", "zhangxl", typed=PASSWORD * 2) == (0, "done")
        served.clock.advance(timedelta(seconds=5))
        assert person.get("/me").status_code == 401
        assert run(settings, "device", "revoke", phone) == (0, "done")
        assert run(settings, "device", "enrol", phone, "zhangxl")[0] == 2


def test_an_account_by_itself(empty_installation, tmp_path):
    settings = empty_installation
    run(settings, "import", "county", folder(tmp_path / "县", TABLES | {"accounts": "username,name,role\n"}))
    add = ("account", "add", "liujg", "--name", "李建军", "--role", "officer")
    for wrong, named in (
        ((), "regions: the role officer sees nothing without"),
        (("--region", "6523"), "regions: no division 6523 is known here"),
        (("--region", "652327", "--grid", "1"), "grids: the scope of the role officer is not made of these"),
        (("--region", "652327", "--industry", "gold"), "industries: 'gold': is none of hazmat"),
    ):
        status, told = run(settings, *add, *wrong, typed=PASSWORD)
        assert (status, named in told) == (2, True), told
    right = (*add, "--region", "652327", "--except-region", "652327100011", "--industry", "hazmat")
    assert run(settings, *right, typed="short")[0] == 2
    assert run(settings, *right, typed=PASSWORD) == (0, "done")
    assert run(settings, *right, typed=PASSWORD) == (2, "inspect-api: There is an account liujg already")
    with serve(settings) as served:
        user = served.log_in("liujg", password=PASSWORD).json()["user"]
    assert (user["regions"], user["excluded_regions"], user["industries"]) == (
        ["652327"],
        ["652327100011"],
        ["hazmat"],
    )


@pytest.mark.parametrize("empty_installation", ["sqlite"], indirect=True)
def test_mistakes_are_told_with_line_and_field_and_nothing_is_entered(empty_installation, tmp_path):
    settings = empty_installation
    unlike = {
        "regions": "code,name\n65232,短\n652327,吉木萨尔县\n652327,又一次\n",
        "sites": "qr,name,industry,region,lat,lon\nA,站,gold,652327,91,nan\n,,hazmat,652327\n",
        "accounts": "用户,name,role\n王,王,officer\n".encode("gbk"),
    }
    status, told = run(settings, "import", "county", folder(tmp_path / "shape", unlike))
    assert status == 2
    for line in (
        "regions.csv:2: code: '65232': a division has a code of 2, 4, 6, 9 or 12 digits",
        "regions.csv:4: code: 652327 stands in line 3 already",
        "sites.csv:2: industry: 'gold': is none of hazmat, ",
        "sites.csv:2: lat: '91': expected",
        "sites.csv:2: lon: 'nan': ",
        "sites.csv:3: qr: nothing stands here",
        "sites.csv:3: name: nothing stands here",
        "accounts.csv:1: -: this is no UTF-8",
    ):
        assert line in told
    foreign = {
        "regions": "code,name\n652327,吉木萨尔县\n652328100,木垒镇\n",
        "sites": f"qr,name,industry,region,enterprise,lat\nA,站,hazmat,652399,{FIRM},44\n",
        "accounts": "username,name,role,regions,except_regions,grids,enterprise\n"
        f"a,甲,officer,652327,6523,,\nb,乙,inspector,652327,,652399001001001,\nc,丙,enterprise,,,,{FIRM}\n",
    }
    status, told = run(settings, "import", "county", folder(tmp_path / "foreign", foreign))
    assert status == 2
    for line in (
        "regions.csv:3: code: the division 652328 that it lies in is not known here",
        "sites.csv:2: region: no division 652399 is known here",
        f"sites.csv:2: enterprise: no enterprise {FIRM} is known here",
        "sites.csv:2: lon: a position has both",
        "accounts.csv:2: except_regions: no division 6523 is known here",
        "accounts.csv:2: except_regions: 6523 does not lie below one of the regions",
        "accounts.csv:3: regions: the scope of the role inspector is not made of these",
        "accounts.csv:3: grids: no site lies in 652399001001001, and it begins with no known division",
        f"accounts.csv:4: enterprise: no enterprise {FIRM} is known here",
    ):
        assert line in told
    many = "code,name\n" + "1,错\n" * 150
    told = run(settings, "import", "county", folder(tmp_path / "many", {"regions": many}))[1]
    assert len(told.splitlines()) == 100
    assert run(settings, "import", "county", folder(tmp_path / "none", {}))[0] == 2
    assert run(settings, "import", "county", folder(tmp_path / "right", TABLES)) == ALL_NEW


def test_what_stands_otherwise_is_told_and_stays(empty_installation, tmp_path):
    settings = empty_installation
    run(settings, "import", "county", folder(tmp_path / "县", TABLES))
    assert run(settings, "account", "give-grid", "zhangxl", "652327100011003", "--new") == (0, "done")
    other = {name: text.replace("油品", "化工").replace("yellow", "red") for name, text in TABLES.items()}
    other["regions"] = other["regions"].replace("城东村", "城西村") + "652327200,三台镇\n"
    status, told = run(settings, "import", "county", folder(tmp_path / "他", other))
    assert status == 2
    assert told.removeprefix("inspect-api: ").splitlines() == [
        "accounts.csv:3: grids: it stands here already, with 652327100011001 652327100011002 652327100011003",
        "enterprises.csv:2: name: it stands here already, with 天山油品销售有限公司",
        "regions.csv:4: name: it stands here already, with 城东村",
        "sites.csv:2: risk: it stands here already, with yellow",
    ]
    more = {"regions": TABLES["regions"] + "652327200,三台镇\n"}
    told = run(settings, "import", "county", folder(tmp_path / "多", more))
    assert told == (0, "new: 1 divisions, 0 enterprises, 0 sites, 0 accounts")
