"""The root certificates of Amazon RDS: one per region, correctly named, and all of them in the layer."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from common.paths import ROOT

FILES = sorted((ROOT / "layers" / "shared" / "rds").glob("*.pem"))


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def file(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def test_a_file_is_the_root_of_the_region_it_is_named_after(file: Path) -> None:
    [certificate] = x509.load_pem_x509_certificates(file.read_bytes())
    [name] = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    assert name.value == f"Amazon RDS {file.stem} Root CA RSA2048 G1"
    certificate.verify_directly_issued_by(certificate)
    assert certificate.not_valid_before_utc < datetime.now(UTC) < certificate.not_valid_after_utc
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    assert key.key_size == 2048


def test_a_root_may_sign_certificates_and_passes_the_strict_rules_of_python(file: Path) -> None:
    """Since Python 3.13 contexts check RFC 5280: https://docs.python.org/3/library/ssl.html#context-creation"""
    [certificate] = x509.load_pem_x509_certificates(file.read_bytes())
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca) == (True, True)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert (usage.critical, usage.value.key_cert_sign) == (True, True)
    assert certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)


def test_the_layer_has_all_of_them_and_nothing_else_beside_python(shared_layer: Path) -> None:
    packed = {path.name: path.read_bytes() for path in (shared_layer.parent / "rds").iterdir()}
    assert packed == {path.name: path.read_bytes() for path in FILES}
    assert {path.name for path in shared_layer.parent.iterdir()} == {"python", "rds"}


def test_the_region_of_every_environment_is_among_them() -> None:
    values = "".join(path.read_text() for path in (ROOT / "terraform" / "environments").glob("*.tfvars"))
    regions = set(re.findall(r'^region\s*=\s*"([^"]+)"', values, re.MULTILINE))
    assert regions
    assert regions <= {file.stem for file in FILES}
