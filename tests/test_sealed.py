import json
from pathlib import Path

from tests.corpus.make_sealed import HAND, SEAL, SEALED, files, sealed_hash

MAILS = sorted(SEALED.glob("*.eml"))


def test_the_sealed_set_is_the_one_that_was_sealed() -> None:
    assert sealed_hash() == SEAL.read_text().strip()


def test_one_changed_octet_breaks_the_seal(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"Subject: a\r\n\r\n")
    before = sealed_hash(tmp_path)

    (tmp_path / "a.eml").write_bytes(b"Subject: b\r\n\r\n")

    assert sealed_hash(tmp_path) != before


def test_the_generator_writes_the_sealed_octets_again() -> None:
    generated = dict(files())

    kept = {path.name: path.read_bytes() for path in SEALED.iterdir() if not path.name.startswith(HAND)}
    assert generated == kept


def test_every_sealed_mail_has_an_expectation_with_a_shape() -> None:
    expectations = [json.loads(path.with_suffix(".json").read_text("utf-8")) for path in MAILS]

    assert len(MAILS) >= 300
    assert [path.name for path, found in zip(MAILS, expectations, strict=True) if not found.get("shape")] == []
    assert len(list(SEALED.iterdir())) == 2 * len(MAILS)


def test_no_two_sealed_replies_say_the_same() -> None:
    replies = [path for path in MAILS if path.name.startswith("reply-")]
    texts = [json.loads(path.with_suffix(".json").read_text("utf-8"))["text"] for path in replies]

    long = [text for text in texts if len(text) > 60]
    assert len(long) >= 200
    assert len(set(long)) == len(long)
