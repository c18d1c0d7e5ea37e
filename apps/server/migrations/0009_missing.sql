-- The daily sweep walks what journals promised and what did not come: few rows, however many are collected.
create index recording_expected on sworn.recording (force_id, id) where state = 'expected';
