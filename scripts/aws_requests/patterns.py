"""Patterns of AWS's service models, which are written for Java, as Python's."""

import re
import sys
import unicodedata
from functools import cache

CATEGORY = re.compile(r"\\p\{(Is)?(\w+)\}")
# Java's notation for all characters outside the basic plane.
SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"
SUPPLEMENTARY = r"\U00010000-\U0010ffff"
NAMED = {
    "ASCII": r"\x00-\x7f",
    "Alnum": "a-zA-Z0-9",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Graph": r"\x21-\x7e",
    "Print": r"\x20-\x7e",
}


def matches(pattern: str, value: str) -> bool:
    """Return whether AWS would accept the value.

    AWS matches the whole value, except that a pattern with an anchor says itself what it covers.
    """
    compiled = compiled_pattern(pattern)
    found = compiled.search(value) if pattern.startswith("^") or pattern.endswith("$") else compiled.fullmatch(value)
    return found is not None


@cache
def compiled_pattern(pattern: str) -> re.Pattern[str]:
    """Translate a pattern; raise re.error for one that Python cannot read."""
    text = pattern.replace(SURROGATES, SUPPLEMENTARY).replace(r"\uD800-\uDFFF", "")
    text = re.sub(r"\\[ux]\{([0-9A-Fa-f]+)\}", lambda found: f"\\U{int(found[1], 16):08x}", text)
    text = re.sub(r"(\\[wds])-(?!\])", r"\1\\-", text)  # inside a class, Java takes this hyphen as itself
    # Java's \w, \d and \s are of ASCII only.
    return re.compile(CATEGORY.sub(_characters, text), re.ASCII)


def _characters(found: re.Match[str]) -> str:
    before = re.sub(r"\\.", "", found.string[: found.start()])
    inside_class = before.rfind("[") > before.rfind("]")
    return _members(found[2]) if inside_class else f"[{_members(found[2])}]"


@cache
def _members(category: str) -> str:
    """Return the characters of a Unicode category (`L`, `Nd`) as the inside of a character class."""
    if category in NAMED:
        return NAMED[category]
    inside = [code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)).startswith(category)]
    if not inside:
        raise re.error(f"unknown Unicode category {category}")
    starts = [code for code, before in zip(inside, [-2, *inside], strict=False) if code != before + 1]
    ends = [code for code, after in zip(inside, [*inside[1:], -2], strict=True) if code + 1 != after]
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in zip(starts, ends, strict=True))
