"""`python -m inspect_api` is `inspect-api`."""

from inspect_api.cli import main

main()
