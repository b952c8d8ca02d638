/**
 * Written into the database's header, so that another program's file is not taken for a registry ("Pres" in
 * ASCII).
 */
export const APPLICATION_ID = 0x50726573

/** The schema's history: entry i brings version i to version i + 1. Released entries never change. */
export const MIGRATIONS: readonly string[] = [
  `
  create table models (
    name text primary key,
    -- counts what was given out, so that no number comes twice
    last_version integer not null default 0,
    created_at integer not null
  ) strict, without rowid;

  create table runs (
    number integer primary key,
    id text not null unique,
    experiment text not null,
    name text not null,
    status text not null default 'RUNNING' check (status in ('RUNNING', 'FINISHED', 'FAILED', 'KILLED')),
    started_at integer not null,
    ended_at integer
  ) strict;
  create index runs_by_experiment on runs (experiment);

  create table run_params (
    run_id text not null references runs (id),
    key text not null,
    value text not null,
    primary key (run_id, key)
  ) strict, without rowid;

  create table run_tags (
    run_id text not null references runs (id),
    key text not null,
    value text not null,
    primary key (run_id, key)
  ) strict, without rowid;

  create table run_metrics (
    run_id text not null references runs (id),
    key text not null,
    step integer not null,
    value real not null,
    logged_at integer not null,
    primary key (run_id, key, step)
  ) strict, without rowid;

  create table versions (
    model text not null references models (name),
    version integer not null,
    digest text not null,
    run_id text references runs (id),
    description text not null,
    created_at integer not null,
    primary key (model, version),
    unique (model, digest)
  ) strict, without rowid;

  create table version_tags (
    model text not null,
    version integer not null,
    key text not null,
    value text not null,
    primary key (model, version, key),
    foreign key (model, version) references versions (model, version)
  ) strict, without rowid;

  create table aliases (
    model text not null,
    alias text not null,
    version integer not null,
    primary key (model, alias),
    foreign key (model, version) references versions (model, version)
  ) strict, without rowid;

  create table outbox (
    number integer primary key autoincrement,
    delivery_id text not null unique,
    body text not null,
    status text not null default 'pending' check (status in ('pending', 'delivered', 'dropped')),
    tries integer not null default 0,
    due_at integer not null default 0,
    detail text not null default ''
  ) strict;
  create index outbox_pending on outbox (due_at, number) where status = 'pending';
  `,
  `
  alter table versions add column stage text not null default 'None'
    check (stage in ('None', 'Staging', 'Production', 'Archived'));
  -- JSON: nobody searches by them
  alter table runs add column datasets text not null default '[]';
  `,
]
