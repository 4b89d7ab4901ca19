-- A time as answers have it (base/writer.h), for JSON that SQL makes by itself.
create or replace function platform.rfc3339(moment timestamptz)
returns text
language sql
stable
parallel safe
return rtrim(rtrim(to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z';
