import os
from pathlib import Path

import pytest

from mailgateway.adapters.rulefiles import FolderSource, GitSource
from mailgateway.errors import RulesUnreadableError, TemporaryError
from mailgateway.model.rulefiles import MB, RuleFiles
from tests.adapters_rules.repository import AUTHOR, commit, git

FILES = (("priority.toml", b"format = 1\n"), ("tests/a.eml", b"\xff\r\n"))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return an empty repository."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    return folder


@pytest.fixture
def rules(repository: Path) -> Path:
    """Return a folder in a repository with `FILES`, not committed yet."""
    folder = repository / "mail" / "rules"
    (folder / "tests").mkdir(parents=True)
    for name, content in FILES:
        (folder / name).write_bytes(content)
    return folder


def refusal(folder: Path, revision_spec: str = "HEAD") -> str:
    with pytest.raises(RulesUnreadableError) as caught:
        GitSource(folder).read_at(revision_spec)
    return str(caught.value)


def test_files_come_with_commit_and_author_and_have_the_revision_they_have_in_a_folder(rules: Path) -> None:
    commit_id = commit(rules)

    files = GitSource(rules).read()

    assert files == RuleFiles(FILES, commit_id, AUTHOR)
    assert files.revision == FolderSource(rules).read().revision


def test_fingerprint_is_the_commit_of_head(rules: Path) -> None:
    first = commit(rules)
    seen = [GitSource(rules).fingerprint()]
    (rules / "priority.toml").write_bytes(b"")

    seen.append(GitSource(rules).fingerprint())
    second = commit(rules)
    seen.append(GitSource(rules).fingerprint())

    assert seen == [first, first, second]


def test_a_half_finished_checkout_is_never_seen(rules: Path) -> None:
    commit_id = commit(rules)

    (rules / "priority.toml").write_bytes(b"half")
    (rules / "new.toml").write_bytes(b"")
    git(rules, "add", "new.toml")
    (rules / "tests" / "a.eml").unlink()

    assert GitSource(rules).read() == RuleFiles(FILES, commit_id, AUTHOR)


def test_the_folder_need_not_be_checked_out(rules: Path) -> None:
    commit_id = commit(rules)

    git(rules.parents[1], "rm", "-rq", "--force", "mail")

    assert not rules.exists()
    assert GitSource(rules).read() == RuleFiles(FILES, commit_id, AUTHOR)


def test_a_bare_repository_that_is_pushed_to_will_do(rules: Path, tmp_path: Path) -> None:
    commit_id = commit(rules)
    git(tmp_path, "clone", "--quiet", "--bare", "repository", "bare.git")

    assert GitSource(tmp_path / "bare.git" / "mail" / "rules").read() == RuleFiles(FILES, commit_id, AUTHOR)
    assert refusal(tmp_path / "bare.git").startswith(f"{tmp_path}/bare.git in commit {commit_id[:12]}: no rule files")


def test_a_linked_worktree_has_a_head_of_its_own(rules: Path, tmp_path: Path) -> None:
    commit_id = commit(rules)
    git(rules, "worktree", "add", "--quiet", "--detach", str(tmp_path / "other"))
    (rules / "priority.toml").write_bytes(b"")
    commit(rules)

    assert GitSource(tmp_path / "other" / "mail" / "rules").read() == RuleFiles(FILES, commit_id, AUTHOR)


@pytest.mark.parametrize("revision_spec", ["HEAD~1", "v1", "main^", ":/Change the rules~1"])
def test_earlier_states_are_read_by_the_names_git_knows(rules: Path, revision_spec: str) -> None:
    commit_id = commit(rules)
    git(rules, "tag", "v1")
    (rules / "priority.toml").write_bytes(b"changed")
    commit(rules)

    if revision_spec.startswith(":"):
        assert "no commit is called" in refusal(rules, revision_spec)
    else:
        assert GitSource(rules).read_at(revision_spec) == RuleFiles(FILES, commit_id, AUTHOR)


@pytest.mark.parametrize(
    "revision_spec", ["nosuch", "", "--all", "HEAD:mail", "a\0b", "HEAD\n", "0" * 40, "HEAD~9", "a b"]
)
def test_what_names_no_commit_is_told(rules: Path, revision_spec: str) -> None:
    commit(rules)

    words = f'no commit is called {revision_spec!r}; "git log" shows those there are'
    assert refusal(rules, revision_spec) == f"{rules.parents[1]}: {words}"


def test_what_a_person_has_set_for_git_changes_nothing(
    rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit_id = commit(rules)
    (tmp_path / "gitconfig").write_text("[core\nbroken")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_TRACE", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "broken")

    assert GitSource(rules).read() == RuleFiles(FILES, commit_id, AUTHOR)
    assert not (tmp_path / "elsewhere").exists()


def test_a_replaced_object_does_not_pass_for_the_one_that_was_committed(rules: Path) -> None:
    commit_id = commit(rules)
    (rules / "priority.toml").write_bytes(b"other")
    git(rules, "replace", "HEAD:mail/rules/priority.toml", git(rules, "hash-object", "-w", "priority.toml"))

    assert GitSource(rules).read() == RuleFiles(FILES, commit_id, AUTHOR)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
@pytest.mark.parametrize("bare", [False, True])
def test_a_repository_of_another_user_is_read(rules: Path, tmp_path: Path, bare: bool) -> None:
    commit_id = commit(rules)
    git(tmp_path, "clone", "--quiet", *(["--bare"] if bare else []), "repository", "mounted")
    for path in (tmp_path / "mounted", *(tmp_path / "mounted").rglob("*")):
        os.chown(path, 12345, 12345)

    assert GitSource(tmp_path / "mounted" / "mail" / "rules").read() == RuleFiles(FILES, commit_id, AUTHOR)


def test_a_folder_in_no_repository_is_told(tmp_path: Path) -> None:
    words = 'not in a git repository; make one with "git init", or set source = "folder"'

    assert refusal(tmp_path) == f"{tmp_path}: {words}"


def test_a_damaged_repository_is_told_and_the_one_around_it_is_not_read(rules: Path) -> None:
    commit(rules)
    (rules / ".git").mkdir()

    assert refusal(rules) == (f"{rules}: git says: not a git repository (or any of the parent directories): .git")


def test_a_repository_without_a_commit_is_told(rules: Path) -> None:
    assert refusal(rules) == f"{rules.parents[1]}: no commit yet; commit the rule files"


def test_a_folder_nobody_committed_is_told(rules: Path) -> None:
    commit_id = commit(rules)

    words = f"commit {commit_id[:12]} has no folder mail/others; commit it"
    assert refusal(rules.parent / "others") == f"{rules.parents[1]}: {words}"


def test_a_file_in_the_place_of_the_folder_is_told(rules: Path) -> None:
    commit(rules)

    assert refusal(rules / "priority.toml") == f"{rules.parents[1]}: git says: not a tree object"


def test_without_git_the_admin_is_told(rules: Path) -> None:
    with pytest.raises(RulesUnreadableError) as caught:
        GitSource(rules, program="git-that-is-not-there").read()

    words = 'install it, or set source = "folder"'
    assert str(caught.value) == f"git cannot be run (No such file or directory): {words}"


def test_a_git_that_hangs_is_temporary(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "hangs").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "hangs").chmod(0o700)

    with pytest.raises(TemporaryError, match=r"git did not answer in 0\.1 s"):
        GitSource(rules, program=str(tmp_path / "hangs"), timeout_s=0.1).read()


def test_links_are_followed_within_the_folder_and_the_others_are_told(repository: Path) -> None:
    (repository / "outside").write_bytes(b"")
    rules = repository / "rules"
    (rules / "mails").mkdir(parents=True)
    (rules / "mails" / "a.eml").write_bytes(b"mail")
    (rules / "shared").write_bytes(b"shared")
    (rules / "tests").symlink_to("mails")
    (rules / "a.toml").symlink_to("shared")
    good = RuleFiles((("a.toml", b"shared"), ("tests/a.eml", b"mail")), commit(repository), AUTHOR)
    read = GitSource(rules).read()
    for name, target in (
        ("b", "../outside"),
        ("c", "nowhere"),
        ("d", "d.toml"),
        ("e", "shared/x"),
        ("g", "/etc/hosts"),
    ):
        (rules / f"{name}.toml").symlink_to(target)
    (rules / "f.toml").mkdir()
    (rules / "f.toml" / "x").write_bytes(b"")
    git(repository, "add", ".")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},rules/h.toml")
    git(repository, "commit", "--quiet", "--message", "Links, a folder and a submodule")
    place = f"{rules} in commit {git(repository, 'rev-parse', 'HEAD')[:12]}"

    assert read == good
    assert refusal(rules).splitlines() == [
        f"{place}: b.toml: a link that leads out of the folder; commit a copy in its place",
        f"{place}: c.toml: a link that leads nowhere; remove it, or commit a copy in its place",
        f"{place}: d.toml: a link that leads to itself; remove it, or commit a copy in its place",
        f"{place}: e.toml: a link that leads nowhere; remove it, or commit a copy in its place",
        f"{place}: f.toml: not a file; remove or rename it",
        f"{place}: g.toml: a link that leads out of the folder; commit a copy in its place",
        f"{place}: h.toml: not a file; remove or rename it",
    ]


def test_names_nobody_can_print_are_told(rules: Path) -> None:
    os.mknod(os.fsencode(rules) + b"/\xff.toml")
    (rules / "a\n.toml").write_bytes(b"")
    place = f"{rules} in commit {commit(rules)[:12]}"

    assert refusal(rules).splitlines() == [
        rf"{place}: 'a\n.toml': the name of the file has characters that cannot be printed; rename it",
        rf"{place}: \xff.toml: the name of the file is not UTF-8; rename it",
    ]


def test_names_with_marks_of_git_are_names(repository: Path) -> None:
    names = ("a b.toml", "a:b.toml", '"a".toml', "grüße.toml", "1 blob 3.toml")
    for name in names:
        (repository / name).write_bytes(name.encode())
    commit(repository)

    files = GitSource(repository).read().files

    assert files == tuple((name, name.encode()) for name in sorted(names))


def test_limits_are_those_of_a_folder(repository: Path) -> None:
    for number in range(65):
        (repository / f"{number}.toml").write_bytes(b"")
    (repository / "0.toml").write_bytes(b"#" * (MB + 1))
    place = f"{repository} in commit {commit(repository)[:12]}"

    assert refusal(repository).splitlines() == [
        f"{place}: 65 rule files, and 64 are allowed: put several into one",
        f"{place}: 0.toml: 1,048,577 bytes, and 1,048,576 (1 MB) are allowed: split the file",
    ]


def test_an_author_with_an_odd_name_is_shown_without_what_cannot_be_printed(repository: Path) -> None:
    (repository / "a.toml").write_bytes(b"")
    git(repository, "add", ".")

    git(repository, "commit", "-qm", "x", "--author", "Ä \x1b[31m <a>")

    assert GitSource(repository).read().author == "Ä [31m <a>"


def test_the_source_says_what_it_is_and_need_not_settle(tmp_path: Path) -> None:
    assert (GitSource(tmp_path).described, GitSource(tmp_path).settle_s) == (f"git {tmp_path}", 0.0)


def test_a_folder_whose_name_is_too_long_is_told(tmp_path: Path) -> None:
    assert refusal(tmp_path / ("x" * 300)).endswith(": File name too long")
