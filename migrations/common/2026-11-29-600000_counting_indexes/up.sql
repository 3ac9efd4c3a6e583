-- Lists of themes, customers and accounts count feedback and say when the last came. With these indexes they read no row of
-- feedback for it: at 100,000 items that took 100 to 200 ms a page.
CREATE INDEX feedback_theme_said ON feedback (theme_id, occurred_at) WHERE theme_id IS NOT NULL;
DROP INDEX feedback_customer;
CREATE INDEX feedback_customer ON feedback (customer_id, id, occurred_at) WHERE customer_id IS NOT NULL;
