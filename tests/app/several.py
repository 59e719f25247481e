"""Mails with several issues, and rules that decide differently about each and never cut by themselves."""

from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import RuleSet
from tests.app.test_quotas import PRIORITY, QUOTA

SITE = b"""
format = 1
kind = "site"
plans = ["enterprise"]
kinds = ["question", "invoice"]
queues = ["support", "billing"]
templates = ["priority-quota-used"]
[default]
queue = "support"
kind = "question"
priority = 3
"""
ROUTING = b"""
format = 1
kind = "routing"
[[rule]]
id = "money"
when.text.mentions = "invoice"
route = { queue = "billing", kind = "invoice", tags = ["money"] }
[[rule]]
id = "lawyers"
when.text.mentions = "lawyer"
route = { hold = true, because = "a person must look" }
"""
NEVER = b"""
format = 1
kind = "split"
[[rule]]
id = "by-hand-only"
split = "never"
"""
THREE = """Hello,

there are three things:

1. The invoice of March names the wrong company.
2. Production down since noon on the second server.
3. How do I add a user to the team?

Best regards
Olga"""
MORE = """Hello,

two more things:

1. The lamp in the cellar does not work any more.
2. How can I change the colour of the door?

Best regards
Olga"""


def rules() -> RuleSet:
    names = ("priority.toml", "quota.toml", "routing.toml", "site.toml", "split.toml")
    files = tuple(zip(names, (PRIORITY, QUOTA, ROUTING, SITE, NEVER), strict=True))
    return load(RuleFiles(files), starter_files()).rules


RULES = rules()
