CREATE TABLE items (name text PRIMARY KEY);
INSERT INTO items VALUES ('from the seed');
