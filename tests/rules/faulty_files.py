"""Rule files that are wrong in one way each: what `check` says of them is in the folder golden."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from mailgateway.diagnostics import DiagnosedError, render
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.kinds.all import SHIPPED_TEMPLATES
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import Known
from tests.rules.rulesets import SITE

TODAY = date(2026, 11, 22)
RULE = '[[rule]]\nid = "first"\n'
EXAMPLE = '\n  [[rule.example]]\n  mail = "Subject: x"\n'
CALENDAR = '[[calendar]]\nid = "office"\n'
QUOTA = '[[quota]]\nid = "urgent"\nallow = 2\nper = "calendar month"\n'


@dataclass(frozen=True)
class Case:
    """Files by their name, and what else is known; a site is there anyway.

    Attributes:
        files: The text after `kind = ...` by the file's name; bytes are a whole file.
        known: What the configuration knows.
    """

    files: Mapping[str, str | bytes]
    known: Known | None = None

    def found(self) -> str:
        """Return what is said of the files, errors and warnings."""
        written = {"site.toml": SITE, **self.files}
        raw = {name: text if isinstance(text, bytes) else _whole(name, text) for name, text in written.items()}
        files = RuleFiles(tuple(sorted((name, text) for name, text in raw.items() if text)))
        try:
            loaded = load(files, starter_files(), folder="rules/", today=TODAY, known=self.known)
        except DiagnosedError as error:
            return error.render(color=False)
        return render(loaded.warnings, loaded.texts)


def _whole(name: str, text: str) -> bytes:
    kind = name.removesuffix(".toml").partition("-")[0]
    head = "" if name.startswith("tests/") else f'format = 1\nkind = "{kind}"\n\n'
    return (head + text).encode()


def routing(*lines: str) -> Case:
    """Return a file with one rule of routing and an example."""
    return Case({"routing.toml": RULE + "\n".join(lines) + "\n" + EXAMPLE})


def split(*lines: str) -> Case:
    """Return a file with one rule that cuts, and an example."""
    return Case({"split.toml": RULE + "\n".join(lines) + '\nsplit = "one ticket per item"\n' + EXAMPLE})


def expecting(line: str) -> Case:
    """Return a file with one rule that cuts, whose example expects something."""
    return Case({"split.toml": RULE + f'when.list.items = 3\nsplit = "never"\n{EXAMPLE}  {line}\n'})


def priority(*lines: str) -> Case:
    """Return a file with one rule of priority that raises, and an example."""
    return Case({"priority.toml": RULE + "\n".join(lines) + "\npriority.raise_to = 2\n" + EXAMPLE})


def site(old: str, new: str) -> Case:
    """Return a site in which something stands otherwise."""
    return Case({"site.toml": SITE.replace(old, new)})


CASES: Mapping[str, Case] = {
    "E001": Case({"routing.toml": RULE + 'route.queue = "billing\nstop = true\n'}),
    "E001-twice": Case({"routing.toml": RULE + 'when.text.mentions = "a few words"\nwhen.text.mentions = "others"\n'}),
    "E001-half-written": Case({"routing.toml": RULE + 'when.text.mentions = ["a few words",\n'}),
    "E002": Case({"lists.toml": b'format = 1\nkind = "lists"\n[phrases]\noutage = ["Verf\xfcgbarkeit"]\n'}),
    "E010": routing('rout.queue = "billing"'),
    "E010-elsewhere": routing("cap_at = 3"),
    "E010-expectations": Case({"tests/m.expect.toml": 'expects.queue = "billing"\n', "tests/m.eml": b"Subject: x\n"}),
    "E011": Case({"quota.toml": '[[quota]]\nid = "urgent"\nallow = 2\n'}),
    "E011-table": Case({"site.toml": SITE.partition("[default]")[0]}),
    "E012": routing('stop = "yes"'),
    "E012-table": Case({"routing.toml": '[rule]\nid = "first"\n'}),
    "E013": Case({"quota.toml": QUOTA.replace("month", "moth")}),
    "E014": Case({"priority.toml": RULE + "priority.raise_to = 0\n" + EXAMPLE}),
    "E015": Case({"routing.toml": '[[rule]]\nid = "Billing Mailbox"\n' + EXAMPLE}),
    "E015-tag": routing('route.tags = ["two words"]'),
    "E015-empty": site('"support", "billing", "sales"', ""),
    "E110": priority('when.custmer.plan = ["professional"]'),
    "E110-below": priority('when.customer.pln = "professional"'),
    "E110-given": Case(
        {"routing.toml": RULE + '\n  [[rule.example]]\n  given.customer.plann = "basic"\n  mail = "Subject: x"\n'}
    ),
    "E110-expect": Case(
        {"routing.toml": RULE + '\n  [[rule.example]]\n  mail = "Subject: x"\n  expect.qeue = "billing"\n'}
    ),
    "E110-expect-part": expecting("expect.part.2.tickets = 1"),
    "E111": priority('when.customer.plan = "profesional"'),
    "E111-value": routing('when.mail.kind = "human"'),
    "E111-queue": routing('route.queue = "biling"'),
    "E111-template": routing('route.refuse = "instaed"'),
    "E111-template-of-a-quota": Case(
        {"quota.toml": QUOTA + 'used_up.tell = "quota-usd"\n' + EXAMPLE.replace("rule", "quota")}
    ),
    "E111-template-of-priority": priority('tell = "cappd"'),
    "E111-site": site('queue = "support"', 'queue = "suport"'),
    "E112": routing('when.customer.known = "yes"'),
    "E112-number": routing('when.answers.recent = "many"'),
    "E112-number-in-text": routing("when.customer.plan = 3"),
    "E112-range": routing("when.answers.recent = { at_least = 5, at_most = 2 }"),
    "E112-nothing-asked": routing('when.text = "production down"'),
    "E112-no-fact": routing('when.customer = "giant"'),
    "E112-empty-list": routing("when.customer.plan = []"),
    "E112-part": expecting("expect.part.0.priority = 1"),
    "E112-parts": expecting("expect.part = 3"),
    "E112-given": Case(
        {"routing.toml": RULE + "\n  [[rule.example]]\n  given.arrived = 2026-03-01\n  mail = 'Subject: x'\n"}
    ),
    "E113": routing("when.ticket.priority = 1"),
    "E114": routing('when.text.mention = "production down"'),
    "E114-number": routing("when.answers.recent = { atleast = 3 }"),
    "E130": routing("route.ignore = true"),
    "E130-guard": Case({"guards.toml": RULE + 'when.answers.recent = 10\nsilent = ""\n' + EXAMPLE}),
    "E130-hold": routing("route.hold = true"),
    "E131": routing("route.hold = true", 'route.refuse = "instead"', 'route.because = "abuse"'),
    "E132": Case({"priority.toml": RULE + "priority.cap_at = 7\n" + EXAMPLE}),
    "E132-site": site("priority = 3", "priority = 6"),
    "E132-quota": Case({"quota.toml": QUOTA + "used_up.priority.cap_at = 6\n" + EXAMPLE.replace("rule", "quota")}),
    "E133": Case({"priority.toml": RULE + 'when.customer.plan = "basic"\n' + EXAMPLE}),
    "E134": routing('on = "reply"'),
    "E140": Case({"tests/outage.expect.toml": "expect.priority = 1\n"}),
    "E201-no-lists": priority('when.text.mentions = "@non-production"'),
    "E201": Case(
        {
            "priority.toml": RULE + 'when.text.mentions = "@non-production"\npriority.cap_at = 3\n' + EXAMPLE,
            "lists.toml": '[phrases]\nnot-production = ["staging"]\noutage = ["production down"]\n',
        }
    ),
    "E202": routing('when.text.mentions = ["production down", "... down"]'),
    "E202-list": Case({"lists.toml": '[phrases]\noutage = ["production down", "... down", "ok then", "a ..."]\n'}),
    "E202-list-in-list": Case({"lists.toml": '[phrases]\noutage = ["production down"]\nall = ["@outage", "fire"]\n'}),
    "E202-empty": routing('when.text.contains = ["production", ""]'),
    "E203": routing("when.usage.urgnt = { at_least = 1 }"),
    "E301": routing("when.text.matches = '(?i)upgrade(?!d) from'"),
    "E301-bracket": routing("when.text.matches = 'version (5'"),
    "E302": routing('when.mail.mailbox = ""'),
    "E401": Case({"routing.toml": RULE + EXAMPLE + "\n" + RULE + 'route.queue = "billing"\n' + EXAMPLE}),
    "E401-other-file": Case({"routing.toml": RULE + EXAMPLE, "quota.toml": QUOTA.replace("urgent", "first")}),
    "E401-of-the-program": Case({"routing.toml": RULE.replace('"first"', '"new-ticket"') + EXAMPLE}),
    "E401-list": Case({f"lists{n}.toml": '[phrases]\noutage = ["production down"]\n' for n in ("", "-b")}),
    "E401-calendar": Case({"calendars.toml": (CALENDAR + 'open.always = "00:00-24:00"\n\n') * 3}),
    "E401-calendar-of-another-file": Case(
        {f"calendars{n}.toml": CALENDAR + 'open.always = "00:00-24:00"\n' for n in ("", "-b")}
    ),
    "E402": Case({"site.toml": b""}),
    "E402-second": Case({"site-b.toml": SITE}),
    "E403": Case({"rules.toml": b'format = 1\nkind = "rooting"\n'}),
    "E403-missing": Case({"rules.toml": b'[[rule]]\nid = "first"\n'}),
    "E410": Case({"calendars.toml": CALENDAR + 'time_zone = "GMT+3"  # or a place\nopen.mon-fri = "10:00-19:00"\n'}),
    "E410-place": site("Europe/Berlin", "Europe/Berln"),
    "E411": Case({"calendars.toml": CALENDAR + 'open.mon-fri = "10:00 to 19:00"\n'}),
    "E411-overlap": Case({"calendars.toml": CALENDAR + 'open.mon-fri = "10:00-19:00"\nopen.fri = "09:00-12:00"\n'}),
    "E412": Case(
        {
            "routing.toml": RULE + 'unless.arrived.in_hours = "ofice"\n' + EXAMPLE,
            "calendars.toml": CALENDAR + 'open.mon-fri = "10:00-19:00"\n',
        }
    ),
    "E501": Case(
        {"routing.toml": "".join(f'[[rule]]\nid = "r{n}"\nwhen.answers.recent = {n}\n' + EXAMPLE for n in range(2001))}
    ),
    "W010": Case(
        {
            "routing.toml": '[[rule]]\nid = "billing-mailbox"\nwhen.mail.mailbox = "billing@*"\nstop = true\n'
            + EXAMPLE
            + '\n[[rule]]\nid = "billing-urgent"\nwhen.mail.mailbox = "billing@*"\nwhen.text.mentions = "urgent"\n'
            + 'route.tags = ["urgent"]\n'
            + EXAMPLE
        }
    ),
    "W010-decided": Case(
        {
            "lifecycle.toml": '[[rule]]\nid = "reopen"\nthen = "reopen"\n'
            + EXAMPLE
            + '\n[[rule]]\nid = "thanks"\nwhen.text.mentions = "thank you"\nthen = "leave"\n'
            + EXAMPLE
        }
    ),
    "W010-split": Case(
        {
            "split.toml": '[[rule]]\nid = "any-list"\nwhen.list.items = { at_least = 2 }\nsplit = "suggest only"\n'
            + EXAMPLE
            + '\n[[rule]]\nid = "three"\nwhen.list.items = 3\nsplit = "one ticket per item"\n'
            + EXAMPLE
        }
    ),
    "W011": Case(
        {
            "priority.toml": '[[rule]]\nid = "outage"\nwhen.text.mentions = "outage"\npriority.raise_to = 1\n'
            + EXAMPLE
            + '\n[[rule]]\nid = "calm"\nwhen.text.mentions = "outage"\npriority.cap_at = 3\n'
            + EXAMPLE
        }
    ),
    "W012": Case({"routing.toml": RULE + 'route.queue = "billing"\n'}),
    "W013": routing('when.text.mentions = "outage"', 'unless.text.mentions = "outage"'),
    "W013-days": routing("from = 2026-12-31", "until = 2026-12-01"),
    "W014": routing("until = 2026-10-31"),
    "W015": split("when.list.items = { at_least = 13 }"),
    "W015-short": split("when.list.items = 1"),
    "W016": split('when.text.mentions = "issues"'),
    "W020": routing("when.text.matches = 'x*'"),
    "W021": routing('when.text.mentions = "ab"'),
    "W022": Case({"lists.toml": "[phrases]\noutage = []\n"}),
    "W030": Case({"calendars.toml": CALENDAR}),
    "W031": Case({"calendars.toml": CALENDAR + 'open.mon-fri = "10:00-19:00"\nholidays = [2025-12-25, 2026-01-01]\n'}),
    "W032": Case({"calendars.toml": CALENDAR + 'open.mon-fri = "10:00-19:00"\nholidays = [2026-12-25, 2026-12-25]\n'}),
    "W040": Case({"routing.toml": RULE + EXAMPLE, "routing-b.toml": RULE.replace("first", "second") + EXAMPLE}),
    "W050": Case({"guards.toml": RULE + 'when.answers.alike = 4\nsilent = "a loop"\n' + EXAMPLE}),
    "W051": Case(
        {"routing.toml": RULE + 'route.refuse = "instead"\n' + EXAMPLE},
        Known(templates=(*SHIPPED_TEMPLATES, "in-stead")),
    ),
    "W052": Case(
        {"routing.toml": RULE + 'route.assignee = "ana"\nroute.role = "sale"\n' + EXAMPLE},
        Known(templates=SHIPPED_TEMPLATES, agents=("anna", "bert"), roles=("sales",)),
    ),
    "two-typos": Case(
        {
            "priority.toml": RULE
            + 'when.custmer.plan = ["professional", "advanced"]\npriority.raise_to = 1\n'
            + EXAMPLE
            + '\n[[rule]]\nid = "second"\nwhen.text.mentions = "@non-production"\npriority.cap_at = 3\n'
            + EXAMPLE,
            "lists.toml": '[phrases]\nnot-production = ["staging"]\noutage = ["production down"]\n',
        }
    ),
}
"""By the golden file's name: the code, and where there are several of one code, of what sort it is."""
