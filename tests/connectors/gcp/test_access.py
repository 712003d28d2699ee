"""Credentials in form: key files, default ones and impersonation, asking nobody; and every broken key in words."""

import json
from pathlib import Path
from typing import Any

import google.auth.impersonated_credentials
import google.oauth2.service_account
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from finops.connector import Source
from finops.errors import AccessError, ConfigurationError
from finops_gcp import access

ROBOT = "reader@acme-billing.iam.gserviceaccount.com"


@pytest.fixture(scope="module")
def key() -> dict[str, Any]:
    """A key file of a service account that exists nowhere."""
    secret = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "project_id": "acme-billing",
        "private_key_id": "1",
        "private_key": secret.decode(),
        "client_email": ROBOT,
        "client_id": "1",
        "token_uri": "https://oauth2.googleapis.com/token",
    }


def source(**options: str) -> Source:
    return Source(name="gcp", location=None, options=options)


def test_a_key_file_is_a_service_account_with_the_scope_we_need(tmp_path: Path, key: dict[str, Any]) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(key))
    found = access.credentials(source(credentials=str(path)))
    assert isinstance(found, google.oauth2.service_account.Credentials)
    assert (found.service_account_email, found.scopes) == (ROBOT, [access.SCOPE])


def test_default_credentials_are_those_of_the_environment(
    tmp_path: Path, key: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(key))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    found = access.credentials(source())
    assert isinstance(found, google.oauth2.service_account.Credentials)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    with pytest.raises(AccessError, match="this machine has no credentials") as caught:
        access.credentials(source())
    assert "gcloud auth application-default login" in caught.value.todo


def test_impersonation_acts_as_the_account_by_the_rights_of_the_key(tmp_path: Path, key: dict[str, Any]) -> None:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(key))
    target = "billing@other.iam.gserviceaccount.com"
    found = access.credentials(source(credentials=str(path), impersonate=target))
    assert isinstance(found, google.auth.impersonated_credentials.Credentials)
    assert found.service_account_email == target


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[1]",
        b"no json",
        b"\xff\xfe\x00",
        b'{"type": "service_account"}',
        b'{"type": "service_account", "client_email": "a@b", "token_uri": "x", "private_key": "-----BEGIN"}',
        b'{"type": "something else"}',
        b'{"client_email": "a@b"}',
    ],
)
def test_a_broken_key_is_named_and_its_content_is_not(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.json"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"key\.json', no key file of a service account") as caught:
        access.credentials(source(credentials=str(path)))
    assert "BEGIN" not in str(caught.value)


@pytest.mark.parametrize("where", ["nowhere.json", "."])
def test_a_key_that_is_no_file_is_named(tmp_path: Path, where: str) -> None:
    with pytest.raises(ConfigurationError, match="no key file of a service account"):
        access.credentials(source(credentials=str(tmp_path / where)))
