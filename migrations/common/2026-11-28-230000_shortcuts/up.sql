-- Whether single keys are shortcuts in the console.
ALTER TABLE members ADD COLUMN shortcuts BOOLEAN NOT NULL DEFAULT TRUE;
