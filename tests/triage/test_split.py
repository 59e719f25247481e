import pytest

from mailgateway.model.segments import LEFT_ALONE, ListKind, Segments
from mailgateway.triage.split import segments

TWO = ("The printer does not print.", "How do we add a user?")


def found(text: str, **around: tuple[str, ...] | str) -> Segments:
    result = segments(text, **around)  # type: ignore[arg-type]  # the names are those of the function
    assert result is not None
    return result


def texts(text: str, **around: tuple[str, ...] | str) -> tuple[ListKind, tuple[str, ...]]:
    result = found(text, **around)
    return result.kind, tuple(one.text for one in result.items)


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        *((ListKind.NUMBERED, *marks) for marks in (("1. ", "2. "), ("1) ", "2) "), ("(1) ", "(2) "), ("1: ", "2: "))),
        *(
            (ListKind.NUMBERED, *marks)
            for marks in (("№1 ", "№2 "), ("Q1. ", "Q2. "), ("#1 ", "#2 "), ("1\u20e3 ", "2\u20e3 "))
        ),
        *((ListKind.LETTERED, *marks) for marks in (("a) ", "b) "), ("A. ", "B. "), ("а) ", "б) "))),  # noqa: RUF001 -- Cyrillic
        *((ListKind.BULLETS, *marks) for marks in (("- ", "- "), ("* ", "* "), ("\u2022 ", "\u2022 "))),
        *((ListKind.HEADINGS, *marks) for marks in (("Issue #1: ", "Issue #2: "), ("Frage 1: ", "Frage 2: "))),
        *((ListKind.HEADINGS, *marks) for marks in (("Вопрос 1. ", "Вопрос 2. "), ("Problem one: ", "Problem two: "))),
        (ListKind.TABLE, "1 | ", "2 | "),
    ],
)
def test_each_mark_sets_items_apart(kind: ListKind, first: str, second: str) -> None:
    text = f"We have two issues:\n\n{first}{TWO[0]}\n{second}{TWO[1]}\n\nThanks,\nAnn"

    result = found(text)

    assert (result.kind, tuple(one.text for one in result.items)) == (kind, TWO)
    assert result.lead_in == "We have two issues:"
    assert [text[start:end] for start, end in result.shared] == ["We have two issues:", "Thanks,\nAnn"]
    assert result.left_alone == ""


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("## Printer\nIt fails.\n\n## Users\nHow do we add one?", ()),
        ("Printer\n=======\nIt fails.\n\nUsers\n=====\nHow do we add one?", ()),
        ("**Printer**\nIt fails.\n\n**Users**\nHow do we add one?", ()),
        ("Printer\n\nIt fails.\n\nUsers:\n\nHow do we add one?", ("Printer", "Users")),
    ],
)
def test_headings_are_known_by_their_marks_or_by_the_html(text: str, headings: tuple[str, ...]) -> None:
    result = found(text, headings=headings)

    assert result.kind is ListKind.HEADINGS
    assert [(one.title.split("*")[0].rstrip(":"), one.is_problem, one.is_question) for one in result.items] == [
        ("Printer", True, False),
        ("Users", False, True),
    ]


def test_a_heading_of_what_all_need_is_shared() -> None:
    text = "# Environment\nDebian 12.\n\n# Printer\nIt fails.\n\n# Users\nHow do we add one?\n\n# Contact\nAnn"

    result = found(text)

    assert [one.title for one in result.items] == ["Printer", "Users"]
    assert [text[start:end] for start, end in result.shared] == ["# Environment\nDebian 12.", "# Contact\nAnn"]


def test_items_are_found_within_one_line() -> None:
    assert texts("Two requests: 1) reset the password of Ann 2) the printer fails") == (
        ListKind.NUMBERED,
        ("reset the password of Ann", "the printer fails"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "First, the printer fails.\n\nSecond, how do we add a user?",
        "Erstens druckt der Drucker nicht. Zweitens: Wie legt man Benutzer an?",
        "Во-первых, принтер не печатает.\n\nВо-вторых, как добавить пользователя?",  # noqa: RUF001 -- Russian
        "För det första skriver skrivaren inte ut.\n\nFör det andra: hur lägger man till användare?",
        "Premièrement, l'imprimante est en panne.\n\nDeuxièmement, comment ajouter un utilisateur ?",
    ],
)
def test_ordinals_count_off(text: str) -> None:
    result = found(text)

    assert (result.kind, len(result.items)) == (ListKind.ORDINALS, 2)


@pytest.mark.parametrize(
    "text",
    [
        "Hi,\n\nthe printer fails since today.\n\nAnother question: how do we add a user?\n\nThanks",
        "Hej,\n\nskrivaren fungerar inte sedan idag.\n\nEn annan sak: hur lägger man till användare?\n\nMvh",
        "Привет,\n\nпринтер не печатает с утра.\n\nЕщё вопрос: как добавить пользователя?\n\nСпасибо",  # noqa: RUF001 -- Russian
        "Hallo,\n\nder Drucker druckt seit heute nicht.\n\nNoch etwas: Wie legt man Benutzer an?\n\nDanke",
        "Bonjour,\n\nl'imprimante est en panne ce matin.\n\nAutre question : comment ajouter un utilisateur ?\n\nMerci",
    ],
)
def test_connectives_begin_another_matter(text: str) -> None:
    result = found(text)

    assert (result.kind, len(result.items)) == (ListKind.CONNECTIVES, 2)
    assert [text[start:end] for start, end in result.shared] == [text.split("\n", 1)[0], text.rsplit("\n", 1)[1]]


def test_announced_paragraphs_are_items() -> None:
    text = "I have two questions.\n\nHow long is a voucher valid?\n\nWhere do we change the tax rate?"

    assert texts(text) == (ListKind.PARAGRAPHS, ("How long is a voucher valid?", "Where do we change the tax rate?"))
    assert found(text).lead_in == "I have two questions."


def test_what_announces_is_not_the_first_of_two_matters() -> None:
    text = "I have some questions.\n\nHow long is a voucher valid?\n\nAnother question: where is the tax rate?"

    assert texts(text) == (
        ListKind.CONNECTIVES,
        ("How long is a voucher valid?", "Another question: where is the tax rate?"),
    )


def test_many_candidates_end_somewhere() -> None:
    assert len(found("We have 7 issues.\n\n" + "The printer fails once again.\n\n" * 30).items) > 1


def test_a_table_without_numbers_has_its_rows_below_the_head() -> None:
    text = "We have two issues:\n\nWhat | Since\n--- | ---\nThe printer fails | May\nThe wiki is down | June\n\nThanks"

    result = found(text)

    assert (result.kind, [one.title for one in result.items]) == (
        ListKind.TABLE,
        ["The printer fails May", "The wiki is down June"],
    )
    assert result.lead_in == "We have two issues:"


def test_what_all_need_behind_the_first_of_two_headings_leaves_no_items() -> None:
    text = "# Printer\nIt fails.\n\n# Environment\nDebian\n\n# Users\nHow do we add one?\n\n# Phones\nThey fail."

    assert segments(text) is None or found(text).kind is not ListKind.HEADINGS


def test_a_list_that_nobody_writes_is_none() -> None:
    assert segments("".join("- it fails\n" for _ in range(201))) is None


@pytest.mark.parametrize(
    ("because", "text"),
    [
        ("steps", "Steps to reproduce:\n1. Open a volume\n2. Press the button\n3. It fails"),
        ("steps", "1. Open the web console.\n2. Click the button twice.\n3. See the error."),
        ("tried", "We already tried these things:\n- another cable\n- a new driver, no help"),
        ("symptoms", "It fails since Monday. Symptoms:\n- users cannot log in\n- the page is slow"),
        ("names", "The following users cannot log in:\n1. Ann Berg\n2. Bo Lind"),
        ("names", "- Ann Berg\n- Bo Lind"),
        ("versions", "1. Client 4.8.1\n2. Server 4.7.0"),
        ("answers", "1. Yes, every day.\n2. No, only here."),
        ("answers", "1. Proxy: none so far\n2. Protocol: SFTP and FTP"),
        ("agenda", "Agenda:\n1. What fails?\n2. How do we proceed?"),
        ("agenda", "- 10:00 the service is down\n- 10:30 what do we do?"),
        ("parts", "A new employee starts. We have two tasks:\n1. Create an account for her.\n2. Please order a phone."),
        ("parts", "We have two questions about the invoice:\n1. Why is it wrong?\n2. When will it be paid?"),
        ("parts", "The server is down. We have two questions:\n1. Why is it so?\n2. When will it run again?"),
        ("report", "# Expected\nIt works.\n\n# Actual\nIt fails."),
        ("together", "Bonn:\n- no mail\n- no wiki\n\nIt is the same picture in both offices."),
        ("story", "First I pulled the plug. Then it was dark. Finally I called you. Next day it was dead."),
        ("quoted", "Your manual says:\n1. Mail is slow then.\n2. The wiki is down then."),
        ("quoted", "En kollega skrev:\n- Skrivaren fungerar inte.\n- Vi behöver fler licenser."),
        ("quoted", "Our boss sent “two questions:\n1. Why is mail slow?\n2. Where is the wiki?” What do we do?"),
        ("quoted", 'Er hat "Probleme:\n1. Die Post geht nicht.\n2. Das Wiki geht nicht." gemeldet.'),
        ("quoted", "Мы получили «вопросы:\n1. Почему нет почты?\n2. Где вики?» от клиента."),
        ("quoted", "See below.\n\n> Mail does not work.\n> The wiki is down."),
        ("together", "We have two issues:\n1. Mail is slow.\n2. The wiki is down.\n\nAll of this began today."),
        ("symptoms", "The shop does not work:\n1. The cart stays empty.\n2. The total is wrong."),
    ],
)
def test_what_speaks_for_one_matter_is_said(because: str, text: str) -> None:
    assert because in LEFT_ALONE
    assert found(text).left_alone == because


@pytest.mark.parametrize(
    "text",
    [
        "Our boss says that there are two issues:\n1. The printer does not print.\n2. How do we add a user?",
        'We have two questions:\n1. What does "paper jam" mean?\n2. Where is the button "Users"?',
        'Two issues with 19" screens and others:\n1. The printer does not print.\n2. How do we add a "user"?',
    ],
)
def test_who_quotes_a_word_or_tells_what_somebody_has_does_not_quote_the_list(text: str) -> None:
    assert found(text).left_alone != "quoted"


def test_who_says_that_they_are_unrelated_is_believed() -> None:
    text = "The problems with our move, they are unrelated:\n1. The door fails.\n2. How do we park?"

    assert found(text).left_alone == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The printer does not print.",
        "1. Only one item fails.",
        "It says:\n```\n1. retry of segment 1 failed\n2. retry of segment 2 failed\n```",
        "Nov  2 10:00:01 a b[1]: 1. failed\nNov  2 10:00:02 a b[1]: 2. failed",
        "We waited from 1. May on.\nIt has 2.5 GB.",
    ],
)
def test_what_holds_no_items_has_no_segments(text: str) -> None:
    assert segments(text) is None


def test_the_outer_list_counts() -> None:
    text = "Two issues:\n- The printer fails:\n  1. It is red.\n  2. It beeps.\n- How do we add a user?"

    result = found(text)

    assert (result.kind, len(result.items)) == (ListKind.BULLETS, 2)


def test_the_version_may_stand_between_announcement_and_list() -> None:
    text = f"We have two issues.\n\nOur version is 8.2 on Debian.\n\n1. {TWO[0]}\n2. {TWO[1]}"

    assert found(text).lead_in == "We have two issues."


def test_an_item_has_the_files_it_names() -> None:
    text = f"Two issues:\n1. {TWO[0]} See Print.log\n2. {TWO[1]}"

    result = found(text, attachments=("print.log", "other.txt"))

    assert [one.files for one in result.items] == [("print.log",), ()]


def test_overlap_is_of_the_likest_two() -> None:
    text = "1. The camera records no sound.\n2. The camera records at night only.\n3. Licences expired."

    assert [one.overlap for one in found(text).items] == [66, 66, 0]


def test_a_long_title_is_cut_at_a_word() -> None:
    title = found(f"1. {'word ' * 60}\n2. {TWO[0]}").items[0].title

    assert len(title) <= 120
    assert set(title.split()) == {"word"}
