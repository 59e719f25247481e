"""Replies of many programs in twenty languages: how many are split exactly, and that no word of the author is lost."""

import pytest

from mailgateway.parsers.html import html_to_text
from mailgateway.parsers.reply import split_reply
from tests.parsers.reply_grid import AUTHOR, LANGUAGES, Reply, replies

EXACT = 0.99


def read(reply: Reply) -> tuple[str, tuple[tuple[str, str], ...]]:
    text = html_to_text(reply.body) if reply.body.startswith("<") else reply.body
    body = split_reply(text, AUTHOR)
    return body.text, tuple((pair.question, pair.answer) for pair in body.pairs)


@pytest.mark.parametrize("language", LANGUAGES)
def test_new_words_are_told_from_quote_and_signature(language: str) -> None:
    cases = [reply for reply in replies() if reply.language == language]

    wrong = [reply.name for reply in cases if read(reply)[0].split() != reply.new.split()]

    assert len(wrong) <= (1 - EXACT) * len(cases), wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_the_author_is_lost(language: str) -> None:
    cases = [reply for reply in replies() if reply.language == language]

    lost = [(r.name, line) for r in cases for line in r.new.split("\n") if line not in read(r)[0]]

    assert lost == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_between_quoted_lines_keep_their_questions(language: str) -> None:
    cases = [reply for reply in replies() if reply.language == language and reply.pairs is not None]

    wrong = [reply.name for reply in cases if read(reply)[1] != reply.pairs]

    assert len(wrong) <= (1 - EXACT) * len(cases), wrong
