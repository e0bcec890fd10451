-- What the job clean-up finds spent refresh tokens by. Where a session lives for years they no longer stay as long as it does, only as
-- long as they would have been good.
CREATE INDEX refresh_tokens_spent ON refresh_tokens (spent_at) WHERE spent_at IS NOT NULL;
