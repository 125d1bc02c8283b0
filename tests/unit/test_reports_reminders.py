"""Reminders reach a real mail server and a real web server, hold no names, and tell of a due date once."""

import hashlib
import hmac
import json
import os
import signal
import socket
import threading
from collections import deque
from contextlib import contextmanager
from datetime import date
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller

from engine.adapters.reminder_log_file import ReminderLogFile
from engine.adapters.smtp_messenger import SmtpMessenger
from engine.adapters.webhook_messenger import TRIES, WebhookMessenger
from engine.errors import BackendError, Conflict, InvalidRequest
from engine.reports.reminders import DueItem, check_channels, digest, message_of, remind

ON = date(2026, 11, 21)
SECRET = "en lang hemmelighet"
ITEMS = [
    DueItem("u-02", "krav-fall", "fallforebygging", date(2026, 11, 1), True),
    DueItem("u-01", "krav-news2", "NEWS2 og skår", date(2026, 12, 1), False),
    DueItem("u-02", "krav-news2", "NEWS2 og skår", date(2026, 12, 1), False),
]


class Mailbox:
    def __init__(self):
        self.mails = []
        self.answer = "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return self.answer


@contextmanager
def mail_server():
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield box, f"smtp://127.0.0.1:{port}"
    finally:
        server.stop()


@contextmanager
def web_server(*answers):
    """Answer with these statuses in turn, then with 204; None closes the connection without an answer."""
    got, left = [], deque(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            status = left.popleft() if left else 204
            if status is None:
                self.connection.close()
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield got, f"http://127.0.0.1:{server.server_port}/hook/token"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def mailer(url):
    return SmtpMessenger(url, sender="kompetanse@example.org", to="fag.leder@example.org", timeout=5)


def hook(url, **rest):
    return WebhookMessenger(url, secret=SECRET, timeout=5, pause=lambda seconds: None, **rest)


@pytest.fixture
def log(tmp_path):
    opened = ReminderLogFile(tmp_path / "reminders")
    yield opened
    opened.close()


def test_a_mail_holds_counts_requirements_days_and_pseudonyms(log):
    with mail_server() as (box, url):
        told = remind(ITEMS, [mailer(url)], log, on=ON)
    ((sender, to, content),) = box.mails
    assert (sender, to) == ("kompetanse@example.org", ["fag.leder@example.org"])
    mail = message_from_bytes(content, policy=policy.default)
    assert mail["Subject"] == "Kompetanse: 3 frister (1 over fristen)"
    assert "2026-11-01 (over fristen)  fallforebygging: 1 (u-02)" in mail.get_content()
    assert "2026-12-01  NEWS2 og skår: 2 (u-01, u-02)" in mail.get_content()
    assert told.fine
    assert list(told.sent.values()) == [3]


def test_a_due_date_is_told_of_once_and_a_new_one_too(log):
    with mail_server() as (box, url):
        assert remind(ITEMS[:2], [mailer(url)], log, on=ON).sent
        again = remind(ITEMS, [mailer(url)], log, on=ON)
        assert list(again.sent.values()) == [1]
        assert list(again.earlier.values()) == [2]
        assert remind(ITEMS, [mailer(url)], log, on=ON).sent == {}
    assert len(box.mails) == 2
    assert b"u-02" in box.mails[1][2]
    assert b"u-01" not in box.mails[1][2]


def test_what_a_server_refuses_is_sent_the_next_time(log):
    with mail_server() as (box, url):
        box.answer = "554 no"
        told = remind(ITEMS, [mailer(url)], log, on=ON)
        assert list(told.failed.values()) == [3]
        assert not told.fine
        box.answer = "250 OK"
        assert list(remind(ITEMS, [mailer(url)], log, on=ON).sent.values()) == [3]


def test_a_mail_server_that_is_away_is_no_fault_of_the_log(log):
    assert list(remind(ITEMS, [mailer("smtp://127.0.0.1:9")], log, on=ON).failed.values()) == [3]
    assert log.known() == frozenset()


def test_a_webhook_is_signed_and_its_key_is_the_same_for_every_try(log):
    with web_server(503, None) as (got, url):
        told = remind(ITEMS, [hook(url)], log, on=ON)
    assert told.fine
    assert len(got) == 3
    assert len({headers["Idempotency-Key"] for headers, _ in got}) == 1
    headers, body = got[-1]
    at, _, signature = headers["Kompetansegraf-Signature"].partition(",v1=")
    signed = at.removeprefix("t=").encode() + b"." + body
    assert hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest() == signature
    assert hmac.new(b"another secret...", signed, hashlib.sha256).hexdigest() != signature
    document = json.loads(body)
    assert (document["due"], document["overdue"], document["pseudonyms"]) == (3, 1, 2)
    assert document["items"][1]["pseudonyms"] == ["u-01", "u-02"]


def test_a_webhook_that_refuses_is_not_tried_again_and_one_that_stays_broken_a_few_times(log):
    with web_server(400) as (got, url):
        assert list(remind(ITEMS, [hook(url)], log, on=ON).failed.values()) == [3]
        assert len(got) == 1
    with web_server(*[503] * 20) as (got, url):
        assert list(remind(ITEMS, [hook(url)], log, on=ON).failed.values()) == [3]
        assert len(got) == TRIES
    with web_server(302) as (got, url):
        assert hook(url).send(message_of(ITEMS, on=ON)) == "not_sent"
        assert len(got) == 1


def test_a_webhook_stops_when_its_time_is_up():
    with web_server(*[503] * 20) as (got, url):
        assert hook(url, budget=0).send(message_of(ITEMS, on=ON)) == "not_sent"
        assert len(got) == 1


def test_an_answer_that_never_came_leaves_it_unsure_and_it_is_not_sent_again_unasked(log):
    with web_server(*[None] * TRIES) as (got, url):
        told = remind(ITEMS, [hook(url)], log, on=ON)
        assert (list(told.unsure.values()), told.fine) == ([3], False)
        assert list(remind(ITEMS, [hook(url)], log, on=ON).unsure.values()) == [3]
        assert len(got) == TRIES
        assert list(remind(ITEMS, [hook(url)], log, on=ON, again=True).sent.values()) == [3]
        assert remind(ITEMS, [hook(url)], log, on=ON, again=True).sent == {}


class Killer:
    """A channel that delivers and is killed before it can say so."""

    name = "mail"

    def __init__(self, arrived):
        self.arrived = arrived

    def send(self, message):
        self.arrived.write_text(message.id)
        os.kill(os.getpid(), signal.SIGKILL)


def test_killed_while_sending_it_is_never_sent_twice(tmp_path):
    folder, arrived = tmp_path / "reminders", tmp_path / "arrived"
    child = os.fork()
    if child == 0:
        try:
            items = [DueItem("u-01", "krav", "krav", date(2026, 12, 1), False)]
            remind(items, [Killer(arrived)], ReminderLogFile(folder), on=ON)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert arrived.exists()
    sent = []

    class Counter:
        name = "mail"

        def send(self, message):
            sent.append(message)
            return "sent"

    items = [DueItem("u-01", "krav", "krav", date(2026, 12, 1), False)]
    log = ReminderLogFile(folder)
    assert list(remind(items, [Counter()], log, on=ON).unsure.values()) == [1]
    assert sent == []
    assert list(remind(items, [Counter()], log, on=ON, again=True).sent.values()) == [1]
    log.close()


def test_the_log_holds_digests_and_passes_over_a_line_cut_off(tmp_path, log):
    digests = [digest("mail", item) for item in ITEMS]
    log.begin(digests)
    log.end(digests, sent=True)
    log.close()
    path = tmp_path / "reminders" / "sent.log"
    text = path.read_text()
    assert not any(word in text for word in ("u-01", "u-02", "krav", "2026"))
    path.write_text(text + f"+ {'a' * 30}")
    again = ReminderLogFile(tmp_path / "reminders")
    assert again.known() == frozenset(digests)
    again.begin(["b" * 64])
    again.close()
    third = ReminderLogFile(tmp_path / "reminders")
    assert third.unsure() == {"b" * 64}
    third.close()


@pytest.mark.usefixtures("log")
def test_two_processes_do_not_remind_at_once(tmp_path):
    with pytest.raises(Conflict, match="another process"):
        ReminderLogFile(tmp_path / "reminders")


def mail_settings(url, to):
    return SmtpMessenger(url, sender="a@example.org", to=to)


@pytest.mark.parametrize(
    ("url", "to"),
    [
        ("http://127.0.0.1", "b@example.org"),
        ("smtp://127.0.0.1", ""),
        ("smtp://127.0.0.1", "b@example.org\nBcc: c@example.org"),
        ("smtp://127.0.0.1", "b@example.org,c@example.org"),
        ("smtp://127.0.0.1:x", "b@example.org"),
    ],
)
def test_mail_settings_that_will_not_do_are_refused(url, to):
    with pytest.raises(InvalidRequest, match="KG_REMINDER"):
        mail_settings(url, to)


@pytest.mark.parametrize(("url", "secret"), [("ftp://127.0.0.1", SECRET), ("http://127.0.0.1", "short")])
def test_webhook_settings_that_will_not_do_are_refused(url, secret):
    with pytest.raises(InvalidRequest, match="KG_REMINDER"):
        WebhookMessenger(url, secret=secret)


def test_a_password_is_not_sent_in_the_clear_to_another_machine(monkeypatch):
    with mail_server() as (box, url):
        port = url.rpartition(":")[2]
        monkeypatch.setattr("engine.adapters.smtp_messenger._is_here", lambda host: False)
        messenger = SmtpMessenger(
            f"smtp://user:pass@127.0.0.1:{port}", sender="a@example.org", to="b@example.org"
        )
        assert messenger.send(message_of(ITEMS, on=ON)) == "not_sent"
        assert box.mails == []


def test_to_remind_nobody_is_refused():
    with pytest.raises(BackendError, match="KG_REMINDER_SMTP"):
        check_channels([])


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_the_message_is_in_three_languages(lang):
    message = message_of(ITEMS, on=ON, lang=lang)
    assert {"nb": "frister", "nn": "fristar", "en": "due dates"}[lang] in message.subject
    assert message.id == message_of(ITEMS, on=ON, lang="nb").id
