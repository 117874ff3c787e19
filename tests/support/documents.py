"""What the documentation says to paste, and what it says that one will then see."""

import re

from server_process import ROOT


def blocks(document, language):
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def the_block(document, language, holding):
    (block,) = [block for block in blocks(document, language) if holding in block]
    return block


def shows(abridged, line):
    """Whether this line was printed where `abridged` has ... for what it leaves out."""
    return re.fullmatch(".+".join(map(re.escape, abridged.split("..."))), line) is not None
