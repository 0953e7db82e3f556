"""The passwords that TripleO makes for a plan, by name: their format, and whether they may simply be replaced."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """A format of a password; tripleo-common's own (tripleo_common.utils.passwords)."""

    WORD = "letters and digits"
    CEPH_KEY = "Ceph key"
    UUID = "UUID"
    KEY_32 = "32 bytes, URL-safe base64"
    FERNET_KEYS = "Fernet key repository"
    SSH_KEY_PAIR = "SSH key pair"
    RNDC_KEY = "HMAC-SHA256, base64"


DEFAULT_LENGTH = 25


@dataclass(frozen=True, slots=True)
class PasswordKind:
    """How a password looks: its format, its length where that is a choice, and why rotating skips it, if it does."""

    kind: Kind
    length: int = DEFAULT_LENGTH
    kept_because: str = ""


_DATA_IS_SEALED = "data is encrypted with it"
_OUTSIDE = "clients outside the stack hold it"
_WORDS = """
AdminPassword AdminToken AodhPassword BarbicanPassword CeilometerMeteringSecret CeilometerPassword
CephDashboardAdminPassword CephGrafanaAdminPassword CinderPassword CongressPassword DesignatePassword
Ec2ApiPassword EtcdInitialClusterToken GlancePassword GnocchiPassword HAProxyStatsPassword HeatPassword
HeatStackDomainAdminPassword IronicPassword KeystonePassword LibvirtTLSPassword ManilaPassword MistralPassword
MysqlClustercheckPassword MysqlMariabackupPassword NeutronMetadataProxySharedSecret NeutronPassword
NotifyPassword NovaPassword NovajoinPassword OctaviaCaKeyPassphrase OctaviaHeartbeatKey OctaviaPassword
OpenDaylightPassword PankoPassword PlacementPassword RabbitPassword RedisPassword RpcPassword SaharaPassword
SnmpdReadonlyUserPassword SwiftHashSuffix SwiftPassword TackerPassword ZaqarPassword
"""

KINDS = MappingProxyType(
    {
        **dict.fromkeys(_WORDS.split(), PasswordKind(Kind.WORD)),
        "HorizonSecret": PasswordKind(Kind.WORD, 10),
        "MysqlRootPassword": PasswordKind(Kind.WORD, 10),
        "PcsdPassword": PasswordKind(Kind.WORD, 16),
        "RabbitCookie": PasswordKind(Kind.WORD, 20),
        "HeatAuthEncryptionKey": PasswordKind(Kind.WORD, 32, _DATA_IS_SEALED),
        "OctaviaServerCertsKeyPassphrase": PasswordKind(Kind.WORD, 32),
        "PacemakerRemoteAuthkey": PasswordKind(Kind.WORD, 4096),
        **dict.fromkeys(
            ("CephClientKey", "CephManilaClientKey", "CephMdsKey", "CephMonKey", "CephRgwKey"),
            PasswordKind(Kind.CEPH_KEY, kept_because=_OUTSIDE),
        ),
        "CephClusterFSID": PasswordKind(Kind.UUID, kept_because="it names the cluster"),
        **dict.fromkeys(
            (
                "BarbicanSimpleCryptoKek",
                "KeystoneCredential0",
                "KeystoneCredential1",
                "KeystoneFernetKey0",
                "KeystoneFernetKey1",
            ),
            PasswordKind(Kind.KEY_32, kept_because=_DATA_IS_SEALED),
        ),
        "KeystoneFernetKeys": PasswordKind(Kind.FERNET_KEYS, kept_because="tokens need the older keys: fernet-rotate"),
        "MigrationSshKey": PasswordKind(Kind.SSH_KEY_PAIR),
        "DesignateRndcKey": PasswordKind(Kind.RNDC_KEY),
    }
)
"""Every name that tripleo-common 10 to 18 generates; a plan needs those that its templates declare."""

INHERITED = MappingProxyType(
    {"RpcPassword": "RabbitPassword", "NotifyPassword": "RabbitPassword", "PlacementPassword": "NovaPassword"}
)
"""Which password an older plan used in the place of one that it does not have yet (upgrades keep working)."""
