DROP INDEX feedback_unread;
ALTER TABLE feedback DROP COLUMN set_aside;
ALTER TABLE feedback DROP COLUMN kind_source;
