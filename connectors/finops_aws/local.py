"""Local exports: deliveries in a folder, file or glob of this machine."""

from pathlib import Path, PurePath

from finops.connector import Delivery, Source
from finops.local_files import Unreadable, fingerprint
from finops_aws.layout import FileSet, NamedFileMissing, file_sets
from finops_aws.tree import Folder


class Local:
    """The exports of one location of this machine.

    Args:
        source: with a location.
    """

    def __init__(self, source: Source) -> None:
        self._location = source.location or ""
        self._manifests: dict[str, PurePath | None] = {}

    def deliveries(self, settings: str) -> list[Delivery]:
        """The deliveries; their fingerprints follow the files' content and the settings.

        Raises:
            AccessError, BillError: as `layout.file_sets`.
        """
        found_sets = file_sets(Folder(self._location))
        self._manifests = {found.key: found.manifest for found in found_sets}
        return [
            Delivery(
                key=found.key,
                fingerprint=_fingerprint(found, settings),
                files=tuple(Path(path) for path in found.files),
            )
            for found in found_sets
        ]

    def bring(self, delivery: Delivery) -> list[Path]:
        """Its files, which must be there.

        Raises:
            AccessError: if one is not; names the manifest that names it.
        """
        for path in delivery.files:
            if not path.is_file():
                raise self._missing(delivery.key, path)
        return list(delivery.files)

    def _missing(self, key: str, path: Path) -> Exception:
        manifest = self._manifests.get(key)
        if manifest is None:
            return Unreadable(str(path), FileNotFoundError(2, "No such file"))
        return NamedFileMissing(manifest, path)


def _fingerprint(found: FileSet, settings: str) -> str:
    """Of the files' content; a missing one counts as such, so that listing does not fail where `bring` will."""
    there = [Path(path) for path in found.files if path not in found.missing]
    return fingerprint(there, mapping="\n".join([settings, *(f"missing {path.name}" for path in found.missing)]))
