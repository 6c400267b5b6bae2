"""Templates of Asterisk's configuration: the product's own, with some replaced or added."""

from __future__ import annotations

import shutil
from pathlib import Path


def overlay(own: Path, other: Path, folder: Path) -> Path:
    """Copy the product's templates and lay others over them, so that all the rest stays the same.

    Args:
        own: The product's templates.
        other: Templates that replace those of the same name, or are added.
        folder: Where they go; what it held before is removed.

    Returns:
        The folder, for the setting `templates_folder`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for template in [*own.glob("*.j2"), *other.glob("*.j2")]:
        shutil.copy(template, folder)
    return folder
