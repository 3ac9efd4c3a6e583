DROP TABLE sign_in_attempts;
DROP TABLE invitations;
DROP TABLE sessions;
DROP TABLE passwords;
ALTER TABLE members DROP COLUMN time_zone;
