"""Settings from the environment; a bad value stops the start and says which variable it was."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from sync.limits import LIMITS

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingsError(Exception):
    """A variable of the environment has a value that cannot be used."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set, with its default. Names in the environment are upper case."""

    host: str = "127.0.0.1"
    port: int = 8080
    data_dir: Path = Path("var")
    database_url: str = ""
    blobs: str = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: str = ""
    s3_secret_key: str = ""
    s3_checksums: str = "when_required"
    s3_connect_s: float = 2
    s3_read_s: float = 10
    signing_key_file: str = ""
    risk_rules_file: str = ""
    channels_file: str = ""
    rules_dir: str = ""
    db_pool: int = 16
    max_blob_bytes: int = 64 * 1024 * 1024
    spool_bytes: int = 1024**3
    spool_free_bytes: int = 1024**3
    upload_days: int = LIMITS.upload_days
    max_uploads: int = LIMITS.uploads
    orphan_days: int = 60
    scrub_days: int = 30
    scrub_bytes_per_s: int = 2 * 1024 * 1024
    access_token_minutes: int = 60
    refresh_token_days: int = 90
    phones_keep_days: int = 30
    leaves_kept_days: int = 180
    unsafe_durability: bool = False
    demo: bool = False

    @property
    def sqlalchemy_url(self) -> str:
        """`DATABASE_URL` for SQLAlchemy; the embedded SQLite file when none is set."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir.resolve() / 'inspect.db'}"
        if self.database_url.startswith(("postgresql://", "postgres://")):
            return "postgresql+psycopg://" + self.database_url.split("://", 1)[1]
        return self.database_url

    @property
    def signing_key_path(self) -> Path:
        """The Ed25519 private key of receipts (PEM), made on the first start."""
        return Path(self.signing_key_file) if self.signing_key_file else self.data_dir / "signing.pem"


_FROM_ONE_TO = {
    "port": 65535,
    "db_pool": 200,
    "access_token_minutes": 24 * 60,
    "refresh_token_days": 366,
    "phones_keep_days": 366,
    "leaves_kept_days": 3660,
    "upload_days": 90,
    "max_uploads": 100_000,
    "orphan_days": 3660,
    "scrub_days": 366,
    "scrub_bytes_per_s": 10**10,
}


def load_settings(env: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Read the environment. Raises SettingsError naming the variable and what it should be."""
    env = os.environ if env is None else env
    given: dict[str, object] = {}
    for name in Settings.__struct_fields__:
        text = env.get(name.upper())
        if text not in (None, ""):
            given[name] = text
    given.update(overrides)
    try:
        settings = msgspec.convert(given, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise SettingsError(_name_variable(str(error))) from None
    _check(settings)
    return settings


def _path(kind: type, value: object) -> Path:
    if kind is Path and isinstance(value, str | Path):
        return Path(value)
    raise NotImplementedError(kind)


def _name_variable(message: str) -> str:
    what, _, where = message.partition(" - at `$.")
    return f"{where.rstrip('`').upper()}: {what}" if where else message


def _check(settings: Settings) -> None:
    if settings.max_blob_bytes < 1024 * 1024:
        raise SettingsError("MAX_BLOB_BYTES: less than 1 MiB would refuse ordinary photos")
    for name, most in _FROM_ONE_TO.items():
        if not 1 <= (value := getattr(settings, name)) <= most:
            raise SettingsError(f"{name.upper()}: {value} is not between 1 and {most}")
    for name in ("spool_bytes", "spool_free_bytes"):
        if getattr(settings, name) < 0:
            raise SettingsError(f"{name.upper()}: less than nothing")
    for name in ("s3_connect_s", "s3_read_s"):
        if not 0.1 <= getattr(settings, name) <= 60:
            raise SettingsError(f"{name.upper()}: not between 0.1 and 60 seconds")
    scheme = settings.sqlalchemy_url.split(":", 1)[0]
    if scheme not in ("sqlite", "postgresql+psycopg"):
        raise SettingsError(f"DATABASE_URL: {scheme}:// is neither postgresql:// nor sqlite:///")
    if settings.blobs and urlsplit(settings.blobs).scheme not in ("s3", "file"):
        raise SettingsError("BLOBS: use s3://bucket, file:///folder or leave it empty")
    if settings.blobs.startswith("s3://") and not (settings.s3_access_key and settings.s3_secret_key):
        raise SettingsError("S3_ACCESS_KEY and S3_SECRET_KEY are needed when BLOBS is s3://…")
    if settings.s3_checksums not in ("when_required", "when_supported"):
        raise SettingsError("S3_CHECKSUMS: when_required or when_supported")
    if settings.demo and settings.host not in LOOPBACK:
        raise SettingsError(f"HOST: demo accounts have a public password; {settings.host} is not loopback")
