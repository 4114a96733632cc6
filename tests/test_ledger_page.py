"""The page of the ledger, its summary for the first page, and the record behind README's table."""

import json
import re
from pathlib import Path

import pytest
from conftest import REPOSITORY, assert_refused, run_stage
from ledger_files import change_claims, change_metric, write_run
from lesson_pages import linked, pages_of_params

from benchmarks import ledger, ledger_table
from stages import judge_claims
from stages.reporting import html
from stages.reporting.ledger_results import FILE, ORIGINS, read_ledger, told_origins
from stages.reporting.ledgers_page import Page


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> None:
    """A folder of the test's own, the current one, and a record of the test's own."""
    monkeypatch.chdir(tmp_path)
    for module in (ledger, ledger_table):
        monkeypatch.setattr(module, "RECORD", tmp_path / "ledger.json")


def shown(patch: pytest.MonkeyPatch) -> str:
    """Prose and output of the page's notebook, cell by cell."""
    found: list[str] = []
    patch.setattr(html, "display", lambda value: found.append(value.data))
    names: dict[str, object] = {}
    notebook = json.loads((REPOSITORY / "reports/notebooks/ledgers.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            found.append(source)
        else:
            exec(source, names)
    return "\n".join(found)


def test_contradictions_come_first_with_what_is_behind_them(monkeypatch):
    write_run("local", "book", faces="stand_in")
    judge_claims.main("ledger")
    text = shown(monkeypatch)
    counts = json.loads(Path("reports/metrics/ledger.json").read_text(encoding="utf-8"))
    for symbol, verdict in (("✓", "confirmed"), ("✗", "contradicted"), ("○", "not_judged")):
        assert f'<span class="figure">{symbol} {counts[verdict]}</span>' in text
    assert text.index("✗ Leaky ReLU instead") < text.index("Chapter 1")
    assert "What we think is behind it" in text and "for every seed that we tried" in text
    assert "92.55\u00a0%" in text and "91.00\u00a0%\u00a0±\u00a01.00\u00a0points" in text
    assert "○\u00a0not judged: stand-in data" in text and "✓\u00a0confirmed" in text
    assert linked(text) <= pages_of_params() and "mnist_first.html" in linked(text)
    assert Page("ledger").badge == "MNIST (local) · book budget | stand-in faces · book budget"


def test_tables_scroll_and_are_in_the_order_of_the_book(monkeypatch):
    write_run()
    judge_claims.main("ledger")
    text = shown(monkeypatch)
    assert text.count("<table") == len(re.findall('<div class="scroll[^"]*"><table', text))
    heads = re.findall(r"<h3>(Chapter|Appendix) (\w+)</h3>", text)
    assert heads == [*(("Chapter", str(number)) for number in (1, 2, 3, 4, 6, 7, 8, 9, 10)),
                     *(("Appendix", letter) for letter in "ABCD")]
    assert "None of the claims that could be judged by this run is contradicted." in text
    assert Page("ledger").badge == "stand-in digits · demo budget | stand-in faces · demo budget"


def test_text_of_a_claim_is_escaped(monkeypatch):
    write_run()
    change_claims(lambda values: values["claims"]["plain_function"].update(statement="<script>1</script>"))
    judge_claims.main("ledger")
    text = shown(monkeypatch)
    assert "<script>" not in text and "&lt;script&gt;" in text


def test_the_summary_names_counts_and_contradictions():
    write_run()
    change_metric("reports/metrics/gans/pattern_1010.json", 0.7, "mean_output", "first")
    judge_claims.main("ledger")
    found = read_ledger()
    assert found.counts == json.loads(Path("reports/metrics/ledger.json").read_text(encoding="utf-8"))
    assert [row.claim for row in found.contradictions] == ["pattern_first", "pattern_first_is_high"]
    assert found.judged == found.counts["confirmed"] + 2


def test_page_and_summary_say_whose_claims_they_are(monkeypatch):
    write_run()
    judge_claims.main("ledger")
    found, text = read_ledger(), shown(monkeypatch)
    assert {origin: sum(counts.values()) for origin, counts in found.origins.items()} == \
        {origin: sum(row.origin == origin for row in found.rows) for origin in ORIGINS}
    assert sum(counts["confirmed"] for counts in found.origins.values()) == found.counts["confirmed"]
    assert "20 of Seth Weidman's book, 12 of the autograd tutorials and" in told_origins(found)
    assert text.count('<td data-column="from">Weidman</td>') == found.origins["weidman"]["confirmed"] == 20
    assert 'data-column="expected">' in text  # names a cell where a narrow screen stacks them


@pytest.mark.parametrize("content", ["", "claim,verdict\na,confirmed\n", None])
def test_a_damaged_ledger_is_refused_in_a_line(content):
    if content is not None:
        FILE.parent.mkdir(parents=True)
        FILE.write_text(content, encoding="utf-8")
    assert_refused(read_ledger, "reports/ledger/ledger.csv", "judge_claims ledger")


def record(monkeypatch, *options: str) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks.ledger", *options])
    ledger.main()


def test_a_run_of_the_digits_alone_is_recorded_and_becomes_a_table(monkeypatch, capsys, tmp_path):
    write_run("local", "book", without="celeba")
    record(monkeypatch, "--from", str(tmp_path), "--record")
    found = json.loads(Path("ledger.json").read_text(encoding="utf-8"))
    assert "contradicted: leaky_relu_accuracy: 92.55 %, expected 91.00 % ± 1.00 points" in capsys.readouterr().out
    assert found["runs"] == [{"budget": "book", "source": "rule", "title": "1010 rule"},
                             {"budget": "book", "source": "local", "title": "MNIST"}]
    assert found["not_judged"].keys() == {"not run here", "no GPU"} and found["seeds"] == [1]
    assert found["machine"]["processor"] and found["versions"]["torch"]
    assert str(tmp_path) not in json.dumps(found)

    table = ledger_table.ledger_table()
    confirmed = [found["origins"][origin]["confirmed"] for origin in ORIGINS]
    assert f"| confirmed | {found['counts']['confirmed']} | {' | '.join(map(str, confirmed))} |" in table
    assert sum(confirmed) == found["counts"]["confirmed"] and confirmed[1:3] == [20, 12]
    assert "- `leaky_relu_accuracy`: Leaky ReLU instead" in table and "measured 92.55 %." in table
    assert "not run here: " in table and "MNIST (source `local`), budget `book`; run seed 1;" in table


def test_without_a_record_the_table_says_so():
    assert ledger_table.ledger_table() == ledger_table.MISSING


@pytest.mark.parametrize(("run", "part"), [(("stand_in", "book"), "stand-in digits at book"),
                                           (("local", "demo"), "1010 rule at demo")])
def test_another_run_is_not_recorded(monkeypatch, tmp_path, run, part):
    write_run(*run)
    with pytest.raises(SystemExit) as refused:
        record(monkeypatch, "--from", str(tmp_path), "--record")
    assert str(refused.value).startswith("error: ") and part in str(refused.value)
    assert "expected the real MNIST at budget book" in str(refused.value)
    assert not Path("ledger.json").exists()


def test_a_folder_without_a_run_is_refused(monkeypatch, tmp_path):
    with pytest.raises(SystemExit, match="no such folder; --from must name a clone"):
        record(monkeypatch, "--from", str(tmp_path))


@pytest.mark.slow
def test_the_page_is_built_the_same_twice():
    write_run()
    judge_claims.main("ledger")
    (Path("reports") / "notebooks").symlink_to(REPOSITORY / "reports/notebooks")
    found = []
    for _ in range(2):
        assert run_stage("report", "ledger").returncode == 0
        found.append(Path("reports/html/ledger.html").read_bytes())
    assert found[0] == found[1]
    assert "The book&#39;s claims, judged" in found[0].decode()
