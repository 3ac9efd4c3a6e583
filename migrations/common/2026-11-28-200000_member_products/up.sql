-- Who sees a product, and the role of members without one of their own in it.
ALTER TABLE products ADD COLUMN visibility TEXT NOT NULL DEFAULT 'team';
ALTER TABLE products ADD COLUMN default_role TEXT;

-- The roles of members in products, where they differ from what the product gives them.
CREATE TABLE member_products (
    member_id UUID NOT NULL REFERENCES members (id),
    product_id UUID NOT NULL REFERENCES products (id),
    role TEXT NOT NULL,
    set_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (member_id, product_id)
);
CREATE INDEX member_products_product ON member_products (product_id, member_id);

-- The products that a token is limited to.
CREATE TABLE token_products (
    token_id UUID NOT NULL REFERENCES tokens (id),
    product_id UUID NOT NULL REFERENCES products (id),
    PRIMARY KEY (token_id, product_id)
);
