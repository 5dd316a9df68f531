"""How notices fared, as the county and Prometheus are told."""

import dataclasses
from datetime import timedelta
from uuid import uuid4

from inspect_api.actions.escalate_overdue import escalate_overdue
from inspect_api.jobs.dispatch import Dispatcher, deliver_now
from tests.http.serving import START, Served
from tests.http.test_register import INSPECTOR, OWNER, Story
from tests.notices.receivers import HttpReceiver
from tests.notices.samples import channels, hook


def test_the_county_sees_how_its_notices_fared(served: Served) -> None:
    story, http = Story(served), HttpReceiver()
    http.answer = lambda _got: (410, {}, b"no more of this")
    app = dataclasses.replace(served.app, channels=channels(hook(http.url)))
    served.clock.set(START + timedelta(days=30))
    served.people.clear()  # their sessions have ended
    served.app.write(lambda work: escalate_overdue(work, 100))
    waiting = served.client.get("/metrics").text
    assert 'inspect_api_notices_waiting{channel="unplanned",state="waiting"}' in waiting
    assert "inspect_api_escalation_lag_seconds 0.0" in waiting
    deliver_now(Dispatcher(app))
    http.close()
    page = story.who("county").get("/deliveries?state=failed&region=652327&limit=5").json()
    (first, *_) = page["items"]
    assert (first["hazard_id"], first["delivery"]["channels"]) == (story.hazard, ["hook"])
    (attempt,) = first["delivery"]["attempts"]
    assert (attempt["channel"], attempt["outcome"], attempt["answer"]) == (
        "hook",
        "refused",
        "410 no more of this",
    )
    assert (
        'inspect_api_notices_waiting{channel="unplanned",state="failed"}'
        in served.client.get("/metrics").text
    )
    shown = story.who("county").get(f"/notices/{first['id']}").json()
    assert shown["receiver"] == first["receiver"]
    assert story.who(INSPECTOR).get("/deliveries").status_code == 403
    assert story.who(OWNER).get(f"/notices/{first['id']}").status_code == 404
    assert story.who("county").get(f"/notices/{uuid4()}").status_code == 404
