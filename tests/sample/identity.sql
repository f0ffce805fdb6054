-- The identity provider's database: whoever signs in after a restore must be who they were.

CREATE TABLE users (user_id integer PRIMARY KEY, email text NOT NULL UNIQUE, password_hash text NOT NULL);
INSERT INTO users SELECT n, 'user' || n || '@example.org', md5(n::text) FROM generate_series(1, 25) AS n;
