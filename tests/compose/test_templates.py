"""Templates: a site's own come first, and whatever is wrong with them, the mail goes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.compose.templates import MAX_OUTPUT, Rendered, Templates

SHIPPED = {
    "layout.html": "<html lang={{ language }}>{% block content %}{% endblock %}</html>",
    "en/hello.txt": "Subject: Hello {{ name }}\n\nDear {{ name }},\nwelcome.\n",
    "en/hello.html": '{% extends "layout.html" %}{% block content %}<p>{{ name }}</p>{% endblock %}',
    "de/hello.txt": "Subject: Hallo {{ name }}\n\nGuten Tag {{ name }}.\n",
}
ENGLISH = Rendered("Hello Anna", "Dear Anna,\nwelcome.\n", "<html lang=en><p>Anna</p></html>")
GERMAN = Rendered("Hallo Anna", "Guten Tag Anna.\n", "")


def rendered(site: dict[str, str], language: str = "en", name: str = "Anna") -> Rendered:
    return Templates(SHIPPED, site).render("hello", language, {"name": name})


def without_reason(words: Rendered) -> Rendered:
    return Rendered(words.subject, words.text, words.html)


def test_shipped_template_gives_subject_text_and_html() -> None:
    assert rendered({}) == ENGLISH


@pytest.mark.parametrize(
    ("language", "expected"),
    [("de", GERMAN), ("de-AT", GERMAN), ("DE", GERMAN), ("", ENGLISH), ("en-GB", ENGLISH), ("fr", ENGLISH)],
)
def test_language_that_is_missing_falls_back_to_its_main_language_and_then_to_english(
    language: str, expected: Rendered
) -> None:
    assert rendered({}, language) == expected


def test_template_of_the_site_comes_first() -> None:
    site = {"en/hello.txt": "Subject: Hi\n\nHi {{ name }}\n", "en/hello.html": "<p>Hi {{ name }}</p>"}

    assert rendered(site) == Rendered("Hi", "Hi Anna\n", "<p>Hi Anna</p>")


def test_site_may_change_the_text_alone() -> None:
    assert rendered({"en/hello.txt": "Subject: Hi\n\nHi\n"}) == Rendered("Hi", "Hi\n", ENGLISH.html)


def test_site_may_change_the_html_alone() -> None:
    assert rendered({"en/hello.html": "<b>{{ name }}</b>"}) == Rendered("Hello Anna", ENGLISH.text, "<b>Anna</b>")


def test_site_may_change_the_layout_alone() -> None:
    site = {"layout.html": "<body>{% block content %}{% endblock %}</body>"}

    assert rendered(site) == Rendered("Hello Anna", ENGLISH.text, "<body><p>Anna</p></body>")


def test_site_may_add_a_language() -> None:
    assert rendered({"fr/hello.txt": "Subject: Bonjour\n\nBonjour {{ name }}\n"}, "fr-CA").text == "Bonjour Anna\n"


def test_shipped_language_comes_before_the_site_s_english() -> None:
    assert rendered({"en/hello.txt": "Subject: Hi\n\nHi\n"}, "de") == GERMAN


@pytest.mark.parametrize(
    ("site", "reason"),
    [
        ({"en/hello.txt": "Subject: Hi\n\n{{ nmae }}"}, "template en/hello: UndefinedError: 'nmae' is undefined"),
        ({"en/hello.html": "{{ name.a.b }}"}, "template en/hello: UndefinedError: 'str object' has no attribute 'a'"),
        ({"en/hello.txt": "Subject: {{ 1 / 0 }}\n\nx"}, "template en/hello: ZeroDivisionError: division by zero"),
        ({"en/hello.txt": "Subject: {# #}\n\nx"}, "template en/hello: ValueError: the subject came out empty"),
        ({"layout.html": "{{ nothing }}"}, "template en/hello: UndefinedError: 'nothing' is undefined"),
        ({"en/hello.html": '{% extends "none.html" %}'}, "template en/hello: TemplateNotFound: none.html"),
        (
            {"en/hello.txt": "Subject: x\n\n{% for i in range(9999) %}{{ 'x' * 999 }}{% endfor %}"},
            f"template en/hello: ValueError: more than {MAX_OUTPUT} characters came out",
        ),
        (
            {"en/hello.txt": "Subject: x\n\n{{ name.__class__.__mro__ }}"},
            "template en/hello: SecurityError: access to attribute '__class__' of 'str' object is unsafe.",
        ),
    ],
)
def test_template_of_the_site_that_fails_is_replaced_by_the_shipped_one(site: dict[str, str], reason: str) -> None:
    words = rendered(site)

    assert without_reason(words) == ENGLISH
    assert words.fallback == reason


@pytest.mark.parametrize(
    ("site", "problem"),
    [
        ({"en/hello.txt": "Subject: x\n\n{% if %}"}, "template en/hello: line 3: TemplateSyntaxError: "),
        ({"en/hello.html": "\n{{ name"}, "template en/hello: line 2: TemplateSyntaxError: "),
        ({"en/hello.txt": "Hi\n\nHi"}, 'template en/hello: ValueError: the first paragraph must be "Subject: ..."'),
        ({"en/hello.txt": "Subject: Hi\nHi"}, 'template en/hello: ValueError: the first paragraph must be "Subject:'),
    ],
)
def test_template_of_the_site_that_cannot_be_compiled_is_known_at_once(site: dict[str, str], problem: str) -> None:
    templates = Templates(SHIPPED, site)

    words = templates.render("hello", "en", {"name": "Anna"})

    assert len(templates.problems) == 1
    assert templates.problems[0].startswith(problem)
    assert words == Rendered(ENGLISH.subject, ENGLISH.text, ENGLISH.html, templates.problems[0])


def test_broken_layout_of_the_site_is_known_at_once() -> None:
    templates = Templates(SHIPPED, {"layout.html": "{% block"})

    assert [problem.partition(" line")[0] for problem in templates.problems] == ["template layout.html:"]
    assert without_reason(templates.render("hello", "en", {"name": "Anna"})) == ENGLISH
    assert templates.render("hello", "en", {"name": "Anna"}).fallback.startswith("template en/hello: line 1: ")


def test_misspelt_name_of_a_template_is_a_problem() -> None:
    templates = Templates(SHIPPED, {"en/helo.txt": "Subject: Hi\n\nHi"})

    assert templates.problems == ("template en/helo.txt: no mail is called helo; there are hello",)


def test_healthy_templates_have_no_problems() -> None:
    assert Templates(SHIPPED, {"en/hello.txt": "Subject: Hi\n\nHi"}).problems == ()


def test_shipped_template_that_is_broken_is_a_bug() -> None:
    with pytest.raises(ValueError, match="shipped templates are broken"):
        Templates({"en/hello.txt": "Subject: x\n\n{% if %}"})


def test_broken_language_of_the_site_that_we_do_not_ship_becomes_english() -> None:
    words = rendered({"fr/hello.txt": "Subject: x\n\n{{ nom }}"}, "fr")

    assert without_reason(words) == ENGLISH
    assert words.fallback == "template fr/hello: UndefinedError: 'nom' is undefined"


def test_subject_may_take_several_lines() -> None:
    site = {"en/hello.txt": "Subject: {% if name %}\n  Hello\n  {{ name }}\n{% endif %}\n\nx\n"}

    assert rendered(site).subject == "Hello Anna"


def test_file_with_windows_line_ends_is_fine() -> None:
    assert rendered({"en/hello.txt": "Subject: Hi\r\n\r\nHi {{ name }}\r\n"}) == Rendered(
        "Hi", "Hi Anna\n", ENGLISH.html
    )


def test_hostile_name_is_escaped_in_html_and_plain_in_text() -> None:
    words = rendered({}, name="<script>alert('x')</script>")

    assert words.html == "<html lang=en><p>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;</p></html>"
    assert words.text.startswith("Dear <script>alert('x')</script>,")


@pytest.mark.parametrize("syntax", ["{{ 7 * 7 }}", "{% for i in range(9) %}x{% endfor %}", "{{ name.__class__ }}"])
def test_template_syntax_in_a_value_is_inert(syntax: str) -> None:
    words = rendered({}, name=syntax)

    assert words.subject == f"Hello {syntax}"
    assert syntax in words.text


@given(st.text())
def test_any_template_of_the_site_leaves_the_mail_whole(source: str) -> None:
    words = rendered({"en/hello.txt": source, "en/hello.html": source})

    assert words.subject


@given(st.text(st.characters(exclude_categories=())))
def test_any_value_is_rendered(name: str) -> None:
    words = rendered({}, name=name)

    assert words.fallback == ""
    assert words.subject.startswith("Hello")
