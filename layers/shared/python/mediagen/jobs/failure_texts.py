"""Error texts of failed predictions: our code, a lower-case part of the text, and when the text was seen.

Replicate has no codes for most failures. The texts come from issue threads and recorded predictions. The metric
UnknownFailureTexts counts texts that no line matches. The first matching line wins.
"""

FAILURE_TEXTS: tuple[tuple[str, str, str], ...] = (
    ("input_unreadable", "input validation error", "2026-11"),  # such as a link of the input that cannot be fetched
    ("content_refused", "nsfw", "2026-11"),
    ("content_refused", "flagged as sensitive", "2026-11"),
    ("content_refused", "flagged as potentially sensitive", "2026-11"),
    ("content_refused", "sensitive content", "2026-11"),
    ("content_refused", "e005", "2026-11"),
    ("content_refused", "content moderated", "2026-11"),
    ("content_refused", "content moderation", "2026-11"),
    ("content_refused", "content policy", "2026-11"),
    ("content_refused", "responsible ai practices", "2026-11"),
    ("content_refused", "prohibited by safety system", "2026-11"),
    ("content_refused", "by the safety system", "2026-11"),
    ("content_refused", "prohibited_content", "2026-11"),
    ("content_refused", "moderation_blocked", "2026-11"),
    ("out_of_memory", "e1001", "2026-11"),
    ("out_of_memory", "out of memory", "2026-11"),
    ("model_unavailable", "e6716", "2026-11"),  # the model did not start in time
    ("generation_failed", "e1000", "2026-11"),  # Replicate itself reports no reason
)
