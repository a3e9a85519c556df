-- One text for SQLite and Postgres. Times are milliseconds since 1970. Keys (username_key, email_key) are folded, so that
-- uniqueness does not depend on letter case.
CREATE TABLE accounts (
    id UUID NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    -- An Argon2id hash in PHC form.
    password TEXT NOT NULL,
    is_admin BOOLEAN NOT NULL,
    is_suspended BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    verified_at BIGINT,
    -- When the account will be purged, while its owner wants that.
    deletion_at BIGINT
);
CREATE INDEX accounts_directory ON accounts (created_at, id);
CREATE INDEX accounts_deletion ON accounts (deletion_at);

-- Visibility of each field: public, followers or nobody.
CREATE TABLE profiles (
    account_id UUID NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    bio TEXT,
    about TEXT,
    address TEXT,
    country TEXT,
    -- A JSON list of {title, url}.
    links TEXT NOT NULL,
    -- A JSON object of field: visibility, for fields that are not public.
    visibility TEXT NOT NULL,
    findable_by_email BOOLEAN NOT NULL
);

-- An image that somebody shows: its two files are found by their keys, which nobody can guess.
CREATE TABLE images (
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- picture or cover.
    kind TEXT NOT NULL,
    blob_key TEXT NOT NULL UNIQUE,
    small_blob_key TEXT NOT NULL UNIQUE,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind)
);

CREATE TABLE sessions (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- SHA-256 of the cookie's token.
    token_hash BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    user_agent TEXT NOT NULL,
    address TEXT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id, created_at);
CREATE INDEX sessions_seen ON sessions (seen_at);

CREATE TABLE logins (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    user_agent TEXT NOT NULL,
    address TEXT NOT NULL,
    succeeded BOOLEAN NOT NULL
);
CREATE INDEX logins_account ON logins (account_id, id);
CREATE INDEX logins_at ON logins (at);

CREATE TABLE activities (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT
);
CREATE INDEX activities_account ON activities (account_id, id);

-- A mail to be sent. The text, and the token in it, are made when it is sent, so that no token is stored in the clear.
CREATE TABLE mails (
    id UUID NOT NULL PRIMARY KEY,
    -- None: nothing is sent; the row is there so that an unknown address costs what a known one costs.
    account_id UUID REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    tries BIGINT NOT NULL
);
CREATE INDEX mails_due ON mails (due_at);
CREATE INDEX mails_account ON mails (account_id);

-- What links in mails carry, by its SHA-256.
CREATE TABLE mail_tokens (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- verify or reset.
    purpose TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX mail_tokens_account ON mail_tokens (account_id, purpose);
CREATE INDEX mail_tokens_expiry ON mail_tokens (expires_at);
