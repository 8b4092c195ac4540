alter table memories add column kept_at timestamptz;
update memories set kept_at = created_at;
alter table memories alter column kept_at set default clock_timestamp(), alter column kept_at set not null;
comment on column memories.kept_at is 'when it was written; created_at is when it was said. Steps back go by it';
alter table memories add column undone boolean not null default false;
comment on column memories.undone is 'ended because its person took it back; replaced_by is then what counts again';

-- What lessons hold of people's words goes when it is stored. Of those that stand, all but the newest are.
update memory_lessons
    set decisions = '[]', accepted = jsonb_build_object('rejected', coalesce(accepted -> 'rejected', '[]'))
    where decisions is not null and created_at < now() - interval '2 days';

create table memory_requests (
    id         text primary key,
    user_id    text not null,
    argument   text not null,
    reply      jsonb,
    created_at timestamptz not null default now()
);
comment on table memory_requests is 'the words of a command about somebody''s memory and of its answer, while it is carried out';
comment on column memory_requests.id is 'of the workflow that carries it out, whose history has no other words';
create index memory_requests_of_user on memory_requests (user_id);

create table memory_faults (
    turn_id    text not null,
    user_id    text not null,
    model      text not null,
    kind       text not null,
    lost       boolean not null,
    created_at timestamptz not null default now()
);
comment on table memory_faults is 'answers of the model about a turn that could not be used, and turns that could not be learned from';
comment on column memory_faults.lost is 'nothing was learned from the turn; otherwise it was tried again';
create index memory_faults_of_user on memory_faults (user_id, created_at);
create index memory_faults_by_age on memory_faults (created_at);

alter table notes add column private boolean not null default true;
comment on column notes.private is 'written in private: not shown where others read. Where older notes were written is not known';
