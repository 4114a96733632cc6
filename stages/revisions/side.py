"""One side of a comparison: the files of a revision, or of the workspace, as git and DVC's cache hold them."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dvc.api import DVCFileSystem
from dvc.dependency import ParamsDependency
from dvc.exceptions import DvcException, NotDvcRepoError
from dvc.repo import Repo
from dvc.scm import SCM, Git, SCMError, map_scm_exception, resolve_rev

from stages.core.command import UserError

WORKSPACE = "workspace"  # what lies in the folder, committed or not


class Side:
    """The files of one side by their paths in the project; a revision needs no checkout."""

    def __init__(self, name: str, commit: str, subject: str, repo: Repo) -> None:
        self.name, self.commit, self.subject = name, commit, subject
        self._repo, self._files = repo, DVCFileSystem(repo=repo)

    def paths(self, folder: str) -> list[str]:
        """All files below a folder that git, DVC or the workspace knows, sorted."""
        try:
            return sorted(self._files.find(folder))
        except DvcException as fault:  # a dvc.yaml or dvc.lock that DVC cannot read
            raise UserError(f"{self.name}: {fault}; mend it, or choose another revision") from None

    def made_with(self) -> list[tuple[str, Any]]:
        """The parameters that each stage ran with, by dotted key, as dvc.lock tells."""
        used = [dep.hash_info.value or {} for stage in self._repo.index.stages for dep in stage.deps
                if isinstance(dep, ParamsDependency)]
        return sorted({json.dumps(pair): pair for values in used for pair in values.items()}.values(), key=json.dumps)

    def read(self, path: str) -> bytes | None:
        """A file's content; None where it is neither committed, nor in the workspace, nor in DVC's cache."""
        with contextlib.suppress(FileNotFoundError):
            return self._repo.fs.read_bytes(self._place(path))
        cached = self._cached(path)
        return cached.read_bytes() if cached and cached.is_file() else None

    def digest(self, path: str) -> str | None:
        """The MD5 of a file, which dvc.lock knows even where the file is gone; None of an unknown file."""
        if self._repo.fs.exists(self._place(path)):
            return hashlib.md5(self.read(path), usedforsecurity=False).hexdigest()
        with contextlib.suppress(FileNotFoundError):
            return self._files.info(path).get("dvc_info", {}).get("md5")
        return None

    def _place(self, path: str) -> str:
        """Where git or the workspace has a file."""
        return self._repo.fs.join(self._repo.root_dir, path)

    def _cached(self, path: str) -> Path | None:
        """Where DVC's cache keeps a file, if it does; a remote is not asked: that is what `dvc pull` is for."""
        digest = self.digest(path)
        return Path(self._repo.cache.local.oid_to_path(digest)) if digest else None


@contextlib.contextmanager
def opened(name: str) -> Iterator[Side]:
    """The side called `name`: a commit, branch, tag or DVC experiment, or the workspace.

    Raises UserError for a revision that is not known, and outside a git repository or a DVC project.
    """
    with contextlib.closing(_git()) as scm:
        commit = _resolved(scm, "HEAD" if name == WORKSPACE else name)
        subject = next(iter(scm.resolve_commit(commit).message.strip().splitlines()), "")
        try:
            repo = Repo() if name == WORKSPACE else Repo(rev=commit, scm=scm)
        except NotDvcRepoError:
            raise UserError(f"{name}: has no folder .dvc at the top of the repository; expected a project of DVC; run "
                            "it in the project's folder, or choose another revision") from None
        with repo:
            yield Side(name, commit, subject, repo)


def _git() -> Git:
    """The git repository that this folder is in."""
    try:
        return SCM(".")
    except SCMError:
        raise UserError("this folder: is in no git repository; expected a clone of the project; run there") from None


def _resolved(scm: Git, name: str) -> str:
    """The hash of the commit that a name stands for."""
    try:
        with map_scm_exception():
            return resolve_rev(scm, name)
    except SCMError:  # of an unknown name, or in a repository without commits
        raise UserError(f"revision '{name}': unknown; expected a commit, branch, tag or DVC experiment, or "
                        f"'{WORKSPACE}'; `git log --oneline` and `dvc exp show` list them") from None
