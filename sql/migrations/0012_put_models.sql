-- manage_access puts entries into the catalogue (`make model`). None is deleted: one without a configuration takes a model away.

GRANT INSERT, UPDATE ON model_configurations TO vsl_rights;
