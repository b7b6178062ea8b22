"""The key of a data directory, by which subscribers know its catalogue; and those that it follows."""

from __future__ import annotations

import json
from pathlib import Path

from opentier.graph.errors import StoreError, UsageError
from opentier.graph.exchange import listing, offers
from opentier.graph.exchange.minisign import PublicKey, SecretKey
from opentier.graph.model.names import expand
from opentier.graph.model.rdf import IRI, Literal, Triple
from opentier.graph.store import durable
from opentier.graph.store.release import Release

#: The secret key, beside the keys of users; and what former keys said of the ones that follow them.
SECRET, FOLLOWED = "signing.key", "signing.followed.json"


class Signing:
    """The key of a data directory."""

    def __init__(self, data: Path) -> None:
        self.secret, self.followed = (data / "access" / name for name in (SECRET, FOLLOWED))

    @classmethod
    def of(cls, release: Release) -> Signing:
        """Return that of the data directory in which a release lies."""
        return cls(release.path.parents[1])

    def key(self) -> SecretKey | None:
        """Return the key; None where nothing is signed. StoreError where it cannot be read."""
        return SecretKey.read(self.secret)

    def keep(self, new: SecretKey) -> PublicKey:
        """Sign with a key from now on.

        Raises
        ------
        UsageError
            If there is another one already: subscribers pinned it, and it has to say that this one follows it.
        """
        known = self.key()
        if known is not None and known.public != new.public:
            raise UsageError(
                f"This data directory signs with key {known.public.id} already, which others have pinned. To have "
                "another one follow it: opentier keys signing --replace"
            )
        self._write(new)
        return new.public

    def replace(self, new: SecretKey) -> PublicKey:
        """Sign with another key from now on, of which the one before says that it follows; that one is gone then.

        Raises
        ------
        UsageError
            If there is none yet, or it is the same.
        """
        known = self.key()
        if known is None or known.public == new.public:
            raise UsageError("There is no other key that this one could follow: opentier keys signing")
        said = [*self.successions(), listing.followed(known, new.public)]
        durable.make(self.secret.parent)
        # First the word, then the key: of whoever is ended between, the old one signs, and nobody asks for the new one.
        durable.replace(self.followed, json.dumps(said, indent=1) + "\n")
        self._write(new)
        return new.public

    def _write(self, new: SecretKey) -> None:
        durable.make(self.secret.parent)
        self.secret.parent.chmod(0o700)
        new.write(self.secret)

    def successions(self) -> list[str]:
        """Return what former keys said of the ones that follow them."""
        try:
            said = json.loads(self.followed.read_text("utf-8"))
            return [str(each) for each in said]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            raise StoreError(f"{self.followed} cannot be read ({error}).") from None

    def sealed(self, said: list[Triple], number: int) -> list[Triple]:
        """Return a catalogue with its signature as that of a release; as it is where nothing is signed."""
        secret = self.key()
        if secret is None:
            return said
        node = next(each.subject for each in said if each.object == IRI(expand("dcat:Catalog")))
        signature = listing.signed(secret, offers.catalogue(said), number)
        more = [("ot:signature", signature), ("ot:signingKey", str(secret.public))]
        more += [("ot:keySuccession", each) for each in self.successions()]
        return [*said, *(Triple(node, IRI(expand(name)), Literal(text)) for name, text in more)]
