"""The kinds of problems: what each is called, and what whoever meets it can do. Each has an address of its own."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its title, its status (the usual one where several fit), and what to do.

    `read` is what to do for whoever reads a page, where the advice is for programs.
    """

    title: str
    status: int
    advice: str
    read: str = ""

    @property
    def told(self) -> str:
        """What to do, as a page says it."""
        return self.read or self.advice

    @property
    def slug(self) -> str:
        """The last part of its address."""
        return _slug(self.title)


def _slug(title: str) -> str:
    return title.lower().replace(" ", "-")


_ALL = (
    Kind(
        "Ambiguous actor", 300, "Several actors go by this name: ask again with one of the ids in `candidates`.",
        read="Several companies go by this name: choose the one that you mean.",
    ),
    Kind(
        "Bad request", 400, "A parameter, its value or the body cannot be read: `detail` says which, and what would.",
        read="Correct what is named above, and send it again.",
    ),
    Kind(
        "Query not answered", 400, "The query is malformed or asks for what is not served: `detail` says where.",
        read="Correct the query where the message above says.",
    ),
    Kind(
        "Not answered", 400, "The work could not be done as asked: `detail` says why. Ask for less or otherwise.",
        read="Ask for less, or otherwise, as the message above says.",
    ),
    Kind("The answer is too large", 400, "Narrow the question: fewer tiers, a country, a dataset, LIMIT, a page."),
    Kind(
        "Unauthorized", 401, "Send a key of this service: Authorization: Bearer KEY. Its operator gives keys.",
        read="Sign in with a key of this service. Whoever runs it gives keys.",
    ),
    Kind(
        "Forbidden", 403, "Your key may not do this. Ask the operator for one of another role.",
        read="What you signed in with may not do this. Ask whoever runs this service.",
    ),
    Kind(
        "Not found", 404, "There is nothing at this address. /openapi.json lists the addresses that there are.",
        read="Search for what you meant, or begin at the front page.",
    ),
    Kind(
        "Unknown actor", 404, "Nobody goes by this name here. Try /search?q=, an IRI or dataset/local-id.",
        read="Search by another name, an identifier, or a part of the name.",
    ),
    Kind(
        "Unknown dataset", 404, "There is no such dataset or version. /datasets lists those there are.",
        read="The page of datasets lists those that there are.",
    ),
    Kind(
        "Unknown graph", 404, "There is no such graph. Every version of a dataset is one: /datasets lists them.",
        read="The page of datasets lists every version that there is.",
    ),
    Kind("Unknown IRI", 404, "Nothing is said of this IRI in the current release."),
    Kind(
        "Unknown release", 404, "No release of this number is kept: `detail` names those that are, or ask for none.",
        read="Leave the release out to see the current one, or choose one that is named above.",
    ),
    Kind(
        "Unknown question", 404, "No question has this number. /questions lists them.",
        read="The page of questions lists them.",
    ),
    Kind(
        "Method not allowed", 405, "This address answers other methods: the header Allow names them.",
        read="Nothing can be sent to this address. Go back to the page that you came from.",
    ),
    Kind(
        "Not acceptable", 406, "The answer is not given in a form that you accept: `detail` names the forms.",
        read="Choose one of the forms that are named above.",
    ),
    Kind("Conflict", 409, "Something else stands where this would be put, or changed meanwhile. Ask again."),
    Kind("Query too long", 413, "Send a shorter query."),
    Kind(
        "Request too large", 413, "Send less at once: `detail` says how much is taken.",
        read="Send less at once: the message above says how much is taken.",
    ),
    Kind(
        "Address too long", 414, "Send what is long as the body of a POST.",
        read="Ask for less at once.",
    ),
    Kind(
        "Unsupported media type", 415, "Send the body as one of the media types that `detail` names.",
        read="Send a file in one of the forms that are named above.",
    ),
    Kind(
        "Too many requests", 429, "Wait as long as the header Retry-After says, then ask again.",
        read="Wait a moment, then ask again.",
    ),
    Kind(
        "Headers too long", 431, "Send fewer or shorter headers.",
        read="Delete what your browser keeps of this service (cookies), then ask again.",
    ),
    Kind(
        "Error", 500, "This is our fault, and it is logged with the id in `instance`: tell the operator that id.",
        read="This is our fault, and it is logged. Tell whoever runs this service the number of the request below.",
    ),
    Kind(
        "Not installed", 501, "This form needs an extra that is not installed: `detail` names it, and other forms.",
        read="This form cannot be made here: choose another one, or ask whoever runs this service.",
    ),
    Kind(
        "Nothing yet", 503,
        "Contribute a file, or have whoever runs the service load the lists that ship, with: opentier reference",
    ),
    Kind(
        "No data", 503, "The service cannot read its data just now. Its operator finds why in the log, by the id.",
        read="The service cannot read its data just now. Whoever runs it finds why by the number of the request below.",
    ),
    Kind("Not ready", 503, "The service starts, ends, or cannot open its data: ask again later."),
    Kind(
        "Busy", 503, "Too much is asked at once: wait as long as Retry-After says, then ask again.",
        read="Too much is asked at once: wait a moment, then ask again.",
    ),
    Kind("It took too long", 504, "Ask for less at once: fewer tiers, a country, a dataset, LIMIT."),
)  # fmt: skip
#: All kinds, by the last part of their address.
KINDS = {kind.slug: kind for kind in _ALL}
#: What HTTP calls them, where we say it otherwise.
_ALSO = {"Request Entity Too Large": "Request too large", "Content Too Large": "Request too large"}


def named(title: str, status: int) -> str:
    """Return the last part of the address of a kind of problem, by its title or else by what HTTP calls its status."""
    phrase = HTTPStatus(status).phrase
    for said in (title, _ALSO.get(phrase, phrase)):
        if _slug(said) in KINDS:
            return _slug(said)
    return "error" if status >= 500 else "bad-request"
