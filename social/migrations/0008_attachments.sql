-- What somebody attaches to messages: a file that arrives bit by bit, then waits for its message, then goes with it.
CREATE TABLE attachments (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- The owner's client made it up, and sends it again when it tries again.
    client_id UUID NOT NULL,
    -- The message that has it; none while it waits.
    message_id UUID REFERENCES messages (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    -- Bytes: as announced, and of an image as it is kept.
    size BIGINT NOT NULL,
    -- Bytes that have arrived and are forced to the disk.
    received BIGINT NOT NULL,
    -- image, audio, video or file, and a media type, by its first bytes; none until all has arrived and was looked at.
    kind TEXT,
    media_type TEXT,
    -- Whose file is there when all has arrived.
    blob_key TEXT NOT NULL UNIQUE,
    -- Of an image: its preview, and its size in pixels.
    small_blob_key TEXT UNIQUE,
    width BIGINT,
    height BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (account_id, client_id)
);
CREATE INDEX attachments_message ON attachments (message_id, position);
CREATE INDEX attachments_account ON attachments (account_id, id);
-- Only what waits is looked for by its age.
CREATE INDEX attachments_waiting ON attachments (created_at) WHERE message_id IS NULL;
