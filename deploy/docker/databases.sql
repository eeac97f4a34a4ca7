-- PostgreSQL runs this once, when its volume is new. volteface's own database is POSTGRES_DB.
CREATE DATABASE prefect;
