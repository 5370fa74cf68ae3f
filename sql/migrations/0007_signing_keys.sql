-- Keys with which the functions sign what clients bring back unchanged, such as the cursor of a list. Made here and kept
-- here: nobody has to set them up, and they are in no environment, plan or log.

CREATE TABLE signing_keys (
    purpose text PRIMARY KEY,
    key bytea NOT NULL CHECK (length(key) = 32)
);

-- Two random UUIDs have 244 bits from the server's strong generator.
INSERT INTO signing_keys (purpose, key)
VALUES ('cursors', sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));

GRANT SELECT ON signing_keys TO vsl_rights;
