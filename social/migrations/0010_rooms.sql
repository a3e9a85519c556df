-- Who was removed from a room, or was not let in: they come again only when they are invited.
CREATE TABLE removed_members (
    conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (conversation_id, account_id)
);
CREATE INDEX removed_members_account ON removed_members (account_id);
