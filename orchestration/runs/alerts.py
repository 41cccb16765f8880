"""Telling somebody of a run that failed, restated figures or warned: a webhook, a mail, or both.

One message a run, by settings, what matters most first.
"""

from __future__ import annotations

import json
import smtplib
import urllib.request
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from http.client import HTTPException

TIMEOUT_SECONDS = 10
SENDS_ITS_ALERT = "lifecycle/sends_its_alert"
"""Tag of a run whose launcher tells of its failure itself."""


FAILED, RESTATED, WARNED = "failed", "restated", "warned"
_SHOWN = 8


@dataclass(frozen=True)
class Alert:
    """What happened: ``job`` and ``run_id`` say where, ``reason`` why, ``about`` of which kind."""

    job: str
    reason: str
    run_id: str | None = None
    about: tuple[str, ...] = (FAILED,)

    @property
    def subject(self) -> str:
        """One line."""
        return f"Customer lifecycle warehouse: {self.job} {self._ended}"

    @property
    def _ended(self) -> str:
        if FAILED in self.about:
            return "failed"
        return "changed published figures" if RESTATED in self.about else "warns"


def of_success(
    job: str, run_id: str, *, restated: str, warnings: Sequence[str], alert_on: Collection[str]
) -> Alert | None:
    """What is to be told of a run that ended well; None if nothing is, or nobody wants to know."""
    lines, about = [], []
    if restated and RESTATED in alert_on:
        about.append(RESTATED)
        lines.append(restated)
    if warnings and WARNED in alert_on:
        about.append(WARNED)
        lines += warnings[:_SHOWN]
        if len(warnings) > _SHOWN:
            lines.append(f"and {len(warnings) - _SHOWN:,} more warnings: Data Docs")
    return Alert(job, "\n".join(lines), run_id, tuple(about)) if about else None


def send(
    alert: Alert, *, webhook: str | None, mail_to: str | None, mail_server: str | None
) -> tuple[str, ...]:
    """Send an alert to where it is wanted; what could not be delivered, in words.

    ``webhook`` is posted a JSON object with ``text`` (what chat tools show), ``job``, ``run_id``,
    ``about`` and ``reason``. ``mail_to`` holds addresses separated by commas, ``mail_server`` is
    ``host:port`` of an SMTP server that takes mail without a password. Never raises: an alert
    that is lost must not hide why it was sent.
    """
    problems = []
    if webhook:
        try:
            _post(alert, webhook)
        except OSError as error:
            problems.append(f"the webhook was not reached: {error}")
        except (ValueError, HTTPException):  # the message may hold the address, and that a secret
            problems.append("the webhook was not reached: its address is no URL")
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
        "about": list(alert.about),
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
