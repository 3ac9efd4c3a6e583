-- Customers are told of incidents through the support desk that owns their ticket: when it accepted the request.
ALTER TABLE incident_tellings ADD COLUMN handed_at TIMESTAMPTZ;
