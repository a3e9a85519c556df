-- Who may write to somebody at once: everybody; strangers after a yes; or known, whom the person follows or is friends with.
ALTER TABLE profiles ADD COLUMN messages_from TEXT NOT NULL DEFAULT 'requests';
-- Whether the person shows when they are here, and in return sees when others are.
ALTER TABLE profiles ADD COLUMN shows_presence BOOLEAN NOT NULL DEFAULT TRUE;

-- When somebody is, or was, here. The process that has their tab moves it ahead while they are; whoever is here no longer
-- was last seen then.
CREATE TABLE presence (
    account_id UUID NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    here_until BIGINT NOT NULL
);
