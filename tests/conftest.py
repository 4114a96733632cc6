"""A small project in a temporary folder, stages run as a user runs them, and what a user's mistake must look like."""

import copy
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_pipeline
import yaml

from stages.core import parameters, stopping
from stages.core.command import UserError
from stages.datasets.digits import idx
from stages.datasets.mnist import FILES

# threads that wait leave the core to the other worker and what it starts; results are the same
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# in the background of a shell Ctrl-C is ignored, and would be by the stages that tests start
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).resolve().parent.parent
TRAIN_IMAGES, TEST_IMAGES = 60, 30
KEPT = {"classifiers": {"baseline", "bce"}, "gans": {"pattern_1010", "mnist_improved", "mnist_conditional"}}
RAW, DOWNLOADED, CONVERTED = Path("data/raw/mnist"), Path("data/raw/.mnist.download"), Path("data/hdf5/mnist.h5")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--site reports/html`: the pages that tests/test_browser.py opens, in place of a small site's."""
    parser.addoption("--site", help="folder of built pages for tests/test_browser.py; without it a small site is built")


def pytest_sessionfinish() -> None:
    """Keep the number of inputs that were fuzzed, where it is asked for; see benchmarks/fuzz.py."""
    if "fuzzing" in sys.modules:
        sys.modules["fuzzing"].record()


@pytest.fixture(scope="session")
def small_parameters() -> dict[str, Any]:
    """params.yaml with a few experiments only: the whole file takes a tenth of a second to read."""
    text = (REPOSITORY / "params.yaml").read_text(encoding="utf-8")
    values = yaml.load(text, Loader=parameters._Loader)
    for kind, kept in KEPT.items():
        for block in (values[kind], values["pages"][kind]):
            for name in set(block) - kept:
                del block[name]
    left = {name for pages in values["pages"].values() for name in pages}
    for chapter in values["pages"]["site"]["index"]["chapters"]:
        chapter["pages"] = [name for name in chapter["pages"] if name in left]
    return values


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """What a stage that a test calls in this process does with signals ends with the test."""
    before = {number: signal.getsignal(number) for number in stopping.BOTH}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def project(tmp_path, monkeypatch, small_parameters) -> Path:
    """A folder with a shrunk params.yaml, the current one while the test runs."""
    values = copy.deepcopy(small_parameters)
    size = {"train_images": TRAIN_IMAGES, "test_images": TEST_IMAGES}
    values["run"] |= {"source": "stand_in", "budget": "demo", "device": "cpu", "threads": 1, "seed": 1}
    values["datasets"]["mnist"]["stand_in"] |= size
    values["datasets"]["mnist"]["budgets"]["demo"] = size
    for classifier in values["classifiers"].values():
        classifier.get("budgets", {}).get("demo", {})["epochs"] = 1

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    _write_parameters(values)
    return tmp_path


@pytest.fixture
def converted(project) -> Path:
    """The project's HDF5 file, of random pictures."""
    from stages.datasets import hdf5

    path = project / CONVERTED
    hdf5.write_splits(path, random_splits(), {"title": "random", "source": "local", "licence": "", "digests": {}})
    return path


@pytest.fixture(scope="session")
def small_project(tmp_path_factory) -> Path:
    """Five real stages, built and committed in a folder whose name has a space; to be copied before it is changed."""
    return small_pipeline.build(tmp_path_factory.mktemp("a folder") / "small project")


@pytest.fixture(scope="session")
def real_mnist() -> Path:
    """The folder that holds mnist/ with the real files."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not (folder / "mnist").is_dir():
        pytest.skip(f"the real MNIST is not at {folder / 'mnist'}")
    return folder


def run_stage(stage: str, *names: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a stage as dvc.yaml does, in the current folder if no other is given."""
    return subprocess.run(
        [sys.executable, "-m", f"stages.{stage}", *names], cwd=cwd, env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True, text=True, timeout=120, check=False,
    )


def run_on_small_disk(folder: str, options: str, command: str) -> subprocess.CompletedProcess[str]:
    """Run a shell command in the current folder while `folder` is a small disk of its own, gone afterwards."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("needs unshare, to mount a small disk")
    Path(folder).mkdir(parents=True)
    script = f"mount -t tmpfs -o {options} tmpfs {folder} || exit 77; {command}"
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "PYTHON": sys.executable}
    result = subprocess.run([unshare, "-rm", "sh", "-c", script], env=environment, capture_output=True, text=True,
                            timeout=60, check=False)
    if result.returncode == 77 or result.stderr.startswith("unshare:"):
        pytest.skip(f"may not mount a small disk here: {result.stderr.strip()}")
    return result


def set_key(dotted: str, value: Any) -> None:
    """Change or add one key of the current folder's params.yaml."""
    values, block, key = _parent_block(dotted)
    block[key] = value
    _write_parameters(values)


def delete_key(dotted: str) -> None:
    """Remove one key of the current folder's params.yaml."""
    values, block, key = _parent_block(dotted)
    del block[key]
    _write_parameters(values)


def assert_one_line_error(result: subprocess.CompletedProcess[str], *parts: str) -> None:
    """The stage ended as a user's mistake ends: status 1 and one line that holds all `parts`."""
    assert result.returncode == 1, result.stderr
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1, result.stderr
    for part in parts:
        assert part in result.stderr


def assert_refused(call: Callable[[], Any], *parts: str) -> None:
    """The call in this process raises what the command line prints as that one line."""
    with pytest.raises(UserError) as refused:
        call()
    for part in parts:
        assert part in str(refused.value)


def assert_nothing_left(*outputs: str | Path) -> None:
    """None of the outputs exists in the current folder, nor a half-written file."""
    for output in outputs:
        assert not Path(output).exists(), output
    assert not list(Path().rglob("*.partial"))


def random_splits(train_images: int = TRAIN_IMAGES) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Pictures without meaning, in the form of the real ones."""
    random = np.random.default_rng(1)
    counts = {"train": train_images, "test": TEST_IMAGES}
    return {
        split: (random.integers(0, 256, (count, 28, 28), np.uint8), random.integers(0, 10, count, np.uint8))
        for split, count in counts.items()
    }


def random_files(train_images: int = TRAIN_IMAGES) -> dict[str, bytes]:
    """The four files, gzipped, of `random_splits`, by their official names."""
    files = {}
    for split, (images, labels) in random_splits(train_images).items():
        files[FILES[f"{split}_images"]] = idx.compress(idx.encode_images(images))
        files[FILES[f"{split}_labels"]] = idx.compress(idx.encode_labels(labels))
    return files


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Write files by name into a new folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


class Request(BaseHTTPRequestHandler):
    """One request to a `Mirror`; the mirror's `answer` decides what is sent."""

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[-1]
        self.server.requests.append((name, self.headers.get("Range")))
        self.server.answer(self, self.server.files.get(name))

    def send(self, status: int, content: bytes, **headers: str) -> None:
        """Send a whole answer; `headers` may announce another length than it has."""
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(content))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def serve(request: Request, content: bytes | None) -> None:
    """What an honest server does, ranges included."""
    wanted = request.headers.get("Range")
    if content is None:
        request.send(404, b"not here")
    elif wanted:
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        request.send(206, content[start:], Content_Range=f"bytes {start}-{len(content) - 1}/{len(content)}")
    else:
        request.send(200, content)


class Mirror(ThreadingHTTPServer):
    """A server on this machine that remembers what it was asked for as (name, range)."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes], answer: Callable[[Request, bytes | None], None]) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.files, self.answer = files, answer
        self.requests: list[tuple[str, str | None]] = []
        self.host = f"127.0.0.1:{self.server_port}"
        self.url = f"http://{self.host}/mnist/"

    def handle_error(self, *_: object) -> None:
        """A client that hangs up in the middle is what some tests are about."""


@pytest.fixture
def start_mirror():
    """A function that starts a `Mirror` of some files; all of them end with the test."""
    running = []

    def start(files: dict[str, bytes], answer: Callable[[Request, bytes | None], None] = serve) -> Mirror:
        mirror = Mirror(files, answer)
        threading.Thread(target=mirror.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        running.append(mirror)
        return mirror

    yield start
    for mirror in running:
        mirror.shutdown()
        mirror.server_close()


def _parent_block(dotted: str) -> tuple[dict, dict, str]:
    """All values, the block that holds the key, and the key."""
    values = yaml.load(Path("params.yaml").read_text(encoding="utf-8"), Loader=parameters._Loader)
    *blocks, key = dotted.split(".")
    block = values
    for name in blocks:
        block = block[name]
    return values, block, key


def _write_parameters(values: dict) -> None:
    text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
    Path("params.yaml").write_text(text, encoding="utf-8")
