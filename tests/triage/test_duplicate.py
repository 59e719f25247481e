from mailgateway.triage.duplicate import duplicate_of, reused_id
from tests.factories import keys, known, known_message

ID = "m1@customer.example"
REUSED = "another mail has the same Message-ID"


def test_the_same_id_with_the_same_digest_is_a_duplicate_of_the_first() -> None:
    held = known(same_id=(known_message(ID, digest="d1", mail=9), known_message(ID, digest="d1", mail=4)))

    assert (duplicate_of(held, keys()), reused_id(held, keys())) == (4, "")


def test_the_same_id_with_another_digest_is_a_new_mail_with_a_warning() -> None:
    held = known(same_id=(known_message(ID, digest="d2", mail=4),))

    assert (duplicate_of(held, keys()), reused_id(held, keys())) == (None, REUSED)


def test_the_same_digest_without_an_id_is_a_duplicate() -> None:
    held = known(same_digest=(known_message("", digest="d1", mail=4),))

    assert (duplicate_of(held, keys(message_id="")), reused_id(held, keys(message_id=""))) == (4, "")


def test_the_same_digest_under_another_id_is_a_new_mail() -> None:
    held = known(same_digest=(known_message("", digest="d1", mail=4),))

    assert duplicate_of(held, keys()) is None


def test_a_mail_we_sent_is_no_first_copy() -> None:
    held = known(same_id=(known_message(ID, ours=True, digest="d1"),))

    assert duplicate_of(held, keys()) is None


def test_a_mail_seen_for_the_first_time_is_new() -> None:
    assert (duplicate_of(known(), keys()), reused_id(known(), keys())) == (None, "")
