DROP INDEX feedback_submitted_by;
