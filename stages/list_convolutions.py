"""List every convolution of the pipeline's networks: sizes, kernel, stride, padding, parameters."""

from pathlib import Path

from stages.core import command
from stages.core.files import write_json, write_text
from stages.core.parameters import read_block, require_name
from stages.core.run import Run
from stages.lessons import appendix_c
from stages.lessons.convolutions import as_csv, examples, measure, subjects
from stages.lessons.examples import as_metrics, require_all


def main(lesson: str) -> None:
    """Write `reports/convolutions/<lesson>.csv`, and the formulas against each in `reports/metrics/convolutions/`.

    Raises UserError where a formula is not right for one of them; then nothing is written.
    """
    require_name("lessons", lesson)
    networks = read_block(f"lessons.{lesson}", appendix_c.Settings).networks
    active = read_block("run", Run, ["budget"]).budget

    checked, listed = {}, []
    for subject in subjects(networks, active):
        found = measure(subject)
        checked |= examples(subject, found)
        listed += found
    require_all(lesson, checked)
    write_json(Path(f"reports/metrics/convolutions/{lesson}.json"), as_metrics(checked))
    write_text(f"reports/convolutions/{lesson}.csv", as_csv(listed))


if __name__ == "__main__":
    command.run(main, argument="lesson")
