"""Close this process to its children: they have its user id, and its environment and memory hold credentials.

https://man7.org/linux/man-pages/man2/PR_SET_DUMPABLE.2const.html
"""

import ctypes
import os
import sys

_PR_SET_DUMPABLE = 4
_NOT_DUMPABLE = 0


def close_memory() -> None:
    """Refuse /proc/<pid>/environ, mem, maps, fd and ptrace to other processes of this user. Raises OSError.

    A program that this process starts can be read again itself. The files of /proc/self stay readable to this process
    as far as root's ownership of them allows.
    """
    if sys.platform != "linux":
        return  # a developer's machine
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_DUMPABLE, _NOT_DUMPABLE, 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl(PR_SET_DUMPABLE): {os.strerror(code)}")
