"""What is said of a configuration that cannot be used, or that can but should be looked at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import ErrorDetails

from mailgateway.config import parse_config, read_config
from mailgateway.config.shapes import FORM
from mailgateway.diagnostics import DiagnosedError, Diagnostic, Severity, read_toml
from mailgateway.diagnostics.faults import diagnosed
from mailgateway.errors import ConfigError

ACCOUNT = '[[mailbox]]\nname = "a"\naddress = "a@x.example"\n[mailbox.imap]\nhost = "imap"\nuser = "a"\n'
SMTP = '[smtp]\nhost = "localhost"\n'
GOOD = ACCOUNT + SMTP


def diagnostics(text: str | bytes) -> tuple[Diagnostic, ...]:
    with pytest.raises(DiagnosedError) as caught:
        parse_config(text if isinstance(text, bytes) else text.encode(), "c.toml")
    return caught.value.diagnostics


def brief(found: Diagnostic) -> tuple[str, str, str, str]:
    """Return code, message, what is underlined, and the label."""
    return (
        found.code,
        found.message,
        f"{found.position.line}:{found.position.column}+{found.position.length}",
        found.label,
    )


def test_smallest_configuration_is_fine() -> None:
    config = parse_config(GOOD.encode(), "c.toml")

    assert (config.mailbox[0].address, config.smtp.port, config.log.level) == ("a@x.example", 465, "info")


def test_all_faults_are_reported_at_once_in_the_order_of_the_lines() -> None:
    text = '[site]\nnmae = "x"\n[smtp]\nport = "25"\n[[mailbox]]\nname = "a b"\nimap.host = ""\n[log]\nlevel = "inof"\n'

    found = [brief(fault) for fault in diagnostics(text)]

    assert found == [
        ("E010", 'unknown key "nmae"', "2:1+4", 'not known in "site"'),
        ("E011", 'missing key "host"', "3:1+6", 'has no "host"'),
        ("E012", '"port" must be a whole number', "4:8+4", "this is text"),
        ("E011", 'missing key "address"', "5:1+11", 'has no "address"'),
        ("E015", '"name" cannot have this value', "6:8+5", "not a short name"),
        ("E011", 'missing key "user"', "7:1+4", 'has no "user"'),
        ("E015", '"host" cannot have this value', "7:13+2", "not a host name"),
        ("E013", '"level" cannot have this value', "9:9+6", "not known"),
    ]


def test_fault_is_printed_with_line_caret_and_suggestion() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config((GOOD + '[log]\nlevel = "inof" # é\n').encode(), "conf/c.toml")

    assert str(caught.value) == (
        'error[E013]: "level" cannot have this value\n'
        "  --> conf/c.toml:10:9\n"
        "   |\n"
        '10 | level = "inof" # é\n'
        "   |         ^^^^^^ not known\n"
        "   |\n"
        '   = help: did you mean "info"?\n'
        '   = help: write "debug", "info", "warning" or "error"'
    )


@pytest.mark.parametrize(
    ("line", "message", "label", "hints"),
    [
        ("smtp.timeout_s = 0", '"timeout_s" is out of range', "allowed: more than 0, at most 600", 1),
        ("smtp.timeout_s = nan", '"timeout_s" must be a number', "not a finite number", 1),
        ("smtp.timeout_s = true", '"timeout_s" must be a number', "this is true or false", 0),
        ("http.port = 65536", '"port" is out of range', "allowed: from 0 to 65535", 1),
        ("http.port = 1.0", '"port" must be a whole number', "this is a number with a fraction", 0),
        ("http.port = []", '"port" must be a whole number', "this is a list", 0),
        ("http.port = 2026-01-01", '"port" must be a whole number', "this is a date", 0),
        ("http.port = 10:00:00", '"port" must be a whole number', "this is a time", 0),
        ("http = 3", '"http" must be a table', "this is a whole number", 0),
        ('site.host = "a b"', '"host" cannot have this value', "not a domain", 1),
        ('site.ticket_prefix = "sup"', '"ticket_prefix" cannot have this value', "not a ticket prefix", 1),
        ('site.name = "a\\nb"', '"name" cannot have this value', "not on one line", 1),
        ('site.name = ""', '"name" is empty', "nothing stands here", 1),
        ('notify.roles = ["' + "a" * 41 + '"]', '"roles" is too long', "40 characters at most", 0),
        (
            'smtp.password_env = "a-b"',
            '"password_env" cannot have this value',
            "not the name of an environment variable",
            1,
        ),
    ],
)
def test_wrong_value_is_said_in_plain_words(line: str, message: str, label: str, hints: int) -> None:
    (found,) = diagnostics(
        f"{line}\n" + ("smtp.host = 'h'\n" if line.startswith("smtp") else "smtp = {host = 'h'}\n") + ACCOUNT
    )

    assert (found.message, found.label, len(found.help)) == (message, label, hints)
    assert found.position.line == 1


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (GOOD + "port = '25'\n", "write port = 25"),
        (GOOD + "null_sender = 'yes'\n", "write null_sender = true"),
        (GOOD + "[log]\nformat = 1\n", 'write "auto", "console" or "json"'),
        (GOOD + "[site]\nname = 7\n", 'write name = "7"'),
        (GOOD + "[notify]\nroles = 'sales'\n", 'write roles = ["sales"]'),
        (GOOD + "[[http]]\n", "write [http], with one bracket on each side"),
        (SMTP + "[mailbox]\nname = 'a'\n", "write [[mailbox]], with two brackets on each side"),
        (GOOD + "[[agent]]\nid = 'Anna Berg'\nname = 'A'\naddresses = ['b@c']\n", 'for example "anna-berg"'),
        (GOOD + "mail_bytes = 3\n", '"mail_bytes" belongs to [limits]'),
        (GOOD + "user_name = 'x'\n", 'did you mean "user"?'),
        (
            GOOD + "password = 'x'\n",
            "a password does not stand here: name its environment variable (password_env) or its file (password_file)",
        ),
    ],
)
def test_fault_says_what_to_write_instead(text: str, hint: str) -> None:
    (found,) = diagnostics(text)

    assert hint in found.help


def test_error_that_has_no_words_of_ours_keeps_those_of_pydantic() -> None:
    document = read_toml(b"[site]\nname = 1\n", "c.toml")
    unheard = ErrorDetails(type="unheard_of", loc=("site", "name"), msg="is odd", input=1)

    (found,) = diagnosed([unheard], document, FORM)

    assert brief(found) == ("E015", '"name" cannot have this value', "2:8+1", "is odd")


def test_moment_without_zone_says_how_to_give_one() -> None:
    (found,) = diagnostics(
        ACCOUNT.replace("[mailbox.imap]", "quiet_before = 2026-01-01 10:00:00\n[mailbox.imap]") + SMTP
    )

    assert found.message == '"quiet_before" has no time zone'
    assert found.help == ("write for example 2026-01-01T10:00:00Z for UTC, or +02:00 at the end",)


def test_missing_tables_are_named_at_the_head_of_the_file() -> None:
    found = [brief(fault) for fault in diagnostics("")]

    assert found == [
        ("E011", "missing table [[mailbox]]", "1:1+0", "no [[mailbox]] in the configuration"),
        ("E011", "missing table [smtp]", "1:1+0", "no [smtp] in the configuration"),
    ]


def test_missing_inner_table_is_named_at_the_table_that_lacks_it() -> None:
    (found,) = diagnostics(SMTP + "[[mailbox]]\nname = 'a'\naddress = 'a@b'\n")

    assert brief(found) == ("E011", "missing table [mailbox.imap]", "3:1+11", 'no [mailbox.imap] in "mailbox"')


TWICE = """\
mailbox = [
  {name="a", address="a@x", imap.host="h", imap.user="u", folders=[{name="In"}, {name="In"}]},
  {name="a", address="A@x", imap.host="h", imap.user="u"},
]
agent = [{id="x", name="X", addresses=["x@x"]}, {id="x", name="Y", addresses=["a@X"]}]
smtp.host = "localhost"
"""


def test_name_used_twice_shows_both_places() -> None:
    found = [
        (fault.code, fault.message, str(fault.position), str(fault.marks[0].position)) for fault in diagnostics(TWICE)
    ]

    assert found == [
        ("E016", 'the folder "In" is used twice', "c.toml:2:87", "c.toml:2:74"),
        ("E016", 'the mailbox name "a" is used twice', "c.toml:3:9", "c.toml:2:9"),
        ("E016", 'the address "a@x" is used twice', "c.toml:3:22", "c.toml:2:22"),
        ("E016", 'the agent id "x" is used twice', "c.toml:5:53", "c.toml:5:14"),
        ("E016", 'the address "a@x" is used twice', "c.toml:5:79", "c.toml:2:22"),
    ]


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        (GOOD + 'password_env = "A"\npassword_file = "b"\n', "the password has two sources", "10:1"),
        (ACCOUNT.replace('user = "a"\n', "") + SMTP, 'missing key "user"', "4:1"),
        (GOOD + "[delivery]\nfirst_retry_s = 4000\n", "the first retry is later than the longest one", "10:17"),
        (
            ACCOUNT.replace("[mailbox.imap]", 'folders = [{ name = "Set aside" }]\n[mailbox.imap]') + SMTP,
            'the folder "Set aside" is polled',
            "4:21",
        ),
    ],
)
def test_keys_that_do_not_go_together_are_refused(text: str, message: str, place: str) -> None:
    (found,) = diagnostics(text)

    assert (found.message, str(found.position)) == (message, f"c.toml:{place}")


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        (ACCOUNT + 'security = "none"\nport = 143\n' + SMTP, "W002", "7:12"),
        (GOOD + '[state]\ndatabase = "postgresql://u:pw@db/g"\n', "W003", "10:12"),
        (ACCOUNT + '[smtp]\nhost = "mail.example"\n', "W004", "1:1"),
        (ACCOUNT + '[smtp]\nhost = "mail.example"\n[site]\nname = "x"\n', "W004", "9:1"),
        (ACCOUNT + "port = 143\n" + SMTP, "W005", "7:8"),
        (GOOD + 'security = "starttls"\n', "W005", "7:1"),
    ],
)
def test_what_is_probably_not_meant_is_a_warning(text: str, code: str, place: str) -> None:
    parsed = read_config(text.encode(), "c.toml")

    assert [(w.severity, w.code, str(w.position)) for w in parsed.warnings] == [
        (Severity.WARNING, code, f"c.toml:{place}")
    ]


def test_url_that_nobody_can_read_has_no_password_to_warn_of() -> None:
    assert read_config((GOOD + '[state]\ndatabase = "http://["\n').encode(), "c.toml").warnings == ()


@pytest.mark.parametrize("port", [25, 587])
def test_local_server_without_encryption_is_no_reason_to_warn(port: int) -> None:
    text = ACCOUNT + f'[smtp]\nhost = "127.0.0.1"\nsecurity = "none"\nport = {port}\n'

    assert read_config(text.encode(), "c.toml").warnings == ()


@pytest.mark.parametrize(
    "line",
    [
        "password = 'hunter2'",
        "password = hunter2",
        '"password"="hunter2" # hunter2',
        "x = { Secret = 'hunter2', y = 1 }",
        "api_token = 'hunter2'",
        "x = 'postgresql://u:hunter2@db/g'",
    ],
)
def test_password_in_the_file_is_never_shown(line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(f"{GOOD}{line}\n".encode(), "c.toml")

    assert "9 | " in str(caught.value)
    assert "hunter2" not in str(caught.value)


KEYS = st.sampled_from(
    [
        "mailbox",
        "smtp",
        "agent",
        "state",
        "imap",
        "host",
        "port",
        "name",
        "address",
        "addresses",
        "folders",
        "database",
        "x",
    ]
)
LEAVES = st.sampled_from(
    ["1", "-1.5", "nan", "true", "2026-01-01", '""', '"a"', '"a@b"', '"//[:x@"', '"\\u0000"', "[]", "{}"]
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda values: f"[{', '.join(values)}]"),
        st.dictionaries(KEYS, inner, max_size=4).map(
            lambda values: "{" + ", ".join(f"{key} = {value}" for key, value in values.items()) + "}"
        ),
    ),
)


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_toml_is_a_configuration_or_a_list_of_faults_inside_the_file(values: dict[str, str]) -> None:
    text = "\n".join(f"{key} = {value}" for key, value in values.items())

    found = diagnostics(text)

    assert found
    assert all(1 <= fault.position.line <= max(1, len(values)) for fault in found)


@given(st.binary())
def test_any_bytes_are_refused_without_a_crash(raw: bytes) -> None:
    assert diagnostics(raw)


@given(st.binary(), st.integers(0, len(GOOD)))
def test_bytes_put_into_a_good_file_never_crash(raw: bytes, place: int) -> None:
    try:
        config = parse_config(GOOD.encode()[:place] + raw + GOOD.encode()[place:], "c.toml")
    except ConfigError:
        return
    assert config.smtp.host
