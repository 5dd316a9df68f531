"""The one table of routes: who may ask what. A request that is not in it is 404."""

from checklists.model import Evaluation
from inspect_api.actions.explain_hazard import Explanation
from inspect_api.actions.give_tasks import GIVERS
from inspect_api.actions.issue_report import IssueReport, ShownReport
from inspect_api.actions.list_checklists import ChecklistList, ShownChecklist
from inspect_api.actions.list_hazards import HazardList
from inspect_api.actions.list_inspections import InspectionList
from inspect_api.actions.list_notices import NoticeList
from inspect_api.actions.list_sites import SiteList
from inspect_api.actions.list_tasks import TaskList
from inspect_api.actions.log_in import LoggedIn, Login, Refresh, User
from inspect_api.actions.quarantine import OutcomeList, QuarantineList
from inspect_api.actions.report_coverage import CoverageReport
from inspect_api.actions.show_deliveries import OVERSEERS, NoticeDetail, NoticeDetailList
from inspect_api.actions.show_history import History
from inspect_api.actions.show_risk import ShownRisk
from inspect_api.actions.summarise_overdue import OverdueSummary
from inspect_api.domain.access import READERS
from inspect_api.errors import Code
from inspect_api.http import (
    checklists,
    exports,
    hazards,
    health,
    hello,
    inspections,
    login,
    metrics,
    notices,
    overdue,
    quarantine,
    reports,
    risk,
    sites,
    sync,
    tasks,
)
from inspect_api.http.cells import XLSX
from inspect_api.http.photo_routes import PHOTOS, UPLOADS
from inspect_api.http.route import EVERYBODY, PUBLIC, Route
from sync.entities import Enterprise, HazardDetail, Inspection, Notice, Site
from sync.envelope import Outcome, Pull, PullAnswer, Push, PushAnswer
from sync.task import GiveTasks, Task, WithdrawTask

SESSIONS = (
    Route(
        method="GET", path="/hello", roles=PUBLIC, handler=hello.hello, answers=hello.Hello,
        summary="Versions, limits and keys; before login",
    ),
    Route(
        method="POST", path="/auth/login", roles=PUBLIC, endpoint=login.log_in, body=Login, answers=LoggedIn,
        summary="Log in, and enrol this phone",
        problems=(Code.BAD_CREDENTIALS, Code.UNAUTHORIZED, Code.FORBIDDEN, Code.TOO_MANY_ATTEMPTS),
        examples=("login",),
    ),
    Route(
        method="POST", path="/auth/refresh", roles=PUBLIC, handler=login.refresh, body=Refresh,
        answers=LoggedIn, writes=True, summary="New tokens for old; a refresh token serves once",
        problems=(Code.UNAUTHORIZED,), examples=("refresh",),
    ),
    Route(
        method="POST", path="/auth/logout", roles=EVERYBODY, handler=login.log_out, writes=True,
        ends_sessions=True, status=204, summary="Close this session",
    ),
    Route(
        method="GET", path="/me", roles=EVERYBODY, handler=login.me, answers=User,
        summary="Who is logged in, and with which scope",
    ),
)  # fmt: skip

SYNC = (
    Route(
        method="POST", path="/sync/push", roles=EVERYBODY, handler=sync.push, writes=True, body=Push,
        whole_body_is_malformed=True, answers=PushAnswer,
        summary="Hand in what was captured: one outcome for each operation, and a signed receipt",
        problems=(Code.UNSUPPORTED_PROTOCOL,), examples=("push",),
    ),
    Route(
        method="POST", path="/sync/pull", roles=READERS, endpoint=sync.pull, begins=sync.begins,
        body=Pull, answers=PullAnswer,
        summary="What has changed since a cursor, or the present state of the scope",
        problems=(
            Code.UNSUPPORTED_PROTOCOL, Code.SCOPE_TOO_WIDE, Code.CURSOR_INVALID, Code.EPOCH_CHANGED,
        ),
        examples=("pull",),
    ),
    Route(
        method="POST", path="/hazards/{id}/commands", roles=READERS, handler=sync.command, writes=True,
        body=sync.CommandRequest, answers=Outcome, also=(409,),
        summary="One command on a hazard; 409 carries the outcome `conflict`",
        problems=(
            Code.NOT_FOUND, Code.SEPARATION_OF_DUTIES, Code.OP_ID_REUSED, Code.UNKNOWN_KIND,
            Code.PLAN_INCOMPLETE, Code.EVIDENCE_MISSING, Code.CRITERION_MISSING,
        ),
        examples=("confirm",),
    ),
)  # fmt: skip

QUARANTINE = (
    Route(
        method="POST", path="/sync/deposit", roles=EVERYBODY, handler=quarantine.deposit, writes=True,
        deposits=True, answers=PushAnswer,
        summary="Bytes that no push will take, kept whole; open for 30 days to accounts that have ended",
    ),
    Route(
        method="GET", path="/sync/outcomes", roles=READERS, handler=quarantine.outcomes,
        query=quarantine.OutcomeQuery, answers=OutcomeList,
        summary="What has become of the caller's own operations", problems=(Code.CURSOR_INVALID,),
    ),
    Route(
        method="GET", path="/quarantine", roles=READERS, handler=quarantine.list_them,
        query=quarantine.QuarantineQuery, answers=QuarantineList,
        summary="Operations that were kept and not applied: the caller's own, and those he supervises",
        problems=(Code.CURSOR_INVALID,),
    ),
    Route(
        method="POST", path="/quarantine/{op_id}", roles=READERS, handler=quarantine.decide, writes=True,
        body=quarantine.Decision, answers=Outcome, summary="Release or dismiss a quarantined operation",
        problems=(Code.NOT_FOUND, Code.SEPARATION_OF_DUTIES), examples=("quarantine_release",),
    ),
)  # fmt: skip

REGISTER = (
    Route(
        method="GET", path="/hazards", roles=READERS, handler=hazards.list_them, query=hazards.HazardQuery,
        answers=HazardList, summary="The register of hazards, filtered and sorted",
        problems=(Code.CURSOR_INVALID,), of_a_moment=True,
    ),
    Route(
        method="GET", path="/hazards/{id}", roles=READERS, handler=hazards.show, answers=HazardDetail,
        query=hazards.MomentQuery, of_a_moment=True,
        summary="One hazard with its evidence, clocks, plan and extensions", problems=(Code.NOT_FOUND,),
    ),
    Route(
        method="GET", path="/hazards/{id}/history", roles=READERS, handler=hazards.history, answers=History,
        summary="Everything that happened to a hazard, as a hash chain", problems=(Code.NOT_FOUND,),
    ),
    Route(
        method="GET", path="/hazards/{id}/explain", roles=READERS, handler=hazards.explain,
        answers=Explanation, summary="Why this due date and this step, rule by rule",
        problems=(Code.NOT_FOUND,),
    ),
    Route(
        method="GET", path="/overdue/summary", roles=READERS, handler=overdue.summary,
        query=overdue.OverdueQuery, answers=OverdueSummary, of_a_moment=True,
        summary="What is open and overdue, by whom and since when; agrees with the register",
    ),
    Route(
        method="GET", path="/regions/{code}/risk", roles=READERS, handler=risk.show, answers=ShownRisk,
        summary="The four colours of a region, a village's sites or a grid's", problems=(Code.NOT_FOUND,),
    ),
)  # fmt: skip

REPORTS = (
    Route(
        method="GET", path="/reports/hazards", roles=READERS, handler=reports.show, query=reports.ReportQuery,
        answers=ShownReport, problems=(Code.NOT_FOUND,), of_a_moment=True,
        summary="Statutory statistics of a year, quarter or month: fresh, as known then, or as issued",
    ),
    Route(
        method="POST", path="/reports/hazards", roles=frozenset({"regulator"}), handler=reports.issue,
        writes=True, body=IssueReport, answers=ShownReport, examples=("issue_report",),
        summary="Issue an edition: frozen for ever, a correction makes a new one",
    ),
    Route(
        method="GET", path="/reports/hazards.xlsx", roles=READERS, endpoint=reports.workbook,
        query=reports.ReportQuery, answers=bytes, problems=(Code.NOT_FOUND,), media_type=XLSX,
        summary="The same as a workbook with the headings of the form",
    ),
    Route(
        method="GET", path="/reports/coverage", roles=READERS, handler=reports.coverage,
        query=reports.CoverageQuery, answers=CoverageReport, problems=(Code.CURSOR_INVALID,),
        summary="Which enterprises were inspected as often as they are to be, and which were not",
    ),
)  # fmt: skip

EXPORTS = tuple(
    Route(
        method="GET", path=f"/exports/hazards.{extension}", roles=READERS, endpoint=endpoint,
        query=exports.ExportQuery, answers=bytes, media_type=media_type, summary=summary,
    )
    for extension, endpoint, media_type, summary in (
        ("csv", exports.as_csv, "text/csv", "The register as CSV; a whole one ends with a line 合计"),
        ("xlsx", exports.as_xlsx, XLSX, "The register as a workbook, every text a text"),
        ("geojson", exports.as_geojson, "application/geo+json",
         "The register on a map (RFC 7946); a whole one ends with `complete`"),
    )
)  # fmt: skip

QUERIES = (
    Route(
        method="GET", path="/sites", roles=READERS, handler=sites.list_them, query=sites.SiteQuery,
        answers=SiteList, summary="Sites, also by their code (qr)", problems=(Code.CURSOR_INVALID,),
    ),
    Route(
        method="GET", path="/sites/{id}", roles=READERS, handler=sites.show, answers=Site,
        summary="One site", problems=(Code.NOT_FOUND,),
    ),
    Route(
        method="GET", path="/enterprises/{id}", roles=READERS, handler=sites.show_enterprise,
        answers=Enterprise, summary="One enterprise", problems=(Code.NOT_FOUND,),
    ),
    Route(
        method="GET", path="/inspections", roles=READERS, handler=inspections.list_them,
        query=inspections.InspectionQuery, answers=InspectionList, summary="Inspections, the latest first",
        problems=(Code.CURSOR_INVALID,),
    ),
    Route(
        method="GET", path="/inspections/{id}", roles=READERS, handler=inspections.show, answers=Inspection,
        summary="One inspection as submitted, and what came of it", problems=(Code.NOT_FOUND,),
    ),
    Route(
        method="GET", path="/checklists", roles=READERS, handler=checklists.list_them, answers=ChecklistList,
        query=checklists.ChecklistQuery, also=(304,), problems=(Code.CURSOR_INVALID,),
        summary="Every version of every checklist; If-None-Match is honoured",
    ),
    Route(
        method="GET", path="/checklists/{code}/{version}", roles=READERS, handler=checklists.show,
        answers=ShownChecklist, also=(304,), summary="One version whole; If-None-Match is honoured",
        problems=(Code.NOT_FOUND,),
    ),
    Route(
        method="POST", path="/checklists/{code}/{version}/evaluate", roles=READERS,
        handler=checklists.evaluate, body=checklists.EvaluateRequest, answers=Evaluation,
        summary="What answers mean, stored nowhere", problems=(Code.NOT_FOUND, Code.INVALID_ANSWERS),
        examples=("evaluate",),
    ),
    Route(
        method="GET", path="/notices", roles=READERS, handler=notices.list_them, query=notices.NoticeQuery,
        answers=NoticeList, writes=True, summary="The caller's own notices; to hand one out is to deliver it",
        problems=(Code.CURSOR_INVALID,),
    ),
    Route(
        method="GET", path="/notices/{id}", roles=READERS, handler=notices.show, answers=NoticeDetail,
        writes=True, summary="One notice with every attempt at delivering it outside of the product",
        problems=(Code.NOT_FOUND,),
    ),
    Route(
        method="GET", path="/deliveries", roles=OVERSEERS, handler=notices.list_deliveries,
        query=notices.DeliveryQuery, answers=NoticeDetailList,
        summary="How the notices about the caller's hazards fared, whoever received them",
        problems=(Code.CURSOR_INVALID,),
    ),
    Route(
        method="POST", path="/notices/{id}/answer", roles=READERS, handler=notices.answer,
        body=notices.AnswerRequest, answers=Notice, writes=True, summary="Answer a notice, once",
        problems=(Code.NOT_FOUND, Code.CONFLICT), examples=("answer_notice",),
    ),
)  # fmt: skip

TASKS = (
    Route(
        method="POST", path="/tasks", roles=GIVERS, handler=tasks.give, writes=True, body=GiveTasks,
        answers=tasks.GivenTasks, examples=("give_tasks",),
        summary="Send inspectors of a site's grid, or experts, to inspect: all of the tasks or none",
        problems=(Code.OP_ID_REUSED, Code.UNKNOWN_ENTITY, Code.UNKNOWN_CHECKLIST, Code.NOT_FOUND),
    ),
    Route(
        method="POST", path="/tasks/{id}/withdraw", roles=GIVERS, handler=tasks.withdraw, writes=True,
        body=WithdrawTask, answers=Task, summary="Take an open task back, with a reason",
        problems=(Code.NOT_FOUND, Code.CONFLICT), examples=("withdraw_task",),
    ),
    Route(
        method="GET", path="/tasks", roles=READERS, handler=tasks.list_them, query=tasks.TaskQuery,
        answers=TaskList, summary="Tasks by due date: the caller's own, or those of his regions' sites",
        problems=(Code.CURSOR_INVALID,),
    ),
    Route(
        method="GET", path="/tasks/{id}", roles=READERS, handler=tasks.show, answers=Task,
        summary="One task with its site", problems=(Code.NOT_FOUND,),
    ),
)  # fmt: skip

OPERATIONS = (
    Route(
        method="GET", path="/health/live", at_root=True, roles=PUBLIC, endpoint=health.live,
        answers=health.Health, summary="The process answers",
    ),
    Route(
        method="GET", path="/health/ready", at_root=True, roles=PUBLIC, endpoint=health.ready,
        answers=health.Health, also=(503,), summary="It may be sent requests",
    ),
    Route(
        method="GET", path="/metrics", at_root=True, roles=PUBLIC, endpoint=metrics.metrics, answers=str,
        media_type="text/plain", summary="Counts and durations, for Prometheus",
    ),
)  # fmt: skip

ROUTES: tuple[Route, ...] = (
    *SESSIONS,
    *SYNC,
    *QUARANTINE,
    *PHOTOS,
    *UPLOADS,
    *REGISTER,
    *REPORTS,
    *EXPORTS,
    *QUERIES,
    *TASKS,
    *OPERATIONS,
)
