"""Runs every migration that the database has not seen, in the order of their names, then ends."""

import pathlib

import store


def main():
    connection = store.database()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, ran_at timestamptz DEFAULT now())")
        cursor.execute("SELECT name FROM migrations")
        known = {row["name"] for row in cursor.fetchall()}
        fresh = [path for path in sorted(pathlib.Path("/migrations").glob("*.sql")) if path.name not in known]
        for path in fresh:
            cursor.execute(path.read_text())
            cursor.execute("INSERT INTO migrations (name) VALUES (%s)", (path.name,))
            print(f"ran {path.name}")
    print(f"{len(fresh)} new, {len(known) + len(fresh)} in all")


if __name__ == "__main__":
    main()
