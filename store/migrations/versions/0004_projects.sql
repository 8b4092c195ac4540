alter table conversations add column project text;
comment on column conversations.project is 'whose project memories are recalled and kept here';
