"""Where each key of a TOML text stands, and what is said of a text that is not TOML."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.diagnostics import DiagnosedError, KeyPath, Place, Position, locate, read_toml


def at(line: int, column: int, length: int) -> Position:
    return Position("f", line, column, length)


def places(text: str) -> dict[KeyPath, Place]:
    return dict(locate(text, "f"))


def test_plain_and_dotted_keys() -> None:
    assert places('a = 1\nb . "c d" = "x"\n') == {
        ("a",): Place(at(1, 1, 1), at(1, 5, 1)),
        ("b",): Place(at(2, 1, 1), at(2, 1, 1)),
        ("b", "c d"): Place(at(2, 5, 5), at(2, 13, 3)),
    }


def test_tables_with_headers() -> None:
    assert places(" [x]\n[x.'y z'.w] # comment\nk = 2\n") == {
        ("x",): Place(at(1, 3, 1), at(1, 2, 3)),
        ("x", "y z"): Place(at(2, 4, 5), at(2, 4, 5)),
        ("x", "y z", "w"): Place(at(2, 10, 1), at(2, 1, 11)),
        ("x", "y z", "w", "k"): Place(at(3, 1, 1), at(3, 5, 1)),
    }


def test_arrays_of_tables_and_tables_inside_their_last_element() -> None:
    assert places("[[m]]\n[m.n]\n[[m]]\n[[m.o]]\nq=1\n[m.p.r]\n") == {
        ("m",): Place(at(1, 3, 1), at(1, 1, 5)),
        ("m", 0): Place(at(1, 3, 1), at(1, 1, 5)),
        ("m", 0, "n"): Place(at(2, 4, 1), at(2, 1, 5)),
        ("m", 1): Place(at(3, 3, 1), at(3, 1, 5)),
        ("m", 1, "o"): Place(at(4, 5, 1), at(4, 1, 7)),
        ("m", 1, "o", 0): Place(at(4, 5, 1), at(4, 1, 7)),
        ("m", 1, "o", 0, "q"): Place(at(5, 1, 1), at(5, 3, 1)),
        ("m", 1, "p"): Place(at(6, 4, 1), at(6, 4, 1)),
        ("m", 1, "p", "r"): Place(at(6, 6, 1), at(6, 1, 7)),
    }


def test_inline_tables_and_arrays() -> None:
    assert places("l = [1, # one\n  {a=2, b.c=3}]") == {
        ("l",): Place(at(1, 1, 1), at(1, 5, 9)),
        ("l", 0): Place(at(1, 6, 1), at(1, 6, 1)),
        ("l", 1): Place(at(2, 3, 12), at(2, 3, 12)),
        ("l", 1, "a"): Place(at(2, 4, 1), at(2, 6, 1)),
        ("l", 1, "b"): Place(at(2, 9, 1), at(2, 9, 1)),
        ("l", 1, "b", "c"): Place(at(2, 11, 1), at(2, 13, 1)),
    }


def test_columns_are_characters_and_a_long_value_has_its_first_line() -> None:
    text = '"é" = "日本"\t# x\r\n\t"\\u00fc" = """a\r\nb"""\r\n"日" . z = 1'

    assert places(text) == {
        ("é",): Place(at(1, 1, 3), at(1, 7, 4)),
        ("ü",): Place(at(2, 2, 8), at(2, 13, 4)),
        ("日",): Place(at(4, 1, 3), at(4, 1, 3)),
        ("日", "z"): Place(at(4, 7, 1), at(4, 11, 1)),
    }


KEYS = st.one_of(st.sampled_from(["a", "b-c", "1"]), st.text(max_size=5))
LEAVES = st.one_of(st.booleans(), st.integers(0, 99), st.text(alphabet='a日\t"\\\n', max_size=5))
VALUES = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3))
)


def quoted(text: str) -> str:
    return '"' + "".join(f"\\u{ord(c):04X}" if ord(c) < 32 or c in '"\\\x7f' else c for c in text) + '"'


def inline(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key)} = {inline(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return quoted(value) if isinstance(value, str) else str(value).lower()


def paths(value: object, path: KeyPath = ()) -> set[KeyPath]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {found for key, inner in pairs for found in ({(*path, key)} | paths(inner, (*path, key)))}


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_every_key_that_tomllib_reads_has_a_place_and_its_value_stands_there(values: dict[str, object]) -> None:
    text = "\n".join(f"\t{quoted(key)} = {inline(value)} # é" for key, value in values.items())
    lines = text.split("\n")

    found = places(text)

    assert tomllib.loads(text) == values
    assert set(found) == paths(values)
    for key, value in values.items():
        position = found[key,].value
        assert lines[position.line - 1][position.column - 1 :][: position.length] == inline(value)


@given(st.text())
def test_locating_in_any_text_never_fails(text: str) -> None:
    for place in locate(text, "f").values():
        assert 1 <= place.key.line <= text.count("\n") + 1
        assert place.key.column >= 1


@given(st.binary())
def test_reading_any_bytes_gives_values_or_a_fault_inside_the_file(raw: bytes) -> None:
    texts, lines = faults_of(raw)

    assert all(1 <= line <= texts["f"].count("\n") + 1 for line in lines)


def faults_of(raw: bytes) -> tuple[dict[str, str], list[int]]:
    """Return the text as it is shown and the lines of its faults, none where it can be read."""
    try:
        document = read_toml(raw, "f")
    except DiagnosedError as error:
        return error.texts, [fault.position.line for fault in error.diagnostics]
    assert set(document.places) <= paths(document.values)
    return document.texts, []


TOKENS = [
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "a",
    "b",
    '"',
    "'",
    '"""',
    "1",
    "true",
    "\n",
    "\r\n",
    "#",
    " ",
    "\t",
    "\\",
    "\x00",
    "é",
    "2026-01-01",
    "\ufeff",
]


@given(st.lists(st.sampled_from(TOKENS), max_size=30).map("".join))
def test_reading_anything_like_toml_agrees_with_tomllib(text: str) -> None:
    try:
        values = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError:
        with pytest.raises(DiagnosedError):
            read_toml(text.encode(), "f")
    else:
        document = read_toml(text.encode(), "f")
        assert document.values == values
        assert all(document.place(path) for path in paths(values))


@pytest.mark.parametrize(
    ("raw", "line", "column", "label"),
    [
        (b"a = \xff", 1, 5, "the byte 0xff cannot stand here"),
        (b"\xef\xbb\xbfb = 1\n# \xc3\xa9\n\xe2\x82", 3, 1, "the byte 0xe2 cannot stand here"),
        (b"a = b", 1, 5, "invalid value"),
        (b"\xef\xbb\xbfa b", 1, 3, "expected '=' after a key in a key/value pair"),
        ('x = "日" y'.encode(), 1, 9, "expected newline or end of document after a statement"),
        (b"# x\r\n[t\r\n", 2, 3, "expected ']' at the end of a table declaration"),
        (b'a = "', 1, 6, "unterminated string"),
        (b'a = "\\ud800"', 1, 12, "escaped character is not a Unicode scalar value"),
        (b"\x00", 1, 1, "invalid statement"),
        (b"a = 1\n a = 2 # again", 2, 2, "given a second time here"),
        (b"a = " + b"[" * 100_000, 1, 1, "nested too deeply"),
        (b"a" + b".a" * 5_000 + b" = 1", 1, 1, "nested too deeply"),
        (b"[a" + b".a" * 5_000 + b"]", 1, 1, "nested too deeply"),
        (b"a = " + b"9" * 5_000, 1, 1, "a number has too many digits"),
    ],
)
def test_broken_toml_is_a_fault_with_line_and_column(raw: bytes, line: int, column: int, label: str) -> None:
    with pytest.raises(DiagnosedError) as caught:
        read_toml(raw, "f")

    (fault,) = caught.value.diagnostics
    assert (fault.position.line, fault.position.column, fault.label) == (line, column, label)


def test_keys_may_be_64_deep_and_one_deeper_is_a_fault() -> None:
    assert read_toml(b".".join([b"a"] * 64) + b" = 1", "f").values
    with pytest.raises(DiagnosedError, match="nested too deeply"):
        read_toml(b".".join([b"a"] * 65) + b" = 1", "f")


def test_key_given_twice_shows_both_places() -> None:
    with pytest.raises(DiagnosedError) as caught:
        read_toml(b"[t]\nkey = 1\nother = 2\n  key = 3\n", "f")

    assert str(caught.value) == (
        "error[E001]: not valid TOML\n"
        " --> f:4:3\n"
        "  |\n"
        "2 | key = 1\n"
        "  | --- it is here already\n"
        "4 |   key = 3\n"
        "  |   ^^^^^^^ given a second time here\n"
        "  |\n"
        "  = help: the key stands here a second time; keep one of the two"
    )


def test_key_without_a_place_gets_that_of_the_table_around_it() -> None:
    document = read_toml(b"[t]\nk = 1\n", "f")

    assert document.place(("t", "missing", 3)).value == at(1, 1, 3)
    assert document.place(("missing",)).value == at(1, 1, 0)


def test_key_whose_escapes_are_not_toml_keeps_its_writing() -> None:
    assert set(places('"\\ud800" = 1')) == {('"\\ud800"',)}


@pytest.mark.parametrize(
    "text", ["[", "[]", "[[x]", "= 1", "[x", "a", '"\\q" = 1\n', '"a', "a = [", "a.= 1", ".", "[.]"]
)
def test_what_is_not_toml_has_few_places_or_none(text: str) -> None:
    assert set(places(text)) <= {("a",), ("a", "")}


def test_keys_below_the_deepest_level_are_left_out() -> None:
    deep = "a = " + "[" * 80 + "]" * 80

    assert max(map(len, places(deep))) == 65


def test_key_of_many_parts_is_read_in_no_time_and_cut() -> None:
    assert len(places(".".join("a" * 3_000) + " = 1")) == 65
