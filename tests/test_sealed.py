import json
from pathlib import Path

import pytest

from tests.corpus.make_sealed import HAND, SEALED, SETS, files, seal, sealed_hash

each_set = pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)


@each_set
def test_a_sealed_set_is_the_one_that_was_sealed(folder: Path) -> None:
    assert sealed_hash(folder) == seal(folder).read_text().strip()


def test_one_changed_octet_breaks_the_seal(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(b"Subject: a\r\n\r\n")
    before = sealed_hash(tmp_path)

    (tmp_path / "a.eml").write_bytes(b"Subject: b\r\n\r\n")

    assert sealed_hash(tmp_path) != before


@each_set
def test_the_generator_writes_the_sealed_octets_again(folder: Path) -> None:
    generated = dict(files(folder))

    kept = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(HAND)}
    assert generated == kept


@each_set
def test_every_sealed_mail_has_an_expectation_with_a_shape(folder: Path) -> None:
    mails = sorted(folder.glob("*.eml"))

    expectations = [json.loads(path.with_suffix(".json").read_text("utf-8")) for path in mails]

    assert len(mails) >= 150
    assert [path.name for path, found in zip(mails, expectations, strict=True) if not found.get("shape")] == []
    assert len(list(folder.iterdir())) == 2 * len(mails)


def test_no_two_sealed_replies_say_the_same() -> None:
    replies = sorted(SEALED.glob("reply-*.eml"))
    texts = [json.loads(path.with_suffix(".json").read_text("utf-8"))["text"] for path in replies]

    long = [text for text in texts if len(text) > 60]
    assert len(long) >= 200
    assert len(set(long)) == len(long)
