"""Alerts reach a real receiver, and one that cannot be reached is said and nothing worse."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import StreamRequestHandler, TCPServer

import dagster as dg
import pytest

from orchestration.defs.schedules import failure_alert, findings_alert
from orchestration.runs.alerts import SENDS_ITS_ALERT, Alert, of_success, send
from orchestration.runs.outcome import TOLD
from orchestration.settings import ALERT_ON

ALERT = Alert("refresh", "pos.orders.ordered_at: expected a local time, found other text", "run-1")


class Receiver(HTTPServer):
    """Keeps what was posted."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.posted: list[dict[str, str]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Post(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


class _Smtp(StreamRequestHandler):
    """As much of SMTP as a client without a password speaks."""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                while (text := self.rfile.readline()) != b".\r\n":
                    self.server.mail.append(text.decode())  # type: ignore[attr-defined]
            if line.upper().startswith(b"QUIT"):
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


def test_a_webhook_gets_the_reason(receiver: Receiver) -> None:
    assert send(ALERT, webhook=receiver.url, mail_to=None, mail_server=None) == ()
    (posted,) = receiver.posted
    assert posted["run_id"] == "run-1"
    assert posted["reason"] == ALERT.reason
    assert ALERT.reason in posted["text"]


RESTATED = "3 published figures changed, of 2026-01, in monthly_revenue (late rows)"


@pytest.mark.parametrize(
    ("alert", "subject"),
    [
        (ALERT, "refresh failed"),
        (
            of_success("refresh", "run-1", restated=RESTATED, warnings=["w"], alert_on=ALERT_ON),
            "refresh changed published figures",
        ),
    ],
)
def test_a_mail_gets_the_reason(alert: Alert, subject: str) -> None:
    with TCPServer(("127.0.0.1", 0), _Smtp) as server:
        server.mail = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{server.server_address[1]}"
        assert send(alert, webhook=None, mail_to="me@shop.example", mail_server=address) == ()
        mail = "".join(server.mail)  # type: ignore[attr-defined]
        server.shutdown()
    assert f"Subject: Customer lifecycle warehouse: {subject}" in mail
    assert alert.reason.splitlines()[0] in mail


def test_one_message_has_what_changed_before_what_warns() -> None:
    def told(**given: object) -> Alert | None:
        said = {"restated": RESTATED, "warnings": [f"w{i}" for i in range(10)], **given}
        return of_success("refresh", "run-1", **{"alert_on": ALERT_ON, **said})  # type: ignore[arg-type]

    both, quiet = told(), told(restated="", warnings=[])
    assert both is not None
    assert both.reason.splitlines() == [
        *(RESTATED, "w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7"),
        "and 2 more warnings: Data Docs",
    ]
    assert both.about == ("restated", "warned")
    assert quiet is None
    assert told(alert_on=("failed",)) is None
    only = told(alert_on=("failed", "warned"))
    assert only is not None
    assert only.subject == "Customer lifecycle warehouse: refresh warns"


def test_what_cannot_be_reached_is_said() -> None:
    problems = send(
        ALERT, webhook="http://127.0.0.1:9/", mail_to="me@shop.example", mail_server="127.0.0.1:9"
    )
    assert [problem.split(":")[0] for problem in problems] == [
        "the webhook was not reached",
        "the mail was not sent",
    ]
    for address in ("token", "http://host:token/x", "http://host/a token"):
        (problem,) = send(ALERT, webhook=address, mail_to=None, mail_server=None)
        assert problem == "the webhook was not reached: its address is no URL", "and no secret"


@pytest.mark.parametrize(("tags", "alerts"), [({}, 1), ({SENDS_ITS_ALERT: "true"}, 0)])
def test_dagster_tells_of_runs_that_it_launched(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, tags: dict[str, str], alerts: int
) -> None:
    monkeypatch.setenv("LIFECYCLE_ALERT_WEBHOOK", receiver.url)

    @dg.op
    def breaks() -> None:
        raise dg.Failure("the till is empty")

    @dg.job
    def refresh() -> None:
        breaks()

    with dg.DagsterInstance.ephemeral() as instance:
        done = refresh.execute_in_process(instance=instance, raise_on_error=False, tags=tags)
        context = dg.build_run_status_sensor_context(
            sensor_name="failure_alert",
            dagster_event=done.get_run_failure_event(),
            dagster_instance=instance,
            dagster_run=done.dagster_run,
        ).for_run_failure()
        failure_alert(context)
    assert [posted["reason"] for posted in receiver.posted] == ["the till is empty"] * alerts


@pytest.mark.parametrize(
    ("tags", "metadata", "posted"),
    [
        ({}, {TOLD: {"restated": RESTATED, "warnings": ["w"]}}, [f"{RESTATED}\nw"]),
        ({SENDS_ITS_ALERT: "true"}, {TOLD: {"restated": RESTATED, "warnings": ["w"]}}, []),
        ({}, {TOLD: {"restated": "", "warnings": []}}, []),
        ({}, {}, ["orders: the rule is broken that many are"]),
    ],
)
def test_dagster_tells_what_runs_found_that_it_launched(
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    tags: dict[str, str],
    metadata: dict,
    posted: list[str],
) -> None:
    monkeypatch.setenv("LIFECYCLE_ALERT_WEBHOOK", receiver.url)

    @dg.asset
    def orders() -> dg.MaterializeResult:
        return dg.MaterializeResult(metadata=metadata)

    @dg.asset_check(asset=orders, name="many_are")
    def many_are() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)

    with dg.DagsterInstance.ephemeral() as instance:
        defs = dg.Definitions(assets=[orders], asset_checks=[many_are])
        job = defs.resolve_implicit_global_asset_job_def()
        done = job.execute_in_process(instance=instance, tags=tags)
        context = dg.build_run_status_sensor_context(
            sensor_name="findings_alert",
            dagster_event=done.get_run_success_event(),
            dagster_instance=instance,
            dagster_run=done.dagster_run,
        )
        findings_alert(context)
    assert [message["reason"] for message in receiver.posted] == posted
