"""System calls that no box may make: what programs of people do without, and holes in kernels were often reached by.

libseccomp makes the filter, which is on most machines because systemd needs it. Where it is missing there is none, and
the back end says so.
"""

import ctypes
import errno
import os
from ctypes import POINTER, Structure, c_int, c_size_t, c_uint, c_uint32, c_uint64, c_void_p
from functools import cache

LIBRARY = "libseccomp.so.2"

REFUSED = (
    *("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "mount_setattr"),
    *("fsopen", "fsconfig", "fsmount", "fspick", "open_by_handle_at"),
    *("keyctl", "add_key", "request_key"),
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register"),
    *("init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "quotactl", "acct"),
)

NEW_USER = 0x10000000
"""The flag of ``clone`` for a user namespace, in which a process would have rights again."""

_ALLOW = 0x7FFF0000
_ERROR = 0x00050000
_MASKED_EQUAL = 7


class _Argument(Structure):
    _fields_ = (("number", c_uint), ("how", c_int), ("mask", c_uint64), ("value", c_uint64))


@cache
def filtered() -> bytes | None:
    """The filter as bubblewrap takes it; None where there is no libseccomp. Raises OSError where it makes none."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return None
    library.seccomp_init.restype = c_void_p
    library.seccomp_init.argtypes = [c_uint32]
    library.seccomp_rule_add_array.argtypes = [c_void_p, c_uint32, c_int, c_size_t, POINTER(_Argument)]
    library.seccomp_export_bpf.argtypes = [c_void_p, c_int]
    library.seccomp_release.argtypes = [c_void_p]
    made = library.seccomp_init(_ALLOW)
    try:
        for name in REFUSED:
            _refuse(library, made, name, errno.EPERM)
        _refuse(library, made, "clone", errno.EPERM, _Argument(0, _MASKED_EQUAL, NEW_USER, NEW_USER))
        _refuse(library, made, "clone3", errno.ENOSYS)  # its flags are out of reach of a filter; C libraries use clone
        return _exported(library, made)
    finally:
        library.seccomp_release(made)


def _refuse(library: ctypes.CDLL, made: int, name: str, error: int, *arguments: _Argument) -> None:
    number = library.seccomp_syscall_resolve_name(name.encode())
    if number == -1:
        return  # a library that is older than the call
    given = (_Argument * len(arguments))(*arguments)
    _check(library.seccomp_rule_add_array(made, _ERROR | error, number, len(arguments), given))


def _exported(library: ctypes.CDLL, made: int) -> bytes:
    file = os.memfd_create("filter")
    try:
        _check(library.seccomp_export_bpf(made, file))
        return os.pread(file, os.fstat(file).st_size, 0)
    finally:
        os.close(file)


def _check(code: int) -> None:
    if code != 0:
        raise OSError(-code, f"no filter of system calls: {os.strerror(-code)}")
