"""The limits of sessions, which the migrations set on the server because RDS Proxy accepts none from its clients."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pg8000.exceptions import DatabaseError

from apply_migrations.limits import LIMITS, LimitsRefused, limit_sessions
from integration.databases import APPLICATION, as_user, connected, new_database

OWNER, PASSWORD = "session_owner", "made-up"


def name_of(url: str) -> str:
    return urlsplit(url).path[1:]


def limits(url: str) -> dict[str, str]:
    """Return the limits of a new session."""
    with connected(url, statement_seconds=None) as connection:
        return {name: connection.run(f"SHOW {name}")[0][0] for name in LIMITS}


@pytest.fixture
def url(postgres: str, migrated: str) -> Iterator[str]:
    """Create an empty database with its owner and a role that may log in."""
    url = new_database(postgres)
    with connected(url) as admin:
        admin.run(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{PASSWORD}'")
    yield url
    with connected(url) as admin:
        admin.run(f"ALTER DATABASE {name_of(url)} OWNER TO CURRENT_USER")
        admin.run(f"DROP ROLE {OWNER}")


def test_the_migrations_limit_every_new_session_of_their_database(url: str) -> None:
    with connected(url) as connection:
        limit_sessions(connection)
    assert limits(url) == LIMITS


def test_changed_session_limits_are_reset(url: str) -> None:
    with connected(url) as connection:
        limit_sessions(connection)
        connection.run(f"ALTER DATABASE {name_of(url)} SET statement_timeout = 0")
        limit_sessions(connection)
    assert limits(url) == LIMITS


def test_an_owner_of_the_database_who_is_no_superuser_can_set_them(url: str) -> None:
    """The owner on RDS is no superuser; `ALTER ROLE vsl_app` fails there, because no role administers vsl_app."""
    with connected(url) as admin:
        admin.run(f"ALTER DATABASE {name_of(url)} OWNER TO {OWNER}")
    with connected(as_user(url, OWNER, PASSWORD)) as owner:
        with pytest.raises(DatabaseError):
            owner.run(f"ALTER ROLE {APPLICATION} SET statement_timeout = '5s'")
        limit_sessions(owner)
    assert limits(url) == LIMITS


def test_a_user_who_does_not_own_the_database_is_told_what_an_administrator_has_to_run(url: str) -> None:
    with connected(as_user(url, OWNER, PASSWORD)) as stranger, pytest.raises(LimitsRefused) as caught:
        limit_sessions(stranger)
    with connected(url) as admin:
        admin.run(str(caught.value).split("`")[1])
        admin.run(f"ALTER DATABASE {name_of(url)} SET idle_in_transaction_session_timeout = '10s'")
    with connected(as_user(url, OWNER, PASSWORD)) as stranger:
        limit_sessions(stranger)


def test_the_session_of_the_migrations_has_longer_than_the_functions(url: str) -> None:
    with connected(url) as connection:
        limit_sessions(connection)
    with connected(url, statement_seconds=240) as connection:
        assert connection.run("SHOW statement_timeout") == [["4min"]]
