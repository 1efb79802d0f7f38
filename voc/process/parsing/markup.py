"""What a person sees of HTML, as plain text: paragraphs, lists and quotes kept; scripts, styles and what is hidden not.

A scanner of its own in one pass: `html.parser` of the standard library needs quadratic time on unclosed tags (150 kB of
`<a ` take four minutes), and half a megabyte of hostile HTML must cost milliseconds.
"""

from __future__ import annotations

import contextlib
import html
import re
from dataclasses import dataclass, field

# Characters looked at, characters given back, elements that may stand inside one another.
LONGEST = 600_000
LONGEST_TEXT = 200_000
DEEPEST = 400
_NEAR = 40  # how far up an end tag looks for its beginning

# Possessive: a tag that does not end is given up at once, not tried in every way. `<` ends it, so that a row of
# unclosed tags is looked at once.
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]{0,30}+)((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>")
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style")}
_SPACES = re.compile(r"[ \t\r\n\f\u00a0\u2007\u202f]+")
_INVISIBLE = dict.fromkeys([0xAD, 0x34F, 0x61C, 0x180E, 0x200B, 0x200C, 0x200E, 0x200F, 0x2060, 0xFEFF])
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?![.\d]*[1-9])", re.I
)
_HIDDEN = re.compile(r"(?:^|\s)hidden(?=[\s=/]|$)", re.I)
_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]{1,40})\"|'([^']{1,40})')", re.I)
_NO_BORDER = re.compile(r"border\s*:\s*(?:none|0|medium none)", re.I)
_QUOTING = re.compile(r"yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra|type\s*=\s*[\"']?cite", re.I)
_SIGNING = re.compile(
    r"(?:class|id|data-smartmail)\s*=\s*[\"']?[^\"'>]{0,80}"
    r"(?:gmail_signature|moz-signature|applemailsignature|ms-outlook-mobile-signature|protonmail_signature|"
    r"\bsignature\b|yahoo-signature|ydp[0-9a-z]{0,12}signature)",
    re.I,
)

_VOID = frozenset(
    {"br", "img", "hr", "input", "meta", "link", "area", "base", "col", "embed", "source", "wbr", "param"}
)
_UNSEEN = frozenset(
    {"head", "title", "template", "object", "select", "svg", "math", "iframe", "canvas", "audio", "video"}
)
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "dl", "pre", "table"})
_LINES = frozenset(
    {"div", "tr", "li", "dt", "dd", "section", "article", "header", "footer", "address", "form", "fieldset", "center",
     "main", "nav", "aside", "figure", "figcaption", "caption", "thead", "tbody", "tfoot", "body", "html"}
)  # fmt: skip


def text_of_html(source: str) -> str:
    """The text of `source`; what is cut off is cut off at the end, and nothing is raised."""
    text = _Reader(source[:LONGEST], hide=True).read()
    if not text and source:
        # Everything was hidden: somebody's words in a strange style are better than no words.
        text = _Reader(source[:LONGEST], hide=False).read()
    return text


@dataclass(slots=True)
class _Open:
    """An element that has begun."""

    name: str
    hidden: bool = False
    quoting: bool = False
    counter: int | None = None


@dataclass(slots=True)
class _Page:
    """The lines so far. `blank` empty lines are owed before the next text."""

    lines: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    owed: bool = False
    depth: int = 0
    size: int = 0

    def add(self, text: str, *, verbatim: bool = False) -> None:
        """Text on the present line; spaces count as one."""
        if not verbatim:
            text = _SPACES.sub(" ", text)
            if not self.line or self.line[-1].endswith(" "):
                text = text.lstrip(" ")
        if text:
            self.line.append(text)
            self.size += len(text)

    def end_line(self, *, paragraph: bool = False) -> None:
        """The next text stands on a new line, after an empty one when it is a paragraph."""
        text = "".join(self.line).rstrip()
        self.line = []
        if text:
            prefix = "> " * min(self.depth, 5)
            if self.owed and self.lines:
                self.lines.append(prefix.rstrip())
            self.lines.append(prefix + text)
            self.owed = False
        self.owed = self.owed or paragraph

    def sign(self) -> None:
        """A signature begins: the delimiter that plain text has for it."""
        self.end_line()
        self.lines.append("> " * min(self.depth, 5) + "-- ")
        self.owed = False

    def break_line(self) -> None:
        """`<br>`: two in a row leave an empty line."""
        if self.line:
            self.end_line()
        else:
            self.owed = True


class _Reader:
    """One pass over one source."""

    def __init__(self, source: str, *, hide: bool) -> None:
        self._source = source
        self._hide = hide
        self._page = _Page()
        self._stack: list[_Open] = []
        self._hidden = 0
        self._verbatim = 0
        self._no_more: set[str] = set()  # ends that were looked for in vain: not looked for again

    def read(self) -> str:
        """The whole text."""
        source, at = self._source, 0
        while at < len(source) and self._page.size < LONGEST_TEXT:
            start = source.find("<", at)
            if start < 0:
                self._text(source[at:])
                break
            if start > at:
                self._text(source[at:start])
            at = self._markup(start)
        self._page.end_line()
        return "\n".join(self._page.lines)[:LONGEST_TEXT].translate(_INVISIBLE).strip("\n")

    def _markup(self, at: int) -> int:
        """What begins with `<` at this place; returns where to go on."""
        source = self._source
        following = source[at + 1 : at + 4]
        if following == "!--":
            return self._after("-->", at + 4)
        if following[:1] in ("!", "?"):
            return self._after(">", at + 1)
        match = _TAG.match(source, at)
        if match is None:
            if following[:1].isalpha() or following[:1] == "/":
                return at + 2
            self._text("<")
            return at + 1
        self._tag(match[2].lower(), match[3], closing=bool(match[1]))
        name = match[2].lower()
        if name in _RAW_END and not match[1]:
            end = _RAW_END[name].search(source, match.end()) if name not in self._no_more else None
            if end is None:
                self._no_more.add(name)
                return len(source)
            return end.start()
        return match.end()

    def _after(self, end: str, at: int) -> int:
        """Behind the next `end`; when there is none, only what began is skipped."""
        if end in self._no_more:
            return at
        found = self._source.find(end, at)
        if found < 0:
            self._no_more.add(end)
            return at
        return found + len(end)

    def _text(self, text: str) -> None:
        if self._hidden:
            return
        if "&" in text:
            with contextlib.suppress(ValueError):  # a number of thousands of digits
                text = html.unescape(text)
        if not self._verbatim:
            self._page.add(text)
            return
        first, *rest = text.replace("\r\n", "\n").split("\n")
        self._page.add(first, verbatim=True)
        for line in rest:
            self._page.break_line()
            self._page.add(line, verbatim=True)

    def _tag(self, name: str, attributes: str, *, closing: bool) -> None:
        if name in _VOID:
            self._void(name, attributes)
        elif closing:
            self._close(name)
        else:
            self._open(name, attributes[:3000])

    def _void(self, name: str, attributes: str) -> None:
        if self._hidden:
            return
        if name == "br":
            self._page.break_line()
        elif name == "hr":
            self._page.end_line()
            self._page.add("---")
            self._page.end_line()
        elif name == "img" and "alt" in attributes[:2000].lower():
            # Mail programs draw emoji as images; longer texts describe decoration.
            found = _ALT.search(attributes[:2000])
            alt = html.unescape(found[1] or found[2]) if found else ""
            if 0 < len(alt) <= 4 and not alt.isascii():
                self._page.add(alt)

    def _open(self, name: str, attributes: str) -> None:
        page = self._page
        if name in _PARAGRAPHS or name in _LINES:
            page.end_line(paragraph=name in _PARAGRAPHS)
        elif name in ("td", "th") and page.line:
            page.add(" ")
        if len(self._stack) >= DEEPEST:
            return
        item = _Open(name, hidden=self._hides(name, attributes), quoting=_quotes(name, attributes))
        if name == "ol":
            item.counter = 0
        self._stack.append(item)
        self._hidden += item.hidden
        page.depth += item.quoting
        self._verbatim += name == "pre"
        if self._hidden:
            return
        if name == "li":
            page.add(self._bullet(), verbatim=True)
        elif "ign" in attributes.lower() and _SIGNING.search(attributes):
            page.sign()

    def _hides(self, name: str, attributes: str) -> bool:
        if name in _UNSEEN:
            return True
        if not self._hide or not attributes:
            return False
        return bool(_HIDING.search(attributes) or _HIDDEN.search(attributes))

    def _bullet(self) -> str:
        for item in reversed(self._stack[-_NEAR:]):
            if item.name == "ul":
                break
            if item.counter is not None:
                item.counter += 1
                return f"{item.counter}. "
        return "- "

    def _close(self, name: str) -> None:
        if name in _PARAGRAPHS or name in _LINES:
            self._page.end_line(paragraph=name in _PARAGRAPHS)
        for back, item in enumerate(reversed(self._stack[-_NEAR:]), start=1):
            if item.name == name:
                for closed in self._stack[-back:]:
                    self._hidden -= closed.hidden
                    self._page.depth -= closed.quoting
                    self._verbatim -= closed.name == "pre"
                del self._stack[-back:]
                return


def _quotes(name: str, attributes: str) -> bool:
    """Whether what is inside was said by somebody else; some programs indent with a quote that has no border."""
    if name == "blockquote":
        return not _NO_BORDER.search(attributes) or "gmail_quote" in attributes
    return name == "div" and bool(attributes) and bool(_QUOTING.search(attributes))
