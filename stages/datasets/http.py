"""Downloads that survive bad networks: time-outs, retries with back-off, resume, one mirror after the other."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import requests

from stages.core.command import UserError
from stages.core.progress import progress_bar

ATTEMPTS = 3  # per mirror
BACK_OFF_SECONDS = 0.5  # doubled after each failed attempt
TIMEOUT_SECONDS = 20  # to connect, and between two packets
BLOCK_BYTES = 1 << 16


class _Refused(Exception):
    """This mirror gives something else than the file: trying again is no use."""


BY_HAND = "fetch the file by hand and set run.source: local"


def fetch(urls: Sequence[str], target: Path, check: Callable[[Path], None], most_bytes: int,
          by_hand: str = BY_HAND) -> None:
    """Download the first of `urls` that passes `check` to `target`.

    A partial file stays beside the target as `<name>.part`, and the next call goes on from there.
    Raises UserError that names each mirror with its reason, and says what is left to do: `by_hand`.
    """
    partial = target.with_name(target.name + ".part")
    partial.parent.mkdir(parents=True, exist_ok=True)
    reasons = []
    for url in urls:
        try:
            _fetch_checked(url, partial, check, most_bytes)
            partial.replace(target)
            return
        except (requests.RequestException, _Refused, UserError) as failure:
            reasons.append(f"{urlsplit(url).netloc}: {_reason(failure)}")
            if not isinstance(failure, requests.RequestException):
                partial.unlink(missing_ok=True)  # wrong content must not be resumed
    raise UserError(
        f"{target.name}: no mirror gave it ({'; '.join(reasons)}); check the network, or {by_hand}"
    )


def _fetch_checked(url: str, partial: Path, check: Callable[[Path], None], most_bytes: int) -> None:
    """Try one mirror, once more from the beginning where its rest does not fit what was there before."""
    resumed = partial.exists()
    _fetch_with_retries(url, partial, most_bytes)
    try:
        check(partial)
    except UserError:
        if not resumed:
            raise
        partial.unlink()
        _fetch_with_retries(url, partial, most_bytes)
        check(partial)


def _fetch_with_retries(url: str, partial: Path, most_bytes: int) -> None:
    """Try one mirror a few times, each attempt going on where the last one broke off."""
    for attempt in range(ATTEMPTS):
        try:
            return _fetch_rest(url, partial, most_bytes)
        except requests.RequestException as failure:
            answer = failure.response
            final = answer is not None and answer.status_code < 500 and answer.status_code != 429
            if final or attempt == ATTEMPTS - 1:
                raise
            time.sleep(BACK_OFF_SECONDS * 2**attempt)


def _fetch_rest(url: str, partial: Path, most_bytes: int) -> None:
    """Append to `partial` what the server still has of the file."""
    done = partial.stat().st_size if partial.exists() else 0
    # identity: a server that compresses on the way would count other bytes than we resume by
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as answer:
        if answer.status_code == 416:  # nothing after what we have: the check tells whether it is the file
            return
        answer.raise_for_status()
        if "text/html" in answer.headers.get("Content-Type", ""):
            raise _Refused("an HTML page instead of the file")
        resumed = answer.status_code == 206
        done = done if resumed else 0
        announced = answer.headers.get("Content-Length", "")
        total = done + (int(announced) if announced.isdecimal() else 0)
        if total > most_bytes:
            raise _Refused(f"{total:,} bytes announced; expected at most {most_bytes:,}")
        with open(partial, "ab" if resumed else "wb") as file, progress_bar(total, partial.stem, "B") as bar:
            bar.update(done)
            for block in answer.iter_content(BLOCK_BYTES):
                done += len(block)
                if done > most_bytes:
                    raise _Refused(f"more than the expected {most_bytes:,} bytes")
                file.write(block)
                bar.update(len(block))


def _reason(failure: Exception) -> str:
    """A failure in few words, without addresses of objects."""
    if isinstance(failure, requests.HTTPError):
        return f"HTTP status {failure.response.status_code}"
    if isinstance(failure, requests.Timeout):
        return f"no answer within {TIMEOUT_SECONDS} s"
    if isinstance(failure, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off"
    if isinstance(failure, requests.ConnectionError):
        return "not reachable"
    return str(failure)
