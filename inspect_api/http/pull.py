"""A phone asks what has changed."""

from inspect_api.actions.deliver_notices import deliver_notices
from inspect_api.actions.pull_changes import pull_changes
from inspect_api.http.asked import Asked
from sync.envelope import Pull, PullAnswer


async def pull(asked: Asked) -> PullAnswer:
    """Read from one snapshot; only a pull that delivers notices has something to write."""
    app, caller, body, threads = asked.app, asked.caller, asked.body_as(Pull), asked.threads
    pulled = await threads.run(
        threads.readers, lambda: app.read(lambda work: pull_changes(work, body, app.here), caller)
    )
    if pulled.undelivered:
        await threads.run(
            threads.writers, lambda: asked.write(lambda work: deliver_notices(work, pulled.undelivered))
        )
    return pulled.answer
