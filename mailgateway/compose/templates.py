"""Templates to the words of a mail: compiled once, a site's own first, the shipped ones as a safety net.

A template of a mail is one file `<language>/<name>.txt`, whose first paragraph is `Subject: ...`, and beside it perhaps
`<language>/<name>.html`. One of a paragraph inside such a mail is `<language>/told/<name>.txt`, without a subject.
Reading the files is the adapters' work; here they are a mapping from such names to text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from html import escape
from typing import TYPE_CHECKING

from jinja2 import DictLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailgateway.compose.lines import body_text, one_line

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

DEFAULT_LANGUAGE = "en"
MAX_OUTPUT = 256 * 1024
"""Characters that one file may render to."""
TOLD = "told"
"""The folder of the paragraphs."""
_SUBJECT = "Subject:"
_NEEDED = {
    TOLD: "what rules tell the customer is",
    "parts": "the tickets that a mail was cut into are",
}
"""What a customer must see: the variable, and what a mail without it lacks."""

Variables = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The words of one mail.

    Attributes:
        subject: One line.
        text: Lines ended by a line feed.
        html: "" where the template has no HTML.
        fallback: Why the site's own template could not be used and the shipped one was, "" where all is well.
    """

    subject: str
    text: str
    html: str
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph for a template to put into a mail: `{{ paragraph }}` is its text, and in HTML files its HTML.

    Attributes:
        text: Without a line end at the end; "" where there is nothing to say.
        html: Markup, with all values escaped.
        fallback: What is wrong with the template, "" where all is well.
    """

    text: str
    html: str
    fallback: str = ""

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        return self.html


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The files of one template; a paragraph has no subject."""

    subject: Template | None
    text: Template
    html: Template | None

    def rendered(self, variables: Variables, fallback: str = "") -> Rendered:
        subject = one_line(_bounded(self.subject, variables)) if self.subject else ""
        if not subject:
            raise ValueError("the subject came out empty")
        text = body_text(_bounded(self.text, variables).lstrip("\n"))
        return Rendered(subject, text, _bounded(self.html, variables) if self.html else "", fallback)

    def paragraph(self, variables: Variables, fallback: str) -> Paragraph:
        text = body_text(_bounded(self.text, variables)).strip()
        return Paragraph(text, _bounded(self.html, variables).strip() if self.html else _as_html(text), fallback)


class Templates:
    """All templates of a site, compiled. Immutable once made; rendering is safe from several threads."""

    __slots__ = ("_broken", "_shipped", "_site", "_unused")

    def __init__(self, shipped: Mapping[str, str], site: Mapping[str, str] | None = None) -> None:
        """Compile every template.

        Args:
            shipped: File name such as `en/acknowledgement.txt` to its text.
            site: The same for the site's own, which come first, file by file.

        Raises:
            TemplateError, ValueError: A shipped template is broken, a bug of ours. A broken one of the site is in
                `problems` instead.
        """
        self._shipped, shipped_broken = _compiled_all(shipped, tuple(shipped))
        if shipped_broken:
            raise ValueError(f"shipped templates are broken: {shipped_broken}")
        own = site or {}
        self._site, self._broken = _compiled_all({**shipped, **own}, tuple(own)) if own else ({}, {})
        self._unused = (*_unused(shipped, own), *_silent(shipped, own))

    @property
    def told(self) -> tuple[str, ...]:
        """The names that a rule's `tell` or `refuse` may give, sorted; the site's own are among them."""
        return tuple(sorted({key.rpartition("/")[2] for key in {*self._shipped, *self._site} if _is_paragraph(key)}))

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the site's own templates, one sentence each, known before anything is rendered."""
        return (*dict.fromkeys(self._broken.values()), *self._unused)

    def render(self, name: str, language: str, variables: Variables) -> Rendered:
        """Return the words of a mail.

        The language is tried whole, then its first part (`de` for `de-AT`), then DEFAULT_LANGUAGE; in each the site's
        own template comes before the shipped one. An own template that is broken or fails with these variables never
        fails the mail: the shipped one is used and `Rendered.fallback` says why.

        Args:
            name: Such as `acknowledgement`.
            language: BCP 47 tag, "" for the default.
            variables: What the template may name; any other name is an error. `language` is added.

        Raises:
            StopIteration: We ship no such template, a bug.
        """
        keys = _keys(name, language)
        first = next(key for key in keys if key in self._shipped or key in self._site or key in self._broken)
        fallback = self._broken.get(first, "")
        if first in self._site:
            try:
                return self._site[first].rendered({**variables, "language": first.partition("/")[0]})
            except Exception as error:  # noqa: BLE001 -- a site's template may fail in any way; the mail must go out
                fallback = f"template {first}: {_reason(error)}"
        shipped = next(key for key in keys if key in self._shipped)
        return self._shipped[shipped].rendered({**variables, "language": shipped.partition("/")[0]}, fallback)

    def paragraph(self, name: str, language: str, variables: Variables) -> Paragraph:
        """Return a paragraph that a rule names; empty where there is no such template, or all of them fail.

        Languages are tried as for `render`, then any other: to be told in a foreign language is better than not to be.

        Args:
            name: Such as `priority-changed`; case makes no difference.
            language: As for `render`.
            variables: Likewise.
        """
        fallback = ""
        for key in self._paragraph_keys(name, language):
            fallback = fallback or self._broken.get(key, "")
            for compiled in (self._site.get(key), self._shipped.get(key)):
                try:
                    if compiled:
                        return compiled.paragraph({**variables, "language": key.partition("/")[0]}, fallback)
                except Exception as error:  # noqa: BLE001 -- a template may fail in any way; the mail must go out
                    fallback = fallback or f"template {key}: {_reason(error)}"
        return Paragraph("", "", fallback or f"template {TOLD}/{one_line(name, 100)}: there is none")

    def _paragraph_keys(self, name: str, language: str) -> Iterable[str]:
        known = f"{TOLD}/{name.lower()}"
        others = sorted(key for key in {*self._shipped, *self._site} if key.endswith(f"/{known}"))
        return dict.fromkeys((*_keys(known, language), *others))


def variables(value: "DataclassInstance") -> Variables:
    """Return the fields of a dataclass by name, as `render` takes them."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _keys(name: str, language: str) -> tuple[str, ...]:
    tag = language.lower()
    return tuple(dict.fromkeys(f"{part}/{name}" for part in (tag, tag.partition("-")[0], DEFAULT_LANGUAGE) if part))


def _compiled_all(sources: Mapping[str, str], changed: tuple[str, ...]) -> tuple[dict[str, _Compiled], dict[str, str]]:
    """Return (compiled, why not) by `<language>/<name>`: for all that the changed files may have a part in."""
    environment = _environment(sources)
    compiled: dict[str, _Compiled] = {}
    broken: dict[str, str] = {}
    for name in _affected(sources, changed):
        try:
            compiled[name.lower()] = _compiled(environment, sources, name)
        except (TemplateError, ValueError) as error:
            broken[name.lower()] = f"template {name}: {_reason(error)}"
    for file in filter(lambda file: _is_shared(file, sources), changed):
        try:
            environment.get_template(file)
        except TemplateError as error:
            broken[file] = f"template {file}: {_reason(error)}"
    return compiled, broken


def _affected(sources: Mapping[str, str], changed: tuple[str, ...]) -> Iterator[str]:
    everything = any(_is_shared(file, sources) for file in changed)
    for file in sources:
        name, _, kind = file.rpartition(".")
        if kind == "txt" and (everything or {file, f"{name}.html"} & set(changed)):
            yield name


def _is_shared(file: str, sources: Mapping[str, str]) -> bool:
    # A file without a text twin is one that others extend or include: any template may use it.
    return f"{file.rpartition('.')[0]}.txt" not in sources


def _unused(shipped: Mapping[str, str], own: Mapping[str, str]) -> tuple[str, ...]:
    """Return a sentence for each text file of the site that no mail is made of: a misspelt name as a rule."""
    known = {_basename(file) for file in shipped if file.endswith(".txt") and not _is_paragraph(file)}
    return tuple(
        f"template {file}: no mail is called {_basename(file)}; there are {', '.join(sorted(known))}"
        for file in own
        if file.endswith(".txt") and not _is_paragraph(file) and _basename(file) not in known
    )


def _silent(shipped: Mapping[str, str], own: Mapping[str, str]) -> tuple[str, ...]:
    """Return a sentence for each file of the site that leaves out what customers must see, where the shipped has it."""
    return tuple(
        f"template {file}: it does not use `{name}`: {missing} missing from the mail"
        for file, source in own.items()
        for name, missing in _NEEDED.items()
        if name not in source and f"in {name}" in shipped.get(f"{DEFAULT_LANGUAGE}/{file.rpartition('/')[2]}", "")
    )


def _is_paragraph(name: str) -> bool:
    return f"/{TOLD}/" in name


def _as_html(text: str) -> str:
    """Return plain text as HTML paragraphs."""
    blocks = re.split(r"\n{2,}", escape(text))
    return "\n".join("<p>{}</p>".format(block.replace("\n", "<br>\n")) for block in blocks)


def _basename(file: str) -> str:
    return file.rpartition("/")[2].rpartition(".")[0]


def _compiled(environment: ImmutableSandboxedEnvironment, sources: Mapping[str, str], name: str) -> _Compiled:
    source = sources[f"{name}.txt"]
    subject, body = ("", source) if _is_paragraph(name) else _parted(source)
    html = f"{name}.html"
    return _Compiled(
        subject=environment.from_string(subject) if subject else None,
        text=environment.from_string(body),
        html=environment.get_template(html) if html in sources else None,
    )


def _parted(source: str) -> tuple[str, str]:
    """Return (subject, body); the body keeps its line numbers."""
    head, blank, body = source.replace("\r\n", "\n").partition("\n\n")
    if not head.startswith(_SUBJECT) or not blank:
        raise ValueError(f'the first paragraph must be "{_SUBJECT} ..."')
    return head.removeprefix(_SUBJECT).strip(), "\n" * (head.count("\n") + 2) + body


def _environment(sources: Mapping[str, str]) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=DictLoader(dict(sources)),
        undefined=StrictUndefined,
        autoescape=_is_html,
        auto_reload=False,
        cache_size=-1,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _is_html(name: str | None) -> bool:
    return name is not None and name.endswith(".html")


def _bounded(template: Template, variables: Variables) -> str:
    chunks: list[str] = []
    size = 0
    for chunk in template.generate(variables):
        size += len(chunk)
        if size > MAX_OUTPUT:
            raise ValueError(f"more than {MAX_OUTPUT} characters came out")
        chunks.append(chunk)
    return "".join(chunks)


def _reason(error: Exception) -> str:
    line = getattr(error, "lineno", None)
    where = f"line {line}: " if isinstance(line, int) else ""
    return one_line(f"{where}{type(error).__name__}: {error}", 300)
