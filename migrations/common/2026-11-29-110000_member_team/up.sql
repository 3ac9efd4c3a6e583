-- The team that a member works in; the figures of incidents compare teams.
ALTER TABLE members ADD COLUMN team TEXT;
