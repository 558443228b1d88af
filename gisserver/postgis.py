"""A private PostgreSQL + PostGIS cluster under `var/`, for who has no database server.

It listens on a unix socket only and runs as an unprivileged user even when root starts it. An
operator may open it on one address besides (WANGGE_SQL_LISTEN), for the database logins of analysts
and for nobody else.
Several processes may use one cluster: the first starts it, the last stops it, and a lock that
the kernel drops with its holder decides who that is, so nobody is left behind by `kill -9`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import psycopg2
import psycopg2.extensions

from gisserver.settings import psycopg2_url

SUPERUSER = "wangge"
DATABASE = "wangge"
PORT = 5432
START_SECONDS = 300  # crash recovery replays at most max_wal_size, slowly on a busy disk
SMALL_SHARED_MEMORY = 512 * 1024 * 1024
INSTALL_HINT = (
    "找不到带 PostGIS 的 PostgreSQL / PostgreSQL with PostGIS not found: "
    "apt-get install postgresql-postgis, or set DATABASE_URL"
)

# An acknowledged write survives the death of any process and of the machine.
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
}
# For data that may be lost with the machine, such as a test's.
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
}
COMMON = {
    "password_encryption": "scram-sha-256",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "work_mem": "32MB",
    "maintenance_work_mem": "512MB",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "200",
    "jit": "off",
    # Nobody replicates a private cluster: a table filled in the transaction that emptied it goes
    # to disk once, not through the log as well.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # A failing statement would be logged with its values: names and numbers of persons.
    "log_min_error_statement": "panic",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
}


class PostgisError(RuntimeError):
    """The private cluster cannot be found, made, started or stopped; the message says why."""


class Cluster:
    """One private cluster; nothing is started or written before `in_use` or `start`."""

    def __init__(
        self, var: Path, *, throwaway: bool = False, listen: tuple[str, int] | None = None
    ) -> None:
        """Cluster of the folder `var`; `throwaway` trades durability for speed (tests).

        `listen` is the address and port on which analysts reach it when this process starts it.
        """
        self.listen = listen
        self.var = var.resolve()
        self.settings = COMMON | (THROWAWAY if throwaway else DURABLE)
        self.user, self.group = _unprivileged_account()
        self.home = self._home()
        self.data = self.home / "data"
        self.log = self.home / "postgres.log"
        digest = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
        # A socket's path may have 107 bytes at most, which `var` could exceed.
        self.socket = Path("/tmp") / f"wangge-{self.user}-{digest}"

    def url(self, database: str = DATABASE) -> str:
        """SQLAlchemy address of one of the cluster's databases."""
        return f"postgresql+psycopg2://{SUPERUSER}@/{database}?host={self.socket}&port={self.port}"

    @property
    def port(self) -> int:
        """The port of the server that runs, else the one it will have."""
        if self.running():
            return int((self.data / "postmaster.pid").read_text().splitlines()[3])
        return self.listen[1] if self.listen else PORT

    @contextmanager
    def in_use(self) -> Iterator[str]:
        """Give the address of the running cluster; start it if first here, stop it if last out."""
        self.var.mkdir(parents=True, exist_ok=True)
        with open(self.var / "postgres.lock", "a") as lock:
            while True:
                if _try_exclusive(lock.fileno()):
                    self.start()
                fcntl.flock(lock, fcntl.LOCK_SH)  # waits for whoever is starting or stopping it
                if self.running():
                    break
            try:
                yield self.url()
            finally:
                if _try_exclusive(lock.fileno()):
                    self.stop()

    def start(self) -> None:
        """Make the cluster if there is none, start it if it is down, make its database."""
        if not self.running():
            binaries = find_binaries(self._version())
            self._make(binaries)
            self._make_socket_folder()
            self._bury()
            (self.data / "wangge.conf").write_text(self._configuration())
            self._give(self.data / "wangge.conf")
            (self.data / "pg_hba.conf").write_text(self._doors())
            self._give(self.data / "pg_hba.conf")
            self._start_server(binaries)
        self._make_database()

    def stop(self) -> None:
        """Stop the server, ending its sessions; nothing happens when it is down."""
        if not self.running():
            return
        binaries = find_binaries(self._version())
        self._run(binaries / "pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "60", "stop")

    def destroy(self) -> None:
        """Stop the server and delete the whole cluster."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.socket, ignore_errors=True)

    def running(self) -> bool:
        """Whether this cluster's own server process is alive."""
        process = self._process()
        return process is not None and _serves(process, self.data)

    def _home(self) -> Path:
        inside = self.var / "postgres"
        outside = Path("/var/lib") / f"wangge-{hashlib.sha256(bytes(self.var)).hexdigest()[:8]}"
        if os.geteuid() != 0:
            return inside
        if (outside / "data").exists():
            return outside
        inside.mkdir(parents=True, exist_ok=True)
        os.chown(inside, self.user, self.group)
        if self._succeeds("test", "-w", str(inside)):
            return inside
        inside.rmdir()  # closed to the unprivileged user, for example under /root
        return outside

    def _version(self) -> str | None:
        path = self.data / "PG_VERSION"
        try:
            return path.read_text().strip() if path.exists() else None
        except PermissionError as error:
            raise PostgisError(
                f"{self.data} 属于另一用户 / belongs to another user: "
                "start as that user, or choose another folder with --var"
            ) from error

    def _make(self, binaries: Path) -> None:
        if self.data.exists():
            return
        self.home.mkdir(parents=True, exist_ok=True)
        self._give(self.home)
        # Made aside and renamed: a killed initdb leaves no half cluster.
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        arguments = ["-D", fresh, "-U", SUPERUSER, "--auth=trust", "-E", "UTF8"]
        if self.settings["fsync"] == "off":
            arguments.append("--no-sync")
        self._run(binaries / "initdb", *arguments, "--locale=C.UTF-8")
        with open(fresh / "postgresql.conf", "a") as file:
            file.write("\ninclude 'wangge.conf'\n")
        fresh.rename(self.data)

    def _configuration(self) -> str:
        settings = dict(self.settings, unix_socket_directories=f"'{self.socket}'")
        settings["port"] = str(self.listen[1] if self.listen else PORT)
        settings["listen_addresses"] = f"'{self.listen[0] if self.listen else ''}'"
        shared_memory = os.statvfs("/dev/shm")
        if shared_memory.f_blocks * shared_memory.f_frsize < SMALL_SHARED_MEMORY:
            # Containers often have 64 MB there, too little for parallel queries.
            settings["dynamic_shared_memory_type"] = "mmap"
        return "".join(f"{name} = {value}\n" for name, value in settings.items())

    def _doors(self) -> str:
        """Who may come in: through the socket whoever may pass its folder, else analysts only."""
        doors = "local all all trust\n"
        if self.listen:
            from layers.core.analyst import ANALYSTS

            doors += f'host "{DATABASE}" +{ANALYSTS} all scram-sha-256\n'
        return doors

    def _make_socket_folder(self) -> None:
        self.socket.mkdir(mode=0o700, exist_ok=True)
        self._give(self.socket)
        found = self.socket.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.user:
            raise PostgisError(f"{self.socket} 属于他人 / belongs to someone else")
        self.socket.chmod(0o700)

    def _bury(self) -> None:
        """End what a killed server left behind, then forget its process number.

        A session that outlives its server may still write; a number taken over by another
        process, or not yet given back, would keep the next server from starting.
        """
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and _serves(int(folder.name), self.data):
                os.kill(int(folder.name), signal.SIGKILL)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.socket.glob(".s.PGSQL.*"):
            left.unlink()

    def _process(self) -> int | None:
        try:
            first = (self.data / "postmaster.pid").read_text().split("\n", 1)[0]
        except FileNotFoundError:
            return None
        except PermissionError:
            self._version()
            return None
        return int(first) if first.isdigit() else None

    def _start_server(self, binaries: Path) -> None:
        start = ["-D", self.data, "-l", self.log, "-w", "-t", START_SECONDS, "start"]
        for attempt in range(20):
            try:
                self._run(binaries / "pg_ctl", *start)
                return
            except PostgisError as error:
                tail = self.log.read_text(errors="replace")[-1500:] if self.log.exists() else ""
                # What was just killed takes a moment to let go of its memory.
                if attempt == 19 or "still in use" not in tail:
                    raise PostgisError(f"{error}\n{tail}") from error
                time.sleep(0.5)

    def _make_database(self) -> None:
        connection = self._connect()
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
                if cursor.fetchone() is None:
                    cursor.execute(f'CREATE DATABASE "{DATABASE}"')
        finally:
            connection.close()

    def _connect(self) -> psycopg2.extensions.connection:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return psycopg2.connect(
                    host=str(self.socket), port=self.port, user=SUPERUSER, dbname="postgres"
                )
            except psycopg2.OperationalError as error:
                # A server found running may still be replaying its log after a crash.
                if not self.running() or time.monotonic() > deadline:
                    raise PostgisError(f"{self.log}: {error}") from error
                time.sleep(0.2)

    def _run(self, *command: object) -> None:
        result = self._subprocess([str(part) for part in command])
        if result.returncode:
            raise PostgisError(f"{Path(str(command[0])).name}: {result.stderr.strip()[-1500:]}")

    def _succeeds(self, *command: str) -> bool:
        return self._subprocess(list(command)).returncode == 0

    def _subprocess(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        root = os.geteuid() == 0
        return subprocess.run(
            command,
            cwd="/",
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            user=self.user if root else None,
            group=self.group if root else None,
            extra_groups=[] if root else None,
        )

    def _give(self, path: Path) -> None:
        if os.geteuid() == 0 and not path.is_symlink():
            os.chown(path, self.user, self.group)


def find_binaries(version: str | None = None) -> Path:
    """Folder of the newest PostgreSQL that has PostGIS, or of just `version`; else PostgisError."""
    homes = [
        (int(folder.name), folder / "bin", Path("/usr/share/postgresql") / folder.name)
        for folder in Path("/usr/lib/postgresql").glob("[0-9]*")
    ]
    if shutil.which("pg_config"):  # other distributions than Debian's
        command = ["pg_config", "--version", "--bindir", "--sharedir"]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        name, binaries, share = [*said.splitlines(), "", "", ""][:3]
        number = re.search(r"\d+", name)
        homes.append((int(number[0]) if number else 0, Path(binaries), Path(share)))
    for number_found, binaries_found, share_found in sorted(homes, reverse=True):
        complete = (binaries_found / "initdb").exists() and (
            share_found / "extension" / "postgis.control"
        ).exists()
        if complete and version in (None, str(number_found)):
            return binaries_found
    raise PostgisError(INSTALL_HINT + (f" (version {version})" if version else ""))


def _unprivileged_account() -> tuple[int, int]:
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    try:
        postgres = pwd.getpwnam("postgres")
    except KeyError as error:
        raise PostgisError(INSTALL_HINT) from error
    return postgres.pw_uid, postgres.pw_gid


def _try_exclusive(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _serves(process: int, data: Path) -> bool:
    """Whether the process lives and is a PostgreSQL process of this data folder."""
    try:
        return (
            Path(os.readlink(f"/proc/{process}/cwd")) == data
            and Path(f"/proc/{process}/comm").read_text().strip() == "postgres"
        )
    except OSError:
        return False


@contextmanager
def database_in_use(var: Path, environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Address of the database: DATABASE_URL if set, else the private cluster of `var`, running."""
    if given := environ.get("DATABASE_URL"):
        yield psycopg2_url(given)
        return
    with Cluster(var, listen=_listen(environ)).in_use() as url:
        yield url


def _listen(environ: Mapping[str, str]) -> tuple[str, int] | None:
    given = environ.get("WANGGE_SQL_LISTEN", "")
    if not given:
        return None
    address, _, port = given.rpartition(":")
    try:
        host = str(ip_address(address.strip("[]")))
    except ValueError:
        host = ""
    if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise PostgisError(f"WANGGE_SQL_LISTEN: address:port expected, not {given!r}")
    return host, int(port)
