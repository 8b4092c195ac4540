"""The readable text of a page in HTML, as Markdown. Runs in the process of ``activities.web.child``."""

import re
from dataclasses import dataclass, field

import trafilatura
from lxml.html import HtmlElement
from trafilatura.utils import load_html

from clara.web import visible

LARGE = 20_000
"""Elements, of which long articles have half. The extraction takes some 5 s of CPU time for so many, and grows with
their square, so of a larger page the plain text is taken, at about a second for each megabyte."""

LITTLE = 400
"""Characters of text of which a page that is made by JavaScript, or asks for a login, has no more."""

_NO_TEXT = ("//script[not(@type='application/ld+json')]", "//style", "//svg")
"""What stands in JSON-LD says who wrote a page and when."""

_HIDDEN = (
    "//*[@hidden]",
    "//*[contains(translate(@style, ' ', ''), 'display:none')]",
    "//*[contains(translate(@style, ' ', ''), 'visibility:hidden')]",
    "//*[contains(translate(concat(@style, ';'), ' ', ''), 'font-size:0;')]",
    "//*[contains(translate(concat(@style, ';'), ' ', ''), 'font-size:0px;')]",
    "//*[contains(translate(concat(@style, ';'), ' ', ''), 'opacity:0;')]",
)
"""What a person would not see. Style sheets can hide more, and are not read."""

_SCHEME = re.compile(r"[\0-\x20]*([a-z][a-z0-9+.-]*)\s*:", re.IGNORECASE)
_FOLLOWED = ("http", "https", "mailto")

_JOINERS = {"\u200c": "\ufffcn", "\u200d": "\ufffcj"}
"""The extraction drops these with all that is not printable, and Persian, Hindi and emoji are spelt with them."""

_JAVASCRIPT = re.compile(
    r"\b(enable|requires?|needs?|turn on|without|disabled)\b.{0,40}\bjavascript\b"
    r"|\bjavascript\b.{0,40}\b(enable|required|needed|disabled|off)\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass
class Readable:
    text: str
    title: str = ""
    author: str = ""
    date: str = ""
    remarks: list[str] = field(default_factory=list)
    why_empty: str = ""
    """A sentence, where there is no text."""
    hidden: int = 0
    """Characters that nobody sees and that were taken out."""


def read(html: str, address: str) -> Readable:
    """The main text of a page with its links, or all of its text where no main one is found."""
    tree = load_html(html)
    if tree is None:
        return Readable("", why_empty="It is empty, or no page that can be read.")
    asks_for_login = bool(tree.xpath("//input[@type='password']"))
    runs_scripts = bool(tree.xpath("//script"))
    for path in (*_NO_TEXT, *_HIDDEN):
        for element in tree.xpath(path):
            if element.tag not in ("html", "body"):  # these are shown by a script when it has run
                element.drop_tree()
    hidden = _clean(tree)
    everything = trafilatura.html2txt(tree)
    if sum(1 for _ in tree.iter()) > LARGE:
        readable = Readable(everything, (tree.findtext(".//title") or "").strip())
        readable.remarks.append("The page is very large, so its text stands here without links and structure.")
    else:
        readable = _described(tree, address)
        main = _main(tree, address)
        readable.text = main if len(main) >= LITTLE or len(main) * 2 >= len(everything) else everything
    _judge(readable, asks_for_login, runs_scripts)
    readable.hidden = hidden
    readable.text, readable.title, readable.author = map(_joined, (readable.text, readable.title, readable.author))
    return readable


def _clean(tree: HtmlElement) -> int:
    """Take out characters that nobody sees, and links that lead nowhere on the web; how many characters these were."""
    hidden = 0
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue  # a comment
        for name in ("text", "tail"):
            text = getattr(element, name)
            if text and not text.isascii():
                shown, count = visible(text)
                hidden += count
                setattr(element, name, _marked(shown.replace("\ufffc", "")))
        scheme = _SCHEME.match(element.get("href", "")) if element.tag == "a" else None
        if scheme and scheme[1].lower() not in _FOLLOWED:
            del element.attrib["href"]
    return hidden


def _marked(text: str) -> str:
    for joiner, mark in _JOINERS.items():
        text = text.replace(joiner, mark)
    return text


def _joined(text: str) -> str:
    for joiner, mark in _JOINERS.items():
        text = text.replace(mark, joiner)
    return text


def _described(tree: HtmlElement, address: str) -> Readable:
    found = trafilatura.extract_metadata(tree, default_url=address, extensive=False)
    return Readable("", found.title or "", found.author or "", found.date or "")


def _main(tree: HtmlElement, address: str) -> str:
    return trafilatura.extract(tree, url=address, output_format="markdown", include_links=True) or ""


def _judge(readable: Readable, asks_for_login: bool, runs_scripts: bool) -> None:
    """Say what a page is that has hardly any text."""
    text = readable.text.strip()
    if len(text) > LITTLE:
        return
    if asks_for_login:
        readable.remarks.append("The page asks for a login, so this is probably not what was looked for.")
    elif runs_scripts and (not text or _JAVASCRIPT.search(text)):
        readable.text = ""
        readable.why_empty = (
            "It shows its content by JavaScript alone, which is not run here. Look for the same elsewhere, such as in "
            "what web_search shows of it."
        )
    elif not text:
        readable.why_empty = "There is no text in it."
