"""The Business DB."""

from alembic import op

from xencrm.campaigns.migrations.first_accounts import ACCOUNTS
from xencrm.campaigns.migrations.first_profiles import CONSENT, PROFILES
from xencrm.campaigns.migrations.first_results import REPORTING, TRACKING
from xencrm.kernel.messaging.schema import DDL as MESSAGING

revision = "0001"
down_revision = None

PLANNING = (
    """
    CREATE TABLE segments (
        segment_id uuid PRIMARY KEY DEFAULT uuidv7(),
        name text NOT NULL UNIQUE,
        description text NOT NULL DEFAULT '',
        rules jsonb NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE campaigns (
        campaign_id uuid PRIMARY KEY DEFAULT uuidv7(),
        campaign_month date NOT NULL DEFAULT date_trunc('month', now() AT TIME ZONE 'UTC'),
        name text NOT NULL,
        segment_id uuid NOT NULL REFERENCES segments,
        campaign_type text NOT NULL
            CHECK (campaign_type IN ('PROMOTIONAL', 'TRANSACTIONAL', 'NEWSLETTER', 'REMINDER')),
        vendor text NOT NULL,
        holdout_percent smallint NOT NULL DEFAULT 0 CHECK (holdout_percent BETWEEN 0 AND 50),
        track boolean NOT NULL DEFAULT false,
        status text NOT NULL DEFAULT 'DRAFT' CHECK (status IN
            ('DRAFT', 'SCHEDULED', 'PREPARING', 'RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED')),
        prepared boolean NOT NULL DEFAULT false,
        template_version integer NOT NULL DEFAULT 1,
        frozen_rules jsonb,
        prepare_now timestamptz,
        prepare_position uuid,
        prepare_until uuid,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        scheduled_at timestamptz,
        held_reason text,
        approved text,
        approved_audience bigint,
        limited_by uuid,
        paused_by uuid,
        launched_at timestamptz,
        prepared_at timestamptz,
        finished_at timestamptz,
        archived_at timestamptz
    )
    """,
    "CREATE INDEX campaigns_scheduled ON campaigns (scheduled_at) WHERE status = 'SCHEDULED'",
    "CREATE INDEX campaigns_active ON campaigns (status) WHERE status IN ('PREPARING', 'RUNNING', 'PAUSED')",
    "CREATE INDEX campaigns_segment ON campaigns (segment_id)",
    """
    CREATE TABLE campaign_templates (
        campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
        version integer NOT NULL,
        message_template text NOT NULL,
        subject text,
        html_template text,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (campaign_id, version)
    )
    """,
    # what launches by keys with a cap may write to, by the day in the installation's time zone
    """
    CREATE TABLE recipient_reservations (
        principal_id uuid NOT NULL,
        day date NOT NULL,
        campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
        recipients bigint NOT NULL,
        PRIMARY KEY (principal_id, day, campaign_id)
    )
    """,
    """
    CREATE TABLE test_allowances (
        principal_id text PRIMARY KEY,
        since timestamptz NOT NULL,
        used integer NOT NULL
    )
    """,
)

# One row a message. state: PENDING -> SENDING -> SENT -> DELIVERED | FAILED; SKIPPED, CANCELLED, UNCONFIRMED.
# attempt is the one that is open; it rises only on a definite refusal. doubt_since: the first unanswered
# call of the present attempt. HOLDOUT rows are in no other count. started, while SENDING: false when claimed,
# true from right before the call; null where the vendor is idempotent and nobody needs to know.
DELIVERY = (
    """
    CREATE TABLE communication_log (
        campaign_month date NOT NULL,
        message_id uuid NOT NULL DEFAULT uuidv7(),
        campaign_id uuid NOT NULL,
        customer_id uuid NOT NULL,
        state text NOT NULL,
        attempt smallint NOT NULL DEFAULT 1,
        reason text,
        lease uuid,
        lease_until timestamptz,
        started boolean,
        not_before timestamptz NOT NULL DEFAULT '-infinity',
        doubt_since timestamptz,
        template_version integer,
        address text,
        subject text,
        body text,
        vendor_ref text,
        created_at timestamptz NOT NULL DEFAULT now(),
        sent_at timestamptz,
        settled_at timestamptz,
        PRIMARY KEY (message_id, campaign_month),
        UNIQUE (campaign_id, customer_id, campaign_month)
    ) PARTITION BY RANGE (campaign_month)
    """,
    "CREATE TABLE communication_log_default PARTITION OF communication_log DEFAULT WITH (fillfactor = 70)",
    """
    CREATE INDEX communication_log_pending ON communication_log (campaign_id, not_before, message_id)
    WHERE state = 'PENDING'
    """,
    """
    CREATE INDEX communication_log_sending ON communication_log (lease_until)
    WHERE state = 'SENDING'
    """,
    """
    CREATE INDEX communication_log_open ON communication_log (campaign_id)
    WHERE state IN ('SENDING', 'SENT')
    """,
    """
    CREATE INDEX communication_log_settled ON communication_log USING brin (settled_at)
    WITH (autosummarize = on)
    """,
    """
    CREATE INDEX communication_log_doubt ON communication_log (doubt_since)
    WHERE state = 'PENDING' AND doubt_since IS NOT NULL
    """,
    "CREATE INDEX communication_log_sent ON communication_log (sent_at) WHERE state = 'SENT'",
    "CREATE INDEX communication_log_customer ON communication_log (customer_id)",
    """
    CREATE TABLE delivery_receipts (
        campaign_month date NOT NULL,
        receipt_id uuid NOT NULL,
        message_id uuid NOT NULL,
        attempt integer NOT NULL,
        outcome text NOT NULL,
        reason text,
        vendor text NOT NULL,
        vendor_ref text,
        matched boolean NOT NULL,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (receipt_id, campaign_month)
    ) PARTITION BY RANGE (campaign_month)
    """,
    "CREATE TABLE delivery_receipts_default PARTITION OF delivery_receipts DEFAULT",
    "CREATE INDEX delivery_receipts_message ON delivery_receipts (message_id)",
    # how far the texts of an old month are cleared from the ledger, by message id
    """
    CREATE TABLE cleared_months (
        campaign_month date PRIMARY KEY,
        position uuid,
        cleared_at timestamptz
    )
    """,
    """
    CREATE TABLE campaign_stats (
        campaign_id uuid PRIMARY KEY REFERENCES campaigns ON DELETE CASCADE,
        audience bigint NOT NULL DEFAULT 0,
        holdout bigint NOT NULL DEFAULT 0,
        pending bigint NOT NULL DEFAULT 0,
        sending bigint NOT NULL DEFAULT 0,
        sent bigint NOT NULL DEFAULT 0,
        delivered bigint NOT NULL DEFAULT 0,
        failed bigint NOT NULL DEFAULT 0,
        skipped bigint NOT NULL DEFAULT 0,
        cancelled bigint NOT NULL DEFAULT 0,
        unconfirmed bigint NOT NULL DEFAULT 0
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE campaign_failures (
        campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
        reason text NOT NULL,
        count bigint NOT NULL,
        PRIMARY KEY (campaign_id, reason)
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE vendor_limits (
        vendor text PRIMARY KEY,
        tokens double precision NOT NULL DEFAULT 0,
        filled_at timestamptz NOT NULL DEFAULT now(),
        failures integer NOT NULL DEFAULT 0,
        closed_until timestamptz
    )
    """,
)


def upgrade() -> None:
    for part in (MESSAGING, ACCOUNTS, PROFILES, CONSENT, PLANNING, DELIVERY, TRACKING, REPORTING):
        for statement in part:
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("the first version has nothing before it")
