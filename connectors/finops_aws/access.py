"""Access: how a source signs in at AWS, and what its refusals mean to the person who set it up."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from finops.connector import Source
from finops.errors import AccessError, ConfigurationError, FinopsError, RetryError

_OPTIONS = (
    *("profile", "role_arn", "external_id", "endpoint_url", "region"),
    *("cache_limit", "account_names", "group_by", "months", "max_requests"),
)
_SESSION = "finops"
"""Name of the assumed role's session, which CloudTrail shows."""
_GLOBAL = "us-east-1"
"""Where the services of billing live in the standard partition, and S3 answers for every region."""
_BILLING = {"aws-cn": "cn-northwest-1"}
"""Where they live in other partitions. Source: AWS service endpoints (read November 2026)."""
_ATTEMPTS = 6
"""Of each call: throttling, 5xx and broken connections are tried again after 0.5 to 20 s, by botocore."""
_SECONDS = 30

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_UNKNOWN_KEY = {
    *("InvalidAccessKeyId", "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"),
    *("AuthFailure", "InvalidToken", "MissingAuthenticationToken"),
}
_DENIED = {"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "UnauthorizedOperation", "403", "Forbidden"}
_LATER = {
    *("InternalError", "InternalFailure", "InternalServerException", "RequestTimeout", "ServiceUnavailable"),
    *("SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException", "LimitExceededException"),
    *("RequestLimitExceeded", "BandwidthLimitExceeded", "500", "502", "503", "504"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How one source signs in: the default credential chain or a profile, and a role on top where one is named.

    Attributes:
        source: its name, for errors.
        endpoint_url: of every service; None for AWS's own.
        region: None for the profile's, and where that has none, where billing lives.
    """

    source: str
    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    endpoint_url: str | None = None
    region: str | None = None

    @classmethod
    def of(cls, source: Source) -> "Access":
        """The access a source's options describe.

        Raises:
            ConfigurationError: if an option is none of AWS's, or an external id has no role.
        """
        unknown = [name for name in source.options if name not in _OPTIONS]
        if unknown:
            raise ConfigurationError(
                f"Source {source.name!r} sets {unknown[0]}, which the connector aws does not know.",
                f"Known here: {', '.join(_OPTIONS)}.",
            )
        options = {name: source.options.get(name) for name in _OPTIONS[:5]}
        if options["external_id"] and not options["role_arn"]:
            raise ConfigurationError(
                f"Source {source.name!r} has an external_id without a role_arn.",
                "Add the role that asks for it, or take external_id away.",
            )
        return cls(source=source.name, **options)

    def client(self, service: str) -> Any:  # noqa: ANN401 - botocore makes its clients' classes while running
        """A client of a service, in the region where it lives.

        Raises:
            AccessError: if there are no credentials, or the profile is not known.
        """
        with self.asking(f"sign in for {service}"):
            session = self._session()
            region = self.region or session.get_config_variable("region") or _GLOBAL
            if service not in {"s3", "sts"}:
                region = _BILLING.get(session.get_partition_for_region(region), _GLOBAL)
            return session.create_client(
                service, region_name=region, endpoint_url=self.endpoint_url, config=_settings()
            )

    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`: that of the role or the region; asks nobody."""
        if self.role_arn and self.role_arn.count(":") >= 5:  # noqa: PLR2004 - arn:PARTITION:iam::ACCOUNT:role/NAME
            return self.role_arn.split(":")[1]
        region = self.region or ""
        return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"

    @contextmanager
    def asking(self, what: str) -> Iterator[None]:
        """Turn what botocore raises into an error that says what to do.

        Args:
            what: what is asked for, as it follows "may not", for example `list s3://bucket/prefix`.

        Raises:
            AccessError: credentials are missing, expired or not enough, or nothing is there.
            RetryError: AWS was busy, or could not be reached.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            raise self._refused(what, error) from error
        except BotoCoreError as error:
            raise self._failed(what, error) from error

    def _session(self) -> Any:  # noqa: ANN401 - botocore has no types
        # boto3 would add half a second for its transfers and resources, and its clients are botocore's.
        import botocore.session

        inner = botocore.session.Session(profile=self.profile)
        if self.role_arn:
            # In front of all other providers; those of a session of its own sign in for it.
            role = _role(botocore.session.Session(profile=self.profile), self)
            inner.get_component("credential_provider").providers.insert(0, role)
        return inner

    def _refused(self, what: str, error: Any) -> FinopsError:  # noqa: ANN401 - botocore has no types
        code = str(error.response.get("Error", {}).get("Code", ""))
        said = str(error.response.get("Error", {}).get("Message", "")) or code
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in _EXPIRED:
            return CredentialsExpired(self.source)
        named = {"InvalidObjectState": Archived(what), "NoSuchBucket": NoBucket(self.source, what)}
        if code in named:
            return named[code]
        if code in _UNKNOWN_KEY:
            return CredentialsRefused(self.source, said)
        if code in _LATER or status >= 500:  # noqa: PLR2004 - server errors begin there
            return Busy(what, code)
        if code in _DENIED or status == 403:  # noqa: PLR2004 - forbidden
            return Denied(self.source, what, said)
        return AccessError(f"AWS refused to {what}: {said} ({code}).", "Correct the source's entry in finops.toml.")

    def _failed(self, what: str, error: Exception) -> FinopsError:
        from botocore import exceptions

        if isinstance(error, exceptions.ProfileNotFound):
            return NoProfile(self.source, self.profile)
        if isinstance(
            error,
            exceptions.NoCredentialsError
            | exceptions.PartialCredentialsError
            | exceptions.CredentialRetrievalError
            | exceptions.TokenRetrievalError
            | exceptions.SSOError,
        ):
            return NoCredentials(self.source, error)
        if isinstance(
            error, exceptions.ParamValidationError | exceptions.InvalidEndpointConfigurationError | ValueError
        ):
            return AccessError(f"AWS cannot be asked to {what}: {error}.", "Correct the source's entry in finops.toml.")
        return Unreachable(what, error)


def _role(session: Any, access: Access) -> Any:  # noqa: ANN401 - botocore has no types
    """A provider of the role's credentials, which are asked for anew whenever they run out."""
    from botocore.credentials import AssumeRoleCredentialFetcher, CredentialProvider, DeferredRefreshableCredentials

    own = session.get_credentials()
    if own is None:
        raise NoCredentials(access.source, None)

    def client(service: str, **given: Any) -> Any:  # noqa: ANN401 - botocore has no types
        region = access.region or session.get_config_variable("region") or _GLOBAL
        return session.create_client(
            service, region_name=region, endpoint_url=access.endpoint_url, config=_settings(), **given
        )

    extra = {"RoleSessionName": _SESSION} | ({"ExternalId": access.external_id} if access.external_id else {})
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=client, source_credentials=own, role_arn=access.role_arn, extra_args=extra
    )

    class Role(CredentialProvider):  # type: ignore[misc]  # botocore has no types
        METHOD = "finops-role"

        def load(self) -> Any:  # noqa: ANN401 - botocore has no types
            return DeferredRefreshableCredentials(method=self.METHOD, refresh_using=fetcher.fetch_credentials)

    return Role()


def _settings() -> Any:  # noqa: ANN401 - botocore has no types
    from botocore.config import Config

    return Config(
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        connect_timeout=_SECONDS,
        read_timeout=_SECONDS,
        max_pool_connections=16,
    )


class NoProfile(AccessError):
    """A profile that this machine's AWS settings do not name."""

    def __init__(self, source: str, profile: str | None) -> None:
        super().__init__(
            f"Source {source!r} names the AWS profile {profile!r}, which this machine does not know.",
            "Correct profile in finops.toml, or add it with: aws configure --profile NAME",
        )


class NoCredentials(AccessError):
    """Nobody is signed in."""

    def __init__(self, source: str, error: Exception | None) -> None:
        why = f" ({error})" if error else ""
        super().__init__(
            f"There are no AWS credentials for the source {source!r}{why}.",
            "Sign in (aws configure, aws sso login), or set profile or role_arn for this source in finops.toml.",
        )


class CredentialsExpired(AccessError):
    """The session ran out."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"The AWS credentials of the source {source!r} have expired.",
            "Sign in again (aws sso login, or new keys); what was downloaded is kept and not fetched twice.",
        )


class CredentialsRefused(AccessError):
    """AWS does not know the keys."""

    def __init__(self, source: str, said: str) -> None:
        super().__init__(
            f"AWS does not accept the credentials of the source {source!r}: {said}.",
            "Check the keys, the profile and this machine's clock.",
        )


class Denied(AccessError):
    """A right is missing."""

    def __init__(self, source: str, what: str, said: str) -> None:
        super().__init__(
            f"The credentials of the source {source!r} may not {what}: {said.rstrip('.')}.",
            f"Grant what this prints: finops doctor --print-policy {source}",
        )


class Archived(AccessError):
    """An object was moved to an archive, from which nothing can be read at once."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"Could not {what}: it is in an archive class of S3.",
            "Restore it, and leave the export out of the bucket's lifecycle rules; what was downloaded is kept.",
        )


class NoBucket(AccessError):
    """There is no such bucket."""

    def __init__(self, source: str, what: str) -> None:
        super().__init__(
            f"Could not {what}: there is no such bucket.", f"Correct the location of the source {source!r}."
        )


class Busy(RetryError):
    """AWS asked to slow down, or failed itself, also after several attempts."""

    def __init__(self, what: str, code: str) -> None:
        super().__init__(
            f"AWS was too busy to {what} ({code}), {_ATTEMPTS} times in a row.",
            "Run again later; what was downloaded is kept.",
        )


class Unreachable(RetryError):
    """The network is in the way."""

    def __init__(self, what: str, error: Exception) -> None:
        super().__init__(
            f"AWS could not be reached to {what}: {str(error).rstrip('.')}.",
            "Check the network and endpoint_url, and run again; what was downloaded is kept.",
        )
