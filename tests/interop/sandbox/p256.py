"""The part of `awscrt.crypto.EC` that botocore proves with that it holds the key
of an `aws login` session, made of `cryptography`: awscrt would be another 16 MB."""

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature


class EC:
    def __init__(self, key):
        self.key = key

    @staticmethod
    def new_key_from_der_data(der):
        return EC(serialization.load_der_private_key(der, password=None))

    @staticmethod
    def decode_der_signature_to_padded_pair(signature, pad_to):
        return b"".join(part.to_bytes(pad_to, "big") for part in decode_dss_signature(signature))

    def get_public_coords(self):
        numbers = self.key.public_key().public_numbers()
        return numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")

    def sign(self, digest):
        return self.key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))


def new_key():
    """A key as `aws login` keeps it: in PEM, of the old form."""
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.TraditionalOpenSSL
    none = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, none).decode()
