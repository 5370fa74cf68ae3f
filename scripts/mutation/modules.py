"""The mutated modules, each with the fast tests, without servers, that must notice a mutant."""

from dataclasses import dataclass
from pathlib import Path

from common.paths import ROOT

_FOLDERS = (ROOT / "layers" / "shared" / "python", ROOT / "lambdas")


@dataclass(frozen=True, slots=True)
class Target:
    """A module, what it is part of, and its tests, as paths below tests/."""

    part: str
    module: str
    tests: tuple[str, ...]

    @property
    def path(self) -> Path:
        """Return the path of its source."""
        name = self.module.replace(".", "/") + ".py"
        return next(folder / name for folder in _FOLDERS if (folder / name).is_file())


_ACCEPTING = ("unit/lifecycle/test_accept.py", "unit/generate_media", "unit/generate_batch", "unit/retry_job")
_CALLBACK_URLS = "unit/outbound/test_callback_urls.py"
_ADDRESSES = ("unit/media/test_media_addresses.py", "unit/media/test_media_urls.py", _CALLBACK_URLS)
_FILES = "integration/media"  # file hosts of the tests' own
_RATE_LIMIT = ("unit/limits/test_rate_limit.py", "unit/generate_media", "unit/generate_batch")
_REQUESTS = (f"{_FILES}/test_outbound.py", f"{_FILES}/test_media_download.py", f"{_FILES}/test_media_download_tls.py")


def _poller(module: str, *tests: str) -> Target:
    """Return a module of the poller with those of its test files that reach it."""
    paths = tuple(f"unit/check_replicate_status/test_{test}.py" for test in tests)
    return Target("reconciler", f"check_replicate_status.{module}", paths)


# Not yet: the poller's `repairing`.
TARGETS = (
    Target("state machine", "mediagen.jobs.state", ("unit/jobs/test_state.py",)),
    Target("state machine", "mediagen.lifecycle.completion", ("unit/lifecycle/test_completion.py",)),
    Target("signature", "mediagen.replicate.webhook_signatures", ("unit/replicate/test_webhook_signatures.py",)),
    Target("signature", "receive_webhook.flow", ("unit/receive_webhook",)),
    Target("idempotency", "mediagen.jobs.idempotency", ("unit/jobs/test_idempotency.py",)),
    Target("idempotency", "mediagen.lifecycle.accept", _ACCEPTING),
    Target("limiter", "mediagen.limits.quota", ("unit/limits/test_quota.py",)),
    Target("limiter", "mediagen.limits.rate_limit", _RATE_LIMIT),
    Target("SSRF guard", "mediagen.outbound.addresses", _ADDRESSES),
    Target("SSRF guard", "mediagen.outbound.callback_urls", (_CALLBACK_URLS,)),
    Target("SSRF guard", "mediagen.outbound.http_exchange", _REQUESTS),
    _poller("flow", "settle", "run", "steps_of_a_run"),
    _poller("overdue", "overdue", "run", "settle", "absence", "malformed_lists", "restored", "foreign_predictions"),
    _poller("overdue_job", "settle", "run", "overdue"),
    _poller("asking", "asking", "restored", "foreign_predictions"),
    Target("reconciler", "mediagen.lifecycle.prediction_lookup", ("unit/check_replicate_status/test_asking.py",)),
    _poller("absence", "absence", "absence_evidence"),
    _poller("restored_list", "restored"),
    _poller("stored_results", "restored"),
    _poller("due_turns", "due_turns", "run"),
    _poller("due_callbacks", "due_callbacks"),
    _poller("logged_progress", "logged_progress"),
    _poller("spacing", "spacing"),
)
