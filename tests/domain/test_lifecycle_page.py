"""docs/lifecycle.md is what the table says, in words for everything that stands in it."""

from pathlib import Path
from typing import get_args

from inspect_api.domain.commands import EFFECTS
from inspect_api.domain.lifecycle_page import lifecycle_page
from inspect_api.domain.moves import COMMANDS, MOVES
from inspect_api.domain.words import COMMAND_NAMES, STATUS_ENGLISH, STATUS_NAMES
from sync import commands as wire
from sync.entities import Status

PAGE = Path(__file__).parents[2] / "docs" / "lifecycle.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == lifecycle_page(), "run `python -m inspect_api lifecycle`"


def test_every_row_of_the_table_is_on_it() -> None:
    moves = lifecycle_page().split("## Moves")[1].split("## Effects")[0]
    rows = [line for line in moves.splitlines() if line.startswith("| `hazard.")]
    assert len(rows) == len(MOVES)
    for row, move in zip(rows, MOVES, strict=True):
        assert f"`{move.command}`" in row
        assert all(f"`{status}`" in row for status in (*move.statuses, *move.to.values()))
        assert all(role in row for role in move.roles)
        assert all(condition.zh in row and condition.en in row for condition in move.when)


def test_table_effects_words_and_wire_name_the_same_commands() -> None:
    assert set(COMMANDS) == set(EFFECTS) == set(COMMAND_NAMES) == set(wire.COMMANDS)
    assert set(get_args(Status)) == set(STATUS_NAMES) == set(STATUS_ENGLISH)
