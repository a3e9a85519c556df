-- Who follows whom. Lists are read by (created_at, other side) in both directions.
CREATE TABLE follows (
    follower_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    followed_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (follower_id, followed_id)
);
CREATE INDEX follows_following ON follows (follower_id, created_at, followed_id);
CREATE INDEX follows_followers ON follows (followed_id, created_at, follower_id);

-- A friendship is two rows, so that each side finds its own.
CREATE TABLE friends (
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    friend_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, friend_id)
);
CREATE INDEX friends_list ON friends (account_id, created_at, friend_id);
CREATE INDEX friends_other_side ON friends (friend_id);

CREATE TABLE friend_requests (
    sender_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    receiver_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (sender_id, receiver_id)
);
CREATE INDEX friend_requests_sent ON friend_requests (sender_id, created_at, receiver_id);
CREATE INDEX friend_requests_received ON friend_requests (receiver_id, created_at, sender_id);

CREATE TABLE blocks (
    blocker_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    blocked_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (blocker_id, blocked_id)
);
CREATE INDEX blocks_list ON blocks (blocker_id, created_at, blocked_id);
CREATE INDEX blocks_other_side ON blocks (blocked_id, blocker_id);

-- How many rows there are of an account, changed in the transactions that add and remove them.
CREATE TABLE account_counts (
    account_id UUID NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    followers BIGINT NOT NULL,
    following BIGINT NOT NULL,
    friends BIGINT NOT NULL,
    posts BIGINT NOT NULL
);
INSERT INTO account_counts (account_id, followers, following, friends, posts) SELECT id, 0, 0, 0, 0 FROM accounts;

-- Ids are UUIDs of version 7, so that they sort by time: feeds are read by them.
CREATE TABLE posts (
    id UUID NOT NULL PRIMARY KEY,
    author_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- The author's client made it up, and sends it again when it tries again.
    client_id UUID NOT NULL,
    text TEXT NOT NULL,
    -- public, followers or friends.
    audience TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    edited_at BIGINT,
    -- How many rows there are, changed in the transactions that add and remove them.
    likes BIGINT NOT NULL,
    comments BIGINT NOT NULL,
    UNIQUE (author_id, client_id)
);
CREATE INDEX posts_author ON posts (author_id, id);
CREATE INDEX posts_audience ON posts (audience, id);

-- What a post said before it was edited.
CREATE TABLE post_versions (
    id UUID NOT NULL PRIMARY KEY,
    post_id UUID NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    -- When it began to say so.
    at BIGINT NOT NULL,
    text TEXT NOT NULL,
    audience TEXT NOT NULL
);
CREATE INDEX post_versions_post ON post_versions (post_id, id);

-- An image of a post; without one yet while its author writes.
CREATE TABLE post_images (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    post_id UUID REFERENCES posts (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    -- What it shows, for people who do not see it.
    alt TEXT NOT NULL,
    blob_key TEXT NOT NULL UNIQUE,
    small_blob_key TEXT NOT NULL UNIQUE,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX post_images_post ON post_images (post_id, position);
CREATE INDEX post_images_account ON post_images (account_id, post_id);

CREATE TABLE post_likes (
    post_id UUID NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (post_id, account_id)
);
CREATE INDEX post_likes_list ON post_likes (post_id, created_at, account_id);
CREATE INDEX post_likes_account ON post_likes (account_id, created_at, post_id);

-- A comment on a post, or a reply to one of those (replies have no replies of their own: one answers in the same thread).
CREATE TABLE comments (
    id UUID NOT NULL PRIMARY KEY,
    post_id UUID NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    -- The comment that it replies to.
    parent_id UUID REFERENCES comments (id) ON DELETE CASCADE,
    -- None: it was removed, and stays as long as it has replies.
    author_id UUID REFERENCES accounts (id) ON DELETE CASCADE,
    client_id UUID NOT NULL,
    text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    edited_at BIGINT,
    likes BIGINT NOT NULL,
    replies BIGINT NOT NULL,
    UNIQUE (author_id, client_id)
);
CREATE INDEX comments_thread ON comments (post_id, parent_id, id);
CREATE INDEX comments_parent ON comments (parent_id, id);
CREATE INDEX comments_author ON comments (author_id, id);

CREATE TABLE comment_likes (
    comment_id UUID NOT NULL REFERENCES comments (id) ON DELETE CASCADE,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (comment_id, account_id)
);
CREATE INDEX comment_likes_list ON comment_likes (comment_id, created_at, account_id);
CREATE INDEX comment_likes_account ON comment_likes (account_id, created_at, comment_id);

-- A notification tells of one thing by one or more people: "Ann and 4 others liked your post".
CREATE TABLE notifications (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    post_id UUID REFERENCES posts (id) ON DELETE CASCADE,
    comment_id UUID REFERENCES comments (id) ON DELETE CASCADE,
    -- Kind and subject while it is unread, so that more of the same joins it; none once it was read.
    open_key TEXT,
    -- When it last grew.
    at BIGINT NOT NULL,
    is_read BOOLEAN NOT NULL,
    UNIQUE (account_id, open_key)
);
CREATE INDEX notifications_list ON notifications (account_id, at, id);
CREATE INDEX notifications_at ON notifications (at);
CREATE INDEX notifications_unread ON notifications (account_id, is_read);
CREATE INDEX notifications_post ON notifications (post_id);
CREATE INDEX notifications_comment ON notifications (comment_id);

CREATE TABLE notification_actors (
    notification_id UUID NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    PRIMARY KEY (notification_id, account_id)
);
CREATE INDEX notification_actors_account ON notification_actors (account_id, notification_id);

-- Kinds of notifications that an account does not want.
CREATE TABLE muted_kinds (
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    PRIMARY KEY (account_id, kind)
);

-- What an account's tabs are told, numbered without gaps. A row is written in the transaction of what it tells of.
CREATE TABLE events (
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    -- The id of the notification or the like that it is about; what that says is read when it is sent.
    subject UUID,
    PRIMARY KEY (account_id, seq)
);
CREATE INDEX events_at ON events (at);

-- The number of the last event of each account.
CREATE TABLE event_heads (
    account_id UUID NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    seq BIGINT NOT NULL
);

-- Browsers that want to be woken (<https://www.rfc-editor.org/rfc/rfc8030.html>).
CREATE TABLE push_subscriptions (
    endpoint TEXT NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- The session in which it was made, and with which it ends.
    session_id UUID NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL
);
CREATE INDEX push_subscriptions_account ON push_subscriptions (account_id);
CREATE INDEX push_subscriptions_session ON push_subscriptions (session_id);
