"""The rules of an installation: those that ship, and the county's own where it has a folder of them."""

from pathlib import Path

from inspect_api.domain.county_rules import add_deadlines, add_ladders
from inspect_api.domain.coverage import CoverageRules, read_coverage, shipped_coverage
from inspect_api.domain.deadline import DeadlineRules, shipped_deadlines
from inspect_api.domain.escalation import Ladders, shipped_ladders
from inspect_api.domain.photo_rules import PhotoRules, read_photo_rules, shipped_photo_rules
from inspect_api.domain.rulefiles import RuleFileError
from inspect_api.domain.sampling import SampleRules, read_sampling, shipped_sampling
from inspect_api.settings import SettingsError

_DEADLINES, _LADDERS = "deadlines.yaml", "ladders.yaml"
_COVERAGE, _SAMPLING, _PHOTOS = "coverage.yaml", "sampling.yaml", "photos.yaml"
_KNOWN = (_DEADLINES, _LADDERS, _COVERAGE, _SAMPLING, _PHOTOS)


def load_rules(folder: str) -> tuple[DeadlineRules, Ladders]:
    """Day counts and ladders; `folder` empty: only what ships.

    Raises SettingsError with every mistake, each with file, line and field, and for a file of another name,
    which nobody would read.
    """
    deadlines, ladders = shipped_deadlines(), shipped_ladders()
    if not folder:
        return deadlines, ladders
    try:
        files = {path.name: path for path in Path(folder).iterdir() if path.suffix in (".yaml", ".yml")}
        strange = sorted(files.keys() - set(_KNOWN))
        if strange:
            raise SettingsError(f"RULES_DIR: {files[strange[0]]} is none of {', '.join(_KNOWN)}")
        if _DEADLINES in files:
            deadlines = add_deadlines(deadlines, _text(files[_DEADLINES]), str(files[_DEADLINES]))
        if _LADDERS in files:
            ladders = add_ladders(ladders, _text(files[_LADDERS]), str(files[_LADDERS]))
    except (OSError, RuleFileError) as error:
        raise SettingsError(f"RULES_DIR: {error}") from None
    return deadlines, ladders


def load_coverage(folder: str) -> CoverageRules:
    """How often whom, a county's own before what ships. Raises SettingsError with every mistake."""
    path = Path(folder) / _COVERAGE
    if not folder or not path.exists():
        return shipped_coverage()
    try:
        return read_coverage(_text(path), str(path), shipped_coverage())
    except (OSError, RuleFileError) as error:
        raise SettingsError(f"RULES_DIR: {error}") from None


def load_sampling(folder: str) -> SampleRules:
    """Shares of what enterprises accept themselves: the county's own file instead of what ships."""
    path = Path(folder) / _SAMPLING
    if not folder or not path.exists():
        return shipped_sampling()
    try:
        return read_sampling(_text(path), str(path))
    except (OSError, RuleFileError) as error:
        raise SettingsError(f"RULES_DIR: {error}") from None


def load_photo_rules(folder: str) -> PhotoRules:
    """When what a photo says is shown as doubtful: the county's own file instead of what ships."""
    path = Path(folder) / _PHOTOS
    if not folder or not path.exists():
        return shipped_photo_rules()
    try:
        return read_photo_rules(_text(path), str(path))
    except (OSError, RuleFileError) as error:
        raise SettingsError(f"RULES_DIR: {error}") from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SettingsError(f"RULES_DIR: {path}: is not UTF-8: {error.reason}") from None
