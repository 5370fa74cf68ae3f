"""End a command: a problem of the machine or account is one line, never a traceback."""

import errno
import os
import sys
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from common.problems import SetupProblem

INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it
PIPE_CLOSED = 141  # 128 + SIGPIPE
ADVICE = {
    errno.ENOSPC: "the disk is full: make room and run the command again",
    errno.EDQUOT: "your quota on this disk is used up: make room and run the command again",
    errno.EACCES: "permission denied: run the command as the user who owns the folder, or correct the folder's owner",
    errno.EPERM: "not permitted: run the command as the user who owns the folder, or correct the folder's owner",
    errno.EROFS: "the file system is read-only: use a copy of the repository that can be written to",
    errno.EMFILE: "too many open files: raise the limit (ulimit -n 4096) and run the command again",
}


def finish(name: str, action: Callable[[], int]) -> int:
    """Run a command and return its exit code; print a problem of the environment in one line each."""
    try:
        code = action()
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader (`| head`) has seen enough
        _close_output()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        _report(name, "interrupted")
        return INTERRUPTED
    except (SetupProblem, BotoCoreError, ClientError, HTTPError) as problem:
        _report(name, str(problem))
    except OSError as problem:
        if problem.errno not in ADVICE:
            raise
        _close_output()
        _report(name, explain(problem))
    return 1


def explain(problem: OSError) -> str:
    """Describe an error of the system: which file, what is wrong, what to do."""
    advice = ADVICE[problem.errno or 0]
    return f"{problem.filename}: {advice}" if problem.filename else advice


def _close_output() -> None:
    """Drop what is left in standard output's buffer, which Python would try to write again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(name: str, text: str) -> None:
    sys.stdout.flush()
    print("\n".join(f"{name}: {line}" for line in text.splitlines()), file=sys.stderr)
