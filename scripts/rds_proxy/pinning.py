"""Find what pins a session: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-pinning.html"""

import re

from rds_proxy.messages import Message

LARGEST_STATEMENT = 16 * 1024
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_LITERALS = re.compile(r"'(?:[^']|'')*'")
_START = r"(?:^|;)\s*"
_RULES = {
    "session settings": re.compile(rf"{_START}(?:SET|RESET)\b|\bset_config\s*\(", re.IGNORECASE),
    "prepared statements in SQL": re.compile(rf"{_START}(?:PREPARE|EXECUTE|DEALLOCATE|DISCARD)\b", re.IGNORECASE),
    "temporary objects": re.compile(
        rf"{_START}CREATE\s+(?:OR\s+REPLACE\s+)?(?:(?:LOCAL|GLOBAL)\s+)?TEMP(?:ORARY)?\b|\bINTO\s+TEMP(?:ORARY)?\b",
        re.IGNORECASE,
    ),
    "cursors": re.compile(rf"{_START}DECLARE\b", re.IGNORECASE),
    "notifications": re.compile(rf"{_START}(?:UN)?LISTEN\b", re.IGNORECASE),
    "libraries": re.compile(rf"{_START}LOAD\b", re.IGNORECASE),
    "sequences": re.compile(r"\b(?:nextval|setval|currval|lastval)\s*\(", re.IGNORECASE),
    "advisory locks": re.compile(
        r"\bpg_(?:try_)?advisory_(?:lock|unlock)(?:_shared|_all)?\s*\(", re.IGNORECASE
    ),  # pg_advisory_xact_lock does not pin
}


def reason(message: Message) -> str | None:
    """Return why a client's message pins its session, or None."""
    if message.kind == b"Q":
        return reason_of_sql(message.texts()[0])
    if message.kind == b"P":
        name, sql = message.texts()[:2]
        return reason_of_sql(sql) or ("named prepared statements" if name else None)
    return None


def reason_of_sql(sql: str) -> str | None:
    """Return why a statement pins the session that runs it, or None."""
    if len(sql.encode()) > LARGEST_STATEMENT:
        return "large statements"
    plain = _LITERALS.sub("''", _COMMENTS.sub(" ", sql))
    return next((name for name, pattern in _RULES.items() if pattern.search(plain)), None)
