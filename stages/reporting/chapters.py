"""The chapters of the site: which pages there are, in the book's order, and what comes before and after a page."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field

from stages.core.command import UserError
from stages.core.parameters import FILE, Block, check, load, read_block

LISTED = Path("data/chapters/index.json")
OTHERS = {"title": "More pages", "about": "Experiments that no chapter in params.yaml names."}
RELATED = {  # kinds of pages that say more about those of a kind
    "lessons": ("ledgers",),
    "classifiers": ("comparisons", "ledgers"),
    "gans": ("gan_comparisons", "face_comparisons", "ledgers"),
    "attribute_classifiers": ("face_comparisons",),
    **dict.fromkeys(("comparisons", "gan_comparisons", "face_comparisons"), ("ledgers",)),
}


class Chapter(Block):
    """Some pages that belong together, by their names, in the order of reading."""

    title: str = Field(min_length=1)
    about: str = Field(min_length=1)
    pages: list[str]


class Settings(Block):
    """A block of `pages.site` in params.yaml."""

    title: str = Field(min_length=1)
    chapters: list[dict[str, Any]] = Field(default=[])  # each a Chapter


class Way(NamedTuple):
    """What a page needs to lead on: all chapters, its own name, the pages before and after, and those about the same.

    Each page is {name, title}; `related` are comparisons of its kind, and the ledger that judges claims about it.
    """

    chapters: list[dict[str, Any]]
    name: str
    before: dict[str, str] | None
    after: dict[str, str] | None
    related: Sequence[dict[str, str]] = ()


def arrange(site: str) -> list[dict[str, Any]]:
    """All chapters of a first page as {title, about, pages}, each page as {kind, name, title}.

    Pages that no chapter names come last. Raises UserError where one is named twice, or is not there.
    """
    where = f"pages.site.{site}.chapters"
    found = read_block(f"pages.site.{site}", Settings).chapters
    chapters = [check(chapter, Chapter, f"{where}.{number}") for number, chapter in enumerate(found)]
    known = _all_pages(site)
    place = f"{FILE}: {where}"
    for name, times in Counter(name for chapter in chapters for name in chapter.pages).items():
        if name not in known:
            raise UserError(f"{place} names '{name}', and no part of pages has it; correct the name or remove it there")
        if times > 1:
            raise UserError(f"{place} names '{name}' {times} times; keep one of them")
    arranged = [{"title": chapter.title, "about": chapter.about, "pages": [known.pop(name) for name in chapter.pages]}
                for chapter in chapters]
    if known:
        arranged.append({**OTHERS, "pages": list(known.values())})
    return [chapter for chapter in arranged if chapter["pages"]]


def find_way(name: str) -> Way:
    """The way on from a page; from one built before the chapters were listed only the way home."""
    try:
        chapters = json.loads(LISTED.read_text(encoding="utf-8"))
    except FileNotFoundError:
        chapters = []
    except ValueError:
        raise UserError(f"{LISTED}: is no valid JSON; delete it and run dvc repro") from None
    pages = [{"name": "index", "title": "All reports"}, *(page for chapter in chapters for page in chapter["pages"])]
    names = [page["name"] for page in pages]
    if len(pages) == 1 or name not in names:
        return Way(chapters, name, None, None)
    place = names.index(name)
    related = [page for kind in RELATED.get(pages[place].get("kind"), ()) for page in pages if page.get("kind") == kind]
    return Way(chapters, name, pages[place - 1] if place else None, [*pages, None][place + 1], related)


def _all_pages(site: str) -> dict[str, dict[str, str]]:
    """Every page of params.yaml but the first page, by name."""
    found = {}
    for kind, pages in load()["pages"].items():
        for name, page in pages.items():
            if not isinstance(page, dict) or not isinstance(page.get("title"), str):
                raise UserError(f"{FILE}: pages.{kind}.{name} has no title; add one")
            if name != site:
                found[name] = {"kind": kind, "name": name, "title": page["title"]}
    return found
