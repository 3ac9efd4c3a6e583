-- Instances group a product each, so each asks for the feedback that waits in its own products. The index has no more rows than
-- feedback waits.
CREATE INDEX feedback_waiting ON feedback (product_id, id) WHERE state = 'pending';
