create table memory_removals (
    memory_id uuid primary key,
    user_id   text not null,
    turn_id   text,
    removed   boolean not null default false,
    due_at    timestamptz not null default now() + interval '1 minute'
);
comment on table memory_removals is 'forgotten memories whose vectors and relations, which are outside of the book, are still to be removed';
comment on column memory_removals.turn_id is 'from which it was learned: relations are found by that';
comment on column memory_removals.removed is 'they were; once more at due_at, for a writer that was at it meanwhile';
create index memory_removals_due on memory_removals (due_at);
create index memory_removals_of_user on memory_removals (user_id);
