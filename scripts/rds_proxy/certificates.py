"""Certificates of servers on this machine, signed by an authority of our own."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

DAY = datetime.timedelta(days=1)


class Authority:
    """A certificate authority of our own, and the server certificates it makes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test authority")])
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        own = self._certificate(self._name, self._key.public_key(), None)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.root = self._write("root.pem", own.add_extension(usage, critical=True))

    def server(self, host: str, *, ended: bool = False) -> Path:
        """Make a certificate for a host name or address; gives a file with its key and itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        builder = self._certificate(name, key.public_key(), host, ended=ended)
        file = self._write(f"{host}-{ended}.pem", builder)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(secret + file.read_bytes())
        return file

    def _certificate(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, host: str | None, *, ended: bool = False
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 2 * DAY)
            .not_valid_after(now - DAY if ended else now + DAY)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(authority, critical=False)
        return builder.add_extension(x509.SubjectAlternativeName([_alternative(host)]), False) if host else builder

    def _write(self, file_name: str, builder: x509.CertificateBuilder) -> Path:
        file = self._folder / file_name
        file.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        return file


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
