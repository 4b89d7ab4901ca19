-- The log of what administrators and services did, made in every domain's schema:
--
--   select platform.make_audit();
--
-- Nothing in it is changed and nothing younger than 400 days is removed, which
-- a trigger sees to, for a domain writes all its tables; but details are
-- emptied when the person they tell of is erased. People stand in it by their
-- id alone.
create or replace function platform.make_audit()
returns void
language plpgsql
as $$
begin
	if to_regclass(format('%I.audit', current_schema())) is not null then
		return;
	end if;
	create table audit (
		id		bigint		generated always as identity primary key,
		at		timestamptz	not null default now(),
		actor_id	uuid,
		-- Of a service, or of the tool at the machine, which has no id.
		actor_name	text
				constraint audit_actor_name_length check (octet_length(actor_name) between 1 and 64),
		actor_roles	text[]		not null default '{}',
		action		text		not null,
		-- The values of the path, in their order.
		target		text[]		not null default '{}',
		status		integer		not null,
		request_id	text,
		session_id	uuid,
		details		jsonb		not null default '{}'
				constraint audit_details_size check (octet_length(details::text) <= 10000),
		constraint audit_has_actor check (actor_id is not null or actor_name is not null)
	);
	create index audit_at on audit (at);
	create index audit_actor on audit (actor_id, id);
	create index audit_target on audit using gin (target);
	create trigger refuse_change before update or delete on audit
		for each row execute function platform.refuse_audit_change();
end
$$;

create or replace function platform.refuse_audit_change()
returns trigger
language plpgsql
as $$
begin
	if tg_op = 'DELETE' and old.at < now() - interval '400 days' then
		return old;
	end if;
	if tg_op = 'UPDATE' then
		old.details := '{}';
		if new is not distinct from old then
			return new;
		end if;
	end if;
	raise exception 'what stands in the audit log stays'
		using errcode = 'restrict_violation';
end
$$;
