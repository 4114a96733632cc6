"""Ask the package index whether a version of requirements.lock has a known fault (pip-audit).

    python -m benchmarks.audit                    (make audit)
    python -m benchmarks.audit --warn             (part of make lint): faults are shown, and stop nothing

Where there is no network, or no answer comes within 20 seconds, nothing is known: status 1, but with --warn.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements.lock"
SECONDS = 20


def main() -> None:
    """Ask, and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warn", action="store_true", help="end with status 0 whatever is found")
    warn_only = parser.parse_args().warn
    packages = audit(LOCK.read_text(encoding="utf-8"), time.monotonic() + SECONDS)
    if not packages:
        print(f"audit: skipped, no answer within {SECONDS} seconds")
        sys.exit(0 if warn_only else 1)
    faults = [f"{package['name']} {package['version']}: {fault['id']}, mended in "
              f"{', '.join(fault['fix_versions']) or 'no version yet'}"
              for package in packages for fault in package["vulns"]]
    print("\n".join([*faults, f"audit: {len(faults)} known faults in {len(packages)} packages"]))
    sys.exit(1 if faults and not warn_only else 0)


def audit(lock: str, deadline: float) -> list[dict[str, Any]]:
    """What the index says of each package that it can say something of; one is asked about before all others."""
    entries = re.findall(r"^\w(?:.*\\\n)*.*\n?", lock, flags=re.MULTILINE)
    # for one system only, or one Python: of such the index would be asked nothing here
    first = next((entry for entry in entries if ";" not in entry), "")
    return _ask(first, deadline) and _ask(lock, deadline)


def _ask(lock: str, deadline: float) -> list[dict[str, Any]]:
    """pip-audit's answer; nothing where it has none in time."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "requirements.txt"
        path.write_text(lock, encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(path), "--require-hashes", "--disable-pip",
                   "--progress-spinner", "off", "--timeout", "5", "--format", "json"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False,
                                  timeout=max(deadline - time.monotonic(), 0))
            packages = json.loads(done.stdout)["dependencies"]
        except (subprocess.TimeoutExpired, ValueError):  # no JSON: it could not ask
            return []
    return [package for package in packages if "skip_reason" not in package]


if __name__ == "__main__":
    main()
