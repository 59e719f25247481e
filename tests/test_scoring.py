import pytest

from bench.scoring import (
    MEASURES,
    NOTHING,
    absent,
    answered,
    attached,
    exact,
    folded,
    kind_right,
    language,
    lines_kept,
    machine_is_machine,
    not_lost,
    originator,
    person_is_person,
    status_right,
    traced,
    wilson,
)

WANTED_BOUNCE = {
    "kind": "bounce",
    "bounce": {"recipients": [{"recipient": "a@b.example", "permanent": True, "status": "5.1.1"}]},
}


def bounce(**changes: object) -> dict[str, object]:
    return {"bounce": {"recipients": [{"recipient": "A@b.example", "permanent": True, "status": "5.1.1"} | changes]}}


def test_a_wilson_interval_holds_the_share_and_is_never_outside_0_and_1() -> None:
    low, high = wilson(88, 100)

    assert (round(low, 4), round(high, 4)) == (0.8019, 0.9300)
    assert wilson(0, 10)[0] == 0.0
    assert wilson(10, 10)[1] == pytest.approx(1.0)
    assert wilson(0, 0) == (0.0, 1.0)


def test_text_is_compared_without_white_space_and_zero_width_characters() -> None:
    assert folded("a\u00a0 b\n\u200b c") == "a b c"
    assert folded(None) == ""


@pytest.mark.parametrize("measure", list(MEASURES))
def test_a_mail_that_was_not_read_is_a_miss_in_each_measure_its_expectation_has(measure: str) -> None:
    one = {"recipient": "a@b.example", "permanent": True, "status": "5.1.1"}
    expected = {
        "kind": "person" if measure == "person" else "bounce",
        "text": "",
        "own": ["line"],
        "pairs": [{"question": "q", "answer": "a"}],
        "bounce": {"recipients": [one], "original_message_id": "i"},
        "originator": {"address": "a@b.example"},
        "forwarded": {"text": "t"},
        "form": {"name": "n"},
        "chat": {"turns": 0, "visitor": {"address": "a@b.example"}},
        "subject": "s",
        "from": {"name": "n", "address": "a@b.example"},
        "attachments": [],
        "inline": ["x.png"],
        "language": "en",
        "absent": {"until": "2026-11-13"},
    }

    hits, tries = MEASURES[measure][1](expected, {})

    assert hits == 0
    assert tries > 0


@pytest.mark.parametrize("measure", list(MEASURES))
def test_what_an_expectation_does_not_say_is_not_scored(measure: str) -> None:
    assert MEASURES[measure][1]({}, {"text": "a", "kind": "bounce"}) == NOTHING


def test_new_text_is_right_with_or_without_the_closing_and_not_with_a_quote() -> None:
    expected = {"text": "It works.", "text_also": ["It works.\n\nThanks"]}

    assert [exact(expected, {"text": text})[0] for text in ("It  works.", "It works.\nThanks", "It works. > q")] == [
        1,
        1,
        0,
    ]


def test_kept_counts_lines_and_lost_weighs_letters() -> None:
    expected = {"own": ["a rather long line of the author", "short"]}

    assert lines_kept(expected, {"text": "short"}) == (1, 2)
    assert not_lost(expected, {"text": "short"}) == (0, 1)
    assert not_lost(expected, {"text": "> q\na rather long line of the author"}) == (1, 1)


def test_kinds_have_other_names_and_other_right_answers() -> None:
    assert kind_right({"kind": "challenge"}, {"kind": "challenge_response"}) == (1, 1)
    assert kind_right({"kind": "auto_reply", "kind_also": ["list"]}, {"kind": "list"}) == (1, 1)
    assert kind_right({"kind": "auto_reply"}, {"kind": "person"}) == (0, 1)


def test_a_person_called_a_machine_and_a_machine_called_a_person_are_both_counted() -> None:
    assert person_is_person({"kind": "person"}, {"kind": "receipt"}) == (0, 1)
    assert machine_is_machine({"kind": "receipt"}, {"kind": "person"}) == (0, 1)
    assert machine_is_machine({"kind": "receipt"}, {"kind": "bounce"}) == (1, 1)


def test_a_bounce_is_traced_with_all_its_recipients_and_their_permanence() -> None:
    assert traced(WANTED_BOUNCE, bounce()) == (1, 1)
    assert traced(WANTED_BOUNCE, bounce(permanent=False)) == (0, 1)
    assert traced(WANTED_BOUNCE, bounce(recipient="c@b.example")) == (0, 1)
    assert status_right(WANTED_BOUNCE, bounce(status="5.0.0")) == (0, 1)


def test_an_originator_is_the_forms_person_or_the_forwards_sender() -> None:
    forward = {"forwarded": {"from": {"address": "a@b.example"}}}

    assert originator(forward, {"forwarded": {"from": {"address": "A@B.example"}}}) == (1, 1)
    assert originator(forward, {"forwarded": True}) == (0, 1)


def test_images_of_the_body_are_no_attachments() -> None:
    expected = {"attachments": [{"name": "a.pdf", "content_type": "application/pdf"}]}
    pdf = {"name": "a.pdf", "content_type": "application/pdf", "inline": False}
    image = {"name": "i.png", "content_type": "image/png", "inline": True}

    assert attached(expected, {"attachments": [pdf, image]}) == (1, 1)
    assert attached(expected, {"attachments": [pdf, pdf]}) == (0, 1)


def test_an_answer_needs_its_own_question() -> None:
    expected = {"pairs": [{"question": "Which?", "answer": "The red."}, {"question": "When?", "answer": "Now."}]}
    shown = {"pairs": [{"question": "Hello. Which?", "answer": "The red."}, {"question": "Which?", "answer": "Now."}]}

    assert answered(expected, shown) == (1, 2)


def test_languages_are_compared_without_region_and_norwegian_is_one() -> None:
    assert language({"language": "pt"}, {"language": "pt-BR"}) == (1, 1)
    assert language({"language": "no"}, {"language": "nb"}) == (1, 1)
    assert language({"language": "sv"}, {"language": "nb"}) == (0, 1)


def test_only_the_dates_that_a_mail_gives_count() -> None:
    assert absent({"absent": {"until": "2026-11-13"}}, {"absent": {"from": None, "until": "2026-11-13"}}) == (1, 1)
    assert absent({"absent": {"until": "2026-11-13"}}, {"absent": {"until": None}}) == (0, 1)
