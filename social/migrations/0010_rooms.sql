-- Who was removed from a room, or was not let in: they come again only when they are invited.
CREATE TABLE removed_members (
    conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (conversation_id, account_id)
);
CREATE INDEX removed_members_account ON removed_members (account_id);

-- What groups and rooms look like. A picture belongs to who has set it.
CREATE TABLE group_pictures (
    conversation_id UUID NOT NULL PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    blob_key TEXT NOT NULL UNIQUE,
    small_blob_key TEXT NOT NULL UNIQUE
);
CREATE INDEX group_pictures_account ON group_pictures (account_id);
