-- The words of names, folded, by which people are found: as bytes, so that both databases sort them alike.
CREATE TABLE name_words (
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- Whether it is of the first or last name; otherwise of the username.
    in_name BOOLEAN NOT NULL,
    word BYTEA NOT NULL,
    PRIMARY KEY (account_id, in_name, word)
);
CREATE INDEX name_words_word ON name_words (word, account_id);
