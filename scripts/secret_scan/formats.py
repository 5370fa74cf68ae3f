"""Formats of this system's keys and secrets, for detect-secrets."""

import re

from detect_secrets.plugins.base import RegexBasedDetector


class KeysOfThisSystem(RegexBasedDetector):
    """Finds our API keys, Replicate's tokens, and secrets that sign webhooks."""

    secret_type = "Key of this system"
    # Full length only, because documents and tests mention `vsl_key`, `r8_…` and `whsec_…`.
    denylist = (
        re.compile(r"\bvsl_[a-z][a-z0-9]*_[0-9A-Za-z]{38}\b"),
        re.compile(r"\br8_[0-9A-Za-z]{20,}"),
        re.compile(r"\bwhsec_[0-9A-Za-z+/]{32,}={0,2}"),
    )
