"""The sealed mails for splitting are those that were sealed, and whole."""

import hashlib
import json
from pathlib import Path

from bench.split import cut, false_splits

FOLDER = Path(__file__).parent / "corpus" / "split"
SEALED = FOLDER / "sealed"


def listed(folder: Path) -> bytes:
    """Return the lines that `sha256sum` writes for the files of a folder, in the order of their names."""
    sums = (f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.relative_to(FOLDER)}\n" for one in folder.iterdir())
    return "".join(sorted(sums, key=lambda line: line.split("  ")[1])).encode()


def test_the_sealed_set_is_the_one_that_was_sealed() -> None:
    sealed = (FOLDER / "sealed.sha256").read_text("utf-8").split()[0]

    # The file names were sorted first, then the lines of sums in that order were summed.
    assert hashlib.sha256(listed(SEALED)).hexdigest() == sealed


def test_every_sealed_mail_has_a_label_with_one_mark_for_each_part() -> None:
    mails = sorted(SEALED.glob("*.eml"))
    labels = [json.loads(mail.with_suffix(".json").read_text("utf-8")) for mail in mails]

    several = [label for label in labels if label["tickets"] > 1]
    assert len(several) == 100
    assert len(labels) - len(several) == 150
    assert [label for label in several if len(label["parts"]) != label["tickets"]] == []
    assert {label["language"] for label in labels} == {"en", "sv", "ru", "de", "fr"}


def test_no_sealed_mail_with_one_issue_is_cut() -> None:
    # Numbers alone, no names: whoever works on splitting learns nothing of the mails.
    hits, tries = false_splits([cut(mail) for mail in sorted(SEALED.glob("*.eml"))])

    assert (hits, tries) == (0, 150)
