"""Progress of a running prediction, read from the tqdm bars in its logs, because Replicate has no field for it."""

import re

# ` 45%|####      | 9/20 [00:01<00:01, …]`, as Replicate's own clients read it:
# https://github.com/replicate/replicate-python/blob/main/replicate/prediction.py
_BAR = re.compile(r"\b(\d{1,3})%\s*\|[^|\n]*\|\s*\d+/\d+")
_TAIL = 10_000  # characters: the newest bar is near the end, and logs may have megabytes


def logged_percent(logs: object) -> int | None:
    """Return the newest progress bar's percentage, or None."""
    if not isinstance(logs, str):
        return None
    bars = _BAR.findall(logs[-_TAIL:])
    return min(int(bars[-1]), 100) if bars else None
