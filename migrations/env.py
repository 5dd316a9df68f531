"""Alembic's environment: the product's own engine, both databases, one set of revisions."""

from alembic import context

from inspect_api.settings import load_settings
from inspect_api.store.migrating import run_revisions

run_revisions(context, load_settings().sqlalchemy_url)
