"""What a keyboard and a screen reader need on a page, added in one place: names for headings, tables and code.

What is wider than a phone scrolls by itself. A box that scrolls must take the focus, or arrow keys do not reach it, and
then it must say what it is: it is named by the heading above it.
"""

import re
from html import escape, unescape

MARK = re.compile(r"<h(?P<level>[2-6])(?P<attributes>[^>]*)>(?P<title>.*?)</h(?P=level)>"
                  r"|<div class=\"(?P<scroll>scroll[^\"]*)\">(?P<inside><table>|<img)?"
                  r"|<pre(?: tabindex=\"0\")?>", re.DOTALL)
CONTENTS = "<!-- the sections of this page -->"  # where the template wants them
KINDS = {"<table>": "Table", "<img": "Picture", None: "Formula"}


def with_landmarks(page: str) -> str:
    """The page with an address for each heading, and with boxes that scroll named and in reach of the keyboard."""
    named = _Named()
    page = MARK.sub(named.replace, page)
    sections = "".join(f'<li><a href="#{address}">{title}</a></li>' for address, title in named.sections)
    return page.replace(CONTENTS, f"<ol>{sections}</ol>")


class _Named:
    """Goes through a page from its top, and knows under which heading it stands."""

    def __init__(self) -> None:
        self.heading = "the beginning"
        self.taken: dict[str, int] = {}
        self.sections: list[tuple[str, str]] = []  # address and title

    def replace(self, found: re.Match[str]) -> str:
        """A heading, a scrolling box or code, each with what it lacks."""
        if found["level"]:
            return self._heading(found)
        if found["scroll"]:
            label = self._once(f"{KINDS[found['inside']]}: {self.heading}")
            return (f'<div class="{found["scroll"]}" tabindex="0" role="region" aria-label="{escape(label)}">'
                    + (found["inside"] or ""))
        return f'<pre tabindex="0" role="region" aria-label="{escape(self._once(f"Code: {self.heading}"))}">'

    def _heading(self, found: re.Match[str]) -> str:
        """A heading with an address of its own."""
        self.heading = unescape(re.sub(r"<[^>]*>", "", found["title"])).strip()
        address = re.sub(r"[^a-z0-9]+", "-", self.heading.lower()).strip("-") or "section"
        address, others = self._once(address, "-"), re.sub(r' id="[^"]*"', "", found["attributes"])
        if found["level"] == "2":
            self.sections.append((address, escape(self.heading)))
        return f'<h{found["level"]}{others} id="{address}">{found["title"]}</h{found["level"]}>'

    def _once(self, name: str, before_number: str = ", ") -> str:
        """The name, with a number where it was given before."""
        self.taken[name] = self.taken.get(name, 0) + 1
        return name if self.taken[name] == 1 else f"{name}{before_number}{self.taken[name]}"
