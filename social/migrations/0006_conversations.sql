-- What people write to each other: two of them, a group, or a room that is gone after a week.
CREATE TABLE conversations (
    id UUID NOT NULL PRIMARY KEY,
    -- direct, group, public_room or private_room.
    kind TEXT NOT NULL,
    -- Empty for two.
    title TEXT NOT NULL,
    -- Of two: their ids, the lower one first, so that there is one conversation of them.
    pair TEXT UNIQUE,
    created_at BIGINT NOT NULL,
    -- When a room is deleted, and whether its people were warned.
    expires_at BIGINT,
    is_warned BOOLEAN NOT NULL,
    -- The number of the last change: each message, each edit and each coming or going takes the next one.
    seq BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    -- The number of the last message, and when it was written; for a new one, when it was made.
    last_message BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    -- How many are in it, changed in the transactions that add and remove them.
    members BIGINT NOT NULL
);
CREATE INDEX conversations_expiry ON conversations (expires_at) WHERE expires_at IS NOT NULL;
-- The list of public rooms.
CREATE INDEX conversations_rooms ON conversations (last_at, id) WHERE kind = 'public_room';
CREATE INDEX conversations_changed ON conversations (changed_at);

CREATE TABLE members (
    conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- owner, moderator or member.
    role TEXT NOT NULL,
    -- joined; requested (a stranger has written, and waits for a yes); invited; asking (to be let into a private room).
    state TEXT NOT NULL,
    since BIGINT NOT NULL,
    -- Changes with higher numbers are for this person: what was written before they came, or what they have cleared, is not.
    visible_after BIGINT NOT NULL,
    -- The numbers of the last messages that were shown to this person, and that reached one of their tabs.
    read_to BIGINT NOT NULL,
    delivered_to BIGINT NOT NULL,
    is_muted BOOLEAN NOT NULL,
    PRIMARY KEY (conversation_id, account_id)
);
CREATE INDEX members_account ON members (account_id, state);

CREATE TABLE messages (
    conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    -- Its place, and the number of its last change.
    seq BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    id UUID NOT NULL UNIQUE,
    -- Nobody, when the account has gone.
    author_id UUID REFERENCES accounts (id) ON DELETE SET NULL,
    -- The author's client made it up, and sends it again when it tries again.
    client_id UUID NOT NULL,
    -- text, or what happened: created, joined, left, removed or renamed.
    kind TEXT NOT NULL,
    -- Empty when it was deleted.
    text TEXT NOT NULL,
    -- The same folded, by which it is found.
    letters TEXT NOT NULL,
    -- The message that it answers.
    reply_to UUID,
    sent_at BIGINT NOT NULL,
    edited_at BIGINT,
    deleted_at BIGINT,
    PRIMARY KEY (conversation_id, seq),
    UNIQUE (author_id, client_id)
);
-- Of an account, for its export and its end.
CREATE INDEX messages_author ON messages (author_id, id);
CREATE INDEX messages_changed ON messages (conversation_id, changed);

-- What somebody has deleted for themselves.
CREATE TABLE hidden_messages (
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    message_id UUID NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, message_id)
);
CREATE INDEX hidden_messages_message ON hidden_messages (message_id);
