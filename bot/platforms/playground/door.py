"""Lets the page in, and nobody else: its files, the headers they carry, and who may ask for them.

A web site open in the same browser could otherwise reach a server on loopback: by a name of its own that resolves to
127.0.0.1 (so the Host is checked), or by opening a WebSocket across origins (so the Origin is).
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

PAGE = Path(__file__).parent / "page"

_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",  # a page from before an upgrade would speak another wire
}


def file_routes() -> list[web.RouteDef]:
    """`GET /` is the page; its other files lie beside it."""
    files = {"": "index.html"} | {each.name: each.name for each in PAGE.iterdir() if each.suffix in _TYPES}
    return [web.get(f"/{path}", _shows(PAGE / name)) for path, name in files.items()]


def guard(request: web.Request, origin: bool = False) -> None:
    """Raises 403 unless the request names a loopback host and, where asked, comes from our own page."""
    host = request.headers.get("Host", "")
    name = host[: host.rindex("]") + 1] if "]" in host else host.partition(":")[0]
    if name.lower() not in _LOOPBACK:
        raise web.HTTPForbidden(text=f"The playground is for this computer only; {host!r} is not its name.\n")
    if origin and request.headers.get("Origin") not in (f"http://{host}", f"https://{host}"):
        raise web.HTTPForbidden(text=f"Only the page at http://{host} may connect.\n")


def _shows(path: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def show(request: web.Request) -> web.StreamResponse:
        guard(request)
        return web.FileResponse(path, headers=_HEADERS | {"Content-Type": f"{_TYPES[path.suffix]}; charset=utf-8"})

    return show
