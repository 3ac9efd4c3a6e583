DROP INDEX deliveries_dead;
ALTER TABLE releases DROP COLUMN held_deployment_id;
DROP INDEX deployments_scheduled;
ALTER TABLE deployments DROP COLUMN held;
ALTER TABLE deployments DROP COLUMN production;
DROP TABLE repositories;
ALTER TABLE links DROP COLUMN reason;
