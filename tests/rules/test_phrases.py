"""What an admin means by a phrase, in any script, and what no text may do to the search."""

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mailgateway.rules.phrases import (
    Hit,
    PhraseError,
    Words,
    evidence,
    find,
    find_any,
    phrase,
    phrase_list,
    words_of,
)
from mailgateway.rules.words import MAX_TEXT_CHARS

STRANGE = (
    *("a", "B", "down", "5", "_", "ß", "ς", "İ", "ı", "é", "e\u0301", "Ж", "停", "ล่", "ｶ", "ﾞ", "ﬁ", "½", "\ufdfa"),
    *(" ", " ", " ", "\n", "\n\n", "\r\n", ". ", ".", "...", "…", "!", "。", "-", "'", "’", "@", "://", "/", "*", ")"),
    *("\n1) ", "\n- ", "\x00", "\x1e", "\u00ad", "\u200d", "\u0301", "\ud800", "\udfff", "\u2028", "\U0001f600"),
)
texts = st.one_of(st.lists(st.sampled_from(STRANGE), max_size=40).map("".join), st.text(st.characters()))
sought = st.sampled_from(["a", "a b", "down* a", "a ... down", "b*", "停", "停 ... a", "down ... a ... b", "5.*", "ss"])


def found(text: str, sought: str) -> str | None:
    """Return the words of a text that a phrase was found in."""
    hit = find(words_of(text), phrase(sought))
    return None if hit is None else text[hit.start : hit.end]


def in_order(words: Words) -> list[tuple[str, bool]]:
    """Return the words of a text as they were written, each with whether a sentence ends before it."""
    ends = [gap == "  " for gap in words._folded[::2]]
    ordered, at = [], 0
    for number, piece in enumerate(words._found):
        if number % 2:
            ordered.append((words.text[at : at + len(piece)], ends[number // 2]))
        at += len(piece)
    return ordered


# --- words


@pytest.mark.parametrize(
    ("text", "sought", "expected"),
    [
        ("Hello, production is down since 9:00.", "production is down", "production is down"),
        ("PRODUCTION DOWN!", "production down", "PRODUCTION DOWN"),
        ("production, down", "production down", "production, down"),
        ("All block devices disappeared.", "dev", None),
        ("the dev cluster", "dev", "dev"),
        ("on non-production machines", "production", None),
        ("on non-production machines", "non-production", "non-production"),
        ("on non‑production machines", "non-production", "non‑production"),
        ("it doesn’t work", "doesn't work", "doesn’t work"),
        ("PROD_DB is full", "prod", None),
        ("staging/production", "production", "production"),
        ("We want to upgrade from 5.2.1 to 5.2.6 next week.", "upgrade from", "upgrade from"),
        ("We want to upgrade from 5.2.1 to 5.2.6.", "5.2.1 to 5.2.6", "5.2.1 to 5.2.6"),
        ("We run 5.2.1.", "5.2", None),
        ("We run 5.2.1.", "5.*", "5.2.1"),
        ("write to dev@corp.example please", "dev", None),
        ("Anna.Smith@Big.Corp.Example wrote", "anna.smith@big.corp.example wrote", "Anna.Smith@Big.Corp.Example wrote"),
        ("db1.lab.example is slow", "lab", None),
        ("see https://status.example/beta/x?a=1.", "beta", None),
        (
            "see https://Status.example/beta/x?a=1.",
            "https://status.example/beta/x?a=1",
            "https://Status.example/beta/x?a=1",
        ),
    ],
)
def test_a_phrase_is_whole_words_in_any_case(text: str, sought: str, expected: str | None) -> None:
    assert found(text, sought) == expected


@pytest.mark.parametrize(
    ("text", "sought", "expected"),
    [
        ("Сервер НЕ РАБОТАЕТ с утра", "не работает", "НЕ РАБОТАЕТ"),
        ("Сервер не работает", "работ", None),
        ("Сервер не работает", "работ*", "работает"),
        ("ÜRETİM DURDU", "üretim durdu", "ÜRETİM DURDU"),
        ("SİSTEM KAPALI", "sistem kapalı", "SİSTEM KAPALI"),
        ("İSTANBUL", "istanbul", "İSTANBUL"),
        ("I\u0307STANBUL", "istanbul", "I\u0307STANBUL"),
        ("Die Straße ist zu", "STRASSE", "Straße"),
        ("STRASSE", "straße", "STRASSE"),
        ("ΣΦΑΛΜΑ ΔΙΣΚΟΣ", "δίσκος", None),
        ("ΔΙΣΚΟΣ", "δισκος", "ΔΙΣΚΟΣ"),
        ("die Störung", "Sto\u0308rung", "Störung"),
        ("ｐｒｏｄｕｃｔｉｏｎ down", "production down", "ｐｒｏｄｕｃｔｉｏｎ down"),
        ("pro\u00adduc\u00adtion down", "production", "pro\u00adduc\u00adtion"),
        ("उत्पादन बंद है", "उत्पादन बंद", "उत्पादन बंद"),
        ("उत्पादन बंद है", "उत्", None),
        ("서버가 다운", "서버", None),
        ("서버가 다운", "서버*", "서버가"),
        ("服务器停机了。", "停机", "停机"),
        ("请停。机器", "停机", None),
        ("停机.请看", "停机", "停机"),
        ("API服务器停机了", "api服务器", "API服务器"),
        ("メールサーバーが停止", "サーバー", "サーバー"),
        ("ระบบล่มแล้ว", "ล่ม", "ล่ม"),
    ],
)
def test_a_phrase_is_found_in_the_scripts_of_the_world(text: str, sought: str, expected: str | None) -> None:
    assert found(text, sought) == expected


def test_a_text_knows_its_words_and_sentences() -> None:
    words = words_of("Don't panic! It's\nnode-7.")

    assert words.line == " don't panic  it's node-7 "
    assert not words.is_cut


# --- sentences


@pytest.mark.parametrize(
    "text",
    [
        "We use it in production. Down south all is well.",
        "We use it in production.\nDown south",
        'We call it "production." Down south',
        "production!Down",
        "production?\n\nDown",
        "production\n \t\r\ndown",  # a subject and a text
        "production\n- down",
        "production\n  * down",
        "production\n1) down",
        "production\n1. down",
        "production\n==========\ndown",
        "production\n# down",
        "production… down",
        "production ... down",
        "production。down",
        "production.Down we go",
        "(production).Down we go",
    ],
)
def test_no_phrase_crosses_a_sentence_end(text: str) -> None:
    assert found(text, "production down") is None
    assert found(text, "production ... down") is None


@pytest.mark.parametrize(
    "text",
    [
        "production\ndown",
        "production\r\n  down",
        "production - down",
        "(production) down",
        "production: down",
        "production .down",
    ],
)
def test_a_wrapped_line_and_a_pause_end_no_sentence(text: str) -> None:
    assert found(text, "production down") == text.removeprefix("(")


# --- the language of phrases


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("production down", "production down"),
        ("our production is now down", "production is now down"),
        ("production is right now down", "production is right now down"),
        ("production is right now all down", None),
        ("production one two three four production is down", "production is down"),
        ("down in production", None),
        ("the reproduction is down", None),
    ],
)
def test_dots_stand_for_up_to_three_words(text: str, expected: str | None) -> None:
    assert found(text, "production ... down") == expected


@pytest.mark.parametrize(
    ("sought", "expected"),
    [
        ("cluster ... down ... production", "cluster went down at nine in production"),
        ("clust* … prod*", None),
        ("clust* … down … prod*", "cluster went down at nine in production"),
        ("went* down", "went down"),
        ("wen* dow* at", "went down at"),
        ("down* ... production", "down at nine in production"),
        ("production ... cluster", None),
    ],
)
def test_dots_may_stand_several_times_and_stars_at_every_word(sought: str, expected: str | None) -> None:
    assert found("The cluster went down at nine in production.", sought) == expected


def test_dots_stand_for_six_characters_of_a_script_without_spaces() -> None:
    assert found("生产环境已经停机了", "生产 ... 停机") == "生产环境已经停机"
    assert found("生产环境今天已经停机", "生产 ... 停机") == "生产环境今天已经停机"
    assert found("生产环境今天早上停机", "生产 ... 停机") == "生产环境今天早上停机"
    assert found("生产环境今天早上又停机", "生产 ... 停机") is None


@pytest.mark.parametrize(
    ("sought", "problem"),
    [
        ("", "a phrase needs at least one word of letters or digits"),
        ("*", "a phrase needs at least one word of letters or digits"),
        ("?! …", "a phrase needs at least one word of letters or digits"),
        ("... down", '"..." stands between two words, not at an end of the phrase'),
        ("down …", '"..." stands between two words, not at an end of the phrase'),
        ("a ... ... b", 'between two words "..." stands once'),
        ("*down", 'a "*" stands at the end of a word, as in "upgrad*"'),
        ("do*wn", 'a "*" stands at the end of a word, as in "upgrad*"'),
        ("down **", 'a "*" stands at the end of a word, as in "upgrad*"'),
        ("is down. call", "a phrase cannot go over the end of a sentence: this one would never be found"),
        ("a ... b ... c ... d ... e ... f ... g", 'a phrase has "..." at most 5 times'),
        ("x" * 201, "a phrase has at most 200 characters, this one has 201"),
    ],
)
def test_a_phrase_that_means_nothing_is_refused_with_a_sentence(sought: str, problem: str) -> None:
    with pytest.raises(PhraseError) as refused:
        phrase(sought)

    assert str(refused.value) == problem


# --- lists


def test_a_list_gives_the_first_of_its_phrases_that_is_there() -> None:
    words = words_of("prod is down: a production outage")
    outage = phrase_list(map(phrase, ["production down", "production outage", "prod is down"]))

    assert find_any(words, outage) == Hit(16, 33)
    assert find_any(words_of("All is well."), outage) is None
    assert find_any(words, phrase_list(())) is None


@given(texts, st.lists(sought, max_size=6))
def test_a_list_finds_what_its_phrases_find_one_by_one(text: str, written: list[str]) -> None:
    words, phrases = words_of(text), [phrase(each) for each in written]

    hits = [hit for each in phrases if (hit := find(words, each)) is not None]

    assert find_any(words, phrase_list(phrases)) == (hits[0] if hits else None)


# --- any text


@given(texts, sought)
def test_any_text_is_searched_and_a_hit_lies_in_it(text: str, written: str) -> None:
    words = words_of(text)

    hit = find(words, phrase(written))

    assert len(words.text) == len(text)
    assert hit is None or (0 <= hit.start < hit.end <= len(text) and evidence(text, hit).encode())


@given(texts, st.data())
def test_a_phrase_copied_out_of_a_sentence_is_found(text: str, data: st.DataObject) -> None:
    words = words_of(text)
    ordered = in_order(words)
    assume(ordered)
    first = data.draw(st.integers(0, len(ordered) - 1))
    end = next((n for n in range(first + 1, len(ordered)) if ordered[n][1]), len(ordered))
    last = data.draw(st.integers(first, end - 1))

    copied = phrase(" ".join(word for word, _ in ordered[first : last + 1])[:200])

    assert find(words, copied) is not None


@given(
    st.lists(st.sampled_from(["a", "b", "c", "."]), max_size=12),
    st.lists(st.sampled_from("abc"), min_size=1, max_size=3),
)
def test_dots_find_what_a_plain_loop_finds(pieces: list[str], sought: list[str]) -> None:
    def reachable(at: int, rest: list[str]) -> bool:
        if not rest:
            return True
        after = pieces[at : at + 4]
        after = after[: after.index(".")] if "." in after else after
        return any(word == rest[0] and reachable(at + n + 1, rest[1:]) for n, word in enumerate(after))

    expected = any(word == sought[0] and reachable(n + 1, sought[1:]) for n, word in enumerate(pieces))

    assert (find(words_of(" ".join(pieces)), phrase(" ... ".join(sought))) is not None) == expected


def test_a_text_that_is_too_long_is_cut_between_words_and_says_so() -> None:
    exact = words_of("a" * MAX_TEXT_CHARS)
    longer = words_of("a " * (MAX_TEXT_CHARS // 2 - 1) + "development")
    endless = words_of("a" * (MAX_TEXT_CHARS + 1))

    assert not exact.is_cut
    assert longer.is_cut
    assert find(longer, phrase("de*")) is None
    assert endless.is_cut
    assert len(endless.text) == MAX_TEXT_CHARS


@pytest.mark.parametrize(
    "piece", ["a ", "a.Bc", "a@b.Cd ", "a://(( ", "\n \n", ".)", "\n1) a", "停", "a\u0301", "*", " "]
)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (MAX_TEXT_CHARS // len(piece) - 1) + " c"
    endless = phrase("a ... a ... a ... a ... a ... a b* c")
    started = time.process_time()

    find(words_of(text), phrase("a ... a ... a ... c"))
    find(words_of(text.replace("a", "a b")), endless)

    assert time.process_time() - started < 5  # a quadratic search takes minutes


# --- evidence


@pytest.mark.parametrize(
    ("text", "sought", "expected"),
    [
        ("production down", "production down", '"[production down]"'),
        (
            "Hello all, production down on the staging copy, please help",
            "production down",
            '"Hello all, [production down] on the staging cop…"',
        ),
        ("the staging copy\nhello\n\nout of order", "staging", '"the [staging] copy ¶ hello ¶ out of …"'),
        ("a\tstaging\x1b[31m\u202ecopy\ud800", "staging", '"a [staging] [31m copy\ufffd"'),
        (
            "one ... " * 3 + "x" * 80,
            "x*",
            '"…[xxxxxxxxxxxxxxxxxxxxxxxxxx…xxxxxxxxxxxxxxxxxxxxxxxxxx]"',
        ),
    ],
)
def test_evidence_shows_the_hit_and_what_stands_around_it(text: str, sought: str, expected: str) -> None:
    hit = find(words_of(text), phrase(sought))

    assert hit is not None
    assert evidence(text, hit) == expected


@given(texts, st.integers(20, 90), st.data())
def test_evidence_is_one_line_and_never_wider_than_asked(text: str, width: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    shown = evidence(text, Hit(start, end), width)

    assert len(shown) <= width
    assert shown.isprintable() or not text.isprintable()
    assert len(shown.splitlines()) == 1
