"""What is installed is fixed to the byte, its licences are listed, and a look-up of known faults needs no network."""

import email
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import audit, licences

ROOT = Path(__file__).parents[1]
PINS = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==([^\s;\\]+)", flags=re.MULTILINE)


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in PINS.findall((ROOT / name).read_text(encoding="utf-8")):
        found.setdefault(re.sub(r"[-_.]+", "-", package).lower(), set()).add(version)
    return found


def test_the_lock_holds_every_requirement_in_its_version():
    wanted, locked = pins("requirements.txt"), pins("requirements.lock")
    assert len(wanted) > 20
    for package, versions in wanted.items():
        assert locked.get(package) == versions, f"{package}: run `make lock`"


def test_every_line_of_requirements_is_a_pin():
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        assert not line or line.startswith("#") or PINS.match(line), line


def test_every_entry_of_the_lock_has_digests_and_no_address():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    for entry in re.split(r"\n(?=\w)", text)[1:]:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry.splitlines()[0]


def test_the_table_of_licences_is_that_of_the_lock():
    listed = re.findall(r"^\| ([\w.-]+) \| [^|]+ \| [^|]+ \|$", (ROOT / "LICENSES.md").read_text(encoding="utf-8"),
                        flags=re.MULTILINE)
    assert listed[0] == "package" and listed[1:] == licences.locked(), "run `python -m benchmarks.licences`"


def run_audit(monkeypatch, capsys, packages: list, *options: str) -> tuple[int, str]:
    monkeypatch.setattr(audit, "_ask", lambda lock, deadline: packages)
    monkeypatch.setattr(sys, "argv", ["audit", *options])
    try:
        audit.main()
    except SystemExit as end:
        return end.code, capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_known_faults_are_named_and_stop_only_the_audit_itself(monkeypatch, capsys):
    faulty = [{"name": "some", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]},
              {"name": "sound", "version": "2.0", "vulns": []}]
    status, said = run_audit(monkeypatch, capsys, faulty)
    assert status == 1 and "some 1.0: PYSEC-1, mended in 1.1\naudit: 1 known faults in 2 packages" in said
    assert run_audit(monkeypatch, capsys, faulty, "--warn")[0] == 0
    assert run_audit(monkeypatch, capsys, faulty[1:]) == (0, "audit: 0 known faults in 1 packages\n")


def test_without_an_answer_the_audit_is_skipped(monkeypatch, capsys):
    assert run_audit(monkeypatch, capsys, []) == (1, "audit: skipped, no answer within 20 seconds\n")
    assert run_audit(monkeypatch, capsys, [], "--warn")[0] == 0


def test_the_package_asked_about_first_is_one_for_every_system(monkeypatch):
    asked = []
    monkeypatch.setattr(audit, "_ask", lambda lock, deadline: asked.append(lock) or [{}])
    elsewhere = "a==1 ; sys_platform == 'win32' \\\n    --hash=sha256:1\n"
    audit.audit(f"# any head\n{elsewhere}b==2 \\\n    --hash=sha256:2\nc==3\n", 0)
    assert asked[0] == "b==2 \\\n    --hash=sha256:2\n"


def test_a_locked_package_that_tells_no_licence_is_one_line(monkeypatch):
    monkeypatch.setattr(licences, "locked", lambda: ["no-such-package"])
    with pytest.raises(SystemExit) as ended:
        licences.main()
    assert "no-such-package" in ended.value.code and "\n" not in ended.value.code


def test_a_blank_licence_is_not_stated(monkeypatch):
    facts = email.message_from_string("Name: some\nLicense:   \n")
    monkeypatch.setattr(licences, "metadata", lambda name: facts)
    assert licences._licence("some") == "not stated"


def test_an_audit_that_hangs_or_fails_counts_as_no_answer(monkeypatch):
    def hang(*_, timeout, **__):
        assert timeout <= audit.SECONDS
        raise subprocess.TimeoutExpired("pip-audit", timeout)

    monkeypatch.setattr(subprocess, "run", hang)
    assert audit.audit((ROOT / "requirements.lock").read_text(encoding="utf-8"), 0) == []
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, stdout="", stderr="no"))
    assert audit._ask("", 0) == []
