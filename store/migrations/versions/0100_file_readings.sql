create table file_readings (
    blob_id    uuid primary key references blobs (id) on delete cascade,
    kind       text not null check (kind in ('text', 'image', 'unreadable')),
    media_type text not null,
    text       text not null,
    data       bytea,
    created_at timestamptz not null default now()
);
alter table file_readings alter column data set storage external;
comment on table file_readings is 'what the model is shown of a file: read once, the same in every later prompt';
comment on column file_readings.text is 'the text of the file, or why it cannot be read';
comment on column file_readings.data is 'the image as models take it; null where the file itself is that';
