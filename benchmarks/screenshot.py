"""A picture of the first page for the README: `python -m benchmarks.screenshot` after `make repro`; needs chromium."""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image

PAGE, PICTURE = Path("reports/html/index.html"), Path("benchmarks/site.png")
WIDTH, HEIGHT = 900, 1150  # CSS pixels
COLOURS, MOST = 128, 200_000  # of the picture, and its bytes at most
DRAWN_HERE = "stand-in faces"  # CelebA's faces may not be passed on


def main() -> None:
    """Write the picture; stop with one line where the page or the browser is missing, or it shows CelebA."""
    chromium = shutil.which("chromium")
    if not PAGE.is_file() or chromium is None:
        sys.exit("error: needs reports/html/index.html (make repro) and chromium (apt-get install chromium)")
    if DRAWN_HERE not in PAGE.read_text(encoding="utf-8"):
        sys.exit(f"error: {PAGE} shows other faces than stand-in ones; a picture of it may not be passed on")
    taken = Image.open(io.BytesIO(_photograph(chromium))).convert("RGB")
    content = io.BytesIO()
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(content, "png", optimize=True)
    assert content.tell() < MOST, f"{content.tell()} bytes are too many for a README"
    PICTURE.write_bytes(content.getvalue())


def _photograph(chromium: str) -> bytes:
    """The top of the page as a PNG."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(PAGE.resolve().as_uri())
        picture = page.screenshot()
        browser.close()
    return picture


if __name__ == "__main__":
    main()
