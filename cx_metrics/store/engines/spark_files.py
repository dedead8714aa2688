"""Parquet files of the lake as rows of a Spark cluster, from a folder that it shares or from an object store."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from cx_metrics.store.engines.duckdb_engine import parquet_query
from cx_metrics.store.engines.spark_sql import spark_sql, spark_type
from cx_metrics.store.lake.object_store import SCHEME, is_url

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.connect.session import SparkSession


def read_files(session: SparkSession, files: Sequence[str], *, columns: Mapping[str, str]) -> DataFrame:
    """Columns of Parquet files of one hive layout; without files there are no rows.

    Args:
        session: The cluster.
        files: Paths in folders ``month=...``, or URLs of an object store.
        columns: Names, and types in DuckDB's words.
    """
    if not files:
        return session.sql(spark_sql(parquet_query([], columns=columns), timezone="UTC"))
    schema = ", ".join(f"`{name}` {spark_type(kind)}" for name, kind in columns.items())
    if is_url(files[0]):
        return _read_by_workers(session, files, schema=schema, names=tuple(columns))
    (root,) = {str(Path(file).parent.parent) for file in files}
    reader = session.read.schema(schema).option("basePath", f"file://{root}")
    return reader.parquet(*(f"file://{_unglobbed(file)}" for file in files)).select(*columns)


def _unglobbed(file: str) -> str:
    r"""Each sign stands for itself where Spark takes patterns: ``[`` as ``\[``."""
    return re.sub(r"([\\*?\[\]{}])", r"\\\1", file)


def _read_by_workers(session: SparkSession, files: Sequence[str], *, schema: str, names: Sequence[str]) -> DataFrame:
    """Each worker opens its files with Arrow, by credentials of its own environment; Spark needs no S3 of its own."""
    urls = pa.table({"url": pa.array([file.removeprefix(SCHEME) for file in files])})
    listed = session.createDataFrame(urls).repartition(len(files))
    return listed.mapInArrow(_reader(names), schema)


def _reader(names: Sequence[str]) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What runs on the workers, which have pyarrow but not this package: so it stands on its own."""

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import os

        import pyarrow as pa
        from pyarrow import fs, parquet

        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        places = {"endpoint_override": endpoint, "scheme": endpoint.partition("://")[0]} if endpoint else {}
        store = fs.S3FileSystem(**places, **({"region": region} if region else {}))
        for batch in batches:
            for url in batch.column("url").to_pylist():
                month = url.rpartition("/month=")[2].partition("/")[0]
                with store.open_input_file(url) as opened, parquet.ParquetFile(opened) as file:
                    wanted = [name for name in names if name != "month"]
                    for rows in file.iter_batches(columns=wanted):
                        own = {name: rows.column(name) for name in wanted}
                        own["month"] = pa.repeat(pa.scalar(month), len(rows))
                        yield pa.record_batch([own[name] for name in names], names=list(names))

    return read
