"""The first schema: every table, and a history of hazards that can only grow."""

# ruff: noqa: E501, PLR0915

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blob",
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_type", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("stored_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("exif", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("prepared", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.CheckConstraint("length(sha256) = 64 AND size > 0", name=op.f("ck_blob_named")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_year")),
    )
    op.create_table(
        "instance",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("value", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_instance")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("run_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("name", "key", name=op.f("uq_job_name_key")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_run_at"), ["run_at"], unique=False)

    op.create_table(
        "login_attempt",
        sa.Column("name_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("last_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_login_attempt")),
    )
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_attempt_last_at"), ["last_at"], unique=False)

    op.create_table(
        "region",
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True),
        sa.CheckConstraint("length(code) IN (2, 4, 6, 9, 12)", name=op.f("ck_region_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
    )
    op.create_table(
        "stream",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("head", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stream")),
        sa.UniqueConstraint("name", name=op.f("uq_stream_name")),
    )
    op.create_table(
        "enterprise",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("credit_code", sqlmodel.sql.sqltypes.AutoString(length=18), nullable=True),
        sa.Column("contact", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("industry", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("region_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("rev", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "industry IN ('hazmat', 'coal_mine', 'mine', 'tailings', 'construction', 'fire', 'public_place', 'natural_hazard', 'other')",
            name=op.f("ck_enterprise_industry"),
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_enterprise_region_code_region")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_enterprise_credit_code")),
    )
    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enterprise_region_code"), ["region_code"], unique=False)

    op.create_table(
        "feed",
        sa.Column("stream_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entity", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rev", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.CheckConstraint("kind IN ('put', 'remove', 'leave')", name=op.f("ck_feed_kind")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_feed_stream_id_stream")),
        sa.PrimaryKeyConstraint("stream_id", "entity", "entity_id", name=op.f("pk_feed")),
        sa.UniqueConstraint("stream_id", "seq", name=op.f("uq_feed_stream_id_seq")),
    )
    op.create_table(
        "thumbnail",
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("derived", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name=op.f("fk_thumbnail_sha256_blob")),
        sa.PrimaryKeyConstraint("sha256", "size", name=op.f("pk_thumbnail")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("industries", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("disabled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(role = 'enterprise') = (enterprise_id IS NOT NULL)", name=op.f("ck_account_enterprise")
        ),
        sa.CheckConstraint(
            "role IN ('inspector', 'officer', 'regulator', 'enterprise', 'expert', 'admin', 'security_admin', 'auditor', 'service')",
            name=op.f("ck_account_role"),
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_account_enterprise_id_enterprise")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_enterprise_id"), ["enterprise_id"], unique=False)

    op.create_table(
        "site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("industry", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("grid_code", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=True),
        sa.Column("position", sa.JSON(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("qr", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("risk", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("rev", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "industry IN ('hazmat', 'coal_mine', 'mine', 'tailings', 'construction', 'fire', 'public_place', 'natural_hazard', 'other')",
            name=op.f("ck_site_industry"),
        ),
        sa.CheckConstraint("risk IN ('red', 'orange', 'yellow', 'blue')", name=op.f("ck_site_risk")),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name=op.f("ck_site_position")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_site_enterprise_id_enterprise")
        ),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_site_region_code_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("qr", name=op.f("uq_site_qr")),
    )
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_site_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_site_grid_code"), ["grid_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_site_region_code"), ["region_code"], unique=False)

    op.create_table(
        "account_grid",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("grid_code", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("given_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("taken_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_grid_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "grid_code", "given_at", name=op.f("pk_account_grid")),
    )
    with op.batch_alter_table("account_grid", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_grid_grid_code"), ["grid_code"], unique=False)

    op.create_table(
        "account_region",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("given_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("taken_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_region_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "code", "given_at", name=op.f("pk_account_region")),
    )
    with op.batch_alter_table("account_region", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_region_code"), ["code"], unique=False)

    op.create_table(
        "blob_upload",
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_blob_upload_account_id_account")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name=op.f("fk_blob_upload_sha256_blob")),
        sa.PrimaryKeyConstraint("sha256", "account_id", name=op.f("pk_blob_upload")),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("model", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("app_version", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("enrolled_by", sa.Uuid(), nullable=False),
        sa.Column("enrolled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("revoked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["enrolled_by"], ["account.id"], name=op.f("fk_device_enrolled_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_table(
        "operation",
        sa.Column("filed_id", sa.Uuid(), nullable=False),
        sa.Column("op_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=True),
        sa.Column("encoding", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("captured_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("uncertainty_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offset_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("skewed", sa.Boolean(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("outcome", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("region_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True),
        sa.Column("judged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("rev", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "code IN ('applied', 'conflict', 'held', 'quarantined', 'dismissed')",
            name=op.f("ck_operation_code"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_operation_account_id_account")),
        sa.ForeignKeyConstraint(
            ["released_by"], ["account.id"], name=op.f("fk_operation_released_by_account")
        ),
        sa.PrimaryKeyConstraint("filed_id", name=op.f("pk_operation")),
    )
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_operation_held",
            ["judged_at"],
            unique=False,
            postgresql_where=sa.text("code = 'held'"),
            sqlite_where=sa.text("code = 'held'"),
        )
        batch_op.create_index(
            "ix_operation_quarantined",
            ["received_at"],
            unique=False,
            postgresql_where=sa.text("code = 'quarantined'"),
            sqlite_where=sa.text("code = 'quarantined'"),
        )

    op.create_table(
        "site_place",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("region_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("grid_code", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_place_site_id_site")),
        sa.PrimaryKeyConstraint("site_id", "until", name=op.f("pk_site_place")),
    )
    op.create_table(
        "held_wait",
        sa.Column("filed_id", sa.Uuid(), nullable=False),
        sa.Column("waits_for", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filed_id"], ["operation.filed_id"], name=op.f("fk_held_wait_filed_id_operation")
        ),
        sa.PrimaryKeyConstraint("filed_id", "waits_for", name=op.f("pk_held_wait")),
    )
    with op.batch_alter_table("held_wait", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_held_wait_waits_for"), ["waits_for"], unique=False)

    op.create_table(
        "inspection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("root", sa.Uuid(), nullable=False),
        sa.Column("amends", sa.Uuid(), nullable=True),
        sa.Column("op_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("industry", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("region_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("grid_code", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=True),
        sa.Column("checklist_code", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("checklist_version", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("finished_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("flags", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("rev", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["amends"], ["inspection.id"], name=op.f("fk_inspection_amends_inspection")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_inspection_enterprise_id_enterprise")
        ),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["account.id"], name=op.f("fk_inspection_inspector_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["op_id"], ["operation.filed_id"], name=op.f("fk_inspection_op_id_operation")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_inspection_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
    )
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inspection_amends"), ["amends"], unique=False)
        batch_op.create_index(batch_op.f("ix_inspection_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_inspection_grid_code"), ["grid_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_inspection_region_code"), ["region_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_inspection_root"), ["root"], unique=False)
        batch_op.create_index(batch_op.f("ix_inspection_site_id"), ["site_id"], unique=False)

    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("access_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("access_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("refresh_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("spent_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("refresh_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_session_account_id_account")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_session_device_id_device")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("access_hash", name=op.f("uq_session_access_hash")),
        sa.UniqueConstraint("refresh_hash", name=op.f("uq_session_refresh_hash")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_device_id"), ["device_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_spent_hash"), ["spent_hash"], unique=False)

    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("op_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("result", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("visited_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("result IN ('closed', 'refused', 'moved')", name=op.f("ck_visit_result")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_visit_account_id_account")),
        sa.ForeignKeyConstraint(["op_id"], ["operation.filed_id"], name=op.f("fk_visit_op_id_operation")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_visit_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_site_id"), ["site_id"], unique=False)

    op.create_table(
        "hazard",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column("grade", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("suspected_major", sa.Boolean(), nullable=False),
        sa.Column("order_kind", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("industry", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("grid_code", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=True),
        sa.Column("position", sa.JSON(), nullable=True),
        sa.Column("source_kind", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=True),
        sa.Column("checklist", sqlmodel.sql.sqltypes.AutoString(length=170), nullable=True),
        sa.Column("item", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("criterion", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=True),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("found_by", sa.Uuid(), nullable=False),
        sa.Column("found_role", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("reported_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("served_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("first_due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("rectified_by", sa.Uuid(), nullable=True),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.Column("on_site_pending", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("extensions", sa.JSON(), nullable=False),
        sa.Column("extension_pending", sa.Boolean(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("resumption_pending", sa.Boolean(), nullable=False),
        sa.Column("workers_told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("listed_level", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=True),
        sa.Column("listed_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("listed_due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("transferred_to", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=True),
        sa.Column("duplicate_of", sa.Uuid(), nullable=True),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("due_party", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=True),
        sa.Column("due_kind", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=True),
        sa.Column("due_rule", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("step_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("evidence_pending", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("rev", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("acted_rev", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("updated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("due_party IN ('enterprise', 'regulator')", name=op.f("ck_hazard_due_party")),
        sa.CheckConstraint("grade IN ('general', 'major')", name=op.f("ck_hazard_grade")),
        sa.CheckConstraint(
            "industry IN ('hazmat', 'coal_mine', 'mine', 'tailings', 'construction', 'fire', 'public_place', 'natural_hazard', 'other')",
            name=op.f("ck_hazard_industry"),
        ),
        sa.CheckConstraint(
            "is_open = (status NOT IN ('closed', 'dismissed'))", name=op.f("ck_hazard_is_open")
        ),
        sa.CheckConstraint(
            "listed_level IN ('county', 'city', 'province', 'state')", name=op.f("ck_hazard_listed_level")
        ),
        sa.CheckConstraint("order_kind IN ('self', 'urged', 'ordered')", name=op.f("ck_hazard_order_kind")),
        sa.CheckConstraint(
            "status IN ('reported', 'plan_due', 'plan_review', 'rectifying', 'verifying', 'review', 'closed', 'dismissed')",
            name=op.f("ck_hazard_status"),
        ),
        sa.CheckConstraint("(due_at IS NULL) = (due_party IS NULL)", name=op.f("ck_hazard_due")),
        sa.CheckConstraint(
            "evidence_pending >= 0 AND rev >= 1 AND cycle >= 1", name=op.f("ck_hazard_counts")
        ),
        sa.CheckConstraint("step BETWEEN 0 AND 7", name=op.f("ck_hazard_step")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_hazard_enterprise_id_enterprise")
        ),
        sa.ForeignKeyConstraint(["found_by"], ["account.id"], name=op.f("fk_hazard_found_by_account")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_hazard_inspection_id_inspection")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_hazard_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hazard")),
    )
    with op.batch_alter_table("hazard", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hazard_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index("ix_hazard_grid_due", ["grid_code", "due_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hazard_inspection_id"), ["inspection_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hazard_number"), ["number"], unique=False)
        batch_op.create_index(
            "ix_hazard_open_due",
            ["due_at", "id"],
            unique=False,
            postgresql_where=sa.text("is_open"),
            sqlite_where=sa.text("is_open"),
        )
        batch_op.create_index("ix_hazard_region_due", ["region_code", "due_at", "id"], unique=False)
        batch_op.create_index("ix_hazard_reported", ["reported_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hazard_site_id"), ["site_id"], unique=False)
        batch_op.create_index("ix_hazard_updated", ["updated_at", "id"], unique=False)

    op.create_table(
        "clock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("party", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("rule", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("calendar_version", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("explanation", sa.JSON(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("step_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("next_step_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("is_running", sa.Boolean(), nullable=False),
        sa.Column("stopped_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('plan', 'rectification', 'report_to_workers', 'service', 'confirmation', 'plan_decision', 'extension_decision', 'reinspection', 'final_review', 'resumption_decision', 'listing')",
            name=op.f("ck_clock_kind"),
        ),
        sa.CheckConstraint("party IN ('enterprise', 'regulator')", name=op.f("ck_clock_party")),
        sa.CheckConstraint("is_running OR next_step_at IS NULL", name=op.f("ck_clock_stopped")),
        sa.CheckConstraint("step BETWEEN 0 AND 7", name=op.f("ck_clock_step")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_clock_hazard_id_hazard")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
        sa.UniqueConstraint("hazard_id", "kind", "cycle", name=op.f("uq_clock_hazard_id_kind_cycle")),
    )
    with op.batch_alter_table("clock", schema=None) as batch_op:
        batch_op.create_index(
            "ix_clock_next_step",
            ["next_step_at", "hazard_id"],
            unique=False,
            postgresql_where=sa.text("next_step_at IS NOT NULL"),
            sqlite_where=sa.text("next_step_at IS NOT NULL"),
        )

    op.create_table(
        "hazard_event",
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("op_id", sa.Uuid(), nullable=True),
        sa.Column("op_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_hazard_event_hazard_id_hazard")),
        sa.ForeignKeyConstraint(
            ["op_id"], ["operation.filed_id"], name=op.f("fk_hazard_event_op_id_operation")
        ),
        sa.PrimaryKeyConstraint("hazard_id", "n", name=op.f("pk_hazard_event")),
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("is_present", sa.Boolean(), nullable=False),
        sa.Column("op_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=True),
        sa.Column("hazard_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("content_type", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.Column("taken_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("position", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("caption", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=True),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("grid_code", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=True),
        sa.Column("industry", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("rev", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_photo_account_id_account")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_photo_hazard_id_hazard")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_photo_inspection_id_inspection")
        ),
        sa.ForeignKeyConstraint(["op_id"], ["operation.filed_id"], name=op.f("fk_photo_op_id_operation")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_photo_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_photo_hazard_id"), ["hazard_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_photo_inspection_id"), ["inspection_id"], unique=False)
        batch_op.create_index("ix_photo_sha256", ["sha256", "is_present"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=48), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("cause", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("delivered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answer_due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=True),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("rev", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("kind IN ('step', 'alert', 'service')", name=op.f("ck_notice_kind")),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_notice_answer")),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_notice_clock_id_clock")),
        sa.ForeignKeyConstraint(["hazard_id"], ["hazard.id"], name=op.f("fk_notice_hazard_id_hazard")),
        sa.ForeignKeyConstraint(["receiver_id"], ["account.id"], name=op.f("fk_notice_receiver_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("cause", "receiver_id", name=op.f("uq_notice_cause_receiver_id")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_hazard_id"), ["hazard_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_receiver_id"), ["receiver_id"], unique=False)
    _make_history_append_only()


def downgrade() -> None:
    _drop_triggers()
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_receiver_id"))
        batch_op.drop_index(batch_op.f("ix_notice_hazard_id"))

    op.drop_table("notice")
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.drop_index("ix_photo_sha256")
        batch_op.drop_index(batch_op.f("ix_photo_inspection_id"))
        batch_op.drop_index(batch_op.f("ix_photo_hazard_id"))

    op.drop_table("photo")
    op.drop_table("hazard_event")
    with op.batch_alter_table("clock", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_clock_next_step",
            postgresql_where=sa.text("next_step_at IS NOT NULL"),
            sqlite_where=sa.text("next_step_at IS NOT NULL"),
        )

    op.drop_table("clock")
    with op.batch_alter_table("hazard", schema=None) as batch_op:
        batch_op.drop_index("ix_hazard_updated")
        batch_op.drop_index(batch_op.f("ix_hazard_site_id"))
        batch_op.drop_index("ix_hazard_reported")
        batch_op.drop_index("ix_hazard_region_due")
        batch_op.drop_index(
            "ix_hazard_open_due", postgresql_where=sa.text("is_open"), sqlite_where=sa.text("is_open")
        )
        batch_op.drop_index(batch_op.f("ix_hazard_number"))
        batch_op.drop_index(batch_op.f("ix_hazard_inspection_id"))
        batch_op.drop_index("ix_hazard_grid_due")
        batch_op.drop_index(batch_op.f("ix_hazard_enterprise_id"))

    op.drop_table("hazard")
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_site_id"))

    op.drop_table("visit")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_spent_hash"))
        batch_op.drop_index(batch_op.f("ix_session_device_id"))
        batch_op.drop_index(batch_op.f("ix_session_account_id"))

    op.drop_table("session")
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inspection_site_id"))
        batch_op.drop_index(batch_op.f("ix_inspection_root"))
        batch_op.drop_index(batch_op.f("ix_inspection_region_code"))
        batch_op.drop_index(batch_op.f("ix_inspection_grid_code"))
        batch_op.drop_index(batch_op.f("ix_inspection_enterprise_id"))
        batch_op.drop_index(batch_op.f("ix_inspection_amends"))

    op.drop_table("inspection")
    with op.batch_alter_table("held_wait", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_held_wait_waits_for"))

    op.drop_table("held_wait")
    op.drop_table("site_place")
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_operation_quarantined",
            postgresql_where=sa.text("code = 'quarantined'"),
            sqlite_where=sa.text("code = 'quarantined'"),
        )
        batch_op.drop_index(
            "ix_operation_held",
            postgresql_where=sa.text("code = 'held'"),
            sqlite_where=sa.text("code = 'held'"),
        )

    op.drop_table("operation")
    op.drop_table("device")
    op.drop_table("blob_upload")
    with op.batch_alter_table("account_region", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_region_code"))

    op.drop_table("account_region")
    with op.batch_alter_table("account_grid", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_grid_grid_code"))

    op.drop_table("account_grid")
    with op.batch_alter_table("site", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_site_region_code"))
        batch_op.drop_index(batch_op.f("ix_site_grid_code"))
        batch_op.drop_index(batch_op.f("ix_site_enterprise_id"))

    op.drop_table("site")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_enterprise_id"))

    op.drop_table("account")
    op.drop_table("thumbnail")
    op.drop_table("feed")
    with op.batch_alter_table("enterprise", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enterprise_region_code"))

    op.drop_table("enterprise")
    op.drop_table("stream")
    op.drop_table("region")
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_attempt_last_at"))

    op.drop_table("login_attempt")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_run_at"))

    op.drop_table("job")
    op.drop_table("instance")
    op.drop_table("calendar_year")
    op.drop_table("calendar_day")
    op.drop_table("blob")


# An UPDATE or DELETE of an entry is refused by the database itself. SQLite drops triggers with the table
# that a batch rebuilds: a later revision that rebuilds hazard_event has to make them again.
def _make_history_append_only() -> None:
    if op.get_context().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER hazard_event_no_{verb.lower()} BEFORE {verb} ON hazard_event "
                "BEGIN SELECT RAISE(ABORT, 'hazard_event is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE TRIGGER hazard_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hazard_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _drop_triggers() -> None:
    if op.get_context().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER hazard_event_no_{verb}")
        return
    op.execute("DROP TRIGGER hazard_event_append_only ON hazard_event")
    op.execute("DROP FUNCTION refuse_change()")
