-- How much a webhook's messages say: `event` holds ids only, `full` also what the subject is now and a sentence.
ALTER TABLE webhooks ADD COLUMN format TEXT NOT NULL DEFAULT 'event';
