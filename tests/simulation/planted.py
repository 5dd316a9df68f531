"""Every planted bug, by name."""

from tests.simulation import planted_feed, planted_filing, planted_hazards, planted_phone, planted_restore
from tests.simulation.planting import BUGS

__all__ = ["BUGS", "planted_feed", "planted_filing", "planted_hazards", "planted_phone", "planted_restore"]
