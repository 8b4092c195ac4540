create table kept_files (
    id         uuid primary key,
    user_id    text not null,
    name       text not null,
    media_type text not null,
    size       bigint not null,
    sha256     text not null,
    private    boolean not null,
    origin     text not null,
    key        text not null unique,
    blob_id    uuid references blobs (id) on delete cascade,
    bucket     text,
    object     text,
    stored     boolean not null,
    created_at timestamptz not null default now(),
    check ((blob_id is null) = (object is not null) and (object is null) = (bucket is null))
);
comment on table kept_files is 'files that a person keeps with Clara, by name';
comment on column kept_files.private is 'kept in private: not for places where others read';
comment on column kept_files.origin is 'whose words it is made of, as with results of tools; others taint what is made of it';
comment on column kept_files.key is 'of the call that kept it: a second attempt keeps none twice';
comment on column kept_files.object is 'where it is in S3; else it is a blob';
comment on column kept_files.stored is 'false while it is on its way to S3, and is not there for anybody yet';
create unique index kept_files_by_name on kept_files (user_id, private, lower(name));

create table object_deletions (
    bucket   text not null,
    object   text not null,
    due_at   timestamptz not null,
    attempts integer not null default 0,
    primary key (bucket, object)
);
comment on table object_deletions is 'what is to be deleted in S3, as soon as S3 lets it';

-- Whatever deletes a row, also a person who is forgotten, says by that that its object is to go. What was on its way
-- may still arrive, so it is deleted after that.
create function delete_object_later() returns trigger language plpgsql as $$
begin
    insert into object_deletions (bucket, object, due_at)
        values (old.bucket, old.object, now() + case when old.stored then interval '0' else interval '15 minutes' end)
        on conflict do nothing;
    return null;
end $$;
create trigger kept_files_delete_object after delete on kept_files
    for each row when (old.object is not null) execute function delete_object_later();

create table downloads (
    blob_id  uuid primary key references blobs (id) on delete cascade,
    path     text not null,
    saved_at timestamptz
);
comment on table downloads is 'files of tools that a terminal has saved, each once';
comment on column downloads.saved_at is 'null while it is being written: the same path is then tried again';
