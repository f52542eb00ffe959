//! Tables and queries for SQLite and PostgreSQL.
