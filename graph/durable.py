"""What survives a power cut: files are synced before their folder, and both before whatever points to them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

#: The file in a folder that holds the hashes of the others, as ``sha256sum --check`` reads them.
HASHES = "SHA256SUMS"


def sync(path: Path) -> None:
    """Write a file to disk, or a folder: all that lies in it first, then its own list of names."""
    if path.is_dir():
        for item in sorted(path.iterdir()):
            sync(item)
    _fsync(path)


def rename(source: Path, target: Path) -> None:
    """Give a synced file or folder its name, and write that name to disk."""
    source.rename(target)
    _fsync(target.parent)


def make(folder: Path) -> None:
    """Make a folder, those above it included, so that their names are on disk."""
    missing = [above for above in (folder, *folder.parents) if not above.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in missing:
        _fsync(made.parent)


def remove(file: Path) -> None:
    """Remove a file, and write to disk that it is gone."""
    file.unlink(missing_ok=True)
    _fsync(file.parent)


def replace(path: Path, text: str) -> None:
    """Write a file so that it is either the old one or the new one."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, "utf-8")
    _fsync(draft)
    rename(draft, path)


def _fsync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


# --- Hashes ------------------------------------------------------------------------------------------------------


def write_hashes(folder: Path) -> None:
    """Write the hashes of the files of a folder into it."""
    lines = [f"{sha256(file)}  {file.name}\n" for file in sorted(folder.iterdir()) if file.name != HASHES]
    (folder / HASHES).write_text("".join(lines), "utf-8")


def damaged(folder: Path) -> list[Path]:
    """Return the files of a folder that are not, or no longer, what its hashes say; missing ones among them."""
    wanted = {}
    for line in (folder / HASHES).read_text("utf-8").splitlines():
        hashed, _, name = line.partition("  ")
        wanted[folder / name] = hashed
    return [file for file, hashed in wanted.items() if not file.is_file() or sha256(file) != hashed]


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
