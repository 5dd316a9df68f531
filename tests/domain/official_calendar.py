"""The calendar of the State Council's notices for 2023 to 2026, kept apart from the product's own seed."""

import json
from datetime import date
from pathlib import Path

from inspect_api.domain.calendar import Calendar

_DATA = Path(__file__).parent.parent / "data" / "holidays_2023_2026.json"
NOTICED = range(2023, 2027)

OFFICIAL_DAYS: dict[date, bool] = {
    date.fromisoformat(day["date"]): not day["off"] for day in json.loads(_DATA.read_text("utf-8"))["days"]
}
OFFICIAL = Calendar("2026.1", OFFICIAL_DAYS, frozenset(NOTICED))
