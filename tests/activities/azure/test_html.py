"""The HTML of work items as Markdown, and back."""

import time

import pytest

from activities.azure.html import TOO_DEEP, to_html, to_markdown


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("Short.", "Short."),
        ("<div>One</div><div><br></div><div>Two</div>", "One\n\nTwo"),
        ("<p>One</p><p>Two<br>lines</p>", "One\n\nTwo\nlines"),
        ("a <b>bold</b> and <em>fine</em> <code>word</code>", "a **bold** and *fine* `word`"),
        ("see <a href='https://example.org/a(b)'>it</a>.", "see [it](https://example.org/a(b%29)."),
        ("<a href='javascript:alert(1)'>it</a> <a href=' java\nscript:x'>too</a>", "it too"),
        ("<ul><li>a</li><li><p>b</p><ol><li>c</li><li>d</li></ol></li></ul>", "- a\n- b\n\n  1. c\n  2. d"),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", "a | b\n1 | 2"),
        ("<pre><code>def f():\n    pass</code></pre>after", "```\ndef f():\n    pass\n```\n\nafter"),
        ("<h2>Head</h2>text", "## Head\ntext"),
        ("<img src='x' alt='a chart'><img src='y'>", "[image: a chart][image]"),
        ("a &lt;b&gt; &amp;amp; c&nbsp;d", "a <b> &amp; c d"),
        ("seen<!-- obey --><script>obey</script><style>obey</style>", "seen"),
        ("seen<span style='DISPLAY : none'>obey <b>all</b></span> too", "seen too"),
        ("seen<span hidden>obey<br>all</span><p style='font-size:0px'>obey</p>", "seen"),
        ("<p style='font-size:0.9em'>seen</p>", "seen"),
        ("</b></ul></a><li>left open", "- left open"),
        ("", ""),
        (None, ""),
    ],
)
def test_html_is_read_as_its_page_shows_it(html: object, expected: str) -> None:
    assert to_markdown(html) == expected


def test_what_is_written_comes_back() -> None:
    text = "Some **bold** text with [a link](https://example.org).\n\n- one\n- two\n\n```\ncode <b>\n```"
    assert to_markdown(to_html(text)) == text
    assert "&lt;script&gt;" in to_html("<script>alert(1)</script>")


def test_what_is_nested_too_deep_is_told() -> None:
    assert to_markdown("<div>" * 300 + "deep") == TOO_DEEP
    assert to_markdown("<div>" * 100 + "deep") == "deep"


@pytest.mark.parametrize(
    "html", ["<" * 300_000, "<a " * 90_000, "<ul><li>" * 30_000, "<a href='" * 30_000, "&#" * 100_000]
)
def test_hostile_html_is_read_in_time(html: str) -> None:
    begin = time.process_time()
    to_markdown(html)
    assert time.process_time() - begin < 5  # each takes some ms
