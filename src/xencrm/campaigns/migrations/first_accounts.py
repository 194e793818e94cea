"""People, keys, sessions, and what belongs to them."""

ACCOUNTS = (
    """
    CREATE TABLE api_keys (
        key_id text PRIMARY KEY,
        principal_id uuid NOT NULL UNIQUE DEFAULT uuidv7(),
        name text NOT NULL,
        role text NOT NULL CHECK (role IN ('viewer', 'marketer', 'admin', 'ingest')),
        agent boolean NOT NULL DEFAULT false,
        draft_only boolean NOT NULL DEFAULT false,
        daily_recipients bigint CHECK (daily_recipients > 0),
        secret_hash bytea NOT NULL,
        version bigint NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz
    )
    """,
    # issuer and subject are null while somebody is invited; tokens issued before tokens_since are not good
    """
    CREATE TABLE people (
        person_id uuid PRIMARY KEY DEFAULT uuidv7(),
        issuer text,
        subject text,
        email text NOT NULL,
        name text NOT NULL,
        role text NOT NULL CHECK (role IN ('viewer', 'marketer', 'admin')),
        version bigint NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        seen_at timestamptz,
        removed_at timestamptz,
        tokens_since timestamptz NOT NULL DEFAULT now(),
        UNIQUE (issuer, subject),
        CHECK ((issuer IS NULL) = (subject IS NULL))
    )
    """,
    "CREATE UNIQUE INDEX people_email ON people (email) WHERE removed_at IS NULL",
    "CREATE INDEX people_former_email ON people (email) WHERE removed_at IS NOT NULL",
    """
    CREATE TABLE sessions (
        session_id uuid PRIMARY KEY DEFAULT uuidv7(),
        person_id uuid NOT NULL REFERENCES people,
        user_agent text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        seen_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz
    )
    """,
    "CREATE INDEX sessions_person ON sessions (person_id)",
    "CREATE INDEX sessions_expiry ON sessions (expires_at)",
    # private_key is encrypted by a key derived from XENCRM_SECRET, and null once that was changed
    """
    CREATE TABLE signing_keys (
        key_id text PRIMARY KEY,
        public_key bytea NOT NULL,
        private_key bytea,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    # who did what; actor_id is empty for the product itself
    """
    CREATE TABLE audit (
        audit_id uuid PRIMARY KEY DEFAULT uuidv7(),
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        actor_id text NOT NULL,
        actor_name text NOT NULL,
        actor_kind text NOT NULL CHECK (actor_kind IN ('person', 'key', 'system')),
        action text NOT NULL,
        subject_kind text NOT NULL,
        subject_id text NOT NULL,
        detail jsonb NOT NULL
    )
    """,
    "CREATE INDEX audit_actor ON audit (actor_id, audit_id)",
    "CREATE INDEX audit_subject ON audit (subject_id, audit_id)",
    # what the assistant keeps of what it and a person or key have said
    """
    CREATE TABLE conversations (
        principal_id uuid PRIMARY KEY,
        version integer NOT NULL,
        content text NOT NULL,
        kept_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE sign_in_links (
        token_hash bytea PRIMARY KEY,
        expires_at timestamptz NOT NULL,
        used_at timestamptz
    )
    """,
)
