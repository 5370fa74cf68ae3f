"""What is mutated, and the tests that have to notice: fast ones, which need no server."""

from dataclasses import dataclass
from pathlib import Path

from package_files import ROOT

_FOLDERS = (ROOT / "layers" / "shared" / "python", ROOT / "lambdas")


@dataclass(frozen=True, slots=True)
class Target:
    """A module, what it is part of, and its tests, as paths below tests/."""

    part: str
    module: str
    tests: tuple[str, ...]

    @property
    def path(self) -> Path:
        """Return where its source is."""
        name = self.module.replace(".", "/") + ".py"
        return next(folder / name for folder in _FOLDERS if (folder / name).is_file())


_POLLER = ("unit/check_replicate_status",)
_ACCEPTING = ("unit/generate_media", "unit/generate_batch", "unit/retry_job")
_CALLBACK_URLS = "unit/test_callback_urls.py"
_ADDRESSES = ("unit/media/test_media_addresses.py", "unit/media/test_media_urls.py", _CALLBACK_URLS)
_DOWNLOADS = ("integration/media/test_media_download.py", "integration/media/test_media_redirects.py")

TARGETS = (
    Target("state machine", "mediagen.states", ("unit/test_states.py",)),
    Target("state machine", "mediagen.endings", ("unit/test_endings.py",)),
    Target("signature", "mediagen.webhooks", ("unit/test_webhooks.py",)),
    Target("signature", "receive_webhook.flow", ("unit/receive_webhook",)),
    Target("idempotency", "mediagen.idempotency", ("unit/test_idempotency.py",)),
    Target("idempotency", "mediagen.accepting", _ACCEPTING),
    Target("limiter", "mediagen.quota", ("unit/test_quota.py",)),
    Target("limiter", "mediagen.limits", ("unit/test_limits.py", "unit/generate_media", "unit/generate_batch")),
    Target("SSRF guard", "mediagen.addresses", _ADDRESSES),
    Target("SSRF guard", "mediagen.callback_urls", (_CALLBACK_URLS,)),
    Target("SSRF guard", "mediagen.outbound", (*_DOWNLOADS, "integration/media/test_media_download_tls.py")),
    Target("reconciler", "check_replicate_status.flow", _POLLER),
    Target("reconciler", "check_replicate_status.asking", _POLLER),
    Target("reconciler", "mediagen.finding", ("unit/check_replicate_status/test_asking.py",)),
)
