-- How far the scrub came, which reads every stored object again and again: durable, so that a restart goes on.
create table sworn.scrub (
  force_id uuid primary key references sworn.force (id),
  -- The recording that was checked last; null at the beginning of a pass.
  position uuid,
  pass_started_at timestamptz not null,
  objects bigint not null default 0,
  bytes bigint not null default 0,
  damaged bigint not null default 0,
  -- Of the last pass that came to its end.
  completed_at timestamptz,
  completed_objects bigint,
  completed_bytes bigint,
  completed_damaged bigint
);
select sworn.protect('sworn.scrub');
-- A lost position costs one more pass.
select sworn.keep_not('sworn.scrub');
grant select, insert, update on sworn.scrub to sworn_app;
