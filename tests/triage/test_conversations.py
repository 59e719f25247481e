"""Generated conversations through the whole gateway: bench/conversations.py on a small scale."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from bench.conversations import judge, run
from bench.correspondence import CLIENTS, OTHERS, Sent


@pytest.mark.parametrize("seed", [1, 2])
def test_every_mail_that_names_its_ticket_finds_it_and_no_mail_a_wrong_one(seed: int, tmp_path: Path) -> None:
    in_all, by_shape = run(8, seed, tmp_path)

    assert (in_all["wrong"], in_all["missed"]) == (0, 0)
    assert in_all["right"] > 4 * in_all["unknowable"]
    assert len(by_shape) == len(CLIENTS) + len(OTHERS) + 1


def test_the_judge_tells_wrong_joins_from_missed_ones() -> None:
    mail = EmailMessage()
    on_seven, new, lost = Sent("", mail, 7), Sent("", mail, None), Sent("", mail, 7, is_knowable=False)

    pairs = ((on_seven, 7), (on_seven, 8), (on_seven, None), (new, None), (new, 7), (lost, None), (lost, 8))
    judged = [judge(sent, joined) for sent, joined in pairs]

    assert judged == ["right", "wrong", "missed", "right", "wrong", "unknowable", "wrong"]
