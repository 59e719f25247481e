"""The file of signing keys: made once, readable by its owner alone, rotated without losing a key."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mailgateway.adapters.files import create_keyring, load_keyring, open_keyring, rotate_keyring
from mailgateway.errors import ConfigError
from mailgateway.model.tokens import Key, Keyring


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "keyring"


def put(path: Path, text: str, mode: int = 0o600) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_new_keyring_has_one_key_of_32_bytes_and_is_for_its_owner_alone(path: Path) -> None:
    keyring = create_keyring(path)

    assert [(key.id, len(key.secret)) for key in keyring.keys] == [("a", 32)]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["keyring"]
    assert load_keyring(path) == keyring


def test_keyring_is_never_overwritten(path: Path) -> None:
    first = create_keyring(path)

    assert create_keyring(path) == first
    assert open_keyring(path) == first


def test_opening_makes_a_keyring_where_there_is_none(path: Path) -> None:
    assert open_keyring(path) == load_keyring(path)


def test_of_many_creators_at_once_all_return_the_keyring_of_one(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(create_keyring, [path] * 16))

    assert made == [load_keyring(path)] * 16
    assert [file.name for file in path.parent.iterdir()] == ["keyring"]


def test_file_is_an_id_and_a_secret_a_line_with_comments(path: Path) -> None:
    put(path, "# comment\n\nb 0102ff\n  a   aabb  \n#c 00\n")

    assert load_keyring(path) == Keyring((Key("b", b"\x01\x02\xff"), Key("a", b"\xaa\xbb")))


def test_rotation_puts_a_new_key_first_and_keeps_the_others_and_the_comments(path: Path) -> None:
    put(path, "# mine\nb 0102\na 03\n")

    keyring = rotate_keyring(path)

    assert [key.id for key in keyring.keys] == ["c", "b", "a"]
    assert keyring.keys[1:] == (Key("b", b"\x01\x02"), Key("a", b"\x03"))
    assert path.read_text().endswith("# mine\nb 0102\na 03\n")
    assert path.stat().st_mode & 0o777 == 0o600


def test_rotations_at_once_lose_no_key(path: Path) -> None:
    create_keyring(path)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(rotate_keyring, [path] * 12))

    assert len(load_keyring(path).keys) == 13


def test_rotation_takes_the_next_free_id_and_refuses_the_37th_key(path: Path) -> None:
    ids = "9876543210zyxwvutsrqponmlkjihgfedcb"
    put(path, "".join(f"{name} 00\n" for name in ids))

    assert rotate_keyring(path).signing.id == "a"
    with pytest.raises(ConfigError, match="all 36 ids are taken"):
        rotate_keyring(path)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o604])
def test_keyring_that_others_can_read_is_refused(path: Path, mode: int) -> None:
    put(path, "a 00\n", mode)

    with pytest.raises(ConfigError, match="chmod 600"):
        load_keyring(path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "at least one key"),
        ("a 00\na 01\n", "the same id"),
        ("ab 00\n", "one character"),
        ("a\n", "secret is empty"),
        ("# x\na hunter2\n", "keyring:2:1"),
        ("a\x00 hunter2", "keyring:1:1"),
    ],
)
def test_broken_keyring_is_refused_without_showing_a_secret(path: Path, text: str, problem: str) -> None:
    put(path, text)

    with pytest.raises(ConfigError, match=problem) as caught:
        load_keyring(path)

    assert "hunter2" not in str(caught.value)


def test_missing_keyring_is_named(path: Path) -> None:
    for use in (load_keyring, rotate_keyring):
        with pytest.raises(ConfigError, match="keyring: No such file"):
            use(path)


def test_folder_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match="keyring: "):
        create_keyring(tmp_path / "file" / "keyring")


def test_secrets_stay_out_of_the_text_of_a_key(path: Path) -> None:
    secret = create_keyring(path).signing.secret

    assert secret.hex() in path.read_text()
    assert repr(secret) not in repr(load_keyring(path))
    assert os.fspath(path) not in repr(load_keyring(path))
