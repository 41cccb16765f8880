"""Telling somebody that a run failed: a webhook, a mail, or both, by settings."""

from __future__ import annotations

import json
import smtplib
import urllib.request
from dataclasses import dataclass
from email.message import EmailMessage

TIMEOUT_SECONDS = 10
SENDS_ITS_ALERT = "lifecycle/sends_its_alert"
"""Tag of a run whose launcher tells of its failure itself."""


@dataclass(frozen=True)
class Alert:
    """What happened: ``job`` and ``run_id`` say where, ``reason`` why."""

    job: str
    reason: str
    run_id: str | None = None

    @property
    def subject(self) -> str:
        """One line."""
        return f"Customer lifecycle warehouse: {self.job} failed"


def send(
    alert: Alert, *, webhook: str | None, mail_to: str | None, mail_server: str | None
) -> tuple[str, ...]:
    """Send an alert to where it is wanted; what could not be delivered, in words.

    ``webhook`` is posted a JSON object with ``text`` (what chat tools show), ``job``, ``run_id``
    and ``reason``. ``mail_to`` holds addresses separated by commas, ``mail_server`` is
    ``host:port`` of an SMTP server that takes mail without a password. Never raises: an alert
    that is lost must not hide why it was sent.
    """
    problems = []
    if webhook:
        try:
            _post(alert, webhook)
        except (OSError, ValueError) as error:
            problems.append(f"the webhook was not reached: {error}")
    if mail_to:
        try:
            _mail(alert, mail_to, mail_server or "localhost:25")
        except (OSError, ValueError, smtplib.SMTPException) as error:
            problems.append(f"the mail was not sent: {error}")
    return tuple(problems)


def _post(alert: Alert, webhook: str) -> None:
    body = {
        "text": f"{alert.subject}: {alert.reason}",
        "job": alert.job,
        "run_id": alert.run_id,
        "reason": alert.reason,
    }
    request = urllib.request.Request(
        webhook,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
        pass


def _mail(alert: Alert, mail_to: str, mail_server: str) -> None:
    host, _, port = mail_server.partition(":")
    message = EmailMessage()
    message["Subject"] = alert.subject
    message["From"] = f"warehouse@{host}"
    message["To"] = mail_to
    message.set_content(f"{alert.reason}\n\nRun: {alert.run_id or 'unknown'}\n")
    with smtplib.SMTP(host, int(port or 25), timeout=TIMEOUT_SECONDS) as server:
        server.send_message(message)
