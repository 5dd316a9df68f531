"""The demo county: people, sites and a month of work, made through the public API."""
