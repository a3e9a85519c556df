-- A notification of a message, an invitation or a call leads to the conversation.
ALTER TABLE notifications ADD COLUMN conversation_id UUID REFERENCES conversations (id) ON DELETE CASCADE;
CREATE INDEX notifications_conversation ON notifications (account_id, conversation_id);
-- For the end of a conversation.
CREATE INDEX notifications_of_conversation ON notifications (conversation_id);

-- Somebody calls the people of a conversation.
CREATE TABLE rings (
    id UUID NOT NULL PRIMARY KEY,
    conversation_id UUID NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    caller_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- video or audio.
    media TEXT NOT NULL,
    -- The room in which they meet, as its link names it.
    room TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    -- When those who have not answered have missed it.
    ends_at BIGINT NOT NULL,
    -- Whether nobody is rung any more.
    is_over BOOLEAN NOT NULL
);
CREATE INDEX rings_conversation ON rings (conversation_id, id);
CREATE INDEX rings_caller ON rings (caller_id, is_over);
CREATE INDEX rings_deadline ON rings (is_over, ends_at);

-- Who is rung. Its state is ringing, accepted, declined, busy or missed.
CREATE TABLE ring_people (
    ring_id UUID NOT NULL REFERENCES rings (id) ON DELETE CASCADE,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    PRIMARY KEY (ring_id, account_id)
);
CREATE INDEX ring_people_account ON ring_people (account_id, state);
