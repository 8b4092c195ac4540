"""What processes cost: CPU time and memory, with all their children."""

import psutil


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of its children, also of those that have ended."""
    process = psutil.Process(pid)
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def memory_mb(pid: int, children: bool = True) -> float:
    """Proportional set size in MB, of a process with or without its children: shared pages count in part."""
    process = psutil.Process(pid)
    total = 0
    for each in (process, *(process.children(recursive=True) if children else ())):
        try:
            total += each.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / 1e6
