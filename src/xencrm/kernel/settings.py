"""Configuration: environment variables `XENCRM_*`, read once in a `__main__` and passed on as a value."""

from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AliasChoices, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK_OF_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Settings(BaseSettings):
    """Every setting with its default. URLs left out mean the embedded parts that `xencrm up` runs."""

    model_config = SettingsConfigDict(
        env_prefix="XENCRM_", frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True
    )

    name: str = Field("XenCRM", min_length=1, max_length=60, description="what people call this installation")
    home: Path = Field(Path(".xencrm"), description="data directory")
    host: str = Field("127.0.0.1", description="address of the one port in front")
    port: int = Field(8000, description="the one port in front")
    public_url: str | None = Field(None, description="what links in messages start with")
    master_db_url: str | None = Field(
        None, description="PostgreSQL of Ingestion: postgresql://user:pass@host/db"
    )
    business_db_url: str | None = Field(None, description="PostgreSQL of Campaigns")
    broker_url: str | None = Field(None, description="amqp://... (RabbitMQ) or postgresql://... (embedded)")
    simulator_url: str | None = Field(None, description="base URL of the vendor simulator")
    oidc_issuer: str = Field(
        "https://accounts.google.com", description="who people sign in with: an OpenID Connect issuer"
    )
    google_client_id: str | None = Field(
        None,
        validation_alias=AliasChoices("XENCRM_GOOGLE_CLIENT_ID", "XENCRM_OIDC_CLIENT_ID"),
        description="this installation at the issuer; also `XENCRM_OIDC_CLIENT_ID`",
    )
    google_client_secret: str | None = Field(
        None,
        repr=False,
        validation_alias=AliasChoices("XENCRM_GOOGLE_CLIENT_SECRET", "XENCRM_OIDC_CLIENT_SECRET"),
        description="its secret there; also `XENCRM_OIDC_CLIENT_SECRET`",
    )
    admins: str | None = Field(None, description="addresses of people who are admins, by commas")
    sign_in_allow: str | None = Field(
        None, description="addresses and domains of people who may sign in uninvited, by commas"
    )
    sign_in_role: Literal["viewer", "marketer", "admin"] = Field(
        "viewer", description="the role of people who come uninvited"
    )
    secret: str | None = Field(None, description="signs event ids and local keys; shared by all processes")
    currency: str = Field("INR", min_length=3, max_length=3, description="ISO 4217 code")
    time_zone: str = Field("UTC", description="IANA zone of days in series and schedules")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least level logged")
    log_format: Literal["json", "console"] = Field(
        "json", description="one JSON object a line, or for people"
    )
    database_pool: int = Field(8, ge=2, le=100, description="connections a process keeps to its database")
    partitions: int = Field(1, ge=1, le=64, description="queues of each kind; the same for all processes")
    consumer_partitions: str | None = Field(
        None, pattern=r"^\d+(,\d+)*$", description="partitions that this process consumes, such as 0,2"
    )
    consumer_max_events: int = Field(2000, ge=1, description="most events of one transaction of a consumer")
    rate_limit: float = Field(
        0.0, ge=0, description="requests a second that a key or a person may make; 0: any number"
    )
    customer_grace_s: float = Field(1.0, ge=0, description="how long a single order waits for its customer")
    send_lease_s: float = Field(30.0, gt=0, description="how long a sender may hold claimed messages")
    send_concurrency: int = Field(3, ge=1, description="calls to a vendor under way at once in a sender")
    send_batch: int = Field(500, ge=1, le=1000, description="messages of one call to a vendor")
    doubt_budget_s: float = Field(900.0, ge=0, description="how long an unanswered attempt is asked again")
    max_attempts: int = Field(3, ge=1, le=10, description="attempts at a message that is refused")
    retry_base_s: float = Field(2.0, gt=0, description="first pause after a refusal; doubles, with jitter")
    vendor_rates: str | None = Field(
        None,
        pattern=r"^[a-z_]+=\d+(\.\d+)?(,[a-z_]+=\d+(\.\d+)?)*$",
        description="most messages a second of all senders, by vendor, such as smtp=50,webhook=200",
    )
    receipt_wait_s: float = Field(72 * 3600.0, gt=0, description="how long SENT waits for a receipt")
    smtp_host: str | None = Field(None, description="mail server of the vendor smtp")
    smtp_port: int = Field(587, ge=1, le=65535, description="its port")
    smtp_tls: Literal["none", "starttls", "tls"] = Field(
        "starttls", description="how the connection is encrypted: none, starttls or tls"
    )
    smtp_user: str | None = Field(None, description="who signs in at the mail server")
    smtp_password: str | None = Field(None, repr=False, description="the password of that user")
    smtp_from: str | None = Field(None, description="who messages are from: Shop <news@shop.example>")
    smtp_reply_to: str | None = Field(None, description="where answers to messages go, if not to the sender")
    smtp_connections: int = Field(10, ge=1, le=100, description="connections of a sender to the mail server")
    smtp_retry_s: float = Field(300.0, ge=0, description="least pause after a mail server's 4xx")
    webhook_url: str | None = Field(None, repr=False, description="where the vendor webhook posts messages")
    webhook_secret: str | None = Field(
        None, repr=False, min_length=16, description="signs what is posted there, and its receipts"
    )
    webhook_receipts: bool = Field(False, description="SENT waits for a receipt of the webhook's receiver")
    webhook_allow_private: bool = Field(
        False, description="the webhook's address may be http:// and private, for development"
    )
    webhook_connections: int = Field(20, ge=1, le=1000, description="connections of a sender to the webhook")
    streams: int = Field(200, ge=0, description="streams of progress that an API process keeps open")
    launch_needs_plan: bool = Field(False, description="a launch needs the plan token of a pre-flight")
    inbox_days: int = Field(7, ge=1, le=3650, description="days that applied and refused events are known")
    outbox_days: int = Field(7, ge=1, le=3650, description="days that settled outbox rows are kept")
    message_months: int = Field(
        13, ge=1, le=1200, description="months that texts of messages and receipts are kept"
    )
    assistant_model: str | None = Field(
        None,
        pattern=r"^(openai|anthropic|google|compatible|python):.+$",
        description="the assistant's model: openai:, anthropic:, google: or compatible: and its name",
    )
    assistant_url: str | None = Field(
        None, description="where that model is asked, if not at its maker: a server compatible with OpenAI's"
    )
    assistant_api_key: str | None = Field(None, repr=False, description="the key there")
    assistant_hourly: int = Field(120, ge=1, description="what a person may ask of the assistant in an hour")
    broker_max_bytes: int = Field(2_000_000_000, ge=1_000_000, description="size cap of the embedded broker")

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("not an IANA time zone such as Asia/Kolkata")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _is_an_issuer(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            raise ValueError("not an address that begins with https://")
        return value

    @model_validator(mode="after")
    def _has_its_partitions(self) -> Self:
        if any(number >= self.partitions for number in self.own_partitions()):
            raise ValueError(f"XENCRM_CONSUMER_PARTITIONS are numbers from 0 to {self.partitions - 1}")
        return self

    @model_validator(mode="after")
    def _passes_something(self) -> Self:
        if 0 in self.rates_of_vendors().values():
            raise ValueError("XENCRM_VENDOR_RATES are above 0; pause a campaign to stop it")
        return self

    @model_validator(mode="after")
    def _has_an_assistant(self) -> Self:
        maker = (self.assistant_model or "").partition(":")[0]
        if maker == "compatible" and not self.assistant_url:
            raise ValueError("XENCRM_ASSISTANT_MODEL needs XENCRM_ASSISTANT_URL")
        if maker in ("openai", "anthropic", "google") and not self.assistant_api_key:
            raise ValueError("XENCRM_ASSISTANT_MODEL needs XENCRM_ASSISTANT_API_KEY")
        return self

    @property
    def signs_in_by_provider(self) -> bool:
        return bool(self.google_client_id)

    @property
    def signs_in_by_link(self) -> bool:
        """Only where nobody else can be meant: the front listens on this machine alone."""
        return not self.signs_in_by_provider and is_loopback(self.host)

    @property
    def https(self) -> bool:
        """Whether people reach it by https."""
        return (self.public_url or "").startswith("https://")

    @property
    def local_url(self) -> str:
        """The one port in front, as this machine reaches it."""
        host = LOOPBACK_OF_ANY.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def rates_of_vendors(self) -> dict[str, float]:
        """Messages a second, by vendor; others have no limit."""
        pairs = (pair.split("=") for pair in (self.vendor_rates or "").split(",") if pair)
        return {name: float(rate) for name, rate in pairs}

    def own_partitions(self) -> tuple[int, ...]:
        """The numbers of the partitions that this process consumes; none means all."""
        return tuple(int(number) for number in (self.consumer_partitions or "").split(",") if number)

    def require(self, name: str) -> str:
        """A setting that this process cannot do without. Raises SystemExit with one clear line."""
        value = getattr(self, name)
        if value is None:
            raise SystemExit(f"XENCRM_{name.upper()} is not set")
        return str(value)
