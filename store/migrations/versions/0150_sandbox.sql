create table sandbox_boxes (
    user_id text primary key,
    box     text not null unique,
    mixed   boolean not null default false,
    used_at timestamptz not null default now(),
    running boolean not null default false
);
comment on table sandbox_boxes is 'each person''s box of the sandbox; its files are with the back end';
comment on column sandbox_boxes.mixed is 'words of others may have got into it, so what comes out of it may be theirs';
comment on column sandbox_boxes.running is 'it was started and not stopped since';

create table sandbox_wipes (
    box      text primary key,
    asked_at timestamptz not null default now()
);
comment on table sandbox_wipes is 'boxes whose person is gone: a worker of the sandbox deletes their files and then the row';

create function sandbox_box_gone() returns trigger language plpgsql as $$
begin
    insert into sandbox_wipes (box) values (old.box) on conflict do nothing;
    return null;
end $$;
create trigger sandbox_box_gone after delete on sandbox_boxes for each row execute function sandbox_box_gone();

create table sandbox_runs (
    key          text primary key,
    user_id      text not null,
    conversation text not null,
    tool         text not null,
    begun_at     timestamptz not null default now(),
    alive_until  timestamptz not null,
    ended_at     timestamptz
);
comment on table sandbox_runs is 'what was begun in a box, by the key of its call, so that no attempt begins it again';
comment on column sandbox_runs.alive_until is 'the attempt that began it renews this for as long as it lives';
create index sandbox_runs_of_user on sandbox_runs (user_id, conversation, tool, begun_at);
create index sandbox_runs_by_age on sandbox_runs (begun_at);

create table sandbox_workers (
    worker  text primary key,
    backend text not null,
    usable  boolean not null,
    about   text not null,
    seen_at timestamptz not null default now()
);
comment on table sandbox_workers is 'the workers of the sandbox, which back end each has taken, or why it has none';
