"""The files of a table get their own names: where they go, what a killed worker has moved already, what is left behind."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from .location import Location
from .staged import Staged, partial_folder, partial_paths


def was_moved(location: Location, staged: Staged, final: Path) -> bool:
    """Did a worker move the files and then die before it could record that?"""
    if not final.exists():
        return False
    if location.format == "parquet":
        folder = partial_folder(location) / staged.name
        return not any(folder.iterdir()) if folder.is_dir() else final.is_dir()
    return not partial_paths(location, staged)[0].exists()


def final_path(location: Location, staged: Staged) -> Path:
    """The place of a table's file, or of the folder of its parts."""
    suffix = "" if staged.parts > 1 else ".parquet" if location.format == "parquet" else ".csv"
    return Path(location.path) / f"{staged.name}{suffix}"


def clear_partial(location: Location) -> None:
    """Remove the folder of hidden files, and the one around it if nothing else is there."""
    folder = location.folder / partial_folder(location).parent.name
    shutil.rmtree(folder / partial_folder(location).name, ignore_errors=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def sync_folder(path: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    if os.name == "nt" or not path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
