"""Adapters: foreign files made into contribution tables. One description (TOML) and one short module each."""
