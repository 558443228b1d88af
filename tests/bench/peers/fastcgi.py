"""lighttpd before programs that speak FastCGI: it starts them, hands requests on, ends them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.bench.peers.load import Address
from tests.bench.peers.process import free_port, running
from tests.bench.peers.server import HELD, Running, answers


@contextmanager
def fastcgi(
    program: Path, prefix: str, environment: Mapping[str, str], folder: Path, ready: str
) -> Iterator[Running]:
    """A FastCGI program that answers what begins with `prefix`."""
    port = free_port()
    told = ", ".join(f'"{name}" => "{value}"' for name, value in environment.items())
    configuration = folder / "lighttpd.conf"
    configuration.write_text(
        f"""server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{folder}"
server.modules = ("mod_fastcgi")
server.max-keep-alive-requests = 65535
server.max-worker = 0
fastcgi.server = ("{prefix}" => ((
  "bin-path" => "{program}",
  "socket" => "{folder}/fcgi.socket",
  "check-local" => "disable",
  "max-procs" => {HELD},
  "bin-environment" => ({told})
)))
"""
    )
    address = Address(port)
    command = ["/usr/sbin/lighttpd", "-D", "-f", str(configuration)]
    with running(command, {}, folder, lambda: answers(address, ready)) as process:
        yield Running(address, process)
