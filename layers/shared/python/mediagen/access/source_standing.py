"""The standing of a source address and the API key it sends, as the counter of wrong keys sees them."""

from enum import Enum

WINDOW_SECONDS = 5 * 60  # the HTTP API caches a verdict this long, so one wrong key counts once per window


class Standing(Enum):
    """Standing of an address with a key. UNKNOWN: the counter is unavailable, so the address is not limited."""

    COUNTED = "counted"
    TRUSTED = "trusted"
    SLOWED = "slowed"
    UNKNOWN = "unknown"
