-- What a letter says. Who has it is in `letter_copies`: it goes when both have deleted their copy.
CREATE TABLE letters (
    id UUID NOT NULL PRIMARY KEY,
    -- The first letter of those that answer each other, which may be there no more, or this one.
    thread_id UUID NOT NULL,
    -- The letter that it answers.
    reply_to UUID REFERENCES letters (id) ON DELETE SET NULL,
    -- None: that account has gone.
    sender_id UUID REFERENCES accounts (id) ON DELETE SET NULL,
    -- The sender's client made it up, and sends it again when it tries again.
    client_id UUID NOT NULL,
    created_at BIGINT NOT NULL,
    -- How many rows of `letter_copies` there are, changed in the transactions that add and remove them.
    copies BIGINT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (sender_id, client_id)
);
CREATE INDEX letters_thread ON letters (thread_id, id);
CREATE INDEX letters_reply_to ON letters (reply_to);

-- A letter in somebody's mailbox. Ids of letters are UUIDs of version 7, so that they sort by time.
CREATE TABLE letter_copies (
    letter_id UUID NOT NULL REFERENCES letters (id) ON DELETE CASCADE,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- To whom it went, or from whom it came. None: that account has gone.
    other_id UUID REFERENCES accounts (id) ON DELETE SET NULL,
    is_sent BOOLEAN NOT NULL,
    -- What one has sent is read.
    is_read BOOLEAN NOT NULL,
    PRIMARY KEY (letter_id, account_id)
);
CREATE INDEX letter_copies_list ON letter_copies (account_id, is_sent, letter_id);
CREATE INDEX letter_copies_unread ON letter_copies (account_id, is_read, letter_id);
CREATE INDEX letter_copies_other ON letter_copies (other_id);

-- A notification of a letter leads to it.
ALTER TABLE notifications ADD COLUMN letter_id UUID REFERENCES letters (id) ON DELETE CASCADE;
CREATE INDEX notifications_letter ON notifications (letter_id);
