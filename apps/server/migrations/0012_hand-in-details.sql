-- Details in handed-in journals that belong to no recording are wrapped as those of accepted ones (see 0007).
alter table sworn.hand_in_segment
  add column sent_hash bytea check (length(sent_hash) = 32),
  add column replaced_hash bytea check (length(replaced_hash) = 32),
  add column details text not null default 'as-sent' check (details in ('as-sent', 'wrapped'));
create index hand_in_segment_unwrapped on sworn.hand_in_segment (force_id, hand_in_id, first_sequence)
  where details <> 'wrapped' or replaced_hash is not null;
grant update (size_bytes, hash, sent_hash, replaced_hash, details) on sworn.hand_in_segment to sworn_app;
