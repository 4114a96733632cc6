"""Work through a lesson of the book: every example is computed, and compared with what it must give."""

from pathlib import Path

from stages.core import command
from stages.core.files import write_json
from stages.core.parameters import import_module, read_block, require_name
from stages.lessons.examples import as_metrics, require_all


def main(lesson: str) -> None:
    """Write `reports/metrics/<lesson>.json`: value, expected value and difference of each example.

    Raises UserError where one does not hold; then nothing is written.
    """
    require_name("lessons", lesson)
    module = import_module("stages.lessons", lesson)

    examples = module.work_out(read_block(f"lessons.{lesson}", module.Settings))
    require_all(lesson, examples)
    write_json(Path(f"reports/metrics/{lesson}.json"), as_metrics(examples))


if __name__ == "__main__":
    command.run(main, argument="lesson")
