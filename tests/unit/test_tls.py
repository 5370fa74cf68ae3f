"""The shared TLS context verifies as Python's default does."""

import ssl

import pytest

from mediagen.tls import tls_context


@pytest.mark.parametrize(
    "setting", ["verify_mode", "check_hostname", "verify_flags", "options", "minimum_version", "maximum_version"]
)
def test_it_has_the_settings_of_the_default_context(setting: str) -> None:
    assert getattr(tls_context(), setting) == getattr(ssl.create_default_context(), setting)


def test_it_trusts_the_systems_roots() -> None:
    assert tls_context().get_ca_certs() == ssl.create_default_context().get_ca_certs()


def test_there_is_one_for_all_clients() -> None:
    assert tls_context() is tls_context()


def test_it_offers_no_protocol_that_a_store_would_refuse() -> None:
    """urllib3 sets http/1.1 on a context that it is given: https://www.postgresql.org/docs/17/protocol-flow.html"""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = tls_context()
    context.set_alpn_protocols(["http/1.1"])
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname="database.test").do_handshake()
    assert b"http/1.1" not in outgoing.read()
