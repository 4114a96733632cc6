"""Tables of the convolutions of the pipeline's networks, as the stage that lists them measured them."""

from html import escape
from itertools import groupby
from pathlib import Path

import pandas as pd

from stages.lessons.appendix_c.sizes import Layer
from stages.reporting.html import link, show_html, show_table, show_text
from stages.reporting.metrics import read_table
from stages.reporting.words import listed

HEADER = ["kind", "in", "kernel", "stride", "padding", "out", "unread", "parameters"]
PLURALS = {"convolution": "convolutions", "transposed": "transposed"}
BOOK = "book"
TIMES = "×"  # without spaces: sizes are not broken into lines, and tables fit a page
GROUP = ["network", "part", "budget"]
NAMES = ["name", *GROUP, "layer"]  # all else decides whether two networks have the same convolutions


def show(path: Path) -> None:
    """A table of classifiers, one of GANs at the book's settings, one of those that differ in this run."""
    table = read_table(path).fillna({"budget": ""})
    show_text(_saving(table))
    show_text(f"All {len(table)} convolutions were listed while an example passed through the networks; each has the "
              "size and the number of parameters that the formulas say. Unread: rows and columns at the end that no "
              "kernel reads. Parameters: of one, where several are equal.")
    classifiers, gans = table[table["budget"] == ""], table[table["budget"] != ""]
    show_html("<h3>Classifiers</h3>")
    _show_networks(classifiers)
    show_html("<h3>GANs with the book's settings; those that the book does not have, with ours</h3>")
    _show_networks(gans[gans["budget"] == BOOK])
    others = _changed(gans)
    if len(others):
        show_html(f"<h3>What is smaller or larger in this run, at the {escape(others['budget'].iloc[0])} budget</h3>")
        _show_networks(others)


def _saving(table: pd.DataFrame) -> str:
    """What a dense layer would need in the place of the convolution that reads the largest picture."""
    before = table["input_channels"] * table["input_height"] * table["input_width"]
    after = table["output_channels"] * table["output_height"] * table["output_width"]
    place = (table["input_height"] * table["input_width"]).idxmax()
    one = table.loc[place]
    return (f"The {one['part']} of {one['network']} has a convolution that turns {_picture(one, 'input')} numbers into "
            f"{_picture(one, 'output')} with {one['parameters']:,} parameters. A dense layer between the same two "
            f"would have {before[place] * after[place] + after[place]:,}.")


def _show_networks(table: pd.DataFrame) -> None:
    """A table for each network; networks that have the same convolutions share one."""
    shared: dict[tuple, list[tuple[str, str]]] = {}
    for (network, part, _), layers in table.groupby(GROUP, sort=False):
        content = tuple(layers.drop(columns=NAMES).itertuples(index=False))
        shared.setdefault(content, []).append((network, part))
    for content, owners in shared.items():
        show_html(f"<p>{_owners(owners)}</p>")
        show_table(HEADER, [_cells(one, len(list(equal))) for one, equal in groupby(content)])


def _cells(one: tuple, count: int) -> list[object]:
    """What the table says of `count` equal convolutions."""
    layer = Layer(one.kernel, one.stride, one.padding, one.kind == "transposed", one.output_padding)
    over = sorted({layer.uncovered(one.input_height), layer.uncovered(one.input_width)})
    kind = f"{count}\u00a0{PLURALS[one.kind]}" if count > 1 else one.kind
    return [kind, _picture(one, "input"),
            f"{one.kernel}{TIMES}{one.kernel}", str(one.stride), str(one.padding), _picture(one, "output"),
            "–" if layer.transposed else " and ".join(map(str, over)), f"{one.parameters:,}"]


def _changed(gans: pd.DataFrame) -> pd.DataFrame:
    """Networks of the active budget whose convolutions are not those of the book's."""
    groups = dict(list(gans.groupby(GROUP, sort=False)))
    different = [layers for (network, part, budget), layers in groups.items() if budget != BOOK and
                 not _content(layers).equals(_content(groups[network, part, BOOK]))]
    return pd.concat(different) if different else gans.iloc[:0]


def _content(layers: pd.DataFrame) -> pd.DataFrame:
    """Convolutions without their names."""
    return layers.drop(columns=NAMES).reset_index(drop=True)


def _owners(owners: list[tuple[str, str]]) -> str:
    """Links to the pages of networks, and which of their networks it is, as HTML."""
    parts = list(dict.fromkeys(part for _, part in owners))
    links = listed(link(f"{network}.html", network).data for network, _ in owners)
    return f"{links}: {listed(parts)}" if parts != ["classifier"] else links


def _picture(one: object, end: str) -> str:
    """Channels, height and width."""
    return TIMES.join(str(getattr(one, f"{end}_{what}")) for what in ("channels", "height", "width"))
