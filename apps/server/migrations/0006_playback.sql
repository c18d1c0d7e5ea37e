-- Play sessions: who watches which recording, until when. A session is one view and has one ledger entry. Its
-- secrets are stored as hashes: a copy of this table plays nothing.

create table sworn.play (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  person_id uuid not null,
  recording_id uuid not null,
  api_key_id uuid not null,
  entry_id bigint not null,
  -- Opens the page once; null where the session was begun by an API key that reads the media itself.
  code_hash bytea check (length(code_hash) = 32),
  code_expires_at timestamptz,
  -- The browser's cookie; null until the code was used.
  token_hash bytea check (length(token_hash) = 32),
  started_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  unique (force_id, id),
  check ((code_hash is null) = (code_expires_at is null)),
  check (token_hash is null or code_hash is not null),
  foreign key (force_id, person_id) references sworn.person (force_id, id),
  foreign key (force_id, recording_id) references sworn.recording (force_id, id),
  foreign key (force_id, api_key_id) references sworn.api_key (force_id, id)
);
create index play_person on sworn.play (force_id, person_id, expires_at);
create index play_by_key on sworn.play (force_id, api_key_id, recording_id) where code_hash is null;

-- A poster in a list is logged once for each person, recording and hour.
create table sworn.poster_view (
  force_id uuid not null references sworn.force (id),
  person_id uuid not null,
  recording_id uuid not null,
  -- Whole hours since 1970, UTC.
  hour int not null,
  primary key (force_id, person_id, recording_id, hour),
  foreign key (force_id, person_id) references sworn.person (force_id, id),
  foreign key (force_id, recording_id) references sworn.recording (force_id, id)
);

select sworn.protect(t::regclass) from unnest(array['sworn.play', 'sworn.poster_view']) as t;
grant select, insert, delete, update (token_hash, last_used_at) on sworn.play to sworn_app;
grant select, insert, delete on sworn.poster_view to sworn_app;

-- A browser names the play and nothing else: one fixed question says which force to ask about it.
grant create on schema sworn to sworn_definer;
create policy looking_up on sworn.play for select to sworn_definer using (true);
grant select (id, force_id) on sworn.play to sworn_definer;
set local role sworn_definer;

create function sworn.find_play_force(wanted uuid) returns uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select p.force_id from sworn.play p where p.id = wanted
$$;

revoke execute on function sworn.find_play_force(uuid) from public;
grant execute on function sworn.find_play_force(uuid) to sworn_platform;
set local role sworn_owner;
revoke create on schema sworn from sworn_definer;
