"""The private cluster: who may use it, what survives a kill, what is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import psycopg2
import pytest

from gisserver.auth.accounts import create_account
from gisserver.auth.sql_access import give_sql_access
from gisserver.postgis import DATABASE, Cluster, PostgisError, database_in_use, find_binaries
from gisserver.settings import ROOT
from layers.core.database import connect_engine
from layers.core.rights import Role
from layers.core.scope import Grant
from layers.migrations import upgrade
from tests.harness import free_port

GRANT = Grant(Role.ANALYST, "990101")

HOLD = """
import sys, time
from pathlib import Path
from gisserver.postgis import Cluster
with Cluster(Path(sys.argv[1]), throwaway=True).in_use():
    print("running", flush=True)
    time.sleep(600)
"""


class Make(Protocol):
    """Makes a cluster of a test's own."""

    def __call__(self, *, throwaway: bool = True) -> Cluster: ...


@pytest.fixture
def make_cluster() -> Iterator[Make]:
    """Makes clusters in folders that any user may pass, and destroys them in the end."""
    made: list[Cluster] = []
    with tempfile.TemporaryDirectory(prefix="wangge-test-") as folder:
        os.chmod(folder, 0o755)

        def make(*, throwaway: bool = True) -> Cluster:
            made.append(Cluster(Path(folder) / f"var{len(made)}", throwaway=throwaway))
            return made[-1]

        yield make
        for cluster in made:
            cluster.destroy()


def ask(cluster: Cluster, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(
        host=str(cluster.socket), port=5432, user="wangge", dbname=DATABASE
    )
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def server_process(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])


@pytest.fixture
def holder(make_cluster: Make) -> Iterator[tuple[Cluster, subprocess.Popen[str]]]:
    """A cluster that another process uses."""
    cluster = make_cluster()
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(cluster.var)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    with process.stdout as output:
        assert output.readline() == "running\n"
        yield cluster, process
    process.kill()
    process.wait()


def test_it_runs_while_in_use_and_no_longer(make_cluster: Make) -> None:
    cluster = make_cluster()
    assert not cluster.running()
    with cluster.in_use() as url:
        assert url == cluster.url()
        assert ask(cluster, "SELECT current_user::text") == [("wangge",)]
        ask(cluster, "CREATE EXTENSION postgis")
    assert not cluster.running()


def test_it_never_runs_as_root_nor_on_the_network(make_cluster: Make) -> None:
    cluster = make_cluster()
    with cluster.in_use():
        assert os.stat(f"/proc/{server_process(cluster)}").st_uid != 0
        assert ask(cluster, "SHOW listen_addresses") == [("",)]
        assert cluster.socket.stat().st_mode & 0o077 == 0


def test_an_acknowledged_write_survives_the_killed_server(make_cluster: Make) -> None:
    cluster = make_cluster(throwaway=False)
    with cluster.in_use():
        ask(cluster, "CREATE TABLE kept (n int)")
        ask(cluster, "INSERT INTO kept VALUES (1)")
        killed = server_process(cluster)
        os.kill(killed, signal.SIGKILL)
        while cluster.running():
            time.sleep(0.05)
    with cluster.in_use():
        assert server_process(cluster) != killed
        assert ask(cluster, "SELECT n FROM kept") == [(1,)]


def test_a_killed_launcher_leaves_a_server_that_is_taken_over(
    holder: tuple[Cluster, subprocess.Popen[str]],
) -> None:
    cluster, process = holder
    before = server_process(cluster)
    process.kill()
    process.wait()
    assert cluster.running()
    with cluster.in_use():
        assert server_process(cluster) == before
    assert not cluster.running()


def test_the_last_user_stops_it(holder: tuple[Cluster, subprocess.Popen[str]]) -> None:
    cluster, _process = holder
    with cluster.in_use():
        assert ask(cluster, "SELECT 1") == [(1,)]
    assert cluster.running()


def test_two_instances_run_side_by_side(make_cluster: Make) -> None:
    first, second = make_cluster(), make_cluster()
    with first.in_use(), second.in_use():
        ask(first, "CREATE TABLE mine (n int)")
        assert ask(second, "SELECT to_regclass('mine')::text") == [(None,)]


def test_a_process_number_taken_over_by_another_program_does_not_stop_it(
    make_cluster: Make,
) -> None:
    cluster = make_cluster()
    with cluster.in_use():
        pid_file = (cluster.data / "postmaster.pid").read_text().split("\n")
    pid_file[0] = str(os.getpid())
    (cluster.data / "postmaster.pid").write_text("\n".join(pid_file))
    assert not cluster.running()
    with cluster.in_use():
        assert ask(cluster, "SELECT 1") == [(1,)]


def test_a_killed_initdb_leaves_no_half_cluster(make_cluster: Make) -> None:
    cluster = make_cluster()
    (cluster.home / "data.new" / "base").mkdir(parents=True)
    with cluster.in_use():
        assert ask(cluster, "SELECT 1") == [(1,)]


def test_a_socket_folder_of_somebody_else_is_refused(make_cluster: Make, tmp_path: Path) -> None:
    cluster = make_cluster()
    cluster.socket.symlink_to(tmp_path)
    try:
        with pytest.raises(PostgisError, match="belongs to someone else"):
            cluster.start()
    finally:
        cluster.socket.unlink()


def test_a_folder_closed_to_the_unprivileged_user_is_evaded(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    cluster = Cluster(tmp_path / "var", throwaway=True)
    try:
        with cluster.in_use():
            assert ask(cluster, "SELECT 1") == [(1,)]
        assert (cluster.home == cluster.var / "postgres") == (os.geteuid() != 0)
        assert Cluster(tmp_path / "var").home == cluster.home
    finally:
        cluster.destroy()


def test_what_is_not_thrown_away_is_written_durably(tmp_path: Path) -> None:
    settings = Cluster(tmp_path).settings
    assert {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}.items() <= (
        settings.items()
    )


def test_a_version_that_is_not_installed_is_named() -> None:
    with pytest.raises(PostgisError, match=r"version 9"):
        find_binaries("9")


def test_a_given_server_is_used_instead(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgres://reader@db.example/city"}
    with database_in_use(tmp_path, given) as url:
        assert url == "postgresql+psycopg2://reader@db.example/city"
    assert list(tmp_path.iterdir()) == []


def test_analysts_alone_come_in_by_the_network(tmp_path: Path) -> None:
    """The door an operator opens: with a password, to one database, for nobody else."""
    with tempfile.TemporaryDirectory(prefix="wangge-test-") as folder:
        os.chmod(folder, 0o755)
        port = free_port()
        cluster = Cluster(Path(folder) / "var", throwaway=True, listen=("127.0.0.1", port))
        try:
            with cluster.in_use() as url:
                # Another command of the operator's, without the setting, meets the same server.
                assert Cluster(cluster.var).url() == url
                upgrade(url)
                engine = connect_engine(url)
                create_account(engine, "door", "", "correct horse battery", [GRANT])
                role, password, _ = give_sql_access(engine, "door", 3)
                engine.dispose()

                def enter(user: str, word: str, database: str = DATABASE) -> None:
                    psycopg2.connect(
                        host="127.0.0.1", port=port, user=user, password=word, dbname=database
                    ).close()

                enter(role, password)
                with pytest.raises(psycopg2.OperationalError, match="password authentication"):
                    enter(role, "wrong")
                for user in ("wangge", "wangge_app", "wangge_views", "postgres"):
                    with pytest.raises(psycopg2.OperationalError, match=r"pg_hba\.conf"):
                        enter(user, password)
                with pytest.raises(psycopg2.OperationalError, match=r"pg_hba\.conf"):
                    enter(role, password, "postgres")
        finally:
            cluster.destroy()


@pytest.mark.parametrize("given", ["5433", "localhost", "127.0.0.1:0", "127.0.0.1:x", "a b:5433"])
def test_a_door_that_cannot_be_is_refused(tmp_path: Path, given: str) -> None:
    with (
        pytest.raises(PostgisError, match="WANGGE_SQL_LISTEN"),
        database_in_use(tmp_path, {"WANGGE_SQL_LISTEN": given}),
    ):
        pass
