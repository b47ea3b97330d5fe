"""What mkdocs does to the pages of docs/ beyond Markdown.

Pages link to files of the repository outside of docs/ (`../profiles/asus-gl552vw.yaml`). On a
forge such links work; a site has no such files, and no address where they could be read. There
the link becomes the file's path as code. A file that does not exist is a warning, which a strict
build turns into a failure.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

log = logging.getLogger("mkdocs.hooks.docs_hooks")

# Fenced code and code spans come first, so that no link is looked for in them.
LINK = re.compile(
    r"(?P<fence>^```.*?^```$)"
    r"|\[(?P<label>`[^`]*`|[^\]`]+)\]\((?P<target>[^)\s]+)\)"
    r"|(?P<code>`[^`\n]+`)",
    re.MULTILINE | re.DOTALL,
)


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Any) -> str:
    """Links that leave docs/ become the path of the file, as code."""
    docs = Path(config["docs_dir"]).resolve()
    return outside_as_code(markdown, docs / page.file.src_uri, docs)


def outside_as_code(markdown: str, source: Path, docs: Path) -> str:
    """The text of the page at `source` with its links out of `docs` as `` `path` ``.

    Paths are told from the folder that holds `docs`. A link that leaves this folder too, or to
    what does not exist, is warned of and left as it is.
    """
    root = docs.parent

    def replaced(found: re.Match[str]) -> str:
        target = found["target"]
        if target is None or "://" in target or target.startswith(("#", "/", "mailto:")):
            return found[0]
        file = (source.parent / target.partition("#")[0]).resolve()
        if file.is_relative_to(docs):
            return found[0]  # mkdocs checks these itself
        page = source.relative_to(docs).as_posix()
        if not file.is_relative_to(root) or not file.exists():
            log.warning("%s links to %s, which is not in the repository", page, target)
            return found[0]
        return f"`{file.relative_to(root).as_posix()}`"

    return LINK.sub(replaced, markdown)
