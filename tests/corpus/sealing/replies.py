"""Which replies there are: each language with each program, the author above, below or between the quote."""

from collections.abc import Callable, Iterator

from tests.corpus.sealing import desktop, webmail
from tests.corpus.sealing.dress import Dressed, mail
from tests.corpus.sealing.voices import LANGUAGES, Letter, dumped, letter, truth

PROGRAMS: dict[str, Callable[[Letter], Dressed]] = {
    "gmail": webmail.gmail, "gmailtext": webmail.gmail_text, "yahoo": webmail.yahoo, "proton": webmail.proton,
    "samsung": webmail.samsung, "gmx": webmail.gmx, "mailru": webmail.mailru, "yandex": webmail.yandex,
    "outlookdesktop": desktop.outlook_desktop, "outlookweb": desktop.outlook_web, "outlookmobile": desktop.outlook_mobile,
    "apple": desktop.apple, "iphone": desktop.iphone, "thunderbird": desktop.thunderbird, "zimbra": desktop.zimbra,
    "lotus": desktop.lotus,
}  # fmt: skip
EVERYWHERE = (
    "gmail top", "gmail inline", "gmailtext bottom", "outlookdesktop top", "outlookweb top", "outlookmobile top",
    "iphone top", "thunderbird bottom", "thunderbird inline", "samsung top", "apple top",
)  # fmt: skip
TURNS = (
    "yahoo top",
    "lotus top",
    "zimbra top",
    "proton top",
    "apple inline",
    "gmailtext inline",
    "thunderbird top",
    "proton inline",
)
BESIDES = {
    "de": ("gmx top", "gmx top", "gmx top"), "fr": ("gmx top",), "es": ("gmx top",),
    "ru": ("mailru top", "mailru top", "yandex top", "yandex top"), "uk": ("yandex top", "mailru top"),
    "en": ("mailru top", "yandex top", "gmx top", "yahoo top"), "tr": ("yandex top",),
}  # fmt: skip


def replies() -> Iterator[tuple[str, bytes, bytes]]:
    """Yield name, mail and expectation of every reply."""
    for number, tongue in enumerate(sorted(LANGUAGES)):
        turns = tuple(TURNS[(number * 2 + step) % len(TURNS)] for step in range(3))
        shapes = (*EVERYWHERE, *turns, *BESIDES.get(tongue, ()))
        for at, shape in enumerate(shapes):
            yield _reply(tongue, shape, shapes[:at].count(shape))


def _reply(tongue: str, shape: str, turn: int) -> tuple[str, bytes, bytes]:
    program, position = shape.split(" ")
    key = f"reply-{program}-{position}-{tongue}" + (f"-{turn + 1}" if turn else "")
    written = letter(key, tongue, position)
    dressed = PROGRAMS[program](written)
    found = truth(written, bye=dressed.bye, signature=dressed.signature)
    meta = {"shape": f"reply {program} {position}", "tongue": tongue, "subject": dressed.reply + written.subject}
    return key, mail(written, dressed), dumped({**found, **meta})
