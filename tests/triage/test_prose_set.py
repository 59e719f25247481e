"""The labelled texts of tests/corpus/prose: each line begins with the letter of its kind; a blank line is blank."""

from pathlib import Path

import pytest

from mailgateway.triage.prose import LineKind, lines_of, prose

FOLDER = Path(__file__).parents[1] / "corpus" / "prose"
KINDS = {
    "P": LineKind.PROSE,
    "C": LineKind.CODE,
    "L": LineKind.LOG,
    "T": LineKind.TRACE,
    "D": LineKind.TABLE,
    "H": LineKind.HEADER,
}


def cases() -> list[tuple[str, list[tuple[LineKind, str]]]]:
    found: list[tuple[str, list[tuple[LineKind, str]]]] = []
    for path in sorted(FOLDER.glob("*.txt")):
        for case in path.read_text("utf-8").removeprefix("=== ").split("\n=== "):
            name, *rows = case.rstrip("\n").split("\n")
            lines = [
                (KINDS[row[0]] if row[2:] else LineKind.BLANK, row[2:]) if row else (LineKind.BLANK, "") for row in rows
            ]
            found.append((f"{path.stem}: {name}", lines))
    return found


CASES = cases()


@pytest.mark.parametrize("lines", [lines for _, lines in CASES], ids=[name for name, _ in CASES])
def test_every_line_of_the_labelled_texts_has_its_kind(lines: list[tuple[LineKind, str]]) -> None:
    text = "\n".join(words for _, words in lines)

    assert [(line.kind, line.text) for line in lines_of(text)] == lines


@pytest.mark.parametrize("lines", [lines for _, lines in CASES], ids=[name for name, _ in CASES])
def test_all_words_of_people_are_kept_and_no_others(lines: list[tuple[LineKind, str]]) -> None:
    kept = prose("\n".join(words for _, words in lines))

    assert [line for line in kept.split("\n") if line] == [words for kind, words in lines if kind is LineKind.PROSE]


def test_the_set_has_60_texts_and_30_of_them_are_wholly_prose() -> None:
    whole = [name for name, lines in CASES if {kind for kind, _ in lines} <= {LineKind.PROSE, LineKind.BLANK}]

    assert len(CASES) >= 60
    assert len(whole) >= 30
