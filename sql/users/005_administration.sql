-- Closing an account, and the log of what administrators and services did.

select platform.make_audit();

-- Of whom there must always be one.
create index account_admins on account (user_id) where 'admin' = any (roles);
