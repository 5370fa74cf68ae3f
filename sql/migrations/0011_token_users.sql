-- Users whom tokens name (JWT mode): `name` is then the token's subject, and the id is made from issuer and subject.

ALTER TABLE users ADD COLUMN issuer text; -- null: a user with API keys
