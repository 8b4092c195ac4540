-- Words as they are searched. A word stands as it was written ("=hamburg") and as its stem ("hamburg"). The language is
-- the one whose stop words fit most; where none does, or several do alike, the word stands under each stem.
-- Scripts that set no spaces are cut into pairs of characters.
create function memory_lexemes(words text, keywords text[] default '{}') returns text[]
    language plpgsql immutable parallel safe strict
as $$
declare
    separators constant text := '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9'
        '\u00bb-\u00bf\u00d7\u00f7\u055a-\u055f\u0589\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u2000-\u206f'
        '\u20a0-\u20cf\u2100-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u30a0\u30fb\ufe00-\ufe6f\uff01-\uff0f'
        '\U0001f000-\U0001faff]+';
    unspaced constant text := '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]';
    languages constant regdictionary[] := array[
        'english_stem', 'german_stem', 'french_stem', 'spanish_stem', 'italian_stem', 'portuguese_stem', 'dutch_stem',
        'danish_stem', 'swedish_stem', 'norwegian_stem', 'finnish_stem', 'hungarian_stem', 'turkish_stem',
        'russian_stem', 'nepali_stem'];
    tokens text[];
    spoken regdictionary[];
    found text[];
begin
    select array_agg(distinct left(token, 60)) into tokens
    from (
        select token from regexp_split_to_table(
            regexp_replace(lower(normalize(words || ' ' || array_to_string(keywords, ' '), NFKC)), '(' || unspaced || '+)', ' \1 ', 'g'), separators
        ) token where token <> '' limit 400
    ) cut;
    if tokens is null then
        return '{}';
    end if;
    with fitting as (
        select language, count(*) filter (where ts_lexize(language, token) = '{}') as stops
        from unnest(languages) language, unnest(tokens) token group by language
    )
    select array_agg(language) into spoken from fitting where stops = (select max(stops) from fitting);
    select array_agg(distinct lexeme) into found
    from unnest(tokens) token
    cross join lateral (
        select bool_and(stems = '{}') as empty, array_agg(stems[1]) as stems
        from (select ts_lexize(language, token) as stems from unnest(spoken) language) each_language
    ) read
    cross join lateral (
        select '=' || token where token !~ unspaced
        union all select unnest(read.stems) where token !~ unspaced
        union all select regexp_replace(normalize(token, NFD), '[\u0300-\u036f]', '', 'g') where token ~ '[\u00c0-\u024f]'
        union all select substr(token, place, 2) from generate_series(1, length(token) - 1) place where token ~ unspaced
        union all select letter from regexp_split_to_table(token, '') letter where letter ~ '[\u3400-\u9fff]'
    ) made (lexeme)
    where not read.empty and lexeme <> '';
    return coalesce(found, '{}');
end
$$;

-- The table. Postgres keeps the column, so whatever wipes a memory's words wipes them here too.
alter table memories add column search tsvector not null generated always as (
    array_to_tsvector(memory_lexemes(text || ' ' || coalesce(reading, ''), keywords))
) stored;
comment on column memories.search is 'the words of text, reading and keywords: as written ("=word"), as stems, or as pairs of characters';
-- By a person first, who has a hundred memories, and by words first for one who has tens of thousands.
create index memories_search on memories using gin (search) where state = 'active';

create table embedding_offers (
    settings   text primary key,
    dimensions integer,
    why        text not null default '',
    again_at   timestamptz,
    asked_at   timestamptz not null default now()
);
comment on table embedding_offers is 'which configured provider offers embeddings';
comment on column embedding_offers.settings is 'a hash of its name, address, model and key';
comment on column embedding_offers.again_at is 'null: the answer holds until the settings change';
