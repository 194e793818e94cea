"""What is kept in a cookie while somebody is at the provider: encrypted, and not for long."""

import base64

import msgspec
from cryptography.fernet import Fernet, InvalidToken

from xencrm.campaigns.accounts.sign_in.model import Failure, Flow, SignInFailed
from xencrm.kernel.http.cookies import cookie
from xencrm.kernel.secrets import derived_secret
from xencrm.kernel.settings import Settings

LIFE_S = 600
PURPOSE = "sign-in-flow"
_decoder = msgspec.json.Decoder(Flow)


class Flows:
    """Cookies of ways that were begun; only this installation can make or read one."""

    def __init__(self, settings: Settings) -> None:
        key = bytes.fromhex(derived_secret(settings.require("secret"), PURPOSE))
        self._fernet = Fernet(base64.urlsafe_b64encode(key))
        self._cookie = cookie("xencrm_sign_in", https=settings.https)

    @property
    def cookie(self) -> str:
        return self._cookie.name

    def begun(self, flow: Flow) -> str:
        value = self._fernet.encrypt(msgspec.json.encode(flow)).decode()
        return self._cookie.holding(value, LIFE_S)

    def gone(self) -> str:
        return self._cookie.gone()

    def read(self, value: str | None) -> Flow:
        """Raises SignInFailed for none, a forged one, and one that is too old."""
        try:
            return _decoder.decode(self._fernet.decrypt(value or "", ttl=LIFE_S))
        except (InvalidToken, ValueError, msgspec.MsgspecError) as error:
            raise SignInFailed(Failure.EXPIRED, "no flow, or an old or forged one") from error
