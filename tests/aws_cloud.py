"""AWS on this machine: moto's own HTTP server behind a door that keeps a log of requests and can be told to fail."""

import io
import json
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from urllib.request import Request as Call
from urllib.request import urlopen

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers and body."""
Fault = Callable[["Request", Answer], Answer | None]
"""What a request gets instead of moto's answer; None leaves it."""

VARIABLES = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_DEFAULT_REGION": "us-east-1",
}
"""What a command sees that signs in here, and nothing of this machine's own settings."""
_SHORT_BODY = "X-Test-Whole-Length"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request, and what it means to IAM.

    Attributes:
        action: such as `s3:GetObject`.
        path: of the URL; for S3 `/bucket/key`.
        query: its parameters.
    """

    action: str
    path: str
    query: Mapping[str, list[str]]
    status: int
    headers: Mapping[str, str]


@dataclass(slots=True)
class Cloud:
    """A server that speaks the protocols of AWS.

    Attributes:
        url: for `endpoint_url`.
        log: every request since the last `forget`.
        faults: asked in order; the first that answers wins.
        answers: of services that moto does not have, by action such as `cur:DescribeReportDefinitions`: from the
            request's parameters to the answer's. Both are checked against botocore's own model of the service.
        clock: what time it says it is; None for what moto says, if anything.
    """

    url: str
    log: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    answers: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)
    clock: datetime | None = None

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 has no types
        """A client of the tests' own."""
        import boto3

        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", **keys)

    def bucket(self, name: str, objects: Mapping[str, bytes]) -> None:
        """Make a versioned bucket, or add to it; objects are written in the order given."""
        s3 = self.client("s3")
        if name not in {each["Name"] for each in s3.list_buckets()["Buckets"]}:
            s3.create_bucket(Bucket=name)
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        for key, content in objects.items():
            s3.put_object(Bucket=name, Key=key, Body=content)
        self.log.clear()

    def explorer(self, answers: Sequence[Mapping[str, Any]]) -> None:
        """What moto's Cost Explorer answers, in this order, to questions it has not heard before."""
        body = json.dumps({"results": list(answers)}).encode()
        call = Call(f"{self.url}/moto-api/static/ce/cost-and-usage-results", data=body, method="POST")  # noqa: S310 - our own server
        call.add_header("Content-Type", "application/json")
        with urlopen(call) as answer:  # noqa: S310 - our own server
            assert answer.status == 201
        self.log.clear()

    def reset(self) -> None:
        """Forget everything."""
        _reset(self.url)
        self.log.clear()

    def actions(self) -> set[str]:
        """What was asked for, as IAM calls it."""
        return {request.action for request in self.log}

    def got(self) -> list[str]:
        """Keys of the objects that were downloaded, in part or whole."""
        return [request.path.split("/", 2)[2] for request in self.log if request.action == "s3:GetObject"]


@contextmanager
def cloud() -> Iterator[Cloud]:
    """A server, empty at first."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    application = DomainDispatcherApplication(create_backend_app)
    found = Cloud(url="")
    server = make_server(
        "127.0.0.1", 0, _door(found, application), threaded=True, request_handler=_quiet(MotoRequestHandler)
    )
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        _reset(found.url)
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def refused(code: str, status: int, message: str = "no") -> Answer:
    """An error as S3 writes it."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    return status, {"Content-Type": "application/xml"}, body


def times(number: int, fault: Fault) -> Fault:
    """The fault, that often."""
    left = [number]

    def some(request: Request, answer: Answer) -> Answer | None:
        found = fault(request, answer) if left[0] else None
        left[0] -= found is not None
        return found

    return some


def on(pattern: str, make: Callable[[Answer], Answer]) -> Fault:
    """A fault of S3 downloads whose key matches."""

    def some(request: Request, answer: Answer) -> Answer | None:
        fits = request.action == "s3:GetObject" and re.search(pattern, request.path)
        return make(answer) if fits else None

    return some


def cut(share: float) -> Callable[[Answer], Answer]:
    """The connection ends when that share of the body has arrived."""

    def made(answer: Answer) -> Answer:
        status, headers, body = answer
        return status, {**headers, _SHORT_BODY: str(len(body))}, body[: int(len(body) * share)]

    return made


def _door(found: Cloud, application: Any) -> Any:  # noqa: ANN401 - WSGI
    lock = threading.Lock()

    def door(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        told: list[Any] = []
        action = _action(environ)
        if action in found.answers:
            body = _told(found, action, environ)
            told.append(("200 OK", [("Content-Type", "application/x-amz-json-1.1")]))
        else:
            body = b"".join(application(environ, lambda *given: told.append(given)))
        code = int(told[0][0].split()[0])
        request = Request(
            action=action,
            path=environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace"),
            query=parse_qs(environ["QUERY_STRING"]),
            status=code,
            headers={name: str(value) for name, value in environ.items() if name.startswith("HTTP_")},
        )
        answer: Answer = (code, dict(told[0][1]), body)
        with lock:
            found.log.append(request)
            answer = next((made for fault in found.faults if (made := fault(request, answer)) is not None), answer)
        status, named, body = answer
        headers = dict(named) | ({"Date": format_datetime(found.clock, usegmt=True)} if found.clock else {})
        if environ["REQUEST_METHOD"] != "HEAD":
            headers = {name: text for name, text in headers.items() if name.lower() != "content-length"}
            headers["Content-Length"] = headers.pop(_SHORT_BODY, str(len(body)))
        start(f"{status} X", list(headers.items()))
        return [body]

    return door


def _told(found: Cloud, action: str, environ: "WSGIEnvironment") -> bytes:
    """The answer of a service that moto does not have, in AWS's JSON protocol."""
    from botocore.session import get_session
    from botocore.validate import ParamValidator

    service, _, name = action.partition(":")
    model = get_session().get_service_model(service).operation_model(name)
    given = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    answer = found.answers[action](given)
    for values, shape in ((given, model.input_shape), (answer, model.output_shape)):
        report = ParamValidator().validate(values, shape)
        assert not report.has_errors(), report.generate_report()
    return json.dumps(answer, default=lambda moment: moment.timestamp()).encode()


def _action(environ: "WSGIEnvironment") -> str:
    """What IAM calls the request."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        service, _, name = target.partition(".")
        return f"{_TARGETS.get(service, service)}:{name}"
    scope = re.search(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    if scope is not None and scope[1] == "s3":
        has_key = len(environ["PATH_INFO"].split("/", 2)[2:]) and environ["PATH_INFO"].split("/", 2)[2]
        names = {("GET", True): "GetObject", ("GET", False): "ListBucket", ("PUT", True): "PutObject"}
        names |= {("HEAD", True): "GetObject", ("HEAD", False): "ListBucket"}
        return f"s3:{names.get((environ['REQUEST_METHOD'], bool(has_key)), environ['REQUEST_METHOD'])}"
    if scope is not None and scope[1] == "sts":
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        return f"sts:{parse_qs(body.decode())['Action'][0]}"
    return f"{scope[1] if scope else '?'}:?"


_TARGETS = {
    "AWSOrganizationsV20161128": "organizations",
    "AWSInsightsIndexService": "ce",
    "AWSOrigamiServiceGatewayService": "cur",
    "AWSBillingAndCostManagementDataExports": "bcm-data-exports",
}


def _quiet(handler: Any) -> Any:  # noqa: ANN401 - werkzeug's class
    class Quiet(handler):  # type: ignore[misc]  # as above
        def log(self, *_: object) -> None:
            """Tests read the log of `Cloud`."""

        def send_response(self, code: int, message: str | None = None) -> None:
            """Without a Date of its own beside the answer's."""
            self.send_response_only(code, message)

    return Quiet


def _reset(url: str) -> None:
    with urlopen(Call(f"{url}/moto-api/reset", method="POST")) as answer:  # noqa: S310 - our own server
        assert json.loads(answer.read())["status"] == "ok"
