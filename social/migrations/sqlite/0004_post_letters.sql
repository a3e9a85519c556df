-- What posts say, as `search::fold::letters` writes it, in the order in which they were written.
CREATE TABLE post_letters (
    seq INTEGER PRIMARY KEY,
    post_id UUID NOT NULL UNIQUE REFERENCES posts (id) ON DELETE CASCADE,
    letters TEXT NOT NULL
);

-- The index of their trigrams, kept up by triggers, which also fire for rows that go with their post or account.
-- It knows only which texts have a trigram: where in them would make it several times as large, and LIKE looks anyway.
CREATE VIRTUAL TABLE post_trigrams USING fts5 (
    letters, content = 'post_letters', content_rowid = 'seq', tokenize = 'trigram', detail = 'none'
);
-- What people delete shall not stay in the file.
INSERT INTO post_trigrams (post_trigrams, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER post_letters_inserted AFTER INSERT ON post_letters BEGIN
    INSERT INTO post_trigrams (rowid, letters) VALUES (new.seq, new.letters);
END;
CREATE TRIGGER post_letters_updated AFTER UPDATE OF letters ON post_letters BEGIN
    INSERT INTO post_trigrams (post_trigrams, rowid, letters) VALUES ('delete', old.seq, old.letters);
    INSERT INTO post_trigrams (rowid, letters) VALUES (new.seq, new.letters);
END;
CREATE TRIGGER post_letters_deleted AFTER DELETE ON post_letters BEGIN
    INSERT INTO post_trigrams (post_trigrams, rowid, letters) VALUES ('delete', old.seq, old.letters);
END;

-- What is asked by LIKE, on both databases. `seq` is the index's own, which gives the newest first without sorting.
CREATE VIEW searched_posts AS
    SELECT t.rowid AS seq, l.post_id AS post_id, t.letters AS letters
    FROM post_trigrams t CROSS JOIN post_letters l ON l.seq = t.rowid;
