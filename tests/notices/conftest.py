"""Real receivers on loopback."""

from collections.abc import Iterator

import pytest

from tests.notices.receivers import HttpReceiver, MailReceiver


@pytest.fixture
def http() -> Iterator[HttpReceiver]:
    receiver = HttpReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def mail() -> Iterator[MailReceiver]:
    receiver = MailReceiver()
    yield receiver
    receiver.close()
