"""Rows that nobody changes afterwards, not even through the database: triggers refuse it.

Django drops triggers of SQLite when it remakes a table, so they are set again after every migration. On PostgreSQL
TRUNCATE is left alone: it is how tests empty tables, and no part of the portal uses it.
"""

from django.db import connections

# Table, and what is said to whoever tries.
APPEND_ONLY = {
    "analytics_indicatortarget": "A target is never changed: set a new one before the period begins.",
    "analytics_reportedition": "An edition of the report never changes: freeze a new one.",
}
TOO_LATE = "Targets are set before their period begins."
HAS_TARGETS = "The days of a period with targets do not change."

SQLITE = [
    *(
        f"""
        CREATE TRIGGER IF NOT EXISTS {table}_{action.lower()} BEFORE {action} ON {table}
        BEGIN SELECT RAISE(ABORT, '{message}'); END
        """
        for table, message in APPEND_ONLY.items()
        for action in ("UPDATE", "DELETE")
    ),
    f"""
    CREATE TRIGGER IF NOT EXISTS analytics_indicatortarget_in_time BEFORE INSERT ON analytics_indicatortarget
    WHEN NEW.set_on >= (SELECT first FROM analytics_trialperiod WHERE id = NEW.period_id)
    BEGIN SELECT RAISE(ABORT, '{TOO_LATE}'); END
    """,
    f"""
    CREATE TRIGGER IF NOT EXISTS analytics_trialperiod_days BEFORE UPDATE OF first, last ON analytics_trialperiod
    WHEN (NEW.first <> OLD.first OR NEW.last <> OLD.last)
        AND EXISTS (SELECT 1 FROM analytics_indicatortarget WHERE period_id = OLD.id)
    BEGIN SELECT RAISE(ABORT, '{HAS_TARGETS}'); END
    """,
]

POSTGRESQL = [
    """
    CREATE OR REPLACE FUNCTION analytics_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'check_violation'; END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION analytics_refuse_late_target() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.set_on >= (SELECT first FROM analytics_trialperiod WHERE id = NEW.period_id) THEN
            RAISE EXCEPTION USING MESSAGE = '{TOO_LATE}', ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION analytics_refuse_other_days() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM analytics_indicatortarget WHERE period_id = OLD.id) THEN
            RAISE EXCEPTION USING MESSAGE = '{HAS_TARGETS}', ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    *(
        f"""
        CREATE OR REPLACE TRIGGER {table}_unchanged BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION analytics_refuse('{message}')
        """
        for table, message in APPEND_ONLY.items()
    ),
    """
    CREATE OR REPLACE TRIGGER analytics_indicatortarget_in_time BEFORE INSERT ON analytics_indicatortarget
    FOR EACH ROW EXECUTE FUNCTION analytics_refuse_late_target()
    """,
    """
    CREATE OR REPLACE TRIGGER analytics_trialperiod_days BEFORE UPDATE OF first, last ON analytics_trialperiod
    FOR EACH ROW WHEN (NEW.first <> OLD.first OR NEW.last <> OLD.last)
    EXECUTE FUNCTION analytics_refuse_other_days()
    """,
]


def keep_triggers(using):
    """Set the triggers where they are missing; nothing to do before the tables are there."""
    connection = connections[using]
    if not set(APPEND_ONLY) <= set(connection.introspection.table_names()):
        return
    with connection.cursor() as cursor:
        for statement in SQLITE if connection.vendor == "sqlite" else POSTGRESQL:
            cursor.execute(statement)
