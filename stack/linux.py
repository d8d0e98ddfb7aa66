"""What only the kernel can promise: children that end with their parent, and a database of root that is not root."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

IS_LINUX = sys.platform.startswith("linux")
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWUSER = 0x10000000


def die_with_parent(stop_signal: signal.Signals, parent: int) -> None:
    """Called in a new child: the kernel sends it `stop_signal` when the launcher is gone, even after kill -9."""
    if IS_LINUX:
        LIBC.prctl(PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
        if os.getppid() != parent:  # the launcher died between fork and this line
            os._exit(1)


def adopt_orphans() -> None:
    """Grandchildren whose parent dies become ours, so that we can end them."""
    if IS_LINUX:
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def enter_one_user_namespace() -> None:
    """Called in a new child of root: inside, we are user 1000 and the files of root are ours all the same."""
    user, group = os.geteuid(), os.getegid()
    if LIBC.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER)")
    for name, text in (("setgroups", "deny"), ("uid_map", f"1000 {user} 1"), ("gid_map", f"1000 {group} 1")):
        Path("/proc/self", name).write_text(text)


@dataclass
class Identity:
    """How to start a program that refuses to run as root."""

    described: str = ""
    prepare: Callable[[], None] = lambda: None
    popen: dict[str, Any] = field(default_factory=dict)
    owner: tuple[int, int] | None = None

    def give(self, *folders: Path) -> None:
        """Make the folders and hand them to the account that will write to them."""
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            if self.owner:
                os.chown(folder, *self.owner)


def identity_for_postgres(*, allow_namespace: bool = True) -> Identity:
    """Ourselves, unless we are root: then a namespace of one user, or else the account `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return Identity()
    if allow_namespace and IS_LINUX and namespace_works():
        return Identity("in a one-user namespace, because PostgreSQL refuses to run as root", enter_one_user_namespace)
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return Identity(
            f"as the account {name}, because PostgreSQL refuses to run as root",
            popen={"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []},
            owner=(account.pw_uid, account.pw_gid),
        )
    raise SystemExit(
        "PostgreSQL refuses to run as root, and this machine has neither user namespaces nor an account named "
        "postgres or nobody. Start `make run` as another user, or set DATABASE_URL."
    )


def namespace_works() -> bool:
    """Whether this kernel lets us make a user namespace (containers often forbid it)."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", "pass"],
            preexec_fn=enter_one_user_namespace,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
