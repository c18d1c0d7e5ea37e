-- Forces and their people, keys and one-time setup codes; jobs. And the rules that every later table follows:
--   * each table of schema sworn has force_id, row-level security that binds its owner too, and the policy of
--     sworn.protect(): role sworn_app sees and writes only rows of the force set for its transaction;
--   * no force set means no rows;
--   * foreign keys between tables of a force carry force_id, so a row never points into another force;
--   * role sworn_platform (machinery across forces) gets single grants and policies, never a general one.
-- Runs as sworn_owner. Times come from the application's clock, never from now().

create schema sworn authorization sworn_owner;
grant usage on schema sworn to sworn_app, sworn_platform, sworn_definer, sworn_jobs;

-- A setting that was once set in a session reads as '' afterwards, not as null.
create function sworn.current_force() returns uuid language sql stable
  return nullif(current_setting('sworn.force_id', true), '')::uuid;
create function sworn.current_person() returns uuid language sql stable
  return nullif(current_setting('sworn.person_id', true), '')::uuid;

-- Makes a table one force's at a time. Grants stay with the migration that makes the table.
create function sworn.protect(tab regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', tab);
  execute format('alter table %s force row level security', tab);
  execute format('create policy own_force on %s to sworn_app
    using (force_id = sworn.current_force()) with check (force_id = sworn.current_force())', tab);
end $$;
revoke execute on function sworn.protect(regclass), sworn.current_force(), sworn.current_person() from public;
grant execute on function sworn.current_force(), sworn.current_person()
  to sworn_app, sworn_platform, sworn_definer, sworn_jobs;

create table sworn.force (
  id uuid primary key,
  force_id uuid not null generated always as (id) stored,
  name text not null check (length(name) between 1 and 200),
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
  created_at timestamptz not null
);

create table sworn.borough (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  name text not null check (length(name) between 1 and 200),
  slug text not null,
  created_at timestamptz not null,
  unique (force_id, id),
  unique (force_id, slug)
);

create table sworn.team (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  borough_id uuid not null,
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null,
  unique (force_id, id),
  unique (force_id, borough_id, id),
  unique (force_id, borough_id, name),
  foreign key (force_id, borough_id) references sworn.borough (force_id, id)
);

create table sworn.person (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  name text not null check (length(name) between 1 and 200),
  collar_number text,
  borough_id uuid,
  team_id uuid,
  is_administrator boolean not null default false,
  created_at timestamptz not null,
  unique (force_id, id),
  unique (force_id, collar_number),
  check (team_id is null or borough_id is not null),
  foreign key (force_id, borough_id) references sworn.borough (force_id, id),
  foreign key (force_id, borough_id, team_id) references sworn.team (force_id, borough_id, id)
);

create table sworn.api_key (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  person_id uuid not null,
  secret_hash bytea not null unique check (length(secret_hash) = 32),
  label text not null check (length(label) between 1 and 200),
  created_by uuid,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  unique (force_id, id),
  foreign key (force_id, person_id) references sworn.person (force_id, id),
  foreign key (force_id, created_by) references sworn.person (force_id, id)
);
create index api_key_person on sworn.api_key (force_id, person_id);

-- Exists before any force does; force_id is the force that the code founded.
create table sworn.setup_code (
  code_hash bytea primary key check (length(code_hash) = 32),
  force_id uuid references sworn.force (id),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  check ((used_at is null) = (force_id is null))
);

select sworn.protect('sworn.force');
select sworn.protect('sworn.borough');
select sworn.protect('sworn.team');
select sworn.protect('sworn.person');
select sworn.protect('sworn.api_key');
alter table sworn.setup_code enable row level security;
alter table sworn.setup_code force row level security;

grant select on sworn.force to sworn_app;
grant select, insert on sworn.borough, sworn.team, sworn.person to sworn_app;
grant select, insert, update (revoked_at) on sworn.api_key to sworn_app;

-- What must work before a force is known: functions with fixed questions, owned by a role that nobody can become
-- through the server's login. The platform role may call them and has no rights on the tables themselves.
create policy founding on sworn.force for insert to sworn_definer with check (true);
create policy founding on sworn.person for insert to sworn_definer with check (true);
create policy founding on sworn.api_key for insert to sworn_definer with check (true);
create policy looking_up on sworn.api_key for select to sworn_definer using (true);
create policy looking_up on sworn.person for select to sworn_definer using (true);
create policy founding on sworn.setup_code to sworn_definer using (true) with check (true);
grant insert on sworn.force, sworn.person to sworn_definer;
grant select (id, force_id, is_administrator) on sworn.person to sworn_definer;
grant select, insert on sworn.api_key to sworn_definer;
grant select, insert, update on sworn.setup_code to sworn_definer;

grant create on schema sworn to sworn_definer;
set local role sworn_definer;

create function sworn.find_api_key(wanted_hash bytea)
returns table (id uuid, force_id uuid, person_id uuid, is_administrator boolean, expires_at timestamptz, revoked_at timestamptz)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select k.id, k.force_id, k.person_id, p.is_administrator, k.expires_at, k.revoked_at
  from sworn.api_key k join sworn.person p on p.force_id = k.force_id and p.id = k.person_id
  where k.secret_hash = wanted_hash
$$;

create function sworn.has_api_key() returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select from sworn.api_key)
$$;

-- A new code replaces the codes that were not used.
create function sworn.put_setup_code(new_hash bytea, from_at timestamptz, until_at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  update sworn.setup_code set expires_at = from_at where used_at is null and expires_at > from_at;
  insert into sworn.setup_code (code_hash, created_at, expires_at) values (new_hash, from_at, until_at);
end $$;

-- Uses a code once and founds a force with its administrator and that person's first key; false when the code
-- is unknown, used or expired. The row lock of the update makes two attempts with one code take turns.
create function sworn.found_force(
  given_hash bytea, from_at timestamptz,
  new_force uuid, force_name text, force_slug text,
  new_person uuid, person_name text, person_collar_number text,
  new_key uuid, key_hash bytea, key_label text, key_until timestamptz
) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform from sworn.setup_code
    where code_hash = given_hash and used_at is null and expires_at > from_at for update;
  if not found then return false; end if;
  insert into sworn.force (id, name, slug, created_at) values (new_force, force_name, force_slug, from_at);
  update sworn.setup_code set used_at = from_at, force_id = new_force where code_hash = given_hash;
  insert into sworn.person (id, force_id, name, collar_number, is_administrator, created_at)
    values (new_person, new_force, person_name, person_collar_number, true, from_at);
  insert into sworn.api_key (id, force_id, person_id, secret_hash, label, created_at, expires_at)
    values (new_key, new_force, new_person, key_hash, key_label, from_at, key_until);
  return true;
end $$;

revoke execute on function sworn.find_api_key(bytea), sworn.has_api_key(),
  sworn.put_setup_code(bytea, timestamptz, timestamptz),
  sworn.found_force(bytea, timestamptz, uuid, text, text, uuid, text, text, uuid, bytea, text, timestamptz)
  from public;
grant execute on function sworn.find_api_key(bytea), sworn.has_api_key(),
  sworn.put_setup_code(bytea, timestamptz, timestamptz),
  sworn.found_force(bytea, timestamptz, uuid, text, text, uuid, text, text, uuid, bytea, text, timestamptz)
  to sworn_platform;
set local role sworn_owner;
revoke create on schema sworn from sworn_definer;

-- Jobs are queued in the transaction of the act that needs them. The queue's own tables belong to sworn_jobs; a
-- force's transaction reaches them through this door only, and cannot queue work in another force's name.
grant create on schema sworn to sworn_jobs;
set local role sworn_jobs;

create function sworn.enqueue_job(task text, payload jsonb, job_key text, max_attempts int) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if sworn.current_force() is null then raise exception 'no force is set' using errcode = '42501'; end if;
  perform graphile_worker.add_job(task,
    (payload || jsonb_build_object('forceId', sworn.current_force(), 'personId', sworn.current_person()))::json,
    max_attempts => enqueue_job.max_attempts, job_key => enqueue_job.job_key);
end $$;

create function sworn.enqueue_platform_job(task text, payload jsonb, job_key text, max_attempts int) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform graphile_worker.add_job(task, payload::json,
    max_attempts => enqueue_platform_job.max_attempts, job_key => enqueue_platform_job.job_key);
end $$;

revoke execute on function sworn.enqueue_job(text, jsonb, text, int) from public;
revoke execute on function sworn.enqueue_platform_job(text, jsonb, text, int) from public;
grant execute on function sworn.enqueue_job(text, jsonb, text, int) to sworn_app;
grant execute on function sworn.enqueue_platform_job(text, jsonb, text, int) to sworn_platform;
set local role sworn_owner;
revoke create on schema sworn from sworn_jobs;

-- One row for each run of a job, for the page that shows what the machinery did. force_id is null for work that
-- is for all forces; such rows hold no personal data and every force may see them.
create table sworn.job_run (
  id uuid primary key,
  force_id uuid references sworn.force (id),
  task text not null,
  started_by text not null check (started_by in ('queue', 'schedule', 'hand')),
  attempt int not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  outcome text not null check (outcome in ('running', 'done', 'failed', 'abandoned')),
  error_code text,
  check ((outcome = 'running') = (ended_at is null))
);
create index job_run_started on sworn.job_run (started_at desc);
alter table sworn.job_run enable row level security;
alter table sworn.job_run force row level security;
create policy own_force on sworn.job_run for select to sworn_app
  using (force_id is null or force_id = sworn.current_force());
create policy running on sworn.job_run to sworn_platform using (true) with check (true);
grant select on sworn.job_run to sworn_app;
grant select, insert, update, delete on sworn.job_run to sworn_platform;

-- When each scheduled task last fell due, by the application's clock.
create table sworn.job_schedule (
  task text primary key,
  last_due_at timestamptz not null
);
alter table sworn.job_schedule enable row level security;
alter table sworn.job_schedule force row level security;
create policy running on sworn.job_schedule to sworn_platform using (true) with check (true);
grant select, insert, update on sworn.job_schedule to sworn_platform;
