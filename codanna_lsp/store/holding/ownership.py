"""Whether an index folder inside a workspace was made here, or came with the workspace.

A cloned repository must not bring its own index: checksums find accidents, not forgery.
So an index folder inside its workspace holds the file `owner`: a BLAKE2b of the folder's
real path, device and inode, keyed with a secret of this user that no repository knows.

Invariant: a folder inside the workspace without a good mark is not read and not changed.
"""

import os
from pathlib import Path

from codanna_lsp.errors import FolderError, StoreError
from codanna_lsp.store.disk import Disk, replace_file

OWNER_NAME = "owner"
SECRET_NAME = "index-secret"  # noqa: S105 - the name of its file
SECRET_BYTES = 32
_MARK_LIMIT_BYTES = 256


def is_inside(folder: Path, root: Path) -> bool:
    """Whether an index folder lies inside its workspace."""
    return Path(os.path.realpath(root)) in Path(os.path.realpath(folder)).parents


def mark_as_ours(disk: Disk, folder: Path) -> None:
    """Mark a folder that was just made here.

    Raises:
        StoreError: the mark or the secret cannot be written.
    """
    mark = _mark(folder, _secret(disk))
    replace_file(disk, folder / OWNER_NAME, mark.encode())


def check_ours(disk: Disk, folder: Path) -> None:
    """Raise FolderError unless the folder has this user's mark.

    Raises:
        FolderError: it was made elsewhere. StoreError: that cannot be found out.
    """
    import hmac

    found = disk.read(folder / OWNER_NAME, limit=_MARK_LIMIT_BYTES) or b""
    if not hmac.compare_digest(found, _mark(folder, _secret(disk)).encode()):
        raise FolderError(
            f"the index in {folder} was not made by this user on this machine",
            path=folder,
            advice="remove that folder; it will be made again",
        )


def _mark(folder: Path, secret: bytes) -> str:
    import hashlib

    place = os.lstat(folder)
    text = f"{os.path.realpath(folder)}\0{place.st_dev}\0{place.st_ino}"
    data = text.encode("utf-8", "surrogateescape")
    return hashlib.blake2b(data, key=secret, digest_size=32).hexdigest()


def _secret(disk: Disk) -> bytes:
    """This user's secret, made when there is none."""
    from platformdirs import user_state_dir

    folder = Path(user_state_dir("codanna-lsp", appauthor=False))
    path = folder / SECRET_NAME
    secret = disk.read(path, limit=SECRET_BYTES)
    if secret is None or len(secret) != SECRET_BYTES:
        for level in reversed([p for p in folder.parents if not p.exists()]):
            disk.make_folder(level)
        disk.make_folder(folder)
        replace_file(disk, path, os.urandom(SECRET_BYTES))
        secret = disk.read(path, limit=SECRET_BYTES)
    if secret is None:
        raise StoreError("the secret of this user's indexes cannot be kept")
    return secret
