"""Asking: the exports that a provider says it delivers, as places of a configuration; only when a person wants it."""

from collections.abc import Collection

from finops import plugins
from finops.connector import Discovering, Source, Substituted
from finops.discovery import Discovery, Place, Proposal
from finops.errors import ConfigurationError
from finops.store.scratch import scratch


def ask(connector: str, *, taken: Collection[str]) -> Discovery:
    """What a provider delivers, asked with the credentials of this machine.

    Args:
        connector: its name.
        taken: names that other places have, lower case.

    Raises:
        ConfigurationError: if no such connector is installed, or it can ask nobody.
        AccessError, RetryError: if the provider cannot be asked.
    """
    with scratch() as folder:
        made = plugins.connector(connector, Source(name=connector, location=None), folder)
        if not isinstance(made, Discovering):
            raise AsksNobody(connector)
        found = made.exports()
        instead = made.fallback() if isinstance(made, Substituted) and not found else None
    names = set(taken)
    places = []
    for export in found:
        wanted = connector if len(found) == 1 else export.name
        name = next(
            one for one in (wanted, *(f"{wanted}-{n}" for n in range(2, len(names) + 3))) if one.lower() not in names
        )
        names.add(name.lower())
        notes = [f"{export.description}."]
        if export.trouble:
            notes.append(f"Its provider says: {export.trouble}.")
        places.append(Place(name=name, connector=connector, location=export.location, files=(), notes=tuple(notes)))
    about: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    if not places:
        about = (f"{connector} has no cost export that these credentials may see.",)
        if instead is not None:
            about = (*about, instead.description)
            proposals = (Proposal(connector=connector, settings=instead.settings),)
    elif len(places) > 1:
        about = ("Keep one export per bill: two of the same account count its cost twice.",)
    return Discovery(places=tuple(places), notes=about, proposals=proposals)


class AsksNobody(ConfigurationError):
    """A connector that reads files alone."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The connector {name!r} cannot ask its provider for exports.", "Name the folder of its files instead."
        )
