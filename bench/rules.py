"""Decides mails by 200 and by 2,000 rules with the full trace: milliseconds a mail on one core, and the time of a load.

    python -m bench.rules [--rounds 40]

Rules are of routing, priority and quota with phrases, lists, plans, mailboxes and patterns; texts and phrases are drawn
as in bench.phrases, with a fixed seed. Beside each figure, run on the same text in turn with it, stand two bare loops
that only search: one RE2 pattern for each rule that has phrases, and `in` for each phrase. They say what the machine
can do; they find no words, keep no evidence and decide nothing. CPU time is counted and the median shown.

The rules are frozen (gc.freeze) as a daemon freezes them after a load; the last column is without.
"""

import argparse
import gc
import random
import re
import time
from collections.abc import Callable

import re2

from bench.phrases import SYLLABLES, median_ms, text_of, vocabulary
from mailgateway.model.decision import Fact, Facts
from mailgateway.model.rulefiles import RuleFiles
from mailgateway.rules.decide import decide
from mailgateway.rules.load import load
from mailgateway.rules.starter import starter_files
from mailgateway.rules.values import RuleSet

AIMS_MS = {(200, 4): 1.0, (200, 50): 4.0, (2000, 4): 6.0, (2000, 50): 22.0}
LOAD_AIM_S = 2.0
PLANS = ("basic", "professional", "enterprise")
SITE = """
plans = ["basic", "professional", "enterprise"]
kinds = ["question", "incident"]
queues = ["support", "billing", "sales"]
default = { queue = "support", kind = "question", priority = 3 }
"""
LISTS = 20
FORMS = ("{}", *["{} {}"] * 8, *["{} {} {}"] * 8, "{} {}*", "{} ... {}")


def phrases(dice: random.Random, words: list[str], count: int) -> list[str]:
    """Return phrases as admins write them: two or three words, none of them of the most frequent words alone."""
    forms = [dice.choice(FORMS) for _ in range(count)]
    return [form.format(*(dice.choice(words[60:6000]) for _ in range(form.count("{}")))) for form in forms]


def quoted(texts: list[str]) -> str:
    """Return texts as a list of TOML."""
    return "[" + ", ".join(f'"{text}"' for text in texts) + "]"


def rule(dice: random.Random, words: list[str], number: int) -> tuple[str, str]:
    """Return one rule and its kind."""
    asked = [
        f"when.text.mentions = {quoted(phrases(dice, words, dice.randint(1, 5)))}",
        f"when.text.mentions = {quoted(phrases(dice, words, 3))}",
        f'when.text.mentions = "@list{dice.randrange(LISTS)}"',
        f"when.subject.mentions = {quoted(phrases(dice, words, 2))}",
        f'when.mail.mailbox = "box{number}@*"',
        f"when.text.matches = '(?i){dice.choice(words[60:6000])} +v?[0-9]+'",
    ]
    others = [
        f'when.customer.plan = "{dice.choice(PLANS)}"',
        "when.customer.known = true",
        f'unless.text.mentions = "@list{dice.randrange(LISTS)}"',
        'unless.mail.language = "de"',
    ]
    lines = [dice.choices(asked, (6, 4, 3, 2, 2, 1))[0], *dice.sample(others, dice.randint(0, 2))]
    kind = dice.choices(("routing", "priority", "quota"), (6, 3, 1))[0]
    outcome = {
        "routing": f'route.tags = ["t{number % 50}"]\nroute.queue = "{dice.choice(("billing", "sales"))}"',
        "priority": f"priority.{dice.choice(('raise_to', 'cap_at'))} = {dice.randint(1, 5)}",
        "quota": 'allow = 5\nper = "calendar month"\nused_up.priority.cap_at = 3',
    }[kind]
    head = "[[quota]]" if kind == "quota" else "[[rule]]"
    example = f"  {head[:-2]}.example]]\n  mail = 'Subject: x'"
    return kind, "\n".join((head, f'id = "rule{number}"', *dict.fromkeys(lines), outcome, example, ""))


def rule_files(dice: random.Random, words: list[str], count: int) -> RuleFiles:
    """Return files with so many rules."""
    lists = "".join(f"list{n} = {quoted(phrases(dice, words, 15))}\n" for n in range(LISTS))
    texts = {"site": SITE, "lists": f"[phrases]\n{lists}", "routing": "", "priority": "", "quota": ""}
    for number in range(count):
        kind, text = rule(dice, words, number)
        texts[kind] += text
    written = {f"{kind}.toml": f'format = 1\nkind = "{kind}"\n{text}'.encode() for kind, text in texts.items()}
    return RuleFiles(tuple(sorted(written.items())))


def facts_of(text: str) -> Facts:
    """Return what is seen of a customer's mail that opens a ticket."""
    values: dict[str, Fact] = {
        "text": text,
        "subject": text[:60],
        "mail.kind": "person",
        "mail.no_answer": "",
        "mail.answerable": True,
        "mail.mailbox": "support@acme.example",
        "mail.language": "en",
        "customer.known": True,
        "customer.id": "giant",
        "customer.plan": "professional",
        "sender.address": "ops@giant.example",
        "sender.has_agents_address": False,
        "arrived": "2026-03-04T12:00:00+00:00",
        "ticket.found": False,
        "answers.recent": 0,
    }
    return Facts(tuple(values.items()))


def bare_loops(rules: RuleFiles, text: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return the two loops that only search."""
    written = b"\n".join(raw for _, raw in rules.files).decode()
    lines = re.findall(r"mentions = \[(.*)\]", written)
    each = [
        [part.strip("*") for one in re.findall(r'"([^"]+)"', line) for part in one.split(" ... ")] for line in lines
    ]
    options = re2.Options()
    options.case_sensitive = False
    compiled = [re2.compile("|".join(map(re2.escape, parts)), options) for parts in each]
    folded, pieces = text.casefold(), [part.casefold() for parts in each for part in parts]
    return lambda: [one.search(text) for one in compiled], lambda: [piece in folded for piece in pieces]


def in_turn_ms(works: list[Callable[[], object]], rounds: int) -> list[float]:
    """Return the median CPU milliseconds of pieces of work, each run once in every round."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for work, mine in zip(works, times, strict=True):
            mine.append(median_ms(work, 1))
    return [sorted(mine)[len(mine) // 2] for mine in times]


def show(files: RuleFiles, rules: RuleSet, count: int, text: str, rounds: int) -> None:
    """Print a line for one number of rules and size of a text."""
    facts = facts_of(text)
    with_re2, with_in = bare_loops(files, text)
    loose = in_turn_ms([lambda: decide(rules, facts)], rounds)[0]
    gc.collect()
    gc.freeze()
    decided, by_re2, by_in = in_turn_ms([lambda: decide(rules, facts), with_re2, with_in], rounds)
    gc.unfreeze()
    trace = decide(rules, facts).trace
    size_kib = round(len(text.encode()) / 1024)
    print(
        f"{count:5} {size_kib:3} KiB {decided:8.2f} ms {AIMS_MS[count, size_kib]:5.1f} {by_re2 / decided:9.1f}x"
        f" {by_in / decided:7.2f}x {sum(step.matched for step in trace):6} of {len(trace):4} {loose:10.2f} ms"
    )


def main() -> None:
    """Print the time of a load for each number of rules, then a line for each of them and each size of a mail."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=40)
    rounds = options.parse_args().rounds
    dice = random.Random(4)  # noqa: S311 -- the same rules every time
    words = vocabulary(dice, SYLLABLES["English"])
    shipped = starter_files()
    made = {}
    for count in (200, 2000):
        files = rule_files(dice, words, count)
        started = time.process_time()
        made[count] = files, load(files, shipped).rules
        seconds = time.process_time() - started
        print(f"load of {count:4} rules: {seconds:5.2f} s" + f" (aim {LOAD_AIM_S:.0f} s)" * (count == max(AIMS_MS)[0]))
    print("rules    text    decision   aim   RE2 loop   in loop    rules matched  without freeze")
    for count, (files, rules) in made.items():
        for size_kib in (4, 50):
            show(files, rules, count, text_of(dice, words, size_kib * 1024), rounds)


if __name__ == "__main__":
    main()
