-- Only accounts that are about to be deleted are looked for by the time of it. With all in the index, SQLite took "is not
-- about to be deleted", which nearly all are, for a good way to find an account, and read them all for a page of posts.
DROP INDEX accounts_deletion;
CREATE INDEX accounts_deletion ON accounts (deletion_at) WHERE deletion_at IS NOT NULL;
