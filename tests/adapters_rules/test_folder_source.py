import itertools
import os
import threading
from pathlib import Path

import pytest

from mailgateway.adapters.rulefiles import FolderSource
from mailgateway.adapters.rulefiles.folder import _content
from mailgateway.errors import RulesChangingError, RulesUnreadableError
from mailgateway.model.rulefiles import MB, RuleFiles
from tests.servers import eventually


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    (folder / "tests").mkdir(parents=True)
    (folder / "priority.toml").write_bytes(b"format = 1\n")
    (folder / "tests" / "a.eml").write_bytes(b"\xff")
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(RulesUnreadableError) as caught:
        FolderSource(folder).read()
    return str(caught.value)


def test_what_counts_is_read_and_nothing_else(rules: Path) -> None:
    (rules / ".schema").mkdir()
    for name in (".schema/x.toml", "priority.toml~", ".hidden.toml", "README.md", "tests/notes.txt"):
        (rules / name).write_bytes(b"x")

    files = FolderSource(rules).read()

    assert files == RuleFiles((("priority.toml", b"format = 1\n"), ("tests/a.eml", b"\xff")))


def test_a_folder_without_tests_is_fine(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"")

    assert FolderSource(tmp_path).read() == RuleFiles((("a.toml", b""),))


def test_a_file_named_tests_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"")
    (tmp_path / "tests").write_bytes(b"")

    assert FolderSource(tmp_path).read() == RuleFiles((("a.toml", b""),))


def test_fingerprint_stays_without_a_change_and_changes_with_one(rules: Path) -> None:
    source = FolderSource(rules)
    seen = [source.fingerprint(), source.fingerprint()]

    (rules / "priority.toml").write_bytes(b"format = 1")
    seen.append(source.fingerprint())
    os.utime(rules / "priority.toml", ns=(0, 1))
    seen.append(source.fingerprint())
    (rules / "priority.toml").rename(rules / "other.toml")
    seen.append(source.fingerprint())
    (rules / "copy").write_bytes(b"format = 1")
    os.utime(rules / "copy", ns=(0, 1))
    (rules / "copy").rename(rules / "other.toml")
    seen.append(source.fingerprint())
    (rules / "tests" / "b.eml").write_bytes(b"")
    seen.append(source.fingerprint())

    assert seen[0] == seen[1]
    assert len(set(seen)) == len(seen) - 1


def test_what_does_not_count_leaves_the_fingerprint_alone(rules: Path) -> None:
    before = FolderSource(rules).fingerprint()

    (rules / ".priority.toml.swp").write_bytes(b"")
    (rules / "tests" / "b.txt").write_bytes(b"")

    assert FolderSource(rules).fingerprint() == before


def test_fingerprint_of_a_name_that_is_no_utf8_can_be_taken(rules: Path) -> None:
    os.mknod(os.fsencode(rules) + b"/\xff.toml")

    assert len(FolderSource(rules).fingerprint()) == 64


@pytest.mark.parametrize("method", ["read", "fingerprint"])
def test_a_missing_folder_is_told_with_what_to_do(tmp_path: Path, method: str) -> None:
    with pytest.raises(RulesUnreadableError) as caught:
        getattr(FolderSource(tmp_path / "rules"), method)()

    words = 'no such folder; make it, or name another one; "rules init" writes a first set of files'
    assert str(caught.value) == f"{tmp_path}/rules: {words}"


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "rules").write_bytes(b"")

    assert refusal(tmp_path / "rules") == f"{tmp_path}/rules: Not a directory"


def test_an_empty_folder_is_refused_for_its_drive_may_be_away(tmp_path: Path) -> None:
    words = 'no rule files (*.toml): is it the right folder, is its drive there? "rules init" writes some'

    assert refusal(tmp_path) == f"{tmp_path}: {words}"


def test_the_65th_file_is_refused(tmp_path: Path) -> None:
    for number in range(64):
        (tmp_path / f"{number}.toml").write_bytes(b"")

    assert len(FolderSource(tmp_path).read().files) == 64
    (tmp_path / "64.toml").write_bytes(b"")
    assert refusal(tmp_path) == f"{tmp_path}: 65 rule files, and 64 are allowed: put several into one"


def test_one_byte_over_1_mb_is_refused(rules: Path) -> None:
    (rules / "priority.toml").write_bytes(b"#" * MB)

    assert FolderSource(rules).read().files[0] == ("priority.toml", b"#" * MB)
    (rules / "priority.toml").write_bytes(b"#" * (MB + 1))
    assert refusal(rules) == (
        f"{rules}: priority.toml: 1,048,577 bytes, and 1,048,576 (1 MB) are allowed: split the file"
    )


def test_a_name_that_is_no_utf8_is_refused(rules: Path) -> None:
    os.mknod(os.fsencode(rules) + b"/\xff.toml")

    assert refusal(rules) == f"{rules}: \\xff.toml: the name of the file is not UTF-8; rename it"


def test_links_within_the_folder_are_followed_as_mounted_configuration_has_them(tmp_path: Path) -> None:
    (tmp_path / "..2026_11_07").mkdir()
    (tmp_path / "..2026_11_07" / "priority.toml").write_bytes(b"format = 1\n")
    (tmp_path / "..data").symlink_to("..2026_11_07")
    (tmp_path / "priority.toml").symlink_to("..data/priority.toml")
    (tmp_path / "linked").symlink_to(".")

    assert FolderSource(tmp_path / "linked").read() == RuleFiles((("priority.toml", b"format = 1\n"),))


def test_what_is_no_file_of_the_folder_is_refused_all_at_once(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"")
    (rules / "a.toml").symlink_to("../secret")
    (rules / "b.toml").symlink_to(rules)
    (rules / "c.toml").symlink_to("nowhere")
    (rules / "d.toml").symlink_to("d.toml")
    (rules / "e.toml").symlink_to("priority.toml/x")
    (rules / "f.toml").mkdir()
    os.mkfifo(rules / "g.toml")

    assert refusal(rules).splitlines() == [
        f"{rules}/a.toml: a link that leads out of the folder; put a copy in its place",
        f"{rules}/b.toml: not a file; remove or rename it",
        f"{rules}/c.toml: a link that leads nowhere; remove it, or put a copy in its place",
        f"{rules}/d.toml: a link that leads nowhere; remove it, or put a copy in its place",
        f"{rules}/e.toml: a link that leads nowhere; remove it, or put a copy in its place",
        f"{rules}/f.toml: not a file; remove or rename it",
        f"{rules}/g.toml: not a file; remove or rename it",
    ]


def test_a_folder_of_tests_that_lies_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.toml").write_bytes(b"")
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "a.eml").write_bytes(b"")
    (tmp_path / "rules" / "tests").symlink_to("../mails")

    words = "a link that leads out of the folder; put a copy in its place"
    assert refusal(tmp_path / "rules") == f"{tmp_path}/rules/tests/a.eml: {words}"


@pytest.mark.parametrize("size_bytes", [10, 12])
def test_a_file_of_another_size_than_it_was_seen_with_means_try_again(rules: Path, size_bytes: int) -> None:
    with pytest.raises(RulesChangingError, match="being written"):
        _content(rules, "priority.toml", size_bytes)


def test_a_file_that_vanishes_after_it_was_seen_means_try_again(rules: Path) -> None:
    (rules / "priority.toml").unlink()

    with pytest.raises(RulesChangingError, match="gone since the folder was listed"):
        _content(rules, "priority.toml", 11)


def test_files_that_change_all_the_time_are_read_as_they_were_at_one_moment_or_not_at_all(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    stop = threading.Event()
    put(rules, "a.toml", 0)
    put(rules, "b.toml", 0)
    writer = threading.Thread(target=write_on, args=(rules, stop))

    writer.start()
    try:
        seen = [looked(FolderSource(rules)) for _ in range(500)]
        # It must have happened that files changed while they were read.
        assert None in seen or eventually(lambda: looked(FolderSource(rules)) is None, every_s=0)
    finally:
        stop.set()
        writer.join()

    assert {first - second for first, second in filter(None, seen)} <= {0, 1}


def write_on(rules: Path, stop: threading.Event) -> None:
    """Put one byte more into the first file, then into the second, again and again."""
    for size_bytes in itertools.count(1):
        put(rules, "a.toml", size_bytes)
        put(rules, "b.toml", size_bytes)
        if stop.is_set():
            return


def put(rules: Path, name: str, size_bytes: int) -> None:
    aside = rules.parent / name
    aside.write_bytes(b"#" * size_bytes)
    aside.replace(rules / name)


def looked(source: FolderSource) -> tuple[int, int] | None:
    """Return the sizes of both files, None where they changed meanwhile."""
    try:
        (_, first), (_, second) = source.read().files
    except RulesChangingError:
        return None
    return len(first), len(second)


def test_the_source_says_what_it_is(tmp_path: Path) -> None:
    assert (FolderSource(tmp_path).described, FolderSource(tmp_path).settle_s) == (f"folder {tmp_path}", 2.0)
