"""How long a call may take, and how often it is sent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to connect (and to hand over one block), to wait for the answer, and for all attempts.

    With `outlasts_throttling` a throttled call is repeated until the deadline, however many attempts that takes.
    """

    connect_seconds: float
    read_seconds: float
    deadline_seconds: float
    attempts: int = 3
    outlasts_throttling: bool = False


# Answers inside a region take milliseconds. All attempts end before the shortest function does (authorize,
# 5 s), and a connection whose first packet was lost is tried anew when TCP would repeat it (1 s).
INTERACTIVE = Limits(connect_seconds=1.0, read_seconds=2.0, deadline_seconds=4.0)
# For a parameter that a container reads for the first time. Parameter Store answers 40 calls a second for the whole
# account and region, so the last of 200 containers that start at once is answered after 4 to 5 s. The shortest function
# that may wait so long has 10 s.
STARTING = Limits(connect_seconds=1.0, read_seconds=2.0, deadline_seconds=8.0, outlasts_throttling=True)
# The same for `authorize`, whose 5 s must do for three such reads: Redis, PostgreSQL, and Redis again.
AUTHORIZING = Limits(connect_seconds=0.5, read_seconds=1.0, deadline_seconds=1.2, outlasts_throttling=True)
# For what is at hand already in an older version: a request need not wait for more than one try.
REFRESH = Limits(connect_seconds=0.5, read_seconds=1.0, deadline_seconds=1.0, attempts=1)
# S3 answers after it has stored everything. process_webhook has 300 s, of which the download took some.
UPLOAD = Limits(connect_seconds=5.0, read_seconds=60.0, deadline_seconds=200.0)
# The endpoint is on the same host: an answer that takes longer will not come. The caller repeats.
CREDENTIALS = Limits(connect_seconds=1.0, read_seconds=1.0, deadline_seconds=2.0, attempts=1)
