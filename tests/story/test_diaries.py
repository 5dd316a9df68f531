"""Every diary, on both databases: each notice by name, on its day, to its receivers, and no other."""

from pathlib import Path

import pytest

from tests.actions.bench import Bench
from tests.story.diary import play
from tests.story.scenes import Scene

DIARIES = sorted((Path(__file__).parent / "diaries").glob("*.txt"), key=lambda path: path.name)


@pytest.mark.parametrize("diary", DIARIES, ids=lambda path: path.stem)
def test_it_goes_as_the_diary_says(diary: Path, county: Bench) -> None:
    play(diary.read_text("utf-8"), Scene(county))


def test_a_diary_that_is_wrong_fails(county: Bench) -> None:
    """The reader itself: a notice that nobody sent, one that is left out, a wrong day of the week."""
    text = DIARIES[0].read_text("utf-8")
    lines = [line for line in text.splitlines() if "警示" not in line]
    with pytest.raises(AssertionError, match="警示"):
        play("\n".join(lines), Scene(county))
    with pytest.raises(AssertionError, match="another day of the week"):
        play("2026-10-08 周五\n", Scene(county))
