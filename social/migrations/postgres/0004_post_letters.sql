-- A trusted extension, which the owner of a database may add; Debian's package and the usual images have it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- What posts say, as `search::fold::letters` writes it, in the order in which they were written.
CREATE TABLE post_letters (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    post_id UUID NOT NULL UNIQUE REFERENCES posts (id) ON DELETE CASCADE,
    letters TEXT NOT NULL
);
CREATE INDEX post_letters_trigrams ON post_letters USING gin (letters gin_trgm_ops);
-- Which of two ways is faster, by the trigrams or by looking at the newest posts, depends on how common a word is.
ALTER TABLE post_letters ALTER COLUMN letters SET STATISTICS 500;

-- What is asked by LIKE, on both databases.
CREATE VIEW searched_posts AS SELECT seq, post_id, letters FROM post_letters;
