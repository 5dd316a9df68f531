"""The four colours of a region."""

from inspect_api.actions.show_risk import ShownRisk, show_risk
from inspect_api.actions.work import Work
from inspect_api.http.asked import Asked


def show(work: Work, asked: Asked) -> ShownRisk:
    """GET /regions/{code}/risk"""
    return show_risk(work, asked.text("code"))
