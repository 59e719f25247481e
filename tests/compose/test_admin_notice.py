from mailgateway.compose.admin_notice import CUT, MAX_TEXT, AdminNotice, admin_notice
from mailgateway.model.message import Address
from tests.compose.values import NOW, SITE, read

ADMINS = (Address("Adam", "adam@acme.example"), Address("Eva", "eva@acme.example"))
NOTICE = AdminNotice("Rules refused: revision 1234abcd", "error[E110]: unknown name\n  --> rules/a.toml:1:1\n")


def test_all_admins_get_one_mail_of_no_ticket_that_says_it_is_a_machines() -> None:
    mail = admin_notice(SITE, ADMINS, NOTICE, 7, NOW)

    parsed = read(mail.raw)
    assert (mail.id, mail.ticket, mail.purpose) == (7, None, "notice")
    assert mail.recipients == ("adam@acme.example", "eva@acme.example")
    assert (parsed["Subject"], parsed["Auto-Submitted"]) == (NOTICE.subject, "auto-generated")
    assert parsed.get_content().replace("\r\n", "\n") == NOTICE.text


def test_a_text_without_end_is_cut() -> None:
    mail = admin_notice(SITE, ADMINS, AdminNotice("x", "a" * (MAX_TEXT + 1)), 7, NOW)

    assert mail.text == "a" * MAX_TEXT + CUT + "\n"


def test_control_characters_of_a_rule_file_do_not_reach_the_header_or_the_terminal() -> None:
    mail = admin_notice(SITE, ADMINS, AdminNotice("a\r\nBcc: x@y.example", "\x1b[31mred"), 7, NOW)

    assert read(mail.raw)["Bcc"] is None
    assert "\x1b" not in mail.text
