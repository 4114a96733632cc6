"""Write down which stage reads and writes what, for the page of provenance: `python -m benchmarks.pipeline`.

DVC lets no stage read dvc.yaml, so the page shows this table of it; a test holds the two to each other.
"""

import json
import re
from pathlib import Path
from typing import Any

import yaml

TABLE = Path("stages/reporting/page/stages.json")
EVERYWHERE = re.compile(r"stages/|data/chapters/|reports/notebooks/")  # code, and what every page reads


def table(pipeline: Path = Path("dvc.yaml")) -> list[dict[str, Any]]:
    """Every stage in order: its name, the block of params.yaml that it runs for, the data it reads, what it writes."""
    stages = yaml.safe_load(pipeline.read_text(encoding="utf-8"))["stages"]
    rows = []
    for name, stage in stages.items():
        body = stage.get("do", stage)
        written = [next(iter(out)) if isinstance(out, dict) else out
                   for kind in ("outs", "metrics", "plots") for out in body.get(kind, [])]
        read = [_named(path) for path in body["deps"] if not EVERYWHERE.match(path)]
        rows.append({"stage": name, "for": stage.get("foreach", "").strip("${}"), "reads": read,
                     "writes": [_named(path) for path in written]})
    return rows


def _named(path: str) -> str:
    """A path in which … stands for the name of an experiment or of its data."""
    return re.sub(r"\$\{[^}]*\}", "…", path.replace("${item.judge}", "weights of its judge"))


def main() -> None:
    """Write the table where the page reads it."""
    TABLE.write_text(json.dumps(table(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
