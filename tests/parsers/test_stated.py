"""How urgent the writer says a mail is: what states it, what does not, and which of several statements counts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.model.message import Address, Body, Form, Message, Relay, Through
from mailgateway.parsers.message import parse
from mailgateway.parsers.stated import Stated, StatedBy, stated_priority
from mailgateway.parsers.urgency import folded
from mailgateway.phrases import all_of, phrases
from tests.factories import PLAIN_MESSAGE

LINE, SUBJECT, HEADER = StatedBy.LINE, StatedBy.SUBJECT, StatedBy.HEADER
LEVELS = {"urgent": 1, "highest": 1, "high": 2, "normal": 3, "low": 4, "unhurried": 4, "lowest": 5}
MATRIX_NAMES = ("Business critical", "Degraded service", "General issue")


def mail(text: str = "It burns.", subject: str = "The printer", **headers: str) -> Message:
    fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return replace(PLAIN_MESSAGE, body=Body(text, "", "", text), subject=subject, headers=fields)


def of_line(text: str, names: tuple[str, ...] = ()) -> int | None:
    stated = stated_priority(mail(text), names)
    return stated.priority if stated else None


def of_subject(subject: str) -> int | None:
    stated = stated_priority(mail(subject=subject))
    return stated.priority if stated else None


# --- lines ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "priority"),
    [
        ("Priority: high", 2),
        ("Prioritet: hög", 2),
        ("Приоритет: высокий", 2),
        ("Priorität: hoch", 2),
        ("Priorité : haute", 2),
        ("Prioridad: alta", 2),
        ("Priorità: alta", 2),
        ("Prioridade: alta", 2),
        ("Prioriteit: hoog", 2),
        ("Prioritet: høj", 2),
        ("Prioritet: høy", 2),
        ("Prioriteetti: korkea", 2),
        ("Priorytet: wysoki", 2),
        ("Priorita: vysoká", 2),
        ("Prioritás: magas", 2),
        ("Öncelik: yüksek", 2),
        ("Пріоритет: високий", 2),
        ("优先级：高", 2),
        ("優先度：高", 2),
        ("우선순위: 높음", 2),
        ("Prioritate: ridicată", 2),
        ("Προτεραιότητα: υψηλή", 2),
        ("Приоритет: нисък", 4),
        ("Urgency: very low", 5),
        ("Angelägenhetsgrad: lägsta", 5),
        ("Срочность: обычная", 3),
        ("Dringlichkeit: sehr dringend", 1),
        ("Urgence : bloquante", 1),
        ("Öncelik: ACİL", 1),
        ("緊急度：大至急", 1),
        ("Критичность: критическая", 1),
    ],
)
def test_a_priority_line_states_it_in_every_language(line: str, priority: int) -> None:
    text = f"Hello,\n\nour printer burns.\n{line}\n\nRegards"

    assert stated_priority(mail(text)) == Stated(priority, LINE, line)


@pytest.mark.parametrize(
    ("line", "priority"),
    [
        ("Priority: 1", 1),
        ("Priority: 5", 5),
        ("priority:3", 3),
        ("PRIORITY - 2", 2),
        ("Priority = 2", 2),
        ("Priority=2", 2),
        ("Priority: P1", 1),
        ("Priority: P0", 1),
        ("Приоритет: Р1", 1),
        ("Severity: S1", 1),
        ("Severity: Sev 2", 2),
        ("Priority: #4", 4),
        ("Priority: 1 - critical", 1),
        ("Priority: 1-critical", 1),
        ("Priority: critical (P1)", 1),
        ("Priority: 2 (Medium)", 2),
        ("Priority: high, all is down", 2),
        ("Priority: high (all is down)", 2),
        ("Priority: Urgent!!!", 1),
        ("Priority: high priority", 2),
        ("Priority: high-priority", 2),
        ("Priority: hoch / high", 2),
        ("Priority (1-5): 2", 2),
        ("**Priority:** high", 2),
        ("- Priority: high", 2),
        ("3) Priority: high", 2),
        ("| Priority | High |", 2),
        ("Priority\tHigh", 2),
        ("Priority\nHigh", 2),
        ("Priority:\n\nHigh", 2),
        ("priorite: elevee", 2),
        ("Priorita\u0308t: hoch", 2),
        ("Ｐｒｉｏｒｉｔｙ：２", 2),
    ],
)
def test_a_priority_line_may_be_written_in_many_ways(line: str, priority: int) -> None:
    assert of_line(line) == priority


@pytest.mark.parametrize(
    "line",
    [
        "Priority:",
        "Priority: 0",
        "Priority: 6",
        "Priority: 10",
        "Priority: N/A",
        "Priority: none",
        "Priority: low / medium / high",
        "Priority: [ ] low [x] high",
        "Priority: 1-5",
        "Priority: 1 (lowest)",
        "Priority: not high",
        "Priority: low latency",
        "Priority: high availability has to be restored",
        "Priority:\n\n\nHigh",
        "Our top priority is a low price.",
        "high priority is what it has",
        "It is urgent.",
        "urgent",
        "Urgent!",
        "P1: the first problem",
        "p. 1",
        "1",
        "priority",
        "Priority: " + "x" * 200 + " high",
        "This has to be done with\nhigh priority.",
    ],
)
def test_what_is_no_statement_or_an_unclear_one_states_nothing(line: str) -> None:
    assert of_line(line) is None


@pytest.mark.parametrize(
    ("line", "priority"),
    [("Priority 1", 1), ("High priority!", 2), ("haute priorité", 2), ("Sev 1", 1), ("P3", 3), ("[P2]", 2)],
)
def test_without_a_colon_a_line_counts_where_it_begins_a_paragraph(line: str, priority: int) -> None:
    assert of_line(f"Hello\n\n{line}\n\nIt burns.") == priority
    assert of_line(f"It burns and has\n{line}") is None


def test_the_first_line_that_states_a_priority_counts() -> None:
    assert of_line("Priority: as you like\nPriority: low\nPriority: high") == 4


def test_only_the_new_text_counts_and_no_quote_or_signature() -> None:
    raw = (
        b"From: carla@customer.example\r\nSubject: Re: printer\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        b"It burns again.\r\n\r\n-- \r\nCarla\r\nPriority: 2\r\n\r\nOn 1 March 2025, Anna <a@acme.example> wrote:\r\n"
        b"> Priority: 1\r\n"
    )

    message = parse(raw).message

    assert "Priority: 1" in message.body.full_text
    assert stated_priority(message) is None


def test_only_the_first_2000_lines_are_looked_at() -> None:
    assert of_line("\n" * 1999 + "Priority: 1") == 1
    assert of_line("\n" * 2000 + "Priority: 1") is None


def test_the_words_are_cut_to_60_characters() -> None:
    stated = stated_priority(mail("Priority: high, " + "since all is down " * 5))

    assert stated == Stated(2, LINE, "Priority: high, since all is down since all is down since al")


# --- subject -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "stated"),
    [
        ("[P1] Printer", Stated(1, SUBJECT, "[P1]")),
        ("Re: [URGENT] Printer", Stated(1, SUBJECT, "[URGENT]")),
        ("Printer [Prio 2]", Stated(2, SUBJECT, "[Prio 2]")),
        ("Printer (urgent)", Stated(1, SUBJECT, "(urgent)")),
        ("[Prio: hoch] Drucker", Stated(2, SUBJECT, "[Prio: hoch]")),
        ("[High priority] Printer", Stated(2, SUBJECT, "[High priority]")),
        ("【緊急】プリンター", Stated(1, SUBJECT, "【緊急】")),
        ("URGENT: printer", Stated(1, SUBJECT, "URGENT")),
        ("Re: AW: [SUP-1042-QX] Urgent: printer", Stated(1, SUBJECT, "Urgent")),
        ("[EXTERNAL] Dringend! Drucker", Stated(1, SUBJECT, "Dringend")),
        ("*** СРОЧНО *** Принтер", Stated(1, SUBJECT, "СРОЧНО")),
        ("P2 - printer", Stated(2, SUBJECT, "P2")),
        ("Sev 1: printer", Stated(1, SUBJECT, "Sev 1")),
        ("Priority: high - printer", Stated(2, SUBJECT, "Priority high")),
        ("緊急：プリンター", Stated(1, SUBJECT, "緊急")),
        ("Printer down - URGENT!", Stated(1, SUBJECT, "URGENT")),
        ("Not urgent: new colour", Stated(4, SUBJECT, "Not urgent")),
        ("Urgent", Stated(1, SUBJECT, "Urgent")),
    ],
)
def test_a_mark_in_the_subject_states_it(subject: str, stated: Stated) -> None:
    assert stated_priority(mail(subject=subject)) == stated


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "Urgent question about the bill",
        "We need urgent help",
        "Is it urgent?",
        "This is not urgent",
        "Critical path analysis",
        "CPU load (high)",
        "[High] printer",
        "[1] printer",
        "[S1] printer",
        "S3: access denied",
        "Manual (p. 1)",
        "Priority: low latency",
        "Priority support",
        "The lowest price: now",
        "[" + "urgent " * 10 + "]",
    ],
)
def test_a_subject_that_mentions_urgency_states_nothing(subject: str) -> None:
    assert of_subject(subject) is None


# --- header --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "priority"),
    [
        ("x_priority", "1", 1),
        ("x_priority", "1 (Highest)", 1),
        ("x_priority", "2 (High)", 2),
        ("x_priority", "4", 4),
        ("x_priority", "5 (Lowest)", 5),
        ("importance", "High", 2),
        ("importance", "low", 4),
        ("x_msmail_priority", "High", 2),
        ("priority", "urgent", 1),
        ("priority", "non-urgent", 4),
    ],
)
def test_a_header_states_it(name: str, value: str, priority: int) -> None:
    expected = Stated(priority, HEADER, f"{name.replace('_', '-')}: {value}")

    assert stated_priority(mail(**{name: value})) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x_priority", "3 (Normal)"),
        ("x_priority", "0"),
        ("x_priority", "10"),
        ("x_priority", ""),
        ("importance", "normal"),
        ("x_msmail_priority", "Normal"),
        ("priority", "normal"),
        ("precedence", "urgent"),
    ],
)
def test_a_normal_or_unreadable_header_states_nothing(name: str, value: str) -> None:
    assert stated_priority(mail(**{name: value})) is None


def test_a_normal_header_leaves_the_next_one_its_say() -> None:
    assert stated_priority(mail(importance="high", x_priority="3")) == Stated(2, HEADER, "importance: high")


# --- which of them counts ------------------------------------------------------------------------------------------


def test_a_line_wins_over_a_mark_and_a_mark_over_the_header() -> None:
    everything = mail("Priority: normal", subject="[Prio 2] printer", x_priority="1")

    assert stated_priority(everything) == Stated(3, LINE, "Priority: normal")
    assert stated_priority(replace(everything, body=PLAIN_MESSAGE.body)) == Stated(2, SUBJECT, "[Prio 2]")
    assert stated_priority(replace(everything, body=PLAIN_MESSAGE.body, subject="")) == Stated(
        1, HEADER, "x-priority: 1"
    )


@pytest.mark.parametrize(
    ("line", "names", "priority"),
    [
        ("Priority: some day", ("critical", "high", "normal", "low", "Some day"), 5),
        ("Priority: Degraded Service", MATRIX_NAMES, 2),
        ("Priority: 1 - business critical", MATRIX_NAMES, 1),
        ("Priority: low", MATRIX_NAMES, 3),
        ("Priority: 4", MATRIX_NAMES, None),
        ("Priority: urgent", ("blocker", "urgent", "normal"), 2),
        ("Priority: P1 / gold", ("P2", "P1 / gold"), 2),
        ("Priority: 7", tuple("abcdefghi"), 7),
    ],
)
def test_a_name_of_the_site_wins_and_what_lies_beyond_its_priorities_is_the_least_urgent(
    line: str, names: tuple[str, ...], priority: int | None
) -> None:
    assert of_line(line, names) == priority


def test_a_header_beyond_the_sites_priorities_is_the_least_urgent() -> None:
    assert stated_priority(mail(x_priority="5"), MATRIX_NAMES) == Stated(3, HEADER, "x-priority: 5")


def test_what_came_through_a_form_is_read_in_its_fields_and_the_robot_states_nothing() -> None:
    robot = Relay(Through.FORM, Address("", "web@acme.example"), "form")
    form = Form("Carla", "c@customer.example", "", "Printer", "It burns.", (("Name", "Carla"), ("Priority", "High\nx")))
    message = replace(mail(subject="URGENT: new form", x_priority="1"), relay=robot, form=form)

    assert stated_priority(message) == Stated(2, LINE, "Priority: High")
    assert stated_priority(replace(message, form=replace(form, fields=()))) is None
    assert stated_priority(replace(message, form=replace(form, fields=(), subject="Urgent: printer"))) == Stated(
        1, SUBJECT, "Urgent"
    )
    assert stated_priority(replace(message, form=None)) is None


def test_what_only_looks_like_a_form_is_read_as_a_mail() -> None:
    form = Form("Carla", "c@customer.example", "", "", "", (("Priority", "High"),))

    assert stated_priority(replace(mail(x_priority="1"), form=form)) == Stated(1, HEADER, "x-priority: 1")


# --- the data and hostile input --------------------------------------------------------------------------------------


def test_no_word_means_two_priorities() -> None:
    meanings: dict[str, set[int]] = {}

    for table, level in LEVELS.items():
        for word in all_of(phrases("stated")[table]):
            meanings.setdefault(folded(word), set()).add(level)

    assert {word: levels for word, levels in meanings.items() if len(levels) > 1} == {}


def test_every_table_has_every_language() -> None:
    tables = phrases("stated")

    assert set(tables) == {"labels", *LEVELS}
    assert {name: set(table) for name, table in tables.items()} == {name: set(tables["labels"]) for name in tables}
    assert len(tables["labels"]) >= 21


@pytest.mark.parametrize(("table", "level"), LEVELS.items())
def test_every_word_is_understood_beside_a_label(table: str, level: int) -> None:
    words = all_of(phrases("stated")[table])

    assert {word: of_line(f"Priority: {word.upper()}") for word in words} == dict.fromkeys(words, level)


def test_every_label_is_understood() -> None:
    labels = all_of(phrases("stated")["labels"])

    assert {label: of_line(f"{label.title()}: 2") for label in labels} == dict.fromkeys(labels, 2)


PIECES = st.sampled_from(
    ["Priority", ": ", "high", "1", "-", " - ", "(", "]", "[", "!", "\n", "P", "срочно", "優先度", "\u0308", "/"]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("".join))


@given(TEXTS, TEXTS, TEXTS, st.lists(TEXTS, max_size=9).map(tuple))
def test_any_text_states_one_of_the_priorities_or_nothing(
    text: str, subject: str, value: str, names: tuple[str, ...]
) -> None:
    stated = stated_priority(mail(text, subject, x_priority=value, importance=value), names)

    assert stated is None or 1 <= stated.priority <= (len(names) or 5)
    assert stated is None or len(stated.words) <= 60
