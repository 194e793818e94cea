"""The cookies that this product sets; where it is reached by https they are for https alone."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cookie:
    """A cookie for every path of this host that pages cannot read."""

    name: str
    secure: bool

    def holding(self, value: str, max_age_s: int) -> str:
        """The value of a header `Set-Cookie`."""
        secure = "; Secure" if self.secure else ""
        return f"{self.name}={value}; Max-Age={max_age_s}; Path=/; HttpOnly; SameSite=Lax{secure}"

    def gone(self) -> str:
        return self.holding("", 0)


def cookie(name: str, *, https: bool) -> Cookie:
    """`__Host-` makes browsers refuse it from anywhere but this host by https (RFC 6265bis)."""
    return Cookie(f"__Host-{name}" if https else name, https)


def session_cookie(*, https: bool) -> Cookie:
    return cookie("xencrm_session", https=https)
