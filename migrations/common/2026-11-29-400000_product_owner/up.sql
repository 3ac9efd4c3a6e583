-- The member who answers for a product.
ALTER TABLE products ADD COLUMN owner_id UUID REFERENCES members (id);
