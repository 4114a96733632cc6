"""Results that were computed once: pushed from one clone, pulled in another, to a folder and to S3 (a server here)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
import small_pipeline
from moto.server import ThreadedMotoServer
from small_pipeline import REPORT, WEIGHTS, YAML, commit, contents, repro, run

pytestmark = pytest.mark.slow
BUCKET = "results"


@dataclass
class Remote:
    """Where results go: its settings for DVC, and a way to change what lies there."""

    settings: dict[str, str]
    damage: Callable[[str], None]


@pytest.fixture(params=["folder", "s3"])
def remote(request, tmp_path, monkeypatch) -> Iterator[Remote]:
    if request.param == "folder":
        yield Remote({"url": str(tmp_path / "results")}, lambda key: damage_file(tmp_path / "results" / key))
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    client = boto3.client("s3", endpoint_url=address)
    client.create_bucket(Bucket=BUCKET)
    yield Remote({"url": f"s3://{BUCKET}/pages", "endpointurl": address},
                 lambda key: damage_object(client, f"pages/{key}"))
    server.stop()


def damage_file(path: Path) -> None:
    """Change one byte; the file keeps its length and its rights, as on a disk that fails."""
    content = flipped(path.read_bytes())
    path.unlink()
    path.write_bytes(content)
    path.chmod(0o444)


def damage_object(client, key: str) -> None:
    content = client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    client.put_object(Bucket=BUCKET, Key=key, Body=flipped(content))


def flipped(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def share(project: Path, remote: Remote) -> None:
    """README's lines: name the remote, have it verified, push."""
    run("dvc", "remote", "add", "--default", "results", remote.settings["url"], cwd=project)
    for name, value in (remote.settings | {"verify": "true"}).items():
        run("dvc", "remote", "modify", "results", name, value, cwd=project)
    commit(project, "where results are")
    assert "pushed" in run("dvc", "push", cwd=project)


def clone(project: Path, place: Path) -> Path:
    run("git", "clone", "-q", str(project), str(place), cwd=project)
    return place


def test_what_one_clone_pushes_another_pulls_and_reruns_nothing(small_project, tmp_path, remote):
    project = small_pipeline.copy(small_project, tmp_path / "project")
    share(project, remote)
    other = clone(project, tmp_path / "another" / "clone")
    assert not (other / REPORT).exists()

    run("dvc", "pull", cwd=other)
    assert contents(other) == contents(project)
    assert "<!doctype html>" in (other / REPORT).read_text(encoding="utf-8")
    assert repro(other) == set()
    assert run("git", "status", "--porcelain", cwd=other) == ""

    lock = YAML.load((project / "dvc.lock").read_text(encoding="utf-8"))
    outs = [out for stage in lock["stages"].values() for out in stage["outs"]]
    (digest,) = (out["md5"] for out in outs if out["path"] == WEIGHTS)
    remote.damage(f"files/md5/{digest[:2]}/{digest[2:]}")
    third = clone(project, tmp_path / "third")
    said = run("dvc", "pull", cwd=third, status=1)
    assert WEIGHTS in said, "what is damaged must be named"
    assert not (third / WEIGHTS).exists() and (third / REPORT).exists()
