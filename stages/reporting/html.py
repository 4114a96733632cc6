"""Small pieces of HTML for notebooks: figures with alt texts, tables, lists. All text is escaped."""

import base64
import io
import re
from collections.abc import Iterable, Sequence
from html import escape, unescape
from typing import TYPE_CHECKING

from IPython.display import HTML, display
from PIL import Image

if TYPE_CHECKING:
    from matplotlib.figure import Figure  # the first page has none, and need not load matplotlib

DPI = 144
QUALITIES = (85, 75, 65, 55, 45, 35)  # of JPEG, tried in turn
LARGEST_JPEG = 75_000  # bytes: a page of faces has more than ten of them, and noise needs many


def show_figure(figure: "Figure", alt: str, caption: str = "", scroll: bool = False) -> None:
    """Show a matplotlib figure as a picture inside the page; `alt` says what is seen.

    On a narrow screen it is made smaller, or keeps its size and can be moved sideways with `scroll`.
    """
    kind, content = ("jpeg", _as_jpeg(figure)) if _has_colours(figure) else ("png", _as_png(figure))
    picture = base64.b64encode(content).decode("ascii")
    width = round(figure.get_figwidth() * 96)
    note = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    image = f'<img width="{width}" alt="{escape(alt)}" src="data:image/{kind};base64,{picture}">'
    if scroll:
        image = f'<div class="scroll">{image}</div>'
    show_html(f"<figure>{image}{note}</figure>")


def show_table(header: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "",
               stacked: bool = False) -> None:
    """Show a table; numbers stand to the right. Without a caption one for screen readers names its columns.

    With `stacked` a narrow screen shows the cells of a row below each other, each after the name of its column.
    """
    rows = [list(row) for row in rows]
    numeric = [all(_is_number(row[column]) for row in rows) for column in range(len(header))]
    head = "".join(_cell("th", name, right) for name, right in zip(header, numeric, strict=True))
    body = "".join(
        "<tr>" + "".join(_cell("td", value, right, name if stacked else "")
                         for name, value, right in zip(header, row, numeric, strict=True)) + "</tr>" for row in rows
    )
    named = _caption(caption) or _caption(f"Columns: {', '.join(filter(None, map(_plain, header)))}", unseen=True)
    box = "scroll stacked" if stacked else "scroll"
    show_html(f'<div class="{box}"><table>{named}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>')


def show_facts(facts: dict[str, object], caption: str = "") -> None:
    """Show names and values as a table of two columns."""
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th>{_cell("td", value, False)}</tr>'
                   for name, value in facts.items())
    named = _caption(caption) or _caption("Names and values", unseen=True)
    show_html(f'<div class="scroll"><table>{named}<tbody>{rows}</tbody></table></div>')


def show_list(points: Iterable[str]) -> None:
    """Show a list with bullets."""
    show_html("<ul>" + "".join(f"<li>{escape(point)}</li>" for point in points) + "</ul>")


def show_text(text: str) -> None:
    """Show one paragraph."""
    show_html(f"<p>{escape(text)}</p>")


def link(address: str, text: str) -> HTML:
    """A link, for a cell of a table."""
    return HTML(f'<a href="{escape(address)}">{escape(text)}</a>')


def code(*lines: str) -> HTML:
    """Lines of code or paths, for a cell of a table."""
    # a long path may break after a stroke, a digest in its middle
    lines = [re.sub(r"([/_]|(?<=[0-9a-f]{16})(?=[0-9a-f]{16}))", r"\1<wbr>", escape(line)) for line in lines]
    return HTML("<br>".join(f"<code>{line}</code>" for line in lines))


def show_folded(summary: str, text: str) -> None:
    """Show a long text that readers unfold."""
    show_html(f'<details class="folded"><summary>{escape(summary)}</summary><pre><code>{escape(text)}</code></pre>'
              "</details>")


def show_html(text: str) -> None:
    """Show HTML as it is."""
    display(HTML(text))


def percent(share: float) -> str:
    """A share of 1 as per cent with two places, as the book prints accuracies."""
    return f"{100 * share:.2f} %"


def _as_png(figure: "Figure") -> bytes:
    """Every pixel as it is, with as many channels as it takes: two thirds of the bytes where all is grey."""
    drawn, content = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI)
    opaque = Image.open(drawn).convert("RGB")  # matplotlib fills the whole figure
    red, green, blue = (channel.tobytes() for channel in opaque.split())
    image = opaque.convert("L") if red == green == blue else opaque
    image.save(content, format="png", optimize=True)
    return content.getvalue()


def _as_jpeg(figure: "Figure") -> bytes:
    """As good as it can be without being large."""
    raw = io.BytesIO()
    figure.savefig(raw, format="rgba", dpi=DPI)  # as PNG it would have to be packed first, and unpacked
    size = tuple(int(side * DPI) for side in figure.get_size_inches())
    drawn = Image.frombytes("RGBA", size, raw.getvalue()).convert("RGB")
    for quality in QUALITIES:
        content = io.BytesIO()
        drawn.save(content, format="jpeg", quality=quality)
        if content.tell() <= LARGEST_JPEG:
            break
    return content.getvalue()


def _has_colours(figure: "Figure") -> bool:
    """True where it holds pictures in colour: as PNG they would take ten times the bytes."""
    return any(image.get_array().ndim == 3 for axes in figure.axes for image in axes.get_images())


def _caption(text: str, unseen: bool = False) -> str:
    """What a table shows; `unseen` is for screen readers only."""
    style = ' class="unseen"' if unseen else ""
    return f"<caption{style}>{escape(text)}</caption>" if text else ""


def _plain(value: object) -> str:
    """The text of a cell without its tags."""
    return unescape(re.sub(r"<[^>]*>", "", value.data)) if isinstance(value, HTML) else str(value)


def _cell(tag: str, value: object, right: bool, column: str = "") -> str:
    """One cell of a table; an HTML object is taken as it is. `column` names it where it stands alone."""
    content = value.data if isinstance(value, HTML) else escape(_written(value))
    scope = ' scope="col"' if tag == "th" else ""
    style = ' class="number"' if right else ""
    called = f' data-column="{escape(column)}"' if column else ""
    return f"<{tag}{scope}{style}{called}>{content}</{tag}>"


def _written(value: object) -> str:
    """A value as text: counts with thousands separated."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _is_number(value: object) -> bool:
    """True for numbers and for texts that are numbers with a unit or a sign, so that columns line up."""
    text = re.sub("[,%]|about|[KMGT]iB|bytes", "", _written(value)).replace("−", "-").strip()
    if text in ("", "-", "–"):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True
