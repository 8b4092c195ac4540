create table audit (
    id               bigint generated always as identity primary key,
    at               timestamptz not null default now(),
    event            text not null,
    user_id          text not null,
    turn_id          text,
    step             integer,
    call_id          text,
    tool             text not null default '',
    risk             text not null default '',
    approver         text not null default '',
    approval         text not null default '',
    outcome          text not null check (outcome in ('ok', 'error', 'unknown', 'refused', 'denied')),
    arguments_sha256 text,
    result_sha256    text,
    result_size      bigint,
    detail           text not null default ''
);
comment on table audit is 'what ran, who asked for it, by whose approval, and what came of it; nothing in Clara changes it';
comment on column audit.event is 'tool for a call of a tool; others say what was tried, such as foreign_answer';
comment on column audit.user_id is 'who asked, or who tried';
comment on column audit.turn_id is 'no reference: a row outlives whatever it is about, but for who is forgotten';
comment on column audit.approver is 'who said yes: the person who asked, the operator, or an administrator; no id, so that forgetting an approver takes nothing away';
comment on column audit.approval is 'the id of the question that was answered';
comment on column audit.arguments_sha256 is 'of the arguments as jsonb writes them';
comment on column audit.result_sha256 is 'of the whole result in UTF-8';
comment on column audit.result_size is 'characters of the whole result';
create index audit_by_turn on audit (turn_id);
create index audit_by_user on audit (user_id, id);
create index audit_by_time on audit (at);

create function keep_audit() returns trigger language plpgsql as $$
begin
    -- Set by store/people for one transaction, while everything of this person is deleted.
    if tg_op = 'DELETE' and current_setting('clara.forgetting', true) = old.user_id then
        return old;
    end if;
    raise exception 'the audit is never changed' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_is_kept before update or delete on audit for each row execute function keep_audit();

create function refuse_truncate() returns trigger language plpgsql as $$
begin
    raise exception 'the audit is never changed' using errcode = 'insufficient_privilege';
end $$;
create trigger audit_is_not_emptied before truncate on audit for each statement execute function refuse_truncate();
