"""When it truly happened, whatever the device's clocks say."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync.clock import SKEW_LIMIT, Estimate, estimate, wall_time
from sync.envelope import Clock

RECEIVED = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEN_YEARS = timedelta(days=3653)


def clock(wall: datetime | str, mono: timedelta = HOUR, boot: str = "开机1") -> Clock:
    """A device's clocks; `mono` is the time since its boot."""
    text = wall if isinstance(wall, str) else wall.isoformat()
    return Clock(wall=text, mono_ms=mono // timedelta(milliseconds=1), boot_id=boot)


def test_within_a_boot_the_monotonic_clock_tells() -> None:
    sent = clock(RECEIVED, mono=timedelta(hours=9))
    captured = clock(RECEIVED - 8 * HOUR, mono=HOUR)
    found = estimate(captured, sent, RECEIVED)
    assert found.at == RECEIVED - 8 * HOUR
    assert not found.skewed
    assert timedelta(0) < found.uncertainty < timedelta(minutes=1)


@pytest.mark.parametrize("error", [TEN_YEARS, -TEN_YEARS, timedelta(hours=13), timedelta(minutes=6)])
def test_a_wrong_wall_clock_does_not_matter_within_a_boot(error: timedelta) -> None:
    sent = clock(RECEIVED + error, mono=timedelta(hours=9))
    captured = clock(RECEIVED + error - 8 * HOUR, mono=HOUR)
    found = estimate(captured, sent, RECEIVED)
    assert found.at == RECEIVED - 8 * HOUR
    assert found.skewed
    assert found.offset == -error


def test_a_clock_set_right_between_capture_and_sending_is_seen_through() -> None:
    captured = clock(RECEIVED - TEN_YEARS, mono=HOUR)
    found = estimate(captured, clock(RECEIVED, mono=3 * HOUR), RECEIVED)
    assert found.at == RECEIVED - 2 * HOUR
    assert found.skewed
    assert found.corrected(RECEIVED - TEN_YEARS, RECEIVED) == RECEIVED - 2 * HOUR


@pytest.mark.parametrize("error", [TEN_YEARS, -TEN_YEARS, timedelta(0)])
def test_over_a_boot_the_wall_clock_is_corrected_by_its_error_at_sending(error: timedelta) -> None:
    captured = clock(RECEIVED + error - 8 * HOUR, boot="开机1")
    found = estimate(captured, clock(RECEIVED + error, boot="开机2"), RECEIVED)
    assert found.at == RECEIVED - 8 * HOUR
    assert found.skewed is (error != timedelta(0))
    assert found.uncertainty >= abs(error)


@pytest.mark.parametrize("jump", [TEN_YEARS, -TEN_YEARS, timedelta(days=2), -timedelta(days=400)])
def test_a_clock_moved_over_a_boot_is_flagged_and_believed_by_nobody(jump: timedelta) -> None:
    found = estimate(clock(RECEIVED + jump, boot="开机1"), clock(RECEIVED, boot="开机2"), RECEIVED)
    assert found.at == RECEIVED
    assert found.skewed
    assert found.uncertainty >= timedelta(days=366)


@pytest.mark.parametrize("wall", ["", "昨天", "2026-11-21T10:00:00", "0000-00-00", "\x00", "9" * 5000, "now"])
def test_a_wall_clock_that_says_nothing_is_flagged(wall: str) -> None:
    same_boot = estimate(clock(wall, mono=HOUR), clock(wall, mono=2 * HOUR), RECEIVED)
    assert same_boot.at == RECEIVED - HOUR
    assert same_boot.skewed
    other_boot = estimate(clock(wall, boot="a"), clock(RECEIVED, boot="b"), RECEIVED)
    assert (other_boot.at, other_boot.skewed) == (RECEIVED, True)


@pytest.mark.parametrize(
    ("mono_at", "mono_sent"),
    [(2 * HOUR, HOUR), (timedelta(0), timedelta(days=400))],
    ids=["backwards", "longer than a year"],
)
def test_a_monotonic_clock_that_cannot_be_is_not_believed(mono_at: timedelta, mono_sent: timedelta) -> None:
    captured = clock(RECEIVED - 3 * HOUR, mono=mono_at)
    found = estimate(captured, clock(RECEIVED, mono=mono_sent), RECEIVED)
    assert found.at == RECEIVED - 3 * HOUR


def test_a_wall_clock_is_read_with_any_offset() -> None:
    assert wall_time("2026-11-21T10:00:00+08:00") == RECEIVED
    assert wall_time("2026-11-21T02:00:00Z") == RECEIVED
    assert wall_time("0001-01-01T00:00:00+14:00") is None
    assert wall_time("9999-12-31T23:59:59-12:00") is None


_walls = st.one_of(
    st.datetimes(
        timezones=st.timezones() | st.just(UTC),
        allow_imaginary=False,
    ).map(datetime.isoformat),
    st.sampled_from(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"]),
    st.text(max_size=40),
)
_clocks = st.builds(
    Clock, wall=_walls, mono_ms=st.integers(-(2**53), 2**53), boot_id=st.sampled_from(["a", "b"])
)


@given(at=_clocks, sent=_clocks, spoken=st.datetimes(timezones=st.just(UTC)))
@example(
    at=Clock(wall="9999-12-31T23:59:59Z", mono_ms=0, boot_id="a"),
    sent=Clock(wall="0001-01-01T00:00:00Z", mono_ms=0, boot_id="b"),
    spoken=RECEIVED,
)
def test_no_clock_raises_or_lies_in_the_future(at: Clock, sent: Clock, spoken: datetime) -> None:
    found = estimate(at, sent, RECEIVED)
    assert found.at <= RECEIVED
    assert found.uncertainty >= timedelta(seconds=30)
    for wall in (wall_time(at.wall), wall_time(sent.wall)):
        if wall is None or abs(wall - RECEIVED) > TEN_YEARS:
            assert found.skewed
    assert found.corrected(spoken, RECEIVED) <= RECEIVED


@given(
    error=st.timedeltas(-TEN_YEARS, TEN_YEARS),
    ago=st.timedeltas(timedelta(0), timedelta(days=300)),
    rebooted=st.booleans(),
)
def test_a_steady_error_of_the_wall_clock_is_taken_out(
    error: timedelta, ago: timedelta, rebooted: bool
) -> None:
    captured = clock(RECEIVED + error - ago, mono=timedelta(0), boot="a")
    sent = clock(RECEIVED + error, mono=ago, boot="b" if rebooted else "a")
    found = estimate(captured, sent, RECEIVED)
    assert abs(found.at - (RECEIVED - ago)) <= timedelta(milliseconds=1)
    assert found.skewed is (abs(error) > SKEW_LIMIT)
    ended = RECEIVED + error - ago - timedelta(minutes=20)
    assert abs(found.corrected(ended, RECEIVED) - (RECEIVED - ago - timedelta(minutes=20))) <= timedelta(
        milliseconds=1
    )


def test_an_end_that_leads_nowhere_is_the_capture() -> None:
    """The clock stood in year 9999 at the capture and was right when the inspection ended."""
    captured = Clock(wall="9999-12-31T23:59:59Z", mono_ms=0, boot_id="a")
    found = estimate(captured, clock(RECEIVED, mono=HOUR, boot="a"), RECEIVED)
    assert found.corrected(RECEIVED - 2 * HOUR, RECEIVED) == RECEIVED - HOUR


def test_an_inspection_entered_from_paper_keeps_its_day() -> None:
    """A clock that is right is believed about a day past; about one long past it is a slip of the finger."""
    found: Estimate = estimate(clock(RECEIVED), clock(RECEIVED), RECEIVED)
    past, long_past = RECEIVED - timedelta(days=60), RECEIVED - timedelta(days=365)
    assert (found.corrected(past, RECEIVED), found.is_near(past)) == (past, True)
    assert (found.corrected(long_past, RECEIVED), found.is_near(long_past)) == (found.at, False)
