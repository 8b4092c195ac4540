create table discord_channels (
    channel_id bigint primary key,
    guild_id   bigint,
    mode       text check (mode in ('active', 'mention', 'off')),
    cursor     bigint
);
comment on table discord_channels is 'channels, threads and direct messages; ids are Discord''s';
comment on column discord_channels.guild_id is 'null: a direct message';
comment on column discord_channels.mode is 'null: as the channel above, in the end "mention"';
comment on column discord_channels.cursor is 'every message up to this one was accepted or deliberately ignored';

create table discord_guilds (
    guild_id bigint primary key,
    mark     bigint not null
);
comment on column discord_guilds.mark is 'channels with higher ids were made after the last look around: all in them is news';

create table discord_sent (
    turn_id      text not null references turns (id) on delete cascade,
    part         smallint not null,
    attempt      smallint not null default 0,
    message_id   bigint,
    claimed_at   timestamptz not null default now(),
    primary key (turn_id, part)
);
comment on table discord_sent is 'messages that belong to a turn, claimed before they are sent; part 0 begins as the placeholder';
comment on column discord_sent.attempt is 'raised when a message was deleted under us, so that the nonce changes';
comment on column discord_sent.message_id is 'null until it is known that Discord has it';
create index discord_sent_by_age on discord_sent (claimed_at);

create table discord_registrations (
    application_id bigint primary key,
    digest         text not null
);
comment on table discord_registrations is 'which slash commands Discord was told, so that it is told again only when they change';
