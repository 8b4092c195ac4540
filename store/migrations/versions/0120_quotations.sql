alter table memories
    add column quoted       boolean not null default false,
    add column reading      text,
    add column keywords     text[] not null default '{}',
    add column conversation text;
comment on column memories.text is 'the person''s own words where quoted, else what Clara once made of them';
comment on column memories.quoted is 'text is what the person said or entered, word for word';
comment on column memories.reading is 'one line of Clara''s, for lists and searches; never given as said';
comment on column memories.keywords is 'Clara''s too, for searches';
comment on column memories.conversation is 'where it was said';

-- What was learned from messages so far is a model's wording of them. Commands and profiles are the person's own.
update memories set quoted = true where origin in ('command', 'import') and state <> 'forgotten';
update memories m set conversation = t.conversation_id from turns t where t.id = m.turn_id;
update memories set quote = null where quote is not null;
comment on column memories.quote is 'of releases up to 2026.48.1, which may still write it during an upgrade';

-- Lessons that were not stored yet stay what they are: wordings without a quotation.
update memory_lessons set accepted = jsonb_build_object(
    'quotations', coalesce((
        select jsonb_agg(jsonb_build_object('text', fact->'text', 'scope', coalesce(fact->'scope', '"user"'), 'quoted', false)
                         order by position)
        from jsonb_array_elements(accepted->'facts') with ordinality as facts (fact, position)), '[]'),
    'relations', coalesce((
        select jsonb_agg(relation - 'quote' order by position)
        from jsonb_array_elements(accepted->'relations') with ordinality as relations (relation, position)), '[]'),
    'mood', case when jsonb_typeof(accepted->'mood') = 'object'
                 then (accepted->'mood') - 'quote' || jsonb_build_object('text', accepted->'mood'->'quote') end,
    'rejected', coalesce(accepted->'rejected', '[]'))
where accepted ? 'facts';
