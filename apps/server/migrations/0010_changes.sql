-- The change log: every row that a force's transaction writes is noted in that transaction, and leaves the database,
-- encrypted, for the ledger's folder before the checkpoint that covers its act. `sworn recover` writes them again.
--   * sworn.protect() notes a new table's rows from now on; sworn.keep_not() says that a table's are not worth it
--   * what is signed and lies in the object store (manifest, receipt, certificate) is noted by its hash

create table sworn.change (
  id bigint generated always as identity primary key,
  force_id uuid not null references sworn.force (id),
  tab text not null,
  op text not null check (op in ('put', 'drop')),
  -- The row as JSON. Text, so that no number of it is ever rounded.
  image text not null
);
create index change_force on sworn.change (force_id, id);

-- Up to which frame of which file the database has given its changes away.
create table sworn.change_head (
  force_id uuid primary key references sworn.force (id),
  epoch int not null check (epoch >= 0),
  frame bigint not null check (frame >= 0)
);

alter table sworn.change enable row level security;
alter table sworn.change force row level security;
create policy own_force on sworn.change to sworn_app
  using (force_id = sworn.current_force()) with check (force_id = sworn.current_force());
create policy noting on sworn.change for insert to sworn_definer with check (true);
select sworn.protect('sworn.change_head');
grant select, delete on sworn.change to sworn_app;
grant select, insert, update on sworn.change_head to sworn_app;
grant insert on sworn.change to sworn_definer;

grant create on schema sworn to sworn_definer;
set local role sworn_definer;

create function sworn.note_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  -- Set by `sworn recover`, which writes what was noted before.
  if current_setting('sworn.replaying', true) = 'yes' then return null; end if;
  insert into sworn.change (force_id, tab, op, image)
    select c.force_id, tg_table_name, case tg_op when 'DELETE' then 'drop' else 'put' end, row_to_json(c)::text
    from changed c;
  return null;
end $$;

create function sworn.note_recording() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  r sworn.recording%rowtype;
  hashes jsonb;
begin
  if current_setting('sworn.replaying', true) = 'yes' then return null; end if;
  for r in select * from changed loop
    hashes := jsonb_build_object('manifest_hash', encode(sha256(r.manifest), 'hex'),
      'receipt_hash', encode(sha256(r.receipt), 'hex'),
      'certificate_hash', encode(sha256(r.destruction_certificate), 'hex'));
    -- The manifest names the parts.
    if r.manifest is not null then r.parts := null; end if;
    r.manifest := null;
    r.receipt := null;
    r.destruction_certificate := null;
    insert into sworn.change (force_id, tab, op, image)
      values (r.force_id, tg_table_name, case tg_op when 'DELETE' then 'drop' else 'put' end,
        (to_jsonb(r) || hashes)::text);
  end loop;
  return null;
end $$;

revoke execute on function sworn.note_change(), sworn.note_recording() from public;
grant execute on function sworn.note_change(), sworn.note_recording() to sworn_owner;
set local role sworn_owner;
revoke create on schema sworn from sworn_definer;

create function sworn.keep(tab regclass) returns void language plpgsql as $$
declare
  noting text := case when tab = 'sworn.recording'::regclass then 'note_recording' else 'note_change' end;
begin
  execute format('create trigger keep_insert after insert on %s referencing new table as changed
    for each statement execute function sworn.%I()', tab, noting);
  execute format('create trigger keep_update after update on %s referencing new table as changed
    for each statement execute function sworn.%I()', tab, noting);
  execute format('create trigger keep_delete after delete on %s referencing old table as changed
    for each statement execute function sworn.%I()', tab, noting);
end $$;

create function sworn.keep_not(tab regclass) returns void language plpgsql as $$
begin
  execute format('drop trigger keep_insert on %s', tab);
  execute format('drop trigger keep_update on %s', tab);
  execute format('drop trigger keep_delete on %s', tab);
end $$;
revoke execute on function sworn.keep(regclass), sworn.keep_not(regclass) from public;

create or replace function sworn.protect(tab regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', tab);
  execute format('alter table %s force row level security', tab);
  execute format('create policy own_force on %s to sworn_app
    using (force_id = sworn.current_force()) with check (force_id = sworn.current_force())', tab);
  perform sworn.keep(tab);
end $$;

-- Not kept: the ledger's own rows, which lie in its tiles and private entries; uploads and sessions, which are begun
-- again; what a person has on the screen; how often a poster was looked at within the hour.
select sworn.keep(c.oid::regclass) from pg_class c
where c.relnamespace = 'sworn'::regnamespace and c.relkind = 'r'
  and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'force_id' and not a.attisdropped)
  and c.relname not in ('change', 'change_head', 'ledger_entry', 'ledger_head', 'upload', 'docking_session', 'play',
    'poster_view', 'setup_code', 'job_run');
