"""A browser tab as the server sees it: Streamlit's own messages over a real websocket."""

from __future__ import annotations

import ssl
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPSHandler, build_opener

import websockets
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.MultiSelect_pb2 import MultiSelect
from streamlit.proto.Selectbox_pb2 import Selectbox
from streamlit.proto.WidgetStates_pb2 import WidgetState

_XSRF = "_streamlit_xsrf"


@dataclass(frozen=True)
class Site:
    """Where a dashboard answers.

    Attributes:
        address: ``http://HOST:PORT`` or ``https://HOST:PORT``.
        certificate: File with the certificate to trust; empty for the system's.
    """

    address: str
    certificate: str = ""

    def tls(self) -> ssl.SSLContext | None:
        """What checks the certificate; None where there is none."""
        if urlsplit(self.address).scheme != "https":
            return None
        return ssl.create_default_context(cafile=self.certificate or None)


@dataclass(frozen=True)
class Shown:
    """What a run of the script put on the page.

    Attributes:
        page: Path of the page that ran, empty for the first one.
        titles: Its headings of the first order.
        texts: Its text in Markdown.
        cards: The number of each card by its label.
        problems: Errors and exceptions on the page, in their words.
        seconds: From the click to the last message.
    """

    page: str
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    cards: Mapping[str, str]
    problems: tuple[str, ...]
    seconds: float


@dataclass
class _Drawn:
    """What a run has sent so far.

    Attributes:
        elements: Each at its place on the page.
        kept: Messages that the server need not send again, by their hash.
    """

    elements: dict[tuple[int, ...], Element] = field(default_factory=dict)
    kept: dict[str, ForwardMsg] = field(default_factory=dict)

    def of(self, kind: str) -> list[Element]:
        """The elements of one kind."""
        return [element for element in self.elements.values() if element.WhichOneof("type") == kind]

    def shown(self, page: str, seconds: float) -> Shown:
        """What a person sees of it."""
        errors = [each.alert.body for each in self.of("alert") if each.alert.format == Alert.ERROR]
        raised = [each.exception.message or each.exception.type for each in self.of("exception")]
        return Shown(
            page=page,
            titles=tuple(each.heading.body for each in self.of("heading") if each.heading.tag == "h1"),
            texts=tuple(each.markdown.body for each in self.of("markdown")),
            cards={each.metric.label: each.metric.body for each in self.of("metric")},
            problems=tuple(errors + raised),
            seconds=seconds,
        )


class Tab:
    """One browser tab.

    Attributes:
        query: The filters in its address.
    """

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.query: dict[str, list[str]] = {}
        self._socket = socket
        self._page = ""
        self._pages: dict[str, str] = {}
        self._filters: dict[str, Selectbox | MultiSelect] = {}
        self._values: dict[str, WidgetState] = {}
        self._kept: dict[str, ForwardMsg] = {}

    async def visit(self, page: str, query: str = "") -> Shown:
        """Open a page by its link."""
        self.query = parse_qs(query)
        return await self._run(page=page)

    async def go(self, page: str) -> Shown:
        """Open a page by the navigation; the shared filters stay."""
        return await self._run(script=self._pages[page])

    def options(self, name: str) -> Sequence[str]:
        """What a filter of the page can be set to; empty where the page has no such filter."""
        return list(self._filters[name].options) if name in self._filters else ()

    async def choose(self, name: str, *values: str) -> Shown:
        """Set a filter of the page to one value; none takes it away, where that can be done."""
        chosen = self._filters[name]
        state = WidgetState(id=chosen.id)
        if isinstance(chosen, MultiSelect):
            state.string_array_value.data.extend(values)
        else:
            state.string_value = values[0]
        self._values[name] = state
        self.query = {key: given for key, given in {**self.query, name: list(values)}.items() if given}
        return await self._run(script=self._pages[self._page])

    async def _run(self, *, page: str = "", script: str = "") -> Shown:
        asked = ClientState(page_name=page, page_script_hash=script, query_string=urlencode(self.query, doseq=True))
        asked.cached_message_hashes.extend(self._kept)
        asked.widget_states.widgets.extend(self._values.values())
        started = time.perf_counter()
        await self._socket.send(BackMsg(rerun_script=asked).SerializeToString())
        drawn = _Drawn()
        while not self._is_last(await self._answer(), drawn):
            continue
        seconds = time.perf_counter() - started
        self._kept = drawn.kept
        filters: list[Selectbox | MultiSelect] = [each.selectbox for each in drawn.of("selectbox")]
        filters += [each.multiselect for each in drawn.of("multiselect")]
        self._filters = {each.query_param_key: each for each in filters if each.query_param_key}
        self._values = {name: value for name, value in self._values.items() if name in self._filters}
        return drawn.shown(self._page, seconds)

    async def _answer(self) -> ForwardMsg:
        """The next message; what the server sent before and only names now is put in its place."""
        answer = ForwardMsg()
        answer.ParseFromString(await self._socket.recv(decode=False))
        if answer.WhichOneof("type") == "ref_hash":
            place, answer = answer.metadata, self._kept[answer.ref_hash]
            answer.metadata.CopyFrom(place)
        return answer

    def _is_last(self, answer: ForwardMsg, drawn: _Drawn) -> bool:
        """Take in a message; whether it ends the run."""
        kind = answer.WhichOneof("type")
        if answer.metadata.cacheable or answer.hash in self._kept:
            drawn.kept[answer.hash] = answer
        if kind == "delta" and answer.delta.WhichOneof("type") == "new_element":
            drawn.elements[tuple(answer.metadata.delta_path)] = answer.delta.new_element
        elif kind == "navigation":
            self._pages = {
                "" if each.is_default else each.url_pathname: each.page_script_hash
                for each in answer.navigation.app_pages
            }
            names = {script: name for name, script in self._pages.items()}
            self._page = names[answer.navigation.page_script_hash]
        elif kind == "page_info_changed":
            self.query = parse_qs(answer.page_info_changed.query_string)
        return kind == "script_finished" and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN


class Browser:
    """A person's browser: what it remembers of a site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._tls = site.tls()
        self._cookies = CookieJar()
        handlers = [HTTPSHandler(context=self._tls)] if self._tls else []
        self._web = build_opener(HTTPCookieProcessor(self._cookies), *handlers)

    def fetch(self, path: str) -> bytes:
        """What the server answers to a plain request; its cookies are kept.

        Raises:
            OSError: It doesn't answer, or with an error.
        """
        with self._web.open(f"{self._site.address}{path}", timeout=30) as answer:
            body: bytes = answer.read()
            return body

    @asynccontextmanager
    async def tab(self) -> AsyncIterator[Tab]:
        """A tab that is connected as the dashboard's own script connects it."""
        cookies = {cookie.name: cookie.value or "" for cookie in self._cookies}
        protocols = [websockets.Subprotocol(name) for name in ("streamlit", cookies.get(_XSRF, "none"))]
        async with websockets.connect(
            f"{self._site.address.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=protocols,
            origin=websockets.Origin(self._site.address),
            additional_headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())},
            ssl=self._tls,
            max_size=None,
        ) as socket:
            yield Tab(socket)
