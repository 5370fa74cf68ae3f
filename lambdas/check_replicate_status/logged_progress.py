"""How far a running prediction is, by its logs. Replicate has no field for it; most models print tqdm's bars."""

import re

# ` 45%|####      | 9/20 [00:01<00:01, …]`, as Replicate's own clients read it:
# https://github.com/replicate/replicate-python/blob/main/replicate/prediction.py
_BAR = re.compile(r"\b(\d{1,3})%\s*\|[^|\n]*\|\s*\d+/\d+")
_TAIL = 10_000  # characters: the newest bar is near the end, and logs may have megabytes


def logged_percent(logs: object) -> int | None:
    """Read the newest progress bar; None where there is none."""
    if not isinstance(logs, str):
        return None
    bars = _BAR.findall(logs[-_TAIL:])
    return min(int(bars[-1]), 100) if bars else None
