create table notices (
    key          text primary key,
    user_id      text not null,
    conversation text not null,
    reply_to     text,
    text         text not null,
    kept_at      timestamptz not null default now(),
    shown_at     timestamptz
);
comment on table notices is 'messages that no turn brings, each kept and sent once by its key';
comment on column notices.user_id is 'whose matter it is';
comment on column notices.reply_to is 'the platform''s message that it answers, where there is one';
comment on column notices.shown_at is 'when it was sent, or shown where the adapter reads by itself';
create index notices_unshown on notices (conversation, kept_at) where shown_at is null;
create index notices_of_user on notices (user_id);

-- Notices are sent in the same way as replies, and are claimed in the same table.
alter table discord_sent drop constraint discord_sent_turn_id_fkey;
comment on table discord_sent is 'messages that belong to a turn or a notice, claimed before they are sent; part 0 of a turn begins as the placeholder';
comment on column discord_sent.turn_id is 'id of the turn, or notice/<key>';
