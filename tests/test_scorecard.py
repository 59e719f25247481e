"""Points that are learned from mails are the same each time, and stand in the module that the program has."""

from dataclasses import astuple

from bench.scorecard import Mail, Row, learn, source, verdict, verdicts
from mailgateway.triage.split import points
from mailgateway.triage.split.features import FEATURES
from mailgateway.triage.split.score import Card

WORDS = "words of the shortest item"


def mail(words: int, tickets: int, name: str = "m") -> Mail:
    return Mail(name, tickets, (Row("LISTED", dict.fromkeys(FEATURES, 0) | {WORDS: words}, tickets > 1),))


LONG_AND_SHORT = [mail(words, 2 if words > 10 else 1) for words in range(21) for _ in range(8)]


def test_what_sets_mails_apart_gets_the_points() -> None:
    card = learn(LONG_AND_SHORT, "LISTED")

    several, one = (verdict({"LISTED": card}, mail(words, 2)).points for words in (15, 5))
    assert card.steps.keys() == {WORDS}
    assert several > 20
    assert one < -20


def test_the_same_mails_give_the_same_card() -> None:
    once, again = learn(LONG_AND_SHORT, "LISTED"), learn(list(LONG_AND_SHORT), "LISTED")

    assert astuple(once) == astuple(again)


def test_of_several_ways_to_cut_a_mail_the_likeliest_counts() -> None:
    card = Card(0, {WORDS: ((0, 0), (10, 30))})
    right, wrong = (mail(words, 2).rows[0] for words in (12, 3))

    made = verdict({"LISTED": card}, Mail("m", 2, (wrong._replace(is_right=False), right)))

    assert made == (2, 30, True)


def test_a_mail_is_judged_by_cards_that_were_learned_from_others() -> None:
    told = [Mail(one.name, one.tickets, (one.rows[0]._replace(card="TOLD"),)) for one in LONG_AND_SHORT]

    made = verdicts([*LONG_AND_SHORT, *told], 4)

    assert [one for one in made if (one.tickets > 1) is not (one.points > 0)] == []
    assert len(made) == len(LONG_AND_SHORT) + len(told)


def test_the_module_that_is_written_holds_the_cards() -> None:
    cards = {"LISTED": points.LISTED, "TOLD": points.TOLD}
    held: dict[str, Card] = {}

    exec(source(cards, LONG_AND_SHORT), held)  # noqa: S102 -- it is the module that is tested

    assert {name: astuple(held[name]) for name in cards} == {name: astuple(card) for name, card in cards.items()}
