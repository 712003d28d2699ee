"""Access to Google: credentials of a source, clients built with them, and refusals in words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops.connector import Source
from finops.errors import AccessError, ConfigurationError, FinopsError, RetryError

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
ANONYMOUS = "anonymous"
"""Value of `credentials` for emulators and public buckets."""

_ADDRESS = re.compile(r"^(GET|POST|PUT) \S+: ")
_IMPERSONATED_SECONDS = 3600


def credentials(source: Source) -> "Credentials":
    """Those the source names: a key file of a service account, else application default credentials.

    With `impersonate`, they stand in for that service account.

    Raises:
        ConfigurationError: if the key file is none.
        AccessError: if there are no credentials on this machine.
    """
    import google.auth.credentials
    import google.auth.impersonated_credentials

    named = source.options.get("credentials")
    if named == ANONYMOUS:
        return google.auth.credentials.AnonymousCredentials()  # type: ignore[no-untyped-call]  # not annotated
    found = _default(source) if named is None else _of_key(source, named)
    if account := source.options.get("impersonate"):
        return google.auth.impersonated_credentials.Credentials(  # type: ignore[no-untyped-call]  # not annotated
            source_credentials=found,
            target_principal=account,
            target_scopes=[SCOPE],
            lifetime=_IMPERSONATED_SECONDS,
        )
    return found


def _default(source: Source) -> "Credentials":
    import google.auth
    import google.auth.exceptions

    try:
        found, _ = google.auth.default(scopes=[SCOPE])
    except (google.auth.exceptions.DefaultCredentialsError, OSError, AttributeError, TypeError) as error:
        raise NoCredentials(source.name) from error
    return found


def _of_key(source: Source, named: str) -> "Credentials":
    """Of a service account's key alone: any other kind of file can name addresses to send secrets to."""
    from google.oauth2 import service_account

    try:
        found: Credentials = service_account.Credentials.from_service_account_file(  # type: ignore[no-untyped-call]  # not annotated
            str(Path(named).expanduser()), scopes=[SCOPE]
        )
    except (OSError, ValueError, AttributeError, TypeError) as error:  # the last two: JSON that is no object
        raise BrokenKey(source.name, named, error) from error
    return found


@contextmanager
def asking(what: str, right: str) -> Iterator[None]:
    """Turn what Google refuses into errors that say what to do.

    Args:
        what: is asked for, as in `the table p.d.t`.
        right: the role that allows it.

    Raises:
        AccessError: refused, or not there.
        RetryError: Google did not answer, or not in time.
    """
    import google.api_core.exceptions
    import google.auth.exceptions
    import requests  # noqa: PLC0415 - with Google's libraries alone

    api = google.api_core.exceptions
    try:
        yield
    except FinopsError:
        raise
    except (api.Forbidden, api.Unauthorized) as error:
        raise Refused(what, right, error) from error
    except api.NotFound as error:
        raise NotThere(what, error) from error
    except (
        api.ServerError,
        api.TooManyRequests,
        api.RetryError,
        google.auth.exceptions.TransportError,
        requests.RequestException,
    ) as error:
        raise NoAnswer(what, error) from error
    except google.auth.exceptions.GoogleAuthError as error:
        raise Refused(what, right, error) from error
    except api.GoogleAPICallError as error:
        raise NotAccepted(what, error) from error


class NoCredentials(AccessError):
    """This machine has no credentials for Google Cloud."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"Source {source!r} needs Google Cloud, and this machine has no credentials for it.",
            "Run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or name a key file with "
            "`credentials` in this source.",
        )


class BrokenKey(ConfigurationError):
    """A key file is none."""

    def __init__(self, source: str, path: str, error: Exception) -> None:
        super().__init__(
            f"Source {source!r} has credentials = {path!r}, no key file of a service account: {_words(error)}.",
            "Correct `credentials`, or leave it out to use application default credentials, which may be of any kind.",
        )


class Refused(AccessError):
    """Google refused."""

    def __init__(self, what: str, right: str, error: Exception) -> None:
        super().__init__(
            f"Google refused access to {what}: {_words(error)}.",
            f"Grant {right}; `finops doctor --print-policy gcp` prints all that is needed.",
        )


class NotThere(AccessError):
    """Google knows no such thing."""

    def __init__(self, what: str, error: Exception) -> None:
        super().__init__(f"Google does not know {what}: {_words(error)}.", "Correct the source in finops.toml.")


class NoAnswer(RetryError):
    """Google did not answer, or asks to come back later."""

    def __init__(self, what: str, error: Exception) -> None:
        super().__init__(f"Google did not answer for {what}: {_words(error)}.", "Run again later; nothing was changed.")


class NotAccepted(AccessError):
    """Google did not take the request."""

    def __init__(self, what: str, error: Exception) -> None:
        super().__init__(
            f"Google did not accept the request for {what}: {_words(error)}.",
            "Check the source in finops.toml against the table; `finops doctor` looks at both.",
        )


def _words(error: Exception) -> str:
    """The first line of what Google said, without the address it was said at."""
    said: Any = getattr(error, "message", None) or str(error) or type(error).__name__
    first = str(said).strip().splitlines()[0].rstrip(".")
    return _ADDRESS.sub("", first)[:300]
