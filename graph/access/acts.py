"""Acts: what changes a data directory. Each is done in somebody's name and told in the audit log, whoever calls it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from opentier.graph.access.audit import LOCAL, OURSELVES, SUBSCRIPTION, Audit, Told
from opentier.graph.access.keys import ROLES, Key, Keys, Role
from opentier.graph.admission import admission, matches, visibility, withdrawal
from opentier.graph.admission.admitted import Admission
from opentier.graph.admission.visibility import Shown
from opentier.graph.admission.withdrawal import Outcome
from opentier.graph.contribution.submission import Options
from opentier.graph.errors import NotAllowed
from opentier.graph.identity.judgements import BESIDE, CLOSED
from opentier.graph.index import shelf
from opentier.graph.jobs.progress import Progress
from opentier.graph.matching import book
from opentier.graph.report.report import ContributionError
from opentier.graph.store.directory import Store, Waiting
from opentier.graph.store.release import Release
from opentier.graph.store.scope import OWNER, Reader


@dataclass(frozen=True)
class Acts:
    """What somebody does.

    Attributes
    ----------
    who
        The id of a key, `local`, or a subscription, which the owner of the machine made (`SUBSCRIPTION` and its id).
    """

    store: Store
    keys: Keys
    audit: Audit
    who: str
    progress: Progress
    waiting: Waiting

    def contribute(
        self,
        path: Path,
        options: Options | None = None,
        act: str = "contribute",
        about: str = "",
        reader: Reader = OWNER,
        replacing: Callable[[str, Release | None], None] | None = None,
    ) -> Admission:
        """Admit a contribution (`admission.contribute`), and compare its actors with others (`matches.propose`).

        Parameters
        ----------
        act, about
            What it is done for, and about what: its dataset, where nothing is said.
        reader
            Who may see the report (see `admission.contribute`).
        replacing
            Refuses a dataset that it may not replace; else what a key may replace counts.

        Raises
        ------
        NotAllowed
            If the dataset is not the key's to replace.
        """
        options, ready = options or Options(), shelf.ready(self.progress)
        with self.audit.act(self.who, act, about or options.dataset or "") as told:
            key = self._demand("contributor" if act == "contribute" else "curator")
            try:
                work = path, options, self.store, self.progress, ready, self.waiting
                allowed = replacing or self._replacing(key, told, about)
                admitted = admission.contribute(*work, allowed=allowed, reader=reader)
            except ContributionError as error:
                told.what = about or error.report.dataset
                raise
            version = admitted.version
            told.what = f"{about or version.dataset} version {version.number}"
            told.checksum, told.outcome = version.checksum, "admitted" if admitted.new else ""
        if not admitted.new and options.visibility is not None:
            self.show(version.dataset, options.visibility)
        if not (admitted.new or options.match):
            return admitted
        release = self.store.release()
        if admitted.new:
            self.keys.contributed(self.who, version.dataset)
            book.opened(release, version)
            shelf.prune(release)
        if options.match is False:
            return admitted
        matched = matches.propose(self.store, release, version, self.progress, ready, self.waiting, reader)
        return replace(admitted, matched=matched)

    def _demand(self, role: Role) -> Key | None:
        """Return the key of whoever acts, None where that is the owner of the machine; NotAllowed where it may less."""
        if self.who == LOCAL or self.who.startswith(SUBSCRIPTION):
            return None
        key = self.keys.all().get(self.who)
        if key is None or key.state != "valid":
            raise NotAllowed("The key in whose name this is done opens nothing any more.")
        if ROLES.index(key.role) < ROLES.index(role):
            raise NotAllowed(f"This takes the key of a {role}; that of a {key.role} is too little.")
        return key

    def _replacing(self, key: Key | None, told: Told, about: str) -> Callable[[str, Release | None], None]:
        """Return what refuses a dataset that a key may not replace."""

        def allowed(dataset: str, release: Release | None) -> None:
            told.what = about or dataset
            if key is None or key.role in ("curator", "admin") or dataset in key.own:
                return
            taken = {version.dataset for version in release.versions} if release else set()
            if dataset in {*taken, *BESIDE, *CLOSED}:
                raise NotAllowed(
                    f"The name {dataset} is taken, and its dataset is not yours. Give another name."
                )

        return allowed

    # --- Keys ----------------------------------------------------------------------------------------------------

    def create_key(self, role: str, **said: Any) -> tuple[Key, str]:
        """Make a key; see `Keys.create`."""
        with self.audit.act(self.who, "create-key", role) as told:
            self._demand("admin")
            kept, key = self.keys.create(role, **said)
            told.what = f"{kept.id} {kept.role}"
        return kept, key

    def revoke_key(self, id: str) -> Key:
        """Have a key open nothing from now on; see `Keys.revoke`."""
        with self.audit.act(self.who, "revoke-key", id):
            self._demand("admin")
            return self.keys.revoke(id)

    # --- Versions ------------------------------------------------------------------------------------------------

    def withdraw(self, dataset: str, reason: str, number: int | None = None) -> Outcome:
        """Withdraw the current version of a dataset; see `withdrawal.withdraw`."""
        with self.audit.act(self.who, "withdraw", dataset) as told:
            self._demand("curator")
            ready = shelf.ready(self.progress)
            found = withdrawal.withdraw(self.store, dataset, reason, ready, self.waiting, number)
            self._tell(told, found)
        return self._matched(found)

    def restore(self, dataset: str, number: int | None = None) -> Outcome:
        """Undo the last withdrawal of a version of a dataset; see `withdrawal.restore`."""
        with self.audit.act(self.who, "restore", dataset) as told:
            self._demand("curator")
            ready = shelf.ready(self.progress)
            found = withdrawal.restore(self.store, dataset, ready, self.waiting, number)
            self._tell(told, found)
        return self._matched(found)

    def show(self, dataset: str, said: str) -> Shown:
        """Show a dataset to everybody, to some, or to some until a day; see `visibility.show`."""
        ready = shelf.ready(self.progress)
        with self.audit.act(self.who, "visibility", f"{dataset} {said}") as told:
            key = self._demand("contributor")
            if key and key.role == "contributor" and dataset not in key.own:
                raise NotAllowed(f"{dataset} is not yours: who sees it is for a curator to say.")
            matches.forget(self.store, dataset, said, self.progress, ready, self.waiting)
            found = visibility.show(self.store, dataset, said, ready, self.waiting)
            told.outcome = "done" if found.changed else ""
        if found.changed:
            self._compared([dataset])
        return found

    def renew(self) -> list[str]:
        """Publish the datasets whose embargo has ended as those of everybody; see `visibility.renew`."""
        with self.audit.act(OURSELVES, "visibility") as told:
            ended = visibility.renew(self.store, shelf.ready(self.progress), self.waiting)
            told.what, told.outcome = f"{' '.join(ended)} public", "done" if ended else ""
        self._compared(ended)
        return ended

    def _compared(self, datasets: Sequence[str]) -> None:
        """Compare the actors of some datasets again, where actors were compared before."""
        ready = shelf.ready(self.progress)
        for dataset in datasets:
            version = self.store.release().current.get(dataset)
            shelf.prune(matches.again(self.store, version, self.progress, ready, self.waiting))

    def _tell(self, told: Told, found: Outcome) -> None:
        told.what = f"{found.version.dataset} version {found.version.number}"
        told.checksum = found.version.checksum

    def _matched(self, found: Outcome) -> Outcome:
        """Have the matcher see what is current now."""
        ready = shelf.ready(self.progress)
        shelf.prune(matches.again(self.store, found.current, self.progress, ready, self.waiting))
        return found
