"""How it is known that the items of a mail are several matters, or that they are not."""

import pytest

from mailgateway.model.segments import APART, ListKind, Segments
from mailgateway.triage.split import segments
from mailgateway.triage.split.segments import LIKELY

PRINTER = "The printer on floor two does not print."
USERS = "How do we add a user to the archive?"


def found(text: str, subject: str = "") -> Segments:
    result = segments(text, subject=subject)
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("apart", "text"),
    [
        ("said", f"We have two unrelated issues:\n1. {PRINTER}\n2. {USERS}"),
        ("said", f"Two requests, one ticket each please:\n1. {PRINTER}\n2. {USERS}"),
        ("said", f"Some questions. They come from different departments.\n1. {PRINTER}\n2. {USERS}"),
        ("said", f"Nya ärenden, ett per punkt:\n- {PRINTER}\n- {USERS}"),
        ("said", f"Две заявки, между собой не связанные:\n- {PRINTER}\n- {USERS}"),
        ("said", f"Zwei Anliegen, bitte getrennt behandeln:\n- {PRINTER}\n- {USERS}"),
        ("said", f"Deux demandes distinctes :\n- {PRINTER}\n- {USERS}"),
        ("said", f"- {PRINTER}\n- {USERS}\n\nThese have nothing to do with each other."),
        ("announced", f"We have two issues:\n1. {PRINTER}\n2. {USERS}"),
        ("announced", f"Problem A: {PRINTER}\n\nProblem B: {USERS}"),
        ("loosely", "Thank you, it works.\n\nOn a completely different subject: we need an offer for two screens."),
    ],
)
def test_it_is_said_how_several_matters_are_known(apart: str, text: str) -> None:
    result = found(text)

    assert apart in APART
    assert (len(result.items), result.left_alone, result.apart) == (2, "", apart)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Printer", f"- {PRINTER}\n- We restarted the printer twice already.\n- Can you send a technician?"),
        ("", f"1. {PRINTER}\n2. The wiki is down since Monday."),
        ("Re: Your questions", f"1. {PRINTER}\n2. {USERS}"),
        ("Re: Printer", f"I answer your questions.\n\n{PRINTER}\n\nOne more question: {USERS}"),
        ("", f"1. {PRINTER}\n2. We tried another cable.\n3. {USERS}"),
        ("", f"1. {PRINTER}\n2. It beeps. {USERS}"),
        ("", f"1. {PRINTER}\n2. Can you help us soon?"),
        ("", f"First, nobody called us back.\n\nSecond, {USERS}\n\nWe want our money back."),
        ("Orders", f"Orders are lost. First, {PRINTER.lower()} Second, {USERS.lower()}"),
        ("", "We have two things:\n1. The archive of the branch in May.\n2. The offer of our partner for June."),
        ("", "We plan a new branch in Lund.\n\nThere are two questions:\n1. Can we move phones?\n2. Is a van free?"),
        ("", f"We use the archive of Bonn and some questions came up:\n1. {PRINTER}\n2. The wiki is down today."),
        ("", "We are testing your archive for Bonn. A few questions came up:\n1. Where is the log?\n2. Is a van free?"),
        ("Questions about the archive", f"Two questions:\n1. {PRINTER}\n2. {USERS}"),
        ("", f"The shop fails since May and we have two questions:\n1. {PRINTER}\n2. {USERS}"),
    ],
)
def test_what_may_be_one_matter_is_not_known_to_be_several(subject: str, text: str) -> None:
    assert found(text, subject).apart == ""


@pytest.mark.parametrize(
    "text",
    [
        "Users from different departments cannot log in:\n- Ann of sales gets error 5\n- Bo of the store sees nothing",
        "We see different problems with the store:\n- the page is empty\n- please tell us what to do with it",
        "The page is slow. Two unrelated colleagues say:\n- the list is empty\n- please mend the search",
    ],
)
def test_different_people_or_a_common_topic_do_not_make_matters_separate(text: str) -> None:
    assert found(text).apart == ""


@pytest.mark.parametrize(
    ("apart", "text"),
    [
        ("said", f"{PRINTER}\n\nOn a completely different subject: {USERS}"),
        ("said", f"{PRINTER}\n\nRegards\nAnn\n\nPS: Unrelated: {USERS}"),
        ("said", f"{PRINTER}\n\nPassar på att fråga om en helt annan sak: {USERS}"),
        ("said", f"{PRINTER}\n\nТеперь совсем о другом: {USERS}"),  # noqa: RUF001 -- Russian
        ("said", f"{PRINTER}\n\nJetzt zu etwas ganz anderem: {USERS}"),
        ("said", f"{PRINTER}\n\nJ'en profite pour tout autre chose : {USERS}"),
        ("announced", f"{PRINTER}\n\nAnother question: {USERS}"),
        ("announced", f"{PRINTER}\n\nWe write on another matter, {USERS}"),
        ("announced", f"{PRINTER}\n\nAnother thing: the van is broken and we need an offer for one in red."),
        ("loosely", f"Thank you, all is well.\n\nAnother question: {USERS} The key is missing."),
        ("loosely", f"Yes.\n\nUnrelated: {USERS}"),
    ],
)
def test_who_goes_on_to_another_matter_says_so(apart: str, text: str) -> None:
    result = found(text)

    assert (result.kind, len(result.items), result.apart) == (ListKind.CONNECTIVES, 2, apart)


@pytest.mark.parametrize(
    "text",
    [
        f"{PRINTER}\n\nAnother question: how long will the repair take?",
        f"{PRINTER}\n\nAnother problem is that the error message says nothing.",
        f"{PRINTER}\n\nAnother thing: it beeps and we need help with a new toner.",
        f"{PRINTER}\n\nAlso, {USERS}",
        f"{PRINTER}\n\nPS: Please send the offer to our branch in Lund.",
        f"{USERS}\n\nAnother question: is a van free on the first of May?",
    ],
)
def test_more_on_the_same_is_not_known_to_be_another_matter(text: str) -> None:
    result = segments(text)

    assert result is None or result.apart == ""


def test_another_question_on_what_the_subject_names_is_no_other_matter() -> None:
    text = f"{PRINTER}\n\nAnother question: where is the archive of our branch?"

    assert (found(text, "Branch").apart, found(text, "Floor").apart) == ("", "announced")


def test_a_word_of_praise_is_no_other_matter() -> None:
    assert found(f"{PRINTER}\n\nAnother thing: your colleague was very friendly.").apart == ""


def test_what_is_only_added_is_a_matter_beside_one_that_surely_is() -> None:
    text = f"{PRINTER}\n\nAlso, please order ten chairs for the canteen.\n\nUnrelated: the wiki of the branch is down."

    assert [one.text.split()[0] for one in found(text).items] == ["The", "Also,", "Unrelated:"]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (ListKind.NUMBERED, f"I. {PRINTER}\nII. {USERS}"),
        (ListKind.NUMBERED, f"1/ {PRINTER}\n2/ {USERS}"),
        (ListKind.NUMBERED, f"1 {PRINTER}\n2 {USERS}"),
        (ListKind.NUMBERED, f"Ask 1: {PRINTER}\nAsk 2: {USERS}"),
        (ListKind.NUMBERED, f"Today: 1/ {PRINTER} 2/ {USERS}"),
        (ListKind.NUMBERED, f"Today: (i) {PRINTER} (ii) {USERS}"),
        (ListKind.LETTERED, f"Today: (a) {PRINTER} (b) {USERS}"),
        (ListKind.LETTERED, f"A: {PRINTER}\nB: {USERS}"),
        (ListKind.BULLETS, f"\u2192 {PRINTER}\n\u2192 {USERS}"),
        (ListKind.BULLETS, f"\U0001f449 {PRINTER}\n\U0001f449 {USERS}"),
        (ListKind.BULLETS, f"o {PRINTER}\no {USERS}"),
        (ListKind.HEADINGS, f"PRINTER ROOM\n{PRINTER}\n\nARCHIVE\n{USERS}"),
        (ListKind.HEADINGS, f"=== Printer ===\n{PRINTER}\n\n=== Archive ===\n{USERS}"),
        (ListKind.ORDINALS, f"Bonjour, d'une part {PRINTER.lower()[:-1]}, d'autre part {USERS.lower()}"),
        (ListKind.ORDINALS, f"Hej, dels {PRINTER.lower()[:-1]}, dels {USERS.lower()}"),
        (ListKind.CONNECTIVES, f"{PRINTER} oh and {USERS.lower()}"),
        (ListKind.TABLE, f"Where | What\nOffice | {PRINTER}\nBranch | {USERS}"),
        (ListKind.HEADINGS, f"Anomalie 1 : imprimante\n\n{PRINTER}\n\nDemande 2 : accès\n\n{USERS}"),
        (ListKind.PARAGRAPHS, f"One ticket per branch please.\n-----\n{PRINTER}\n-----\n{USERS}\n-----\nThanks, Ann"),
    ],
)
def test_other_marks_set_items_apart_too(kind: ListKind, text: str) -> None:
    result = found(text)

    assert (result.kind, len(result.items)) == (kind, 2)
    assert result.score >= LIKELY or result.apart != ""


def test_a_roman_number_that_nobody_counts_with_is_none() -> None:
    assert segments(f"xx) {PRINTER}\nix) {USERS}") is None


def test_a_heading_of_what_all_need_is_a_matter_where_something_is_asked_below() -> None:
    text = f"## Printer\n{PRINTER}\n\n## Contract\nPlease send us a copy of it.\n\n## Wiki\nThe wiki is down."

    assert [one.title for one in found(text).items] == ["Printer", "Contract", "Wiki"]


def test_merci_de_is_no_end_of_a_mail() -> None:
    text = f"## Imprimante\n{PRINTER}\n\n## Accès\n\nMerci de nous ouvrir un accès."

    assert found(text).items[-1].text.endswith("un accès.")


def test_what_is_asked_of_all_items_holds_them_together() -> None:
    text = f"*Server*\n{PRINTER}\n\n*Client*\nPlease add a user.\n\nWhat can we do?"

    assert found(text).left_alone == "together"


def test_paragraphs_that_are_not_as_many_as_announced_are_not_known_to_be_matters() -> None:
    text = f"{PRINTER}\n\n{USERS}\n\nThe wiki of the branch is down since May."

    result = found(text, "Two issues")

    assert (result.kind, len(result.items), result.apart) == (ListKind.PARAGRAPHS, 3, "")


@pytest.mark.parametrize(
    "text",
    [
        "Depuis lundi je rencontre plusieurs problèmes :\n- l'imprimante est lente\n- l'imprimante perd des pages",
        "Pour la réunion de jeudi je propose ces points :\n- la facture de mai\n- le serveur de sauvegarde",
    ],
)
def test_a_french_i_is_no_german_each(text: str) -> None:
    assert found(text).apart != "said"


def test_a_table_of_one_row_holds_no_items() -> None:
    assert segments("What | Since\n--- | ---\nThe printer fails | May") is None


def test_a_quotation_mark_that_nobody_closes_quotes_nothing() -> None:
    text = '"The screen says so.\n\n' + "It is dark. " * 400 + f'\n\nWe have two "issues":\n1. {PRINTER}\n2. {USERS}'

    assert found(text).left_alone != "quoted"


def test_a_word_like_first_within_a_sentence_counts_nothing_off() -> None:
    result = segments(f"{PRINTER} It did: first slowly, then not at all: second time today.")

    assert result is None or result.score < LIKELY
