DROP TABLE erased_people;
DROP TABLE erasures;
DROP TABLE log_base;
ALTER TABLE webhooks DROP COLUMN since_seq;
ALTER TABLE webhooks DROP COLUMN since_tx_id;
ALTER TABLE leases DROP COLUMN taken_at;
