"""Sessions: whatever runs data frames of Spark, opened and ended, and its errors in words."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from opentier.graph.errors import NotInstalled, UsageError, WorkError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Where frames are run if nothing is said: on all cores of this machine.
LOCAL = "local[*]"
#: Sail within this process: the same calls, no Java.
SAIL = "sail"
#: Seconds for which the address of a master is asked whether anybody listens there.
PATIENCE = 10.0
_NAMED = re.compile(r"^(?:spark|sc)://([^:/,;]+)(?::(\d+))?")
_PORTS = {"spark": 7077, "sc": 15002}
#: What Spark does not do by itself: it says nothing but errors, shows no page of its own, and takes no wrong number for
#: nothing. What the user's own configuration says of anything else stands.
_CONFIG = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.ansi.enabled": "true",
}


@contextmanager
def opened(master: str | None) -> Iterator[SparkSession]:
    """Open a session, and end it.

    Parameters
    ----------
    master
        As Spark names it (``local[2]``, ``spark://host:7077``, ``k8s://...``, ``yarn``), ``sc://host:15002`` for a
        server of Spark Connect, or ``sail``. Nothing is what ``spark-submit`` says, or all cores of this machine.

    Raises
    ------
    NotInstalled
        If there is no PySpark, no Java, or no Sail.
    UsageError
        If nobody listens at the master's address.
    WorkError
        If Spark fails; the message has what it says.
    """
    if find_spec("pyspark") is None:
        raise NotInstalled("Spark is not installed: pip install 'opentier[spark]'")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        with _translated(), _session(master) as session:
            yield session


@contextmanager
def _session(master: str | None) -> Iterator[SparkSession]:
    if master == SAIL:
        with _sail() as address, _session(address) as session:
            yield session
        return
    submitted = "PYSPARK_GATEWAY_PORT" in os.environ  # the driver of spark-submit has a master
    if master is None and not submitted:
        master = os.environ.get("SPARK_REMOTE") or os.environ.get("MASTER") or LOCAL
    _listening(master)
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder.appName("opentier")
    if master is not None and master.startswith("sc:"):
        if find_spec("grpc") is None:
            raise NotInstalled("Spark Connect is not installed: pip install 'pyspark[connect]'")
        builder = builder.remote(master)
    else:
        if not submitted and shutil.which("java") is None and "JAVA_HOME" not in os.environ:
            raise NotInstalled(
                "Spark needs Java 17 or later (JAVA_HOME). Without Java: Sail (docs/spark.md)."
            )
        for name, value in _CONFIG.items():
            builder = builder.config(name, value)
        if master is not None:
            builder = builder.master(master)
        if master is not None and master.startswith("local"):
            os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            builder = builder.config("spark.sql.shuffle.partitions", str(2 * (os.cpu_count() or 1)))
    known = SparkSession.getActiveSession()  # a notebook's, which goes on
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        if known is None:
            with suppress(Exception):  # it is gone already
                session.stop()


@contextmanager
def _sail() -> Iterator[str]:
    """Start Sail in this process, and return its address."""
    if find_spec("pysail") is None:
        raise NotInstalled("Sail is not installed: pip install pysail 'pyspark-client<4.2'")
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        _, port = server.listening_address
        yield f"sc://127.0.0.1:{port}"
    finally:
        server.stop()


def _listening(master: str | None) -> None:
    """Raise UsageError where nobody listens at the address of a master: Spark itself would ask for a minute."""
    if master is None or (found := _NAMED.match(master)) is None:
        return
    host, port = found[1], int(found[2] or _PORTS[master.partition(":")[0]])
    try:
        socket.create_connection((host, port), PATIENCE).close()
    except OSError as error:
        raise UsageError(f"Nobody answers at {host}:{port} ({error}). Check the master, {master}.") from None


@contextmanager
def _translated() -> Iterator[None]:
    """Raise what Spark fails with as an error of ours, in a sentence."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in ("grpc", "py4j", "pyspark", "pysail"):
            raise
        raise WorkError(f"Spark could not do it: {_said(error)}") from error


def _said(error: Exception) -> str:
    """Return what an error of Spark says, without the places in its code."""
    lines = [line.strip() for line in str(error).partition("JVM stacktrace")[0].splitlines()]
    kept = [
        line
        for line in lines
        if line and not line.startswith(("at ", "...", ": ", "File ", "Traceback", "^"))
    ]
    caused = [line for line in kept if line.startswith("Caused by: ")]
    return " ".join(dict.fromkeys([*kept[:1], *(caused or kept)[-1:]]))[:600] or type(error).__name__
