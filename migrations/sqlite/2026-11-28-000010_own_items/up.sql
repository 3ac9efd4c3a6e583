-- What one member or service filed, newest first.
CREATE INDEX feedback_submitted_by ON feedback (submitted_by, id) WHERE submitted_by IS NOT NULL;
