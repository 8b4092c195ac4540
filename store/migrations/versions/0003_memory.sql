create table memories (
    id          uuid primary key,
    user_id     text not null check (user_id <> '' and user_id not like '%*%'),
    kind        text not null check (kind in ('user', 'project', 'key', 'emotional')),
    text        text not null,
    fingerprint text not null,
    project     text,
    private     boolean not null,
    origin      text not null check (origin in ('conversation', 'tool', 'command', 'import')),
    turn_id     text,
    quote       text,
    emotion     text,
    valence     real,
    expires_at  timestamptz,
    dedupe_key  text not null,
    state       text not null default 'active' check (state in ('active', 'replaced', 'forgotten')),
    replaced_by uuid,
    collection  text,
    created_at  timestamptz not null default now(),
    ended_at    timestamptz,
    check ((kind = 'project') = (project is not null)),
    unique (user_id, dedupe_key)
);
comment on table memories is 'the book of record; vectors are an index of it that can be made again';
comment on column memories.fingerprint is 'hash of the folded words: the same words are one memory';
comment on column memories.dedupe_key is 'what it was learned from, so that no retry learns it again, even after it was forgotten';
comment on column memories.state is 'forgotten rows keep no words';
comment on column memories.collection is 'where its vector is; null until it is there';
create unique index memories_once on memories (user_id, coalesce(project, ''), fingerprint)
    where state = 'active' and kind <> 'emotional';
create index memories_of_user on memories (user_id, kind, created_at desc) where state = 'active';
create index memories_replaced_by on memories (replaced_by) where replaced_by is not null;
create index memories_by_collection on memories (collection, id) where state = 'active' and kind <> 'emotional';
create index memories_expiring on memories (expires_at) where expires_at is not null;

create table memory_lessons (
    turn_id    text primary key,
    user_id    text not null,
    accepted   jsonb not null,
    decisions  jsonb,
    model      text not null,
    created_at timestamptz not null default now()
);
comment on table memory_lessons is 'what a model found in a message and decided about it: asked once, read by every retry';
create index memory_lessons_of_user on memory_lessons (user_id);

create table memory_recalls (
    turn_id    text primary key,
    user_id    text not null,
    items      jsonb not null,
    notice     text not null default '',
    created_at timestamptz not null default now()
);
comment on table memory_recalls is 'what a turn was given, so that every step of it reads the same';
create index memory_recalls_of_user on memory_recalls (user_id, created_at);

create table memory_people (
    user_id       text primary key,
    share_private boolean not null default false
);
comment on column memory_people.share_private is 'what was told in private may surface where others read';
