"""How much a YAML file may hold: a few lines of it can stand for more values than any memory holds."""

import yaml

DEEPEST = 100  # blocks inside each other; params.yaml itself has seven
MOST_VALUES = 20_000  # with what aliases stand for; params.yaml itself has 2,700


def require_modest(text: str) -> None:
    """Raise ValueError for what would take all stack or memory: brackets without end, aliases of aliases of aliases."""
    sizes: dict[str | None, int] = {}  # how many values an anchor stands for
    blocks: list[int] = [0]  # the values of each block that is open
    anchors: list[str | None] = []
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.CollectionStartEvent):
            anchors.append(event.anchor)
            blocks.append(1)
        elif isinstance(event, yaml.CollectionEndEvent):
            sizes[anchors.pop()] = size = blocks.pop()
            blocks[-1] += size
        elif isinstance(event, yaml.AliasEvent):
            blocks[-1] += sizes.get(event.anchor, 1)
        elif isinstance(event, yaml.ScalarEvent):
            blocks[-1] += 1
        if len(anchors) > DEEPEST:
            raise ValueError(f"more than {DEEPEST} blocks inside each other")
        if blocks[-1] > MOST_VALUES:
            raise ValueError(f"more than {MOST_VALUES:,} values")
