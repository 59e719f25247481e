import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.message import Classification, MessageKind
from mailgateway.model.people import Authentication
from mailgateway.triage.classify import classify
from tests.factories import PERSON, PLAIN_SITE, SUPPORT, attachment, message, report

OWN = PLAIN_SITE.own_addresses
REPORT = "multipart/report; boundary=x; Report-Type="


def machine(kind: MessageKind, proof: str, *, is_answer: bool) -> Classification:
    return Classification(kind, proof, proof, is_answer)


def test_an_ordinary_mail_is_a_persons_and_may_be_answered() -> None:
    assert classify(message(), OWN) == PERSON


# --- what is never answered, with its proof


@pytest.mark.parametrize(
    ("header", "value", "kind", "proof", "is_answer"),
    [
        ("auto-submitted", "auto-replied", MessageKind.AUTO_REPLY, "Auto-Submitted: auto-replied", True),
        (
            "auto-submitted",
            "Auto-Replied; owner=x",
            MessageKind.AUTO_REPLY,
            "Auto-Submitted: auto-replied; owner=x",
            True,
        ),
        ("auto-submitted", "auto-generated", MessageKind.AUTO_REPLY, "Auto-Submitted: auto-generated", False),
        ("auto-submitted", "auto-notified", MessageKind.AUTO_REPLY, "Auto-Submitted: auto-notified", False),
        (
            "auto-submitted",
            "auto-replied (vacation)",
            MessageKind.OUT_OF_OFFICE,
            "Auto-Submitted: auto-replied (vacation)",
            True,
        ),
        ("precedence", "Bulk", MessageKind.LIST, "Precedence: bulk", False),
        ("precedence", "junk", MessageKind.LIST, "Precedence: junk", False),
        ("precedence", "list", MessageKind.LIST, "Precedence: list", False),
        ("precedence", "auto_reply", MessageKind.AUTO_REPLY, "Precedence: auto_reply", True),
        ("list-id", "<users.example.org>", MessageKind.LIST, "List-Id: <users.example.org>", False),
        ("list-post", "<mailto:u@example.org>", MessageKind.LIST, "List-Post: <mailto:u@example.org>", False),
        ("x-autoreply", "yes", MessageKind.AUTO_REPLY, "X-Autoreply: yes", True),
        ("x-autorespond", "Re: hello", MessageKind.AUTO_REPLY, "X-Autorespond: re: hello", True),
        ("x-auto-response-from", "a@b.example", MessageKind.AUTO_REPLY, "X-Auto-Response-From: a@b.example", True),
        ("x-fc-machinegenerated", "true", MessageKind.AUTO_REPLY, "X-Fc-Machinegenerated: true", True),
        (
            "x-post-messageclass",
            "9; Autoresponder",
            MessageKind.AUTO_REPLY,
            "X-Post-Messageclass: 9; autoresponder",
            True,
        ),
        ("content-type", REPORT + "delivery-status", MessageKind.BOUNCE, "report: delivery-status", True),
        (
            "content-type",
            REPORT + '"disposition-notification"',
            MessageKind.RECEIPT,
            "report: disposition-notification",
            True,
        ),
        ("content-type", REPORT + "feedback-report", MessageKind.FEEDBACK, "report: feedback-report", True),
        ("content-type", REPORT + "tlsrpt", MessageKind.AUTO_REPLY, "report: tlsrpt", False),
        ("content-type", "multipart/report", MessageKind.AUTO_REPLY, "report: report", False),
    ],
)
def test_a_header_proves_a_machine_that_is_never_answered(
    header: str, value: str, kind: MessageKind, proof: str, *, is_answer: bool
) -> None:
    proof = proof.replace("report: ", "multipart/report; report-type=")

    classification = classify(message((header, value)), OWN)

    assert classification == machine(kind, proof, is_answer=is_answer)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("auto-submitted", "no"),
        ("auto-submitted", "No (a comment)"),
        ("auto-submitted", ""),
        ("precedence", "first-class"),
        ("x-autoreply", "no"),
        ("x-auto-response-suppress", "DR, RN, NRN"),
        ("x-spam-flag", "NO"),
        ("x-spam-status", "No, score=-2"),
        ("x-ms-exchange-organization-scl", "-1"),
        ("x-ms-exchange-organization-scl", "1"),
        ("x-forefront-antispam-report", "CIP:1.2.3.4;SCL:1;SRV:"),
        ("content-type", "multipart/mixed; report-type=delivery-status"),
        ("list-unsubscribe", "<mailto:out@example.org>"),
    ],
)
def test_a_header_that_proves_nothing_leaves_a_person(header: str, value: str) -> None:
    assert classify(message((header, value)), OWN) == PERSON


def test_an_empty_return_path_is_never_answered() -> None:
    mail = message(return_path="")

    assert classify(mail, OWN) == machine(MessageKind.AUTO_REPLY, "Return-Path: <>", is_answer=False)


def test_an_absent_return_path_proves_nothing() -> None:
    assert classify(message(return_path=None), OWN) == PERSON


def test_a_second_header_is_seen_too() -> None:
    mail = message(("auto-submitted", "no"), ("auto-submitted", "auto-replied"))

    assert classify(mail, OWN).kind is MessageKind.AUTO_REPLY


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("MAILER-DAEMON@mx.example", MessageKind.BOUNCE),
        ("MAILER-DAEMON", MessageKind.BOUNCE),
        ("noreply@shop.example", MessageKind.AUTO_REPLY),
        ("No-Reply@shop.example", MessageKind.AUTO_REPLY),
        ("no_reply+42@shop.example", MessageKind.AUTO_REPLY),
        ("orders-noreply@shop.example", MessageKind.AUTO_REPLY),
        ("do.not.reply@shop.example", MessageKind.AUTO_REPLY),
        ("nicht-antworten@shop.example", MessageKind.AUTO_REPLY),
    ],
)
def test_a_sender_nobody_reads_is_never_answered(sender: str, kind: MessageKind) -> None:
    classification = classify(message(sender=sender), OWN)

    proof = f"From: {sender.lower()}"
    assert (classification.kind, classification.reason, classification.no_answer) == (kind, proof, proof)


@pytest.mark.parametrize("sender", ["12345+carla@users.noreply.example", "reply@shop.example", "mailer@shop.example"])
def test_a_sender_who_reads_answers_is_a_person(sender: str) -> None:
    assert classify(message(sender=sender), OWN) == PERSON


@pytest.mark.parametrize("sender", [SUPPORT, SUPPORT.upper(), "support+b5512.abc@acme.example", "help@acme.example"])
def test_our_own_mail_is_never_answered(sender: str) -> None:
    classification = classify(message(sender=sender), OWN)

    assert classification == machine(MessageKind.OWN, f"From: {sender.lower()}", is_answer=True)


def test_a_bounce_from_our_own_address_is_a_bounce() -> None:
    mail = message(("content-type", REPORT + "delivery-status"), sender=SUPPORT)

    assert classify(mail, OWN).kind is MessageKind.BOUNCE


# --- bounces


def test_a_mail_that_reports_a_delivery_is_a_bounce() -> None:
    mail = message(reports=(report("gone@client.example"),), sender="system@mx.example")

    proof = "a delivery report of system@mx.example: failed to gone@client.example"
    assert classify(mail, OWN) == machine(MessageKind.BOUNCE, proof, is_answer=True)


@pytest.mark.parametrize(
    ("sender", "return_path"), [("postmaster@mx.example", "x@mx.example"), ("system@mx.example", "")]
)
@pytest.mark.parametrize("subject", ["Undelivered Mail Returned to Sender", "Unzustellbar: Hallo", "FAILURE NOTICE"])
def test_the_subject_of_a_mail_system_shows_a_bounce(sender: str, return_path: str, subject: str) -> None:
    mail = message(sender=sender, return_path=return_path, subject=subject)

    assert classify(mail, OWN).kind is MessageKind.BOUNCE


def test_a_person_who_writes_about_a_bounce_stays_a_person() -> None:
    mail = message(subject="Undelivered Mail Returned to Sender", text="I got this: Undelivered Mail")

    assert classify(mail, OWN) == PERSON


# --- out of office


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: The printer is on fire",
        "Out of Office",
        "Out of Office AutoReply: Hello",
        "Abwesenheitsnotiz: Hallo",
        "Automatische Antwort: Hallo",
        "Réponse automatique\u00a0: Bonjour",
        "Respuesta automática: Hola",
        "Risposta automatica: Ciao",
        "Automatisch antwoord: Hallo",
        "Autosvar: Hej",
        "Odpowiedź automatyczna: Re",
        "Автоматический ответ: Привет",
        "自動応答: Re",
        "不在通知: Re",
        "Automatic reply: Re: [SUP-1042-QX] Does it burn?",
    ],
)
def test_an_absence_reply_is_known_by_its_subject_alone(subject: str) -> None:
    answer = message(subject=subject, in_reply_to="o1@acme.example")

    classification = classify(answer, OWN)

    assert (classification.kind, classification.is_answer) == (MessageKind.OUT_OF_OFFICE, True)
    assert classification.no_answer.startswith("Subject: ")


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply does not work",
        "We want an automatic reply: how?",
        "Re: Automatic reply: Hello",
        "Your out of office message was wrong",
        "Automatic reply: where is the setting?",
        "Abwesenheitsnotiz einrichten",
    ],
)
def test_people_who_write_about_automatic_replies_stay_people(subject: str) -> None:
    mail = message(subject=subject, text="The automatic reply says: I am out of office.")

    assert classify(mail, OWN) == PERSON


@pytest.mark.parametrize(
    "mark",
    [("auto-submitted", "auto-generated"), ("x-autoreply", "yes"), ("precedence", "bulk")],
)
def test_a_mark_of_a_machine_makes_a_looser_absence_subject_enough(mark: tuple[str, str]) -> None:
    subject = "Out of office until Monday"

    kinds = [classify(mail, OWN).kind for mail in (message(mark, subject=subject), message(subject=subject))]

    assert kinds == [MessageKind.OUT_OF_OFFICE, MessageKind.PERSON]


def test_a_null_return_path_makes_a_looser_absence_subject_enough() -> None:
    mail = message(subject="Out of office until Monday", return_path="")

    assert classify(mail, OWN).reason == "Subject: out of office, Return-Path: <>"


# --- lists


def test_a_list_mail_that_a_monitor_wrote_is_a_list_mail() -> None:
    mail = message(("auto-submitted", "auto-generated"), ("list-id", "<alerts.example.org>"))

    assert classify(mail, OWN) == machine(MessageKind.LIST, "List-Id: <alerts.example.org>", is_answer=False)


# --- people who are not answered


@pytest.mark.parametrize("value", ["All", "OOF", "AutoReply", "DR, NDR, RN, NRN, OOF, AutoReply"])
def test_a_wish_for_silence_is_granted_and_the_mail_stays_a_persons(value: str) -> None:
    mail = message(("x-auto-response-suppress", value))

    proof = f"X-Auto-Response-Suppress: {value.lower()}"
    assert classify(mail, OWN) == Classification(MessageKind.PERSON, "", proof)


@pytest.mark.parametrize(
    ("header", "value", "why"),
    [
        ("x-spam-flag", "YES", "X-Spam-Flag: yes"),
        ("x-spam-status", "Yes, score=9", "X-Spam-Status: yes, score=9"),
        ("x-ms-exchange-organization-scl", "5", "spam confidence level 5"),
        ("x-forefront-antispam-report", "CIP:1.2.3.4;SCL:9;SRV:", "spam confidence level 9"),
    ],
)
def test_spam_is_not_answered_and_stays_a_persons(header: str, value: str, why: str) -> None:
    assert classify(message((header, value)), OWN) == Classification(MessageKind.PERSON, "", why)


def test_a_mail_that_fails_dmarc_is_not_answered() -> None:
    classification = classify(message(), OWN, Authentication.FAIL)

    assert classification == Classification(MessageKind.PERSON, "", "dmarc=fail")


@pytest.mark.parametrize("address", ["", "carla"])
def test_a_mail_that_names_no_sender_is_not_answered(address: str) -> None:
    mail = message(sender=address)

    assert classify(mail, OWN) == Classification(MessageKind.PERSON, "", "the mail names no sender")


# --- calendars


@pytest.mark.parametrize(
    "mail",
    [
        message(("auto-submitted", "auto-generated"), ("content-type", "text/calendar; method=REQUEST")),
        message(("auto-submitted", "auto-generated"), attachments=(attachment("text/calendar"),)),
    ],
)
def test_a_calendar_mail_is_a_persons_and_is_not_answered(mail: object) -> None:
    classification = classify(mail, OWN)  # type: ignore[arg-type]  # a Message

    assert classification == Classification(MessageKind.PERSON, "", "Auto-Submitted: auto-generated")


# --- for any mail


@given(st.lists(st.tuples(st.sampled_from(["auto-submitted", "precedence", "list-id", "x-spam-flag"]), st.text())))
def test_a_machine_is_never_answerable(headers: list[tuple[str, str]]) -> None:
    classification = classify(message(*headers), OWN)

    assert classification.kind is MessageKind.PERSON or classification.no_answer != ""


@given(st.text(), st.text(), st.text())
def test_classify_takes_any_text(subject: str, sender: str, content_type: str) -> None:
    mail = message(("content-type", content_type), sender=sender, subject=subject)

    assert classify(mail, OWN).kind in MessageKind
