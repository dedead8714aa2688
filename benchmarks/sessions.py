"""Sessions that click, over the dashboard's own websocket: from the request for a page to its last message."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


class Session:
    """One browser tab, as the server sees it."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self._socket = socket

    async def show(self, page: str, query: str = "") -> float:
        """Ask for a page; seconds until its run has finished.

        Raises:
            RuntimeError: The run ended with an error.
        """
        request = BackMsg()
        request.rerun_script.page_name = page
        request.rerun_script.query_string = query
        started = time.perf_counter()
        await self._socket.send(request.SerializeToString())
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(await self._socket.recv(decode=False))
            kind = answer.WhichOneof("type")
            if kind == "delta" and answer.delta.new_element.WhichOneof("type") == "exception":
                raise RuntimeError(f"{page}: {answer.delta.new_element.exception.message}")
            if kind == "script_finished" and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return time.perf_counter() - started


async def _walk(port: int, requests: Sequence[tuple[str, str]]) -> list[float]:
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with websockets.connect(address, subprotocols=[websockets.Subprotocol("streamlit")], max_size=None) as socket:
        session = Session(socket)
        return [await session.show(page, query) for page, query in requests]


def walk(port: int, requests: Sequence[tuple[str, str]], *, sessions: int = 1) -> list[list[float]]:
    """Several sessions that ask for the same pages at once, each one after the other; seconds per session and page."""

    async def all_of_them() -> list[list[float]]:
        return await asyncio.gather(*(_walk(port, requests) for _ in range(sessions)))

    return asyncio.run(all_of_them())


def median(times: Sequence[Sequence[float]]) -> float:
    """The median over all requests of all sessions, in milliseconds."""
    return statistics.median(second for session in times for second in session) * 1000
