"""The roles that the migrations create, on fresh servers: RDS, and others."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from pg8000.exceptions import DatabaseError

from apply_migrations.login import prepare_proxy_login
from integration.databases import as_user, connected, migrate, new_database, set_rules
from local_cloud.postgres import postgres_server
from mediagen.aws.secrets import Login
from mediagen.records.database import connect

OWNER, PASSWORD = "vsl_owner", "made-up"
DATABASES = 4
FORBIDDEN, REJECTED = "42501", "28000"
MEMBERS = """
SELECT CAST(CAST(member AS regrole) AS text), CAST(CAST(roleid AS regrole) AS text) FROM pg_auth_members
WHERE CAST(CAST(roleid AS regrole) AS text) LIKE 'vsl_%' OR roleid = to_regrole('rds_iam')
"""
LOGINS = ("vsl_app", "vsl_media", "vsl_access", "vsl_jobs")
RIGHTS = {("vsl_app", "vsl_rights"), *((login, f"{login}_rights") for login in LOGINS[1:])}
BY_IAM = {(login, "rds_iam") for login in LOGINS}


@dataclass(frozen=True)
class Server:
    """A server, its administrator's connection, and databases whose owner is no superuser."""

    url: str
    admin: Any

    def databases(self, number: int = 1) -> list[str]:
        """Create databases and return the owner's URLs."""
        urls = [as_user(new_database(self.url), OWNER, PASSWORD) for _ in range(number)]
        for url in urls:
            self.admin.run(f"ALTER DATABASE {url.rpartition('/')[2].partition('?')[0]} OWNER TO {OWNER}")
        return urls

    def members(self) -> set[tuple[str, str]]:
        """List all role memberships, except those that the owner may administer."""
        return {(member, role) for member, role in self.admin.run(MEMBERS) if member != OWNER}


@dataclass(frozen=True)
class FullSecret:
    """A secret that already holds a login."""

    login: Login

    def read(self) -> Login:
        return self.login

    def fill(self, login: Login) -> None:
        raise AssertionError("it is not empty")


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start a server with an owner role that has these attributes and can log in."""
    with postgres_server(tmp_path_factory.mktemp("roles")) as url, connected(url) as admin:

        def prepare(attributes: str, *, rds: bool = False) -> Server:
            admin.run(f"CREATE ROLE {OWNER} LOGIN {attributes} PASSWORD '{PASSWORD}'")
            if rds:  # on RDS the owner may grant it without this membership
                admin.run(f"CREATE ROLE rds_iam; GRANT rds_iam TO {OWNER} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
            return Server(url, admin)

        yield prepare


def test_on_rds_only_the_application_has_to_log_in_with_iam(server: Callable[..., Server]) -> None:
    """RDS refuses a password to every direct or indirect member of rds_iam, so no other role is a member of vsl_app."""
    rds = server("CREATEROLE", rds=True)
    migrate(rds.databases()[0])
    assert rds.members() == RIGHTS | BY_IAM
    through = "SELECT CAST(CAST(member AS regrole) AS text) FROM pg_auth_members"
    for login in LOGINS:
        assert rds.admin.run(f"{through} WHERE roleid = CAST('{login}' AS regrole)") == []


def test_on_rds_the_proxy_still_logs_in_with_its_password(server: Callable[..., Server]) -> None:
    """RDS decides by membership in rds_iam, direct or not, how a role has to log in; here IAM accepts no login."""
    rds = server("CREATEROLE", rds=True)
    [url] = rds.databases()
    migrate(url)
    login = Login("vsl_jobs_proxy", "the password of the proxy")
    with connected(url) as owner:
        prepare_proxy_login(login.user, FullSecret(login), owner)
    assert ("vsl_jobs_proxy", "vsl_jobs_rights") in rds.members()
    rds.admin.run("ALTER ROLE vsl_app PASSWORD 'given'")
    set_rules(rds.url, rds.admin, "host all +rds_iam 127.0.0.1/32 reject", "host all all 127.0.0.1/32 scram-sha-256")
    with closing(connect(as_user(url, login.user, login.password))) as proxy:
        assert proxy.run("SELECT count(*) FROM jobs") == [[0]]
    with pytest.raises(DatabaseError) as caught:
        connect(as_user(url, "vsl_app", "given"))
    assert caught.value.args[0]["C"] == REJECTED


def test_elsewhere_the_owner_gives_the_application_a_password(server: Callable[..., Server]) -> None:
    own = server("CREATEROLE")
    [url] = own.databases()
    migrate(url)
    assert own.members() == RIGHTS
    with pytest.raises(DatabaseError):
        connect(as_user(url, "vsl_app", "guessed"))  # vsl_app has no password
    with connected(url) as owner:
        owner.run("ALTER ROLE vsl_app PASSWORD 'given'")
    with closing(connect(as_user(url, "vsl_app", "given"))) as application:
        assert application.run("SELECT count(*) FROM jobs") == [[0]]


@pytest.mark.parametrize("rds", [True, False], ids=["RDS", "elsewhere"])
def test_the_databases_of_a_server_share_the_roles_even_when_migrated_at_one_time(
    server: Callable[..., Server], rds: bool
) -> None:
    shared = server("CREATEROLE", rds=rds)
    urls = shared.databases(DATABASES)
    barrier = threading.Barrier(DATABASES)

    def run(url: str) -> dict[str, Any]:
        barrier.wait()
        return migrate(url)

    with ThreadPoolExecutor(DATABASES) as pool:
        done = list(pool.map(run, urls))
    assert [len(one["applied"]) for one in done] == [len(done[0]["applied"])] * DATABASES
    assert shared.members() == RIGHTS | (BY_IAM if rds else set())
    shared.admin.run("ALTER ROLE vsl_app PASSWORD 'given'")
    if rds:
        assert shared.admin.run("SELECT to_regrole('vsl_creator')") == [[None]]
    for url in urls:
        with closing(connect(as_user(url, "vsl_app", "given"))) as application:
            assert application.run("SELECT count(*) FROM jobs") == [[0]]


def test_an_owner_who_may_not_make_roles_is_told_so_and_can_have_them_made(server: Callable[..., Server]) -> None:
    strict = server("NOCREATEROLE")
    [url] = strict.databases()
    with pytest.raises(DatabaseError) as caught:
        migrate(url)
    assert caught.value.args[0]["C"] == FORBIDDEN
    strict.admin.run("CREATE ROLE vsl_rights; CREATE ROLE vsl_app LOGIN IN ROLE vsl_rights")
    assert migrate(url)["applied"][0] == "0004_application_role.sql"
