"""The pipeline's own code on a page: what is shown is what runs."""

import inspect
from collections.abc import Callable
from html import escape
from textwrap import dedent
from typing import Any

from stages.reporting.html import show_html


def show_code(*functions: Callable[..., Any]) -> None:
    """Show functions as they stand in their file, and say which file that is."""
    files = dict.fromkeys(function.__module__.replace(".", "/") + ".py" for function in functions)
    source = "\n\n".join(dedent(inspect.getsource(function)).rstrip() for function in functions)
    show_html(f'<p class="quiet">{", ".join(f"<code>{escape(file)}</code>" for file in files)}</p>'
              f'<pre tabindex="0"><code>{escape(source)}</code></pre>')
