"""Results of queries come through the Storage Read API where that is allowed, else page by page; the same rows."""

from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.cloud import bigquery_storage
from google.cloud.bigquery_storage_v1 import types
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport

from finops.connector import Source
from finops_gcp import export_table
from finops_gcp.warehouse import Warehouse

from . import fake_bigquery

if TYPE_CHECKING:
    from .fake_bigquery import FakeBigQuery

TABLE = "acme.billing.gcp_billing_export_v1_01A7C4_9E52B0_3D61F8"
SQL = f"SELECT cost, usage_start_time, credits FROM `{TABLE}`"  # noqa: S608 - a test's name
READ = "google.cloud.bigquery.storage.v1.BigQueryRead"


@contextmanager
def storage_api(bigquery: "FakeBigQuery", calls: list[str], *, refused: bool) -> Iterator[Any]:
    """The Storage Read API in this process, over the results that the fake BigQuery keeps."""

    def schema(name: str) -> types.ArrowSchema:
        return types.ArrowSchema(serialized_schema=bigquery.result(name).schema.serialize().to_pybytes())

    def create(request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ANN401 - protocol classes
        calls.append("CreateReadSession")
        if refused:
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "bigquery.readsessions.create is missing")
        name = request.read_session.table.rpartition("/")[2]
        streams = [types.ReadStream(name=name)]
        return types.ReadSession(name="session", data_format="ARROW", arrow_schema=schema(name), streams=streams)

    def read(request: Any, _: grpc.ServicerContext) -> Iterator[Any]:  # noqa: ANN401 - as above
        calls.append("ReadRows")
        for batch in bigquery.result(request.read_stream).to_batches():
            rows = types.ArrowRecordBatch(serialized_record_batch=batch.serialize().to_pybytes())
            told = schema(request.read_stream)
            yield types.ReadRowsResponse(arrow_record_batch=rows, row_count=batch.num_rows, arrow_schema=told)

    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    handlers = {
        "CreateReadSession": grpc.unary_unary_rpc_method_handler(
            create,
            request_deserializer=types.CreateReadSessionRequest.deserialize,
            response_serializer=types.ReadSession.serialize,
        ),
        "ReadRows": grpc.unary_stream_rpc_method_handler(
            read,
            request_deserializer=types.ReadRowsRequest.deserialize,
            response_serializer=types.ReadRowsResponse.serialize,
        ),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(READ, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            transport: Any = BigQueryReadGrpcTransport(channel=channel)
            yield bigquery_storage.BigQueryReadClient(transport=transport)  # type: ignore[no-untyped-call]  # not annotated
    finally:
        server.stop(None).wait()


@pytest.mark.filterwarnings("ignore:Retrieving Arrow record batches directly")  # Google's client calls itself so
@pytest.mark.parametrize("allowed", ["allowed", "refused"])
def test_rows_are_the_same_by_either_way(tmp_path: Path, records: Callable[..., dict[str, Any]], allowed: str) -> None:
    with fake_bigquery.serving() as bigquery:
        bigquery.create(TABLE)
        given = [records(cost=at / 8, credits=[{"type": "DISCOUNT", "amount": -0.1}]) for at in range(2500)]
        bigquery.load(TABLE, given, at=datetime(2026, 1, 6, tzinfo=UTC))
        options = {"credentials": "anonymous", "endpoint_url": bigquery.url}
        source = Source(name="gcp", location=None, options=options)
        name = export_table.named(TABLE, "gcp")
        calls: list[str] = []
        with storage_api(bigquery, calls, refused=allowed == "refused") as client:
            warehouse = Warehouse(source, name, storage=lambda: client)
            assert warehouse.save(SQL, tmp_path / "fast.parquet", what="rows", location=None) == 2500
        assert calls == ["CreateReadSession", "ReadRows"][: 2 if allowed == "allowed" else 1]
        by_pages = Warehouse(source, name)
        assert by_pages.save(SQL, tmp_path / "pages.parquet", what="rows", location=None) == 2500
    fast, pages = (pq.read_table(tmp_path / file).to_pylist() for file in ("fast.parquet", "pages.parquet"))
    assert sorted(fast, key=lambda row: row["cost"]) == sorted(pages, key=lambda row: row["cost"])
    assert pa.types.is_timestamp(pq.read_schema(tmp_path / "pages.parquet").field("usage_start_time").type)
