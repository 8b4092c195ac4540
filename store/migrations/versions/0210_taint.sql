alter table turns add column taint jsonb;
comment on column turns.taint is 'what it has read of other people''s words and of private ones; it only grows. null: not found out yet';

-- A default of new rows alone: turns of before have no mark, and read as they always did.
alter table turns add column mark text;
alter table turns alter column mark set default left(replace(gen_random_uuid()::text, '-', ''), 12);
comment on column turns.mark is 'stands in the tags around other people''s words, which do not know it';

alter table tool_results add column source text not null default '';
comment on column tool_results.source is 'whose words it brought, as people call it, where these are others''';

alter table tool_results add column private boolean not null default false;
update tool_results set private = true where provenance = 'person';
comment on column tool_results.private is 'it holds words that must not leave: the person''s, or of their accounts and files';

alter table notes add column origin text not null default 'person';
comment on column notes.origin is 'whose words it is made of; others taint what is made of it';
